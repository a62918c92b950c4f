import Foundation
import MerkleLog
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// The owner of the schema can change every row. Each test does so in a transaction of its own, which
/// is verified from within and rolled back.
@Suite("What the seals notice")
struct SealTamperTests {
  private func findings(
    _ district: TestDistrict, after statements: [String], outside: Seals.Outside = .init()
  ) async throws -> [SealFinding] {
    let code = district.code
    return try await TestPlatform.asOwner { session in
      try session.script("begin; set local session_replication_role = replica")
      defer { try? session.script("rollback") }
      for statement in statements { try session.script(SQL(trusted: statement)) }
      return try Seals.verify(session, district: code, outside).findings
    }
  }

  /// The sealed transfers in the order of the tree.
  private func leaves(_ district: TestDistrict) async throws -> [UUID] {
    let code = district.code
    return try await TestPlatform.asOwner { session in
      try session.query(
        "select transfer_id from seal_leaf where district_id = $1 order by leaf_index", code
      ).map { try $0.get(0) }
    }
  }

  private func place(_ district: TestDistrict, leaf: Int) -> String {
    "where district_id = '\(district.code)' and leaf_index = \(leaf)"
  }

  private func row(_ district: TestDistrict, _ id: UUID) -> String {
    "where district_id = '\(district.code)' and id = '\(id.lowercase)'"
  }

