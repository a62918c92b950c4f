import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("What a donor is told of the gifts")
struct DonorStatementTests {
  /// Gifts of two records of one donor, one refunded after a change of use, one reversed and
  /// reinstated, and an instalment of which a part went back.
  private static func busy() async throws -> (TestDistrict, donor: UUID) {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing(amount: 50_000)
    _ = try await Instalments.receive(
      .number(1, ofPairing: pairing), amount: Money(fen: 50_000), on: CalendarDate("2026-09-25")!,
      in: district.admin)
    let sponsor: UUID = try await district.admin.read { session in
      try session.query("select donor_id from pairing where id = $1", pairing)[0].get(0)
    }
    let due = try await Instalments.list(
      TestDistrict.autumn, today: TestDistrict.today, in: district.admin)
    let receipts = try await Instalments.receipts(of: due[0].id, in: district.admin)
    _ = try await Instalments.reverse(
      receipt: receipts[0].id, amount: Money(fen: 5_000), as: .refund, on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "退还", in: district.admin)
    let other = try await district.giver("试旧名")
    let moved = try await district.gift(of: other, 10_000, on: "2026-10-01")
    let fund = try await Funds.open(
      name: "明眸基金", purposes: [.study], school: district.school.id, in: district.admin)
    _ = try await ChangesOfUse.change(
      moved, to: fund, amount: Money(fen: 4_000),
      consent: .init(givenOn: TestDistrict.today, document: "同意书-1"), on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "原用途已完成", in: district.admin)
    func adjust(_ gift: UUID, _ fen: Int64) async throws {
      _ = try await Giving.reverse(
        gift, amount: Money(fen: fen), as: .refund, on: TestDistrict.today,
        semester: TestDistrict.autumn, reason: "退还", in: district.admin)
    }
    try await adjust(moved, 1_500)
    let wrong = try await district.gift(of: sponsor, 700, on: "2026-10-02")
    try await adjust(wrong, 700)
    _ = try await Giving.reinstate(
      wrong, amount: Money(fen: 200), on: TestDistrict.today, semester: TestDistrict.autumn,
      reason: "恢复", in: district.admin)
    _ = try await district.merge(other, into: sponsor)
    return (district, sponsor)
  }

  @Test("net totals equal the ledger, and every number opens down to its transfers")
  func equalsTheLedger() async throws {
    let (district, donor) = try await Self.busy()
    let statement = try await Donors.wholeStatement(donor, in: district.admin)
    let totals = try #require(statement.totals)
    #expect(statement.lines.map(\.kind) == [.gift, .gift, .instalment])
    #expect(totals.given == Money(fen: 10_700))
    #expect(totals.received == Money(fen: 50_000))
    #expect(totals.takenBack == Money(fen: 1_500 + 500 + 5_000))
    #expect(try statement.lines.map(\.net).total() == totals.net)
    #expect(try statement.entries.map(\.amount).total() == totals.net)
    let funds = try await Funds.statements(TestDistrict.autumn, in: district.admin)
    #expect(try funds.map(\.closing).total() == totals.net)
    let transfers = statement.entries.map(\.transfer)
    let booked: Int64 = try await district.admin.read { session in
      try session.query(
        """
        select sum(case when kind in ('reversal', 'refund') then -amount_fen else amount_fen end)::int8
        from transfer where id = any ($1)
        """, transfers)[0].get(0)
    }
    #expect(booked == totals.net.fen)
    #expect(Set(transfers).count == transfers.count)
  }

