import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

extension TestDistrict {
  func campaign(
    _ name: String = "教师节爱心捐款", from: String = "2026-09-10", to: String = "2026-09-12",
    voucher: String? = "记字第12号", designation: String? = nil, school: Schools.School?? = .none
  ) async throws -> UUID {
    let owner = school ?? self.school
    return try await Campaigns.add(
      Campaigns.NewCampaign(
        name: name, school: owner?.id, from: CalendarDate(from)!, to: CalendarDate(to)!,
        voucherNumber: voucher, designation: designation), in: admin)
  }

  func importCampaign(
    _ lines: String, _ campaign: UUID, in context: Context? = nil
  ) async throws -> ImportReport {
    try await sheet(lines) { path in
      try await Giving.importSheet(
        request(path), school: school, campaign: campaign, in: context ?? admin)
    }
  }
}

@Suite("Campaigns")
struct CampaignTests {
  static let header = "序号,日期,姓名,类别,班级,金额,方式,票据号,备注"
  static let sheet = """
    \(header)
    1,2026-09-10,试丁,学生,十班,5.00,现金,记字第12号,
    2,2026-09-10,试乙,学生,二班,100.00,现金,记字第12号,
    3,2026-09-10,试甲,学生,二班,1.05,现金,记字第12号,
    4,2026-09-11,试师,教师,,200.00,微信,记字第12号,
    5,2026-09-11,匿名,学生,二班,3.00,现金,记字第12号,
    6,2026-09-11,匿名,学生,九班,3.00,现金,记字第12号,
    合计,,,,,312.05,,,

    """

