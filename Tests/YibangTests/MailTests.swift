import Foundation
import Logging
import MailSink
import Postgres
import SchoolCalendar
import Spreadsheet
import Synchronization
import Testing

@testable import Yibang

@Suite("Mail to sponsors")
struct MailTests {
  @Test("a gift that comes in is thanked for by mail: in the transaction, once, in plain words")
  func thanks() async throws {
    let fixture = try await MailFixture.make()
    let sink = try MailSink()
    defer { sink.close() }
    try await fixture.receive()
    #expect(try await fixture.messages().map(\.state) == [.queued])
    #expect(try await fixture.worker(sink).drain() == (1, 0))
    #expect(try await fixture.worker(sink).drain() == (0, 0))
    let mail = try #require(sink.mails.first)
    #expect(sink.mails.count == 1)
    #expect(mail.to == MailFixture.address)
    for words in ["尊敬的助小例", "样*例", "第一小学", "¥400.00", "2026-11-20"] {
      #expect(mail.text.contains(words), "\(words)")
    }
    #expect(!mail.text.contains("样小例"))
    let id = try #require(try await fixture.messages().first?.id)
    #expect(mail.header("Message-ID") == "<\(id.lowercase)@example.cn>")
    #expect(mail.lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } && $0.utf8.count <= 78 })
    #expect(try await fixture.messages().map(\.state) == [.sent])
  }

  @Test("the transaction of a gift that is refused leaves no message")
  func refusedGift() async throws {
    let fixture = try await MailFixture.make()
    #expect(await failure { try await fixture.receive(999_999_900) } != nil)
    #expect(try await fixture.messages().isEmpty)
  }

  struct Trouble: Sendable, CustomTestStringConvertible {
    let behaviour: MailSink.Behaviour
    let state: Mail.State
    let error: String?

    var testDescription: String { "\(behaviour)" }
  }

  static let troubles: [Trouble] = [
    Trouble(behaviour: .drop(.greeting), state: .queued, error: nil),
    Trouble(behaviour: .drop(.hello), state: .queued, error: nil),
    Trouble(behaviour: .drop(.sender), state: .queued, error: nil),
    Trouble(behaviour: .drop(.recipient), state: .queued, error: nil),
    Trouble(behaviour: .drop(.data), state: .queued, error: nil),
    Trouble(behaviour: .drop(.body), state: .uncertain, error: nil),
    Trouble(behaviour: .drop(.end), state: .uncertain, error: nil),
    Trouble(behaviour: .takeAndDrop, state: .uncertain, error: nil),
    Trouble(behaviour: .hang(.greeting), state: .queued, error: "smtp.curl_28"),
    Trouble(behaviour: .hang(.recipient), state: .queued, error: "smtp.curl_28"),
    Trouble(behaviour: .hang(.end), state: .uncertain, error: "smtp.curl_28"),
    Trouble(behaviour: .reply(.greeting, "554 no"), state: .queued, error: "smtp.reply_554"),
    Trouble(behaviour: .reply(.sender, "451 busy"), state: .queued, error: "smtp.reply_451"),
    Trouble(behaviour: .reply(.sender, "550 no"), state: .queued, error: "smtp.reply_550"),
    Trouble(behaviour: .reply(.recipient, "450 later"), state: .queued, error: "smtp.reply_450"),
    Trouble(behaviour: .reply(.recipient, "550 nobody"), state: .failed, error: "smtp.reply_550"),
    Trouble(behaviour: .reply(.data, "451 busy"), state: .queued, error: "smtp.reply_451"),
    Trouble(behaviour: .reply(.end, "452 full"), state: .queued, error: "smtp.reply_452"),
    Trouble(behaviour: .reply(.end, "554 spam"), state: .failed, error: "smtp.reply_554"),
  ]

