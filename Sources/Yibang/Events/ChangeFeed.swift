package import Foundation
import Postgres

/// What was done, in order, for other systems: lines of the audit trail without their values.
///
/// Read from the beginning or from a place, it misses nothing and changes nothing behind that place:
/// a line appears once every transaction begun before it has ended.
package enum ChangeFeed {
  /// That something was done to a record. Who may read the record is asked for it.
  package struct Event: Sendable, Codable {
    package let id: UUID
    /// In China.
    package let at: String
    /// `entity.verb`, as `donation.record`.
    package let action: String
    package let subject: String
    package let subjectID: UUID?
    package let school: UUID?

    enum CodingKeys: String, CodingKey {
      case id, at, action, subject
      case subjectID = "subject_id"
      case school
    }
  }

  private static let epoch: SQL = "select feed_epoch from district where district_id = $1"
  // $1 district, $2 and $3 after this transaction and id, $4 limit
  private static let read: SQL = """
    select a.xact, a.id, to_char(a.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
      a.action, a.subject, a.subject_id, a.school_id
    from audit a
    where a.district_id = $1 and (a.xact, a.id) > ($2, $3) and a.xact < feed_horizon()
      and is_event(a.action)
    order by a.xact, a.id
    limit $4
    """

  /// The events after a place, and the place behind them, from which to read on.
  /// - Parameter after: the `next` of an earlier reading; nil: from the beginning.
  /// - Throws: `EventError.outdated` for a place from before the database was restored; `CursorError`,
  ///   `AccessError`.
  package static func read(
    after: Cursor?, limit: Int, in context: Context
  ) async throws -> (events: [Event], next: Cursor) {
    let actor = context.actor
    try actor.require(.read)
    let place = try PageRequest(after: after).place(UUID.self, Int64.self, UUID.self)
    return try await context.readInOrder { session in
      let epoch: UUID = try session.query(epoch, actor.districtID)[0].get(0)
      if let place, place.0 != epoch { throw EventError.outdated }
      var last: (Int64, UUID) = place.map { ($0.1, $0.2) } ?? (0, .beforeAll)
      let events = try session.query(read, actor.districtID, last.0, last.1, limit).map { row in
        last = (try row.get(0), try row.get(1))
        return Event(
          id: last.1, at: try row.get(2), action: try row.get(3), subject: try row.get(4),
          subjectID: try row.optional(5), school: try row.optional(6))
      }
      return (events, Cursor("\(epoch.uuidString)", "\(last.0)", "\(last.1.uuidString)"))
    }
  }
}
