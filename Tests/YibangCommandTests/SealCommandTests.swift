import Foundation
import Testing

@Suite("seals and receipts on the command line")
struct SealCommandTests {
  @Test("a receipt is verified without home and database, and an altered ledger gives status 65")
  func wholeStory() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let gift = try await home(
        "donation", "record", "1000", "--donor", "师甲", "--kind", "teacher", "--school",
        TestHome.school, "--date", "2026-09-10", "--format", "json")
      let donation = try #require(try gift.json()["id"].text, "\(gift.errors)")
      let early = try await home("receipt", "proof", donation, "--lang", "en")
      #expect(early.status == 65 && early.errors.contains("yibang seal make"))
      let sealed = try await home("seal", "make", "--format", "json", "--date", "2026-11-20")
      #expect(try sealed.json()["added"].number == 1, "\(sealed.errors)")
      let again = try await home("seal", "make", "--date", "2026-11-20")
      #expect(again.output.contains("没有新的转账"))

      let file = "\(home.path)/receipt.json"
      let proof = try await home("receipt", "proof", donation, "-o", file)
      #expect(proof.status == 0, "\(proof.errors)")
      let key = try #require(
        try await home("seal", "key", "--format", "json").json()["key"].text)
      #expect(key.hasPrefix("yibang/990000+"))
      let nowhere = "/tmp/yibang-no-home.\(UUID())"
      let verified = try await Command.run(
        ["--home", nowhere, "receipt", "verify", file, "--key", key])
      #expect(verified.status == 0, "\(verified.errors)")
      #expect(verified.output.contains("核验通过") && verified.output.contains("¥1,000.00"))
      #expect(!FileManager.default.fileExists(atPath: nowhere))
      let english = try await Command.run(["receipt", "verify", file, "--lang", "en"])
      #expect(english.output.contains("Verified") && english.errors.contains("--key"))
      let forged = try String(contentsOfFile: file, encoding: .utf8)
        .replacing("100000", with: "900000")
      try Data(forged.utf8).write(to: URL(filePath: file))
      let refused = try await Command.run(["receipt", "verify", file, "--key", key])
      #expect(refused.status == 65 && refused.errors.contains("不可信"))
      #expect(try await Command.run(["receipt", "verify", "/nowhere"]).status == 66)
      #expect(try await Command.run(["receipt", "verify", file, "--key", "x"]).status == 64)

      try await auditing(home)
    }
  }

  private func auditing(_ home: TestHome) async throws {
    let published = try await home("seal", "publish", "-o", "\(home.path)/published")
    #expect(published.status == 0, "\(published.errors)")
    let clean = try await home(
      "audit", "verify", "--key", "\(home.path)/published/verifier-key.txt", "--checkpoint",
      "\(home.path)/published/checkpoint-000001.txt")
    #expect(clean.status == 0 && clean.output.contains("核验通过"), "\(clean.errors)")
    let psql = try await home("db", "psql", "-qc", "update transfer set amount_fen = 1")
    #expect(psql.status == 0, "\(psql.errors)")
    let altered = try await home("audit", "verify", "--format", "json")
    #expect(altered.status == 65)
    #expect(try altered.json()["findings"][0]["code"].text == "altered_transfer")
    #expect(try altered.json()["findings"][0]["leaf"].number == 0)
    let told = try await home("audit", "verify", "--lang", "en")
    #expect(told.status == 65 && told.output.contains("altered"))
  }
}
