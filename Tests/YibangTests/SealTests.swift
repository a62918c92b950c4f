import Foundation
import MerkleLog
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

extension TestDistrict {
  /// Two gifts, a payment and a reversal, sealed one by one; and one more gift, sealed last.
  func sealed() async throws -> [UUID] {
    let first = try await give(50_000)
    let second = try await give(7_000)
    let fund = try await Funds.fund(for: nil, school: school.id, in: admin)
    _ = try await Seals.seal(on: Self.today, in: admin)
    _ = try await Payments.pay(
      .init(
        fund: fund, purpose: .study, amount: Money(fen: 1_200), date: Self.today,
        semester: Self.autumn, note: "书包"), in: admin)
    _ = try await Giving.reverse(
      second, on: Self.today, semester: Self.autumn, reason: "重复登记", in: admin)
    _ = try await Seals.seal(on: Self.today, in: admin)
    let third = try await give(900)
    _ = try await Seals.seal(on: Self.today.adding(days: 1), in: admin)
    return [first, second, third]
  }

  /// Gifts to the ledger alone, many at a time.
  func post(_ count: Int) async throws {
    let fund = try await Funds.fund(for: nil, school: nil, in: admin)
    try await admin.write { session in
      let from = try Ledger.account(session, fund: fund, .source(.company))
      let to = try Ledger.account(session, fund: fund, .balance)
      let movements = (0..<count).map { number in
        Ledger.Movement(
          from: from, to: to, amount: Money(fen: Int64(number + 1)), date: Self.today,
          source: UUID.v7())
      }
      try Ledger.post(
        session, movements, kind: .donation, semester: Self.autumn, actor: admin.actor)
    }
  }

  func seal() async throws -> Seals.Made {
    try await Seals.seal(on: Self.today, in: admin)
  }
}

