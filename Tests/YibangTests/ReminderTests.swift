import Foundation
import MailSink
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// The first instalment of a fixture's pairing is due on 2026-09-30, the second on 2027-03-31.
@Suite("Reminders and reports to sponsors")
struct ReminderTests {
  @Test("an instalment is announced once, within fourteen days of its day")
  func due() async throws {
    let fixture = try await MailFixture.make()
    #expect(try await fixture.run("2026-09-15") == .init())
    #expect(try await fixture.run("2026-09-16") == .init(due: 1))
    #expect(try await fixture.run("2026-09-16") == .init())
    #expect(try await fixture.run("2026-09-30") == .init())
    #expect(try await fixture.run("2027-03-20") == .init(due: 1, overdue: 1))
  }

  @Test("what is overdue is asked for three times, at growing intervals, then by a person")
  func overdue() async throws {
    let fixture = try await MailFixture.make()
    var asked: [String] = []
    var day = CalendarDate("2026-10-01")!
    while day < CalendarDate("2027-02-01")! {
      for _ in 1...2 {
        if try await fixture.run("\(day)").overdue == 1 { asked.append("\(day)") }
      }
      day = day.adding(days: 1)
    }
    #expect(asked == ["2026-10-07", "2026-10-21", "2026-11-18"])
    func tasks(_ day: String) async throws -> [Reminders.Task] {
      try await Reminders.tasks(on: CalendarDate(day)!, in: fixture.district.admin)
    }
    #expect(try await tasks("2026-12-01").isEmpty)
    let task = try #require(try await tasks("2026-12-02").first)
    #expect(task.kind == .overdue && task.outstanding == Money(fen: 100_000) && task.reminders == 3)
    try await fixture.receive(100_000)
    #expect(try await tasks("2026-12-02").isEmpty)
  }

  @Test("who wants no messages gets none, and the overdue instalment is a person's at once")
  func unwanted() async throws {
    let fixture = try await MailFixture.make(reach: .nothing)
    #expect(try await fixture.run("2026-10-20") == .init())
    let tasks = try await Reminders.tasks(
      on: CalendarDate("2026-10-20")!, in: fixture.district.admin)
    #expect(tasks.map(\.reminders) == [0])
  }

  @Test("what was received, or whose pairing has ended, is not asked for; what waits is dropped")
  func settled() async throws {
    let paid = try await MailFixture.make()
    let sink = try MailSink()
    defer { sink.close() }
    #expect(try await paid.run("2026-10-20") == .init(overdue: 1))
    try await paid.receive(100_000)
    #expect(try await paid.run("2026-11-20") == .init())
    _ = try await paid.worker(sink).drain()
    #expect(sink.mails.map { $0.text.contains("谢谢您") } == [true])
    #expect(Set(try await paid.messages().map(\.state)) == [.cancelled, .sent])

    let ended = try await MailFixture.make()
    let pairing = try #require(try await Pairings.list(in: ended.district.admin).first)
    _ = try await ended.district.end(pairing.id, "sponsor_request", on: "2026-10-10")
    #expect(try await ended.run("2026-10-20") == .init())
  }

  @Test("two runs at once, and a run during a payment, make one message of each event")
  func race() async throws {
    for _ in 1...5 {
      let fixture = try await MailFixture.make()
      async let first = fixture.run("2026-10-20")
      async let second = fixture.run("2026-10-20")
      let made = try await [first, second]
      #expect(made.map(\.overdue).reduce(0, +) == 1)
      async let third = fixture.run("2026-10-20")
      async let gift: Void = fixture.receive(100_000)
      _ = try await (third, gift)
      #expect(try await fixture.messages().count == 2)
    }
  }

  @Test("a report needs consent, tells what it allows, and nothing after the withdrawal")
  func report() async throws {
    let fixture = try await MailFixture.make()
    let district = fixture.district
    func report() async throws -> SponsorReport {
      try await SponsorReports.make(
        pairing: fixture.pairing, TestDistrict.autumn, on: TestDistrict.today, in: district.admin)
    }
    #expect(await refusal { try await report() } == "reminder.no_consent")
    try await fixture.consent("progress_report")
    try await fixture.receive(40_000)
    try await activity(fixture, "感恩主题班会")
    let masked = try await report().lines(.zh).joined(separator: "\n")
    for words in ["样*例", "第一小学", "¥1,000.00", "¥400.00", "¥0.00", "感恩主题班会", "2026-10-15"] {
      #expect(masked.contains(words), "\(words)")
    }
    for words in ["样小例", "礼堂", "讲得很好", "困难", "三年级"] {
      #expect(!masked.contains(words), "\(words)")
    }
    try await fixture.consent("sponsor_identity")
    #expect(try await report().lines(.en).contains("pupil: 样小例"))
    #expect(
      try await district.count(
        "select count(*) from consent_use where district_id = $1 and scope = 'progress_report'")
        == 2)
    try await fixture.withdraw("pairing")
    #expect(await refusal { try await report() } == "reminder.no_consent")
  }

  private func activity(_ fixture: MailFixture, _ theme: String) async throws {
    var activity = Activities.NewActivity(
      school: fixture.district.school.id, semester: TestDistrict.autumn,
      heldOn: CalendarDate("2026-10-15")!, kind: .gratitude, theme: theme)
    activity.place = "礼堂"
    activity.outcome = "讲得很好"
    activity.pairings = [fixture.pairing]
    _ = try await Activities.log(activity, in: fixture.district.admin)
  }

  @Test(
    "reports go out once for each pairing and semester; a consent withdrawn meanwhile stops them")
  func reports() async throws {
    let fixture = try await MailFixture.make()
    let sink = try MailSink()
    defer { sink.close() }
    func queue() async throws -> Int {
      try await Reminders.queueReports(
        TestDistrict.autumn, on: TestDistrict.today, in: fixture.district.admin)
    }
    #expect(try await queue() == 0)
    try await fixture.consent("progress_report")
    async let first = queue()
    async let second = queue()
    #expect(try await first + second == 1)
    _ = try await fixture.worker(sink).drain()
    #expect(sink.mails.first?.text.contains("学生已领取金额") == true)

    let other = try await MailFixture.make()
    try await other.consent("progress_report")
    _ = try await Reminders.queueReports(
      TestDistrict.autumn, on: TestDistrict.today, in: other.district.admin)
    try await other.withdraw("progress_report")
    _ = try await other.worker(sink).drain()
    #expect(try await other.messages().map(\.state) == [.cancelled])
    #expect(sink.mails.count == 1)
  }

  @Test("after the consent to the pairing is withdrawn, a reminder tells nothing of the child")
  func withdrawn() async throws {
    let fixture = try await MailFixture.make()
    let sink = try MailSink()
    defer { sink.close() }
    _ = try await fixture.run("2026-10-20")
    try await fixture.withdraw("pairing")
    _ = try await fixture.worker(sink).drain()
    let text = try #require(sink.mails.first?.text)
    #expect(text.contains("¥1,000.00"))
    #expect(!text.contains("样") && !text.contains("第一小学"))
  }
}