  @Test(
    "a server that refuses, drops or stays silent: tried again only where it cannot have the mail",
    arguments: troubles)
  func trouble(_ trouble: Trouble) async throws {
    let fixture = try await MailFixture.make()
    let sink = try MailSink(trouble.behaviour, .take)
    defer { sink.close() }
    try await fixture.receive()
    let worker = try fixture.worker(sink, timeoutMilliseconds: 3_000)
    _ = try await worker.drain()
    let message = try #require(try await fixture.messages().first)
    #expect(message.state == trouble.state)
    #expect(message.error?.hasPrefix("smtp.") == true)
    if let error = trouble.error { #expect(message.error == error) }
    try await fixture.passTime()
    _ = try await worker.drain()
    let later = try #require(try await fixture.messages().first)
    if trouble.state == .queued {
      #expect(later.state == .sent && later.error == nil)
      #expect(sink.mails.count == 1)
    } else {
      #expect(later.state == trouble.state)
      #expect(sink.conversations == 1)
      let tasks = try await Reminders.tasks(on: TestDistrict.today, in: fixture.district.admin)
      #expect(tasks.count == 1)
    }
  }

  @Test(
    "a message that a worker left in the middle of sending is uncertain, and a person settles it")
  func leftInTheMiddle() async throws {
    let fixture = try await MailFixture.make()
    let sink = try MailSink()
    defer { sink.close() }
    try await fixture.receive()
    let id = try #require(try await fixture.messages().first?.id)
    let actor = fixture.district.admin.actor
    try await fixture.district.admin.write { try Mail.step(id, to: .sending, $0, actor) }
    let worker = try fixture.worker(sink)
    _ = try await worker.drain()
    #expect(try await fixture.messages().map(\.state) == [.uncertain])
    #expect(sink.conversations == 0)
    try await Mail.resolve(id, wasSent: false, in: fixture.district.admin)
    _ = try await worker.drain()
    #expect(try await fixture.messages().map(\.state) == [.sent])
    #expect(sink.mails.count == 1)
    for wasSent in [true, false] {
      let refused = await refusal {
        try await Mail.resolve(id, wasSent: wasSent, in: fixture.district.admin)
      }
      #expect(refused == "mail.not_open")
    }
    let unknown = await refusal {
      try await Mail.resolve(UUID(), wasSent: true, in: fixture.district.admin)
    }
    #expect(unknown == "mail.unknown")
  }

  @Test("a server that never takes it: after the last attempt the message has failed")
  func neverTaken() async throws {
    let fixture = try await MailFixture.make()
    let sink = try MailSink(.reply(.sender, "421 closed"))
    defer { sink.close() }
    try await fixture.receive()
    let worker = try fixture.worker(sink)
    var attempts = 0
    while try await worker.runOne() != nil {
      attempts += 1
      try await fixture.passTime()
    }
    #expect(attempts == 8)
    #expect(try await fixture.messages().map(\.state) == [.failed])
    #expect(try await Jobs.list(state: .failed, in: fixture.district.admin).count == 1)
  }

  @Test("without encryption nothing is said to a server on another machine, or with a login")
  func encryption() async throws {
    let fixture = try await MailFixture.make()
    let sink = try MailSink()
    defer { sink.close() }
    try await fixture.receive()
    let smtp = try SMTP(
      url: sink.url, from: try MailAddress("aid@example.cn"),
      login: .init(user: "aid", password: "geheim"))
    let worker = JobWorker(
      platform: fixture.district.platform, smtp: smtp, district: fixture.district.code
    ) { TestDistrict.today }
    #expect(try await worker.drain() == (0, 1))
    #expect(sink.mails.isEmpty)
    #expect(try await fixture.messages().map(\.error) == ["smtp.curl_64"])
  }

  @Test(
    "STARTTLS: a mail goes out by login to a server of a known authority; another hears no login")
  func startTLS() async throws {
    let fixture = try await MailFixture.make()
    let server = try await StartTLSServer.start(in: TestPlatform.directory)
    try await fixture.receive()
    func send(trusting authority: String?) async throws -> (done: Int, failed: Int) {
      let smtp = try SMTP(
        url: server.url, from: try MailAddress("aid@example.cn"),
        login: .init(user: "aid", password: "geheim"), caFile: authority)
      return try await JobWorker(
        platform: fixture.district.platform, smtp: smtp, district: fixture.district.code
      ) { TestDistrict.today }.drain()
    }
    #expect(try await send(trusting: nil) == (0, 1))
    #expect(try await fixture.messages().map(\.error) == ["smtp.curl_60"])
    #expect(server.lines.map { $0.text.split(separator: " ")[0] } == ["EHLO", "STARTTLS"])

    try await fixture.passTime()
    #expect(try await send(trusting: server.certificate) == (1, 0))
    #expect(try await fixture.messages().map(\.state) == [.sent])
    let login = Data("\0aid\0geheim".utf8).base64EncodedString()
    let heard = server.lines
    #expect(heard.filter { $0.text.contains(login) }.map(\.isEncrypted) == [true])
    #expect(heard.contains { $0.text.contains(MailFixture.address) && $0.isEncrypted })
    #expect(!heard.contains { $0.text.contains(MailFixture.address) && !$0.isEncrypted })
    try await server.close()
  }

  @Test("settings come from the environment and files, and what is missing is named")
  func settings() throws {
    #expect(try SMTP.from(environment: [:]) == nil)
    let url = ["YIBANG_SMTP_URL": "smtp://mail.example.cn:587"]
    let from = url.merging(["YIBANG_SMTP_FROM": "aid@example.cn"]) { $1 }
    let user = from.merging(["YIBANG_SMTP_USER": "aid"]) { $1 }
    #expect(try SMTP.from(environment: from)?.url == "smtp://mail.example.cn:587")
    let wrong: [([String: String], String)] = [
      (url, "YIBANG_SMTP_FROM"), (user, "YIBANG_SMTP_PASSWORD"),
      (user.merging(["YIBANG_SMTP_PASSWORD_FILE": "/nonexistent"]) { $1 }, "_PASSWORD_FILE"),
      (from.merging(["YIBANG_SMTP_URL": "http://mail.example.cn"]) { $1 }, "YIBANG_SMTP_URL"),
      (from.merging(["YIBANG_SMTP_URL": "smtp://a:b@mail.example.cn"]) { $1 }, "YIBANG_SMTP_URL"),
    ]
    for (environment, name) in wrong {
      let error = #expect(throws: MailError.self) { try SMTP.from(environment: environment) }
      #expect(error?.text.en.contains(name) == true)
    }
  }

  @Test(
    "an address that could carry another header or recipient is none",
    arguments: [
      "", "a", "a@b", "@b.cn", "a@b.cn\r\nBcc: c@d.cn", "a@b.cn,c@d.cn", "<a@b.cn>", "a b@c.cn",
      "a@@b.cn", "甲@b.cn", "a@.b.cn", "a..b@c.cn",
    ])
  func addresses(text: String) {
    #expect(throws: MailError.self) { try MailAddress(text) }
  }

  @Test("subjects in Chinese travel as words of at most 75 characters and come back whole")
  func subjects() throws {
    let text = String(repeating: "帮扶款到期提醒𠮷", count: 12)
    let words = MailMessage.encodedWords(text).split(separator: "\r\n ")
    #expect(words.allSatisfy { $0.utf8.count <= 75 })
    let decoded = words.compactMap { word in
      Data(base64Encoded: String(word.dropFirst(10).dropLast(2)))
        .map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(decoded.joined() == text)
  }

  @Test("who wants letters has them printed, a page each, once; who wants nothing gets nothing")
  func ways() async throws {
    let fixture = try await MailFixture.make(reach: .letter(address: "测试路一号"))
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).xlsx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await fixture.receive(10_000)
    try await fixture.receive(20_000)
    let printed = try await Mail.print(to: path, on: TestDistrict.today, in: fixture.district.admin)
    #expect(printed == (2, 0))
    #expect(try TableFile.open(path: path).sheets.count == 2)
    let content = try TestDistrict.content(path)
    for words in ["测试路一号", "尊敬的助小例", "感谢您的帮扶"] {
      #expect(content.contains(words), "\(words)")
    }
    let again = await refusal {
      try await Mail.print(to: path, on: TestDistrict.today, in: fixture.district.admin)
    }
    #expect(again == "mail.nothing_to_print")
    try await fixture.reach(.nothing)
    try await fixture.receive(30_000)
    #expect(try await fixture.messages().count == 2)
  }

  @Test("a changed wish holds for what waits: letters become mail, mail becomes nothing")
  func changedWish() async throws {
    let fixture = try await MailFixture.make(reach: nil)
    let sink = try MailSink()
    defer { sink.close() }
    try await fixture.receive(10_000)
    #expect(try await fixture.messages().map(\.way) == [.letter])
    try await fixture.reach(.mail(try MailAddress(MailFixture.address)), language: .en)
    #expect(try await fixture.worker(sink).drain() == (1, 0))
    #expect(sink.mails.first?.text.contains("Dear 助小例,") == true)
    try await fixture.receive(10_000)
    try await fixture.reach(.nothing)
    #expect(try await fixture.worker(sink).drain() == (1, 0))
    #expect(sink.mails.count == 1)
    #expect(try await fixture.messages().first?.state == .cancelled)
  }

  /// Keeps what is logged.
  private struct Log: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.all.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
  }

