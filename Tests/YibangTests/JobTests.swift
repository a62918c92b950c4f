import Foundation
import MailSink
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Background work")
struct JobTests {
  private static func worker(_ district: TestDistrict, lease: Int = 600) -> JobWorker {
    JobWorker(
      platform: district.platform, smtp: nil, district: district.code, leaseSeconds: lease
    ) { TestDistrict.today }
  }

  private static func enqueue(_ key: String, in district: TestDistrict) async throws -> Bool {
    try await district.admin.write {
      try Jobs.enqueue(.dailyReminders, key: key, day: TestDistrict.today, $0)
    }
  }

  @Test("a job is there once its transaction is, and of one key there is one")
  func enqueued() async throws {
    let district = try await TestDistrict.make()
    struct Undone: Error {}
    _ = await failure {
      try await district.admin.write { session in
        try Jobs.enqueue(.dailyReminders, key: "a", session)
        throw Undone()
      }
    }
    #expect(try await Jobs.list(in: district.admin).isEmpty)
    #expect(try await Self.enqueue("a", in: district))
    #expect(try await !Self.enqueue("a", in: district))
    #expect(try await Jobs.list(in: district.admin).map(\.state) == [.queued])
    #expect(try await Jobs.list(in: district.officer).isEmpty)
  }

  @Test("eight workers empty one queue, and each job is taken once")
  func manyWorkers() async throws {
    let district = try await TestDistrict.make()
    try await district.admin.write { session in
      for number in 1...120 { try Jobs.enqueue(.dailyReminders, key: "\(number)", session) }
    }
    let taken = try await withThrowingTaskGroup(of: [UUID].self) { group in
      for _ in 1...8 {
        group.addTask {
          let worker = Self.worker(district)
          var mine: [UUID] = []
          while let job = try await worker.claim() {
            mine.append(job.id)
            #expect(try await worker.settle(job, error: nil))
          }
          return mine
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(taken.count == 120)
    #expect(Set(taken).count == 120)
    #expect(try await Jobs.list(state: .done, in: district.admin).count == 120)
  }

  @Test("what a dead worker held is taken up by another, whose word alone counts")
  func deadWorker() async throws {
    let district = try await TestDistrict.make()
    _ = try await Self.enqueue("a", in: district)
    let dead = Self.worker(district, lease: 0)
    let held = try #require(try await dead.claim())
    let living = Self.worker(district)
    let taken = try #require(try await living.claim())
    #expect(taken.id == held.id && taken.attempt == 2)
    #expect(try await living.claim() == nil)
    #expect(try await !dead.settle(held, error: nil))
    #expect(try await Jobs.list(in: district.admin).map(\.state) == [.running])
    #expect(try await living.settle(taken, error: nil))
  }

  @Test("workers that die at every attempt leave the job to a person")
  func alwaysDying() async throws {
    let district = try await TestDistrict.make()
    _ = try await Self.enqueue("a", in: district)
    let worker = Self.worker(district, lease: 0)
    var attempts = 0
    while try await worker.claim() != nil { attempts += 1 }
    #expect(attempts == 8)
    let job = try #require(try await Jobs.list(in: district.admin).first)
    #expect(job.state == .failed && job.error == "job.worker_lost")
  }

  @Test(
    "a job that fails waits longer from time to time, then for a person, who has it tried again")
  func failing() async throws {
    let fixture = try await MailFixture.make()
    let district = fixture.district
    let sink = try MailSink()
    defer { sink.close() }
    _ = try await district.admin.write { session in
      try Jobs.enqueue(.sendMail, key: "no such message", subject: UUID.v7(), session)
    }
    let worker = try fixture.worker(sink)
    for attempt in 1...8 {
      #expect(try await worker.runOne() == false)
      #expect(try await worker.runOne() == nil, "it waits after attempt \(attempt)")
      try await fixture.passTime()
    }
    let job = try #require(try await Jobs.list(in: district.admin).first)
    #expect(job.state == .failed && job.attempts == 8 && job.error == "mail.unknown")
    try await Jobs.retry(job.id, in: district.admin)
    #expect(try await worker.runOne() == false)
    try await Jobs.cancel(job.id, in: district.admin)
    #expect(await refusal { try await Jobs.cancel(job.id, in: district.admin) } == "job.not_open")
    #expect(await refusal { try await Jobs.retry(UUID(), in: district.admin) } == "job.unknown")
    #expect(
      await refusal { try await Jobs.retry(job.id, in: district.officer) } == "access.forbidden")
  }

  @Test("waits double up to six hours, differ between jobs, and are the same for the same attempt")
  func backOff() {
    let jobs = (0..<50).map { _ in UUID() }
    for attempt in 1...30 {
      let whole = min(30 << min(attempt - 1, 20), 21_600)
      let waits = jobs.map { BackOff.seconds(after: attempt, of: $0) }
      #expect(waits.allSatisfy { $0 > whole / 2 && $0 <= whole })
      #expect(Set(waits).count > 5)
      #expect(waits == jobs.map { BackOff.seconds(after: attempt, of: $0) })
    }
  }

  @Test("two servers add a day's work once, and do it once")
  func daily() async throws {
    let fixture = try await MailFixture.make()
    let district = fixture.district
    let day = CalendarDate("2026-09-25")!
    async let first = Jobs.schedule(day, in: district.admin)
    async let second = Jobs.schedule(day, in: district.second)
    #expect(try await [first, second].filter { $0 }.count == 1)
    async let one = Self.worker(district).drain()
    async let two = Self.worker(district).drain()
    #expect(try await one.done + two.done == Jobs.Kind.daily.count)
    #expect(try await fixture.messages().count == 1)
    let trail = try await Audit.list(in: district.admin)
    #expect(trail.first { $0.action == "reminder.run" }?.actor == "yibang-jobs")
  }

  @Test("a server that listens does a job as soon as it is there, and stops when told")
  func serving() async throws {
    let fixture = try await MailFixture.make()
    let sink = try MailSink()
    defer { sink.close() }
    let worker = try fixture.worker(sink)
    let stop = JobStop()
    async let served: Void = worker.serve(stop)
    try await fixture.receive()
    for await stage in sink.events where stage == .end { break }
    stop.stop()
    await served
    #expect(sink.mails.count == 1)
    // The job at hand was finished.
    #expect(try await fixture.messages().map(\.state) == [.sent])
    #expect(try await Jobs.list(kind: .sendMail, in: fixture.district.admin)[0].state == .done)
  }

  @Test("nobody acts as the background, or is registered as it")
  func noPerson() async throws {
    let district = try await TestDistrict.make()
    _ = try await Users.system(of: district.code, on: district.platform)
    #expect(await refusal { try await district.asUser("yibang-jobs") } == "access.unknown_user")
    let added = await refusal {
      try await Users.add(login: "x", name: "x", role: .system, school: nil, in: district.admin)
    }
    #expect(added == "access.no_person")
  }
}
