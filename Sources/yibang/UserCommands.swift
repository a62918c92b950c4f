import ArgumentParser
import Spreadsheet
import Yibang

struct UserFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "用户 · Users",
    subcommands: [
      UserAdd.self, UserRole.self, UserList.self, UserInvite.self, UserReset.self,
      UserDisable.self, UserEnable.self, UserPassword.self, UserSessions.self, UserSignOut.self,
      UserSecondFactor.self, UserTokens.self,
    ])
}

struct UserAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "登记用户 · Add a user",
    discussion: """
      登记第一个用户之后，只有已登记的用户可以办理 · \
      From the first registered user on, only known users can act.
      """)

  @Argument(help: "登录名 · Login") var login: String
  @Option(help: ArgumentHelp("姓名 · Name", valueName: "name")) var name: String?
  @Option(
    help: ArgumentHelp(
      "角色 · Role: \(Role.allCases.map(\.rawValue).joined(separator: ", "))", valueName: "role"),
    completion: .list(Role.allCases.map(\.rawValue)))
  var role: String
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let role: Role = try readChoice(role, option: "--role")
    let (context, school) = try await work.place(school)
    let id = try await Users.add(
      login: login, name: name ?? login, role: role, school: school?.id, in: context)
    try work.printer.outcome(
      Text("已登记用户 \(login)（\(role.name.zh)）。", "User \(login) is registered as \(role.name.en)."),
      [("id", .id(id)), ("login", .text(login)), ("role", .text(role.rawValue))])
  }
}

struct UserRole: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "role", abstract: "改变用户的角色 · Give a user another role")

  @Argument(help: "登录名 · Login") var login: String
  @Option(
    help: ArgumentHelp(
      "角色 · Role: \(Role.allCases.map(\.rawValue).joined(separator: ", "))", valueName: "role"),
    completion: .list(Role.allCases.map(\.rawValue)))
  var role: String
  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let role: Role = try readChoice(role, option: "--role")
    let (context, school) = try await work.place(school)
    try await Users.setRole(login: login, role: role, school: school?.id, in: context)
    try work.printer.outcome(
      Text("用户 \(login) 现在是\(role.name.zh)。", "User \(login) is now \(role.name.en)."),
      [("login", .text(login)), ("role", .text(role.rawValue))])
  }
}

struct UserList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出用户 · List the users")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Users.list(in: work.context()),
      [
        Column("登录名", "login") { .text($0.login) },
        Column("姓名", "name") { .text($0.name) },
        Column("角色", "role") { .text($0.role.name($1)) },
        Column("学校", "school") { .optional($0.school) },
        Column("已登记", "registered") { .yesNo($0.registered, $1) },
        Column("停用", "disabled") { .yesNo($0.disabled, $1) },
      ])
  }
}
