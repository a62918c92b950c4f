import Foundation
import Postgres
package import SchoolCalendar

/// How long things are kept that serve one use alone, and what becomes of them afterwards: what programs
/// and sign-ins leave behind is deleted; a child's data are proposed for erasure, which a person decides.
/// The books stay.
package enum Retention {
  package struct Settings: Sendable, Codable, Equatable {
    /// From the end of the last aid until erasure is proposed.
    package var yearsAfterAid: Int
    /// Answers kept for requests that may be repeated, and counts of failed sign-ins; keys of repeated
    /// commands a year longer.
    package var requestDays: Int
    /// Sessions, tokens, links and jobs that ended.
    package var sessionDays: Int
    /// What webhooks delivered. What was given up stays.
    package var deliveryDays: Int

    enum CodingKeys: String, CodingKey {
      case yearsAfterAid = "years_after_aid"
      case requestDays = "request_days"
      case sessionDays = "session_days"
      case deliveryDays = "delivery_days"
    }
  }

  private static let show: SQL = """
    select years_after_aid, request_days, session_days, delivery_days from retention_settings()
    """
  private static let set: SQL = """
    insert into retention_setting (
      district_id, years_after_aid, request_days, session_days, delivery_days
    )
    values ($1, $2, $3, $4, $5)
    on conflict (district_id) do update
    set years_after_aid = excluded.years_after_aid, request_days = excluded.request_days,
      session_days = excluded.session_days, delivery_days = excluded.delivery_days
    """

  package static func settings(in context: Context) async throws -> Settings {
    try context.actor.require(.read)
    return try await context.read { try settings($0) }
  }

  private static func settings(_ session: borrowing Session) throws -> Settings {
    let row = try session.query(show)[0]
    return Settings(
      yearsAfterAid: Int(try row.get(0) as Int32), requestDays: Int(try row.get(1) as Int32),
      sessionDays: Int(try row.get(2) as Int32), deliveryDays: Int(try row.get(3) as Int32))
  }

  /// Sets the district's periods; nil leaves one as it is.
  /// - Throws: `RetentionError.outOfRange`, `AccessError`.
  package static func set(
    yearsAfterAid: Int? = nil, requestDays: Int? = nil, sessionDays: Int? = nil,
    deliveryDays: Int? = nil, in context: Context
  ) async throws -> Settings {
    let actor = context.actor
    try actor.require(.administer)
    let days = [requestDays, sessionDays, deliveryDays].compactMap(\.self)
    guard (1...30).contains(yearsAfterAid ?? 1), days.allSatisfy((30...3_650).contains) else {
      throw RetentionError.outOfRange
    }
    return try await context.write { session in
      let before = try settings(session)
      let after = Settings(
        yearsAfterAid: yearsAfterAid ?? before.yearsAfterAid,
        requestDays: requestDays ?? before.requestDays,
        sessionDays: sessionDays ?? before.sessionDays,
        deliveryDays: deliveryDays ?? before.deliveryDays)
      _ = try session.batch([
        Bound(
          set, actor.districtID, Int32(after.yearsAfterAid), Int32(after.requestDays),
          Int32(after.sessionDays), Int32(after.deliveryDays)),
        Audit.statement(
          actor, "retention.set", subject: "district", id: nil, before: before.words,
          after: after.words),
      ])
      return after
    }
  }

  /// What a run did.
  package struct Outcome: Sendable, Codable, Equatable {
    /// Rows deleted, by kind.
    package var deleted: [String: Int64]
    /// Erasures proposed.
    package var proposed: Int
  }

  private static let sweep: SQL = "select what, number from retention_sweep($1)"
  private static let propose: SQL = "select retention_propose($1, $2, $3, $4)"
  /// Rows of a kind that are deleted in one transaction.
  private static let batch: Int32 = 1_000
  /// Pupils proposed in one run: people have to look at them.
  private static let pupils: Int32 = 500

  /// Deletes what is over, in batches, and proposes the erasure of pupils whose time is over.
  /// - Throws: `AccessError`.
  package static func run(
    on day: CalendarDate, batch: Int32 = batch, in context: Context
  ) async throws -> Outcome {
    let actor = context.actor
    try actor.require(.applyRetention)
    guard actor.schoolID == nil else { throw AccessError.otherSchool(login: actor.login) }
    var outcome = Outcome(deleted: [:], proposed: 0)
    while true {
      let gone = try await context.write { session in
        try session.query(sweep, batch).reduce(into: [String: Int64]()) { gone, row in
          let number: Int64 = try row.get(1)
          if number > 0 { gone[try row.get(0)] = number }
        }
      }
      outcome.deleted.merge(gone) { $0 + $1 }
      if gone.values.allSatisfy({ $0 < Int64(batch) }) { break }
    }
    outcome.proposed = try await context.write { session in
      let years = try settings(session).yearsAfterAid
      guard let before = CalendarDate(year: day.year - years, month: day.month, day: 1) else {
        return 0
      }
      let proposed: Int64 = try session.query(propose, before, day, pupils, actor.userID)[0].get(0)
      return Int(proposed)
    }
    let (deleted, proposed) = (outcome.deleted, outcome.proposed)
    guard !deleted.isEmpty || proposed > 0 else { return outcome }
    try await context.write { session in
      var after: [String: String?] = deleted.mapValues { "\($0)" }
      after["proposed"] = "\(proposed)"
      _ = try session.batch([
        Audit.statement(actor, "retention.run", subject: "district", id: nil, after: after)
      ])
    }
    return outcome
  }
}

extension Retention.Settings {
  fileprivate var words: [String: String?] {
    [
      "years_after_aid": "\(yearsAfterAid)", "request_days": "\(requestDays)",
      "session_days": "\(sessionDays)", "delivery_days": "\(deliveryDays)",
    ]
  }
}

package enum RetentionError: YibangError {
  case outOfRange

  package var code: String { "retention.out_of_range" }
  package var category: ErrorCategory { .badData }
  package var text: Text {
    Text(
      "年数应为 1 到 30，天数应为 30 到 3650。", "Years are 1 to 30, days 30 to 3650.")
  }
}
