import Foundation
import Testing

@Suite("donors on the command line")
struct DonorCommandTests {
  @Test("added once, found masked, merged, told and copied, and the merge undone")
  func wholeStory() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      func add(_ name: String, _ more: String...) async throws -> JSONValue {
        let run = try await Command.run(
          ["--home", home.path, "donor", "add", name, "--school", TestHome.school] + more
            + ["--format", "json"])
        #expect(run.status == 0, "\(run.errors)")
        return try run.json()
      }
      let first = try await add("试小明", "--phone", "19900001234")
      let again = try await add("试小明", "--phone", "19900001234")
      #expect(first["id"] == again["id"] && again["added"] == .flag(false))
      let found = try await home("donor", "find", "--phone", "199 0000 1234", "--format", "json")
      #expect(try found.json()[0]["name"].text == "试*明")
      #expect(try await home("donor", "find").status == 64)
      _ = try await home(
        "donation", "record", "500", "--donor", "试小明", "--school", TestHome.school, "--date",
        "2026-09-10")
      let into = try #require(try await add("试大明", "--kind", "教师")["id"].text)
      let from = try #require(first["id"].text)
      let merged = try await home(
        "donor", "merge", from, into, "--reason", "同一人", "--format", "json")
      #expect(merged.status == 0, "\(merged.errors)")
      let merge = try #require(try merged.json()["merge"].text)
      let statement = try await home(
        "donor", "statement", into, "--totals", "--format", "json")
      #expect(try statement.json()["totals"]["net"]["fen"].number == 50_000)
      let sheet = "\(home.path)/statement.csv"
      #expect(try await home("donor", "statement", into, "-o", sheet).status == 0)
      let copy = try await home(
        "donor", "copy", into, "--reason", "书面申请", "-o", "\(home.path)/copy.xlsx")
      #expect(copy.status == 0, "\(copy.errors)")
      let refused = try await home("donor", "anonymous", into, "off")
      #expect(refused.status == 64)
      #expect(try await home("donor", "anonymous", into, "on").status == 0)
      let list = try await home("donation", "list")
      #expect(list.output.contains("匿名") && !list.output.contains("大明"))
      #expect(try await home("donor", "unmerge", merge, "--reason", "并错了").status == 0)
    }
  }
}
