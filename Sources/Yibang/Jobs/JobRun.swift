import Foundation
package import SchoolCalendar

extension Jobs {
  /// What a run came to.
  package struct Run: Sendable, Codable {
    package let done: Int
    /// Attempts; the jobs are tried again later.
    package let failed: Int
    /// The time was over first: ask again.
    package let more: Bool
  }

  /// Does what is due in the district, as `JobWorker` does everywhere.
  /// - Parameters:
  ///   - smtp: nil: jobs that send mail wait.
  ///   - time: after which no further job is begun; nil: as long as it takes.
  /// - Throws: `AccessError`.
  package static func run(
    on today: CalendarDate, smtp: SMTP?, within time: Duration? = nil, in context: Context
  ) async throws -> Run {
    try context.actor.require(.administer)
    let system = try await Users.system(of: context.actor.districtID, on: context.platform)
    try await schedule(today, in: system)
    let worker = JobWorker(
      platform: context.platform, smtp: smtp, district: context.actor.districtID, today: { today })
    let end = time.map { ContinuousClock.now + $0 }
    let (done, failed) = try await worker.drain { end.map { .now < $0 } ?? true }
    return Run(done: done, failed: failed, more: end.map { .now >= $0 } ?? false)
  }
}
