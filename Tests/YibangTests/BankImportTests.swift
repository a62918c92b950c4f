import Foundation
import Glibc
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

extension TestDistrict {
  func bankAccount(
    _ name: String = "基本户", number: String = "6222000000001003", school: Schools.School? = nil
  ) async throws -> UUID {
    try await BankAccounts.add(
      name: name, number: number, school: (school ?? self.school).id, in: admin)
  }

  func importStatement(
    _ lines: String, into account: UUID, dryRun: Bool = false, skipRefused: Bool = false,
    in context: Context? = nil
  ) async throws -> ImportReport {
    try await sheet(lines) { path in
      try await BankAccounts.importStatement(
        request(path, dryRun: dryRun, skipRefused: skipRefused), account: account,
        in: context ?? admin)
    }
  }

  func bankLines(
    state: BankLines.State? = nil, in context: Context? = nil
  ) async throws -> [BankLines.Line] {
    try await BankLines.list(Self.autumn, state: state, in: context ?? admin)
  }
}

@Suite("Importing bank statements")
struct BankImportTests {
  static let header = "交易日期,交易时间,摘要,贷方发生额（收入）,借方发生额（支出）,余额,对方户名,对方账号,交易流水号,附言"

  @Test("statements are read as banks write them: titles, totals, separators, stamps, serial dates")
  func dirtySheet() async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    let text = """
      \u{FEFF}测试银行活期账户交易明细,,,,,,,,,
      账号：6222000000001003,,户名：第一小学,,,,,,,
      \(Self.header)
      期初余额,,,,,"1,000.00",,,,
      20260910,10:11:12,转账,"1,234.50",0.00,"2,234.50",试甲某,6222000000009999,S001,捐款
      2026-09-11 08:00:00,,手续费,,5.00,"2,229.50",,,S002,
      46279,,代发,0,"1,000.00","1,229.50",试乙公司,,S003,
      合计,,,"1,234.50","1,005.00",,,,,
      贷方笔数：1,,,,,,,,,
      制表：试某某,,,,复核：试某,,,,,
      """
    let report = try await district.importStatement(text, into: account)
    #expect(report.refused.isEmpty)
    #expect(report.warnings.isEmpty)
    #expect(report.accepted == 3)
    let lines = try await district.bankLines()
    #expect(lines.map(\.amount.fen) == [123_450, -500, -100_000])
    #expect(lines.map { "\($0.day)" } == ["2026-09-10", "2026-09-11", "2026-09-14"])
    #expect(lines.map { $0.balance?.fen } == [223_450, 222_950, 122_950])
    #expect(lines[0].counterparty == "试甲某")
    #expect(lines[0].counterAccountLastFour == "9999")
    #expect(lines[0].text == "转账 捐款")
  }

  @Test(
    "one amount with its direction, in the words and signs of several banks",
    arguments: [
      ("贷,100.00", 10_000), ("借,100.00", -10_000), ("借,-100.00", -10_000), ("贷,-100.00", -10_000),
      ("收入,+100", 10_000), ("支出,¥100.00", -10_000), ("C,\"1,000.00\"", 100_000), (",-5.5", -550),
    ])
  func flags(cells: String, fen: Int64) async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    let report = try await district.importStatement(
      "记账日期,借贷标志,交易金额,交易对方,备注\n2026年9月10日,\(cells),试甲某,无\n", into: account)
    #expect(report.accepted == 1)
    #expect(try await district.bankLines().map(\.amount.fen) == [fen])
  }

  @Test("a workbook and a GB18030 file say the same as UTF-8, and are then known")
  func encodings() async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    let text = "\(Self.header)\n2026-09-10,,转账,100.00,,,试甲某,,,捐款\n"
    #expect(try await district.importStatement(text, into: account).accepted == 1)
    let path = "\(TestPlatform.directory)/\(UUID().uuidString)"
    let gb = try #require(gb18030(text))
    try Data(gb).write(to: URL(filePath: path + ".csv"))
    let table = TableDocument(
      title: "交易明细",
      columns: [
        .init("交易日期", kind: .date), .init("摘要"), .init("贷方发生额（收入）", kind: .money),
        .init("对方户名"), .init("附言"),
      ],
      rows: [
        [
          .date(year: 2026, month: 9, day: 10), .text("转账"), .money(fen: 10_000), .text("试甲某"),
          .text("捐款"),
        ]
      ])
    try writeXlsx([("流水", table)], to: path + ".xlsx")
    for name in [".csv", ".xlsx"] {
      let report = try await BankAccounts.importStatement(
        district.request(path + name), account: account, in: district.admin)
      #expect((report.accepted, report.unchanged) == (0, 1), "\(name)")
    }
  }

  @Test("a line is one line however often it is read; equal lines of one statement are two")
  func readAgain() async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    let serial = "2026-09-10,,转账,100.00,,,试甲某,,S1,\n"
    let plain = "2026-09-11,,现金,20.00,,,,,,\n"
    let first = try await district.importStatement(
      "\(Self.header)\n\(serial)\(plain)\(plain)", into: account)
    #expect(first.accepted == 3)
    let again = try await district.importStatement(
      "\(Self.header)\n\(serial)\(serial)\(plain)\(plain)\(plain)", into: account)
    #expect((again.accepted, again.unchanged) == (1, 4))
    // The serial number is the key: another wording is the same line, another amount a contradiction.
    let worded = try await district.importStatement(
      "\(Self.header)\n2026-09-10,,汇款,100.00,,,试甲某,,S1,x\n", into: account)
    #expect((worded.accepted, worded.unchanged) == (0, 1))
    let other = try await district.importStatement(
      "\(Self.header)\n2026-09-10,,转账,101.00,,,试甲某,,S1,\n", into: account)
    #expect(other.refused.map(\.column) == ["流水号"])
    #expect(!other.written)
    // On another account it is another line.
    let second = try await district.bankAccount("专户", number: "7003")
    #expect(
      try await district.importStatement("\(Self.header)\n\(serial)", into: second).accepted == 1)
  }

  @Test("four imports of one statement at once record each line once")
  func importsAtOnce() async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    var text = "\(Self.header)\n"
    for number in 0..<300 { text += "2026-09-10,,转账,\(number % 7 + 1).00,,,试甲某,,,\n" }
    let lines = text
    let reports = try await withThrowingTaskGroup(of: ImportReport.self) { group in
      for _ in 0..<4 {
        group.addTask { try await district.importStatement(lines, into: account) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(reports.map(\.accepted).sorted() == [0, 0, 0, 300])
    #expect(try await district.bankLines().count == 300)
  }

  @Test(
    "a balance that does not follow is told with its row, oldest line first or newest first",
    arguments: [false, true])
  func runningBalance(newestFirst: Bool) async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    let lines = [
      "2026-09-10,,a,100.00,,100.00,,,A1,", "2026-09-11,,b,50.00,,150.00,,,A2,",
      "2026-09-12,,c,,30.00,120.00,,,A3,", "2026-09-14,,d,5.00,,135.00,,,A5,",
      "2026-09-15,,e,5.00,,140.00,,,A6,",
    ]
    let ordered = newestFirst ? Array(lines.reversed()) : lines
    let report = try await district.importStatement(
      ([Self.header] + ordered).joined(separator: "\n") + "\n", into: account)
    #expect(report.accepted == 5)
    #expect(report.warnings.map(\.kind) == [.mismatch])
    #expect(report.warnings.first?.row == (newestFirst ? 4 : 5))
    #expect(report.warnings.first?.text.zh.contains("余额不连续") == true)
  }

  @Test(
    "a line that cannot be taken is refused with its column",
    arguments: [
      ("2026-02-30,,x,100,,,,,,", "交易日期"), (",,x,100,,,试甲某,,,", "交易日期"),
      ("2026-09-10,,x,约100,,,,,,", "贷方发生额（收入）"), ("2026-09-10,,x,1,2,,,,,", "贷方发生额（收入）"),
      ("2026-09-10,,x,0,0,,试甲某,,S9,", "贷方发生额（收入）"), ("2026-09-10,,x,1.005,,,,,,", "贷方发生额（收入）"),
      ("2026-09-10,,x,1,,,,,6.22E+18,", "交易流水号"), ("2025-01-10,,x,1,,,,,,", "日期"),
    ])
  func refusals(line: String, column: String) async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    let report = try await district.importStatement("\(Self.header)\n\(line)\n", into: account)
    #expect(report.refused.map(\.column) == [column])
    #expect(try await district.bankLines().isEmpty)
  }

  @Test("nothing new is taken into a closed semester, and what is known stays known")
  func closedSemester() async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    let known = "2026-03-02,,转账,100.00,,,试甲某,,S1,\n"
    _ = try await district.importStatement("\(Self.header)\n\(known)", into: account)
    let line = try #require(
      try await BankLines.list(TestDistrict.spring, in: district.admin).first)
    _ = try await Reconciliation.explain(
      .line(line.id), .interest, note: "结息", in: district.admin)
    try await district.close(TestDistrict.spring)
    let report = try await district.importStatement(
      "\(Self.header)\n\(known)2026-03-03,,转账,7.00,,,试甲某,,S2,\n", into: account)
    #expect((report.unchanged, report.refusedRows) == (1, 1))
    #expect(report.refused.first?.problem.zh == "所属学期已结账")
  }

  @Test("names, texts and account numbers stand nowhere in the clear, nor in the trail")
  func sealed() async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    _ = try await district.importStatement(
      "\(Self.header)\n2026-09-10,,转账,100.00,,,试甲某,6222000000009999,S1,给试乙某\n", into: account)
    let code = district.code
    let texts: [String] = try await TestPlatform.asOwner { session in
      let rows = try session.query(
        """
        select to_jsonb(l)::text from bank_line l where district_id = $1
        union all select to_jsonb(a)::text from bank_account a where district_id = $1
        union all select to_jsonb(a)::text from audit a where district_id = $1
        """, code)
      return try rows.map { try $0.get(0) }
    }
    #expect(texts.count > 2)
    for word in ["试甲某", "试乙某", "6222000000009999", "6222000000001003"] {
      #expect(!texts.contains { $0.contains(word) }, "\(word)")
    }
  }

  @Test("who may not read counterparties sees the line without them; another school sees none")
  func readers() async throws {
    let district = try await TestDistrict.make()
    let account = try await district.bankAccount()
    _ = try await district.importStatement(
      "\(Self.header)\n2026-09-10,,转账,100.00,,,试甲某,6222000000009999,S1,给试乙某\n", into: account)
    let officer = try await district.bankLines(in: district.officer)
    #expect(officer.map(\.amount.fen) == [10_000])
    #expect(officer.map(\.counterparty) == [nil])
    #expect(officer.map(\.text) == [nil])
    #expect(try await district.bankLines(in: district.otherOfficer).isEmpty)
    #expect(try await BankAccounts.list(in: district.otherOfficer).isEmpty)
    let refused = await failure {
      try await district.importStatement(
        "\(Self.header)\n", into: account, in: district.officer)
    }
    #expect((refused as? any YibangError)?.code == "access.forbidden")
  }

  @Test("an account is registered once, and its number is a number")
  func accounts() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.bankAccount()
    for (name, number) in [("基本户", "6222000000001003"), ("另名", "6222 0000 0000 1003")] {
      let error = await failure { try await district.bankAccount(name, number: number) }
      #expect((error as? any YibangError)?.code == "bank.account_exists")
    }
    for number in ["", "12", "12345", "6222-0000-0000-10O3"] {
      let error = await failure { try await district.bankAccount("新户", number: number) }
      #expect((error as? any YibangError)?.code == "bank.account_number")
    }
  }
}

/// The text in GB18030, as banks' programs write it.
private func gb18030(_ text: String) -> [UInt8]? {
  guard let converter = iconv_open("GB18030", "UTF-8"), Int(bitPattern: converter) != -1 else {
    return nil
  }
  defer { iconv_close(converter) }
  var source = text.utf8.map { CChar(bitPattern: $0) }
  var target = [CChar](repeating: 0, count: source.count * 4)
  var (left, room) = (source.count, target.count)
  let outcome = source.withUnsafeMutableBufferPointer { input in
    target.withUnsafeMutableBufferPointer { output in
      var (from, to) = (input.baseAddress, output.baseAddress)
      return iconv(converter, &from, &left, &to, &room)
    }
  }
  guard outcome != -1 else { return nil }
  return target[..<(target.count - room)].map { UInt8(bitPattern: $0) }
}
