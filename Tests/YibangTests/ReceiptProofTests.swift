import Foundation
import MerkleLog
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Receipts that anybody can verify")
struct ReceiptProofTests {
  private func text(_ receipt: ReceiptProof) throws -> String {
    String(decoding: try receipt.file, as: UTF8.self)
  }

  @Test("a receipt proves its gift with nothing but the file and the published key")
  func proof() async throws {
    let district = try await TestDistrict.make()
    let gifts = try await district.sealed()
    let key = try await Seals.verifierKey(in: district.admin)
    for (gift, fen) in zip(gifts, [50_000, 7_000, 900] as [Int64]) {
      let receipt = try await Seals.receipt(of: gift, in: district.officer)
      let facts = try ReceiptProof.verify(try text(receipt), key: key)
      #expect(facts.gift.amountFen == fen && facts.isKeyGiven)
      #expect(facts.size == 5 && facts.seal == 3)
      #expect(facts.gift.date == CalendarDate("2026-09-10"))
      #expect(facts.gift.donor == "试*师" && facts.gift.fund == "爱心基金")
      #expect(try !text(receipt).contains("试教师"))
      #expect(try ReceiptProof.verify(try text(receipt), key: nil).isKeyGiven == false)
    }
    let stranger = try NoteSigner(name: key.name, seed: Data(repeating: 3, count: 32)).publicKey
    let receipt = try text(try await Seals.receipt(of: gifts[0], in: district.admin))
    #expect(throws: ReceiptProofError.self) { try ReceiptProof.verify(receipt, key: stranger) }
  }

  @Test("receipts from deep inside and from the edge of a large tree verify")
  func largeTree() async throws {
    let district = try await TestDistrict.make()
    var gifts = [try await district.give(11)]
    for count in [255, 700, 3_000] {
      try await district.post(count)
      gifts.append(try await district.give(12))
      _ = try await district.seal()
    }
    for gift in gifts {
      let receipt = try await Seals.receipt(of: gift, in: district.admin)
      #expect(try ReceiptProof.verify(try text(receipt), key: nil).size == 3_959)
    }
  }

  @Test("no byte of a receipt can be altered so that it is accepted with other facts")
  func everyByte() async throws {
    let district = try await TestDistrict.make()
    let gifts = try await district.sealed()
    let key = try await Seals.verifierKey(in: district.admin)
    let receipt = try await Seals.receipt(of: gifts[1], in: district.admin)
    let facts = try ReceiptProof.verify(try text(receipt), key: key)
    var bytes = [UInt8](try receipt.file)
    var accepted = 0
    for place in bytes.indices {
      let kept = bytes[place]
      for altered in [kept ^ 1, kept ^ 0x20, kept ^ 0x80, UInt8(ascii: "0"), UInt8(ascii: " ")]
      where altered != kept {
        bytes[place] = altered
        guard let text = String(validating: bytes, as: UTF8.self) else { continue }
        if let found = try? ReceiptProof.verify(text, key: key) {
          accepted += 1
          #expect(found == facts, "byte \(place): \(kept) as \(altered)")
          #expect([0x20, 0x09, 0x0A, 0x0D].contains(kept), "byte \(place) was not looked at")
        }
      }
      bytes[place] = kept
    }
    #expect(accepted < 600, "only white space between the values may differ")
  }

  @Test("a file cut anywhere is refused")
  func cut() async throws {
    let district = try await TestDistrict.make()
    let gifts = try await district.sealed()
    let bytes = [UInt8](try await Seals.receipt(of: gifts[0], in: district.admin).file)
    for end in stride(from: 0, to: bytes.count - 2, by: 7) {
      let part = String(decoding: bytes[..<end], as: UTF8.self)
      #expect(throws: ReceiptProofError.self) { try ReceiptProof.verify(part, key: nil) }
    }
  }

