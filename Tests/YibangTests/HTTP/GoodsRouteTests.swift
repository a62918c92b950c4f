import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("gifts in kind over HTTP")
struct GoodsRouteTests {
  private static func api(_ fixture: GoodsFixture) async throws -> TestAPI {
    try await TestAPI(fixture.district)
  }

  private static func amount(_ item: Goods.Item, _ quantity: Int64) -> JSONValue {
    ["item": .id(item.id), "quantity": .integer(quantity)]
  }

  @Test("goods are received from a donor by name, appraised, moved, written off and taken back")
  func moves() async throws {
    let fixture = try await GoodsFixture.make()
    let api = try await Self.api(fixture)
    let lot: JSONValue = [
      "item": .id(fixture.bag.id), "quantity": 10, "worth": ["each": .fen(5_000)],
      "basis": "购物发票",
    ]
    let gift: JSONValue = ["donor": ["name": "捐乙公司", "kind": "company"], "lots": [lot]]
    try await api.post("/goods/receipts", gift, as: "other-officer")
      .expect(404, "goods.unknown_item")
    let received = try await api.post("/goods/receipts", gift, key: "in", as: "officer")
    let event = try #require(received.expect(201).json["event"]?.text)
    let again = try await api.post("/goods/receipts", gift, key: "in", as: "officer")
    #expect(again.bytes == received.bytes)
    #expect(try await fixture.quantity(fixture.bag) == 10)
    let both: JSONValue = [
      "donor": ["name": "捐乙公司"],
      "lots": [
        [
          "item": .id(fixture.bag.id), "quantity": 1,
          "worth": ["each": .fen(1), "total": .fen(1)],
        ]
      ],
    ]
    try await api.post("/goods/receipts", both, as: "officer").expect(422, "input.value")

    let lots = try await api.get("/goods/stock?by_lot=true", as: "officer").expect(200).items
    let id = try #require(lots.first?["lot"]?.text)
    let worth: JSONValue = ["worth": ["total": .fen(40_000)], "basis": "市场价"]
    try await api.post("/goods/lots/\(id)/appraise", worth, as: "officer").expect(201)
    try await api.post("/goods/lots/\(id)/appraise", worth, as: "officer")
      .expect(409, "goods.same_value")
    let move: JSONValue = [
      "goods": [Self.amount(fixture.bag, 4)], "to": .id(fixture.cupboard.id),
    ]
    try await api.post("/goods/moves", move, as: "officer").expect(201)
    let short: JSONValue = ["goods": [Self.amount(fixture.bag, 9)], "reason": "破损"]
    try await api.post("/goods/write-offs", short, as: "officer").expect(409, "goods.short")
    let broken: JSONValue = ["goods": [Self.amount(fixture.bag, 2)], "reason": "破损"]
    let off = try await api.post("/goods/write-offs", broken, as: "officer").expect(201)
    let written = try #require(off.json["event"]?.text)
    let undo: JSONValue = ["item": .id(fixture.bag.id), "quantity": 1, "reason": "误报"]
    try await api.post("/goods/events/\(written)/reverse", undo, as: "officer").expect(201)
    try await api.post(
      "/goods/events/\(written)/reverse", ["item": .id(fixture.bag.id), "reason": "误报"],
      as: "officer"
    ).expect(422, "input.value")
    #expect(try await fixture.quantity(fixture.bag) == 9)
    try await api.post("/goods/moves", move, as: "second").expect(404, "goods.unknown_item")
    let card = try await api.get("/goods/items/\(fixture.bag.id.lowercase)/card", as: "officer")
    #expect(card.expect(200).json["closing"] == 9)
    let trace = try await api.get("/goods/lots/\(id)/trace", as: "officer").expect(200)
    #expect(trace.json["donor"] == "捐乙公司" && trace.json["quantity"] == 10)
    _ = event
  }

  @Test("items, places and kits are registered and listed")
  func register() async throws {
    let fixture = try await GoodsFixture.make()
    let api = try await Self.api(fixture)
    let kit: JSONValue = ["name": "开学礼包", "unit": "套", "kind": "kit"]
    let made = try await api.post("/goods/items", kit, as: "officer").expect(201)
    try await api.post(
      "/goods/items", ["name": "开学礼包", "unit": "套", "kind": "books"], as: "officer"
    ).expect(409, "goods.item_exists")
    #expect(try await api.get("/goods/items", as: "officer").expect(200).items.count == 3)
    try await api.post("/goods/places", ["name": "二年级柜"], as: "officer").expect(201)
    #expect(try await api.get("/goods/places", as: "officer").expect(200).items.count == 3)
    let content: JSONValue = [
      "kit": .string(made.id),
      "components": [Self.amount(fixture.bag, 1), Self.amount(fixture.pencil, 2)],
    ]
    try await api.post("/goods/kits", content, as: "officer").expect(201)
    #expect(try await api.get("/goods/kits").expect(200).items.count == 1)
    let wrong: JSONValue = [
      "kit": .id(fixture.bag.id), "components": [Self.amount(fixture.pencil, 2)],
    ]
    try await api.post("/goods/kits", wrong, as: "officer").expect(422, "goods.not_a_kit")
    let assembly: JSONValue = ["kit": .string(made.id), "count": 2]
    try await api.post("/goods/assemblies", assembly, as: "officer").expect(409, "goods.short")
    try await fixture.receive(fixture.bag, 2)
    try await fixture.receive(fixture.pencil, 4)
    try await api.post("/goods/assemblies", assembly, as: "officer").expect(201)
  }

