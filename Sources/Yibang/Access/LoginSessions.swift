package import Foundation
import Postgres

/// A session about to be written.
struct StartedSession {
  let id = UUID.v7()
  let token: OpaqueToken
  let expires: Date
  private let person: SignInPerson
  private let userAgent: String?
  private let secondFactor: Bool
  private let now: Date

  init(
    _ person: SignInPerson, _ client: SignIn.Client, expires: Date, secondFactor: Bool, now: Date
  ) {
    token = .make(.session, district: person.actor.districtID)
    self.expires = expires
    self.person = person
    userAgent = client.userAgent.map { text in
      String(
        normalizeText(text).unicodeScalars.filter { $0.value >= 0x20 }.prefix(120).map(
          Character.init))
    }
    self.secondFactor = secondFactor
    self.now = now
  }

  private static let insert: SQL = """
    insert into login_session (
      district_id, id, user_id, token_sha256, second_factor, user_agent, created_at, last_seen_at,
      expires_at
    )
    values ($1, $2, $3, $4, $5, $6, $7, $7, $8)
    """

  /// - Parameter way: nil: the second factor is awaited.
  func statements(_ way: SecondFactor.Way?) -> [Bound] {
    let actor = person.actor
    return [
      Bound(
        Self.insert, actor.districtID, id, actor.userID, token.sha256, secondFactor, userAgent,
        PostgresTimestamp(now), PostgresTimestamp(expires)),
      Audit.statement(
        actor, way == nil ? "user.sign_in_begun" : "user.sign_in", subject: "user",
        id: actor.userID, after: ["session": id.lowercase, "second_factor": way?.rawValue]),
    ]
  }
}

/// The sessions of persons: to look at and to end.
package enum LoginSessions {
  package struct Entry: Sendable, Codable {
    package let id: UUID
    package let began: String
    package let lastSeen: String
    package let expires: String
    package let device: String?
    package let secondFactor: Bool

    enum CodingKeys: String, CodingKey {
      case id, began
      case lastSeen = "last_seen"
      case expires, device
      case secondFactor = "second_factor"
    }
  }

  private static let list: SQL = """
    select s.id, to_char(s.created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
      to_char(s.last_seen_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
      to_char(s.expires_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
      s.user_agent, s.second_factor
    from login_session s
    where s.district_id = $1 and s.user_id = $2 and s.revoked_at is null and s.expires_at > $3
      and s.last_seen_at > $4
    order by s.id desc
    """

  /// The sessions that can be used at this moment, the newest first.
  /// - Parameter login: nil: one's own; anybody's for a district admin.
  /// - Throws: `AccountError.confined`, `AccessError`.
  package static func list(
    of login: String? = nil, now: Date, in context: Context
  ) async throws -> [Entry] {
    try context.actor.requireAccount(of: login)
    return try await context.readAccounts { session in
      guard let user = try AccountUser.look(login, context.actor, session) else { return [] }
      return try session.query(
        list, context.actor.districtID, user.id, PostgresTimestamp(now),
        PostgresTimestamp(now - SignIn.idle(user.role))
      ).map { row in
        Entry(
          id: try row.get(0), began: try row.get(1), lastSeen: try row.get(2),
          expires: try row.get(3), device: try row.optional(4), secondFactor: try row.get(5))
      }
    }
  }

  static let endOne: SQL = """
    update login_session set revoked_at = $4
    where district_id = $1 and user_id = $2 and id = $3 and revoked_at is null
    """
  private static let endAll: SQL = """
    update login_session set revoked_at = $4
    where district_id = $1 and user_id = $2 and id is distinct from $3 and revoked_at is null
      and expires_at > $4
    """

  /// Ends a session at once: one's own, also one that waits for its second factor, or, for a district
  /// admin, anybody's.
  /// - Throws: `AccountError.unknownSession`, `.confined`, `AccessError`.
  package static func end(
    _ id: UUID, of login: String? = nil, now: Date, in context: Context
  ) async throws {
    let actor = context.actor
    if login != nil || !actor.isWaiting { try actor.requireAccount(of: login) }
    try await context.onAccounts { session in
      let user = try AccountUser.find(login, actor, session)
      let ended = try session.execute(
        endOne, actor.districtID, user.id, id, PostgresTimestamp(now))
      guard ended == 1 else { throw AccountError.unknownSession }
      _ = try session.batch([
        Audit.statement(
          actor, "user.sign_out", subject: "user", id: user.id, after: ["session": id.lowercase])
      ])
    }
  }

  /// Ends all sessions of a person.
  /// - Parameters:
  ///   - login: nil: one's own; anybody's for a district admin.
  ///   - kept: a session that goes on.
  /// - Returns: how many ended.
  /// - Throws: `AccountError.confined`, `AccessError`.
  @discardableResult
  package static func endAll(
    of login: String? = nil, except kept: UUID? = nil, now: Date, in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try actor.requireAccount(of: login)
    return try await context.onAccounts { session in
      let user = try AccountUser.find(login, actor, session)
      let ended = try session.batch([endAll(of: user.id, except: kept, now: now, actor)])[0]
        .affected
      if ended > 0 {
        _ = try session.batch([
          Audit.statement(
            actor, "user.sign_out", subject: "user", id: user.id, after: ["sessions": "\(ended)"])
        ])
      }
      return ended
    }
  }

  static func endAll(of user: UUID, except kept: UUID?, now: Date, _ actor: Actor) -> Bound {
    Bound(endAll, actor.districtID, user, kept, PostgresTimestamp(now))
  }
}
