import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("What protects receipts and those whom they name")
struct ReceiptProtectionTests {
  private static let name = "隐名试样"

  /// An anonymous donor whose name people wrote wherever they could.
  private static func anonymousGift(_ district: TestDistrict) async throws -> UUID {
    let donor = try await Donors.donor(
      DonorDetails(kind: .individual, name: name, anonymous: true), school: district.school.id,
      in: district.admin)
    let fund = try await Funds.fund(for: nil, school: district.school.id, in: district.admin)
    var donation = Giving.NewDonation(
      donor: donor, fund: fund, school: district.school.id, semester: TestDistrict.autumn,
      amount: Money(fen: 10_000), receivedOn: CalendarDate("2026-09-10")!)
    donation.designation = "\(name)指定购书"
    donation.handler = name
    donation.note = name
    return try await Giving.record(donation, in: district.admin).id
  }

  @Test("an anonymous donor's name is in no receipt, list, sheet or trail (Open Collective #1722)")
  func anonymous() async throws {
    let district = try await TestDistrict.make()
    let gift = try await Self.anonymousGift(district)
    let first = try await ReceiptTests.issue(gift, district)
    #expect(first.donor == "匿名")
    _ = try await Receipts.reissue(
      .id(first.id), reason: "\(Self.name)要求", on: ReceiptTests.day, in: district.admin)
    let filter = Receipts.Filter(school: district.school.id, year: 2026)
    let listed = try await Receipts.list(filter, in: district.officer)
    var outputs = [String(decoding: try JSONEncoder().encode(listed), as: UTF8.self)]
    outputs += listed.flatMap { receipt in receipt.paper.flatMap { [$0.value.zh, $0.value.en] } }
    for ending in ["csv", "xlsx"] {
      let path = "\(TestPlatform.directory)/\(UUID().uuidString).\(ending)"
      defer { try? FileManager.default.removeItem(atPath: path) }
      #expect(
        try await Receipts.write(filter, date: ReceiptTests.day, to: path, in: district.officer)
          == 2)
      outputs.append(try TestDistrict.content(path))
    }
    let trail = try await Audit.list(in: district.admin)
    outputs += trail.map { "\($0.before ?? "") \($0.after ?? "")" }
    #expect(outputs.count > 30)
    for output in outputs { #expect(!output.contains(Self.name)) }
    #expect(listed[1].designation == "匿名指定购书")
    #expect(listed[0].voidReason == "匿名要求")
    #expect(listed.map(\.handler) == [nil, nil])
  }

  @Test("an anonymous donor's waiver is recorded as such")
  func anonymousWaiver() async throws {
    let district = try await TestDistrict.make()
    let gift = try await Self.anonymousGift(district)
    let waiver = try await Receipts.waive(
      .donation(gift), cause: .anonymous, on: ReceiptTests.day, key: "w", in: district.admin)
    let again = try await Receipts.waive(
      .donation(gift), cause: .anonymous, on: ReceiptTests.day, key: "w", in: district.admin)
    #expect(again.replayed && again.id == waiver.id)
    let listed = try await Receipts.waivers(school: district.school.id, in: district.officer)
    #expect(listed.map(\.donor) == ["匿名"])
    #expect(listed.map(\.cause) == [.anonymous])
    #expect(listed.map(\.given?.fen) == [10_000])
    #expect(try await Receipts.waivers(in: district.otherOfficer).isEmpty)
  }

  @Test("the sheet holds every number; voided ones are text that no sum counts")
  func sheet() async throws {
    let district = try await TestDistrict.make()
    let first = try await ReceiptTests.issue(district.give(10_000), district)
    let gift = try await district.give(20_050)
    _ = try await ReceiptTests.issue(gift, district)
    _ = try await Receipts.void(
      .id(first.id), reason: "写错", on: ReceiptTests.day, in: district.admin)
    _ = try await Giving.reverse(
      gift, amount: Money(fen: 50), as: .refund, on: ReceiptTests.day,
      semester: TestDistrict.autumn, reason: "退", in: district.admin)
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let filter = Receipts.Filter(school: district.school.id, year: 2026)
    _ = try await Receipts.write(filter, date: ReceiptTests.day, to: path, in: district.admin)
    let rows = try TestDistrict.compactRows(path)
    #expect(rows[0] == ["第一小学2026年捐赠收据登记表"])
    #expect(rows[3][0] == "2199000001-2026-000001")
    #expect(rows[3][5] == "作废 ¥100.00")
    #expect(try Money(parsing: rows[4][5]).fen == 20_050)
    #expect(rows[4][11] == "待换开")
    #expect(try Money(parsing: rows[5][5]).fen == 20_050)
    #expect(rows[6][0].contains(Money(fen: 20_050).uppercase))
    #expect(rows[6][0].contains("共 2 张，其中作废 1 张"))
    let name = await failure {
      try await Receipts.write(filter, date: ReceiptTests.day, to: "/tmp/x.pdf", in: district.admin)
    }
    #expect((name as? any YibangError)?.code == "receipt.file_name")
  }

