import Foundation
import Testing

@Suite("identities, their log and the sealed trail on the command line")
struct AccessCommandTests {
  @Test("a pupil is shown for a reason, the log tells of it, and the guardian gets a statement")
  func reveal() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home.importRoster(home.sheet("roster.csv", Sheets.roster))
      let pupils = try await home("student", "list", "--format", "json").json()
      let id = try #require(
        (0..<3).first { pupils[$0]["name"].text == "样甲" }.flatMap { pupils[$0]["id"].text })
      let without = try await home("student", "reveal", id)
      #expect(without.status == 64)
      let short = try await home("student", "reveal", id, "--reason", "x", "--lang", "en")
      #expect(short.status == 64 && short.errors.contains("reason"))
      let shown = try await home("student", "reveal", id, "--reason", "银行退汇", "--format", "json")
      #expect(try shown.json()[0]["resident_id"].text == "990000201503010017", "\(shown.errors)")
      #expect(try shown.json()[0]["guardians"][0]["phone"].text == "19900000001")

      let log = try await home("access", "list", "--student", id, "--lang", "en")
      #expect(log.status == 0 && log.output.contains("银行退汇"), "\(log.errors)")
      #expect(log.output.contains("resident ID") && log.output.contains("样甲"))
      let flags = try await home("access", "flags", "--format", "json")
      #expect(flags.status == 0, "\(flags.errors)")

      let told = try await home("access", "of", id, "--asked-by", "母亲")
      #expect(told.status == 0 && told.output.contains("个人信息查看情况告知书"), "\(told.errors)")
      #expect(told.output.contains("银行退汇") && !told.output.contains("9900002015"))
      let file = "\(home.path)/told.xlsx"
      let written = try await home("access", "of", id, "--asked-by", "母亲", "-o", file)
      #expect(written.status == 0 && FileManager.default.fileExists(atPath: file))
      #expect(try await home("access", "of", id, "--asked-by", "母亲", "-o", "x.pdf").status == 64)
      let trail = try await home(
        "audit", "list", "--action", "access.statement", "--subject", id, "--format", "json")
      #expect(try trail.json().count == 2)
      #expect(try await home("audit", "list", "--from", "2001-1-1", "--to", "x").status == 64)
    }
  }

  @Test("a trail that somebody altered gives status 65 and the row, with its seal and day")
  func verify() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let sealed = try await home("seal", "make", "--date", "2026-11-20", "--format", "json")
      #expect(try sealed.json()["added"].number == 0, "\(sealed.errors)")
      #expect(try sealed.json()["entries"].number ?? 0 > 2)
      let clean = try await home("audit", "verify", "--lang", "en")
      #expect(clean.status == 0 && clean.output.contains("entries of the trail"))
      let psql = try await home(
        "db", "psql", "-qc", "update audit set action = 'x' where action = 'semester.open'")
      #expect(psql.status == 0, "\(psql.errors)")
      let altered = try await home("audit", "verify", "--format", "json")
      #expect(altered.status == 65)
      let finding = try altered.json()["findings"][0]
      #expect(finding["code"].text == "altered_entry" && finding["entry"].text != nil)
      #expect(finding["seal"].number == 1 && finding["day"].text == "2026-11-20")
      let told = try await home("audit", "verify")
      #expect(told.status == 65 && told.output.contains("操作记录被改动"))
    }
  }
}
