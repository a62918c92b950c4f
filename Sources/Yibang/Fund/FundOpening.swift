package import Foundation
import Postgres

extension Funds {
  /// A purpose as a district knows it.
  package struct PurposeRecord: Sendable, Codable {
    package let code: String
    package let name: Text
    /// The funds that pay for it, by name.
    package let funds: [String]
  }

  private static let insertPurposeOfDistrict: SQL = """
    insert into purpose (district_id, code, name_zh, name_en) values ($1, $2, $3, $4)
    on conflict (district_id, code) do nothing
    """
  private static let purposeList: SQL = """
    select p.code, p.name_zh, p.name_en,
      array_remove(array_agg(distinct f.name order by f.name), null)
    from purpose p
    left join fund_purpose l on l.district_id = p.district_id and l.purpose = p.code
    left join (
      select id, fund_shown(id, kind, name) as name from fund where district_id = $1
    ) as f on f.id = l.fund_id
    where p.district_id = $1
    group by p.code, p.name_zh, p.name_en
    order by p.code
    """
  private static let allowPurpose: SQL = """
    insert into fund_purpose (district_id, fund_id, purpose, fund_kind)
    select district_id, id, $3, kind from fund where district_id = $1 and id = $2
    on conflict (district_id, fund_id, purpose) do nothing
    """

  /// Adds a purpose that funds of the district can be opened for.
  /// - Throws: `FundError.purposeExists`.
  package static func addPurpose(
    code: String, name: Text, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.manageFunds)
    guard !code.isEmpty, !name.zh.isEmpty else { throw FundError.noPurpose }
    try await context.write { session in
      let added = try session.execute(
        insertPurposeOfDistrict, actor.districtID, code, name.zh, name.en)
      guard added == 1 else { throw FundError.purposeExists(code) }
      _ = try session.batch([
        Audit.statement(actor, "purpose.add", subject: "purpose", id: nil, after: ["code": code])
      ])
    }
  }

  package static func purposes(in context: Context) async throws -> [PurposeRecord] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(purposeList, context.actor.districtID).map { row in
        PurposeRecord(
          code: try row.get(0), name: Text(try row.get(1), try row.get(2)), funds: try row.get(3))
      }
    }
  }

  /// Opens a fund for some purposes: a restricted fund of the district's own, or a designated one
  /// with the donor's words as its name.
  /// - Returns: the fund.
  /// - Throws: `FundError.noPurpose`, `.fundExists`, `.unknownPurpose`, `.restrictedFund` for the
  ///   purposes of boarding or nutrition money.
  package static func open(
    name: String, kind: FundKind = .other, purposes: [Purpose], school: UUID?, key: String? = nil,
    in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.manageFunds)
    if let school { try actor.require(school: school) }
    let name = normalizeText(name)
    guard !name.isEmpty, !purposes.isEmpty else { throw FundError.noPurpose }
    let claim = IdempotencyKey(
      key, operation: "fund.open",
      request: [name, kind.rawValue, school?.uuidString] + purposes.map(\.rawValue))
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      guard
        try session.execute(insert, actor.districtID, id, school, kind.rawValue, name) == 1
      else { throw FundError.fundExists(name) }
      for purpose in purposes {
        try allow(purpose, fund: id, session, actor)
      }
      _ = try session.batch([
        Audit.statement(
          actor, "fund.open", subject: "fund", id: id, school: school,
          after: [
            "kind": kind.rawValue, "purposes": purposes.map(\.rawValue).joined(separator: " "),
          ])
      ])
      return id
    }
  }

  /// Lets a fund pay for one more purpose.
  /// - Throws: `FundError.unknownFund`, `.unknownPurpose`, `.restrictedFund`.
  package static func allow(
    _ purpose: Purpose, fund: UUID, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.manageFunds)
    try await context.write { session in
      try allow(purpose, fund: fund, session, actor)
      _ = try session.batch([
        Audit.statement(
          actor, "fund.allow", subject: "fund", id: fund, after: ["purpose": purpose.rawValue])
      ])
    }
  }

  private static let exists: SQL = "select 1 from fund where district_id = $1 and id = $2"

  private static func allow(
    _ purpose: Purpose, fund: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws {
    guard try session.query(exists, actor.districtID, fund).first != nil else {
      throw FundError.unknownFund(fund.uuidString.lowercased())
    }
    let statement = Bound(allowPurpose, actor.districtID, fund, purpose.rawValue)
    do {
      _ = try session.batch([statement])
    } catch .foreignKey {
      throw FundError.unknownPurpose(purpose.rawValue)
    } catch {
      throw Ledger.refusal(error)
    }
  }
}
