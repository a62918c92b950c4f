package import Foundation
import Postgres

package enum Schools {
  package struct School: Sendable, Codable {
    package let id: UUID
    package let code: String
    package let name: String
    /// What it asks of a sponsor for a pupil and semester, at the least.
    package var minimum: Money?
    /// The code of its county or town.
    package var region: String?
  }

  private static let insert: SQL = """
    insert into school (district_id, id, code, name) values ($1, $2, $3, $4) on conflict do nothing
    """
  private static let find: SQL = """
    select id, code, name, minimum_fen, region from school where district_id = $1 and code = $2
    """

  /// Opens a school with its funds.
  /// - Returns: the school, and false if it was there already (nothing changes).
  /// - Throws: `SchoolError.otherName` if it is there under another name; `IdentifierError`.
  package static func add(
    code: String, name: String, in context: Context
  ) async throws -> (school: School, added: Bool) {
    try context.actor.require(.administer)
    let code = try SchoolCode(code).text
    let name = normalizeText(name)
    guard !name.isEmpty else { throw SchoolError.emptyName }
    let actor = context.actor
    return try await context.write { session in
      let id = UUID.v7()
      guard try session.execute(insert, actor.districtID, id, code, name) == 1 else {
        let school = try school(session.query(find, actor.districtID, code).first, code: code)
        guard school.name == name else {
          throw SchoolError.otherName(code: code, name: school.name)
        }
        return (school, false)
      }
      var statements: [Bound] = []
      for fund in FundKind.standard {
        statements += Funds.opening(
          fund, name: fund.name.zh, school: id, district: actor.districtID)
      }
      statements.append(
        Audit.statement(
          actor, "school.add", subject: "school", id: id, school: id,
          after: ["code": code, "name": name]))
      _ = try session.batch(statements)
      return (School(id: id, code: code, name: name), true)
    }
  }

  private static func school(_ row: Row?, code: String) throws -> School {
    guard let row else { throw SchoolError.unknownSchool(code) }
    let minimum: Int64? = try row.optional(3)
    return School(
      id: try row.get(0), code: try row.get(1), name: try row.get(2),
      minimum: minimum.map { Money(fen: $0) }, region: try row.optional(4))
  }

  /// - Throws: `SchoolError.unknownSchool`.
  package static func find(code: String, in context: Context) async throws -> School {
    try await context.read([Bound(find, context.actor.districtID, code)]) {
      try school($0[0].first, code: code)
    }
  }

  private static let findByID: SQL = """
    select id, code, name, minimum_fen, region from school where district_id = $1 and id = $2
    """

  /// - Throws: `SchoolError.unknownSchool`.
  package static func find(_ id: UUID, in context: Context) async throws -> School {
    try await context.read { session in
      try school(session.query(findByID, context.actor.districtID, id).first, code: id.lowercase)
    }
  }

  private static let list: SQL = """
    select id, code, name, minimum_fen, region from school where district_id = $1 order by code
    """

  package static func list(in context: Context) async throws -> [School] {
    try await context.read { session in
      try session.query(list, context.actor.districtID).map { try school($0, code: "") }
    }
  }

  private static let locate: SQL = "select district_id from locate_school($1)"

  /// The district of a school code, before any district is chosen.
  package static func district(ofSchool code: String, on platform: Platform) async throws -> String?
  {
    try await platform.database.transaction(readOnly: true) { session in
      try session.query(locate, code).first?.get(0)
    }
  }
}
