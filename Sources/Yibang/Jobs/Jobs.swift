package import Foundation
import Postgres
package import SchoolCalendar

/// Work that is done in the background. It lies in the database, is put there in the transaction that
/// it follows from, survives restarts, and is done by whichever server takes it.
package enum Jobs {
  package enum Kind: String, Sendable, CaseIterable, Codable {
    case sendMail = "mail.send"
    case dailyReminders = "reminders.daily"
    case dailyHolds = "holds.daily"
    case dailyCover = "cover.daily"
    case dailyCompletion = "completion.daily"
    case dailyRetention = "retention.daily"

    /// Added once a day.
    static let daily: [Kind] = [
      .dailyReminders, .dailyHolds, .dailyCover, .dailyCompletion, .dailyRetention,
    ]

    package var name: Text {
      switch self {
      case .sendMail: Text("发送邮件", "send a mail")
      case .dailyReminders: Text("每日提醒", "daily reminders")
      case .dailyHolds: Text("结束逾期的保留", "holds that are over")
      case .dailyCover: Text("爱心基金兜底", "cover from general funds")
      case .dailyCompletion: Text("办理期满", "pairings that are completed")
      case .dailyRetention: Text("清理到期信息", "what is kept no longer")
      }
    }
  }

  package enum State: String, Sendable, CaseIterable, Codable {
    case queued, running, done
    /// Tried often enough: a person looks at it.
    case failed
    case cancelled

    package var name: Text {
      switch self {
      case .queued: Text("等待", "queued")
      case .running: Text("进行中", "running")
      case .done: Text("已完成", "done")
      case .failed: Text("失败待处理", "failed")
      case .cancelled: Text("已取消", "cancelled")
      }
    }
  }

  /// Notified at the end of each transaction that adds a job.
  static let channel = "yibang_job"

  private static let enqueue: SQL = "select job_enqueue($1, $2, $3, $4, $5)"

  /// Adds a job in the caller's transaction; one of this kind and key is made once.
  /// - Returns: false if it is there already.
  @discardableResult
  static func enqueue(
    _ kind: Kind, key: String, subject: UUID? = nil, day: CalendarDate? = nil,
    at time: PostgresTimestamp? = nil, _ session: borrowing Session
  ) throws -> Bool {
    try session.query(enqueue, kind.rawValue, key, subject, day, time)[0].get(0)
  }

  /// Adds what is done every day, once for each district and day, however many servers ask for it.
  /// - Returns: whether it was added now.
  @discardableResult
  package static func schedule(_ day: CalendarDate, in context: Context) async throws -> Bool {
    try context.actor.require(.remind)
    return try await context.write { session in
      var added = false
      for kind in Kind.daily where try enqueue(kind, key: "\(day)", day: day, session) {
        added = true
      }
      return added
    }
  }

  /// A job as it stands.
  package struct Entry: Sendable, Codable {
    package let id: UUID
    package let kind: Kind
    package let state: State
    package let subject: UUID?
    package let day: CalendarDate?
    package let attempts: Int
    package let maxAttempts: Int
    /// In China.
    package let runAt: String
    /// Why the last attempt failed.
    package let error: String?

    enum CodingKeys: String, CodingKey {
      case id, kind, state, subject, day, attempts
      case maxAttempts = "max_attempts"
      case runAt = "run_at"
      case error
    }
  }

  // $1 district, $2 state, $3 kind (null: all), $4 limit
  private static let list: SQL = """
    select id, kind, state, subject_id, on_day, attempts, max_attempts,
      to_char(run_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), error_code, run_at
    from job
    where district_id = $1 and ($2::text is null or state = $2) and ($3::text is null or kind = $3)
      and (run_at, id) < ($4, $5)
    order by run_at desc, id desc
    limit $6
    """

  /// The district's jobs, the newest first.
  package static func list(
    state: State? = nil, kind: Kind? = nil, limit: Int = 1_000, in context: Context
  ) async throws -> [Entry] {
    try await list(state: state, kind: kind, after: nil, limit: limit, in: context).map(\.entry)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, state: State? = nil, kind: Kind? = nil, in context: Context
  ) async throws -> Page<Entry> {
    let found = try await list(
      state: state, kind: kind, after: page.place(Int64.self, UUID.self), limit: page.limit + 1,
      in: context)
    let places = Page(found, page) { Cursor("\($0.time.microseconds)", $0.entry.id.uuidString) }
    return Page(places, \.entry)
  }

  private static func list(
    state: State?, kind: Kind?, after: (Int64, UUID)?, limit: Int, in context: Context
  ) async throws -> [(entry: Entry, time: PostgresTimestamp)] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.readInOrder { session in
      let rows = try session.query(
        list, actor.districtID, state?.rawValue, kind?.rawValue,
        PostgresTimestamp(microseconds: after?.0 ?? .max), after?.1 ?? .afterAll, limit)
      return try rows.map { row in
        guard let kind = Kind(rawValue: try row.get(1)), let state = State(rawValue: try row.get(2))
        else { throw PostgresError.decoding("job") }
        let entry = Entry(
          id: try row.get(0), kind: kind, state: state, subject: try row.optional(3),
          day: try row.optional(4), attempts: Int(try row.get(5) as Int32),
          maxAttempts: Int(try row.get(6) as Int32), runAt: try row.get(7),
          error: try row.optional(8))
        return (entry, try row.get(9))
      }
    }
  }

  private static let decide: SQL = "select job_decide($1, $2)"

  /// Has a job tried anew, at once and from the first attempt.
  /// - Throws: `JobError.unknown`, `.notOpen` for one that runs or is done.
  package static func retry(_ id: UUID, in context: Context) async throws {
    try await decide(id, again: true, in: context)
  }

  /// Gives a job up.
  /// - Throws: as `retry`.
  package static func cancel(_ id: UUID, in context: Context) async throws {
    try await decide(id, again: false, in: context)
  }

  private static let find: SQL = "select state from job where district_id = $1 and id = $2"

  private static func decide(_ id: UUID, again: Bool, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.administer)
    try await context.write { session in
      guard let row = try session.query(find, actor.districtID, id).first else {
        throw JobError.unknown(id)
      }
      guard try session.query(decide, id, again)[0].get(0) else { throw JobError.notOpen(id) }
      _ = try session.batch([
        Audit.statement(
          actor, again ? "job.retry" : "job.cancel", subject: "job", id: id,
          before: ["state": try row.get(0)])
      ])
    }
  }
}

package enum JobError: YibangError {
  case unknown(UUID)
  case notOpen(UUID)

  package var code: String {
    switch self {
    case .unknown: "job.unknown"
    case .notOpen: "job.not_open"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknown: .notFound
    case .notOpen: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknown(let id):
      Text(
        "没有后台任务 \(id.lowercase)。可用 yibang job list 查看。",
        "There is no job \(id.lowercase). See yibang job list.")
    case .notOpen(let id):
      Text(
        "后台任务 \(id.lowercase) 正在进行或已经结束，不能再改。可用 yibang job list 查看。",
        "The job \(id.lowercase) is running or has ended and is not changed any more. "
          + "See yibang job list.")
    }
  }
}
