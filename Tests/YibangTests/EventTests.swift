import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Postgres
import Synchronization
import Testing

@testable import Yibang

/// Another system: keeps what it is sent, and answers as it is told.
private final class Receiver: Sendable {
  struct Message: Sendable {
    let path: String
    let headers: HTTPFields
    let body: [UInt8]

    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
    }
    var subject: String? { (json["subject"] as? [String: Any])?["id"] as? String }
    var type: String? { json["type"] as? String }
  }

  private let received = Mutex<[Message]>([])
  /// The status that a message is answered with.
  private let answer: @Sendable (Message) -> Int

  init(answer: @escaping @Sendable (Message) -> Int = { _ in 204 }) {
    self.answer = answer
  }

  var messages: [Message] { received.withLock { $0 } }

  /// Listens on a free port while `body` runs.
  func listen(_ body: @escaping @Sendable (_ url: String) async throws -> Void) async throws {
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let router = Router()
    router.post("hook") { request, _ in
      let bytes = try await request.body.collect(upTo: 1 << 20)
      let message = Message(
        path: request.uri.path, headers: request.headers, body: Array(bytes.readableBytesView))
      self.received.withLock { $0.append(message) }
      return Response(status: .init(code: self.answer(message)))
    }
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: {
        listening.yield($0.localAddress?.port ?? 0)
        listening.finish()
      }, logger: TestPlatform.logger)
    try await withThrowingTaskGroup { group in
      group.addTask {
        defer { listening.finish() }
        try await application.run()
      }
      for await port in ports { try await body("http://127.0.0.1:\(port)/hook") }
      group.cancelAll()
      // It ends by cancellation, which is no failure here.
      while let result = await group.nextResult() { _ = result }
    }
  }
}

@Suite("The change feed and webhooks")
struct EventTests {
  private func sender(_ district: TestDistrict) -> WebhookSender {
    WebhookSender(platform: district.platform, district: district.code, timeoutSeconds: 120)
  }

  private func all(
    _ district: TestDistrict, after: Cursor? = nil, limit: Int = 7, in context: Context? = nil
  ) async throws -> (events: [ChangeFeed.Event], next: Cursor?) {
    var (events, place): ([ChangeFeed.Event], Cursor?) = ([], after)
    while true {
      let read = try await ChangeFeed.read(
        after: place, limit: limit, in: context ?? district.admin)
      place = read.next
      if read.events.isEmpty { return (events, place) }
      events += read.events
    }
  }

  /// Waits until transactions of other tests that began earlier have ended.
  private func settled(_ district: TestDistrict, _ count: Int, after: Cursor?) async throws
    -> (events: [ChangeFeed.Event], next: Cursor?)
  {
    while true {
      let read = try await all(district, after: after)
      if read.events.count >= count { return read }
      await Task.yield()
    }
  }

  @Test("every write appears once and in order, whoever reads meanwhile")
  func feed() async throws {
    let district = try await TestDistrict.make()
    let start = try await all(district).next
    async let gifts: Void = withThrowingTaskGroup(of: Void.self) { group in
      for _ in 1...40 { group.addTask { _ = try await district.give(1_000) } }
      try await group.waitForAll()
    }
    var (seen, place): ([ChangeFeed.Event], Cursor?) = ([], start)
    while seen.filter({ $0.action == "donation.record" }).count < 40 {
      let read = try await all(district, after: place, limit: 3)
      seen += read.events
      place = read.next
      await Task.yield()
    }
    try await gifts
    #expect(Set(seen.map(\.id)).count == seen.count)
    // From the beginning it is the same, in the same order.
    #expect(try await all(district, after: start).events.map(\.id) == seen.map(\.id))
    #expect(seen.allSatisfy { !$0.action.hasPrefix("user.") })
    let own = try await all(district, in: district.officer).events
    #expect(own.allSatisfy { $0.school == district.school.id } && !own.isEmpty)
  }

