import Foundation
import Testing
import Yibang

@Suite("Accounts at the command line")
struct AccountCommandTests {
  @Test("an admin invites, resets, disables and enables; a person has password, sessions, tokens")
  func accounts() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      func run(
        _ words: String..., user: String? = nil, input: String? = nil, status: Int32 = 0
      ) async throws -> CommandRun {
        let run = try await Command.run(
          ["--home", home.path] + (user.map { ["--as", $0] } ?? []) + words, input: input)
        #expect(run.status == status, "\(words): \(run.errors)")
        return run
      }
      let invited = try await run(
        "user", "invite", "wang", "--role", "auditor", "--name", "王", "--format", "json")
      let link = try #require(try invited.json()["link"].text)
      #expect(link.hasPrefix("ybi_\(TestHome.district)_"))
      let told = try await run("user", "reset", "wang", "--lang", "zh").output
      #expect(told.contains("链接：ybi_") && !told.contains(link))
      _ = try await run("user", "invite", "zhu", "--role", "sponsor", status: 64)
      let unread = try await run("user", "password", user: "wang", status: 64)
      #expect(unread.errors.contains("password") || unread.errors.contains("密码"))
      _ = try await run("user", "password", user: "wang", input: "too short\n", status: 64)
      let set = try await run(
        "user", "password", user: "wang", input: "三月的风吹过操场边的那棵树\n")
      #expect(!set.output.contains("操场") && !set.errors.contains("操场"))
      let token = try await run(
        "user", "token", "add", "报表", "--scope", "read,read-audit", "--days", "30", "--format",
        "json", user: "wang"
      ).json()
      #expect(token["token"].text?.hasPrefix("ybp_\(TestHome.district)_") == true)
      let id = try #require(token["id"].text)
      let list = try await run("user", "token", "list", "--format", "json", user: "wang")
      #expect(try list.json()[0]["scope"] == .list([.text("read"), .text("read_audit")]))
      _ = try await run(
        "user", "token", "add", "x", "--scope", "pay_out", "--days", "30", user: "wang", status: 64)
      _ = try await run("user", "token", "revoke", id, user: "wang")
      _ = try await run("user", "token", "revoke", id, user: "wang", status: 65)
      let sessions = try await run("user", "sessions", "--of", "wang", "--format", "json")
      #expect(try sessions.json().count == 0)
      _ = try await run("user", "sign-out", "--of", "wang")
      _ = try await run("user", "sessions", "--of", "wang", user: "wang")
      _ = try await run("user", "totp", "remove", "wang", "--reason", "换手机", status: 65)
      _ = try await run("user", "disable", "wang")
      _ = try await run("user", "token", "list", user: "wang", status: 77)
      _ = try await run("user", "enable", "wang")
      _ = try await run("user", "token", "list", user: "wang")
      let users = try await run("user", "list", "--format", "json").json()
      #expect(users[0].keys.contains("disabled"))
      let trail = try await run("audit", "list", "--format", "csv").output
      for action in ["user.invite", "user.reset", "user.password", "user.token", "user.disable"] {
        #expect(trail.contains(action))
      }
      #expect(!trail.contains(link) && !trail.contains("操场"))
    }
  }
}