  @Test("who may not issue receipts is refused")
  func permissions() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(100)
    _ = try await Users.add(
      login: "m", name: "m", role: .matcher, school: nil, in: district.admin)
    let matcher = try await district.asUser("m")
    let error = await failure {
      try await Receipts.issue(.init(.donation(gift), on: ReceiptTests.day), in: matcher)
    }
    #expect((error as? any YibangError)?.code == "access.forbidden")
  }

  @Test("another school sees, issues and voids none of this school's receipts")
  func otherSchool() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(100)
    let receipt = try await ReceiptTests.issue(gift, district)
    let other = try await district.give(100)
    let stranger = district.otherOfficer
    #expect(try await Receipts.list(in: stranger).isEmpty)
    let shown = await failure { try await Receipts.show(.id(receipt.id), in: stranger) }
    #expect((shown as? any YibangError)?.code == "receipt.unknown")
    let void = await failure {
      try await Receipts.void(.id(receipt.id), reason: "废", on: ReceiptTests.day, in: stranger)
    }
    #expect((void as? any YibangError)?.code == "receipt.unknown")
    let issue = await failure {
      try await Receipts.issue(.init(.donation(other), on: ReceiptTests.day), in: stranger)
    }
    #expect((issue as? any YibangError)?.code == "receipt.unknown_gift")
    let waive = await failure {
      try await Receipts.waive(
        .donation(other), cause: .declined, on: ReceiptTests.day, in: stranger)
    }
    #expect((waive as? any YibangError)?.code == "receipt.unknown_gift")
  }

  @Test(
    "the application's role can neither write a receipt, nor number it, nor change what it says",
    arguments: [
      "update receipt set amount_fen = 1", "delete from receipt",
      "update receipt set voided_on = null", "update receipt_counter set last_number = 1",
      "insert into receipt_counter select * from receipt_counter", "delete from receipt_waiver",
      "select receipt_number('2199000001', null, 2026)",
    ])
  func rights(statement: String) async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(100)
    _ = try await ReceiptTests.issue(gift, district)
    let error = await failure {
      try await district.admin.write { try $0.script(SQL(trusted: statement)) }
    }
    #expect((error as? PostgresError)?.detail?.sqlstate == "42501")
  }

  @Test("a cash gift and a gift in kind never share a receipt (OCA/donation #147)")
  func cashAndGoods() async throws {
    let district = try await TestDistrict.make()
    let gift = try await district.give(100)
    let receipt = try await ReceiptTests.issue(gift, district)
    #expect(receipt.kind == .money)
    let id = receipt.id
    for change: SQL in [
      "update receipt set goods_lot_id = gen_random_uuid() where id = $1",
      "update receipt set kind = 'goods' where id = $1",
      "update receipt set campaign_id = gen_random_uuid() where id = $1",
    ] {
      let error = await failure {
        try await TestPlatform.asOwner { try $0.execute(change, id) }
      }
      #expect((error as? PostgresError)?.detail?.constraint == "receipt_one_subject")
    }
    let unknown = await failure {
      try await Receipts.issue(
        .init(.goods(lot: UUID()), on: ReceiptTests.day), in: district.admin)
    }
    #expect((unknown as? any YibangError)?.code == "receipt.unknown_gift")
  }

  /// What somebody with all rights on the database might do, and the check that finds it.
  static let damages: [(damage: SQL, check: String)] = [
    ("delete from receipt where district_id = $1 and number = 2", "receipts.numbers"),
    ("update receipt set number = 9 where district_id = $1 and number = 4", "receipts.numbers"),
    ("update receipt_counter set last_number = 7 where district_id = $1", "receipts.counter"),
    ("delete from receipt where district_id = $1", "receipts.counter"),
    (
      "update receipt set amount_fen = 10001 where district_id = $1 and number = 4",
      "receipts.amounts"
    ),
    (
      "update receipt r set replaces = o.id from receipt o where r.district_id = $1 and r.number = 3 and o.district_id = $1 and o.number = 4",
      "receipts.replaced"
    ),
    (
      "update receipt_waiver set withdrawn_on = null, withdrawn_by = null where district_id = $1",
      "receipts.waived"
    ),
  ]

  @Test("the doctor names what somebody altered behind the books' back", arguments: damages.indices)
  func damaged(index: Int) async throws {
    let (damage, check) = Self.damages[index]
    let district = try await TestDistrict.make()
    let first = try await ReceiptTests.issue(district.give(10_000), district)
    _ = try await ReceiptTests.issue(district.give(10_000), district)
    _ = try await Receipts.reissue(
      .id(first.id), reason: "换", on: ReceiptTests.day, in: district.admin)
    let waived = try await district.give(10_000)
    _ = try await Receipts.waive(
      .donation(waived), cause: .declined, on: ReceiptTests.day, in: district.admin)
    _ = try await Receipts.withdrawWaiver(
      .donation(waived), on: ReceiptTests.day, in: district.admin)
    _ = try await ReceiptTests.issue(waived, district)
    #expect(try await Doctor.examine(in: district.admin).isEmpty)
    let code = district.code
    try await TestPlatform.asOwner { session in
      try session.execute("set session_replication_role = replica")
      _ = try session.execute(damage, code)
    }
    let findings = try await Doctor.examine(checks: Receipts.checks, in: district.admin)
    #expect(findings.map(\.check).contains(check), "\(damage.text): \(findings.map(\.check))")
  }

  @Test("no text promises a deduction of tax")
  func noTaxPromise() throws {
    let promise = /(抵扣|税前扣除|免税|减税|tax[- ]deduct|deductible)/
    for path in ["Sources/Yibang/Receipts", "Sources/yibang"] {
      let folder = HouseTests.root.appending(path: path)
      let files = try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
      for file in files where file.pathExtension == "swift" {
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(!text.contains(promise), "\(file.lastPathComponent)")
      }
    }
  }
}
