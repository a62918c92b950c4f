package import Foundation
import Postgres
package import SchoolCalendar

extension Goods {
  /// What lies at a place.
  package struct Level: Sendable, Codable {
    package let school: String?
    package let place: String
    package let item: String
    package let unit: String
    package let kind: ItemKind
    package let quantity: Int64
    /// Fair value in fen, of what was appraised.
    package let value: Money
    /// Pieces of which nobody has said what they are worth.
    package let unappraised: Int64
    /// The lot, where lots are listed.
    package let lot: UUID?
    package let receivedOn: CalendarDate?

    enum CodingKeys: String, CodingKey {
      case school, place, item, unit, kind, quantity, value, unappraised, lot
      case receivedOn = "received_on"
    }
  }

  // district, school, item, place, whether by lot
  private static let stock: SQL = """
    select c.name, p.name, i.name, i.unit, i.kind, sum(s.quantity)::bigint,
      sum(s.value_fen)::bigint,
      coalesce(sum(s.quantity) filter (where l.value_fen is null), 0)::bigint,
      case when $5 then l.id end, case when $5 then l.received_on end
    from stock s
    join goods_lot l on l.district_id = s.district_id and l.id = s.lot_id
    join goods_item i on i.district_id = s.district_id and i.id = s.item_id
    join goods_place p on p.district_id = s.district_id and p.id = s.place_id
    left join school c on c.district_id = p.district_id and c.id = p.school_id
    where s.district_id = $1 and s.quantity > 0 and ($2::uuid is null or s.school_id = $2)
      and ($3::uuid is null or s.item_id = $3) and ($4::uuid is null or s.place_id = $4)
    group by c.code, c.name, p.id, p.name, i.id, i.name, i.unit, i.kind,
      case when $5 then l.id end, case when $5 then l.received_on end
    order by c.code nulls first, p.name collate "zh-x-icu", p.id, i.kind, i.name collate "zh-x-icu",
      i.unit, i.id, 10 nulls first, 9
    """

  /// What lies where, and what it is worth.
  package static func stock(
    school: UUID? = nil, item: UUID? = nil, place: UUID? = nil, byLot: Bool = false,
    in context: Context
  ) async throws -> [Level] {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    return try await context.read { session in
      try session.query(stock, context.actor.districtID, school, item, place, byLot).map { row in
        Level(
          school: try row.optional(0), place: try row.get(1), item: try row.get(2),
          unit: try row.get(3), kind: ItemKind(rawValue: try row.get(4)) ?? .other,
          quantity: try row.get(5), value: Money(fen: try row.get(6)), unappraised: try row.get(7),
          lot: try row.optional(8), receivedOn: try row.optional(9))
      }
    }
  }

  /// A stock card (存货卡) of one item in one semester.
  package struct Card: Sendable, Codable {
    package struct Line: Sendable, Codable {
      package let event: UUID
      package let date: CalendarDate
      package let kind: EventKind
      package let place: String
      package let quantity: Int64
      package let balance: Int64
      package let reason: String?
      package let source: String?
      /// The event that this one takes back.
      package let reverses: UUID?
    }

    package let item: String
    package let semester: Semester
    package let opening: Int64
    package let lines: [Line]
    package let closing: Int64
  }

  private static let opening: SQL = """
    select coalesce(sum(came - went), 0)::bigint from stock_semester
    where district_id = $1 and item_id = $2 and semester < $3 and ($4::uuid is null or school_id = $4)
      and ($5::uuid is null or place_id = $5)
    """
  private static let cardLines: SQL = """
    select e.id, e.occurred_on, e.kind, p.name, sum(l.quantity)::bigint, e.reason, e.source,
      e.reverses
    from stock_line l
    join goods_event e on e.district_id = l.district_id and e.id = l.event_id
    join goods_place p on p.district_id = l.district_id and p.id = l.place_id
    where l.district_id = $1 and l.item_id = $2 and l.semester = $3 and l.quantity <> 0
      and ($4::uuid is null or l.school_id = $4) and ($5::uuid is null or l.place_id = $5)
    group by e.id, e.occurred_on, e.kind, e.recorded_at, p.id, p.name, e.reason, e.source, e.reverses
    order by e.occurred_on, e.recorded_at, e.id, sum(l.quantity), p.id
    """

  /// What came and went of an item in a semester, with the balance after each line.
  /// - Parameter place: of this place alone; else of all places of the school.
  package static func card(
    _ item: Item, _ semester: Semester, school: UUID? = nil, place: UUID? = nil,
    in context: Context
  ) async throws -> Card {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    return try await context.read { session in
      let district = context.actor.districtID
      let before: Int64 = try session.query(
        opening, district, item.id, semester.ordinal, school, place)[0].get(0)
      var balance = before
      let rows = try session.query(
        cardLines, district, item.id, semester.ordinal, school, place)
      let lines = try rows.map { row in
        let quantity: Int64 = try row.get(4)
        balance += quantity
        return Card.Line(
          event: try row.get(0), date: try row.get(1),
          kind: EventKind(rawValue: try row.get(2)) ?? .move, place: try row.get(3),
          quantity: quantity, balance: balance, reason: try row.optional(5),
          source: try row.optional(6), reverses: try row.optional(7))
      }
      return Card(
        item: item.label, semester: semester, opening: before, lines: lines, closing: balance)
    }
  }
}
