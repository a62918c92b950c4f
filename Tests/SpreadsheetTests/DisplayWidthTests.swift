import Spreadsheet
import Testing

@Suite("Widths and names of columns")
struct DisplayWidthTests {
  @Test(
    "a text is as wide as a terminal shows it",
    arguments: [
      ("", 0), ("abc", 3), ("王小明", 6), ("ＡＢ", 4), ("￥100", 5), ("¥100", 4), ("，。", 4),
      ("e\u{301}", 1), ("👨‍👩‍👧", 2), ("🇨🇳", 2), ("❤️", 2), ("𠮷", 2), ("한글", 4), ("ｶﾅ", 2), ("a\nb", 2),
      ("\u{200B}", 0), ("é", 1), ("阿·依", 5), ("①", 1), ("“”", 2), ("\u{FEFF}a", 1),
    ])
  func width(text: String, expected: Int) {
    #expect(displayWidth(text) == expected)
  }

  @Test(
    "columns are named as a spreadsheet does",
    arguments: [
      (0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD"),
    ])
  func names(index: Int, name: String) {
    #expect(columnName(index) == name)
  }
}
