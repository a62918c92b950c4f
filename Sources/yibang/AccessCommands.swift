import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct AccessFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access", abstract: "身份信息的查看记录 · Who saw whose private data",
    subcommands: [AccessList.self, AccessRefused.self, AccessFlags.self, AccessOf.self])
}

struct AccessList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "谁查看过谁的信息，新的在前 · Who saw whose data, newest first",
    discussion: "校长只看到本校的 · A principal sees the own school's")

  @Option(help: ArgumentHelp("只看这名学生的 · Of this pupil only", valueName: "id"))
  var student: String?
  @Option(help: ArgumentHelp("只看这位捐赠人的 · Of this donor only", valueName: "id"))
  var donor: String?
  @Option(help: ArgumentHelp("只看这个用户查看的 · Seen by this user only", valueName: "login"))
  var by: String?
  @OptionGroup var period: PeriodOptions
  @Option(help: ArgumentHelp("最多几条 · At most so many", valueName: "count")) var limit = 100
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    try requireLimit(limit)
    if student != nil && donor != nil {
      throw ValidationError("--student 与 --donor 只用一个 · Give --student or --donor, not both.")
    }
  }

  func run(_ work: Work) async throws {
    let (from, to) = try period.days()
    let filter = AccessLog.Filter(
      person: try (student ?? donor).map { try readID($0) }, by: by, from: from, to: to)
    try work.printer.list(
      await AccessLog.list(filter, limit: limit, in: work.context()),
      [
        Column("时间", "at") { .text($0.at) },
        Column("用户", "by") { .text($0.by) },
        Column("角色", "role") { .text($0.role.name($1)) },
        Column("方式", "way") { .text($0.way.name($1)) },
        Column("对象", "of") { entry, _ in
          .optional(entry.name ?? (entry.student ?? entry.donor)?.shown)
        },
        Column("学校", "school") { .optional($0.school) },
        Column("信息种类", "data") { .text(list($0.what, $1)) },
        Column("理由", "reason") { .text($0.reason) },
        Column("同时人数", "at once", right: true) { .count($0.records) },
      ])
  }
}

/// Kinds of data in one cell.
private func list(_ what: [Reveals.Detail], _ language: Language) -> String {
  what.map { $0.name(language) }.joined(separator: language == .zh ? "、" : ", ")
}

struct AccessRefused: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "refused",
    abstract: "被拒绝的查看，新的在前 · Looks that were refused, newest first",
    discussion: "没有权限、不是本校的，或超过次数限制 · No right, another school's, or over the limit")

  @Option(help: ArgumentHelp("只看这个用户的 · Of this user only", valueName: "login"))
  var by: String?
  @OptionGroup var period: PeriodOptions
  @Option(help: ArgumentHelp("最多几条 · At most so many", valueName: "count")) var limit = 100
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws { try requireLimit(limit) }

  func run(_ work: Work) async throws {
    let (from, to) = try period.days()
    try work.printer.list(
      await RefusedLooks.list(by: by, from: from, to: to, limit: limit, in: work.context()),
      [
        Column("时间", "at") { .text($0.at) },
        Column("用户", "by") { .text($0.by) },
        Column("角色", "role") { .text($0.role.name($1)) },
        Column("方式", "way") { .text($0.way.name($1)) },
        Column("对象", "of") { entry, _ in .optional((entry.student ?? entry.donor)?.shown) },
        Column("学校", "school") { .optional($0.school) },
        Column("原因", "why") { .text($0.refusal) },
      ])
  }
}

struct AccessFlags: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "flags", abstract: "异常的查看 · Unusual looks",
    discussion: "默认最近三十天；只供核查，不等于违规 · The last 30 days; a reason to ask, no proof of a wrong")

  @OptionGroup var period: PeriodOptions
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let days = try period.days()
    try work.printer.list(
      await AccessLog.flags(
        from: days.from, to: days.to ?? work.settings.today, in: work.context()),
      [
        Column("异常", "what") { .text($0.rule.name($1)) },
        Column("时间", "at") { .text($0.at) },
        Column("用户", "by") { .optional($0.by) },
        Column("角色", "role") { .optional($0.role?.name($1)) },
        Column("学生", "pupil") { .optional($0.student?.shown) },
        Column("数", "count", right: true) { .count($0.count) },
      ])
  }
}

struct AccessOf: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "of",
    abstract: "应监护人要求告知谁查看过该学生的信息 · For the guardian who asks: what was seen of a pupil",
    discussion: "只写身份，不写用户名；谁申请的记入审计 · Roles and no logins; who asked is kept in the trail")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Option(help: ArgumentHelp("申请人，如 母亲 · Who asks, such as mother", valueName: "who"))
  var askedBy: String
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "写入 .xlsx 或 .csv 文件；不写则显示 · Write to this file; else show it", valueName: "file"),
    completion: .file(extensions: ["xlsx", "csv"]))
  var output: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if let output, !output.hasSuffix(".xlsx"), !output.hasSuffix(".csv") {
      throw ValidationError("--output 应是 .xlsx 或 .csv 文件 · --output is an .xlsx or .csv file.")
    }
  }

  func run(_ work: Work) async throws {
    let student = try readID(student)
    let statement = try await AccessLog.statement(
      of: student, askedBy: askedBy, in: work.context())
    let today = work.settings.today
    if let output {
      try await statement.write(
        work.language, on: today, asXlsx: output.hasSuffix(".xlsx"), to: output)
      return try work.printer.outcome(
        Text("已写出告知书：\(output)", "Wrote the statement: \(output)"),
        [("path", .text(output)), ("lines", .number(Int64(statement.lines.count)))])
    }
    let table = statement.table(work.language, on: today)
    switch work.settings.format {
    case .json: try work.printer.json(statement)
    case .csv: try work.printer.csv(table.columns.map(\.title), table.rows)
    case .table: try standardOutput(TextTable.sheet(table))
    }
  }
}

struct StudentReveal: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reveal",
    abstract: "显示一名学生的身份信息，理由记入审计 · A pupil's identity; the reason is kept in the trail",
    discussion: "查看的次数有限；监护人可以查询 · Limited in number; the guardian can ask who looked")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Option(help: ArgumentHelp("为什么查看 · Why", valueName: "reason")) var reason: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let pupil = try await Students.reveal(readID(student), reason: reason, in: work.context())
    let guardians = pupil.guardians.map { guardian in
      [guardian.name, guardian.relation, guardian.phone].compactMap { $0 }.joined(separator: " ")
    }
    try work.printer.list(
      [pupil],
      [
        Column("编号", "id") { .id($0.id) },
        Column("姓名", "name") { .text($0.name) },
        Column("身份证号", "resident ID") { .optional($0.residentID) },
        Column("学籍号", "student code") { .optional($0.studentCode) },
        Column("电话", "phone") { .optional($0.phone) },
        Column("住址", "address") { .optional($0.address) },
        Column("监护人", "guardians") { _ in .text(guardians.joined(separator: "；")) },
      ])
  }
}
