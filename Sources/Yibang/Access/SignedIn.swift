package import Foundation
import Postgres

/// Who a token stands for.
package struct SignedIn: Sendable {
  package let actor: Actor
  /// Nil for a personal token.
  package let sessionID: UUID?
  /// The password was right and the second factor is awaited: good for `SignIn.confirm` alone.
  package let needsSecondFactor: Bool
  /// Good to set up a second factor alone.
  package let mustEnrol: Bool
  /// What a form of the session must bring along; empty for a personal token, which no browser sends
  /// by itself.
  package let csrf: String
  package let expires: Date

  package var isConfined: Bool { needsSecondFactor || mustEnrol }
  package var scope: Set<Permission>? { actor.scope }

  /// Whether a request may write: from a session it must bring the session's mark along.
  package func accepts(csrf: String?) -> Bool {
    sessionID == nil || isSame([UInt8](self.csrf.utf8), [UInt8]((csrf ?? "").utf8))
  }
}

extension SignIn {
  /// How long a session may rest, in seconds: staff act for children, sponsors only read.
  static func idle(_ role: Role) -> TimeInterval { role == .sponsor ? 2 * 3_600 : 1_800 }
  /// When a session or token was last used is written no more often, in seconds.
  static let precision: TimeInterval = 60

  private static let findSession: SQL = """
    select s.id, s.user_id, u.login, u.role, u.school_id, u.donor_id, s.second_factor,
      c.totp_confirmed_at is not null, s.last_seen_at, s.expires_at
    from login_session s
    join app_user u on u.district_id = s.district_id and u.id = s.user_id
    left join credential c on c.district_id = s.district_id and c.user_id = s.user_id
    where s.district_id = $1 and s.token_sha256 = $2 and s.revoked_at is null
      and s.expires_at > $3 and u.disabled_at is null
    """
  private static let touchSession: SQL = """
    update login_session set last_seen_at = $3
    where district_id = $1 and id = $2 and last_seen_at < $3
    """

  /// Who the session is of, and that it was used. A session that waits for a second factor has an
  /// actor who may do nothing.
  /// - Throws: `AccountError.signInNeeded` if there is none, or it ended, rested too long, or its user
  ///   was disabled.
  package static func actor(
    session token: String, now: Date, on platform: Platform
  ) async throws -> SignedIn {
    guard let token = OpaqueToken(token, .session) else { throw AccountError.signInNeeded }
    let at = PostgresTimestamp(now)
    let vault = platform.vault
    let settings = Context.settings(ofDistrict: token.district)
    let found = try await platform.database.batch(
      settings: settings, idempotent: true,
      [Bound(findSession, token.district, token.sha256, at)]
    ) { try $0[0].first.flatMap { try signedIn($0, token, vault) } }
    guard let (signedIn, seen) = found,
      now.timeIntervalSince(seen) < idle(signedIn.actor.role)
    else { throw AccountError.signInNeeded }
    if now.timeIntervalSince(seen) >= precision {
      try await platform.database.batch(
        settings: settings, idempotent: true,
        [Bound(touchSession, token.district, signedIn.sessionID, at)])
    }
    return signedIn
  }

  /// The session of a row, and when it was last seen.
  private static func signedIn(
    _ row: Row, _ token: OpaqueToken, _ vault: Vault
  ) throws -> (SignedIn, Date)? {
    guard let role = Role(rawValue: try row.get(3)) else { return nil }
    let isComplete: Bool = try row.get(6)
    let hasSecondFactor: Bool = try row.get(7)
    let isConfined = !isComplete && (hasSecondFactor || role.needsSecondFactor)
    let seen: PostgresTimestamp = try row.get(8)
    let expires: PostgresTimestamp = try row.get(9)
    let actor = Actor(
      districtID: token.district, userID: try row.get(1), login: try row.get(2), role: role,
      schoolID: try row.optional(4), donorID: try row.optional(5),
      scope: isConfined ? [] : nil)
    let signedIn = SignedIn(
      actor: actor, sessionID: try row.get(0),
      needsSecondFactor: isConfined && hasSecondFactor,
      mustEnrol: isConfined && !hasSecondFactor, csrf: csrf(token, vault), expires: expires.date)
    return (signedIn, seen.date)
  }

  private static let findToken: SQL = """
    select t.id, t.user_id, u.login, u.role, u.school_id, u.donor_id, t.scope, t.last_used_at,
      t.expires_at
    from access_token t
    join app_user u on u.district_id = t.district_id and u.id = t.user_id
    where t.district_id = $1 and t.token_sha256 = $2 and t.revoked_at is null
      and t.expires_at > $3 and u.disabled_at is null
    """
  private static let touchToken: SQL = """
    update access_token set last_used_at = $3
    where district_id = $1 and id = $2 and (last_used_at is null or last_used_at < $3)
    """

  /// Who a personal token is of, confined to its scope.
  /// - Throws: `AccountError.signInNeeded` if there is none, or it ended, or its user was disabled.
  package static func actor(
    accessToken token: String, now: Date, on platform: Platform
  ) async throws -> SignedIn {
    guard let token = OpaqueToken(token, .personal) else { throw AccountError.signInNeeded }
    let at = PostgresTimestamp(now)
    let settings = Context.settings(ofDistrict: token.district)
    let found = try await platform.database.batch(
      settings: settings, idempotent: true,
      [Bound(findToken, token.district, token.sha256, at)]
    ) { try $0[0].first.flatMap { try bearer($0, token.district) } }
    guard let (signedIn, id, used) = found else { throw AccountError.signInNeeded }
    if used.map({ now.timeIntervalSince($0) >= precision }) ?? true {
      try await platform.database.batch(
        settings: settings, idempotent: true, [Bound(touchToken, token.district, id, at)])
    }
    return signedIn
  }

  /// The person of a token's row, its id, and when it was last used.
  private static func bearer(_ row: Row, _ district: String) throws -> (SignedIn, UUID, Date?)? {
    guard let role = Role(rawValue: try row.get(3)) else { return nil }
    let scope: [String] = try row.get(6)
    let used: PostgresTimestamp? = try row.optional(7)
    let expires: PostgresTimestamp = try row.get(8)
    let actor = Actor(
      districtID: district, userID: try row.get(1), login: try row.get(2), role: role,
      schoolID: try row.optional(4), donorID: try row.optional(5),
      scope: Set(scope.compactMap { Permission(rawValue: $0) }))
    let signedIn = SignedIn(
      actor: actor, sessionID: nil, needsSecondFactor: false, mustEnrol: false, csrf: "",
      expires: expires.date)
    return (signedIn, try row.get(0), used?.date)
  }
}
