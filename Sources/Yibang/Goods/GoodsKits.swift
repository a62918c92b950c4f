package import Foundation
import Postgres
import SchoolCalendar

extension Goods {
  /// What a kit holds, by version: a change leaves what was assembled before as it was.
  package struct Kit: Sendable, Codable {
    package struct Component: Sendable, Codable {
      package let item: UUID
      package let name: String
      package let quantity: Int64
    }

    package let id: UUID
    package let item: UUID
    package let name: String
    package let version: Int
    package let components: [Component]
  }

  // Two definitions of one kit take turns.
  private static let takeTurn: SQL = """
    select pg_advisory_xact_lock(hashtextextended('kit ' || $1 || ' ' || $2, 0))
    """
  private static let itemsByID: SQL = """
    select id, school_id, name, unit, kind from goods_item
    where district_id = $1 and id = any ($2)
    """
  private static let insertKit: SQL = """
    insert into goods_kit (district_id, id, school_id, item_id, version, actor_id)
    select $1, $2, $3, $4, coalesce(max(k.version), 0) + 1, $5 from goods_kit k
    where k.district_id = $1 and k.item_id = $4
    returning version
    """
  private static let insertComponents: SQL = """
    insert into goods_kit_component (district_id, kit_id, item_id, quantity)
    select $1, $2, u.* from unnest($3::uuid[], $4::bigint[]) as u
    """

  /// Says what a kit holds, as its next version.
  /// - Parameter item: an item of kind `kit`.
  /// - Throws: `GoodsError.notAKit`, `.kitOfKits`, `.quantity`, `.unknownItem`, also for what another
  ///   school keeps; `AccessError`.
  package static func define(
    kit item: UUID, of components: [Amount], key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    guard !components.isEmpty else { throw GoodsError.nothingToDo }
    guard components.allSatisfy({ (1...1_000).contains($0.quantity) }) else {
      throw GoodsError.quantity
    }
    let request = [item.uuidString] + components.flatMap { [$0.item.uuidString, "\($0.quantity)"] }
    return try await posting("goods.kit", key: key, request: request, in: context) { session, id in
      _ = try session.query(takeTurn, actor.districtID, item.uuidString)
      let rows = try session.query(
        itemsByID, actor.districtID, [item] + components.map(\.item))
      let known = Dictionary(
        try rows.map { try Goods.item($0) }.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one }
      )
      guard let whole = known[item] else { throw GoodsError.unknownItem(item.uuidString) }
      guard whole.kind == .kit else { throw GoodsError.notAKit(whole.label) }
      for component in components {
        guard let part = known[component.item], [nil, whole.school].contains(part.school) else {
          throw GoodsError.unknownItem(component.item.uuidString)
        }
        guard part.kind != .kit else { throw GoodsError.kitOfKits(part.label) }
      }
      let merged = Dictionary(
        components.map { ($0.item, $0.quantity) }, uniquingKeysWith: +)
      let version: Int = try session.query(
        insertKit, actor.districtID, id, whole.school, item, actor.userID)[0].get(0)
      _ = try session.batch([
        Bound(
          insertComponents, actor.districtID, id, Array(merged.keys), Array(merged.values)),
        Audit.statement(
          actor, "goods.kit", subject: "goods_kit", id: id, school: whole.school,
          after: ["version": "\(version)", "components": "\(merged.count)"]),
      ])
    }
  }

  private static let latest: SQL = """
    select k.id, k.item_id, i.name || '/' || i.unit, k.version, c.item_id, p.name || '/' || p.unit,
      c.quantity
    from goods_kit k
    join goods_item i on i.district_id = k.district_id and i.id = k.item_id
    join goods_kit_component c on c.district_id = k.district_id and c.kit_id = k.id
    join goods_item p on p.district_id = k.district_id and p.id = c.item_id
    where k.district_id = $1 and ($2::uuid is null or k.item_id = $2)
      and k.version = (
        select max(o.version) from goods_kit o
        where o.district_id = k.district_id and o.item_id = k.item_id
      )
    order by i.name collate "zh-x-icu", k.id, p.name collate "zh-x-icu", c.item_id
    """

  private static func kits(_ rows: Rows) throws -> [Kit] {
    var kits: [Kit] = []
    for row in rows {
      let id: UUID = try row.get(0)
      let component = Kit.Component(
        item: try row.get(4), name: try row.get(5), quantity: try row.get(6))
      let before = kits.last?.id == id ? kits.removeLast().components : []
      kits.append(
        Kit(
          id: id, item: try row.get(1), name: try row.get(2), version: try row.get(3),
          components: before + [component]))
    }
    return kits
  }

  /// The kits as they are defined now.
  package static func kits(in context: Context) async throws -> [Kit] {
    try context.actor.require(.read)
    return try await context.read { session in
      try kits(session.query(latest, context.actor.districtID, nil as UUID?))
    }
  }

  /// Assembles kits at a place out of its components, all or none, the oldest lots first. Each lot of
  /// kits holds the same lots of components, so that every piece can be followed; its value is that of
  /// what went into it.
  /// - Returns: the event.
  /// - Throws: `GoodsError.short` naming each component that is short, `.noDefinition`.
  package static func assemble(
    kit item: UUID, count: Int64, at: UUID, _ occasion: Occasion, key: String? = nil,
    in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    guard (1...100_000).contains(count) else { throw GoodsError.quantity }
    let request = occasion.digestParts + [item.uuidString, "\(count)", at.uuidString]
    return try await posting("goods.assemble", key: key, request: request, in: context) {
      session, event in
      let place = try place(at, session, actor)
      guard let kit = try kits(session.query(latest, actor.districtID, item)).first else {
        let name = try labels([item], session, actor)[item]
        throw GoodsError.noDefinition(name ?? item.uuidString)
      }
      let components = kit.components.map { (item: $0.item, quantity: $0.quantity) }
      try Stock.lock(session, (components.map(\.item) + [item]).map { (at, $0) })
      var shelves = try Stock.levels(
        session, place: at, items: components.map(\.item), on: occasion.date, actor: actor)
      let wanted = Dictionary(
        components.map { ($0.item, $0.quantity * count) }, uniquingKeysWith: +)
      try refuseShort(wanted, shelves, at: place, session, actor)
      let runs = KitRun.pack(count, of: components, from: &shelves) ?? []
      try post(runs, of: kit, at: place, event: event, occasion, session, actor)
    }
  }

  private static func post(
    _ runs: [KitRun], of kit: Kit, at place: Place, event: UUID, _ occasion: Occasion,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    var lots: [LotRecord] = []
    var lines: [Stock.Line] = []
    for run in runs {
      let value = try run.parts.map(\.value).total()
      let lot = LotRecord(
        item: kit.item, origin: "assembled", kit: kit.id, condition: .new, quantity: run.count,
        value: value, basis: "组成物品之和")
      lots.append(lot)
      lines += run.parts.map { $0.leaving(place.id, into: lot.id) }
      lines.append(
        Stock.Line(lot: lot.id, place: place.id, quantity: run.count, value: value))
    }
    try insert(lots, school: place.school, event: event, occasion, session, actor)
    try Stock.post(session, event: event, .assemble, occasion, lines, actor: actor)
    _ = try session.batch([
      Audit.statement(
        actor, "goods.assemble", subject: "goods_event", id: event, school: place.school,
        after: [
          "kits": "\(runs.reduce(0) { $0 + $1.count })", "lots": "\(lots.count)",
          "version": "\(kit.version)", "place": place.id.uuidString.lowercased(),
        ])
    ])
  }
}
