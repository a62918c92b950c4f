import Spreadsheet
import Testing

@Suite("Reading workbooks")
struct XlsxReadingTests {
  @Test("a cell's text comes from the shared table, inline or from a formula")
  func texts() throws {
    var book = HandMadeWorkbook(
      rows: """
        <row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="inlineStr"><is><t> 李 四 </t></is></c>
        <c r="C2" t="str"><f>A1&amp;B1</f><v>王&lt;五&gt;</v></c>
        <c r="D2" t="inlineStr"><is><r><t>a</t></r><r><rPr><b/></rPr><t>b</t></r></is></c></row>
        """)
    book.sharedStrings = """
      <si><t>不用</t></si>
      <si><r><t>张</t></r><r><rPr><b/></rPr><t xml:space="preserve"> 三</t></r>
      <rPh sb="0" eb="1"><t>zhāng</t></rPh><phoneticPr fontId="1"/></si>
      """
    let read = try rows(of: book.bytes)
    #expect(read.map(\.number) == [2])
    #expect(read.first?.cells.map(\.text) == ["张 三", " 李 四 ", "王<五>", "ab"])
  }

  @Test(
    "a value that is no text is told apart",
    arguments: [
      ("<c t=\"b\"><v>1</v></c>", Cell(.bool(true))),
      ("<c t=\"b\"><v>0</v></c>", Cell(.bool(false))),
      ("<c t=\"e\"><v>#N/A</v></c>", Cell(.error("#N/A"))),
      ("<c><v>12</v></c>", Cell(.number("12", lostDigits: false))),
      ("<c t=\"n\"><v> 12.50 </v></c>", Cell(.number("12.5", lostDigits: false))),
      ("<c t=\"d\"><v>2026-09-01T00:00:00</v></c>", Cell(.date(year: 2026, month: 9, day: 1))),
      ("<c><f>SUM(A2:A9)</f><v>3</v></c>", Cell(.number("3", lostDigits: false))),
      ("<c><v>abc</v></c>", Cell(.text("abc"))),
      ("<c t=\"str\"><f>\"\"</f><v></v></c>", Cell.empty),
    ])
  func kinds(xml: String, expected: Cell) throws {
    #expect(try cell(xml) == expected)
  }

  @Test(
    "a formula without a result is empty and says so",
    arguments: ["<c><f>NOW()</f></c>", "<c><f>NOW()</f><v/></c>", "<c><f>1</f><v></v></c>"])
  func formulaWithoutValue(xml: String) throws {
    let read = try cell(xml)
    #expect(read == Cell(.empty, note: .formulaWithoutValue))
  }

  @Test(
    "a number reads as a spreadsheet shows it",
    arguments: [
      ("0.30000000000000004", "0.3"), ("1000.1000000000001", "1000.1"), ("8.1E-2", "0.081"),
      ("1.5E3", "1500"), ("-0", "0"), ("-12.30", "-12.3"), ("00012", "12"), (".5", "0.5"),
      ("999999999999999", "999999999999999"), ("1E14", "100000000000000"),
      ("0.99999999999999999", "1"), ("1E-7", "0.0000001"),
      ("123456789.012345678", "123456789.012346"),
      ("1E-300", "1E-300"), ("13888888888", "13888888888"), ("4.35", "4.35"),
      ("4.3499999999999996", "4.35"), ("0.000", "0"),
    ])
  func numbers(stored: String, shown: String) throws {
    #expect(try cell("<c><v>\(stored)</v></c>") == Cell(.number(shown, lostDigits: false)))
  }

  @Test(
    "a number of more than fifteen digits says that digits are lost",
    arguments: [
      ("5.3010319900101123E+17", "5.30103199001011E+17"),
      ("530103199001011234", "5.30103199001011E+17"), ("1E15", "1E+15"),
      ("6.2220202111E18", "6.2220202111E+18"), ("-1234567890123456", "-1.23456789012346E+15"),
    ])
  func lostDigits(stored: String, shown: String) throws {
    #expect(try cell("<c><v>\(stored)</v></c>") == Cell(.number(shown, lostDigits: true)))
  }

  @Test("characters that XML cannot hold are unescaped, others are left")
  func escapes() throws {
    let text = "a_x000D__x000A_b_x005F_x0041__x_xD83D__xDE00__xD800_"
    let read = try cell("<c t=\"inlineStr\"><is><t>\(text)</t></is></c>")
    #expect(read.text == "a\r\nb_x0041__x😀_xD800_")
  }

