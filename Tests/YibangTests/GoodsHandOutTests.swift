import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Handing goods out")
struct GoodsHandOutTests {
  static let header = "序号,姓名,班级,物品,数量,签字,关系,日期"

  private func importList(
    _ goods: GoodsFixture, _ lines: String, skipRefused: Bool = false
  ) async throws -> ImportReport {
    try await goods.district.sheet("发放表\n\(Self.header)\n\(lines)") { path in
      try await Goods.importHandOuts(
        goods.district.request(path, skipRefused: skipRefused), school: goods.district.school,
        from: goods.store, in: goods.context)
    }
  }

  @Test("several pupils at once, each with a signature; what each received is listed")
  func severalPupils() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 3)
    try await goods.receive(goods.pencil, 30)
    let day = CalendarDate("2026-10-08")!
    _ = try await Goods.handOut(
      [
        .init(
          student: goods.pupils[0], item: goods.bag.id, quantity: 1,
          signature: .init(by: .pupil, on: day)),
        .init(
          student: goods.pupils[0], item: goods.pencil.id, quantity: 5,
          signature: .init(by: .guardian, relation: "母亲", on: day, proof: "发放表3")),
        .init(student: goods.pupils[1], item: goods.bag.id, quantity: 1),
      ], from: goods.store.id, GoodsFixture.on("2026-10-08"), in: goods.context)
    let received = try await Goods.received(student: goods.pupils[0], in: goods.context)
    #expect(Set(received.map(\.item)) == ["书包", "铅笔"])
    #expect(received.map(\.quantity).sorted() == [1, 5])
    #expect(received.first { $0.item == "铅笔" }?.relation == "母亲")
    let open = try await Goods.open(TestDistrict.autumn, in: goods.context)
    #expect(open.map(\.student) == [goods.pupils[1]])
    #expect(open.map(\.name) == ["样乙"])
    try await Goods.sign(
      open[0].id, .init(by: .other, relation: "邻居", on: day), in: goods.context)
    #expect(try await Goods.open(TestDistrict.autumn, in: goods.context).isEmpty)
    let twice = await failure {
      try await Goods.sign(open[0].id, .init(by: .pupil, on: day), in: goods.context)
    }
    #expect(code(twice) == "goods.signed_before")
  }

  @Test("a pupil's name is masked for whoever may not read identities")
  func masked() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 3)
    _ = try await goods.handOut(goods.bag, 1, to: 2, signed: false)
    _ = try await Users.add(
      login: "auditor", name: "auditor", role: .auditor, school: nil, in: goods.district.admin)
    let auditor = try await goods.district.asUser("auditor")
    let seen = try await Goods.received(student: goods.pupils[2], in: auditor)
    #expect(seen.map(\.name) == ["样*丁"])
    #expect(try await Goods.open(TestDistrict.autumn, in: auditor).map(\.name) == ["样*丁"])
  }

  @Test("a signature before the hand-out, or of a stranger without relation, is refused")
  func signatures() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 3)
    for signature in [
      Goods.Signature(by: .pupil, on: CalendarDate("2026-10-07")!),
      Goods.Signature(by: .other, on: CalendarDate("2026-10-08")!),
    ] {
      let error = await failure {
        try await Goods.handOut(
          [
            .init(
              student: goods.pupils[0], item: goods.bag.id, quantity: 1, signature: signature)
          ], from: goods.store.id, GoodsFixture.on("2026-10-08"), in: goods.context)
      }
      #expect(code(error) == "goods.signature_incomplete")
    }
    #expect(try await goods.quantity(goods.bag) == 3)
  }

  @Test("a signed list is read; unsigned rows stay open until the list comes again with them")
  func list() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 3)
    try await goods.receive(goods.pencil, 30)
    let lines = """
      1,样甲,1班,书包,1个,样甲,,2026-10-08
      2,样乙,1班,书包,1,家乙,母亲,2026-10-08
      3,样丙丁,一年级2班,书包/个,1,,,2026-10-08
      4,样丙丁,2班,铅笔,10,妈妈,,10月9日
      合计,,,,13,,,
      发放人：试
      """
    let report = try await importList(goods, lines.replacingOccurrences(of: "1个", with: "1"))
    #expect(report.refused.isEmpty, "\(report.refused)")
    #expect(report.accepted == 4)
    #expect(try await goods.quantity(goods.bag) == 0)
    let open = try await Goods.open(TestDistrict.autumn, in: goods.context)
    #expect(open.map(\.item) == ["书包"])
    let again = try await importList(goods, lines.replacingOccurrences(of: "1个", with: "1"))
    #expect((again.accepted, again.unchanged) == (0, 4))
    let signed = try await importList(goods, "3,样丙丁,2班,书包,1,样丙丁,,2026-10-08")
    #expect((signed.accepted, signed.updated) == (1, 1))
    #expect(try await Goods.open(TestDistrict.autumn, in: goods.context).isEmpty)
    #expect(try await goods.quantity(goods.pencil) == 20)
    #expect(try await goods.faults() == [])
  }

  @Test(
    "a row that cannot be handed out is refused, and nothing half-written",
    arguments: [
      ("1,样外,1班,书包,1,样外,,2026-10-08", "姓名"),
      ("1,样甲,9班,书包,1,样甲,,2026-10-08", "姓名"),
      ("1,样甲,1班,雨伞,1,样甲,,2026-10-08", "物品"),
      ("1,样甲,1班,书包,5,样甲,,2026-10-08", "数量"),
      ("1,样甲,1班,书包,一些,样甲,,2026-10-08", "数量"),
      ("1,样甲,1班,书包,1,张某,,2026-10-08", "签字"),
      ("1,样甲,1班,书包,1,样甲,,2027-10-08", "日期"),
      ("1,样甲,1班,书包,1,样甲,,", "日期"),
      ("1,样甲,1班,书包,1,样甲,,2026-09-01", "数量"),
    ])
  func refusals(line: String, column: String) async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 3)
    let good = "2,样乙,1班,书包,1,样乙,,2026-10-08"
    let report = try await importList(goods, "\(good)\n\(line)")
    #expect(report.refused.map(\.column) == [column])
    #expect(!report.written)
    #expect(try await goods.quantity(goods.bag) == 3)
    let kept = try await importList(goods, "\(good)\n\(line)", skipRefused: true)
    #expect(kept.accepted == 1)
    #expect(try await goods.quantity(goods.bag) == 2)
  }

  @Test("one pupil is not given the same thing twice by one list")
  func twice() async throws {
    let goods = try await GoodsFixture.make()
    try await goods.receive(goods.bag, 3)
    let line = "1,样甲,1班,书包,1,样甲,,2026-10-08"
    let report = try await importList(goods, "\(line)\n\(line)")
    #expect(report.refused.map(\.row) == [4])
  }
}
