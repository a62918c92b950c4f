import Crypto
import Foundation
import Postgres
import Synchronization
import Testing

@testable import Yibang

@Suite("The keys that seal")
struct KeyRotationTests {
  @Test("the list of sealed columns is that of the schema")
  func columns() async throws {
    let schema: [String] = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select r.relname || '.' || a.attname from pg_attribute a
        join pg_class r on r.oid = a.attrelid
        where r.relnamespace = 'public'::regnamespace and r.relkind = 'r'
          and a.attname like '%\\_sealed' and not a.attisdropped
        """
      ).map { try $0.get(0) }
    }
    #expect(Set(schema) == Set(SealedColumn.all.map { "\($0.table).\($0.column)" }))
    #expect(schema.count == SealedColumn.all.count)
  }

  @Test("a rotation makes a new key, seals everything anew, and is in the trail of every district")
  func whole() async throws {
    let fixture = try await KeyFixture.make()
    let donors = try await fixture.donors(0..<30)
    #expect(try await fixture.counts() == [1: 60])
    let done = try await fixture.rotate()
    #expect(done == .init(key: 2, isNew: true, resealed: 60, left: 0))
    #expect(try await fixture.counts() == [1: 0, 2: 60])
    let mode = try FileManager.default.attributesOfItem(atPath: fixture.keyFile)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    for (number, donor) in donors.enumerated() {
      let read = try await fixture.read(donor, in: fixture.district.admin)
      #expect(read.phone == "139\(10_000_000 + number)" && read.address == "样路\(number)号")
    }
    // The hashes are those of before: a donor is found by its number.
    let mobile = try Mobile("13910000007")
    let found = try await Donors.find(DonorNumbers(mobile: mobile), in: fixture.district.admin)
    #expect(found.count == 1)
    let trail = try await Audit.list(in: fixture.district.admin).filter {
      $0.action == "key.rotate"
    }
    #expect(trail.count == 1 && trail[0].after?.contains("owner") == true)
    try await fixture.district.healthy()
    let second = try await fixture.rotate()
    #expect(second.key == 3 && second.isNew && second.resealed == 60)
    await fixture.platform.close()
  }

  @Test(
    "one that ends half-way leaves everything readable, and is brought to its end without a new key"
  )
  func resumed() async throws {
    let fixture = try await KeyFixture.make()
    let donors = try await fixture.donors(0..<250)
    let half = try await fixture.rotate(batches: 1)
    #expect(half.key == 2 && half.isNew && half.resealed == 200 && half.left == 300)
    let other = try await fixture.another()
    let context = Context(platform: other, actor: fixture.district.admin.actor)
    for donor in [donors[0], donors[249]] {
      #expect(try await fixture.read(donor, in: context).address != nil)
    }
    let rest = try await fixture.rotate()
    #expect(rest == .init(key: 2, isNew: false, resealed: 300, left: 0))
    #expect(try await fixture.counts() == [1: 0, 2: 500])
    await other.close()
    await fixture.platform.close()
  }

  @Test("while eight clients of two processes write and read, no value is lost, unreadable or old")
  func running() async throws {
    let fixture = try await KeyFixture.make()
    let donors = try await fixture.donors(0..<80)
    let other = try await fixture.another()
    let actor = fixture.district.admin.actor
    let isOver = Flag()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<8 {
        let platform = client.isMultiple(of: 2) ? fixture.platform : other
        let context = Context(platform: platform, actor: actor)
        let own = Array(donors[(client * 10)..<(client * 10 + 10)])
        group.addTask {
          var round = 0
          repeat {
            round += 1
            let donor = own[round % own.count]
            let address = "新路\(client)之\(round)"
            try await DonorReach.set(
              .letter(address: address), language: .zh, of: donor, in: context)
            let read = try await fixture.read(donor, in: context)
            #expect(read.address == address && read.phone != nil)
          } while !isOver.isSet || round < 20
          for donor in own {
            #expect(try await fixture.read(donor, in: context).address != nil)
          }
        }
      }
      group.addTask {
        for key in 2...4 {
          let done = try await fixture.rotate()
          #expect(done.key == key || !done.isNew)
        }
        isOver.set()
      }
      try await group.waitForAll()
    }
    // What came late, under the key that its transaction began with.
    var counts = try await fixture.counts()
    while counts.values.count(where: { $0 > 0 }) > 1 {
      _ = try await fixture.rotate()
      counts = try await fixture.counts()
    }
    #expect(counts.values.max() == 160)
    #expect(counts[try #require(counts.keys.max())] == 160)
    await other.close()
    await fixture.platform.close()
  }

  @Test("a key goes when nothing is left under it; an older copy of the file is refused then")
  func retired() async throws {
    let fixture = try await KeyFixture.make()
    let donors = try await fixture.donors(0..<3)
    let before = try Data(contentsOf: URL(filePath: fixture.keyFile))
    func refusal(_ id: Int, after seconds: Int = Keys.retireAfterSeconds) async -> String? {
      await code { try await fixture.keys { try await $0.retire(id, afterSeconds: seconds) } }
    }
    #expect(await refusal(1) == "key.current")
    #expect(await refusal(9) == "key.unknown")
    _ = try await fixture.rotate(batches: 1)
    #expect(await refusal(1) == "key.too_early")
    #expect(await refusal(1, after: 0) == "key.in_use")
    _ = try await fixture.rotate()
    #expect(await refusal(1, after: 0) == nil)
    #expect(await refusal(1, after: 0) == "key.unknown")
    let keys = try await fixture.keys { try await $0.list() }
    #expect(keys.map(\.current) == [false, true] && keys[0].retiredAt != nil)
    let other = try await fixture.another()
    let context = Context(platform: other, actor: fixture.district.admin.actor)
    #expect(try await fixture.read(donors[1], in: context).phone == "13910000001")
    let mobile = try Mobile("13910000001")
    #expect(try await Donors.find(DonorNumbers(mobile: mobile), in: context).count == 1)
    await other.close()

    let now = try Data(contentsOf: URL(filePath: fixture.keyFile))
    try before.write(to: URL(filePath: fixture.keyFile))
    #expect(await code { try await fixture.another() } == "vault.keys_missing")
    let stranger = KeyRing(first: Data(repeating: 7, count: 32)).adding(2)
    try Data(stranger.text.utf8).write(to: URL(filePath: fixture.keyFile))
    #expect(await code { try await fixture.another() } == "vault.other_key")
    // A running process does not take up another installation's keys either.
    let kept = try Self.vault(fixture.platform)
    #expect(kept == "vault.other_key")
    try now.write(to: URL(filePath: fixture.keyFile))
    #expect(try Self.vault(fixture.platform) == nil)
    await fixture.platform.close()
  }

  private static func vault(_ platform: Platform) throws -> String? {
    do {
      _ = try platform.vault.seal([1], at: SealedPlace("donor", UUID(), "private"))
      return nil
    } catch let error as VaultError {
      return error.code
    }
  }

  @Test("a value in another row or column, altered or of an unknown key does not open")
  func moved() async throws {
    let vault = try await TestPlatform.ready().vault
    let place = SealedPlace("student", UUID(), "private")
    var sealed = try vault.seal(Array("样例".utf8), at: place)
    #expect(try vault.open(sealed, at: place) == Array("样例".utf8))
    for other in [
      SealedPlace("student", UUID(), "private"), SealedPlace("guardian", place.id, "private"),
      SealedPlace("student", place.id, "changed"),
    ] {
      #expect(await code { try vault.open(sealed, at: other) } == "vault.does_not_open")
    }
    sealed[3] = 99
    #expect(await code { try vault.open(sealed, at: place) } == "vault.unknown_key")
    sealed[3] = 1
    sealed[20] ^= 1
    #expect(await code { try vault.open(sealed, at: place) } == "vault.does_not_open")
    #expect(await code { try vault.open([0, 0, 0, 1], at: place) } == "vault.does_not_open")
    #expect(try vault.open([], at: place) == [])
  }

  @Test(
    "a key file that is none is refused",
    arguments: [
      "yibang keys\n", "yibang keys\nhash AAAA\n", "x", "",
      "yibang keys\nkey 1 \(String(repeating: "A", count: 43))=\n",
    ])
  func damaged(text: String) {
    #expect(KeyRing(text: text) == nil)
  }

  @Test("a ring is read as it was written, and the first file's one secret is key 1")
  func ring() throws {
    let secret = Data(repeating: 3, count: 32)
    let first = try #require(KeyRing(text: secret.base64EncodedString() + "\n"))
    #expect(first == KeyRing(first: secret) && first.current == 1)
    let longer = first.adding(2).adding(5)
    #expect(KeyRing(text: longer.text) == longer && longer.current == 5)
    #expect(longer.removing(1).hashDigest == first.hashDigest)
    #expect(longer.digests[1] == first.hashDigest)
  }

  @Test("the doctor finds a value whose key nobody has")
  func unknownKey() async throws {
    let fixture = try await KeyFixture.make()
    let donor = try await fixture.donors(0..<1)[0]
    try await fixture.district.change(
      """
      update donor set private_sealed = '\\x00000063'::bytea || substring(private_sealed from 5)
      where district_id = $1 and id = $2
      """, donor)
    let findings = try await Doctor.examine(checks: Keys.checks, in: fixture.district.admin)
    #expect(findings.map(\.check) == ["keys.known"])
    #expect(findings.first?.rows.first?.subject == "donor.private_sealed key 99")
    await fixture.platform.close()
  }
}

/// Set once.
final class Flag: Sendable {
  private let value = Atomic(false)
  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}
