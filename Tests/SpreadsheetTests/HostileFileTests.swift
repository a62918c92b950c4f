import Glibc
import Spreadsheet
import Testing

@Suite("Files that cannot be read")
struct HostileFileTests {
  private let cellA1 = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"

  @Test("a file without content is empty", arguments: ["", "\u{FEFF}", " \r\n\r\n", "\u{FEFF}\n"])
  func empty(text: String) {
    #expect(fault(of: text.utf8) == .empty)
  }

  @Test("a workbook without a visible sheet is empty")
  func noSheet() {
    var book = HandMadeWorkbook(rows: cellA1)
    book.sheets[0].state = "hidden"
    #expect(fault(of: book.bytes) == .empty)
  }

  @Test("a workbook with a password asks for it to be removed")
  func encrypted() {
    var book = HandMadeWorkbook(rows: cellA1)
    book.zipFlags = 1
    #expect(fault(of: book.bytes) == .encrypted)
    let name: [UInt8] = "EncryptedPackage".utf16.flatMap { [UInt8($0), 0] }
    for offset in [512, (256 << 10) - 40, (256 << 10) - 8, 300_000] {
      var compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
      compound += [UInt8](repeating: 0, count: offset) + name + [UInt8](repeating: 0, count: 99)
      #expect(fault(of: compound) == .encrypted, "name at \(offset)")
    }
  }

  @Test("the old binary format is named")
  func oldXls() {
    let header: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
    #expect(fault(of: header + [UInt8](repeating: 0, count: 600_000)) == .oldXls)
  }

  @Test(
    "what is no table is told apart",
    arguments: [
      ("%PDF-1.7", .pdf), ("\u{FEFF} <html><table>", .webPage), ("<?xml version=\"1.0\"?>", .xml),
      ("MIME-Version: 1.0", .webPage), ("{\\rtf1", .richText), ("姓名\0,年级", .binary),
    ] as [(String, TableFileError.Content)])
  func notATable(start: String, content: TableFileError.Content) {
    #expect(fault(of: start.utf8) == .notATable(content))
  }

  @Test("an archive of something else is told apart")
  func otherArchives() {
    func archive(_ names: [String]) -> [UInt8] {
      var zip = HandMadeZip()
      for name in names { zip.store(name, "x".utf8) }
      return zip.bytes
    }
    #expect(fault(of: archive(["photo.jpg"])) == .notATable(.zip))
    #expect(fault(of: archive(["mimetype", "content.xml"])) == .notATable(.openDocument))
    #expect(fault(of: archive([])) == .notATable(.zip))
    #expect(fault(of: archive(["xl/styles.xml"])) == .corrupt(where: "xl/workbook.xml"))
  }

