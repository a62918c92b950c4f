import ArgumentParser
import Foundation
import Spreadsheet
import Yibang

struct UserInvite: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite", abstract: "邀请用户开通账号 · Invite a user to an account",
    discussion: """
      链接七天内有效，只能用一次，只显示这一次 · \
      The link holds for seven days, once, and is shown this once.
      """)

  @Argument(help: "登录名 · Login") var login: String
  @Option(help: ArgumentHelp("姓名 · Name", valueName: "name")) var name: String?
  @Option(
    help: ArgumentHelp(
      "角色 · Role: \(Role.allCases.map(\.rawValue).joined(separator: ", "))", valueName: "role"),
    completion: .list(Role.allCases.map(\.rawValue)))
  var role: String
  @OptionGroup var school: SchoolOption
  @Option(
    help: ArgumentHelp("资助人对应的捐赠人编号 · The sponsor's id as donor", valueName: "id"))
  var donor: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let role: Role = try readChoice(role, option: "--role")
    let donor = try donor.map(readID)
    let (context, school) = try await work.place(school)
    let link = try await Accounts.invite(
      login: login, name: name ?? login, role: role, school: school?.id, donor: donor, now: Date(),
      in: context)
    try work.printer.link(
      link, login,
      Text("已邀请 \(login)（\(role.name.zh)）。", "\(login) is invited as \(role.name.en)."))
  }
}

struct UserReset: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "让用户重设密码 · Let a user choose a new password",
    discussion: """
      链接一天内有效；用过后该用户的登录和令牌全部结束 · \
      The link holds for a day; once used, the user's sessions and tokens end.
      """)

  @Argument(help: "登录名 · Login") var login: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let link = try await Accounts.reset(login: login, now: Date(), in: work.context())
    try work.printer.link(
      link, login, Text("\(login) 可以重设密码。", "\(login) can choose a new password."))
  }
}

extension Printer {
  fileprivate func link(_ link: Accounts.Link, _ login: String, _ sentence: Text) throws {
    let until = link.expires.formatted(.iso8601)
    try outcome(
      Text(
        "\(sentence.zh)\n链接：\(link.token)\n有效至 \(until)，只显示这一次，请当面或以可靠方式交给本人。",
        "\(sentence.en)\nLink: \(link.token)\nUntil \(until). It is shown this once: give it to the "
          + "person in a safe way."),
      [
        ("id", .id(link.userID)), ("login", .text(login)), ("link", .text(link.token)),
        ("expires", .text(until)),
      ])
  }
}

struct UserDisable: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "停用用户 · Disable a user",
    discussion: "登录、令牌和链接立即结束 · Sessions, tokens and links end at once.")

  @Argument(help: "登录名 · Login") var login: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let isNew = try await Accounts.disable(login: login, now: Date(), in: work.context())
    try work.printer.outcome(
      isNew
        ? Text("已停用 \(login)。", "\(login) is disabled.")
        : Text("\(login) 早已停用。", "\(login) was disabled already."),
      [("login", .text(login)), ("changed", .flag(isNew))])
  }
}

struct UserEnable: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "重新启用用户 · Enable a user again")

  @Argument(help: "登录名 · Login") var login: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let isNew = try await Accounts.enable(login: login, in: work.context())
    try work.printer.outcome(
      isNew
        ? Text("已启用 \(login)。", "\(login) is enabled.")
        : Text("\(login) 没有停用。", "\(login) was not disabled."),
      [("login", .text(login)), ("changed", .flag(isNew))])
  }
}

struct UserPassword: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "password", abstract: "设置自己的登录密码 · Set your own password",
    discussion: """
      在终端上输入两遍，或从标准输入读一行；其他登录随之结束 · \
      Typed twice at the terminal, or one line of the standard input; your sessions end.
      """)

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let password = try readSecret(
      Text("新密码：", "New password: "), again: Text("再输一遍：", "Once more: "), work.printer)
    let context = try await work.context()
    try await Accounts.setPassword(password, now: Date(), in: context)
    try work.printer.outcome(
      Text("已设置 \(context.actor.login) 的密码。", "The password of \(context.actor.login) is set."),
      [("login", .text(context.actor.login))])
  }
}

struct UserSessions: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions", abstract: "列出登录 · List the sessions")

  @Option(
    help: ArgumentHelp("别人的，限区管理员 · Of somebody else, as district admin", valueName: "login"))
  var of: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await LoginSessions.list(of: of, now: Date(), in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("开始", "began") { .text($0.began) },
        Column("最近使用", "last seen") { .text($0.lastSeen) },
        Column("到期", "expires") { .text($0.expires) },
        Column("两步验证", "second factor") { .yesNo($0.secondFactor, $1) },
        Column("设备", "device") { .optional($0.device) },
      ])
  }
}

struct UserSignOut: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign-out", abstract: "结束登录 · End sessions",
    discussion: "不写编号即全部 · Without an id, all of them.")

  @Argument(help: "登录的编号 · The session's id") var session: String?
  @Option(
    help: ArgumentHelp("别人的，限区管理员 · Of somebody else, as district admin", valueName: "login"))
  var of: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let session = try session.map(readID)
    let context = try await work.context()
    var ended = 1
    if let session {
      try await LoginSessions.end(session, of: of, now: Date(), in: context)
    } else {
      ended = try await LoginSessions.endAll(of: of, now: Date(), in: context)
    }
    try work.printer.outcome(
      Text("已结束 \(ended) 次登录。", "Sessions ended: \(ended)."), [("ended", .number(Int64(ended)))])
  }
}

struct UserSecondFactor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "totp", abstract: "两步验证 · The second factor",
    subcommands: [UserSecondFactorRemove.self])
}

struct UserSecondFactorRemove: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "为丢失设备的人移除 · Remove it for somebody who lost the device")

  @Argument(help: "登录名 · Login") var login: String
  @Option(help: ArgumentHelp("理由 · Reason", valueName: "reason")) var reason: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try await SecondFactor.remove(
      of: login, reason: reason, now: Date(), in: work.context())
    try work.printer.outcome(
      Text(
        "已移除 \(login) 的两步验证，其登录和令牌已结束。",
        "The second factor of \(login) is removed; sessions and tokens ended."),
      [("login", .text(login))])
  }
}
