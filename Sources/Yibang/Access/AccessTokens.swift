package import Foundation
import Postgres

/// Tokens that a person's programs act with: never more than the person, and not for ever.
package enum AccessTokens {
  package struct Entry: Sendable, Codable {
    package let id: UUID
    package let name: String
    package let scope: [String]
    package let made: String
    package let expires: String
    package let lastUsed: String?

    enum CodingKeys: String, CodingKey {
      case id, name, scope, made, expires
      case lastUsed = "last_used"
    }
  }

  /// A token just made. Its text is shown this once.
  package struct Made: Sendable {
    package let id: UUID
    package let token: String
    package let expires: Date
  }

  /// A year, in seconds.
  package static let longest: TimeInterval = 365 * 86_400

  private static let insert: SQL = """
    insert into access_token (
      district_id, id, user_id, name, token_sha256, scope, created_at, expires_at
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    """

  /// Makes a token of one's own.
  /// - Parameter scope: within what the role may do.
  /// - Throws: `AccountError.scope`, `.tokenName`, `.tokenTerm`, `.confined`.
  package static func add(
    name: String, scope: Set<Permission>, expires: Date, now: Date, in context: Context
  ) async throws -> Made {
    let actor = context.actor
    try actor.requireAccount()
    let name = normalizeText(name)
    guard (1...80).contains(name.unicodeScalars.count) else { throw AccountError.tokenName }
    let beyond = scope.filter { !actor.may($0) }.sorted { $0.rawValue < $1.rawValue }
    guard beyond.isEmpty, !scope.isEmpty else { throw AccountError.scope(beyond) }
    guard expires > now, expires <= now + longest else { throw AccountError.tokenTerm }
    let codes = scope.map(\.rawValue).sorted()
    let token = OpaqueToken.make(.personal, district: actor.districtID)
    let id = UUID.v7()
    return try await context.onAccounts { session in
      let user = try AccountUser.find(nil, actor, session)
      // Who was given another role since may do less.
      guard user.role == actor.role, !user.isDisabled else { throw AccountError.signInNeeded }
      _ = try session.batch([
        Bound(
          insert, actor.districtID, id, user.id, name, token.sha256, codes, PostgresTimestamp(now),
          PostgresTimestamp(expires)),
        Audit.statement(
          actor, "user.token", subject: "user", id: user.id,
          after: [
            "token": id.lowercase, "name": name, "scope": codes.joined(separator: " "),
            "expires": expires.formatted(.iso8601),
          ]),
      ])
      return Made(id: id, token: token.text, expires: expires)
    }
  }

  private static let list: SQL = """
    select t.id, t.name, t.scope,
      to_char(t.created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
      to_char(t.expires_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
      to_char(t.last_used_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')
    from access_token t
    where t.district_id = $1 and t.user_id = $2 and t.revoked_at is null and t.expires_at > $3
    order by t.id desc
    """

  /// The tokens that can be used at this moment, the newest first.
  /// - Parameter login: nil: one's own; anybody's for a district admin.
  /// - Throws: `AccountError.confined`, `AccessError`.
  package static func list(
    of login: String? = nil, now: Date, in context: Context
  ) async throws -> [Entry] {
    try context.actor.requireAccount(of: login)
    return try await context.readAccounts { session in
      guard let user = try AccountUser.look(login, context.actor, session) else { return [] }
      return try session.query(list, context.actor.districtID, user.id, PostgresTimestamp(now))
        .map { row in
          Entry(
            id: try row.get(0), name: try row.get(1), scope: try row.get(2), made: try row.get(3),
            expires: try row.get(4), lastUsed: try row.optional(5))
        }
    }
  }

  private static let endOne: SQL = """
    update access_token set revoked_at = $4
    where district_id = $1 and user_id = $2 and id = $3 and revoked_at is null
    """
  private static let endAll: SQL = """
    update access_token set revoked_at = $3
    where district_id = $1 and user_id = $2 and revoked_at is null and expires_at > $3
    """

  /// Revokes a token at once: one's own, or anybody's for a district admin.
  /// - Throws: `AccountError.unknownToken`, `.confined`, `AccessError`.
  package static func revoke(
    _ id: UUID, of login: String? = nil, now: Date, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.requireAccount(of: login)
    try await context.onAccounts { session in
      let user = try AccountUser.find(login, actor, session)
      let ended = try session.execute(
        endOne, actor.districtID, user.id, id, PostgresTimestamp(now))
      guard ended == 1 else { throw AccountError.unknownToken }
      _ = try session.batch([
        Audit.statement(
          actor, "user.token_revoke", subject: "user", id: user.id, after: ["token": id.lowercase])
      ])
    }
  }

  static func endAll(of user: UUID, now: Date, _ actor: Actor) -> Bound {
    Bound(endAll, actor.districtID, user, PostgresTimestamp(now))
  }
}