  @Test("a folder, a device and a missing file are refused at once")
  func notFiles() {
    #expect(throws: TableFileError.notATable(.directory)) { try TableFile.open(path: "/tmp") }
    #expect(throws: TableFileError.notATable(.binary)) { try TableFile.open(path: "/dev/zero") }
    #expect(throws: TableFileError.unreadable(errno: ENOENT)) {
      try TableFile.open(path: "/tmp/no-such-table.xlsx")
    }
    let folder = TemporaryFolder()
    mkfifo(folder.file("pipe"), 0o600)
    #expect(throws: TableFileError.notATable(.binary)) {
      try TableFile.open(path: folder.file("pipe"))
    }
  }

  @Test("a workbook that is cut off anywhere is an error")
  func truncated() throws {
    var book = HandMadeWorkbook(rows: cellA1)
    book.sharedStrings = String(repeating: "<si><t>王小明</t></si>", count: 50)
    let bytes = book.bytes
    #expect(fault(of: bytes) == nil)
    for step in 0..<20 {
      let found = fault(of: bytes.prefix(bytes.count * step / 20))
      let isCut = found == .truncated || found == .empty
      #expect(isCut, "\(step)/20: \(String(describing: found))")
    }
    let whole = try texts(of: bytes)
    for cut in 1...100 where fault(of: bytes.dropLast(cut)) == nil {
      // The last bytes only say that no comment follows.
      #expect(try texts(of: bytes.dropLast(cut)) == whole, "\(cut) bytes short")
    }
  }

  @Test("a part that inflates to absurd size is a bomb, within bounded time")
  func compressionBomb() {
    var zip = HandMadeZip()
    zip.store(
      "_rels/.rels",
      """
      <Relationships><Relationship Id="1" Type="x/officeDocument" Target="xl/workbook.xml"/>
      </Relationships>
      """.utf8)
    zip.storeSpaces("xl/workbook.xml", after: "<workbook>", runs: 4_000_000)
    #expect(zip.bytes.count < 1_100_000)
    #expect(fault(of: zip.bytes) == .bomb(.compression))
  }

  @Test("the sum of all that is inflated has a limit")
  func inflatedSum() {
    var limits = Limits.standard
    limits.inflatedBytes = 100_000
    let book = HandMadeWorkbook(rows: String(repeating: "<row></row>", count: 10_000))
    #expect(fault(of: book.bytes, limits: limits) == .tooLarge(.inflatedBytes, limit: 100_000))
  }

  @Test("many sheets that name one large part are refused")
  func sharedPart() {
    var book = HandMadeWorkbook(rows: String(repeating: "<row></row>", count: 10_000))
    let sheet = book.sheets[0]
    book.sheets += Array(repeating: sheet, count: 20)
    book.target = { _ in "worksheets/sheet1.xml" }
    var limits = Limits.standard
    limits.inflatedBytes = 2_000_000
    #expect(fault(of: book.bytes, limits: limits) == .tooLarge(.inflatedBytes, limit: 2_000_000))
  }

  @Test("a file that is written anew after it was opened is not read with what was known before")
  func changedFile() throws {
    let folder = TemporaryFolder()
    let file = try TableFile.open(path: folder.file("t.csv", "a,b\n1,2\n".utf8))
    _ = folder.file("t.csv", "a;b;c\n1;2;3\n".utf8)
    #expect(throws: TableFileError.changed) { try file.rows(sheet: 0) { _, _ in } }
  }

  @Test("entity declarations are a bomb, in every part")
  func entityBomb() {
    var dtd = "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\">"
    for level in 1...9 {
      let inner = level == 1 ? "a" : "a\(level - 1)"
      dtd += "<!ENTITY a\(level) \"" + String(repeating: "&\(inner);", count: 10) + "\">"
    }
    dtd += "]>"
    var book = HandMadeWorkbook(rows: "<row><c t=\"str\"><v>&a9;</v></c></row>")
    book.prologue = "<?xml version=\"1.0\"?>\(dtd)"
    #expect(fault(of: book.bytes) == .bomb(.entities))
    book.prologue = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">"
    #expect(fault(of: book.bytes) == .bomb(.entities))
    var index = HandMadeWorkbook(rows: cellA1)
    index.replaced["xl/workbook.xml"] = Array((dtd + "<workbook>&a9;</workbook>").utf8)
    #expect(fault(of: index.bytes) == .bomb(.entities))
    index.replaced["xl/workbook.xml"] = Array("<workbook>&undefined;</workbook>".utf8)
    #expect(fault(of: index.bytes) == .corrupt(where: "xl/workbook.xml"))
  }

  @Test("absurd depth, number of names and length of a tag are refused")
  func structureBombs() {
    let deep = String(repeating: "<a>", count: 70) + String(repeating: "</a>", count: 70)
    #expect(fault(of: HandMadeWorkbook(rows: deep).bytes) == .bomb(.structure))
    let names = (0..<5_000).map { "<n\($0)/>" }.joined()
    #expect(fault(of: HandMadeWorkbook(rows: names).bytes) == .bomb(.structure))
    let prefixes = (0..<5_000).map { "<n\($0):c/>" }.joined()
    #expect(fault(of: HandMadeWorkbook(rows: prefixes).bytes) == .bomb(.structure))
    let attributes = (0..<5_000).map { "<c a\($0)=\"\"/>" }.joined()
    #expect(fault(of: HandMadeWorkbook(rows: attributes).bytes) == .bomb(.structure))
    let comment = "<!--" + String(repeating: "x", count: 6 << 20) + "-->"
    #expect(fault(of: HandMadeWorkbook(rows: comment).bytes) == .bomb(.structure))
  }

  @Test("a value beyond the columns is refused, blank styled cells there are not")
  func hugeColumn() throws {
    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"XFD1\" s=\"3\"/></row>"
    let read = try rows(of: HandMadeWorkbook(rows: far).bytes)
    #expect(read.first?.cells.count == 1)
    for place in ["XFD1", "ZZZZ1"] {
      let book = HandMadeWorkbook(rows: "<row r=\"1\"><c r=\"\(place)\"><v>1</v></c></row>")
      #expect(fault(of: book.bytes) == .tooLarge(.columns, limit: 1_024, row: 1))
    }
  }

  @Test("a row beyond the last one is refused")
  func hugeRow() {
    let book = HandMadeWorkbook(rows: "<row r=\"1048577\"><c><v>1</v></c></row>")
    #expect(fault(of: book.bytes) == .tooLarge(.rows, limit: 1_048_576, row: 1_048_577))
  }

  @Test(
    "a sheet that contradicts itself is damaged",
    arguments: [
      "<row r=\"2\"/><row r=\"2\"/>", "<row r=\"2\"/><row r=\"1\"/>", "<row r=\"x\"/>",
      "<row r=\"0\"/>",
      "<row r=\"1\"><c r=\"A2\"/></row>", "<row><c r=\"1A\"/></row>", "<row><c r=\"\"/></row>",
      "<row><c t=\"s\"><v>0</v></c></row>", "<row><c t=\"s\"><v>-1</v></c></row>",
      "<row><c t=\"s\"><v>99999999999999999999</v></c></row>", "<row><c></row>", "<row>&bad;</row>",
      "<row>\u{1}</row>", "<row r=\"99999999999999999999\"/>",
    ])
  func contradictions(xml: String) {
    let found = fault(of: HandMadeWorkbook(rows: xml).bytes)
    #expect(found?.code == "table.corrupt", "\(String(describing: found))")
  }

  @Test("a text beyond the length of a cell is refused, one of that length is not")
  func longText() throws {
    func book(_ count: Int) -> [UInt8] {
      let text = String(repeating: "字", count: count)
      return HandMadeWorkbook(
        rows: "<row><c t=\"inlineStr\"><is><t>\(text)</t></is></c></row>"
      ).bytes
    }
    #expect(try rows(of: book(32_767)).first?.cells.first?.text.utf16.count == 32_767)
    #expect(fault(of: book(32_768)) == .tooLarge(.cellCharacters, limit: 32_767, row: 1))
    #expect(fault(of: book(400_000)) == .tooLarge(.cellCharacters, limit: 32_767, row: 1))
  }

  @Test("limits of file, entries and shared texts hold")
  func otherLimits() {
    var book = HandMadeWorkbook(rows: cellA1)
    book.sharedStrings = String(repeating: "<si><t>王小明</t></si>", count: 500)
    var limits = Limits.standard
    limits.fileBytes = 1_000
    #expect(fault(of: book.bytes, limits: limits) == .tooLarge(.fileBytes, limit: 1_000))
    limits = .standard
    limits.entries = 3
    #expect(fault(of: book.bytes, limits: limits) == .tooLarge(.entries, limit: 3))
    limits = .standard
    limits.sharedStringBytes = 2_000
    #expect(fault(of: book.bytes, limits: limits) == .tooLarge(.sharedStringBytes, limit: 2_000))
  }

  @Test("every error has a code and says in both languages what to do")
  func messages() {
    let errors: [TableFileError] = [
      .empty, .truncated, .corrupt(where: "xl/workbook.xml"), .encrypted, .oldXls,
      .notATable(.webPage), .tooLarge(.columns, limit: 1_024, row: 7), .bomb(.entities),
      .encoding(line: 12), .unclosedQuote(line: 34), .changed, .unreadable(errno: EACCES),
    ]
    #expect(Set(errors.map(\.code)).count == errors.count)
    for error in errors {
      #expect(error.zh.contains("请"))
      #expect(error.zh.hasSuffix("。") || error.zh.hasSuffix("。）"))
      #expect(error.en.count > 20 && error.en.utf8.allSatisfy { $0 < 0x80 })
    }
    #expect(TableFileError.tooLarge(.columns, limit: 1_024, row: 7).zh.contains("第 7 行"))
    #expect(TableFileError.encoding(line: 12).zh.contains("第 12 行"))
    #expect(TableFileError.unclosedQuote(line: 34).en.contains("34"))
  }
}