  @Test("a list is imported under one voucher, and its totals are the sums of its transfers")
  func totals() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign()
    let report = try await district.importCampaign(Self.sheet, id)
    #expect(report.refused.isEmpty)
    #expect(report.accepted == 6)
    let summary = try await Campaigns.summary(id, in: district.admin)
    #expect(summary.byClass.map(\.name) == ["二班", "十班", nil])
    #expect(summary.byClass.map(\.amount.fen) == [10_105, 500, 20_600])
    #expect(summary.byClass.map(\.count) == [2, 1, 3])
    #expect(summary.byKind.map(\.name) == ["teacher", "student"])
    #expect(summary.byKind.map(\.amount.fen) == [20_000, 11_205])
    #expect(summary.received.fen == 31_205)
    #expect(summary.receivedInWords == "叁佰壹拾贰元零伍分")
    #expect(summary.reconciled == .zero)
    #expect(try await district.general().closing.fen == 31_205)
    let listed = try await Giving.list(school: district.school.id, in: district.admin)
    #expect(Set(listed.map(\.voucherNumber)) == ["记字第12号"])
    #expect(Set(listed.map(\.campaign)) == ["教师节爱心捐款"])
  }

  @Test("a wrong 合计 stops the list as it stops every sheet of gifts")
  func wrongTotal() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign()
    let report = try await district.importCampaign(
      Self.sheet.replacing("312.05", with: "312.50"), id)
    #expect(!report.written)
    #expect(report.refused.first?.problem.zh.contains("312.50") == true)
    #expect(try await Campaigns.summary(id, in: district.admin).count == 0)
  }

  @Test("gifts that were taken back count in no sum, and are told apart")
  func reversed() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign()
    _ = try await district.importCampaign(Self.sheet, id)
    let teacher = try await Campaigns.lines(id, in: district.admin).first { $0.donor == "试师" }
    try await district.reverse(try #require(teacher).donation)
    let summary = try await Campaigns.summary(id, in: district.admin)
    #expect(summary.received.fen == 11_205)
    #expect(summary.count == 5)
    #expect(summary.reversedCount == 1)
    #expect(try summary.byClass.map(\.amount).total() == summary.received)
    #expect(try summary.byKind.map(\.amount).total() == summary.received)
    #expect(try await district.general().closing == summary.received)
    let lines = try await Campaigns.lines(id, in: district.admin)
    #expect(try lines.map(\.net).total() == summary.received)
    #expect(lines.map(\.amount.fen).reduce(0, +) == 31_205)
  }

  @Test("the list is by class as a school counts them, then by name, whatever the amounts are")
  func order() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign()
    _ = try await district.importCampaign(Self.sheet, id)
    let lines = try await Campaigns.lines(id, in: district.admin)
    #expect(lines.map(\.className) == ["二班", "二班", "十班", nil, nil, nil])
    #expect(lines.map(\.donor) == ["试甲", "试乙", "试丁", "匿名", "匿名", "试师"])
    // The same people with the amounts turned round stand in the same order.
    let other = try await district.campaign("冬衣捐款")
    let turned = Self.sheet.replacing("100.00", with: "x").replacing("1.05", with: "100.00")
      .replacing("x", with: "1.05")
    _ = try await district.importCampaign(turned, other)
    #expect(
      try await Campaigns.lines(other, in: district.admin).prefix(2).map(\.donor) == ["试甲", "试乙"])
  }

  @Test("公益事业捐赠法 4: no list of a campaign is sorted by amount, and nothing sets a person's quota")
  func voluntary() async throws {
    for folder in ["Campaigns", "Giving"] {
      let base = HouseTests.root.appending(path: "Sources/Yibang/\(folder)")
      let files = try FileManager.default.contentsOfDirectory(
        at: base, includingPropertiesForKeys: nil)
      for file in files where file.pathExtension == "swift" {
        let text = try String(contentsOf: file, encoding: .utf8)
        for clause in text.matches(of: /order by [^\n]*/) {
          #expect(!clause.0.contains("fen"), "\(file.lastPathComponent): \(clause.0)")
          #expect(!clause.0.contains("amount"), "\(file.lastPathComponent): \(clause.0)")
        }
        let sorts = text.matches(of: /sorted[^\n]*(amount|net|fen|received)\b[^\n]*</)
        #expect(sorts.isEmpty, "\(file.lastPathComponent)")
      }
    }
    let columns: [String] = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select table_name || '.' || column_name from information_schema.columns
        where table_schema = 'public'
          and (table_name = 'campaign' or table_name in ('donation', 'donor'))
        """
      ).map { try $0.get(0) }
    }
    #expect(columns.contains("campaign.voucher_number"))
    for word in ["quota", "target", "goal", "rank", "minimum", "expected", "per_person"] {
      #expect(!columns.contains { $0.contains(word) }, "\(word)")
    }
  }

  @Test("an anonymous giver has no name and no class in lists and totals")
  func anonymous() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign()
    _ = try await district.gift(
      "试隐名", 10_000, anonymous: true, className: "三班", campaign: id, note: "试隐名所捐")
    let summary = try await Campaigns.summary(id, in: district.admin)
    #expect(summary.byClass.map(\.name) == [nil])
    let lines = try await Campaigns.lines(id, in: district.admin)
    #expect(lines.map(\.donor) == ["匿名"])
    let encoded = String(decoding: try JSONEncoder().encode(lines), as: UTF8.self)
    #expect(!encoded.contains("试隐名") && !encoded.contains("三班"))
  }

  @Test("a list read again changes nothing, and longer it books what is new")
  func readAgain() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign()
    _ = try await district.importCampaign(Self.sheet, id)
    let again = try await district.importCampaign(Self.sheet, id)
    #expect((again.accepted, again.unchanged) == (0, 6))
    // A further unnamed gift under the shared voucher is a gift of its own.
    let longer = Self.sheet.replacing(
      "合计,,,,,312.05", with: "7,2026-09-11,匿名,学生,二班,3.00,现金,记字第12号,\n合计,,,,,315.05")
    let report = try await district.importCampaign(longer, id)
    #expect((report.accepted, report.unchanged, report.refusedRows) == (1, 6, 0))
  }

  @Test("gifts recorded before their list came join the campaign and are not booked again")
  func joining() async throws {
    let district = try await TestDistrict.make()
    let byHand = try await district.gift("试甲", 105, on: "2026-09-10", className: nil)
    _ = try await district.importDonations(
      "\(Self.header)\n1,2026-09-10,试丁,学生,十班,5.00,现金,,\n")
    let id = try await district.campaign()
    let report = try await district.importCampaign(
      "\(Self.header)\n1,2026-09-10,试丁,学生,十班,5.00,现金,,\n2,2026-09-10,试甲,个人,,1.05,现金,,\n", id)
    #expect((report.accepted, report.updated, report.unchanged) == (2, 2, 0))
    let lines = try await Campaigns.lines(id, in: district.admin)
    #expect(Set(lines.map(\.donor)) == ["试丁", "试甲"])
    #expect(lines.contains { $0.donation == byHand })
    #expect(try await district.general().closing.fen == 605)
    // Another campaign does not take them over.
    let other = try await district.campaign("另一次")
    let refused = try await district.importCampaign(
      "\(Self.header)\n1,2026-09-10,试丁,学生,十班,5.00,现金,,\n", other)
    #expect((refused.accepted, refused.unchanged) == (0, 1))
    #expect(refused.warnings.map(\.kind) == [.likelyDuplicate])
    #expect(try await district.general().closing.fen == 605)
  }

  @Test("the campaign's designation and only day stand for lines that say neither")
  func defaults() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign(
      from: "2026-09-10", to: "2026-09-10", designation: "购买冬衣")
    let report = try await district.importCampaign("捐款人,金额\n试甲,10\n试乙,20\n", id)
    #expect(report.accepted == 2)
    let listed = try await Giving.list(school: district.school.id, in: district.admin)
    #expect(Set(listed.map(\.fund)) == ["购买冬衣"])
    #expect(Set(listed.map { "\($0.receivedOn)" }) == ["2026-09-10"])
    #expect(try await district.importCampaign("捐款人,金额\n试甲,10\n试乙,20\n", id).unchanged == 2)
  }

  @Test("a closed campaign, another school's, or none takes no gift, and the key stays free")
  func refusals() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign()
    let others = try await district.campaign("中学募捐", school: .some(district.otherSchool))
    let (_, mine) = (district, district.admin)
    for (campaign, expected) in [(others, "campaign.other_school"), (UUID(), "campaign.unknown")] {
      let error = await failure { try await district.gift("试甲", 100, campaign: campaign) }
      #expect((error as? any YibangError)?.code == expected)
      let sheet = await failure { try await district.importCampaign(Self.sheet, campaign) }
      #expect((sheet as? any YibangError)?.code == expected)
    }
    let hidden = await failure { try await Campaigns.summary(others, in: district.officer) }
    #expect((hidden as? any YibangError)?.code == "campaign.unknown")
    #expect(try await Campaigns.close(id, in: mine))
    #expect(try await !Campaigns.close(id, in: mine))
    let closed = await failure { try await district.gift("试甲", 100, campaign: id) }
    #expect((closed as? any YibangError)?.code == "campaign.closed")
    #expect(try await district.general().closing == .zero)
  }

  @Test("a district's campaign takes every school's gifts; each school sees its own")
  func ofTheDistrict() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign("全区募捐", school: .some(nil))
    _ = try await district.importCampaign(Self.sheet, id, in: district.officer)
    let summary = try await Campaigns.summary(id, in: district.admin)
    #expect(summary.byClass.map(\.school) == ["第一小学", "第一小学", "第一小学"])
    #expect(summary.received.fen == 31_205)
    #expect(try await Campaigns.summary(id, in: district.otherOfficer).received == .zero)
    let forbidden = await failure { try await Campaigns.close(id, in: district.officer) }
    #expect((forbidden as? any YibangError)?.code == "access.other_school")
  }

  @Test("NPSP #4153: a campaign is registered once, by key and by name and day")
  func once() async throws {
    let district = try await TestDistrict.make()
    let new = Campaigns.NewCampaign(
      name: "助学", school: district.school.id, from: TestDistrict.today, to: TestDistrict.today)
    let first = try await Campaigns.add(new, key: "k", in: district.admin)
    #expect(try await Campaigns.add(new, key: "k", in: district.admin) == first)
    let again = await failure { try await Campaigns.add(new, in: district.admin) }
    #expect((again as? any YibangError)?.code == "campaign.exists")
    #expect(try await Campaigns.list(in: district.admin).map(\.id) == [first])
  }

  @Test("the deposit of a list's cash is one bank line for all its cash gifts")
  func deposit() async throws {
    let district = try await TestDistrict.make()
    let id = try await district.campaign()
    _ = try await district.importCampaign(Self.sheet, id)
    _ = try await district.statement("2026-09-14,现金存入,112.05,,,S1", "2026-09-12,提现,200.00,,财付通,S2")
    let outcome = try await district.matchAll()
    #expect(outcome.matched.map(\.reason) == [.amountAndDate, .batch])
    #expect(outcome.matched.last?.candidates.first?.count == 5)
    let summary = try await Campaigns.summary(id, in: district.admin)
    #expect(summary.reconciled == summary.received)
  }
}
