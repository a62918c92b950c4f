import Foundation
import Glibc
import MailSink
import Spreadsheet
import Testing

@Suite("job, mail and reminder commands")
struct MailCommandTests {
  /// A home with two pairings, of which the first is the result's.
  private func pairing(_ home: TestHome) async throws -> (pairing: String, donor: String) {
    try await home.setUp()
    _ = try await home.importRoster(home.sheet("roster.csv", Sheets.roster))
    _ = try await home(
      "offer", "import", home.sheet("offers.csv", Sheets.offers), "--semester", TestHome.semester)
    let proposal = try await home(
      "match", "propose", "--semester", TestHome.semester, "--as", "A", "--format", "json")
    let id = try #require(try proposal.json()["id"].text, "\(proposal.errors)")
    _ = try await home("--today", "2026-09-20", "match", "approve", id, "--as", "B")
    let accepted = try await home("--today", "2026-09-20", "match", "accept", id, "--as", "A")
    try #require(accepted.status == 0, "\(accepted.errors)")
    let pairings = try await home("pairing", "list", "--format", "json").json()
    let pairing = try #require(pairings[0]["id"].text)
    let sponsor = try #require(pairings[0]["sponsor"].text)
    let donors = try await home("donor", "list", "--format", "json").json()
    #expect(donors[0]["id"].text == donors[0]["id"].text?.lowercased())
    let donor = (0..<(donors.count ?? 0)).first { donors[$0]["name"].text == sponsor }
    return (pairing, try #require(donor.flatMap { donors[$0]["id"].text }))
  }

  private func environment(_ sink: MailSink) -> [String: String] {
    ["YIBANG_SMTP_URL": sink.url, "YIBANG_SMTP_FROM": "aid@example.cn"]
  }

  private func receive(_ home: TestHome, _ pairing: String) async throws {
    let run = try await home(
      "instalment", "receive", pairing, "400", "--number", "1", "--date", "2026-11-20")
    try #require(run.status == 0, "\(run.errors)")
  }

  @Test("a list of addresses is read as any other sheet: tried, refused row by row, taken once")
  func contacts() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let added = try await home("donor", "add", "试甲", "--format", "json")
      let donor = try #require(try added.json()["id"].text, "\(added.errors)")
      let sheet = try home.sheet("contacts.csv", "姓名,邮箱\n试甲,jia@example.cn\n试乙,yi@example.cn\n")
      func take(_ options: String...) async throws -> CommandRun {
        let line = ["donor", "import-contacts", sheet, "--semester", TestHome.semester]
        return try await Command.run(["--home", home.path] + line + options)
      }
      let refused = try await take()
      #expect(refused.status == 65 && refused.output.contains("donor add"), "\(refused.errors)")
      #expect(try await take("--dry-run", "--skip-refused").status == 0)
      let taken = try await take("--skip-refused")
      #expect(taken.status == 0 && taken.output.contains("接收 1 行"), "\(taken.errors)")
      let shown = try await home("donor", "contact", donor)
      #expect(shown.output.contains("j***@example.cn"))
    }
  }

  @Test("a gift is thanked for by mail, a reminder printed, jobs and messages listed, tasks told")
  func wholeWay() async throws {
    try await TestHome.use { home in
      let (pairing, donor) = try await pairing(home)
      let sink = try MailSink()
      defer { sink.close() }
      let reach = try await home("donor", "contact", donor, "--mail", "zhu@example.cn")
      #expect(reach.status == 0 && reach.output.contains("z***@example.cn"), "\(reach.errors)")
      #expect(!reach.output.contains("zhu@"))
      let wrong = try await home("donor", "contact", donor, "--mail", "zhu")
      #expect(wrong.status == 65 && wrong.errors.contains("邮箱地址"))
      try await receive(home, pairing)
      let queued = try await home("job", "list", "--state", "queued", "--format", "json")
      #expect(try queued.json().count == 1, "\(queued.errors)")
      // Without a mail server, mail waits.
      let without = try await home("--today", "2026-11-20", "job", "run", "--format", "json")
      // Reminders, holds, cover, completions and retention.
      #expect(try without.json()["done"].number == 5, "\(without.errors)")
      let run = try await home(
        "--today", "2026-11-20", "job", "run", "--format", "json", environment: environment(sink))
      #expect(run.status == 0, "\(run.errors)")
      // The thanks, and the reminder of what is outstanding.
      #expect(Set(sink.mails.map(\.to)) == ["zhu@example.cn"] && sink.mails.count == 2)
      let sent = try await home("mail", "list", "--state", "sent", "--format", "json").json()
      #expect(sent.count == 2)
      // The other sponsor's, on paper.
      let printed = try await home(
        "--today", "2026-11-20", "mail", "print", "-o", "\(home.path)/letters.xlsx")
      #expect(printed.status == 0 && printed.output.contains("1 封"), "\(printed.errors)")
      #expect(try TableFile.open(path: "\(home.path)/letters.xlsx").sheets.count == 1)
      let again = try await home("mail", "print", "-o", "\(home.path)/letters.xlsx")
      #expect(again.status == 65 && again.errors.contains("没有等待打印"))
      let reminded = try await home(
        "--today", "2026-11-20", "reminder", "run", "--format", "json")
      #expect(try reminded.json()["overdue"].number == 0)
      let tasks = try await home("--today", "2026-11-20", "reminder", "tasks")
      #expect(tasks.status == 0 && tasks.errors.contains("没有记录"))
    }
  }

  @Test("a report needs consent; errors of the new commands say what to do")
  func refusals() async throws {
    try await TestHome.use { home in
      let (pairing, _) = try await pairing(home)
      let none = "01990000-0000-7000-8000-000000000000"
      let lines: [([String], Int32, String, String)] = [
        (
          ["report", "sponsor", pairing, TestHome.semester], 65, "progress_report",
          "progress_report"
        ),
        (["report", "sponsor", none, TestHome.semester], 65, "没有结对", "no pairing"),
        (["mail", "resolve", none, "--sent"], 65, "没有通知", "no message"),
        (["mail", "print", "-o", "a.pdf"], 64, ".xlsx", ".xlsx"),
        (["job", "retry", none], 65, "没有后台任务", "no job"),
        (["job", "cancel", "x"], 64, "不是编号", "is no id"),
        (["donor", "contact", none, "--none"], 65, "没有捐赠人", "no donor"),
        (["letter", "list"], 77, "本校", "own school"),
        (["user", "add", "x", "--role", "system"], 64, "不是人", "No person"),
      ]
      for (words, status, zh, en) in lines {
        let run = try await Command.run(["--home", home.path] + words)
        #expect(run.status == status && run.errors.contains(zh), "\(words): \(run.errors)")
        let english = try await Command.run(["--home", home.path, "--lang", "en"] + words)
        #expect(english.errors.contains(en), "\(english.errors)")
      }
      let setting = try await home(
        "job", "run", environment: ["YIBANG_SMTP_URL": "smtp://127.0.0.1:1"])
      #expect(setting.status == 78 && setting.errors.contains("YIBANG_SMTP_FROM"))
      let reports = try await home(
        "reminder", "reports", "--semester", TestHome.semester, "--format", "json")
      #expect(try reports.json()["made"].number == 0, "\(reports.errors)")
    }
  }

  @Test("killed with SIGKILL while the server has the mail: it is uncertain, never sent twice")
  func killed() async throws {
    try await TestHome.use { home in
      let (pairing, donor) = try await pairing(home)
      let sink = try MailSink(.hang(.end), .take)
      defer { sink.close() }
      _ = try await home("donor", "contact", donor, "--mail", "zhu@example.cn")
      try await receive(home, pairing)
      let process = Command.process(
        ["--home", home.path, "--today", "2026-09-25", "job", "run"], environment(sink))
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      let pid = try await Self.started(process)
      for await stage in sink.events where stage == .end { break }
      kill(pid, SIGKILL)
      process.waitUntilExit()
      let sending = try await home("mail", "list", "--format", "json").json()
      #expect(sending[0]["state"].text == "sending" || sending[1]["state"].text == "sending")
      // The lease of the dead worker passes.
      let passed = try await home(
        "db", "psql", "--", "-c",
        "update job set leased_until = now() - interval '1 second' where state = 'running'")
      #expect(passed.status == 0, "\(passed.errors)")
      let rest = try await home(
        "--today", "2026-09-25", "job", "run", environment: environment(sink))
      #expect(rest.status == 0, "\(rest.errors)")
      let uncertain = try await home(
        "mail", "list", "--state", "uncertain", "--format", "json"
      ).json()
      #expect(uncertain.count == 1)
      let id = try #require(uncertain[0]["id"].text)
      let tasks = try await home("reminder", "tasks", "--format", "json").json()
      #expect(tasks[0]["subject"].text == id)
      let before = sink.mails.count
      #expect(try await home("mail", "resolve", id, "--again").status == 0)
      _ = try await home("--today", "2026-09-25", "job", "run", environment: environment(sink))
      #expect(sink.mails.count == before + 1)
      let settled = try await home("mail", "resolve", id, "--sent")
      #expect(settled.status == 65 && settled.errors.contains("不允许"))
    }
  }

  private static func started(_ process: Process) async throws -> Int32 {
    try process.run()
    return process.processIdentifier
  }
}
