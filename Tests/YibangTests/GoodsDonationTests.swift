import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Goods in donation sheets")
struct GoodsDonationTests {
  private static func piece(
    _ name: String, _ quantity: Int64, _ unit: String, fen: Int64? = nil
  ) -> GoodsText.Piece {
    .init(name: name, unit: unit, quantity: quantity, value: fen.map { Money(fen: $0) })
  }

  @Test(
    "goods are read as sheets write them",
    arguments: [
      ("书包20个", [piece("书包", 20, "个")], nil),
      ("图书 100 本", [piece("图书", 100, "本")], nil),
      ("铅笔10支、橡皮20块", [piece("铅笔", 10, "支"), piece("橡皮", 20, "块")], nil),
      ("大米5袋(约500元)", [piece("大米", 5, "袋", fen: 50_000)], nil),
      ("大米５袋（价值５００元）", [piece("大米", 5, "袋", fen: 50_000)], nil),
      ("20套棉衣", [piece("棉衣", 20, "套")], nil),
      ("作业本1,000本", [piece("作业本", 1_000, "本")], nil),
      ("书包二十个", [piece("书包", 20, "个")], nil),
      ("500元、书包20个", [piece("书包", 20, "个")], 50_000),
      ("书包20个，现金500元", nil, nil),
      ("棉被10床(3000元)；毛毯5条", [piece("棉被", 10, "床", fen: 300_000), piece("毛毯", 5, "条")], nil),
      ("书包约20个", nil, nil), ("书包一批", nil, nil), ("书包20个等", nil, nil), ("20个", nil, nil),
      ("书包0个", nil, nil), ("书包", nil, nil), ("书包20个铅笔10支", nil, nil), ("大米5袋500元", nil, nil),
      ("100", nil, nil), ("书包20", nil, nil),
    ] as [(String, [GoodsText.Piece]?, Int64?)])
  func reading(text: String, pieces: [GoodsText.Piece]?, fen: Int64?) {
    let goods = GoodsText(text)
    #expect(goods?.pieces == pieces, "\(text)")
    #expect(goods?.money?.fen == fen, "\(text)")
  }

  @Test("OCA/donation #147: money and goods of one row are never on one record")
  func moneyAndGoods() async throws {
    let goods = try await GoodsFixture.make()
    let lines = """
      \(DonationImportTests.header)
      1,2026-09-10,试教师,教师,,500元、书包20个,现金,,P1,,
      2,2026-09-11,匿名,个人,,大米5袋(约500元),,,,,
      3,2026-09-12,捐乙公司,企业,,"铅笔10支、橡皮20块",,,,,
      4,2026-09-12,试教师二,教师,,100,,,P2,,
      合计,,,,,600
      """
    let report = try await goods.district.importDonations(lines, in: goods.context)
    #expect(report.refused.isEmpty, "\(report.refused)")
    #expect(report.accepted == 4)
    #expect(report.total == Money(fen: 60_000))
    #expect(try await goods.district.general().closing == Money(fen: 60_000))
    let donations = try await Giving.list(school: goods.school, in: goods.context)
    #expect(donations.map(\.amount.fen) == [50_000, 10_000])
    let stock = try await Goods.stock(school: goods.school, in: goods.context)
    #expect(
      Dictionary(uniqueKeysWithValues: stock.map { ($0.item, $0.quantity) })
        == ["书包": 20, "大米": 5, "铅笔": 10, "橡皮": 20])
    #expect(stock.first { $0.item == "大米" }?.value.fen == 50_000)
    #expect(Set(stock.map(\.place)) == [Goods.defaultPlace])
    let again = try await goods.district.importDonations(lines, in: goods.context)
    #expect((again.accepted, again.unchanged) == (0, 4))
    #expect(
      try await Goods.stock(school: goods.school, in: goods.context).map(\.quantity).reduce(0, +)
        == 55)
    let donors = try await Donors.list(school: goods.school, in: goods.context)
    let unnamed = try #require(donors.first { $0.anonymous })
    let trace = try await Goods.trace(donor: unnamed.id, in: goods.context)
    #expect(trace.map(\.donor) == ["匿名"])
    #expect(trace.map(\.item) == ["大米/袋"])
    #expect(try await goods.faults() == [])
  }

  @Test("equal rows of goods are different gifts; a dry run receives nothing")
  func equalRows() async throws {
    let goods = try await GoodsFixture.make()
    let line = "1,2026-09-10,匿名,学生,,书包1个,,,,,\n"
    let sheet = "\(DonationImportTests.header)\n\(line)\(line)"
    let dry = try await goods.district.importDonations(sheet, dryRun: true, in: goods.context)
    #expect(dry.accepted == 2)
    #expect(try await goods.quantity(goods.bag) == 0)
    let report = try await goods.district.importDonations(sheet, in: goods.context)
    #expect(report.accepted == 2)
    let longer = try await goods.district.importDonations(sheet + line, in: goods.context)
    #expect((longer.accepted, longer.unchanged) == (1, 2))
    #expect(try await goods.quantity(goods.bag) == 3)
  }

  @Test(
    "goods that are not written clearly are refused with advice, and the total concerns money alone"
  )
  func unclear() async throws {
    let goods = try await GoodsFixture.make()
    let report = try await goods.district.importDonations(
      "\(DonationImportTests.header)\n1,2026-09-10,试,教师,,书包20个等,,,,,\n", in: goods.context)
    #expect(report.refused.map(\.problem.zh) == ["物品写得不清楚"])
    let wrong = try await goods.district.importDonations(
      "\(DonationImportTests.header)\n1,2026-09-10,试,教师,,书包20个,,,,,\n合计,,,,,20\n",
      in: goods.context)
    #expect(wrong.refused.map(\.row) == [3])
  }

  @Test("a used receipt keeps the goods of its row out as well")
  func usedReceipt() async throws {
    let goods = try await GoodsFixture.make()
    func lines(_ gift: String) -> String {
      "\(DonationImportTests.header)\n1,2026-09-10,试教师,教师,,\(gift),,,P9,,\n"
    }
    _ = try await goods.district.importDonations(lines("100"), in: goods.context)
    let report = try await goods.district.importDonations(
      lines("200元、书包2个"), skipRefused: true, in: goods.context)
    #expect(report.refusedRows == 1)
    #expect(try await goods.quantity(goods.bag) == 0)
  }
}
