import Foundation
import MerkleLog
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// The owner of the schema can change every row of the trail. Each test that does so verifies from
/// within a transaction of its own, which is rolled back.
@Suite("Seals of the audit trail")
struct AuditSealTests {
  private func findings(
    _ district: TestDistrict, after statements: [String], outside: Seals.Outside = .init()
  ) async throws -> (findings: [SealFinding], days: [CalendarDate?]) {
    let code = district.code
    return try await TestPlatform.asOwner { session in
      try session.script("begin; set local session_replication_role = replica")
      defer { try? session.script("rollback") }
      for statement in statements { try session.script(SQL(trusted: statement)) }
      let result = try Seals.verify(session, district: code, outside)
      return (result.findings, result.findings.map { result.day(of: $0) })
    }
  }

  private func found(_ district: TestDistrict, after statement: String) async throws
    -> [SealFinding]
  {
    try await findings(district, after: [statement]).findings
  }

  /// The sealed rows in the order of the tree.
  private func entries(_ district: TestDistrict) async throws -> [UUID] {
    let code = district.code
    return try await TestPlatform.asOwner { session in
      try session.query(
        "select audit_id from audit_leaf where district_id = $1 order by leaf_index", code
      ).map { try $0.get(0) }
    }
  }

  private func row(_ district: TestDistrict, _ id: UUID) -> String {
    "where district_id = '\(district.code)' and id = '\(id.lowercase)'"
  }

  /// Three days: gifts on the first and the third, and on the second nothing but a user added.
  private func threeDays() async throws -> TestDistrict {
    let district = try await TestDistrict.make()
    _ = try await district.give(50_000)
    _ = try await Seals.seal(on: TestDistrict.today, in: district.admin)
    _ = try await Users.add(
      login: "auditor", name: "a", role: .auditor, school: nil, in: district.admin)
    _ = try await Seals.seal(on: TestDistrict.today.adding(days: 1), in: district.admin)
    _ = try await district.give(900)
    _ = try await Seals.seal(on: TestDistrict.today.adding(days: 2), in: district.admin)
    return district
  }

  @Test("each day's seal signs the trail too, also where no money moved, and names the seal before")
  func chain() async throws {
    let district = try await threeDays()
    let seals = try await Seals.list(in: district.admin).reversed().map { $0 }
    #expect(seals.map(\.number) == [1, 2, 3])
    #expect(seals.map(\.size) == [1, 1, 2])
    let sizes = seals.compactMap(\.entries)
    #expect(sizes.count == 3 && sizes[0] < sizes[1] && sizes[1] < sizes[2], "\(sizes)")
    let key = try await Seals.verifierKey(in: district.admin)
    for (place, seal) in seals.enumerated() {
      let text = try SignedNote(parsing: seal.checkpoint).verified(by: key)
      let line = try #require(try Checkpoint(parsing: text).extensions.last)
      #expect(line.hasPrefix("audit \(sizes[place]) "))
      let previous = place == 0 ? nil : MerkleHash.digest(Data(seals[place - 1].checkpoint.utf8))
      #expect(seal.previous == previous)
    }
    let result = try await Seals.verify(in: district.admin)
    #expect(result.findings == [] && result.transfers == 2 && result.entries == sizes[2])
    #expect(try await Doctor.examine(checks: Seals.checks, in: district.admin).isEmpty)
  }

  @Test("a district without any transfer has its trail sealed")
  func trailAlone() async throws {
    let district = try await TestDistrict.make()
    let made = try await district.seal()
    #expect(made.seal?.size == 0 && made.added == 0 && made.entries > 0)
    let again = try await district.seal()
    #expect(again.entries == 0 && again.seal?.number == 1, "the seal's own entry calls for none")
    #expect(try await Seals.verify(in: district.admin).findings == [])
    _ = try await district.give(100)
    #expect(try await district.seal().seal?.size == 1)
    #expect(try await Seals.verify(in: district.admin).findings == [])
    let published = try await Seals.consistency(from: 1, to: 2, in: district.admin)
    #expect(published.proof.proves(published.from.root, published.to.root))
  }