  private final class LogLines: Sendable {
    let all = Mutex<[String]>([])
  }

  @Test("the log of work that fails names jobs and codes, and nobody")
  func logs() async throws {
    let fixture = try await MailFixture.make()
    let sink = try MailSink(
      .reply(.recipient, "450 \(MailFixture.address) later"),
      .reply(.recipient, "550 no \(MailFixture.address)"))
    defer { sink.close() }
    try await fixture.receive()
    let lines = LogLines()
    let logger = Logger(label: "log") { _ in Log(lines: lines) }
    let platform = fixture.district.platform
    let worker = JobWorker(
      platform: Platform(database: platform.database, vault: platform.vault, logger: logger),
      smtp: try SMTP(url: sink.url, from: try MailAddress("aid@example.cn")),
      district: fixture.district.code
    ) { TestDistrict.today }
    _ = try await worker.drain()
    try await fixture.passTime()
    _ = try await worker.drain()
    let written = lines.all.withLock { $0 }
    #expect(written.contains { $0.contains("smtp.reply_450") })
    for words in [MailFixture.address, "助小例", "样小例", "later"] {
      #expect(!written.contains { $0.contains(words) }, "\(words)")
    }
    #expect(try await fixture.messages().map(\.error) == ["smtp.reply_550"])
  }

