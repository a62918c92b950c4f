package import Foundation
package import Postgres
package import SchoolCalendar

/// The trail of every write, in the transaction of the write: who, when, what, before, after.
/// Values of identity, phone and address never stand in it.
package enum Audit {
  package static let insert: SQL = """
    insert into audit (district_id, id, school_id, actor_id, action, subject, subject_id, before, after)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """

  /// The statement that records one write, to be sent with it.
  /// - Parameters:
  ///   - action: `entity.verb`, as `donation.record`.
  ///   - entry: the id of the row itself.
  package static func statement(
    _ actor: Actor, _ action: String, subject: String, id: UUID?, school: UUID? = nil,
    before: [String: String?]? = nil, after: [String: String?]? = nil, entry: UUID = .v7()
  ) -> Bound {
    Bound(
      insert, actor.districtID, entry, school ?? actor.schoolID, actor.userID, action, subject,
      id, before.map(json), after.map(json))
  }

  package static func json(_ values: [String: String?]) -> JSON {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let present = values.compactMapValues { $0 }
    guard let data = try? encoder.encode(present) else { return JSON(text: "{}") }
    return JSON(text: String(decoding: data, as: UTF8.self))
  }

  /// A line of the trail.
  package struct Entry: Sendable, Codable {
    package let id: UUID
    package let at: String
    package let actor: String
    package let action: String
    package let subject: String
    package let subjectID: String?
    package let before: String?
    package let after: String?

    enum CodingKeys: String, CodingKey {
      case id, at, actor, action, subject
      case subjectID = "subject_id"
      case before, after
    }
  }

  /// Which lines of the trail are asked for; nil: whatever it is.
  package struct Filter: Sendable {
    /// The record that was written to.
    package var subject: UUID?
    /// The login of who did it.
    package var by: String?
    /// `entity.verb`, as `donation.record`.
    package var action: String?
    /// The first and the last day, in China.
    package var from: CalendarDate?
    package var to: CalendarDate?

    package init(
      subject: UUID? = nil, by: String? = nil, action: String? = nil, from: CalendarDate? = nil,
      to: CalendarDate? = nil
    ) {
      self.subject = subject
      self.by = by
      self.action = action
      self.from = from
      self.to = to
    }
  }

  // Reasons are free words, and may name an unnamed donor.
  // $1 district, $2 record, $3 after this line, $4 limit, $5 login, $6 action, $7 first day,
  // $8 last day, $9 school
  static let list: SQL = """
    select a.id, to_char(a.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'), u.login,
      a.action, a.subject, a.subject_id::text, donor_text(a.before::text, d.anonymous, d.id),
      donor_text(a.after::text, d.anonymous, d.id)
    from audit a
    left join app_user u on u.district_id = a.district_id and u.id = a.actor_id
    left join donation g
      on a.subject = 'donation' and g.district_id = a.district_id and g.id = a.subject_id
    left join donor d
      on a.subject in ('donation', 'donor') and d.district_id = a.district_id
      and d.id = case when g.donor_id is null then a.subject_id else g.donor_id end
    where a.district_id = $1 and ($2::uuid is null or a.subject_id = $2)
      and (
        $3::uuid is null
        or (a.at, a.id) < (
          (select b.at from audit b where b.district_id = $1 and b.id = $3::uuid), $3::uuid
        )
      )
      and (
        $5::text is null
        or a.actor_id = (
          select w.id from app_user w where w.district_id = $1 and w.login = $5::text
        )
      )
      and ($6::text is null or a.action = $6)
      and ($7::date is null or a.at >= $7::date::timestamp at time zone 'Asia/Shanghai')
      and ($8::date is null or a.at < ($8::date + 1)::timestamp at time zone 'Asia/Shanghai')
      and ($9::uuid is null or a.school_id = $9)
    order by a.at desc, a.id desc
    limit $4
    """
  private static let find: SQL = "select from audit where district_id = $1 and id = $2"

  /// The newest entries first, as far as the filter lets them through.
  /// - Parameter after: the last entry of the page before.
  /// - Throws: `AccessError.forbidden`; `CursorError` where `after` is no entry.
  package static func list(
    _ filter: Filter = Filter(), after: UUID? = nil, limit: Int = 100, in context: Context
  ) async throws -> [Entry] {
    let actor = context.actor
    try actor.require(.readAudit)
    return try await context.readFiltered { session in
      try PageRequest.require(after, find, session, actor)
      return try session.query(
        list, actor.districtID, filter.subject, after, limit, filter.by, filter.action,
        filter.from, filter.to, actor.schoolID
      ).map { row in
        Entry(
          id: try row.get(0), at: try row.get(1), actor: try row.optional(2) ?? "?",
          action: try row.get(3), subject: try row.get(4), subjectID: try row.optional(5),
          before: try row.optional(6), after: try row.optional(7))
      }
    }
  }
}