  @Test("what an earlier transaction may still bring is waited for")
  func horizon() async throws {
    let district = try await TestDistrict.make()
    let start = try await settled(district, 0, after: nil).next
    let (held, holding) = AsyncStream.makeStream(of: Void.self)
    let release = Mutex(false)
    async let slow: Void = district.admin.write { session in
      _ = try session.batch([
        Audit.statement(district.admin.actor, "donation.record", subject: "donation", id: UUID.v7())
      ])
      holding.yield()
      holding.finish()
      while !release.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.001) }
    }
    for await _ in held {}
    _ = try await district.give(1_000)
    let early = try await all(district, after: start).events
    #expect(!early.contains { $0.action == "donation.record" })
    release.withLock { $0 = true }
    try await slow
    var gifts = 0
    while gifts < 2 {
      gifts = try await all(district, after: start).events.count { $0.action == "donation.record" }
      await Task.yield()
    }
    #expect(gifts == 2)
  }

  @Test("a place from before a restoration is refused")
  func outdated() async throws {
    let district = try await TestDistrict.make()
    let place = Cursor("\(UUID().lowercase)", "1", "\(UUID().lowercase)")
    await #expect(throws: EventError.self) {
      try await ChangeFeed.read(after: place, limit: 1, in: district.admin)
    }
    #expect(await refusal { try await all(district, after: Cursor("1", "2")) } == "page.cursor")
  }

  @Test("events are signed, and only the actions that are asked for are sent")
  func signed() async throws {
    let district = try await TestDistrict.make()
    let receiver = Receiver()
    try await receiver.listen { url in
      let made = try await Webhooks.add(url, actions: ["donation.record"], in: district.admin)
      let gift = try await district.give(1_000)
      try await deliver(district, 1)
      let message = try #require(receiver.messages.first)
      #expect(receiver.messages.count == 1)
      #expect(message.type == "donation.record" && message.subject == gift.lowercase)
      #expect(message.json["district"] as? String == district.code)
      #expect(Set(message.json.keys) == ["district", "school", "subject", "timestamp", "type"])
      let id = try #require(message.headers[HTTPField.Name("webhook-id")!])
      let stamp = try #require(message.headers[HTTPField.Name("webhook-timestamp")!])
      let key = try #require(Data(base64Encoded: String(made.secret.dropFirst("whsec_".count))))
      let code = HMAC<SHA256>.authenticationCode(
        for: Data("\(id).\(stamp).".utf8) + Data(message.body), using: SymmetricKey(data: key))
      #expect(
        message.headers[HTTPField.Name("webhook-signature")!]
          == "v1,\(Data(code).base64EncodedString())")
      #expect(abs(Date.now.timeIntervalSince1970 - (Double(stamp) ?? 0)) < 300)
    }
  }

  /// Sends until so many deliveries in all have been taken.
  private func deliver(_ district: TestDistrict, _ count: Int) async throws {
    var delivered = 0
    while delivered < count {
      delivered += try await sender(district).drain().delivered
      await Task.yield()
    }
  }

  @Test("of each record in order, others not held up by one that fails; given up, and sent anew")
  func ordered() async throws {
    let district = try await TestDistrict.make()
    let isBroken = Mutex(true)
    let bad = Mutex<String?>(nil)
    let receiver = Receiver { message in
      message.subject == bad.withLock { $0 } && isBroken.withLock { $0 } ? 500 : 200
    }
    try await receiver.listen { url in
      let made = try await Webhooks.add(
        url, actions: ["donation.record", "donation.reversal"], in: district.admin)
      let (one, other) = (try await district.give(1_000), try await district.give(2_000))
      bad.withLock { $0 = one.lowercase }
      for gift in [one, other] {
        _ = try await Giving.reverse(
          gift, on: TestDistrict.today, semester: TestDistrict.autumn, reason: "误记",
          in: district.admin)
      }
      try await deliver(district, 2)
      let others = receiver.messages.filter { $0.subject == other.lowercase }
      #expect(others.map(\.type) == ["donation.record", "donation.reversal"])
      let failed = receiver.messages.filter { $0.subject == one.lowercase }
      #expect(!failed.isEmpty && failed.allSatisfy { $0.type == "donation.record" })
      var waiting = try await Webhooks.list(in: district.admin)
      #expect(waiting[0].waiting == 2 && waiting[0].dead == 0)
      let code = district.code
      let isLater: Bool = try await TestPlatform.asOwner { session in
        try session.query(
          """
          select bool_and(d.run_at > a.at + interval '10 seconds')
          from webhook_delivery d
          join audit a on a.district_id = d.district_id and a.id = d.event_id
          where d.district_id = $1 and d.state = 'waiting' and d.attempts > 0
          """, code)[0].get(0)
      }
      #expect(isLater)
      // Its time has not come, however slow the machine is.
      _ = try await TestPlatform.asOwner { session in
        try session.execute(
          """
          update webhook_delivery set run_at = clock_timestamp() + interval '1 hour'
          where district_id = $1 and state = 'waiting' and attempts > 0
          """, code)
      }
      #expect(try await sender(district).drain() == (0, 0))
      _ = try await TestPlatform.asOwner { session in
        try session.execute(
          """
          update webhook_delivery set run_at = clock_timestamp(), attempts = 13
          where district_id = $1 and state = 'waiting' and attempts > 0
          """, code)
      }
      // The last attempt of the first; then the second is no longer held up.
      #expect(try await sender(district).drain().failed == 2)
      waiting = try await Webhooks.list(in: district.admin)
      #expect(waiting[0].waiting == 1 && waiting[0].dead == 1)
      let dead = try await Webhooks.deliveries(of: made.id, state: .dead, in: district.admin)
      #expect(dead.map(\.error) == ["webhook.status_500"] && dead[0].attempts == 14)
      isBroken.withLock { $0 = false }
      #expect(try await Webhooks.replay(made.id, in: district.admin) == 1)
      #expect(try await sender(district).drain().delivered == 1)
      #expect(try await Webhooks.replay(made.id, event: dead[0].event, in: district.admin) == 1)
      #expect(try await sender(district).drain().delivered == 1)
    }
  }

  @Test("many senders at once send each event once")
  func atOnce() async throws {
    let district = try await TestDistrict.make()
    let receiver = Receiver()
    try await receiver.listen { url in
      _ = try await Webhooks.add(url, actions: ["donation.record"], in: district.admin)
      for _ in 1...60 { _ = try await district.give(1_000) }
      let senders = (1...4).map { _ in sender(district) }
      while receiver.messages.count < 60 {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for sender in senders { group.addTask { try await sender.drain() } }
          try await group.waitForAll()
        }
        await Task.yield()
      }
      #expect(Set(receiver.messages.compactMap(\.subject)).count == 60)
      #expect(receiver.messages.count == 60)
    }
  }

  @Test("paused, it is sent nothing; resumed, what has happened since; removed, nothing more")
  func paused() async throws {
    let district = try await TestDistrict.make()
    let receiver = Receiver()
    try await receiver.listen { url in
      let made = try await Webhooks.add(url, actions: ["donation.record"], in: district.admin)
      try await Webhooks.set(made.id, .paused, in: district.admin)
      _ = try await district.give(1_000)
      #expect(try await sender(district).drain() == (0, 0))
      try await Webhooks.set(made.id, .active, in: district.admin)
      try await deliver(district, 1)
      try await Webhooks.remove(made.id, in: district.admin)
      #expect(try await Webhooks.list(in: district.admin).isEmpty)
      #expect(
        await refusal { try await Webhooks.remove(made.id, in: district.admin) }
          == "webhook.unknown")
    }
  }

  @Test(
    "addresses that are not for it are refused",
    arguments: [
      "", "example.org", "http://example.org/hook", "ftp://example.org",
      "https://user:word@example.org", "file:///etc/passwd", "https://", "https://example.org/#x",
    ])
  func addresses(url: String) async throws {
    let district = try await TestDistrict.make()
    #expect(
      await refusal { try await Webhooks.add(url, actions: nil, in: district.admin) }
        == "webhook.url")
    #expect(
      await refusal {
        try await Webhooks.add("https://example.org", actions: ["Drop"], in: district.admin)
      } == "webhook.action")
    #expect(
      await refusal {
        try await Webhooks.add("https://example.org", actions: nil, in: district.officer)
      }
        == "access.forbidden")
  }
}