  /// The columns of a table with another value of their type for each.
  private func otherValues(_ table: String) async throws -> [(column: String, value: String)] {
    let columns: [(String, String)] = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select column_name::text, data_type::text from information_schema.columns
        where table_schema = 'public' and table_name = $1
        """, table
      ).map { (try $0.get(0), try $0.get(1)) }
    }
    return columns.map { name, type in
      switch type {
      case "uuid": (name, "gen_random_uuid()")
      case "bytea": (name, "set_byte(\(name), 0, get_byte(\(name), 0) # 1)")
      case "text":
        switch name {
        case "kind": (name, "case kind when 'donation' then 'instalment' else 'donation' end")
        case "district_id": (name, "'990000'")
        default: (name, "coalesce(\(name), '') || 'x'")
        }
      case "timestamp with time zone": (name, "\(name) + interval '1 microsecond'")
      default: (name, "\(name) + 1")
      }
    }
  }

  @Test("every column of a transfer is in its leaf")
  func columnsAreCovered() async throws {
    let columns = try await otherValues("transfer").map(\.column)
    #expect(Set(columns) == Set(SealedLog.transfers.columns))
  }

  @Test("a transfer altered in any column, in any row, is found and named")
  func everyColumn() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let transfers = try await leaves(district)
    for (column, value) in try await otherValues("transfer") {
      var altered = 0
      for (leaf, id) in transfers.enumerated() {
        let statement = "update transfer set \(column) = \(value) \(row(district, id))"
        let found: [SealFinding]
        do {
          found = try await findings(district, after: [statement])
        } catch PostgresError.check {
          continue  // A reversal cannot become a donation, nor the other way round.
        }
        altered += 1
        #expect(found.first?.transfer == id, "\(column) of \(leaf): \(found)")
        #expect(found.first?.leaf == leaf, "\(column)")
        #expect(found.first?.seal == [1, 1, 2, 2, 3][leaf], "\(column)")
        let isMoved = ["id", "district_id"].contains(column)
        #expect(found.first?.code == (isMoved ? "removed_transfer" : "altered_transfer"))
      }
      #expect(altered > 0, "no row of \(column) could be altered")
    }
  }

  @Test("null and an empty text are two things", arguments: ["note", "purpose"])
  func nullAndEmpty(column: String) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let first = try await leaves(district)[0]
    let found = try await findings(
      district, after: ["update transfer set \(column) = '' \(row(district, first))"])
    #expect(found == [.alteredRow(first, leaf: 0, seal: 1)])
  }

  @Test("a single flipped bit of a note is found")
  func flippedBit() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let payment = try await leaves(district)[2]
    let flip = """
      update transfer set note = convert_from(
        set_byte(convert_to(note, 'UTF8'), 2, get_byte(convert_to(note, 'UTF8'), 2) # 1), 'UTF8')
      """
    let found = try await findings(district, after: ["\(flip) \(row(district, payment))"])
    #expect(found == [.alteredRow(payment, leaf: 2, seal: 2)])
  }

  @Test("the first of several altered rows comes first, and all are named")
  func several() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let ids = try await leaves(district)
    let found = try await findings(
      district,
      after: [4, 1].map { "update transfer set amount_fen = 1 \(row(district, ids[$0]))" })
    #expect(
      found == [
        .alteredRow(ids[1], leaf: 1, seal: 1), .alteredRow(ids[4], leaf: 4, seal: 3),
      ])
  }

  @Test("a removed transfer is found, and so is one that takes another's place")
  func removedAndSwapped() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let ids = try await leaves(district)
    #expect(
      try await findings(district, after: ["delete from transfer \(row(district, ids[3]))"])
        == [.removedRow(ids[3], leaf: 3, seal: 2)])
    let temporary = UUID()
    let swap = [(ids[0], temporary), (ids[1], ids[0]), (temporary, ids[1])].map {
      "update transfer set id = '\($0.1.lowercase)' \(row(district, $0.0))"
    }
    #expect(
      try await findings(district, after: swap)
        == [
          .alteredRow(ids[0], leaf: 0, seal: 1), .alteredRow(ids[1], leaf: 1, seal: 1),
        ])
  }

  @Test("a transfer put in among the sealed ones is found by its time, with or without a leaf")
  func inserted() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let ids = try await leaves(district)
    let id = UUID()
    func insert(_ recorded: String) -> String {
      """
      insert into transfer
      select district_id, '\(id.lowercase)', fund_id, debit_account, credit_account, amount_fen, semester,
        kind, purpose, occurred_on, source_id, reverses, note, actor_id, \(recorded)
      from transfer \(row(district, ids[0]))
      """
    }
    let old = insert("recorded_at - interval '2 days'")
    #expect(try await findings(district, after: [old]) == [.insertedRow(id)])
    // What came in since the horizon is not late: the next seal takes it.
    #expect(try await findings(district, after: [insert("recorded_at")]) == [])
    let leaf =
      "insert into seal_leaf values ('\(district.code)', 5, '\(id.lowercase)', sha256('x'))"
    #expect(try await findings(district, after: [old, leaf]) == [.addedLeaf(id, leaf: 5)])
  }

  @Test("an altered, removed or moved leaf is found, and told from an altered transfer")
  func leafRows() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let ids = try await leaves(district)
    let other = "hash = set_byte(hash, 9, get_byte(hash, 9) # 4)"
    #expect(
      try await findings(
        district, after: ["update seal_leaf set \(other) \(place(district, leaf: 1))"])
        == [.alteredLeaf(ids[1], leaf: 1, seal: 1)])
    #expect(
      try await findings(district, after: ["delete from seal_leaf \(place(district, leaf: 3))"])
        .first == .missingLeaf(3, seal: 2))
    #expect(
      try await findings(
        district, after: ["delete from seal_leaf where district_id = '\(district.code)'"]
      ).prefix(2) == [.missingLeaf(0, seal: 1), .missingLeaf(1, seal: 1)])
    let found = try await findings(
      district, after: ["update seal_leaf set leaf_index = 77 \(place(district, leaf: 4))"])
    #expect(
      found.contains(.missingLeaf(4, seal: 3)) && found.contains(.addedLeaf(ids[4], leaf: 77)))
  }

  @Test(
    "a transfer altered together with its leaf, and leaves that change places, fail at the root")
  func alteredTogether() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let ids = try await leaves(district)
    let code = district.code
    // The owner computes the leaf's hash anew, as the program would.
    let forged: String = try await TestPlatform.asOwner { session in
      let rows = try session.query(
        """
        select t.district_id, t.id, t.fund_id, t.debit_account, t.credit_account, 5::int8,
          t.semester, t.kind, t.purpose, t.occurred_on, t.source_id, t.reverses,
          sha256(convert_to(t.note, 'UTF8')), t.actor_id, t.recorded_at
        from transfer t where t.district_id = $1 and t.id = $2
        """, code, ids[2])
      var leaf = LeafBytes(of: .transfers)
      leaf.load(rows[0], from: 0)
      return "\(leaf.hash)"
    }
    let together = [
      "update transfer set amount_fen = 5 \(row(district, ids[2]))",
      "update seal_leaf set hash = '\\x\(forged)' \(place(district, leaf: 2))",
    ]
    #expect(
      try await findings(district, after: together) == [
        .alteredTogether(first: 2, last: 3, seal: 2)
      ])
    let swap = [(2, 90), (3, 2), (90, 3)].map {
      "update seal_leaf set leaf_index = \($0.1) \(place(district, leaf: $0.0))"
    }
    #expect(
      try await findings(district, after: swap) == [.alteredTogether(first: 2, last: 3, seal: 2)])
  }

  @Test("every column of a seal is bound by its signature or by the chain")
  func sealRows() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    for number in 1...3 {
      for (column, value) in try await otherValues("seal") {
        let other =
          switch column {
          case "checkpoint": "replace(checkpoint, 'date', 'Date')"
          case "size": "size + 100"
          default: value
          }
        let statement = """
          update seal set \(column) = \(other)
          where district_id = '\(district.code)' and number = \(number)
          """
        // The first seal has no previous one; two seals cannot have one number.
        guard !(column == "previous" && number == 1), !(column == "number" && number < 3) else {
          continue
        }
        let found = try await findings(district, after: [statement])
        #expect(!found.isEmpty, "\(column) of seal \(number)")
        if column == "checkpoint" {
          #expect(found.first?.code == "forged_checkpoint" && found.first?.seal == number)
        }
        let bound = [
          "size", "root", "sealed_on", "frontier", "horizon", "audit_size", "audit_root",
          "audit_frontier",
        ]
        if bound.contains(column) {
          #expect(found == [.alteredSeal(number)], "\(column) of seal \(number): \(found)")
        }
      }
    }
    let removed = "delete from seal where district_id = '\(district.code)' and number = 2"
    #expect(try await findings(district, after: [removed]) == [.missingSeal(2)])
  }

  @Test("an altered inner node and an altered or removed key are found")
  func nodesAndKey() async throws {
    let district = try await TestDistrict.make()
    try await district.post(700)
    _ = try await district.seal()
    let here = "where district_id = '\(district.code)'"
    let other = "hash = set_byte(hash, 0, get_byte(hash, 0) # 1)"
    #expect(
      try await findings(
        district, after: ["update seal_node set \(other) \(here) and node_index = 1"])
        == [.alteredNode(level: 8, index: 1)])
    #expect(
      try await findings(district, after: ["delete from seal_node \(here) and node_index = 0"])
        == [.alteredNode(level: 8, index: 0)])
    #expect(
      try await findings(district, after: ["delete from seal_key \(here)"]).first == .noKey)
  }

  @Test("who rewrites everything and signs it with a key of his own is found by the key outside")
  func rewritten() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    let seal = try #require(try await district.seal().seal)
    let forger = try NoteSigner(
      name: "yibang/\(district.code)", seed: Data(repeating: 9, count: 32))
    let body = try SignedNote(parsing: seal.checkpoint).text
    let here = "where district_id = '\(district.code)'"
    let statements = [
      "update seal_key set verifier_key = '\(forger.publicKey)' \(here)",
      "update seal set checkpoint = '\(try forger.sign(body))' \(here)",
    ]
    #expect(try await findings(district, after: statements) == [])
    var outside = try Seals.Outside.read(key: nil, checkpoint: nil, in: district.admin)
    #expect(outside.key != nil, "the key file is known to the command")
    let codes = try await findings(district, after: statements, outside: outside).map(\.code)
    #expect(codes == ["other_key", "forged_checkpoint"])
    outside.key = nil
    outside.published = Checkpoint(
      origin: "yibang/\(district.code)", size: 1, root: .leaf([1]))
    #expect(
      try await findings(district, after: [], outside: outside) == [.notAsPublished(size: 1)])
  }

  @Test("a log cut back to an earlier seal is found with a checkpoint that was published")
  func cutBack() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let last = try #require(try await Seals.list(in: district.admin).first)
    let here = "where district_id = '\(district.code)'"
    let cut = [
      "delete from seal \(here) and number = 3", "delete from seal_leaf \(here) and leaf_index = 4",
      """
      delete from audit_leaf \(here) and leaf_index >= (
        select audit_size from seal \(here) and number = 2
      )
      """,
    ]
    #expect(try await findings(district, after: cut) == [])
    var outside = Seals.Outside()
    outside.published = try Checkpoint(parsing: try SignedNote(parsing: last.checkpoint).text)
    #expect(
      try await findings(district, after: cut, outside: outside) == [
        .notAsPublished(size: 5), .trail(.notAsPublished(size: last.entries ?? 0)),
      ])
    #expect(try await findings(district, after: [], outside: outside) == [])
  }

  @Test("one altered row among thousands is named")
  func oneOfThousands() async throws {
    let district = try await TestDistrict.make()
    try await district.post(6_000)
    _ = try await district.seal()
    try await district.post(4_000)
    _ = try await district.seal()
    let ids = try await leaves(district)
    #expect(ids.count == 10_000)
    for leaf in [0, 255, 256, 5_999, 6_000, 8_191, 8_192, 9_999] {
      let statement = "update transfer set amount_fen = amount_fen + 1 \(row(district, ids[leaf]))"
      #expect(
        try await findings(district, after: [statement])
          == [.alteredRow(ids[leaf], leaf: leaf, seal: leaf < 6_000 ? 1 : 2)])
    }
  }
}
