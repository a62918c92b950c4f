import Spreadsheet
import Testing

@Suite("Reading CSV")
struct CSVReadingTests {
  @Test(
    "fields follow RFC 4180, with what spreadsheets add",
    arguments: [
      ("a,b\nc,d", [["a", "b"], ["c", "d"]]), ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
      ("a,b\rc,d\r", [["a", "b"], ["c", "d"]]), ("a,,b,\n", [["a", "", "b", ""]]),
      ("a,b,", [["a", "b", ""]]), (",\n", [["", ""]]), ("a,b\nc\n", [["a", "b"], ["c"]]),
      ("\"a,b\",c", [["a,b", "c"]]), ("\"a\"\"b\",\"\"", [["a\"b", ""]]),
      ("\"x\ny\",z\n1,2", [["x\ny", "z"], ["1", "2"]]),
      ("\"x\r\ny\"\r\nz,w", [["x\r\ny"], ["z", "w"]]), ("a\"b\",c", [["a\"b\"", "c"]]),
      ("\"a\"b\"c,d", [["ab\"c", "d"]]), ("\"a\" ,b", [["a ", "b"]]),
      (" \"a\",b", [[" \"a\"", "b"]]),
      ("=\"0123\",b", [["0123", "b"]]), ("\"=\"\"0123\"\"\",b", [["0123", "b"]]),
      ("=\"\",b", [["", "b"]]), ("=SUM(A1),b", [["=SUM(A1)", "b"]]),
      ("'0123,b", [["'0123", "b"]]), ("5.30103E+17,b", [["5.30103E+17", "b"]]),
      ("01.50,1e3,TRUE", [["01.50", "1e3", "TRUE"]]), ("\"\"\"\",b", [["\"", "b"]]),
      ("only", [["only"]]), ("\"only\"", [["only"]]), ("a,\"\"\n", [["a", ""]]),
    ])
  func fields(text: String, expected: [[String]]) throws {
    #expect(try texts(of: text.utf8) == expected)
  }

  @Test("a cell is text or empty, never a number")
  func kinds() throws {
    let read = try rows(of: "12,,x".utf8)
    #expect(read.first?.cells == [Cell(.text("12")), .empty, Cell(.text("x"))])
    #expect(read.first?[7] == .empty)
  }

  @Test("rows are numbered as a spreadsheet shows them: blank lines count, breaks in cells do not")
  func numbers() throws {
    let read = try rows(of: "a,b\n\n\"x\ny\nz\",1\r\n\r\n\rc,d\n".utf8)
    #expect(read.map(\.number) == [1, 3, 6])
  }

  @Test(
    "the delimiter is the one that divides the first lines evenly",
    arguments: [
      ("a\tb\n1,5\t2", [["a", "b"], ["1,5", "2"]]),
      ("a;b;c\n1;2;3", [["a", "b", "c"], ["1", "2", "3"]]),
      ("a;b\n1,5;2,5\n3;4\n", [["a", "b"], ["1,5", "2,5"], ["3", "4"]]),
      ("登记表\n单位：元\na,b\n1,2\n", [["登记表"], ["单位：元"], ["a", "b"], ["1", "2"]]),
      ("\"a;b;c\",d\n\"e;f;g\",h", [["a;b;c", "d"], ["e;f;g", "h"]]), ("a，b\n", [["a，b"]]),
      ("x\n\n\na\tb", [["x"], ["a", "b"]]),
    ])
  func delimiters(text: String, expected: [[String]]) throws {
    #expect(try texts(of: text.utf8) == expected)
  }

  @Test(
    "a quote that is not closed is refused with the line where it opened",
    arguments: [
      ("a,b\n\"c,d\ne,f\n", 2), ("\"", 1), ("a\r\nb\r\n\"x\r\ny", 3), ("a\rb\r\"x\ry", 3),
      ("a,b\n1,\"2\n3,\"4\n5,6\n", 2), ("\"x\ny\",1\n2,3\n4,\"5", 4), ("a,\"b\"\"", 1),
    ])
  func unclosedQuote(text: String, line: Int) {
    #expect(fault(of: text.utf8) == .unclosedQuote(line: line))
  }

  @Test("a quote that stays open over megabytes is refused early, with its line")
  func unclosedQuoteInLargeFile() {
    let rows = String(repeating: "1,王小明,100.00\n", count: 100_000)
    #expect(fault(of: ("a,b,c\n" + "2,\"王,3\n" + rows).utf8) == .unclosedQuote(line: 2))
  }

  @Test("cells and records across the edges of what is read at once come whole")
  func chunkEdges() throws {
    let long = String(repeating: "长", count: 30_000)
    var expected: [[String]] = []
    var text = ""
    for index in 0..<60 {
      let quoted = "\(index)\"\r\n" + String(repeating: "文", count: index * 97)
      expected.append(["\(index)", long, quoted, ""])
      text += "\(index),\(long),\"\(quoted.replacing("\"", with: "\"\""))\",\r\n"
    }
    #expect(try texts(of: text.utf8) == expected)
    let gb = try #require(encoded(text, "GB18030"))
    #expect(try texts(of: gb) == expected)
  }

  @Test("limits of columns, rows, cells and records hold and name the row")
  func limits() {
    let wide = "a\n" + String(repeating: ",", count: 1_024)
    #expect(fault(of: wide.utf8) == .tooLarge(.columns, limit: 1_024, row: 2))
    var limits = Limits.standard
    limits.rows = 3
    #expect(fault(of: "1\n2\n\n4".utf8, limits: limits) == .tooLarge(.rows, limit: 3, row: 4))
    let long = "a,b\n" + String(repeating: "字", count: 32_768) + ",b"
    #expect(fault(of: long.utf8) == .tooLarge(.cellCharacters, limit: 32_767, row: 2))
    let endless = String(repeating: "x", count: 9 << 20)
    #expect(fault(of: endless.utf8) == .tooLarge(.recordBytes, limit: 8 << 20, row: 1))
  }

  @Test("the sheet is named as the file")
  func sheetName() throws {
    let folder = TemporaryFolder()
    let file = try TableFile.open(path: folder.file("花名册.2026.csv", "a".utf8))
    #expect(file.sheets == ["花名册.2026"])
    #expect(file.kind == .csv(.utf8))
  }

  @Test("the scanner gives fields as bytes")
  func scanner() throws {
    let folder = TemporaryFolder()
    let file = try TableFile.open(path: folder.file("t.csv", "a,\"b\"\"c\"\n\nd".utf8))
    var found: [[String]] = []
    if var scanner = try file.csvScanner() {
      while try scanner.next() {
        found.append(
          (0..<scanner.fieldCount).map { index in
            scanner.withField(index) { bytes, _ in String(decoding: bytes, as: UTF8.self) }
          })
      }
    }
    #expect(found == [["a", "b\"\"c"], [""], ["d"]])
  }

  @Test(
    "a text that has lost digits is told apart from names and plain numbers",
    arguments: [
      ("5.30103E+17", true), ("5.3E+17", true), ("5E+17", true), ("6.22202e18", true),
      (" 5.30103E+17 ", true), ("1.23457E+11", true), ("530103199001011234", false),
      ("1E10", false),
      ("1.5E3", false), ("E+17", false), ("3E", false), ("高一E+17", false), ("", false),
      ("1.2.3E+17", false), ("5.30103E-17", false), ("5.30103E+", false),
    ])
  func lostDigits(text: String, isLost: Bool) {
    #expect(looksLikeLostDigits(text) == isLost)
  }
}
