import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("receipts, seals, the trail and the doctor over HTTP")
struct ReceiptRouteTests {
  @Test("a receipt is issued once, reissued, voided and found in the register")
  func receipts() async throws {
    let district = try await TestDistrict.make()
    let auditor = try await PaymentBatchTests.user("aud", .auditor, district)
    let api = try await TestAPI(district, others: [auditor])
    let gift = try await district.give(5_000)
    let issue: JSONValue = ["donation": .id(gift), "handler": "经办甲"]
    try await api.post("/receipts", issue, as: "aud").expect(403, "access.forbidden")
    let first = try await api.post("/receipts", issue, key: "one").expect(201)
    #expect(try await api.post("/receipts", issue, key: "one").bytes == first.bytes)
    try await api.post("/receipts", issue).expect(409, "receipt.running")
    try await api.post("/receipts", ["donation": .id(gift), "lot": .id(gift)])
      .expect(422, "input.value")
    let number = try #require(first.json["number"]?.text)
    let shown = try await api.get("/receipts/\(number)").expect(200)
    #expect(shown.at("receipt", "id")?.text == first.id)
    #expect(shown.json["paper"]?.items?.isEmpty == false)
    #expect(try await api.get("/receipts/\(first.id)").status == 200)
    try await api.get("/receipts/2199000001-2026-000099").expect(404, "receipt.unknown")
    try await api.get("/receipts/x").expect(422, "input.value")

    _ = try await Giving.reverse(
      gift, amount: Money(fen: 1_000), as: .refund, on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "捐赠人要求", in: district.admin)
    let waiting = try await api.get("/receipts?state=to_be_replaced").expect(200)
    #expect(waiting.items.map { $0["id"]?.text } == [first.id])
    let second = try await api.post("/receipts/\(number)/reissue", ["reason": "部分退款"])
    #expect(second.expect(201).at("amount", "fen") == 4_000)
    #expect(second.json["replaces"]?.text == number)
    let official: JSONValue = ["number": "5301012026000001"]
    let recorded = try await api.post("/receipts/\(second.id)/official", official)
    #expect(recorded.expect(200).json["official_number"] == "5301012026000001")
    try await api.post("/receipts/\(second.id)/official", ["number": "x"])
      .expect(422, "receipt.official_form")
    try await api.post("/receipts/\(second.id)/void", ["reason": "作废"]).expect(200)
    try await api.post("/receipts/\(second.id)/void", ["reason": "作废"])
      .expect(409, "receipt.voided_before")
    _ = try await api.post("/receipts", ["donation": .id(try await district.give(700))])
    let register = try await api.all("/receipts?year=2026").compactMap { $0["number"]?.text }
    #expect(register.count == 3 && register == register.sorted())
    let sheet = try await api.get("/receipts/sheet?year=2026").expect(200)
    #expect(sheet.bytes.starts(with: Array("PK".utf8)))
    #expect(try await api.get("/receipts", as: "other-officer").items.isEmpty)
  }

