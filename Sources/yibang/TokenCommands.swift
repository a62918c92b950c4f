import ArgumentParser
import Foundation
import Spreadsheet
import Yibang

struct UserTokens: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "程序所用的令牌 · Tokens for programs",
    subcommands: [UserTokenAdd.self, UserTokenList.self, UserTokenRevoke.self])
}

struct UserTokenAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "建立自己的令牌 · Make a token of your own",
    discussion: "令牌只显示这一次 · The token is shown this once.")

  @Argument(help: "用途 · What it is for") var name: String
  @Option(
    help: ArgumentHelp(
      "权限，用逗号分开，不超出本人的；all 为全部 · Permissions, separated by commas, within your own; "
        + "all of them: all. "
        + Permission.allCases.map(\.rawValue).joined(separator: ", "), valueName: "list"))
  var scope: String
  @Option(help: ArgumentHelp("有效天数，最多 365 · Days that it holds, at most 365", valueName: "n"))
  var days: Int
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    var permissions: Set<Permission> = []
    for word in scope.split(separator: ",").map({ normalizeText(String($0)) }) {
      if word == "all" {
        permissions.formUnion(Permission.allCases.filter(context.actor.may))
      } else {
        permissions.insert(try readChoice(word, option: "--scope"))
      }
    }
    let now = Date()
    let made = try await AccessTokens.add(
      name: name, scope: permissions, expires: now + Double(days) * 86_400, now: now,
      in: context)
    try work.printer.outcome(
      Text(
        "令牌：\(made.token)\n有效至 \(made.expires.formatted(.iso8601))，只显示这一次。",
        "Token: \(made.token)\nUntil \(made.expires.formatted(.iso8601)). It is shown this once."),
      [
        ("id", .id(made.id)), ("token", .text(made.token)),
        ("expires", .text(made.expires.formatted(.iso8601))),
      ])
  }
}

struct UserTokenList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出令牌 · List the tokens")

  @Option(
    help: ArgumentHelp("别人的，限区管理员 · Of somebody else, as district admin", valueName: "login"))
  var of: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await AccessTokens.list(of: of, now: Date(), in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("用途", "name") { .text($0.name) },
        Column("权限", "scope") { .text($0.scope.joined(separator: " ")) },
        Column("建立", "made") { .text($0.made) },
        Column("到期", "expires") { .text($0.expires) },
        Column("最近使用", "last used") { .optional($0.lastUsed) },
      ])
  }
}

struct UserTokenRevoke: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "撤销令牌 · Revoke a token")

  @Argument(help: "令牌的编号 · The token's id") var token: String
  @Option(
    help: ArgumentHelp("别人的，限区管理员 · Of somebody else, as district admin", valueName: "login"))
  var of: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(token)
    try await AccessTokens.revoke(id, of: of, now: Date(), in: work.context())
    try work.printer.outcome(
      Text("已撤销令牌。", "The token is revoked."), [("id", .id(id))])
  }
}