  @Test("goods are handed out, signed for, read in from a sheet, and listed where they are open")
  func handOuts() async throws {
    let fixture = try await GoodsFixture.make()
    let api = try await Self.api(fixture)
    try await fixture.receive(fixture.bag, 10)
    let pupils = fixture.pupils.map(JSONValue.id)
    let new: JSONValue = [
      "goods": [Self.amount(fixture.bag, 1)], "students": .array(Array(pupils.prefix(2))),
      "date": "2026-10-08",
    ]
    try await api.post("/goods/hand-outs", new, key: "out", as: "officer").expect(201)
    try await api.post("/goods/hand-outs", new, key: "out", as: "officer").expect(201)
    let open = try await api.get("/goods/hand-outs/open", as: "officer").expect(200).items
    #expect(open.count == 2)
    let first = try #require(open.first?["id"]?.text)
    let signature: JSONValue = ["by": "guardian", "relation": "母亲", "proof": "发放表1"]
    try await api.post("/goods/hand-outs/\(first)/sign", signature, as: "officer").expect(204)
    try await api.post("/goods/hand-outs/\(first)/sign", signature, as: "officer")
      .expect(409, "goods.signed_before")
    #expect(try await api.get("/goods/hand-outs/open", as: "officer").items.count == 1)
    let sheet = "姓名,班级,物品,单位,数量,签收\n样丙丁,2班,书包,个,1,样丙丁\n"
    let report = try await api.upload(
      "/goods/hand-outs/import?school=2199000001&semester=2026-2027-1&date=2026-10-09", sheet,
      as: "officer")
    #expect(report.expect(200).json["accepted"] == 1)
    let last = fixture.pupils[2].lowercase
    let received = try await api.get("/students/\(last)/goods", as: "officer").expect(200)
    #expect(received.items.first?["name"] == "样丙丁")
    let auditor = try await PaymentBatchTests.user("aud", .auditor, fixture.district)
    let other = try await TestAPI(fixture.district, others: [auditor])
    let masked = try await other.get("/students/\(last)/goods", as: "aud")
    #expect(masked.items.count == 1 && !masked.text.contains("样丙丁"))
    let traces = try await api.all("/donors/\(fixture.donor.lowercase)/goods")
    #expect(traces.count == 1 && traces[0]["rows"]?.items?.isEmpty == false)
    let spent: JSONValue = [
      "goods": [Self.amount(fixture.bag, 20)], "students": [pupils[0]],
    ]
    try await api.post("/goods/hand-outs", spent, as: "officer").expect(409, "goods.short")
  }

  @Test("a count finds differences, on a sheet or not")
  func counts() async throws {
    let fixture = try await GoodsFixture.make()
    let api = try await Self.api(fixture)
    try await fixture.receive(fixture.bag, 10)
    let unexplained: JSONValue = ["counted": [Self.amount(fixture.bag, 9)]]
    try await api.post("/goods/counts", unexplained, as: "officer")
      .expect(422, "goods.reason_missing")
    let counted: JSONValue = ["counted": [Self.amount(fixture.bag, 9)], "reason": "丢失"]
    let count = try await api.post("/goods/counts", counted, as: "officer").expect(201)
    #expect(count.json["differences"]?.items?.first?["booked"] == 10)
    let sheet = try await api.get("/goods/count-sheet", as: "officer").expect(200)
    #expect(sheet.bytes.starts(with: Array("PK".utf8)))
    let filled = "物品,单位,实盘数量,差异原因\n书包,个,8,破损\n"
    let dry = try await api.upload("/goods/counts/import?dry_run=true", filled, as: "officer")
    #expect(dry.expect(200).json["written"] == false)
    let report = try await api.upload("/goods/counts/import", filled, as: "officer").expect(200)
    #expect(report.json["accepted"] == 1)
    #expect(try await fixture.quantity(fixture.bag) == 8)
    let place = UUID.unknown.lowercase
    try await api.get("/goods/count-sheet?place=\(place)", as: "officer")
      .expect(404, "goods.unknown_place")
  }
}