  @Test("a donor who stays unnamed is not named in its mail, and its address is stored sealed")
  func anonymous() async throws {
    let fixture = try await MailFixture.make(
      sponsor: SponsorDetails(kind: .individual, name: "助小例", anonymous: true))
    let sink = try MailSink()
    defer { sink.close() }
    try await fixture.receive()
    _ = try await fixture.worker(sink).drain()
    let text = try #require(sink.mails.first?.text)
    #expect(text.contains("爱心人士") && !text.contains("助小例"))
    let shown = try await DonorReach.shown(fixture.donor, in: fixture.district.admin)
    #expect(shown.address == "s***@example.cn")
    let code = fixture.district.code
    let stored: [String] = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select to_jsonb(c)::text from donor_contact c where district_id = $1
        union all select to_jsonb(m)::text from message m where district_id = $1
        union all select to_jsonb(j)::text from job j where district_id = $1
        union all select to_jsonb(a)::text from audit a
          where district_id = $1 and (action like 'message%' or action like 'donor.reach')
        """, code
      ).map { try $0.get(0) }
    }
    #expect(stored.count >= 5)
    let address = Data(MailFixture.address.utf8).map { String(format: "%02x", $0) }.joined()
    for words in [MailFixture.address, address, "助小例", "样小例", "400.00", "40000"] {
      #expect(!stored.contains { $0.contains(words) }, "\(words)")
    }
  }
}