  @Test("a receipt put together from two, or with another amount, is refused")
  func mixed() async throws {
    let district = try await TestDistrict.make()
    let gifts = try await district.sealed()
    let one = try await Seals.receipt(of: gifts[0], in: district.admin)
    let other = try await Seals.receipt(of: gifts[2], in: district.admin)
    func refusal(_ change: (inout ReceiptProof) -> Void) async throws -> String? {
      var receipt = one
      change(&receipt)
      let text = try text(receipt)
      let error = await failure { try ReceiptProof.verify(text, key: nil) }
      return (error as? any YibangError)?.code
    }
    #expect(try await refusal { _ in } == nil)
    #expect(try await refusal { $0.gift = other.gift } == "receipt.other_facts")
    #expect(try await refusal { $0.gift.amountFen += 1 } == "receipt.other_facts")
    #expect(try await refusal { $0.gift.donor = "别人" } == "receipt.other_facts")
    #expect(try await refusal { $0.gift.fund = "一帮一" } == "receipt.other_facts")
    #expect(try await refusal { $0.gift.sentence.zh += "。" } == "receipt.other_facts")
    #expect(try await refusal { $0.leaf = other.leaf } == "receipt.other_facts")
    #expect(try await refusal { $0.leaf.index += 1 } == "receipt.inclusion")
    #expect(try await refusal { $0.leaf.index = -1 } == "receipt.inclusion")
    #expect(try await refusal { $0.inclusion = other.inclusion } == "receipt.inclusion")
    #expect(try await refusal { $0.inclusion.append($0.inclusion[0]) } == "receipt.inclusion")
    #expect(try await refusal { $0.statement = other.statement } == "receipt.other_facts")
    #expect(try await refusal { $0.checkpoint = $0.statement } == "receipt.signature")
    #expect(try await refusal { $0.statement = $0.checkpoint } == "receipt.other_facts")
    #expect(
      try await refusal {
        $0.gift = other.gift
        $0.leaf = other.leaf
        $0.inclusion = other.inclusion
      } == "receipt.other_facts")
    let twice = try text(one).replacing(
      "{\n  \"checkpoint\"", with: "{\"gift\":1,\n \"checkpoint\"")
    #expect(throws: ReceiptProofError.self) { try ReceiptProof.verify(twice, key: nil) }
  }

  @Test("an anonymous donor has no name in the receipt")
  func anonymous() async throws {
    let district = try await TestDistrict.make()
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "不愿具名公司", anonymous: true), school: district.school.id,
      in: district.admin)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    let gift = try await Giving.record(
      .init(
        donor: donor, fund: fund, school: district.school.id, semester: TestDistrict.autumn,
        amount: Money(fen: 100), receivedOn: TestDistrict.today), in: district.admin
    ).id
    _ = try await district.seal()
    let receipt = try await Seals.receipt(of: gift, in: district.admin)
    #expect(receipt.gift.donor == "匿名")
    #expect(try !text(receipt).contains("不愿具名"))
  }

  @Test("an unsealed or unknown donation, and one of another school, has no proof")
  func noProof() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(100)
    func code(_ gift: UUID, _ context: Context) async -> String? {
      (await failure { try await Seals.receipt(of: gift, in: context) } as? any YibangError)?.code
    }
    #expect(await code(gift, district.admin) == "seal.not_sealed_yet")
    _ = try await district.seal()
    #expect(await code(gift, district.admin) == nil)
    #expect(await code(UUID(), district.admin) == "giving.unknown_donation")
    #expect(await code(gift, district.otherOfficer) == "giving.unknown_donation")
    #expect(await code(try await district.give(200), district.admin) == "seal.not_sealed_yet")
  }

  @Test("an altered transfer gets no receipt")
  func alteredTransfer() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(100)
    _ = try await district.seal()
    let code = district.code
    try await TestPlatform.asOwner { session in
      _ = try session.query("update transfer set amount_fen = 101 where district_id = $1", code)
    }
    let error = await failure { try await Seals.receipt(of: gift, in: district.admin) }
    #expect((error as? any YibangError)?.code == "seal.damaged")
  }
}
