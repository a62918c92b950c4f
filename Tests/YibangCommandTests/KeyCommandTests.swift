import Foundation
import Testing

@Suite("keys and privacy on the command line")
struct KeyCommandTests {
  @Test("a key is rotated, listed and kept while its successor is young; periods are shown")
  func keys() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let first = try await home("key", "list", "--format", "json")
      #expect(try first.json()[0]["id"].number == 1, "\(first.errors)")
      let rotated = try await home("key", "rotate", "--format", "json")
      #expect(try rotated.json()["key"].number == 2, "\(rotated.errors)")
      let text = try String(contentsOfFile: "\(home.path)/key", encoding: .utf8)
      #expect(text.hasPrefix("yibang keys\n"))
      let listed = try await home("key", "list", "--lang", "en")
      #expect(listed.output.contains("in use") && listed.output.contains("opens only"))
      let early = try await home("key", "retire", "1")
      #expect(early.status == 65 && early.errors.contains("一小时"), "\(early.status)")
      let periods = try await home("retention", "show")
      #expect(periods.output.contains("3 年"), "\(periods.errors)")
    }
  }
}
