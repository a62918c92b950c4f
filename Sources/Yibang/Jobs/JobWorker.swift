package import Foundation
import Logging
import Postgres
package import SchoolCalendar

/// Takes jobs that are due and does them, each as its district's background work.
package struct JobWorker: Sendable {
  /// A job in the hands of a worker.
  struct Claim: Sendable {
    let district: String
    let id: UUID
    let kind: Jobs.Kind
    let subject: UUID?
    let day: CalendarDate?
    /// From 1.
    let attempt: Int
    let isLast: Bool
  }

  package let id = UUID.v7()
  private let platform: Platform
  /// Nil: jobs that send mail are left to others.
  private let smtp: SMTP?
  /// Nil: all.
  private let district: String?
  /// Longer than any attempt takes.
  private let leaseSeconds: Int
  private let today: @Sendable () -> CalendarDate

  /// - Parameter today: the day in China, which decides what is consented to and what is added daily.
  package init(
    platform: Platform, smtp: SMTP?, district: String? = nil, leaseSeconds: Int = 600,
    today: @escaping @Sendable () -> CalendarDate
  ) {
    self.platform = platform
    self.smtp = smtp
    self.district = district
    self.leaseSeconds = leaseSeconds
    self.today = today
  }

  private var kinds: [Jobs.Kind] {
    Jobs.Kind.allCases.filter { $0 != .sendMail || smtp != nil }
  }

  private static let claim: SQL = """
    select district_id, id, kind, subject_id, on_day, attempts, max_attempts
    from job_claim($1, $2, $3, $4)
    """

  func claim() async throws -> Claim? {
    let (district, kinds, id, lease) = (district, kinds.map(\.rawValue), id, Int32(leaseSeconds))
    return try await platform.database.transaction { session in
      try session.query(Self.claim, district, kinds, id, lease).first.map { row in
        guard let kind = Jobs.Kind(rawValue: try row.get(2)) else {
          throw PostgresError.decoding("job")
        }
        let attempt: Int32 = try row.get(5)
        return Claim(
          district: try row.get(0), id: try row.get(1), kind: kind, subject: try row.optional(3),
          day: try row.optional(4), attempt: Int(attempt), isLast: try attempt == row.get(6))
      }
    }
  }

  /// Takes and does one job.
  /// - Returns: whether it succeeded; nil if none was due.
  package func runOne() async throws -> Bool? {
    guard let job = try await claim() else { return nil }
    do {
      try await work(job)
    } catch {
      try await settle(job, error: Self.code(error))
      return false
    }
    try await settle(job, error: nil)
    return true
  }

  /// Does what is due until nothing is, or it is told to stop.
  /// - Returns: how many jobs were done, and how many failed.
  @discardableResult
  package func drain(
    while goesOn: @Sendable () -> Bool = { true }
  ) async throws -> (done: Int, failed: Int) {
    var (done, failed) = (0, 0)
    while goesOn(), let succeeded = try await runOne() {
      if succeeded { done += 1 } else { failed += 1 }
    }
    return (done, failed)
  }

  private func work(_ job: Claim) async throws {
    let context = try await Users.system(of: job.district, on: platform)
    switch job.kind {
    case .sendMail:
      guard let smtp, let message = job.subject else { throw MailError.unknown(job.id) }
      try await Mail.send(message, by: smtp, isLast: job.isLast, on: today(), in: context)
    case .dailyReminders: _ = try await Reminders.run(on: try day(of: job), in: context)
    case .dailyHolds:
      let day = try day(of: job)
      _ = try await Proposals.lapseConflicts(on: day, in: context)
      _ = try await Proposals.expireHolds(on: day, today: day, in: context)
    case .dailyCompletion: _ = try await Pairings.complete(on: try day(of: job), in: context)
    case .dailyRetention: _ = try await Retention.run(on: try day(of: job), in: context)
    case .dailyCover:
      do {
        _ = try await Covers.run(on: try day(of: job), in: context)
      } catch LifecycleError.noSemester {
        // Between semesters nothing is due.
      }
    }
  }

  private func day(of job: Claim) throws -> CalendarDate {
    guard let day = job.day else { throw JobError.unknown(job.id) }
    return day
  }

  private static let settle: SQL = "select job_settle($1, $2, $3, $4)"

  /// - Returns: false where the lease passed, and another worker's word counts.
  @discardableResult
  func settle(_ job: Claim, error: String?) async throws -> Bool {
    let wait = job.isLast ? nil : Int32(BackOff.seconds(after: job.attempt, of: job.id))
    let settings = [("yibang.district", job.district), ("yibang.school", "")]
    let id = id
    let isOurs: Bool = try await platform.database.transaction(settings: settings) { session in
      try session.query(Self.settle, job.id, id, error, error == nil ? nil : wait)[0].get(0)
    }
    if let error {
      platform.logger.warning(
        "a job failed",
        metadata: [
          "job": "\(job.id.lowercase)", "kind": "\(job.kind.rawValue)", "code": "\(error)",
        ])
    }
    return isOurs
  }

  /// The stable code of an error; never its text, which a log need not know.
  private static func code(_ error: any Error) -> String {
    switch error {
    case let error as any YibangError: error.code
    case is PostgresError: "job.database"
    default: "job.internal"
    }
  }
}

extension JobWorker {
  /// How often it looks without being notified: for jobs whose time comes, and leases that pass.
  private static let poll = Duration.seconds(20)

  /// Works until `stop` is called: at notifications, and now and then. A job under way is finished.
  package func serve(_ stop: JobStop) async {
    let notices = platform.database.listen(channel: Jobs.channel)
    await withTaskGroup { group in
      group.addTask {
        for await _ in notices { stop.wake() }
      }
      group.addTask {
        while (try? await Task.sleep(for: Self.poll)) != nil { stop.wake() }
      }
      for await _ in stop.wakes {
        if stop.isStopped { break }
        do {
          try await scheduleAll(today())
          try await drain { !stop.isStopped }
        } catch {
          platform.logger.warning(
            "background work waits", metadata: ["code": "\(Self.code(error))"])
        }
      }
      group.cancelAll()
    }
  }

  private func scheduleAll(_ day: CalendarDate) async throws {
    for known in try await Districts.list(on: platform)
    where district == nil || known.code == district {
      try await Jobs.schedule(day, in: Users.system(of: known.code, on: platform))
    }
  }
}
