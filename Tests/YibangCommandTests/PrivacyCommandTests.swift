import Foundation
import Testing

@Suite("copies, erasures and periods on the command line")
struct PrivacyCommandTests {
  /// The ids of the first two pupils of a roster, by name.
  private func pupils(_ home: TestHome) async throws -> [String: String] {
    try await home.setUp()
    _ = try await home.importRoster(home.sheet("roster.csv", Sheets.roster))
    let list = try await home("student", "list", "--format", "json").json()
    return (0..<(list.count ?? 0)).reduce(into: [:]) { found, index in
      guard let name = list[index]["name"].text else { return }
      found[name] = list[index]["id"].text
    }
  }

  @Test("an erasure is asked for, done by a second person, and leaves nobody to be found")
  func erasure() async throws {
    try await TestHome.use { home in
      let pupil = try #require(try await pupils(home)["样甲"])
      func ask(_ asker: String, _ reason: String = "家长申请") async throws -> CommandRun {
        try await home("student", "erase", pupil, "--reason", reason, "--asked-by", asker)
      }
      let stranger = try await ask("mother")
      #expect(stranger.status == 64 && stranger.errors.contains("guardian、pupil、retention"))
      #expect(try await ask("guardian", "").status == 65)
      let young = try await ask("pupil")
      #expect(young.status == 65 && young.errors.contains("十四周岁"))
      let asked = try await ask("guardian")
      #expect(asked.status == 0, "\(asked.errors)")
      let open = try await home("student", "erasures", "--open", "--format", "json").json()
      let id = try #require(open[0]["id"].text)
      #expect(open.count == 1 && open[0]["reason"].text == "家长申请")
      #expect(asked.output.contains("yibang student approve-erasure \(id.lowercased())"))
      #expect(try await ask("guardian").status == 65)

      let same = try await home("student", "approve-erasure", id)
      #expect(same.status == 77 && same.errors.contains("--as"))
      let done = try await home("student", "approve-erasure", id, "--as", "second", "--lang", "en")
      #expect(done.status == 0 && done.output.contains("erased"), "\(done.errors)")
      let again = try await home("student", "approve-erasure", id, "--as", "second")
      #expect(again.status == 0 && again.output.contains("没有变化"))
      #expect(try await home("student", "decline-erasure", id, "--as", "second").status == 65)

      let left = try await home("student", "list")
      #expect(left.output.contains("样乙") && !left.output.contains("样甲"))
      let settled = try await home("student", "erasures", "--format", "json").json()
      #expect(settled[0]["state"].text == "done" && settled[0]["reason"] == .null)
      #expect(try await home("doctor").status == 0)
    }
  }

  @Test("a request that is declined changes nothing, and may be made again")
  func declined() async throws {
    try await TestHome.use { home in
      let pupil = try #require(try await pupils(home)["样乙"])
      func ask() async throws -> CommandRun {
        try await home(
          "student", "erase", pupil, "--reason", "申请", "--asked-by", "guardian", "--format", "json")
      }
      let id = try #require(try await ask().json()["id"].text)
      let declined = try await home("student", "decline-erasure", id, "--as", "second")
      #expect(declined.status == 0 && declined.output.contains("不予"), "\(declined.errors)")
      #expect(try await home("student", "list").output.contains("样乙"))
      #expect(try await ask().status == 0)
      let unknown = try await home("student", "approve-erasure", pupil, "--as", "second")
      #expect(unknown.status == 65 && unknown.errors.contains("student erasures"))
    }
  }

  @Test("a copy of a child's data is a file for its owner alone, and who asked is in the trail")
  func copy() async throws {
    try await TestHome.use { home in
      let pupil = try #require(try await pupils(home)["样甲"])
      func copy(_ asker: String, _ file: String, _ reason: String = "母亲来校申请") async throws
        -> CommandRun
      {
        try await home(
          "student", "export-data", pupil, "--reason", reason, "--asked-by", asker, "-o", file)
      }
      let file = "\(home.path)/copy.json"
      #expect(try await copy("guardian", "\(home.path)/copy.pdf").status == 64)
      #expect(try await copy("guardian", file, "").status == 65)
      let nobody = try await copy("retention", file)
      #expect(nobody.status == 65 && nobody.errors.contains("guardian 或 pupil"))
      #expect(!FileManager.default.fileExists(atPath: file))
      let written = try await copy("guardian", file)
      #expect(written.status == 0 && written.output.contains("copy.json"), "\(written.errors)")
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(text.contains("990000201503010017") && text.contains("19900000001"))
      #expect(!text.contains("样乙"))
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      #expect(try await copy("guardian", "\(home.path)/copy.xlsx").status == 0)
      let trail = try await home("audit", "list", "--action", "student.export", "--format", "json")
      #expect(try trail.json().count == 2)
      #expect(trail.output.contains("母亲来校申请"))
    }
  }

  @Test("the periods are shown, set one by one within bounds, and nothing set is no setting")
  func periods() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let usual = try await home("retention", "show", "--format", "json").json()
      #expect(usual["years_after_aid"].number == 3 && usual["delivery_days"].number == 30)
      let nothing = try await home("retention", "set")
      #expect(nothing.status == 64 && nothing.errors.contains("retention show"))
      let short = try await home("retention", "set", "--delivery-days", "5", "--lang", "en")
      #expect(short.status == 65 && short.errors.contains("30 to 3650"))
      let set = try await home(
        "retention", "set", "--delivery-days", "60", "--years-after-aid", "5", "--lang", "en")
      #expect(set.status == 0 && set.output.contains("deliveries 60 days"), "\(set.errors)")
      let now = try await home("retention", "show", "--format", "json").json()
      #expect(now["delivery_days"].number == 60 && now["years_after_aid"].number == 5)
      #expect(now["request_days"].number == 30)
    }
  }

  @Test("a look that was refused stands in the log")
  func refused() async throws {
    try await TestHome.use { home in
      let pupil = try #require(try await pupils(home)["样甲"])
      _ = try await home("user", "add", "admin", "--name", "管", "--role", "district_admin")
      _ = try await home(
        "user", "add", "aud", "--name", "审", "--role", "auditor", "--as", "admin")
      let look = try await home("student", "reveal", pupil, "--reason", "核对", "--as", "aud")
      #expect(look.status == 77, "\(look.errors)")
      let log = try await home("access", "refused", "--as", "aud", "--format", "json")
      #expect(try log.json().count == 1, "\(log.errors)")
      #expect(try log.json()[0]["by"].text == "aud")
      #expect(try log.json()[0]["refusal"].text == "access.forbidden")
      let table = try await home("access", "refused", "--as", "aud", "--lang", "en")
      #expect(
        table.output.contains("access.forbidden") && table.output.contains("a pupil's identity"))
    }
  }
}