  @Test("who wants no receipt is on record, until the wish is withdrawn")
  func waivers() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let gift = try await district.give(5_000).lowercase
    let path = "/donations/\(gift)/receipt-waiver"
    try await api.post(path, ["cause": "declined"]).expect(201)
    try await api.post(path, ["cause": "declined"]).expect(409, "receipt.waived_before")
    try await api.post("/receipts", ["donation": .string(gift)]).expect(409, "receipt.waived")
    #expect(try await api.all("/receipt-waivers").map { $0["donation"]?.text } == [gift])
    try await api.write(.delete, path).expect(204)
    try await api.write(.delete, path).expect(404, "receipt.not_waived")
    try await api.post("/receipts", ["donation": .string(gift)]).expect(201)
  }

  @Test("the ledger is sealed, proven to have grown alone, and verified against what was published")
  func seals() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    try await api.post("/seals", as: "officer").expect(403, "access.forbidden")
    let first = try await api.post("/seals").expect(200)
    #expect(
      first.json["added"] == 0 && first.at("seal", "number") == 1, "the trail is sealed alone")
    let gifts = try await district.sealed()
    #expect(try await api.post("/seals", ["date": "2026-11-21"]).expect(422).code == "input.value")
    let seals = try await api.all("/seals")
    #expect(seals.map { $0["number"] } == [4, 3, 2, 1])
    let key = try #require(try await api.get("/seals/key").expect(200).json["key"]?.text)
    let proof = try await api.get("/seals/1/consistency/4").expect(200)
    #expect(proof.at("to", "checkpoint") == seals[0]["checkpoint"])
    try await api.get("/seals/3/consistency/1").expect(422)
    try await api.get("/seals/1/consistency/9").expect(404, "seal.unknown")
    let checkpoint = try #require(seals[1]["checkpoint"]?.text)
    let published: JSONValue = ["key": .string(key), "checkpoint": .string(checkpoint)]
    let verified = try await api.post("/seals/verify", published, key: nil).expect(200)
    #expect(verified.json["findings"]?.items?.isEmpty == true && verified.json["seals"] == 4)
    let path = try await api.post("/seals/verify", ["key": "/etc/hostname"], key: nil)
    #expect(path.code == "seal.not_a_key", "\(path.text)")
    try await api.post("/seals/verify", published, key: nil, as: "officer").expect(403)

    let file = try await api.get("/donations/\(gifts[0].lowercase)/proof").expect(200)
    let name = "\(TestPlatform.directory)/\(UUID().uuidString).json"
    try Data(file.bytes).write(to: URL(filePath: name))
    defer { try? FileManager.default.removeItem(atPath: name) }
    let facts = try ReceiptProof.verify(file: name, key: key)
    #expect(facts.gift.amountFen == 50_000 && facts.isKeyGiven)
    func verify(_ proof: String, _ query: String = "") async throws -> TestAPI.Answer {
      try await api.send(
        .post, "/api/v1/receipts/verify" + query, as: nil,
        headers: ["Content-Type": "application/json"], bytes: Array(proof.utf8))
    }
    let encoded = key.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let told = try await verify(file.text, "?key=\(encoded)").expect(200)
    #expect(told.at("gift", "amount_fen") == 50_000 && told.json["key_given"] == true)
    try await verify(file.text.replacing("50000", with: "60000")).expect(422)
    try await verify(file.text, "?key=nonsense").expect(422, "seal.not_a_key")
    let files = try await api.all("/seals/publication")
    #expect(
      files.compactMap { $0["name"]?.text }.prefix(2) == [
        "verifier-key.txt", "checkpoint-000001.txt",
      ])
    #expect(files[0]["content"]?.text == key + "\n" && files.count == 5)
    #expect(files[4]["content"] == seals[0]["checkpoint"])
    let unsealed = try await district.give(1)
    try await api.get("/donations/\(unsealed.lowercase)/proof").expect(404, "seal.not_sealed_yet")
  }

  @Test("the trail is read by pages, the newest first, by who may")
  func audit() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    for fen in 1...5 { _ = try await district.give(Int64(fen)) }
    let entries = try await api.all("/audit")
    let known = try await Audit.list(limit: 1_000, in: district.admin)
    #expect(entries.compactMap { $0["id"]?.text } == known.map(\.id.lowercase))
    let fund = try await district.general().fundID.lowercase
    let ofFund = try await api.all("/audit?subject=\(fund)")
    #expect(ofFund.allSatisfy { $0["subject_id"]?.text == fund })
    try await api.get("/audit", as: "officer").expect(403, "access.forbidden")
  }

  @Test("the books are examined, without a word about persons")
  func doctor() async throws {
    let district = try await TestDistrict.make()
    let principal = try await PaymentBatchTests.user("head", .principal, district)
    let api = try await TestAPI(district, others: [principal])
    _ = try await district.give(100)
    let checks = try await api.get("/doctor").expect(200).items
    #expect(checks.count == Doctor.checks.count)
    #expect(checks.allSatisfy { $0["holds"] == true && $0["rows"]?.items?.isEmpty == true })
    try await api.get("/doctor", as: "officer").expect(403, "access.forbidden")
    try await api.get("/doctor", as: "head").expect(403, "access.other_school")
  }
}
