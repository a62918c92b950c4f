import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("What row-level security keeps from the roles that see least")
struct RolePolicyTests {
  // One row a table that the application's role may read: how many rows there are to be seen.
  private static let seen: SQL = """
    select c.relname::text, (xpath('//n/text()', query_to_xml(
      format('select count(*) as n from %I', c.relname), false, true, ''
    )))[1]::text::int8
    from pg_class c
    join pg_policy o on o.polrelid = c.oid and o.polname = 'tenant'
    where c.relnamespace = 'public'::regnamespace and has_table_privilege(c.oid, 'select')
    """

  /// By table, what an actor's transactions see.
  private static func rows(
    _ actor: Yibang.Actor, _ platform: Platform
  ) async throws -> [String: Int] {
    let settings = Context(platform: platform, actor: actor).settings
    return try await platform.database.transaction(readOnly: true, settings: settings) { session in
      var rows: [String: Int] = [:]
      for row in try session.query(seen) { rows[try row.get(0)] = try row.get(1) as Int }
      return rows.filter { $0.value > 0 }
    }
  }

  /// A pairing, of which money came in, and gifts and sponsors besides.
  private static func make() async throws -> (district: TestDistrict, donor: UUID) {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.pay(pairing, 40_000)
    _ = try await district.give(5_000)
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "别人"))
    let donor: UUID = try await district.admin.read { session in
      try session.query("select donor_id from pairing where id = $1", pairing)[0].get(0)
    }
    let gift = try await district.gift(of: donor, 7_000)
    for gift in [gift, try await district.give(100)] {
      _ = try await Receipts.issue(
        .init(.donation(gift), on: TestDistrict.today), in: district.admin)
    }
    return (district, donor)
  }

  private static func actor(
    _ role: Role, _ district: TestDistrict, school: UUID? = nil, donor: UUID? = nil
  ) -> Yibang.Actor {
    Yibang.Actor(
      districtID: district.code, userID: UUID.v7(), login: "x", role: role, schoolID: school,
      donorID: donor)
  }

  @Test("a sponsor's transaction finds the own gifts and pairing, and of all else nothing")
  func sponsor() async throws {
    let (district, donor) = try await Self.make()
    let all = try await Self.rows(district.admin.actor, district.platform)
    #expect(all["donation"] == 3 && all["receipt"] == 2 && all["offer"] == 2 && all["student"] == 1)
    let own = try await Self.rows(
      Self.actor(.sponsor, district, donor: donor), district.platform)
    let common = own.keys.filter {
      [
        "district", "school", "semester", "purpose", "rule_set", "idempotency", "notice", "fund",
      ].contains($0)
    }
    let kept = own.filter { !common.contains($0.key) }
    #expect(
      kept == [
        "commitment": 1, "donation": 1, "donor": 1, "instalment": 6, "instalment_receipt": 1,
        "offer": 1, "pairing": 1, "receipt": 1, "student": 1, "transfer": 2,
      ])
    let nobody = try await Self.rows(Self.actor(.sponsor, district), district.platform)
    #expect(nobody.keys.allSatisfy { common.contains($0) })
    let stranger = try await Self.rows(
      Self.actor(.sponsor, district, donor: UUID()), district.platform)
    #expect(stranger.keys.allSatisfy { common.contains($0) })
  }

  @Test("an assessor's transaction finds the school's pupils, and nothing of money")
  func assessor() async throws {
    let (district, _) = try await Self.make()
    let school = district.school.id
    let officer = try await Self.rows(district.officer.actor, district.platform)
    let assessor = try await Self.rows(
      Self.actor(.assessor, district, school: school), district.platform)
    #expect(officer["transfer"] != nil && officer["donation"] == 3 && officer["pairing"] == 1)
    #expect(assessor["student"] == 1 && assessor["recognition"] == 1)
    let money = officer.keys.filter { assessor[$0] == nil }.sorted()
    #expect(
      money == [
        "account", "account_semester", "commitment", "donation", "donor", "fund", "fund_purpose",
        "instalment", "instalment_receipt", "message", "offer", "pairing", "payout", "receipt",
        "transfer",
      ])
  }
}
