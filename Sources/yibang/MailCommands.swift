import ArgumentParser
import Foundation
import Spreadsheet
import Yibang

struct MailFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mail", abstract: "给资助人的通知：邮件和信函 · Messages to sponsors",
    subcommands: [MailList.self, MailPrint.self, MailResolve.self])
}

struct MailList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出通知 · List the messages")

  @Option(
    help: ArgumentHelp("状态 · State", valueName: "state"),
    completion: .list(Mail.State.allCases.map(\.rawValue)))
  var state: String?
  @Option(
    help: ArgumentHelp("种类 · Kind", valueName: "kind"),
    completion: .list(Mail.Kind.allCases.map(\.rawValue)))
  var kind: String?
  @Option(help: ArgumentHelp("结对编号 · Pairing's id", valueName: "id")) var pairing: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Mail.list(
        state: state.map { try readChoice($0, option: "--state") },
        kind: kind.map { try readChoice($0, option: "--kind") },
        pairing: pairing.map { try readID($0) }, in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("种类", "kind") { .text($0.kind.name($1)) },
        Column("方式", "way") { .text($0.way.name($1)) },
        Column("状态", "state") { .text($0.state.name($1)) },
        Column("资助人", "sponsor") { .text($0.donor) },
        Column("学期", "semester") { .text("\($0.semester)") },
        Column("日期", "day") { .date($0.day) },
        Column("次数", "attempts", right: true) { .count($0.attempts) },
        Column("原因", "error") { .optional($0.error) },
      ])
  }
}

struct MailPrint: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "print", abstract: "打印等待的信函，每封一页 · Print the letters that wait",
    discussion: "写出后即记为已打印 · They are then marked printed")

  @Option(
    name: .shortAndLong, help: ArgumentHelp("写入 .xlsx 文件 · Write to this file", valueName: "file"),
    completion: .file(extensions: ["xlsx"]))
  var output: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (printed, cancelled) = try await Mail.print(
      to: output, on: work.settings.today, in: work.context())
    try work.printer.outcome(
      Text(
        "已写出信函 \(printed) 封；另有 \(cancelled) 封不再需要，已取消。",
        "Wrote \(printed) letters; \(cancelled) more are no longer needed and cancelled."),
      [
        ("path", .text(output)), ("printed", .number(Int64(printed))),
        ("cancelled", .number(Int64(cancelled))),
      ])
  }
}

struct MailResolve: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve", abstract: "处理结果不明或失败的邮件 · Settle a mail that failed or is uncertain",
    discussion: "先向资助人或邮件服务商查实 · First ask the sponsor or the mail provider")

  @Argument(help: "通知编号，见 mail list · Message's id") var id: String
  @Flag(help: "已经送达 · It arrived") var sent = false
  @Flag(help: "再发一次 · Send it again") var again = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard sent != again else {
      throw ValidationError("写明 --sent 或 --again · Give --sent or --again.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Mail.resolve(id, wasSent: sent, in: work.context())
    try work.printer.outcome(
      sent ? Text("记为已发出。", "It is recorded as sent.") : Text("将再发一次。", "It is sent again."),
      [("id", .id(id)), ("sent", .flag(sent))])
  }
}

struct DonorContact: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "contact", abstract: "捐赠人希望怎样接收通知 · How a donor wants to be told things",
    discussion: """
      不写选项则显示（打码）；没有登记的，打印信函 · Without options it is shown, masked
      邮箱地址可从标准输入读取：--mail - · The address may be read from the standard input
      """)

  @Argument(help: "捐赠人编号 · Donor's id") var donor: String
  @Option(help: ArgumentHelp("用邮件，加密保存 · By mail, stored sealed", valueName: "address"))
  var mail: String?
  @Flag(help: "用信函 · By letter") var letter = false
  @Option(help: ArgumentHelp("信函地址，加密保存 · Postal address, stored sealed", valueName: "address"))
  var post: String?
  @Flag(help: "不联系 · Nothing") var none = false
  @Option(help: ArgumentHelp("通知用的语言 · Language of messages", valueName: "zh|en"))
  var language: Language = .zh
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard [mail != nil, letter || post != nil, none].filter({ $0 }).count <= 1 else {
      throw ValidationError("只能选一种方式 · Choose one way.")
    }
  }

  func run(_ work: Work) async throws {
    let donor = try readID(donor)
    let context = try await work.context()
    if let reach = try reach() {
      try await DonorReach.set(reach, language: language, of: donor, in: context)
    }
    let (way, address) = try await DonorReach.shown(donor, in: context)
    let shown = address.map { " (\($0))" } ?? ""
    try work.printer.outcome(
      Text("通知方式：\(way.name.zh)\(shown)。", "Told by: \(way.name.en)\(shown)."),
      [("id", .id(donor)), ("way", .text(way.rawValue)), ("address", .text(address ?? ""))])
  }

  private func reach() throws -> DonorReach? {
    if let mail { return .mail(try MailAddress(mail == "-" ? readLine() ?? "" : mail)) }
    if letter || post != nil { return .letter(address: post) }
    return none ? .nothing : nil
  }
}

struct DonorImportContacts: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import-contacts", abstract: "导入捐赠人的邮箱和通讯地址 · Import donors' addresses",
    discussion: """
      列：姓名，邮箱或通讯地址；同名的补类别、学校、班级、证件号或手机号 · Name, mail or postal address; \
      where names are the same also kind, school, class or a number.
      退出状态 65：有行被拒绝 · Exit status 65: rows were refused
      """)

  @OptionGroup var options: ImportOptions
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    try await work.importSheet(options, school: school) {
      try await DonorReach.importSheet($0, in: context)
    }
  }
}
