package import Foundation
import Postgres

/// How people come by an account: a district admin makes a link, the person chooses a password with it.
package enum Accounts {
  /// A link just made. Its token is shown this once.
  package struct Link: Sendable {
    package let userID: UUID
    package let token: String
    package let expires: Date
  }

  /// Who chose a password by a link, and can now sign in.
  package struct Accepted: Sendable {
    package let district: String
    package let login: String
  }

  private enum Kind: String {
    case invite, reset

    /// In seconds.
    var validity: TimeInterval { self == .invite ? 7 * 86_400 : 86_400 }
  }

  private static let donor: SQL = "select from donor where district_id = $1 and id = $2"
  private static let insert: SQL = """
    insert into app_user (district_id, id, login, name, role, school_id, donor_id, registered)
    values ($1, $2, $3, $4, $5, $6, $7, true)
    """

  /// Invites a person, who is registered with it where not yet known; a second invitation ends the
  /// first. Valid for seven days, once.
  /// - Parameter donor: as whom a sponsor reads; for no other role.
  /// - Throws: `AccountError.hasAccount`, `.otherRole`, `.unknownDonor`, `.login`;
  ///   `AccessError.schoolRole`, `.sponsorRole`, `.noPerson`, `.disabled`, `.forbidden`.
  package static func invite(
    login: String, name: String, role: Role, school: UUID? = nil, donor: UUID? = nil, now: Date,
    in context: Context
  ) async throws -> Link {
    let actor = context.actor
    try actor.requireAccount()
    try actor.require(.administer)
    guard role != .system else { throw AccessError.noPerson(role) }
    guard (role == .sponsor) == (donor != nil) else { throw AccessError.sponsorRole }
    guard role.belongsToSchool == (school != nil) else { throw AccessError.schoolRole(role) }
    guard isLogin(login) else { throw AccountError.login }
    return try await context.onAccounts { session in
      let district = actor.districtID
      if let donor, try session.query(Self.donor, district, donor).isEmpty {
        throw AccountError.unknownDonor
      }
      guard let user = try AccountUser.known(login, district, session) else {
        let id = UUID.v7()
        let name = name.isEmpty ? login : name
        _ = try session.batch([
          Bound(insert, district, id, login, name, role.rawValue, school, donor),
          Audit.statement(
            actor, "user.add", subject: "user", id: id,
            after: ["login": login, "role": role.rawValue, "donor": donor?.lowercase]),
        ])
        return try link(.invite, to: id, now: now, actor, session)
      }
      if user.isDisabled { throw AccessError.disabled(login: login) }
      guard user.passwordHash == nil else { throw AccountError.hasAccount(login: login) }
      guard user.role == role, user.schoolID == school, user.donorID == donor else {
        throw AccountError.otherRole(login: login)
      }
      return try link(.invite, to: user.id, now: now, actor, session)
    }
  }

  /// Lets a person choose a new password; until then the old one holds. Valid for a day, once.
  /// - Throws: `AccessError.unknownUser`, `.disabled`, `.forbidden`; `AccountError.confined`.
  package static func reset(login: String, now: Date, in context: Context) async throws -> Link {
    let actor = context.actor
    try actor.requireAccount()
    try actor.require(.administer)
    return try await context.onAccounts { session in
      let user = try AccountUser.find(login, actor, session)
      if user.isDisabled { throw AccessError.disabled(login: login) }
      return try link(.reset, to: user.id, now: now, actor, session)
    }
  }

  private static let endLinks: SQL = """
    delete from one_time_link where district_id = $1 and user_id = $2 and used_at is null
    """
  private static let insertLink: SQL = """
    insert into one_time_link (
      district_id, id, user_id, kind, token_sha256, made_by, made_at, expires_at
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    """

  private static func link(
    _ kind: Kind, to user: UUID, now: Date, _ actor: Actor, _ session: borrowing Session
  ) throws -> Link {
    let token = OpaqueToken.make(.link, district: actor.districtID)
    let expires = now + kind.validity
    _ = try session.batch([
      Bound(endLinks, actor.districtID, user),
      Bound(
        insertLink, actor.districtID, UUID.v7(), user, kind.rawValue, token.sha256, actor.userID,
        PostgresTimestamp(now), PostgresTimestamp(expires)),
      Audit.statement(
        actor, "user.\(kind.rawValue)", subject: "user", id: user,
        after: ["expires": expires.formatted(.iso8601)]),
    ])
    return Link(userID: user, token: token.text, expires: expires)
  }

  private static let findLink: SQL = """
    select u.login, u.name from one_time_link l
    join app_user u on u.district_id = l.district_id and u.id = l.user_id
    where l.district_id = $1 and l.token_sha256 = $2 and l.used_at is null and l.expires_at > $3
      and u.disabled_at is null
    """
  private static let useLink: SQL = """
    update one_time_link set used_at = $3
    where district_id = $1 and token_sha256 = $2 and used_at is null and expires_at > $3
    returning kind
    """
  private static let setPassword: SQL = """
    insert into credential (district_id, user_id, password_hash, changed_at)
    values ($1, $2, $3, $4)
    on conflict (district_id, user_id) do update
    set password_hash = excluded.password_hash, changed_at = excluded.changed_at
    """
  private static let register: SQL = """
    update app_user set registered = true where district_id = $1 and id = $2 and not registered
    """

  /// Sets the password that the person of a link chose, and uses the link up. After a reset all
  /// sessions and tokens of the person end; the second factor stays.
  /// - Throws: `AccountError.link`, whatever is wrong with it; `.password`; `.busy`.
  package static func accept(
    link token: String, password: String, now: Date, on platform: Platform
  ) async throws -> Accepted {
    guard let token = OpaqueToken(token, .link) else { throw AccountError.link }
    let district = token.district
    let at = PostgresTimestamp(now)
    let (login, name) = try await platform.onAccounts(of: district) { session in
      guard let row = try session.query(findLink, district, token.sha256, at).first else {
        throw AccountError.link
      }
      return (try row.get(0) as String, try row.get(1) as String)
    }
    let hash = try await PasswordHash.make(Password(new: password, login: login, name: name))
    return try await platform.onAccounts(of: district) { session in
      guard let user = try AccountUser.known(login, district, session), !user.isDisabled,
        let row = try session.query(useLink, district, token.sha256, at).first
      else { throw AccountError.link }
      let kind: String = try row.get(0)
      let actor = Actor(
        districtID: district, userID: user.id, login: login, role: user.role,
        schoolID: user.schoolID)
      _ = try session.batch(
        [
          Bound(setPassword, district, user.id, hash, at), Bound(register, district, user.id),
          Audit.statement(
            actor, "user.password", subject: "user", id: user.id, after: ["by": kind]),
        ] + endEverything(of: user.id, now: now, actor))
      return Accepted(district: district, login: login)
    }
  }

  /// Changes one's own password; the other sessions end.
  /// - Parameter kept: the session at hand.
  /// - Throws: `AccountError.wrongPassword`, `.noPassword`, `.password`, `.tooManyFailures`, `.busy`,
  ///   `.confined`.
  package static func changePassword(
    from old: String, to new: String, keeping kept: UUID?, now: Date, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.requireAccount()
    let limit = try await SecondFactor.countInside(now: now, in: context)
    let user = try await context.onAccounts { try AccountUser.find(nil, actor, $0) }
    guard let present = user.passwordHash else { throw AccountError.noPassword }
    guard try await PasswordHash.verify(Password(typed: old), present) else {
      throw AccountError.wrongPassword
    }
    let password = try Password(new: new, login: user.login, name: user.name)
    guard password.bytes != Password(typed: old).bytes else {
      throw AccountError.password(.unchanged)
    }
    let hash = try await PasswordHash.make(password)
    try await context.onAccounts { session in
      // Changed by somebody else since: then the old one is not the present one.
      guard try AccountUser.find(nil, actor, session).passwordHash == present else {
        throw AccountError.wrongPassword
      }
      _ = try session.batch([
        Bound(setPassword, actor.districtID, user.id, hash, PostgresTimestamp(now)),
        LoginSessions.endAll(of: user.id, except: kept, now: now, actor),
        Bound(endLinks, actor.districtID, user.id),
        GuessLimit.forget([limit], district: actor.districtID, now: now),
        Audit.statement(
          actor, "user.password", subject: "user", id: user.id, after: ["by": "change"]),
      ])
    }
  }

  /// Sets one's own password where the operating system vouches for the person: the command line's.
  /// All sessions end.
  /// - Throws: `AccountError.password`, `.busy`, `AccessError.disabled`.
  package static func setPassword(
    _ new: String, now: Date, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.requireAccount()
    let user = try await context.onAccounts { try AccountUser.find(nil, actor, $0) }
    let hash = try await PasswordHash.make(
      Password(new: new, login: user.login, name: user.name))
    try await context.onAccounts { session in
      guard try !AccountUser.find(nil, actor, session).isDisabled else {
        throw AccessError.disabled(login: actor.login)
      }
      _ = try session.batch(
        [
          Bound(setPassword, actor.districtID, user.id, hash, PostgresTimestamp(now)),
          Bound(endLinks, actor.districtID, user.id),
          LoginSessions.endAll(of: user.id, except: nil, now: now, actor),
          Audit.statement(
            actor, "user.password", subject: "user", id: user.id, after: ["by": "command"]),
        ])
    }
  }

  private static let setDisabled: SQL = """
    update app_user set disabled_at = $3 where district_id = $1 and id = $2
    """

  /// Bars a user from signing in and acting; sessions, tokens and links end.
  /// - Returns: false if it was so already.
  /// - Throws: `AccessError.lastAdmin`, `.noLongerAdmin`, `.unknownUser`, `.forbidden`.
  @discardableResult
  package static func disable(
    login: String, now: Date, in context: Context
  ) async throws -> Bool {
    let actor = context.actor
    try actor.requireAccount()
    try actor.require(.administer)
    return try await context.onAccounts { session in
      let admins = try Users.lockAdmins(for: actor, session)
      let user = try AccountUser.find(login, actor, session)
      if user.isDisabled { return false }
      if admins == [login] { throw AccessError.lastAdmin(login: login) }
      _ = try session.batch(
        [
          Bound(setDisabled, actor.districtID, user.id, PostgresTimestamp(now)),
          Bound(endLinks, actor.districtID, user.id),
          Audit.statement(actor, "user.disable", subject: "user", id: user.id),
        ] + endEverything(of: user.id, now: now, actor))
      return true
    }
  }

  /// Lets a disabled user sign in and act again.
  /// - Returns: false if it was so already.
  /// - Throws: `AccessError.noLongerAdmin`, `.unknownUser`, `.forbidden`.
  @discardableResult
  package static func enable(login: String, in context: Context) async throws -> Bool {
    let actor = context.actor
    try actor.requireAccount()
    try actor.require(.administer)
    return try await context.onAccounts { session in
      _ = try Users.lockAdmins(for: actor, session)
      let user = try AccountUser.find(login, actor, session)
      guard user.isDisabled else { return false }
      _ = try session.batch([
        Bound(setDisabled, actor.districtID, user.id, nil as PostgresTimestamp?),
        Audit.statement(actor, "user.enable", subject: "user", id: user.id),
      ])
      return true
    }
  }

  /// Ends a person's sessions and tokens.
  static func endEverything(of user: UUID, now: Date, _ actor: Actor) -> [Bound] {
    [
      LoginSessions.endAll(of: user, except: nil, now: now, actor),
      AccessTokens.endAll(of: user, now: now, actor),
    ]
  }

  private static func isLogin(_ login: String) -> Bool {
    (1...60).contains(login.unicodeScalars.count)
      && login.unicodeScalars.allSatisfy { scalar in
        !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
          && scalar.properties.generalCategory != .format
      }
  }
}