  @Test("rows and cells without an address follow the one before")
  func missingAddresses() throws {
    let book = HandMadeWorkbook(
      rows: "<row><c><v>1</v></c><c r=\"D1\"><v>4</v></c><c><v>5</v></c></row>"
        + "<row r=\"7\"><c><v>7</v></c></row><row><c r=\"B8\"><v>8</v></c></row>")
    let read = try rows(of: book.bytes)
    #expect(read.map(\.number) == [1, 7, 8])
    #expect(read.map { $0.cells.map(\.text) } == [["1", "", "", "4", "5"], ["7"], ["", "8"]])
    #expect(read[0][9] == .empty)
  }

  @Test("hidden sheets are left out, the others keep their order")
  func hiddenSheets() throws {
    var book = HandMadeWorkbook(rows: "")
    book.sheets = ["hidden", nil, "veryHidden", "visible"].enumerated().map { index, state in
      .init(
        name: "表\(index)", state: state,
        content: "<sheetData><row><c><v>\(index)</v></c></row></sheetData>")
    }
    let folder = TemporaryFolder()
    let path = folder.file("book.xlsx", book.bytes)
    #expect(try TableFile.open(path: path).sheets == ["表1", "表3"])
    #expect(try rows(path, sheet: 1).first?.cells.first?.text == "3")
  }

  @Test(
    "a sheet is found through any way of naming its part",
    arguments: [
      "/xl/worksheets/sheet1.xml", "./worksheets/sheet1.xml", "../xl/Worksheets/Sheet1.xml",
    ]
  )
  func targets(target: String) throws {
    var book = HandMadeWorkbook(rows: "<row><c><v>1</v></c></row>")
    book.target = { _ in target }
    #expect(try readTexts(book) == [["1"]])
  }

  @Test("the strict namespace and prefixed elements read alike")
  func namespaces() throws {
    var book = HandMadeWorkbook(rows: "<row><c><v>1</v></c></row>")
    book.namespace = HandMadeWorkbook.strict
    #expect(try readTexts(book) == [["1"]])
    let prefixed =
      "<x:worksheet xmlns:x=\"\(HandMadeWorkbook.strict)\"><x:sheetData><x:row r=\"1\">"
      + "<x:c r=\"A1\"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    book.replaced["xl/worksheets/sheet1.xml"] = Array(prefixed.utf8)
    #expect(try readTexts(book) == [["1"]])
  }

  @Test("a part in UTF-16 reads as one in UTF-8, its merged cells too")
  func utf16Part() throws {
    var book = HandMadeWorkbook(rows: "")
    let xml =
      "<?xml version=\"1.0\" encoding=\"UTF-16\"?><worksheet><sheetData><row r=\"1\">"
      + "<c r=\"A1\" t=\"inlineStr\"><is><t>一班</t></is></c><c r=\"B1\"><v>1</v></c></row>"
      + "<row r=\"2\"><c r=\"B2\"><v>2</v></c></row></sheetData>"
      + "<mergeCells><mergeCell ref=\"A1:A2\"/></mergeCells></worksheet>"
    let encodedXML = try #require(encoded(xml, "UTF-16LE"))
    book.replaced["xl/worksheets/sheet1.xml"] = [0xFF, 0xFE] + encodedXML
    #expect(try readTexts(book) == [["一班", "1"], ["一班", "2"]])
  }

  @Test("progress rises from 0 to 1")
  func progress() throws {
    let line =
      "<row><c t=\"inlineStr\"><is><t>\(String(repeating: "字", count: 500))</t></is></c></row>"
    let book = HandMadeWorkbook(rows: String(repeating: line, count: 2_000))
    let folder = TemporaryFolder()
    let file = try TableFile.open(path: folder.file("book.xlsx", book.bytes))
    var steps: [Double] = []
    try file.rows(sheet: 0) { _, progress in steps.append(progress) }
    #expect(steps == steps.sorted())
    #expect(steps.allSatisfy { (0...1).contains($0) })
    #expect(Set(steps).count > 5)
  }

  @Test("an error of the caller ends the pass and comes back unchanged")
  func callersError() throws {
    struct Enough: Error, Equatable {}
    let book = HandMadeWorkbook(rows: String(repeating: "<row><c><v>1</v></c></row>", count: 100))
    let folder = TemporaryFolder()
    let file = try TableFile.open(path: folder.file("book.xlsx", book.bytes))
    var count = 0
    #expect(throws: Enough()) {
      try file.rows(sheet: 0) { _, _ in
        count += 1
        if count == 3 { throw Enough() }
      }
    }
    #expect(count == 3)
  }

  private func readTexts(_ book: HandMadeWorkbook) throws -> [[String]] {
    try rows(of: book.bytes).map { $0.cells.map(\.text) }
  }
}
