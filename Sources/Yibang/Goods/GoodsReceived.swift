package import Foundation
package import Postgres
package import SchoolCalendar

extension Goods {
  /// What a pupil was given of an item at one event.
  package struct HandedOut: Sendable, Codable {
    package let id: UUID
    package let event: UUID
    package let semester: Semester
    package let date: CalendarDate
    package let student: UUID
    /// Masked where the actor has no right to identities.
    package let name: String
    package let grade: String?
    package let className: String?
    package let item: String
    package let unit: String
    /// Less what came back.
    package let quantity: Int64
    package let signedBy: Signer?
    package let relation: String?
    package let signedOn: CalendarDate?
    package let proof: String?

    enum CodingKeys: String, CodingKey {
      case id, event, semester, date, student, name, grade
      case className = "class"
      case item, unit, quantity
      case signedBy = "signed_by"
      case relation
      case signedOn = "signed_on"
      case proof
    }
  }

  private static let ofPupil: SQL = """
    select h.id, h.event_id, h.semester, h.handed_on, h.student_id, s.name, s.grade, s.class_name,
      i.name, i.unit, coalesce(n.quantity, h.quantity), h.signed_by, h.signer_relation, h.signed_on,
      h.proof
    from goods_hand_out h
    join student s on s.district_id = h.district_id and s.id = h.student_id
    join goods_item i on i.district_id = h.district_id and i.id = h.item_id
    left join lateral (
      select -sum(l.net_quantity)::bigint as quantity from stock_line l
      where l.district_id = h.district_id and l.hand_out_id = h.id
    ) n on true
    where h.district_id = $1 and h.student_id = $2 and ($3::int is null or h.semester = $3)
    order by h.handed_on, i.name collate "zh-x-icu", h.id
    """
  // What came back needs no signature any more. The lines of the district's stores are not a
  // school's to see: its pupils' hand-outs count whole.
  private static let unsigned: SQL = """
    select h.id, h.event_id, h.semester, h.handed_on, h.student_id, s.name, s.grade, s.class_name,
      i.name, i.unit, coalesce(n.quantity, h.quantity), h.signed_by, h.signer_relation, h.signed_on,
      h.proof
    from goods_hand_out h
    join student s on s.district_id = h.district_id and s.id = h.student_id
    join goods_item i on i.district_id = h.district_id and i.id = h.item_id
    left join lateral (
      select -sum(l.net_quantity)::bigint as quantity from stock_line l
      where l.district_id = h.district_id and l.hand_out_id = h.id
    ) n on true
    where h.district_id = $1 and h.signed_on is null and coalesce(n.quantity, h.quantity) > 0
      and ($2::int is null or h.semester = $2) and ($3::uuid is null or h.school_id = $3)
    order by h.handed_on, s.grade, s.class_name, s.name collate "zh-x-icu", h.id
    """

  private static func handedOut(_ row: Row, named: Bool) throws -> HandedOut {
    guard let semester = Semester(ordinal: try row.get(2)) else {
      throw PostgresError.decoding("semester")
    }
    let name: String = try row.get(5)
    return HandedOut(
      id: try row.get(0), event: try row.get(1), semester: semester, date: try row.get(3),
      student: try row.get(4), name: named ? name : maskedName(name), grade: try row.optional(6),
      className: try row.optional(7), item: try row.get(8), unit: try row.get(9),
      quantity: try row.get(10), signedBy: (try row.optional(11)).flatMap(Signer.init(rawValue:)),
      relation: try row.optional(12), signedOn: try row.optional(13),
      proof: named ? try row.optional(14) : nil)
  }

  /// What a pupil received, by date.
  package static func received(
    student: UUID, semester: Semester? = nil, in context: Context
  ) async throws -> [HandedOut] {
    try context.actor.require(.read)
    let named = context.actor.may(.readIdentities)
    return try await context.read { session in
      try session.query(ofPupil, context.actor.districtID, student, semester?.ordinal)
        .map { try handedOut($0, named: named) }
    }
  }

  /// What stands open in a semester: handed out and not signed for.
  package static func open(
    _ semester: Semester?, school: UUID? = nil, in context: Context
  ) async throws -> [HandedOut] {
    try await context.read { try open(semester, school: school, $0, context.actor) }
  }

  /// The same in the caller's transaction: a semester that is about to close asks.
  package static func open(
    _ semester: Semester?, school: UUID? = nil, _ session: borrowing Session, _ actor: Actor
  ) throws -> [HandedOut] {
    try actor.require(.read)
    let named = actor.may(.readIdentities)
    return try session.query(unsigned, actor.districtID, semester?.ordinal, school)
      .map { try handedOut($0, named: named) }
  }
}
