package import Foundation
import Postgres
package import SchoolCalendar

extension Cases {
  private static let vote: SQL = "select case_cast_vote($1, $2, $3, $4)"

  /// The actor's vote, as a member of the leading group, on what was proposed for these cases. More
  /// than half of all members agreeing decides; when that can no longer be reached, a case goes back
  /// to be assessed anew.
  /// - Returns: where each case stands now.
  /// - Throws: `RecognitionError.notMember`, `.proposerVotes`, `.votedBefore`, `.groupTooSmall`.
  package static func vote(
    _ cases: [UUID], agrees: Bool, on day: CalendarDate, in context: Context
  ) async throws -> [UUID: CaseState] {
    let actor = context.actor
    try actor.require(.assess)
    return try await context.write { session in
      var states: [UUID: CaseState] = [:]
      // In one order for all, so that two members who vote on the same cases never deadlock.
      for id in Set(cases).sorted(by: { $0.uuidString < $1.uuidString }) {
        let rows = try run(
          session, from: [.assessed],
          [
            Bound(vote, id, agrees, day, actor.userID),
            audit(actor, "recognition.vote", id, ["agrees": "\(agrees)"]),
          ])
        states[id] = CaseState(rawValue: try rows[0].first?.get(0) ?? "")
      }
      return states
    }
  }

  private static let file: SQL = "select case_file($1, $2, $3, $4)"

  /// Files cases whose notice has ended without an open objection (建档备案).
  /// - Returns: them.
  /// - Throws: `RecognitionError.noticeRunning`, `.objectionOpen`, `.wrongState`.
  @discardableResult
  package static func file(
    _ cases: [UUID], on day: CalendarDate, in context: Context
  ) async throws -> [UUID] {
    let actor = context.actor
    try actor.require(.recognise)
    return try await context.write { session in
      for id in Set(cases).sorted(by: { $0.uuidString < $1.uuidString }) {
        _ = try run(
          session, from: [.onNotice],
          [
            Bound(file, id, UUID.v7(), day, actor.userID),
            audit(actor, "recognition.file", id, ["filed_on": "\(day)"]),
          ])
      }
      return cases
    }
  }
}
