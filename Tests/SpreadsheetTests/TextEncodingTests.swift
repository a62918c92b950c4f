import Spreadsheet
import Testing

@Suite("Encodings of CSV")
struct TextEncodingTests {
  private let roster = "序号,姓名,民族\r\n1,王小明,汉族\r\n2,李𠮷,彝族\r\n3,阿·依,回族\r\n"

  private func kind(_ bytes: [UInt8]) throws -> TableFile.Kind {
    let folder = TemporaryFolder()
    return try TableFile.open(path: folder.file("t.csv", bytes)).kind
  }

  @Test("UTF-8 with and without its mark, GB18030 and marked UTF-16 read the same")
  func encodings() throws {
    let expected = try texts(of: roster.utf8)
    let gb = try #require(encoded(roster, "GB18030"))
    let little = try #require(encoded("\u{FEFF}" + roster, "UTF-16LE"))
    let big = try #require(encoded("\u{FEFF}" + roster, "UTF-16BE"))
    let marked = [0xEF, 0xBB, 0xBF] + Array(roster.utf8)
    let files: [(TextEncoding, [UInt8])] = [
      (.utf8, Array(roster.utf8)), (.utf8, marked), (.gb18030, gb), (.utf16LittleEndian, little),
      (.utf16BigEndian, big),
    ]
    for (encoding, bytes) in files {
      #expect(try kind(bytes) == .csv(encoding))
      #expect(try texts(of: bytes) == expected, "\(encoding)")
    }
    #expect(expected[2][1] == "李𠮷")
  }

  @Test("the tab separated text that spreadsheets save as Unicode is read")
  func unicodeText() throws {
    let bytes = try #require(encoded("\u{FEFF}姓名\t金额\r\n王小明\t\"1,000\"\r\n", "UTF-16LE"))
    #expect(try texts(of: bytes) == [["姓名", "金额"], ["王小明", "1,000"]])
  }

  @Test("a first character beyond ASCII deep in the file still decides the encoding")
  func lateDecision() throws {
    let plain = String(repeating: "1,2,3\n", count: 100_000)
    let gb = try #require(encoded("王小明,汉,女\n", "GB18030"))
    let read = try texts(of: Array(plain.utf8) + gb)
    #expect(read.count == 100_001)
    #expect(read.last == ["王小明", "汉", "女"])
  }

  @Test("bytes of no encoding are refused with their line")
  func noEncoding() throws {
    let gb = try #require(encoded("姓名,年级\n王小明,三\n", "GB18030"))
    #expect(fault(of: gb + [0x31, 0xFF, 0x0A]) == .encoding(line: 3))
    #expect(fault(of: gb + [0xB0]) == .encoding(line: 3))
    #expect(fault(of: [0x61, 0x0D, 0x0A, 0x80, 0x0A]) == .encoding(line: 2))
  }

  @Test("damaged UTF-8 is refused, not read as GB18030")
  func damagedUTF8() {
    let bytes = Array(String(repeating: "王小明,三年级\n", count: 40).utf8)
    #expect(fault(of: bytes.dropLast(2)) == .encoding(line: 40))
    #expect(fault(of: Array("姓名\n王".utf8).dropLast()) == .encoding(line: 2))
    var damaged = bytes
    damaged[damaged.count / 2] = 0xFF
    #expect(fault(of: damaged)?.code == "table.encoding")
    let marked = [0xEF, 0xBB, 0xBF, 0x0A, 0xC4, 0xE3, 0x0A] as [UInt8]
    #expect(fault(of: marked) == .encoding(line: 2))
  }

  @Test("UTF-16 that is cut inside a character is refused")
  func cutUTF16() throws {
    let bytes = try #require(encoded("\u{FEFF}姓名\n王", "UTF-16LE"))
    #expect(fault(of: bytes.dropLast())?.code == "table.encoding")
  }
}
