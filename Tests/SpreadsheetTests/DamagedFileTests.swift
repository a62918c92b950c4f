import Spreadsheet
import Testing

@Suite("Damaged files")
struct DamagedFileTests {
  private let table = TableDocument(
    title: "受助学生花名册", columns: [.init("姓名"), .init("学籍号"), .init("金额", kind: .money)],
    rows: (0..<200).map { index in
      [.text("学生\(index)"), .text("G530103\(index)"), .money(fen: Int64(index * 12_345))]
    })

  private func valid() throws -> [UInt8] {
    let folder = TemporaryFolder()
    try writeXlsx([("表", table)], to: folder.file("t.xlsx"))
    return contents(of: folder.file("t.xlsx"))
  }

  private func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...8, using: &generator) {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2:
        let end = min(bytes.count, place + Int.random(in: 1...64, using: &generator))
        if end - place < bytes.count { bytes.removeSubrange(place..<end) }
      default:
        let value = generator.pick([0, 0xFF, 0x22, 0x3C, 0x50] as [UInt8])
        bytes.insert(contentsOf: [UInt8](repeating: value, count: 4), at: place)
      }
    }
    return bytes
  }

  @Test("a workbook cut at every twentieth is an error or the same content")
  func cutWorkbook() throws {
    let bytes = try valid()
    let whole = try texts(of: bytes)
    for step in 0..<20 {
      let part = bytes.prefix(bytes.count * step / 20)
      if fault(of: part) == nil { #expect(try texts(of: part) == whole, "\(step)/20") }
    }
  }

  @Test("500 damaged workbooks end in the same content or in one of our errors")
  func damagedWorkbooks() throws {
    let bytes = try valid()
    let whole = try rows(of: bytes)
    var errors = 0
    for seed in 1...500 {
      var generator = SeededGenerator(seed: seed)
      let damaged = mutated(bytes, &generator)
      do {
        let read = try rows(of: damaged)
        // Checksums leave only what is beside the sheet: styles left out, or other sheet names.
        #expect(read.map(\.number) == whole.map(\.number), "seed \(seed)")
        #expect(
          read.map { $0.cells.map(\.text) } == whole.map { $0.cells.map(\.text) }, "seed \(seed)")
      } catch {
        errors += 1
        #expect(error is TableFileError, "seed \(seed): \(error)")
      }
    }
    #expect(errors > 100)
  }

  @Test("500 sheets with damaged XML end within the limits")
  func damagedXML() throws {
    let line = "<row><c r=\"A1\" t=\"s\"><v>0</v></c><c s=\"1\"><v>46266.5</v></c></row>"
    var book = HandMadeWorkbook(
      rows: line, after: "<mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells>")
    book.sharedStrings = "<si><r><t>a_x000D_</t></r><rPh><t>b</t></rPh></si>"
    book.styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>"
    let sheet = Array(
      "<worksheet><sheetData>\(line)</sheetData><mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells></worksheet>"
        .utf8)
    for seed in 1...500 {
      var generator = SeededGenerator(seed: seed)
      book.replaced["xl/worksheets/sheet1.xml"] = mutated(sheet, &generator)
      do {
        let read = try rows(of: book.bytes)
        #expect(read.allSatisfy { $0.cells.count <= 1_024 }, "seed \(seed)")
      } catch {
        #expect(error is TableFileError, "seed \(seed): \(error)")
      }
    }
  }

  @Test("500 damaged CSV files end in rows or in one of our errors")
  func damagedCSV() throws {
    let utf8 = csvBytes(table)
    let text = String(decoding: utf8.dropFirst(3), as: UTF8.self)
    let gb = try #require(encoded(text, "GB18030"))
    let utf16 = try #require(encoded("\u{FEFF}" + text, "UTF-16LE"))
    for seed in 1...500 {
      var generator = SeededGenerator(seed: seed)
      let damaged = mutated(generator.pick([utf8, gb, utf16]), &generator)
      do {
        let read = try rows(of: damaged)
        #expect(read.allSatisfy { $0.cells.count <= 1_024 }, "seed \(seed)")
      } catch {
        #expect(error is TableFileError, "seed \(seed): \(error)")
      }
    }
  }
}
