import Spreadsheet
import Testing

@Suite("Merged cells")
struct MergedCellTests {
  private func text(_ place: String, _ text: String) -> String {
    "<c r=\"\(place)\" t=\"inlineStr\"><is><t>\(text)</t></is></c>"
  }

  private func read(rows xml: String, merges: [String], limits: Limits = .standard) throws
    -> [SheetRow]
  {
    let list = merges.map { "<mergeCell ref=\"\($0)\"/>" }.joined()
    let book = HandMadeWorkbook(
      rows: xml, after: "<mergeCells count=\"\(merges.count)\">\(list)</mergeCells>")
    return try rows(of: book.bytes, limits: limits)
  }

  @Test("a merged class cell gives its value to each pupil's row, and says that it is a copy")
  func classCells() throws {
    let xml =
      "<row r=\"1\">\(text("A1", "一班"))\(text("B1", "甲"))</row>"
      + "<row r=\"2\"><c r=\"A2\" s=\"0\"/>\(text("B2", "乙"))</row>"
      + "<row r=\"4\">\(text("B4", "丙"))</row>"
      + "<row r=\"5\">\(text("A5", "二班"))\(text("B5", "丁"))</row>"
    let read = try read(rows: xml, merges: ["A1:A4"])
    #expect(
      read.map { $0.cells.map(\.text) } == [
        ["一班", "甲"], ["一班", "乙"], ["一班", "丙"], ["二班", "丁"],
      ])
    #expect(read.map(\.isMergedContinuation) == [nil, [0], [0], nil])
    #expect(read.map(\.number) == [1, 2, 4, 5])
  }

  @Test("a title over all columns fills them; rows that hold only copies are not delivered")
  func title() throws {
    let xml =
      "<row r=\"1\">\(text("A1", "花名册"))<c r=\"B1\"/></row><row r=\"2\"><c r=\"A2\"/></row>"
      + "<row r=\"3\">\(text("A3", "序号"))</row>"
    let read = try read(rows: xml, merges: ["A1:D2"])
    #expect(read.map(\.number) == [1, 3])
    #expect(read[0].cells.map(\.text) == ["花名册", "花名册", "花名册", "花名册"])
    #expect(read[0].isMergedContinuation == [1, 2, 3])
  }

  @Test("several merges in one row, listed in any order, each fill their own columns")
  func several() throws {
    let xml =
      "<row r=\"1\">\(text("A1", "a"))\(text("C1", "c"))</row><row r=\"2\">\(text("D2", "d"))</row>"
    let read = try read(rows: xml, merges: ["C1:C2", "$A$1:$B$2", "D2:E2", "zz", "F1"])
    #expect(read.map { $0.cells.map(\.text) } == [["a", "a", "c"], ["a", "a", "c", "d", "d"]])
  }

  @Test("a merge over the whole sheet stays within the limits of columns and cells")
  func absurdMerge() throws {
    let xml = "<row r=\"1\">\(text("A1", "a"))</row>"
    let wide = try read(rows: xml, merges: ["A1:XFD1048576"])
    #expect(wide.first?.cells.count == Limits.standard.columns)
    var limits = Limits.standard
    limits.cells = 5_000
    let many = (2...20).map { "<row r=\"\($0)\">\(text("A\($0)", "b"))</row>" }.joined()
    #expect(throws: TableFileError.tooLarge(.cells, limit: 5_000, row: 5)) {
      try read(rows: xml + many, merges: ["A1:XFD1048576"], limits: limits)
    }
  }

  @Test("merges that overlap do not both fill a column")
  func overlap() throws {
    let xml =
      "<row r=\"1\">\(text("A1", "a"))\(text("B1", "b"))</row><row r=\"2\">\(text("D2", "d"))</row>"
    let read = try read(rows: xml, merges: ["A1:B2", "B1:C2"])
    #expect(read.map { $0.cells.map(\.text) } == [["a", "a"], ["a", "a", "", "d"]])
  }

  @Test("more merges than the limit are refused")
  func tooMany() throws {
    var limits = Limits.standard
    limits.merges = 3
    #expect(throws: TableFileError.tooLarge(.merges, limit: 3)) {
      try read(rows: "", merges: ["A1:B1", "A2:B2", "A3:B3", "A4:B4"], limits: limits)
    }
  }
}
