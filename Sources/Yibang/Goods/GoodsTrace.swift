package import Foundation
import Postgres
package import SchoolCalendar

extension Goods {
  /// Where the pieces of one lot went. The quantities add up to the lot's, the values to its value.
  package struct Trace: Sendable, Codable {
    package enum Fate: String, CaseIterable, Sendable, Codable {
      case stock, kit
      case handedOut = "handed_out"
      case writtenOff = "written_off"
      case missing
      /// Never came: its receipt was put right.
      case reversed

      package var name: Text {
        switch self {
        case .stock: Text("在库", "in stock")
        case .kit: Text("已组包", "in kits")
        case .handedOut: Text("已发放", "handed out")
        case .writtenOff: Text("已核销", "written off")
        case .missing: Text("盘亏", "missing at a count")
        case .reversed: Text("已冲正", "reversed")
        }
      }
    }

    /// A pupil who was given pieces, unnamed.
    package struct Pupil: Sendable, Codable {
      package let name: MaskedName
      package let quantity: Int64
      package let date: CalendarDate
      package let signed: Bool
    }

    package struct Row: Sendable, Codable {
      package let fate: Fate
      package let quantity: Int64
      package let value: Money
      package let place: String?
      package let date: CalendarDate?
      package let reason: String?
      /// The kit that the pieces were packed in.
      package let kit: String?
      package let pupils: [Pupil]
    }

    package let lot: UUID
    package let item: String
    /// “匿名” where the donor asked to stay unnamed; nil for kits and what a count found.
    package let donor: String?
    package let receivedOn: CalendarDate
    package let condition: Condition
    package let quantity: Int64
    /// Nil: nobody has appraised it.
    package let value: Money?
    package let rows: [Row]

    enum CodingKeys: String, CodingKey {
      case lot, item, donor
      case receivedOn = "received_on"
      case condition, quantity, value, rows
    }
  }

  private static let lots: SQL = """
    select l.id, i.name || '/' || i.unit, case when d.anonymous then '匿名' else d.name end,
      l.received_on, l.condition, l.quantity, l.value_fen
    from goods_lot l
    join goods_item i on i.district_id = l.district_id and i.id = l.item_id
    left join donor d on d.district_id = l.district_id and d.id = l.donor_id
    where l.district_id = $1 and ($2::uuid is null or l.id = $2)
      and ($3::uuid is null or l.donor_id = $3) and ($4::uuid is null or l.id > $4)
    order by l.id
    limit $5
    """

  /// Follows one lot.
  /// - Throws: `GoodsError.unknownLot`, `AccessError`.
  package static func trace(lot: UUID, in context: Context) async throws -> Trace {
    guard let trace = try await traces(lot: lot, donor: nil, after: nil, limit: 1, context).first
    else { throw GoodsError.unknownLot(lot) }
    return trace
  }

  /// Follows the lots of a donor, oldest first.
  /// - Parameter after: the last lot of the page before.
  package static func trace(
    donor: UUID, after: UUID? = nil, limit: Int = 200, in context: Context
  ) async throws -> [Trace] {
    try await traces(lot: nil, donor: donor, after: after, limit: limit, context)
  }

  private static func traces(
    lot: UUID?, donor: UUID?, after: UUID?, limit: Int, _ context: Context
  ) async throws -> [Trace] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let found = try session.query(lots, actor.districtID, lot, donor, after, limit)
      let ids = try found.map { try $0.get(0) as UUID }
      let paths = try GoodsPaths.read(ids, session, actor)
      return try found.map { row in
        let id: UUID = try row.get(0)
        let quantity: Int64 = try row.get(5)
        return Trace(
          lot: id, item: try row.get(1), donor: try row.optional(2), receivedOn: try row.get(3),
          condition: Condition(rawValue: try row.get(4)) ?? .good, quantity: quantity,
          value: (try row.optional(6) as Int64?).map { Money(fen: $0) },
          rows: paths.rows(of: id, quantity: quantity))
      }
    }
  }
}

/// Where the pieces of some lots are, and of the kits that hold some of them.
struct GoodsPaths {
  private struct Out {
    let kind: String
    let date: CalendarDate
    let reason: String?
    let quantity: Int64
    let value: Money
    let place: String
    let kit: UUID?
    let student: String?
    let signed: Bool
    let event: UUID
  }

  private struct Origin {
    var quantity: Int64
    var label: String
  }

  private var inStock: [UUID: [(place: String, quantity: Int64, value: Money)]] = [:]
  private var out: [UUID: [Out]] = [:]
  private var origins: [UUID: Origin] = [:]

