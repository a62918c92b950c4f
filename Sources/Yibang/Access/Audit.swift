package import Foundation
package import Postgres

/// The trail of every write, in the transaction of the write: who, when, what, before, after.
/// Values of identity, phone and address never stand in it.
package enum Audit {
  package static let insert: SQL = """
    insert into audit (district_id, id, school_id, actor_id, action, subject, subject_id, before, after)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """

  /// The statement that records one write, to be sent with it.
  /// - Parameter action: `entity.verb`, as `donation.record`.
  package static func statement(
    _ actor: Actor, _ action: String, subject: String, id: UUID?, school: UUID? = nil,
    before: [String: String?]? = nil, after: [String: String?]? = nil
  ) -> Bound {
    Bound(
      insert, actor.districtID, UUID.v7(), school ?? actor.schoolID, actor.userID, action, subject,
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

  // Reasons are free words, and may name an unnamed donor.
  private static let list: SQL = """
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
      and a.id < $3
    order by a.id desc
    limit $4
    """

  /// The newest entries first, of one record where `subject` is given.
  /// - Parameter after: the last entry of the page before.
  package static func list(
    subject: UUID? = nil, after: UUID? = nil, limit: Int = 100, in context: Context
  ) async throws -> [Entry] {
    try context.actor.require(.readAudit)
    return try await context.readInOrder { session in
      try session.query(list, context.actor.districtID, subject, after ?? .afterAll, limit).map {
        row in
        Entry(
          id: try row.get(0), at: try row.get(1), actor: try row.optional(2) ?? "?",
          action: try row.get(3), subject: try row.get(4), subjectID: try row.optional(5),
          before: try row.optional(6), after: try row.optional(7))
      }
    }
  }
}