  @Test("what is moved to another pupil, school or the general fund is counted once, where it came")
  func moved() async throws {
    let district = try await TestDistrict.make()
    for name in ["样甲", "样乙"] { _ = try await district.pupil(TestPupil(name: name)) }
    _ = try await district.offer(places: 2)
    let pairs = try await district.accept(try await district.approved()).pairings
    _ = try await district.pay(pairs[0], 250_000)
    func decision(_ use: Pairings.BalanceUse, _ target: UUID? = nil) -> Pairings.BalanceDecision {
      .init(use, consentOn: CalendarDate("2026-10-18"), consent: "短信", target: target)
    }
    _ = try await district.end(pairs[0], "moved_away", balance: decision(.pupil, pairs[1]))
    let (student, sponsor): (UUID, UUID) = try await district.admin.read { session in
      let rows = try session.query(
        "select student_id, donor_id from pairing where id = $1", pairs[1])
      return (try rows[0].get(0), try rows[0].get(1))
    }
    let moving = try #require(CalendarDate("2026-10-25"))
    _ = try await StudentMoves.move(
      student, to: try SchoolCode("3199000001"), on: moving, today: moving, in: district.admin)
    _ = try await district.end(
      pairs[1], "moved_away", on: "2026-10-28", balance: decision(.general))
    let statement = try await Donors.wholeStatement(sponsor, in: district.admin)
    let gift = try #require(statement.lines.first { $0.kind == .gift })
    _ = try await Giving.reverse(
      gift.id, amount: Money(fen: 10_000), as: .refund, on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "退还", in: district.admin)

    let whole = try #require(
      try await Donors.wholeStatement(sponsor, in: district.admin).totals)
    #expect(whole.gifts == 0 && whole.receipts == 3)
    let money = [whole.given, whole.received, whole.takenBack, whole.moved, whole.net]
    #expect(money.map(\.fen) == [0, 250_000, 10_000, 0, 240_000])
    #expect(statement.lines.count { !$0.isMoved } == 3)
    #expect(statement.lines.flatMap(\.adjustments).allSatisfy { $0.isMoved })
    #expect(statement.entries.filter(\.isAdjustment).allSatisfy { $0.name.en == "moved out" })
    let came = try await Donors.wholeStatement(
      sponsor, to: CalendarDate("2026-09-30"), in: district.admin)
    #expect(came.totals?.received.fen == 250_000 && came.totals?.takenBack == .zero)
    #expect(came.totals?.moved.fen == -250_000 && came.totals?.net == .zero)
    let after = try await Donors.wholeStatement(
      sponsor, from: CalendarDate("2026-10-01"), in: district.admin)
    #expect(after.totals?.received == .zero && after.totals?.given == .zero)
    #expect(after.totals?.takenBack.fen == 10_000 && after.totals?.net.fen == 240_000)
    for part in [came, after] {
      #expect(try part.lines.map(\.net).total() == part.totals?.net)
    }
    try await district.healthy()
  }

  @Test("pages by key give every line once, by date, whatever record it stands under")
  func pages() async throws {
    let (district, donor) = try await Self.busy()
    let other = try await district.giver("试另名")
    for day in 10..<25 {
      try await district.gift(of: day % 2 == 0 ? donor : other, 1, on: "2026-10-\(day)")
    }
    _ = try await district.merge(other, into: donor)
    let whole = try await Donors.wholeStatement(donor, in: district.admin)
    #expect(whole.lines.count == 18)
    var paged: [UUID] = []
    var request = Donors.StatementRequest(donor, limit: 4)
    repeat {
      let page = try await Donors.statement(request, in: district.admin)
      #expect(page.totals == nil)
      paged += page.lines.map(\.id)
      request.after = page.next
    } while request.after != nil
    #expect(paged == whole.lines.map(\.id))
    #expect(whole.lines.map(\.date) == whole.lines.map(\.date).sorted(by: >))
    let october = try await Donors.statement(
      .init(
        donor, from: CalendarDate("2026-10-01"), to: CalendarDate("2026-10-12"), withTotals: true),
      in: district.admin)
    #expect(october.lines.count == 5)
    #expect(october.totals?.given == Money(fen: 10_703))
    let lost = await refusal {
      try await Donors.statement(.init(donor, after: UUID()), in: district.admin)
    }
    #expect(lost == "donor.unknown_line")
  }

  private static let insertGifts: SQL = """
    insert into donation (
      district_id, id, school_id, donor_id, fund_id, transfer_id, semester, amount_fen,
      received_on, method
    )
    select g.district_id, gen_random_uuid(), g.school_id, g.donor_id, g.fund_id, g.transfer_id,
      g.semester, g.amount_fen, date '2026-09-01' + n % 120, 'cash'
    from donation g, generate_series(1, 20000) as n
    where g.district_id = $1
    """

  @Test("the first page of 20,000 gifts reads a page of the index (CiviCRM PR 13512)")
  func firstPage() async throws {
    let district = try await TestDistrict.make()
    let donor = try await district.giver("试甲")
    try await district.gift(of: donor, 100)
    let code = district.code
    try await TestPlatform.asOwner { session in
      _ = try session.execute(Self.insertGifts, code)
      try session.execute("analyze donation")
    }
    let plan: String = try await district.admin.read { session in
      _ = try session.execute(Donors.inOrder)
      let explain = SQL(trusted: "explain (analyze, costs off, timing off) " + Donors.page.text)
      let rows = try session.query(
        explain, code, [donor], CalendarDate("1900-01-01"), CalendarDate("2199-12-31"),
        CalendarDate("2199-12-31"), UUID(uuidString: "ffffffff-ffff-ffff-ffff-ffffffffffff"), 101,
        false)
      return try rows.map { try $0.get(0) as String }.joined(separator: "\n")
    }
    #expect(plan.contains("donation_by_donor"), "\(plan)")
    let read = plan.matches(of: /rows=(\d+)/).compactMap { Int($0.1) }.max() ?? 0
    #expect(read <= 202, "\(plan)")
    let page = try await Donors.statement(.init(donor), in: district.admin)
    #expect(page.lines.count == 100)
    #expect(page.next != nil)
  }

  @Test("a copy of all records goes to the donor, and who asked and answered is kept (慈善法 42)")
  func copy() async throws {
    let (district, donor) = try await Self.busy()
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let asked = CalendarDate("2026-11-18")!
    let copy = try await Donors.copy(
      donor, reason: "捐赠人书面申请", askedOn: asked, today: TestDistrict.today, language: .zh,
      to: path, in: district.admin)
    #expect(copy.gifts == 2)
    #expect(copy.movements == 7)
    let file = try TableFile.open(path: path)
    #expect(file.sheets.count == 6)
    var text = ""
    for sheet in file.sheets.indices {
      try file.rows(sheet: sheet) { row, _ in
        text += row.cells.map(\.text).joined(separator: "|") + "\n"
      }
    }
    for words in ["测试有限公司", "试旧名", "同意书-1", "明眸基金", "资助款", "退款", "恢复"] {
      #expect(text.contains(words), "\(words)")
    }
    // The pupil stays masked.
    #expect(text.contains("样*例") && !text.contains("样小例"))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let requests = try await Donors.requests(of: donor, in: district.admin)
    #expect(requests.map(\.askedOn) == [asked])
    #expect(requests.map(\.answeredOn) == [TestDistrict.today])
    #expect(requests.map(\.by) == ["admin"])
    let trail = try await Audit.list(.init(subject: donor), in: district.admin)
    #expect(trail.contains { $0.action == "donor.copy" })
    let refused = await refusal {
      try await Donors.copy(
        donor, reason: "", askedOn: asked, today: TestDistrict.today, language: .zh, to: path,
        in: district.admin)
    }
    #expect(refused == "donor.reason_missing")
  }

  @Test(
    "the statement is written in both languages, to a file of its own", arguments: Language.allCases
  )
  func written(language: Language) async throws {
    let (district, donor) = try await Self.busy()
    for isXlsx in [true, false] {
      let path = "\(TestPlatform.directory)/\(UUID().uuidString).\(isXlsx ? "xlsx" : "csv")"
      defer { try? FileManager.default.removeItem(atPath: path) }
      let statement = try await Donors.writeStatement(
        donor, language: language, toXlsx: isXlsx, path: path, in: district.admin)
      let text = try TestDistrict.content(path)
      #expect(text.contains(language == .zh ? "净额合计" : "net total"))
      for entry in statement.entries {
        #expect(text.contains(entry.transfer.uuidString.lowercased()))
      }
      let net = try #require(statement.totals?.net)
      #expect(text.contains("\(net.fen / 100)"))
    }
  }
}
