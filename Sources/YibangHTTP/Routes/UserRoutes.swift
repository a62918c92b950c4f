import Foundation
import Yibang

extension API {
  static let userRoutes: [Endpoint] = [
    .parts("/users", "user.list", Text("用户", "Users"), .needs([.administer]), by: "login") {
      (_: NoInput, call) in
      try call.context.actor.require(.administer)
      return try await Users.list(in: call.context)
    },
    .create("/users", "user.invite", Text("邀请用户", "Invite a user"), .needs([.administer])) {
      (input: Invitation, call) in
      try await OneTimeLink(
        Accounts.invite(
          login: input.login, name: input.name, role: input.role,
          school: call.school(input.school), donor: input.donor, now: call.now, in: call.context))
    }
    .secret(),
    .put("/users/{login}/role", "user.role", Text("改变角色", "Change a role"), .needs([.administer])) {
      (input: NewRole, call) in
      try await Users.setRole(
        login: input.login, role: input.role, school: call.school(input.school),
        in: call.context)
    },
    .post(
      "/users/{login}/reset", "user.reset", Text("重设密码的链接", "A link to choose a new password"),
      .needs([.administer])
    ) { (input: LoginInPath, call) in
      try await OneTimeLink(
        Accounts.reset(login: input.login, now: call.now, in: call.context))
    }
    .secret(),
    .post(
      "/users/{login}/disable", "user.disable", Text("停用用户", "Disable a user"),
      .needs([.administer])
    ) {
      (input: LoginInPath, call) in
      Changed(
        changed: try await Accounts.disable(login: input.login, now: call.now, in: call.context))
    },
    .post(
      "/users/{login}/enable", "user.enable", Text("恢复用户", "Enable a user"), .needs([.administer])
    ) {
      (input: LoginInPath, call) in
      Changed(changed: try await Accounts.enable(login: input.login, in: call.context))
    },
    .post(
      "/users/{login}/second-factor/remove", "second_factor.remove",
      Text("为他人停用两步验证", "Remove somebody's second factor"), .needs([.administer])
    ) { (input: ReasonForLogin, call) in
      try await SecondFactor.remove(
        of: input.login, reason: input.reason, now: call.now, in: call.context)
    },
    .post(
      "/links/accept", "link.accept",
      Text("用一次性链接设定密码", "Choose a password by a one-time link"), .open
    ) { (input: LinkInput, call) in
      let accepted = try await Accounts.accept(
        link: input.link, password: input.password, now: call.now, on: call.platform)
      return AcceptedLink(district: accepted.district, login: accepted.login)
    }
    .secret(),
  ]

  struct Invitation: Codable, Sendable {
    let login: String
    let name: String
    let role: Role
    let school: SchoolCode?
    /// Of a sponsor: the donor as whom it reads.
    let donor: UUID?
  }

  struct NewRole: Codable, Sendable {
    let login: String
    let role: Role
    let school: SchoolCode?
  }

  struct LoginInPath: Codable, Sendable {
    let login: String
  }

  struct ReasonForLogin: Codable, Sendable {
    let login: String
    let reason: String
  }

  struct LinkInput: Codable, Sendable {
    let link: String
    let password: String
  }

  /// A secret shown once, for the person it is meant for.
  struct OneTimeLink: Codable, Sendable {
    let link: String
    let expires: Date

    init(_ link: Accounts.Link) {
      self.link = link.token
      expires = link.expires
    }
  }

  struct AcceptedLink: Codable, Sendable {
    let district: String
    let login: String
  }

  struct Changed: Codable, Sendable {
    let changed: Bool
  }
}