@Suite("Seals of the ledger")
struct SealTests {
  @Test("a seal holds every transfer, signs the root and names the seal before it")
  func sealing() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let seals = try await Seals.list(in: district.admin).reversed().map { $0 }
    #expect(seals.map(\.number) == [1, 2, 3])
    #expect(seals.map(\.size) == [2, 4, 5])
    let key = try await Seals.verifierKey(in: district.admin)
    for (place, seal) in seals.enumerated() {
      let text = try SignedNote(parsing: seal.checkpoint).verified(by: key)
      let checkpoint = try Checkpoint(parsing: text)
      #expect(checkpoint.origin == "yibang/\(district.code)")
      #expect(checkpoint.size == seal.size && checkpoint.root == seal.root)
      #expect(checkpoint.extensions.contains("date \(seal.date)"))
      let previous = place == 0 ? nil : MerkleHash.digest(Data(seals[place - 1].checkpoint.utf8))
      #expect(seal.previous == previous)
      #expect(checkpoint.extensions.contains("previous \(previous.map { "\($0)" } ?? "none")"))
    }
    let result = try await Seals.verify(in: district.admin)
    #expect(result.findings == [])
    #expect(result.transfers == 5 && result.seals == 3)
  }

  @Test("the root follows from the columns alone, in the documented way")
  func independentRoot() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    // SQL makes the canonical bytes here; the product makes them in Swift.
    let statement: SQL = """
      select convert_to(E'yibang/transfer/1\\n', 'UTF8') || string_agg(
          case when f.value is null then '\\xffffffff'::bytea
          else int4send(length(f.value)) || f.value end, ''::bytea order by f.place)
      from transfer t
      join seal_leaf l on l.district_id = t.district_id and l.transfer_id = t.id,
      lateral (values
        (1, textsend(t.district_id)), (2, uuid_send(t.id)), (3, uuid_send(t.fund_id)),
        (4, uuid_send(t.debit_account)), (5, uuid_send(t.credit_account)),
        (6, int8send(t.amount_fen)), (7, int4send(t.semester)), (8, textsend(t.kind)),
        (9, textsend(t.purpose)), (10, date_send(t.occurred_on)), (11, uuid_send(t.source_id)),
        (12, uuid_send(t.reverses)), (13, sha256(convert_to(t.note, 'UTF8'))),
        (14, uuid_send(t.actor_id)), (15, timestamptz_send(t.recorded_at))
      ) as f (place, value)
      where t.district_id = $1
      group by t.district_id, t.id, l.leaf_index
      order by l.leaf_index
      """
    let code = district.code
    let leaves: [[UInt8]] = try await TestPlatform.asOwner { session in
      try session.query(statement, code).map { try $0.get(0) }
    }
    var frontier = MerkleFrontier()
    for leaf in leaves { frontier.append(.leaf(leaf)) }
    #expect(frontier.size == 5)
    #expect(try await Seals.list(in: district.admin).first?.root == frontier.root)
  }

  @Test("a second seal with nothing new makes nothing")
  func nothingNew() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    let first = try await district.seal()
    let again = try await district.seal()
    #expect(first.added == 1 && again.added == 0)
    #expect(first.seal?.checkpoint == again.seal?.checkpoint)
    #expect(try await Seals.list(in: district.admin).count == 1)
  }

  @Test("sealing at once by eight, while gifts come in, seals each transfer once")
  func sealingAtOnce() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(1)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { try await district.seal().added } }
      for amount in 2...40 {
        group.addTask {
          _ = try await district.give(Int64(amount))
          return 0
        }
      }
      var added = try await group.reduce(0, +)
      added += try await district.seal().added
      #expect(added == 40)
    }
    let result = try await Seals.verify(in: district.admin)
    #expect(result.findings == [] && result.transfers == 40)
  }

  @Test("a transfer that was under way during a seal is taken by the next one")
  func transferUnderWay() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(1)
    let (recorded, record) = AsyncStream.makeStream(of: Void.self)
    let released = DispatchSemaphore(value: 0)
    let fund = try await Funds.fund(for: nil, school: nil, in: district.admin)
    async let slow: Void = district.admin.write { session in
      let movement = Ledger.Movement(
        from: try Ledger.account(session, fund: fund, .source(.company)),
        to: try Ledger.account(session, fund: fund, .balance), amount: Money(fen: 5),
        date: TestDistrict.today, source: UUID.v7())
      try Ledger.post(
        session, [movement], kind: .donation, semester: TestDistrict.autumn,
        actor: district.admin.actor)
      record.finish()
      released.wait()
    }
    for await _ in recorded {}
    // Recorded later, committed earlier.
    _ = try await district.give(2)
    #expect(try await district.seal().added == 2)
    released.signal()
    try await slow
    #expect(try await district.seal().added == 1)
    #expect(try await district.seal().added == 0)
    #expect(try await Seals.verify(in: district.admin).findings == [])
  }

  @Test("looking for unsealed transfers reads no old ones")
  func plan() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let code = district.code
    let lines: [String] = try await district.platform.database.transaction(
      settings: district.admin.settings + Seals.alongTheIndex
    ) { session in
      try session.query(
        SQL(trusted: "explain \(SealedLog.transfers.unsealed.text)"), code,
        PostgresTimestamp(microseconds: 0),
        UUID(), false, 10_000
      ).map { try $0.get(0) }
    }
    #expect(lines.contains { $0.contains("Index Scan using transfer_by_recorded") }, "\(lines)")
    #expect(lines.contains { $0.contains("Index Cond") && $0.contains("ROW(") }, "\(lines)")
    #expect(lines.contains { $0.contains("Index Scan using seal_leaf_transfer") }, "\(lines)")
    #expect(!lines.contains { $0.contains("Sort") }, "\(lines)")
  }

  @Test("only a district user who may seal can; a school's user cannot verify a part of the ledger")
  func permissions() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    func code(_ body: () async throws -> Void) async -> String? {
      (await failure(body) as? any YibangError)?.code
    }
    for (login, role) in [("auditor", Role.auditor), ("matcher", .matcher)] {
      _ = try await Users.add(
        login: login, name: login, role: role, school: nil, in: district.admin)
    }
    _ = try await Users.add(
      login: "principal", name: "p", role: .principal, school: district.school.id,
      in: district.admin)
    let auditor = try await district.asUser("auditor")
    let principal = try await district.asUser("principal")
    #expect(
      await code { _ = try await Seals.seal(on: TestDistrict.today, in: auditor) }
        == "access.forbidden")
    #expect(try await Seals.verify(in: auditor).findings == [])
    #expect(await code { _ = try await Seals.verify(in: principal) } == "seal.whole_district_only")
    let matcher = try await district.asUser("matcher")
    #expect(await code { _ = try await Seals.verify(in: matcher) } == "access.forbidden")
  }

  @Test(
    "the application's role can neither alter nor remove what is sealed or tells of looks",
    arguments: [
      "update seal set size = 1", "delete from seal", "update seal_leaf set leaf_index = 9",
      "delete from seal_leaf", "update seal_node set level = 8", "delete from seal_node",
      "update seal_key set verifier_key = 'x'", "delete from seal_key", "truncate seal_leaf",
      "update audit_leaf set leaf_index = 9", "delete from audit_leaf", "truncate audit",
      "update reveal set reason = 'xx'", "delete from reveal", "truncate reveal",
    ])
  func appendOnly(statement: String) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    _ = try await district.seal()
    let error = await failure {
      try await district.admin.write { try $0.script(SQL(trusted: statement)) }
    }
    guard case .privilege? = error as? PostgresError else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("a lost or exchanged key file is an error, never a new key")
  func lostKey() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    _ = try await district.seal()
    let path = "\(TestPlatform.directory)/seal-\(district.code).key"
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let kept = try Data(contentsOf: URL(filePath: path))
    _ = try await district.give(200)
    func code() async -> String? {
      (await failure { try await district.seal() } as? any YibangError)?.code
    }
    try FileManager.default.removeItem(atPath: path)
    #expect(await code() == "seal.key_lost")
    #expect(!FileManager.default.fileExists(atPath: path))
    try Data((Data(repeating: 5, count: 32).base64EncodedString() + "\n").utf8)
      .write(to: URL(filePath: path))
    #expect(await code() == "seal.other_key")
    try Data("x".utf8).write(to: URL(filePath: path))
    #expect(await code() == "vault.not_a_key")
    try kept.write(to: URL(filePath: path))
    #expect(try await district.seal().added == 1)
  }

  @Test("a seal is not dated before the last one")
  func dates() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.give(100)
    _ = try await district.seal()
    _ = try await district.give(100)
    let error = await failure {
      try await Seals.seal(on: TestDistrict.today.adding(days: -1), in: district.admin)
    }
    #expect((error as? any YibangError)?.code == "seal.earlier_than_last")
  }

  @Test("any two seals are consistent, over many subtrees, and other numbers are refused")
  func consistency() async throws {
    let district = try await TestDistrict.make()
    for count in [1, 254, 3, 600, 1, 5000] {
      try await district.post(count)
      _ = try await district.seal()
    }
    let seals = try await Seals.list(in: district.admin)
    #expect(seals.first?.size == 5859)
    for to in 2...6 {
      for from in 1..<to {
        let proof = try await Seals.consistency(from: from, to: to, in: district.admin)
        #expect(proof.proof.proves(proof.from.root, proof.to.root))
        #expect(proof.proof.from < proof.proof.to)
      }
    }
    for (from, to, expected) in [(2, 2, "seal.reversed"), (1, 7, "seal.unknown")] {
      let error = await failure {
        try await Seals.consistency(from: from, to: to, in: district.admin)
      }
      #expect((error as? any YibangError)?.code == expected)
    }
    #expect(try await Seals.verify(in: district.admin).findings == [])
  }

  @Test("what is published holds checkpoints and key, and a changed history is not written over it")
  func publishing() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.sealed()
    let folder = "\(TestPlatform.directory)/published-\(district.code)"
    let (written, kept) = try await Seals.publish(to: folder, in: district.admin)
    #expect(written.count == 4 && kept == 0)
    #expect(try await Seals.publish(to: folder, in: district.admin).kept == 4)
    let file = "\(folder)/checkpoint-000002.txt"
    let outside = try Seals.Outside.read(
      key: "\(folder)/verifier-key.txt", checkpoint: file, in: district.admin)
    #expect(outside.published?.size == 4)
    #expect(try await Seals.verify(outside, in: district.admin).findings == [])
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try Data(text.replacing("\n4\n", with: "\n3\n").utf8).write(to: URL(filePath: file))
    let error = await failure { try await Seals.publish(to: folder, in: district.admin) }
    #expect((error as? any YibangError)?.code == "seal.published_otherwise")
    let forged = await failure {
      try Seals.Outside.read(key: nil, checkpoint: file, in: district.admin)
    }
    #expect((forged as? any YibangError)?.code == "seal.not_a_checkpoint")
  }
}
