import Foundation
import Testing

@Suite("letter commands")
struct LetterCommandTests {
  @Test("a letter with a phone number: submitted, opened, redacted, released, received")
  func letter() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home.importRoster(home.sheet("roster.csv", Sheets.roster))
      _ = try await home(
        "offer", "import", home.sheet("offers.csv", Sheets.offers), "--semester",
        TestHome.semester)
      let proposal = try await home(
        "match", "propose", "--semester", TestHome.semester, "--as", "A", "--format", "json")
      let id = try #require(try proposal.json()["id"].text, "\(proposal.errors)")
      _ = try await home("--today", "2026-09-20", "match", "approve", id, "--as", "B")
      _ = try await home("--today", "2026-09-20", "match", "accept", id, "--as", "A")
      let students = try await home("student", "list", "--format", "json").json()
      let pupil = try #require(
        (0..<3).first { students[$0]["name"].text?.contains("甲") == true }
          .flatMap { students[$0]["id"].text })
      let consent = try await home(
        "consent", "give", pupil, "--scope", "letter", "--by", "家甲", "--paper", "柜")
      #expect(consent.status == 0, "\(consent.errors)")
      for (login, role) in [("officer", "school_officer"), ("head", "principal")] {
        let added = try await home(
          "user", "add", login, "--role", role, "--school", TestHome.school)
        #expect(added.status == 0, "\(added.errors)")
      }
      let scan = "\(home.path)/scan.pdf"
      try Data("%PDF-1.7 letter".utf8).write(to: URL(filePath: scan))
      let added = try await home(
        "--as", "officer", "letter", "add", pupil, "--file", scan, "--format", "json")
      let letter = try #require(try added.json()["id"].text, "\(added.errors)")
      try await text(home, letter)
      let submitted = try await home("--as", "officer", "letter", "submit", letter)
      #expect(submitted.status == 0 && submitted.output.contains("审核中"), "\(submitted.errors)")
      let blind = try await home("--as", "head", "letter", "release", letter)
      #expect(blind.status == 65)
      let opened = try await home("--as", "head", "letter", "open", letter, "--reason", "审核")
      #expect(opened.status == 64, "a scan needs a file")
      let file = "\(home.path)/opened.pdf"
      let written = try await home(
        "--as", "head", "letter", "open", letter, "--reason", "审核", "-o", file)
      #expect(written.status == 0, "\(written.errors)")
      #expect(try Data(contentsOf: URL(filePath: file)) == Data(contentsOf: URL(filePath: scan)))
      let outsider = try await home("letter", "open", letter, "--reason", "好奇")
      #expect(outsider.status == 77)
      let redacted = try await home("--as", "head", "letter", "redact", letter)
      #expect(redacted.status == 65 && redacted.errors.contains("扫描件"))
      let own = try await home("--as", "officer", "letter", "release", letter)
      #expect(own.status == 77 && own.errors.contains("另一位"), "\(own.errors)")
      #expect(try await home("--as", "head", "letter", "release", letter).status == 0)
      let received = try await home(
        "--as", "officer", "letter", "deliver", letter, "--by", "school")
      #expect(received.status == 0, "\(received.errors)")
      let list = try await home("--as", "head", "letter", "list", "--format", "json").json()
      #expect(list[0]["state"].text == "delivered" && list.count == 1)
      #expect(try await home("--as", "head", "letter", "withdraw", letter).status == 0)
      let trail = try await home("audit", "list", "--format", "json")
      #expect(trail.output.contains("letter.open") && trail.output.contains("审核"))
    }
  }

  /// The drafts of a text, by the standard input.
  private func text(_ home: TestHome, _ letter: String) async throws {
    let empty = try await home("--as", "officer", "letter", "add", letter, "--amend")
    #expect(empty.status == 65 && empty.errors.contains("空"), "\(empty.errors)")
    let review = try await home("--as", "officer", "letter", "review", letter, "--hold")
    #expect(review.status == 65 && review.errors.contains("状态"), "\(review.errors)")
    let both = try await home("--as", "officer", "letter", "review", letter, "--hold", "--return")
    #expect(both.status == 64)
  }
}
