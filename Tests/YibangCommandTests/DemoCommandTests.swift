import Foundation
import Testing

@Suite("demo")
struct DemoCommandTests {
  /// The samples of the project.
  private static let samples = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "samples").path(percentEncoded: false)

  @Test("tells the whole job on the sample district, and names no paired pupil")
  func story() async throws {
    try await TestHome.use { home in
      let run = try await home(
        "demo", "--samples", Self.samples, "--today", "2026-11-20", "--lang", "en")
      #expect(run.status == 0, "\(run.errors)")
      for sentence in [
        "600 pupils, 120 of them recognised, 114 with a guardian's consent", "refused row 64",
        "This file changes nothing", "approver approves", "62 pupils are paired",
        "promised ¥6,000.00", "Received ¥1,000.00", "class meeting",
      ] {
        #expect(run.output.contains(sentence), "\(sentence)")
      }
      let reports = try FileManager.default.contentsOfDirectory(atPath: "\(home.path)/reports")
      #expect(reports.count == 18)

      let paired = try await home("student", "list", "--format", "json").json()
      let chapters = run.output.split(separator: "A proposal: most needy first")
      try #require(chapters.count == 2)
      var checked = 0
      for index in 0..<(paired.count ?? 0) where paired[index]["paired"] == .flag(true) {
        guard let name = paired[index]["name"].text, name.count > 2 else { continue }
        #expect(!chapters[1].contains(name))
        checked += 1
      }
      #expect(checked > 30)

      let again = try await home("demo", "--samples", Self.samples)
      #expect(again.status == 64)
      #expect(again.errors.contains("已有数据"))
    }
  }

  @Test("without samples it says where they are looked for")
  func noSamples() async throws {
    try await TestHome.use { home in
      let run = try await home("demo", "--samples", "/nowhere")
      #expect(run.status == 64)
      #expect(run.errors.contains("--samples"))
      #expect(!FileManager.default.fileExists(atPath: home.path))
    }
  }
}
