import Foundation
import Postgres

/// Districts are the tenants: every row belongs to one.
package enum Districts {
  package struct District: Sendable, Codable {
    package let code: String
    package let name: String
  }

  private static let insert: SQL = """
    insert into district (district_id, name) values ($1, $2) on conflict do nothing
    """
  private static let insertPurpose: SQL = """
    insert into purpose (district_id, code, name_zh, name_en) values ($1, $2, $3, $4)
    """
  private static let insertUser: SQL = """
    insert into app_user (district_id, id, login, name, role, registered)
    values ($1, $2, $3, $3, 'district_admin', false)
    """

  /// Opens a district, with the purposes that funds can pay for and its first admin.
  /// - Returns: false if a district with this code is there already (nothing changes).
  /// - Throws: `SchoolError.otherName` if it is there under another name; `IdentifierError`.
  package static func add(
    code: String, name: String, login: String, on platform: Platform
  ) async throws -> Bool {
    let code = try DistrictCode(code).text
    let name = normalizeText(name)
    guard !name.isEmpty else { throw SchoolError.emptyName }
    let settings = [("yibang.district", code), ("yibang.school", "")]
    return try await platform.database.transaction(settings: settings) { session in
      guard try session.execute(insert, code, name) == 1 else {
        let known: String? = try session.query(nameOf, code).first?.get(0)
        guard known == name else { throw SchoolError.otherName(code: code, name: known ?? "?") }
        return false
      }
      let user = UUID.v7()
      let actor = Actor(
        districtID: code, userID: user, login: login, role: .districtAdmin, schoolID: nil)
      var statements = [Bound(insertUser, code, user, login)]
      for purpose in Purpose.standard {
        statements.append(
          Bound(insertPurpose, code, purpose.rawValue, purpose.name.zh, purpose.name.en))
      }
      for fund in FundKind.standard {
        statements += Funds.opening(fund, name: fund.name.zh, school: nil, district: code)
      }
      statements.append(
        Audit.statement(
          actor, "district.add", subject: "district", id: nil, after: ["code": code, "name": name]))
      _ = try session.batch(statements)
      return true
    }
  }

  private static let nameOf: SQL = "select name from district where district_id = $1"
  private static let list: SQL = "select district_id, name from list_districts()"

  package static func list(on platform: Platform) async throws -> [District] {
    try await platform.database.transaction(readOnly: true) { session in
      try session.query(list).map { District(code: try $0.get(0), name: try $0.get(1)) }
    }
  }
}
