import Foundation
import Yibang

extension API {
  static let sessionRoutes: [Endpoint] = [
    .post("/session", "session.sign_in", Text("登录", "Sign in"), .open) {
      (input: SignInInput, call) in
      StartedSession(
        try await SignIn.signIn(
          district: input.district, login: input.login, password: input.password,
          code: input.code, client: call.client.signIn, now: call.now, on: call.platform))
    }
    .secret(),
    .post(
      "/session/confirm", "session.confirm",
      Text("用两步验证码完成登录", "Complete signing in with a code"), .signedIn
    ) { (input: CodeInput, call) in
      StartedSession(
        try await SignIn.confirm(
          session: call.client.token ?? "", code: input.code, client: call.client.signIn,
          now: call.now, on: call.platform))
    }
    .secret(worksConfined: true),
    .get("/session", "session.show", Text("当前登录者", "Who is signed in"), .signedIn) {
      (_: NoInput, call) in
      let actor = call.context.actor
      return Identity(
        district: actor.districtID, login: actor.login, role: actor.role,
        school: try await call.ownSchoolName(),
        permissions: Permission.allCases.filter(actor.may), csrf: call.client.csrf)
    },
    .post("/session/end", "session.sign_out", Text("退出登录", "Sign out"), .signedIn) {
      (_: NoInput, call) in
      if let id = call.client.sessionID {
        try await LoginSessions.end(id, now: call.now, in: call.context)
      }
      return EndedSession(ended: call.client.sessionID != nil)
    }
    .secret(worksConfined: true),
    .list("/sessions", "session.list", Text("登录中的会话", "Sessions"), .signedIn) {
      (input: OfLogin, call) in
      try await LoginSessions.list(of: input.login, now: call.now, in: call.context)
    },
    .delete("/sessions", "session.revoke_all", Text("结束全部会话", "End every session"), .signedIn) {
      (input: OfLogin, call) in
      _ = try await LoginSessions.endAll(of: input.login, now: call.now, in: call.context)
    },
    .delete("/sessions/{id}", "session.revoke", Text("结束一个会话", "End a session"), .signedIn) {
      (input: SessionOfLogin, call) in
      try await LoginSessions.end(
        input.id, of: input.login, now: call.now, in: call.context)
    },
  ]

  static let credentialRoutes: [Endpoint] = [
    .post("/password", "password.change", Text("修改密码", "Change the password"), .signedIn) {
      (input: PasswordChange, call) in
      try await Accounts.changePassword(
        from: input.old, to: input.new, keeping: call.client.sessionID, now: call.now,
        in: call.context)
    }
    .secret(),
    .post(
      "/second-factor", "second_factor.enrol", Text("设置两步验证", "Set up a second factor"),
      .signedIn
    ) { (_: NoInput, call) in
      let enrolment = try await SecondFactor.enrol(now: call.now, in: call.context)
      return SecondFactorSecret(secret: enrolment.secret, uri: enrolment.uri)
    }
    .secret(worksConfined: true),
    .post(
      "/second-factor/confirm", "second_factor.confirm",
      Text("确认两步验证", "Confirm the second factor"), .signedIn
    ) { (input: CodeInput, call) in
      RecoveryCodes(
        codes: try await SecondFactor.confirm(
          code: input.code, session: call.client.sessionID, now: call.now, in: call.context))
    }
    .secret(worksConfined: true),
    .post(
      "/second-factor/remove", "second_factor.remove_own",
      Text("停用自己的两步验证", "Remove the own second factor"), .signedIn
    ) { (input: CodeInput, call) in
      try await SecondFactor.removeOwn(code: input.code, now: call.now, in: call.context)
    }
    .secret(),
    .list("/tokens", "token.list", Text("个人访问令牌", "Personal access tokens"), .signedIn) {
      (input: OfLogin, call) in
      try await AccessTokens.list(of: input.login, now: call.now, in: call.context)
    },
    .create("/tokens", "token.add", Text("新建访问令牌", "Make an access token"), .signedIn) {
      (input: NewToken, call) in
      let made = try await AccessTokens.add(
        name: input.name, scope: Set(input.scope),
        expires: call.now + TimeInterval(input.days) * 86_400, now: call.now, in: call.context)
      return MadeToken(id: made.id, token: made.token, expires: made.expires)
    }
    .secret(),
    .delete("/tokens/{id}", "token.revoke", Text("停用访问令牌", "Revoke a token"), .signedIn) {
      (input: SessionOfLogin, call) in
      try await AccessTokens.revoke(
        input.id, of: input.login, now: call.now, in: call.context)
    },
  ]

  struct SignInInput: Codable, Sendable {
    let district: String
    let login: String
    let password: String
    /// Of the authenticator, or a recovery code.
    let code: String?
  }

  struct CodeInput: Codable, Sendable {
    let code: String
  }

  struct OfLogin: Codable, Sendable {
    let login: String?
  }

  struct SessionOfLogin: Codable, Sendable {
    let id: UUID
    let login: String?
  }

  struct PasswordChange: Codable, Sendable {
    let old: String
    let new: String
  }

  struct NewToken: Codable, Sendable {
    let name: String
    let scope: [Permission]
    /// How long it is good.
    let days: Int
  }

  struct StartedSession: Codable, Sendable, SetsCookies {
    let csrf: String
    let expires: Date
    let needsSecondFactor: Bool
    let mustEnrol: Bool
    var cookies: [String] = []

    enum CodingKeys: String, CodingKey {
      case csrf, expires, needsSecondFactor, mustEnrol
    }

    init(_ session: SignIn.Session) {
      csrf = session.csrf
      expires = session.expires
      needsSecondFactor = session.needsSecondFactor
      mustEnrol = session.mustEnrol
      cookies =
        [SessionCookie.session(session.token)]
        + [session.device.map { SessionCookie.device($0) }].compactMap { $0 }
    }
  }

  struct EndedSession: Codable, Sendable, SetsCookies {
    let ended: Bool
    var cookies: [String] { [SessionCookie.ended] }
  }

  struct Identity: Codable, Sendable {
    let district: String
    let login: String
    let role: Role
    let school: String?
    let permissions: [Permission]
    /// For X-CSRF-Token; of a session alone.
    let csrf: String?
  }

  struct SecondFactorSecret: Codable, Sendable {
    /// Base32.
    let secret: String
    /// For a QR code.
    let uri: String
  }

  struct RecoveryCodes: Codable, Sendable {
    let codes: [String]
  }

  struct MadeToken: Codable, Sendable {
    let id: UUID
    let token: String
    let expires: Date
  }
}
