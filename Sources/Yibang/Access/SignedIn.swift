package import Foundation
import Postgres

/// Who a token stands for.
package struct SignedIn: Sendable {
  package let actor: Actor
  /// Of the session or token.
  package let id: UUID
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
  /// Of the district, when the token was looked up.
  package let version: DistrictVersion

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

  private static let touchSession: SQL = """
    update login_session set last_seen_at = $3
    where district_id = $1 and id = $2 and last_seen_at < $3
    """
  private static let touchToken: SQL = """
    update access_token set last_used_at = $3
    where district_id = $1 and id = $2 and (last_used_at is null or last_used_at < $3)
    """

  /// Who the session is of, and that it was used. A session that waits for a second factor has an
  /// actor who may do nothing.
  /// - Throws: `AccountError.signInNeeded` if there is none, or it ended, rested too long, or its user
  ///   was disabled.
  package static func actor(
    session token: String, now: Date, on platform: Platform
  ) async throws -> SignedIn {
    guard let token = OpaqueToken(token, .session),
      let (bearer, version) = try await platform.bearers.find(token, on: platform),
      bearer.expires > now, let seen = bearer.used,
      now.timeIntervalSince(seen) < idle(bearer.actor.role)
    else { throw AccountError.signInNeeded }
    try await note(bearer, token, touchSession, now, platform)
    let isConfined =
      !bearer.isComplete && (bearer.hasSecondFactor || bearer.actor.role.needsSecondFactor)
    return SignedIn(
      actor: isConfined ? bearer.actor.within([]) : bearer.actor, id: bearer.id,
      sessionID: bearer.id,
      needsSecondFactor: isConfined && bearer.hasSecondFactor,
      mustEnrol: isConfined && !bearer.hasSecondFactor, csrf: csrf(token, platform.vault),
      expires: bearer.expires, version: version)
  }

  /// Who a personal token is of, confined to its scope.
  /// - Throws: `AccountError.signInNeeded` if there is none, or it ended, or its user was disabled.
  package static func actor(
    accessToken token: String, now: Date, on platform: Platform
  ) async throws -> SignedIn {
    guard let token = OpaqueToken(token, .personal),
      let (bearer, version) = try await platform.bearers.find(token, on: platform),
      bearer.expires > now
    else { throw AccountError.signInNeeded }
    try await note(bearer, token, touchToken, now, platform)
    return SignedIn(
      actor: bearer.actor, id: bearer.id, sessionID: nil, needsSecondFactor: false,
      mustEnrol: false, csrf: "",
      expires: bearer.expires, version: version)
  }

  /// Notes that a session or token was used.
  private static func note(
    _ bearer: Bearer, _ token: OpaqueToken, _ touch: SQL, _ now: Date, _ platform: Platform
  ) async throws {
    if let used = bearer.used, now.timeIntervalSince(used) < precision { return }
    try await platform.database.batch(
      settings: Context.settings(ofDistrict: token.district), idempotent: true,
      [Bound(touch, token.district, bearer.id, PostgresTimestamp(now))])
  }
}
