import Foundation
import Testing

@testable import Spreadsheet

@Suite("Forms to be printed")
struct FormTests {
  private typealias Cell = FormSheet.Cell

  private static let form = FormSheet(
    name: "表", widths: [6, 10, 10],
    rows: [
      .init([Cell("题目", .title, columns: 3)]),
      .init([Cell("节", .label, rows: 2), Cell("甲", .label), Cell("=1+1", .value)]),
      .init([Cell("乙", .label), Cell("001", .value)]),
      .init([Cell("一行\n两行\n三行", .block, columns: 3)]),
    ])

  @Test("cells of several rows and columns stand where they belong and are read back as merged")
  func merged() throws {
    let folder = TemporaryFolder()
    let path = folder.file("form.xlsx")
    try writeForms([Self.form, Self.form], to: path)
    let file = try TableFile.open(path: path)
    #expect(file.sheets == ["表", "表(2)"])
    var rows: [SheetRow] = []
    try file.rows(sheet: 0) { row, _ in rows.append(row) }
    #expect(rows[0].cells.map(\.text) == ["题目", "题目", "题目"])
    #expect(rows[1].cells.map(\.text) == ["节", "甲", "=1+1"])
    #expect(rows[2].cells.map(\.text) == ["节", "乙", "001"])
    #expect(rows[2].isMergedContinuation == [0])
  }

  @Test("a row is as high as its lines need")
  func heights() {
    let heights = Self.form.heights(Self.form.placed())
    #expect(heights[3] > heights[2] * 2)
  }
}
