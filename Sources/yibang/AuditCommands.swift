import ArgumentParser
import Spreadsheet
import Yibang

struct AuditFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "审计记录 · The audit trail", subcommands: [AuditList.self])
}

struct AuditList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "最近的操作，新的在前 · The latest writes, newest first")

  @Option(help: ArgumentHelp("只看这条记录 · Of one record only", valueName: "id"))
  var subject: String?
  @Option(help: ArgumentHelp("最多几条 · At most so many", valueName: "count")) var limit = 100
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard (1...100_000).contains(limit) else {
      throw ValidationError("--limit 应为 1 到 100000 · --limit is 1 to 100000.")
    }
  }

  func run(_ work: Work) async throws {
    let subject = try subject.map { try readID($0) }
    try work.printer.list(
      await Audit.list(subject: subject, limit: limit, in: work.context()),
      [
        Column("时间", "at") { .text($0.at) },
        Column("用户", "actor") { .text($0.actor) },
        Column("操作", "action") { .text($0.action) },
        Column("对象", "subject") { .text($0.subject) },
        Column("编号", "id") { .optional($0.subjectID) },
        Column("之前", "before") { .optional($0.before) },
        Column("之后", "after") { .optional($0.after) },
      ])
  }
}
