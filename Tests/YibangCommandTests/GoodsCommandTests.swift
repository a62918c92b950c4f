import Foundation
import Testing

@Suite("goods on the command line")
struct GoodsCommandTests {
  private func run(_ home: TestHome, _ words: String...) async throws -> CommandRun {
    try await Command.run(
      ["--home", home.path, "--today", "2026-11-20", "goods"] + words
        + ["--school", TestHome.school])
  }

  @Test("from a receipt to a pupil's signature, and where every piece went")
  func wholeJob() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home.importRoster(home.sheet("roster.csv", Sheets.roster))
      _ = try await run(home, "item", "书包", "--unit", "个")
      _ = try await run(home, "item", "铅笔", "--unit", "支")
      _ = try await run(home, "item", "开学包", "--unit", "套", "--kind", "kit")
      let received = try await run(
        home, "receive", "书包=20", "--donor", "捐甲公司", "--kind", "企业", "--unit-value", "65.5",
        "--date", "2026-09-10")
      #expect(received.status == 0, "\(received.errors)")
      #expect(received.output.contains("已入库 书包=20"))
      _ = try await run(
        home, "receive", "铅笔=100", "--donor", "匿名", "--date", "2026-09-11")
      _ = try await run(home, "kit", "开学包", "书包=1", "铅笔=2")
      let short = try await run(home, "assemble", "开学包", "60", "--date", "2026-09-20")
      #expect(short.status == 65)
      #expect(short.errors.contains("书包/个 需 60，现有 20，缺 40"), "\(short.errors)")
      #expect(
        try await run(home, "assemble", "开学包", "5", "--date", "2026-09-20").status == 0)
      let pupil = try #require(
        try await home("student", "list", "--format", "json").json()[0]["id"].text)
      let handed = try await run(
        home, "hand-out", "开学包=1", "--to", pupil, "--date", "2026-10-08")
      #expect(handed.status == 0, "\(handed.errors)")
      try await signed(home, pupil)
      let stock = try await run(home, "stock", "--lots", "--item", "铅笔", "--format", "json")
      #expect(try stock.json()[0]["quantity"].number == 90)
      let lot = try #require(try stock.json()[0]["lot"].text)
      let trace = try await home("goods", "trace", "--lot", lot, "--format", "json")
      let rows = try trace.json()[0]["rows"]
      let pieces = (0..<(rows.count ?? 0)).reduce(0) { $0 + (rows[$1]["quantity"].number ?? 0) }
      #expect(pieces == 100)
      #expect(try trace.json()[0]["donor"].text == "匿名")
      #expect(!trace.output.contains("样甲"))
    }
  }

  private func signed(_ home: TestHome, _ pupil: String) async throws {
    let open = try await run(home, "open", "--format", "json")
    #expect(try open.json().count == 1)
    let handOut = try #require(try open.json()[0]["id"].text)
    let signed = try await home(
      "goods", "sign", handOut, "--signed-by", "guardian", "--relation", "母亲", "--signed-on",
      "2026-10-09")
    #expect(signed.status == 0, "\(signed.errors)")
    #expect(try await run(home, "open", "--format", "json").json().count == 0)
    let list = try await home("goods", "received", pupil, "--format", "json")
    #expect(try list.json()[0]["signed_by"].text == "guardian")
  }

  @Test("a count sheet is drawn, filled in and read back; what was not counted stays")
  func countSheet() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      for word in ["书包=20", "铅笔=50"] {
        let name = String(word.prefix(2))
        _ = try await run(home, "item", name, "--unit", "个")
        _ = try await run(
          home, "receive", word, "--donor", "捐甲公司", "--date", "2026-09-10")
      }
      let file = "\(home.path)/count.csv"
      let drawn = try await run(home, "count", "--sheet", file)
      #expect(drawn.status == 0, "\(drawn.errors)")
      let sheet = try String(contentsOf: URL(filePath: file), encoding: .utf8)
      try Data(sheet.replacing("书包,个,20,,,", with: "书包,个,20,18,破损,").utf8)
        .write(to: URL(filePath: file))
      let read = try await run(home, "count", "--filled", file)
      #expect(read.status == 0, "\(read.output)\(read.errors)")
      let stock = try await run(home, "stock", "--format", "json")
      // By name: 铅笔, 书包.
      #expect(try stock.json()[0]["quantity"].number == 50)
      #expect(try stock.json()[1]["quantity"].number == 18)
      let again = try await run(home, "count", "--filled", file)
      #expect(again.status == 65)
      #expect(again.output.contains("盘点表开出后"), "\(again.output)")
    }
  }
}
