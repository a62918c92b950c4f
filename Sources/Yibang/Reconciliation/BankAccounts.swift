package import Foundation
import Postgres

/// The bank accounts of schools and of the district.
package enum BankAccounts {
  package struct Account: Sendable, Codable {
    package let id: UUID
    package let name: String
    package let lastFour: String
    /// Nil: the district's own.
    package let school: String?
    package let schoolID: UUID?

    enum CodingKeys: String, CodingKey {
      case id, name
      case lastFour = "last_four"
      case school
      case schoolID = "school_id"
    }
  }

  private static let insert: SQL = """
    insert into bank_account (
      district_id, id, school_id, name, last_four, number_hash, actor_id
    )
    values ($1, $2, $3, $4, $5, $6, $7)
    """

  /// Registers an account. Of its number the last four digits and a keyed hash are kept.
  /// - Parameters:
  ///   - school: whose money is on it; nil for the district.
  ///   - number: the whole number, or its last four digits.
  /// - Throws: `ReconciliationError.accountExists`, `.accountNumber`, `AccessError`,
  ///   `IdempotencyError`.
  package static func add(
    name: String, number: String, school: UUID?, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.reconcile)
    if let school { try actor.require(school: school) }
    let name = normalizeText(name)
    let digits = normalizeText(number).filter { !$0.isWhitespace && $0 != "-" }
    guard !name.isEmpty, digits.count == 4 || (8...32).contains(digits.count),
      digits.allSatisfy({ $0.isASCII && $0.isNumber })
    else { throw ReconciliationError.accountNumber }
    let hash =
      digits.count > 4 ? context.platform.vault.hash(digits, domain: "bank-account") : nil
    let claim = IdempotencyKey(
      key, operation: "bank.account",
      request: [name, school?.uuidString, String(digits.suffix(4)), hash.map { "\($0)" }])
    do {
      return try await context.write { session in
        let id = UUID.v7()
        if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
          return earlier
        }
        _ = try session.batch([
          Bound(
            insert, actor.districtID, id, school, name, String(digits.suffix(4)), hash,
            actor.userID),
          Audit.statement(
            actor, "bank.account", subject: "bank_account", id: id, school: school,
            after: ["last_four": String(digits.suffix(4))]),
        ])
        return id
      }
    } catch PostgresError.unique {
      throw ReconciliationError.accountExists
    }
  }

  private static let list: SQL = """
    select a.id, a.name, a.last_four, s.name, a.school_id from bank_account a
    left join school s on s.district_id = a.district_id and s.id = a.school_id
    where a.district_id = $1 and ($2::uuid is null or a.id = $2)
      and ($3::uuid is null or a.school_id = $3)
    order by s.code nulls first, a.name, a.id
    """

  package static func list(
    school: UUID? = nil, in context: Context
  ) async throws -> [Account] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(list, context.actor.districtID, nil as UUID?, school).map(account)
    }
  }

  /// - Throws: `ReconciliationError.unknownAccount`.
  static func find(_ id: UUID, _ session: borrowing Session, _ actor: Actor) throws -> Account {
    guard let row = try session.query(list, actor.districtID, id, nil as UUID?).first else {
      throw ReconciliationError.unknownAccount(id)
    }
    return try account(row)
  }

  private static func account(_ row: Row) throws -> Account {
    Account(
      id: try row.get(0), name: try row.get(1), lastFour: try row.get(2),
      school: try row.optional(3), schoolID: try row.optional(4))
  }
}