  @Test("the trail's root follows from the columns alone, in the documented way")
  func independentRoot() async throws {
    let district = try await threeDays()
    let statement: SQL = """
      select convert_to(E'yibang/audit/1\\n', 'UTF8') || string_agg(
          case when f.value is null then '\\xffffffff'::bytea
          else int4send(length(f.value)) || f.value end, ''::bytea order by f.place)
      from audit a
      join audit_leaf l on l.district_id = a.district_id and l.audit_id = a.id,
      lateral (values
        (1, textsend(a.district_id)), (2, uuid_send(a.id)), (3, uuid_send(a.school_id)),
        (4, timestamptz_send(a.at)), (5, uuid_send(a.actor_id)), (6, textsend(a.action)),
        (7, textsend(a.subject)), (8, uuid_send(a.subject_id)), (9, textsend(a.before::text)),
        (10, textsend(a.after::text))
      ) as f (place, value)
      where a.district_id = $1
      group by a.district_id, a.id, l.leaf_index
      order by l.leaf_index
      """
    let code = district.code
    let leaves: [[UInt8]] = try await TestPlatform.asOwner { session in
      try session.query(statement, code).map { try $0.get(0) }
    }
    var frontier = MerkleFrontier()
    for leaf in leaves { frontier.append(.leaf(leaf)) }
    let last = try #require(try await Seals.list(in: district.admin).first)
    #expect(last.trail?.root == frontier.root && last.entries == frontier.size)
  }

