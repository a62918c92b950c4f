import Foundation
import Postgres

/// The user whose account an operation is about.
struct AccountUser {
  let id: UUID
  let login: String
  let name: String
  let role: Role
  let schoolID: UUID?
  let donorID: UUID?
  let isDisabled: Bool
  let passwordHash: String?
  let hasSecondFactor: Bool

  private static let look: SQL = """
    select u.id, u.name, u.role, u.school_id, u.donor_id, u.disabled_at is not null,
      c.password_hash, c.totp_confirmed_at is not null
    from app_user u
    left join credential c on c.district_id = u.district_id and c.user_id = u.id
    where u.district_id = $1 and u.login = $2
    """
  private static let lock: SQL = """
    select u.id, u.name, u.role, u.school_id, u.donor_id, u.disabled_at is not null,
      c.password_hash, c.totp_confirmed_at is not null
    from app_user u
    left join credential c on c.district_id = u.district_id and c.user_id = u.id
    where u.district_id = $1 and u.login = $2
    for update of u
    """

  /// Kept as it is until the end of the transaction.
  /// - Parameter login: nil: the actor's own.
  /// - Throws: `AccessError.unknownUser`.
  static func find(
    _ login: String?, _ actor: Actor, _ session: borrowing Session
  ) throws -> AccountUser {
    let login = login ?? actor.login
    guard let user = try known(login, actor.districtID, session), user.role != .system else {
      throw AccessError.unknownUser(login: login, district: actor.districtID)
    }
    return user
  }

  /// The same for who only looks. Nil: the actor's own, who is not on record yet.
  static func look(
    _ login: String?, _ actor: Actor, _ session: borrowing Session
  ) throws -> AccountUser? {
    let login = login ?? actor.login
    if let row = try session.query(look, actor.districtID, login).first {
      return try AccountUser(row, login: login)
    }
    if login == actor.login { return nil }
    throw AccessError.unknownUser(login: login, district: actor.districtID)
  }

  /// Kept as it is; nil: no such user.
  static func known(
    _ login: String, _ district: String, _ session: borrowing Session
  ) throws -> AccountUser? {
    try session.query(lock, district, login).first.flatMap { try AccountUser($0, login: login) }
  }

  private init?(_ row: Row, login: String) throws {
    guard let role = Role(rawValue: try row.get(2)) else { return nil }
    id = try row.get(0)
    self.login = login
    name = try row.get(1)
    self.role = role
    schoolID = try row.optional(3)
    donorID = try row.optional(4)
    isDisabled = try row.get(5)
    passwordHash = try row.optional(6)
    hasSecondFactor = try row.get(7)
  }
}

extension Actor {
  /// A session that waits for its second factor.
  var isWaiting: Bool { scope?.isEmpty == true }

  /// - Parameter login: nil: the actor's own account.
  /// - Throws: `AccountError.confined` for a token, and a session that waits for its second factor;
  ///   `AccessError.forbidden` for somebody else's account unless a district admin asks.
  func requireAccount(of login: String? = nil) throws {
    guard scope == nil else { throw AccountError.confined }
    if let login, login != self.login { try require(.administer) }
  }
}
