package import Foundation
package import Postgres

/// Restricted purposes (专款专用): a school's and a district's funds.
package enum Funds {
  static let insert: SQL = """
    insert into fund (district_id, id, school_id, kind, name) values ($1, $2, $3, $4, $5)
    on conflict on constraint fund_name do nothing
    """
  private static let insertPurpose: SQL = """
    insert into fund_purpose (district_id, fund_id, purpose, fund_kind) values ($1, $2, $3, $4)
    """

  /// The statements that open a fund with the purposes of its kind.
  static func opening(
    _ kind: FundKind, name: String, school: UUID?, district: String, id: UUID = UUID.v7()
  ) -> [Bound] {
    [Bound(insert, district, id, school, kind.rawValue, name)]
      + kind.purposes.map { Bound(insertPurpose, district, id, $0.rawValue, kind.rawValue) }
  }

  private static let find: SQL = """
    select id from fund
    where district_id = $1 and school_id is not distinct from $2 and kind = $3 and name = $4
    """

  private static func meaning(_ designation: String?) -> (kind: FundKind, name: String) {
    let words = FundKind.words(designation)
    let kind = FundKind.of(designation: words)
    return (kind, kind == .designated ? words ?? "" : kind.name.zh)
  }

  /// The statement that reads the id of the fund that a designation means; no row: it is not open yet.
  static func reading(
    _ designation: String?, school: UUID?, _ district: String
  ) -> Bound {
    let (kind, name) = meaning(designation)
    return Bound(find, district, school, kind.rawValue, name)
  }

  /// The fund that a designation means, opened at its first gift; in the caller's transaction.
  package static func fund(
    for designation: String?, school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> UUID {
    let (kind, name) = meaning(designation)
    let district = actor.districtID
    if let row = try session.query(find, district, school, kind.rawValue, name).first {
      return try row.get(0)
    }
    let id = UUID.v7()
    guard try session.execute(insert, district, id, school, kind.rawValue, name) == 1 else {
      guard let row = try session.query(find, district, school, kind.rawValue, name).first else {
        throw FundError.unknownFund(name)
      }
      return try row.get(0)
    }
    var statements = kind.purposes.map {
      Bound(insertPurpose, district, id, $0.rawValue, kind.rawValue)
    }
    statements.append(
      Audit.statement(
        actor, "fund.open", subject: "fund", id: id, school: school,
        after: ["kind": kind.rawValue]))
    _ = try session.batch(statements)
    return id
  }

  /// The fund with this designation or name, opened at its first gift.
  package static func fund(
    for designation: String?, school: UUID?, in context: Context
  ) async throws -> UUID {
    try await context.write { try fund(for: designation, school: school, $0, context.actor) }
  }
}