  private static let stockOf: SQL = """
    select s.lot_id, p.name, s.quantity, s.value_fen from stock s
    join goods_place p on p.district_id = s.district_id and p.id = s.place_id
    where s.district_id = $1 and s.lot_id = any ($2) and s.quantity > 0
    order by p.name collate "zh-x-icu", p.id
    """
  private static let outOf: SQL = """
    select l.lot_id, e.kind, e.occurred_on, e.reason, -l.net_quantity, -l.net_value_fen, p.name,
      l.into_lot, s.name, h.signed_on is not null, e.id
    from stock_line l
    join goods_event e on e.district_id = l.district_id and e.id = l.event_id
    join goods_place p on p.district_id = l.district_id and p.id = l.place_id
    left join goods_hand_out h on h.district_id = l.district_id and h.id = l.hand_out_id
    left join student s on s.district_id = h.district_id and s.id = h.student_id
    where l.district_id = $1 and l.lot_id = any ($2) and l.of_event is null and l.quantity < 0
      and l.net_quantity <> 0 and e.kind <> 'move'
    order by e.occurred_on, e.id, l.number
    """
  private static let originsOf: SQL = """
    select l.lot_id, l.net_quantity, i.name || '/' || i.unit from goods_lot o
    join stock_line l on l.district_id = o.district_id and l.event_id = o.event_id
      and l.lot_id = o.id and l.quantity > 0 and l.of_event is null
    join goods_item i on i.district_id = o.district_id and i.id = o.item_id
    where o.district_id = $1 and o.id = any ($2)
    """

  static func read(
    _ lots: [UUID], _ session: borrowing Session, _ actor: Actor
  ) throws -> GoodsPaths {
    var paths = GoodsPaths()
    try paths.add(lots, session, actor)
    let kits = Set(paths.out.values.joined().compactMap(\.kit)).subtracting(lots)
    if !kits.isEmpty { try paths.add(Array(kits), session, actor) }
    return paths
  }

  private mutating func add(
    _ lots: [UUID], _ session: borrowing Session, _ actor: Actor
  ) throws {
    for row in try session.query(Self.stockOf, actor.districtID, lots) {
      inStock[try row.get(0), default: []].append(
        (place: try row.get(1), quantity: try row.get(2), value: Money(fen: try row.get(3))))
    }
    for row in try session.query(Self.outOf, actor.districtID, lots) {
      out[try row.get(0), default: []].append(
        Out(
          kind: try row.get(1), date: try row.get(2), reason: try row.optional(3),
          quantity: try row.get(4), value: Money(fen: try row.get(5)), place: try row.get(6),
          kit: try row.optional(7), student: try row.optional(8), signed: try row.get(9),
          event: try row.get(10)))
    }
    for row in try session.query(Self.originsOf, actor.districtID, lots) {
      origins[try row.get(0)] = Origin(quantity: try row.get(1), label: try row.get(2))
    }
  }

  func rows(of lot: UUID, quantity: Int64) -> [Goods.Trace.Row] {
    let reversed = quantity - (origins[lot]?.quantity ?? 0)
    var rows = direct(lot, kit: nil)
    for packed in out[lot] ?? [] {
      if let kit = packed.kit { rows += through(kit, packed) }
    }
    if reversed != 0 {
      rows.append(
        Goods.Trace.Row(
          fate: .reversed, quantity: reversed, value: .zero, place: nil, date: nil, reason: nil,
          kit: nil, pupils: []))
    }
    return rows
  }

  /// Where the lot's own pieces are, those in kits left out.
  private func direct(_ lot: UUID, kit: String?) -> [Goods.Trace.Row] {
    var rows = (inStock[lot] ?? []).map { pile in
      Goods.Trace.Row(
        fate: .stock, quantity: pile.quantity, value: pile.value, place: pile.place, date: nil,
        reason: nil, kit: kit, pupils: [])
    }
    // Lines of one event stand together.
    var gone: [[Out]] = []
    for line in out[lot] ?? [] where line.kit == nil {
      if gone.last?.first?.event == line.event {
        gone[gone.count - 1].append(line)
      } else {
        gone.append([line])
      }
    }
    for lines in gone {
      let pupils = lines.compactMap { line in
        line.student.map {
          Goods.Trace.Pupil(
            name: MaskedName(masking: $0), quantity: line.quantity, date: line.date,
            signed: line.signed)
        }
      }
      rows.append(
        Goods.Trace.Row(
          fate: Self.fate(lines[0].kind), quantity: lines.reduce(0) { $0 + $1.quantity },
          value: Money(fen: lines.reduce(0) { $0 + $1.value.fen }), place: lines[0].place,
          date: lines[0].date, reason: lines[0].reason, kit: kit, pupils: pupils))
    }
    return rows
  }

  private static func fate(_ kind: String) -> Goods.Trace.Fate {
    switch kind {
    case "hand_out": .handedOut
    case "write_off": .writtenOff
    default: .missing
    }
  }

  /// Where the kits are that hold pieces of the lot: every kit of a lot holds as many of them.
  private func through(_ kit: UUID, _ packed: Out) -> [Goods.Trace.Row] {
    guard let origin = origins[kit], origin.quantity > 0 else { return [] }
    let each = packed.quantity / origin.quantity
    var rest = packed.value.fen
    let share = packed.value.fen / origin.quantity
    let kits = direct(kit, kit: origin.label)
    return kits.enumerated().map { index, row in
      let fen = index == kits.count - 1 ? rest : share * row.quantity
      rest -= fen
      return Goods.Trace.Row(
        fate: row.fate, quantity: row.quantity * each, value: Money(fen: fen), place: row.place,
        date: row.date, reason: row.reason, kit: row.kit,
        pupils: row.pupils.map {
          Goods.Trace.Pupil(
            name: $0.name, quantity: $0.quantity * each, date: $0.date, signed: $0.signed)
        })
    }
  }
}