  @Test(
    "a row altered in any column is named, with its seal and the seal's day",
    arguments: [
      ("school_id", "gen_random_uuid()"), ("at", "at + interval '1 microsecond'"),
      ("actor_id", "gen_random_uuid()"), ("action", "action || 'x'"), ("subject", "'donor'"),
      ("subject_id", "gen_random_uuid()"), ("before", #"'{"a": "b"}'"#),
      ("after", #"'{"a": "b"}'"#),
    ])
  func altered(column: String, value: String) async throws {
    let district = try await threeDays()
    let ids = try await entries(district)
    let first = try #require(try await Seals.list(in: district.admin).last?.entries)
    for (leaf, seal) in [(0, 1), (first, 2), (ids.count - 1, 3)] {
      let result = try await findings(
        district, after: ["update audit set \(column) = \(value) \(row(district, ids[leaf]))"])
      #expect(
        result.findings == [.trail(.alteredRow(ids[leaf], leaf: leaf, seal: seal))], "\(column)")
      #expect(result.days == [TestDistrict.today.adding(days: seal - 1)])
      #expect(result.findings.first?.entry == ids[leaf] && result.findings.first?.transfer == nil)
    }
  }

  @Test("every column of the trail is in its leaf")
  func columns() async throws {
    let columns: [String] = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select column_name::text from information_schema.columns
        where table_schema = 'public' and table_name = 'audit' order by ordinal_position
        """
      ).map { try $0.get(0) }
    }
    // The transaction is the feed's, and counted anew where a backup is restored.
    #expect(columns == SealedLog.trail.columns + ["xact"])
  }

  @Test("a removed row, a moved one, and one put in among the sealed ones are found")
  func removedMovedInserted() async throws {
    let district = try await threeDays()
    let ids = try await entries(district)
    #expect(
      try await found(district, after: "delete from audit \(row(district, ids[2]))")
        == [.trail(.removedRow(ids[2], leaf: 2, seal: 1))])
    let (here, temporary) = ("where district_id = '\(district.code)'", UUID())
    let swap = [(ids[0], temporary), (ids[1], ids[0]), (temporary, ids[1])].map {
      "update audit set id = '\($0.1.lowercase)' \(row(district, $0.0))"
    }
    #expect(
      try await findings(district, after: swap).findings == [
        .trail(.alteredRow(ids[0], leaf: 0, seal: 1)),
        .trail(.alteredRow(ids[1], leaf: 1, seal: 1)),
      ])
    let leaves = [(0, 900), (1, 0), (900, 1)].map {
      "update audit_leaf set leaf_index = \($0.1) \(here) and leaf_index = \($0.0)"
    }
    let reordered = try await findings(district, after: leaves).findings
    #expect(reordered.first?.code == "trail_altered_together" && reordered.first?.seal == 1)
    let id = UUID()
    let insert = """
      insert into audit (district_id, id, school_id, at, actor_id, action, subject)
      select district_id, '\(id.lowercase)', school_id, at - interval '3 days', actor_id, action, subject
      from audit \(row(district, ids[0]))
      """
    #expect(try await found(district, after: insert) == [.trail(.insertedRow(id))])
    #expect(
      try await found(district, after: "delete from audit_leaf \(here) and leaf_index = 1").first
        == .trail(.missingLeaf(1, seal: 1)))
  }

  @Test("whoever cuts the trail back with its last seal is found by the published checkpoint")
  func cutBack() async throws {
    let district = try await threeDays()
    let seals = try await Seals.list(in: district.admin)
    let here = "where district_id = '\(district.code)'"
    let cut = [
      "delete from seal \(here) and number = 3", "delete from seal_leaf \(here) and leaf_index = 1",
      "delete from audit_leaf \(here) and leaf_index >= \(seals[1].entries ?? 0)",
    ]
    #expect(try await findings(district, after: cut).findings == [])
    var outside = Seals.Outside()
    outside.published = try Checkpoint(parsing: SignedNote(parsing: seals[0].checkpoint).text)
    let codes = try await findings(district, after: cut, outside: outside).findings.map(\.code)
    #expect(codes == ["not_as_published", "trail_not_as_published"])
    #expect(try await findings(district, after: [], outside: outside).findings == [])
  }

  @Test("sealing at once by eight, while others write, seals each row of the trail once")
  func atOnce() async throws {
    let district = try await TestDistrict.make()
    let entries = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { try await district.seal().entries } }
      for amount in 1...30 {
        group.addTask {
          _ = try await district.give(Int64(amount))
          return 0
        }
      }
      return try await group.reduce(0, +)
    }
    let last = try await district.seal()
    let result = try await Seals.verify(in: district.admin)
    #expect(result.findings == [] && result.entries == entries + last.entries)
    let ids = try await self.entries(district)
    #expect(Set(ids).count == ids.count && ids.count == result.entries)
  }

  @Test(
    "a seal from before the trail was sealed stays valid, and the next one takes the whole trail")
  func earlierSeals() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    let seal = try #require(try await district.seal().seal)
    // As it was written then: no word of the trail.
    let signer = try await district.platform.database.transaction(
      settings: district.admin.settings
    ) { try SealKey.signer($0, district: district.code, on: district.platform) }
    let checkpoint = try signer.sign(
      Checkpoint(
        origin: signer.name, size: seal.size, root: seal.root,
        extensions: Array(seal.lines.prefix(4))
      ).text)
    let code = district.code
    try await TestPlatform.asOwner { session in
      _ = try session.query(
        """
        update seal set checkpoint = $2, audit_size = null, audit_root = null, audit_frontier = null
        where district_id = $1
        """, code, checkpoint)
      _ = try session.query("delete from audit_leaf where district_id = $1", code)
    }
    let before = try await Seals.verify(in: district.admin)
    #expect(before.findings == [] && before.entries == 0)
    let next = try await district.seal()
    #expect(next.seal?.number == 2 && next.entries > 5)
    #expect(try await Seals.verify(in: district.admin).findings == [])
  }

  @Test("the doctor finds a broken chain and a trail without its last leaves")
  func doctor() async throws {
    let district = try await threeDays()
    let code = district.code
    let damages: [(SQL, String)] = [
      (
        "update seal set previous = sha256('x') where district_id = $1 and number = 2", "seal.chain"
      ),
      ("delete from seal where district_id = $1 and number = 2", "seal.chain"),
      (
        """
        delete from audit_leaf where district_id = $1 and leaf_index = (
          select max(leaf_index) from audit_leaf where district_id = $1
        )
        """, "seal.trail"
      ),
    ]
    for (damage, check) in damages {
      let broken: [String] = try await TestPlatform.asOwner { session in
        try session.script("begin")
        defer { try? session.script("rollback") }
        _ = try session.query(damage, code)
        return try Seals.checks.filter { try !session.query($0.sql, code).isEmpty }.map(\.code)
      }
      #expect(broken == [check])
    }
  }
}
