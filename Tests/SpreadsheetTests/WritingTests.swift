import Glibc
import Spreadsheet
import Testing

@Suite("Writing tables")
struct WritingTests {
  private let table = TableDocument(
    title: "捐款情况表", subtitle: "单位：元",
    columns: [
      .init("姓名"), .init("身份证号"), .init("金额", kind: .money), .init("人数", kind: .integer),
      .init("日期", kind: .date),
    ],
    rows: [
      [
        .text("王小明"), .text("530103199001011234"), .money(fen: 123_450), .integer(3),
        .date(year: 2026, month: 9, day: 1),
      ],
      [.text("=1+1"), .text("0123"), .money(fen: -7), .empty],
    ],
    totals: [.text("合计"), .empty, .money(fen: 123_443)], footer: ["制表：　　审核："])

  @Test("a workbook reads back as it was written: texts as texts, amounts to the fen")
  func workbook() throws {
    let folder = TemporaryFolder()
    let path = folder.file("报表.xlsx")
    try writeXlsx([("捐款", table)], to: path)
    let file = try TableFile.open(path: path)
    #expect(file.sheets == ["捐款"])
    let read = try rows(path)
    #expect(read.map(\.number) == [1, 2, 3, 4, 5, 6, 7])
    #expect(read[0].cells.map(\.text) == Array(repeating: "捐款情况表", count: 5))
    #expect(read[2].cells.map(\.text) == ["姓名", "身份证号", "金额", "人数", "日期"])
    #expect(
      read[3].cells.map(\.value) == [
        .text("王小明"), .text("530103199001011234"), .number("1234.5", lostDigits: false),
        .number("3", lostDigits: false), .date(year: 2026, month: 9, day: 1),
      ])
    #expect(
      read[4].cells.map(\.value) == [
        .text("=1+1"), .text("0123"), .number("-0.07", lostDigits: false),
      ])
    #expect(read[5].cells.map(\.text) == ["合计", "", "1234.43"])
    #expect(read[6][0].text == "制表：　　审核：")
    #expect(folder.names == ["报表.xlsx"])
  }

  @Test(
    "a text that looks like markup, an escape or a formula comes back as it was",
    arguments: [
      ("<r><t>x</t></r>", "<r><t>x</t></r>"), ("{=A1}", "{=A1}"), ("http://a.b", "http://a.b"),
      ("_x000D_", "_x000D_"), ("_x005F_x000D_", "_x005F_x000D_"),
      ("a\0b\u{FFFF}", "a\u{FFFD}b\u{FFFD}"),
      ("  两端  ", "  两端  "), ("\n", "\n"), ("\r\n", "\r\n"), ("\u{B}\u{1B}", "\u{B}\u{1B}"),
    ])
  func oddTexts(text: String, expected: String) throws {
    let folder = TemporaryFolder()
    let table = TableDocument(
      title: text, columns: [.init(text), .init("b")], rows: [[.text(text)]])
    try writeXlsx([("表", table)], to: folder.file("t.xlsx"))
    let read = try rows(folder.file("t.xlsx"))
    #expect(read.map { $0[0] } == Array(repeating: Cell(.text(expected)), count: 3))
  }

  @Test("a CSV has its mark, CRLF and guards against formulas; numbers are left")
  func csv() throws {
    let text = String(decoding: csvBytes(table).dropFirst(3), as: UTF8.self)
    #expect(csvBytes(table).prefix(3) == [0xEF, 0xBB, 0xBF])
    let lines = [
      "捐款情况表", "单位：元", "姓名,身份证号,金额,人数,日期", "王小明,530103199001011234,1234.50,3,2026-09-01",
      "'=1+1,0123,-0.07,", "合计,,1234.43", "制表：　　审核：",
    ]
    #expect(text == lines.map { $0 + "\r\n" }.joined())
    let folder = TemporaryFolder()
    try writeCSV(table, to: folder.file("t.csv"))
    #expect(contents(of: folder.file("t.csv")) == csvBytes(table))
    #expect(folder.names == ["t.csv"])
  }

  @Test(
    "a text that begins like a formula is guarded, others are not",
    arguments: [
      ("=A1", "'=A1"), ("+86", "'+86"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "\"'\tx\""),
      ("\rx", "\"'\rx\""), ("a=1", "a=1"), ("'x", "'x"), ("a\"b", "\"a\"\"b\""),
      ("a\nb", "\"a\nb\""),
      ("a,b", "\"a,b\""), (" x", "\" x\""), ("a\0b", "a\u{FFFD}b"), ("", ""),
    ])
  func formulaGuard(text: String, written: String) {
    var writer = CSVWriter()
    _ = writer.takeBytes()
    writer.append([.text(text), .integer(-1), .money(fen: -5)])
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "\(written),-1,-0.05\r\n")
  }

  @Test("digits can be kept from a spreadsheet, and read back as they were")
  func keptDigits() throws {
    let cells = ["530103199001011234", "0123", "12345678901", "0", "١٢٣٤٥٦٧٨٩٠١٢٣"]
    let table = TableDocument(columns: [.init("号")], rows: cells.map { [.text($0)] })
    let bytes = csvBytes(table, keepsDigits: true)
    #expect(String(decoding: bytes, as: UTF8.self).contains("\"=\"\"0123\"\"\"\r\n12345678901\r\n"))
    #expect(try texts(of: bytes).dropFirst().map { $0[0] } == cells)
  }

  @Test("rows that are given one by one come behind those of the table")
  func streaming() throws {
    let folder = TemporaryFolder()
    let table = TableDocument(columns: [.init("号"), .init("金额", kind: .money)], footer: ["完"])
    let more: TableDocument.RowSource = { emit in
      for index in 0..<20_000 { try emit([.text("第\(index)"), .money(fen: Int64(index))]) }
    }
    try writeXlsx(sheet: "表", table, to: folder.file("t.xlsx"), more: more)
    try writeCSV(table, to: folder.file("t.csv"), more: more)
    for name in ["t.xlsx", "t.csv"] {
      let read = try rows(folder.file(name))
      #expect(read.count == 20_002)
      #expect(read[20_000][0].text == "第19999")
      #expect(read[20_001][0].text == "完")
    }
  }

  @Test("what cannot be stored exactly is refused and leaves the old file as it was")
  func refusals() throws {
    let cells: [(TableCell, TableWriteError)] = [
      (.money(fen: 1_000_000_000_000_000), .numberTooLarge(row: 2, column: 1)),
      (.integer(.min), .numberTooLarge(row: 2, column: 1)),
      (.date(year: 2026, month: 2, day: 30), .impossibleDate(row: 2, column: 1)),
      (.text(String(repeating: "字", count: 32_768)), .textTooLong(row: 2, column: 1)),
    ]
    let folder = TemporaryFolder()
    let path = folder.file("old.xlsx", "old".utf8)
    for (cell, expected) in cells {
      let table = TableDocument(columns: [.init("a"), .init("b")], rows: [[.empty, cell]])
      #expect(throws: expected) { try writeXlsx([("表", table)], to: path) }
      #expect(folder.names == ["old.xlsx"])
      #expect(contents(of: path) == Array("old".utf8))
      #expect(expected.zh.contains("第 2 行 B 列"))
    }
    let nowhere = "\(folder.path)/none/t.csv"
    #expect(throws: TableWriteError.unwritable(errno: ENOENT)) { try writeCSV(table, to: nowhere) }
    #expect(throws: TableWriteError.unwritable(errno: ENOENT)) {
      try writeXlsx([("表", table)], to: nowhere)
    }
  }

  @Test("an error of the row source leaves no file behind")
  func failingSource() {
    struct Broken: Error {}
    let folder = TemporaryFolder()
    #expect(throws: Broken.self) {
      try writeXlsx(sheet: "表", table, to: folder.file("t.xlsx")) { _ in throw Broken() }
    }
    #expect(throws: Broken.self) {
      try writeCSV(table, to: folder.file("t.csv")) { _ in throw Broken() }
    }
    #expect(folder.names == [])
  }

  @Test("sheet names are made fit and stay different")
  func sheetNames() throws {
    let folder = TemporaryFolder()
    let long = String(repeating: "云南省昆明市", count: 8)
    let names = ["a/b:c", "A_b_c", long, long + "二", "", "'引'"]
    try writeXlsx(names.map { ($0, table) }, to: folder.file("t.xlsx"))
    let read = try TableFile.open(path: folder.file("t.xlsx")).sheets
    let cut = String(long.prefix(31))
    #expect(read == ["a_b_c", "A_b_c(2)", cut, String(long.prefix(27)) + "(2)", "Sheet", "引"])
  }

  @Test("the largest and smallest amounts that are accepted come back exactly")
  func extremeAmounts() throws {
    let amounts: [Int64] = [
      999_999_999_999_999, -999_999_999_999_999, 999_999_999_999_998, 1, -1, 0, 10, 100, 29, 57, 58,
      900_719_925_474_099, 123_456_789_012_345,
    ]
    let folder = TemporaryFolder()
    let table = TableDocument(
      columns: [.init("金额", kind: .money)], rows: amounts.map { [.money(fen: $0)] })
    try writeXlsx([("表", table)], to: folder.file("t.xlsx"))
    let read = try rows(folder.file("t.xlsx")).dropFirst().map { fen($0[0].text) }
    #expect(read == amounts)
  }
}

/// Fen of a decimal in yuan.
func fen(_ text: String) -> Int64? {
  let halves = text.split(separator: ".")
  let part = halves.count > 1 ? halves[1] : ""
  guard halves.count <= 2, part.count <= 2, let whole = halves.first else { return nil }
  return Int64(whole + part + String(repeating: "0", count: 2 - part.count))
}
