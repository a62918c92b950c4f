package import Foundation
import Postgres
import SchoolCalendar

/// Gifts in kind (捐物): received into, moved within, counted in and handed out of a school's stock, each
/// piece as traceable as a fen.
package enum Goods {
  /// Where goods of donation sheets go, and commands that name no place.
  package static let defaultPlace = "库房"

  package static let largestQuantity: Int64 = 1_000_000_000

  package struct Item: Sendable, Codable, Hashable {
    package let id: UUID
    /// Nil: the district's.
    package let school: UUID?
    package let name: String
    package let unit: String
    package let kind: ItemKind

    /// 书包/个.
    package var label: String { "\(name)/\(unit)" }
  }

  package struct Place: Sendable, Codable, Hashable {
    package let id: UUID
    /// Nil: a store of the district.
    package let school: UUID?
    package let name: String
  }

  /// How many of an item.
  package struct Amount: Sendable, Hashable {
    package var item: UUID
    package var quantity: Int64

    package init(item: UUID, quantity: Int64) {
      self.item = item
      self.quantity = quantity
    }
  }

  private static let insertItem: SQL = """
    insert into goods_item (district_id, id, school_id, name, unit, kind)
    values ($1, $2, $3, $4, $5, $6)
    on conflict do nothing
    """
  private static let findItem: SQL = """
    select id, school_id, name, unit, kind from goods_item
    where district_id = $1 and school_id is not distinct from $2 and name = $3 and unit = $4
    """

  /// The item that a school, or the district where it is nil, keeps by this name and unit, or a new
  /// one; in the caller's transaction.
  /// - Parameter kind: guessed from the name where nil and the item is new.
  /// - Throws: `GoodsError.itemExists` if it is there as another kind.
  static func item(
    name: String, unit: String, kind: ItemKind?, school: UUID?, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> Item {
    let known = try session.query(findItem, actor.districtID, school, name, unit)
    if let row = known.first {
      let found = try item(row)
      guard kind == nil || kind == found.kind else { throw GoodsError.itemExists(found.label) }
      return found
    }
    let fresh = Item(
      id: UUID.v7(), school: school, name: name, unit: unit,
      kind: kind ?? ItemKind(guessing: name))
    let added = try session.execute(
      insertItem, actor.districtID, fresh.id, school, name, unit, fresh.kind.rawValue)
    guard added == 1 else {
      return try item(
        name: name, unit: unit, kind: kind, school: school, session, actor)
    }
    _ = try session.batch([
      Audit.statement(
        actor, "goods.item", subject: "goods_item", id: fresh.id, school: school,
        after: ["name": name, "unit": unit, "kind": fresh.kind.rawValue])
    ])
    return fresh
  }

  /// - Throws: `GoodsError.itemExists`, `.nothingToDo` for an empty name or unit, `AccessError`.
  package static func item(
    name: String, unit: String, kind: ItemKind? = nil, school: UUID?, in context: Context
  ) async throws -> Item {
    try context.actor.require(.manageGoods)
    let name = normalizeText(name)
    let unit = normalizeText(unit)
    guard !name.isEmpty, !unit.isEmpty else { throw GoodsError.nothingToDo }
    return try await context.write { session in
      try item(name: name, unit: unit, kind: kind, school: school, session, context.actor)
    }
  }

  static func item(_ row: Row) throws -> Item {
    Item(
      id: try row.get(0), school: try row.optional(1), name: try row.get(2), unit: try row.get(3),
      kind: ItemKind(rawValue: try row.get(4)) ?? .other)
  }

  // $2 null with $3 true: every item that the actor may see.
  private static let items: SQL = """
    select id, school_id, name, unit, kind from goods_item
    where district_id = $1
      and ($2::uuid is null or school_id is null or school_id = $2)
    order by kind, name collate "zh-x-icu", unit, school_id nulls first
    """

  /// The items of a school and those of the district that it uses; all where `school` is nil.
  package static func items(school: UUID? = nil, in context: Context) async throws -> [Item] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(items, context.actor.districtID, school).map { try item($0) }
    }
  }

  private static let named: SQL = """
    select id, school_id, name, unit, kind from goods_item
    where district_id = $1 and name = $2 and ($3::text is null or unit = $3)
      and (school_id is null or school_id is not distinct from $4)
    order by school_id nulls last, unit
    """

  /// The item that a school's people mean by `书包` or `书包/个`: the school's own before the district's.
  /// - Throws: `GoodsError.unknownItem`, `.ambiguousItem`.
  static func item(
    named text: String, school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> Item {
    let parts = normalizeText(text).split(separator: "/", maxSplits: 1).map(String.init)
    guard let name = parts.first else { throw GoodsError.unknownItem(text) }
    let unit = parts.count > 1 ? parts[1] : nil
    let rows = try session.query(named, actor.districtID, name, unit, school)
    let found = try rows.map { try item($0) }
    let own = found.filter { $0.school == school }
    let candidates = own.isEmpty ? found : own
    guard let first = candidates.first else { throw GoodsError.unknownItem(text) }
    guard candidates.count == 1 else {
      throw GoodsError.ambiguousItem(name, units: candidates.map(\.unit))
    }
    return first
  }

  package static func item(
    named text: String, school: UUID?, in context: Context
  ) async throws -> Item {
    try context.actor.require(.read)
    return try await context.read { session in
      try item(named: text, school: school, session, context.actor)
    }
  }
}

extension Goods {
  private static let insertPlace: SQL = """
    insert into goods_place (district_id, id, school_id, name) values ($1, $2, $3, $4)
    on conflict do nothing
    """
  private static let findPlace: SQL = """
    select id, school_id, name from goods_place
    where district_id = $1 and school_id is not distinct from $2 and name = $3
    """

  private static func place(_ row: Row) throws -> Place {
    Place(id: try row.get(0), school: try row.optional(1), name: try row.get(2))
  }

  /// A school's place of this name, or the district's where `school` is nil; made where it is new.
  static func place(
    name: String, school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> Place {
    let known = try session.query(findPlace, actor.districtID, school, name)
    if let row = known.first { return try place(row) }
    let fresh = Place(id: UUID.v7(), school: school, name: name)
    let added = try session.execute(insertPlace, actor.districtID, fresh.id, school, name)
    guard added == 1 else { return try place(name: name, school: school, session, actor) }
    _ = try session.batch([
      Audit.statement(
        actor, "goods.place", subject: "goods_place", id: fresh.id, school: school,
        after: ["name": name])
    ])
    return fresh
  }

  /// - Throws: `GoodsError.unknownPlace` for an empty name, `AccessError`.
  package static func place(
    name: String, school: UUID?, in context: Context
  ) async throws -> Place {
    try context.actor.require(.manageGoods)
    if let school { try context.actor.require(school: school) }
    let name = normalizeText(name)
    guard !name.isEmpty else { throw GoodsError.unknownPlace(name) }
    return try await context.write { session in
      try place(name: name, school: school, session, context.actor)
    }
  }

  /// The place of this name; the default one where nil, which is made at its first use.
  /// - Throws: `GoodsError.unknownPlace`.
  package static func place(
    named name: String?, school: UUID?, in context: Context
  ) async throws -> Place {
    guard let name else {
      return try await place(name: defaultPlace, school: school, in: context)
    }
    try context.actor.require(.read)
    return try await context.read { session in
      let rows = try session.query(
        findPlace, context.actor.districtID, school, normalizeText(name))
      guard let row = rows.first else { throw GoodsError.unknownPlace(name) }
      return try place(row)
    }
  }

  private static let places: SQL = """
    select id, school_id, name from goods_place
    where district_id = $1 and ($2::uuid is null or school_id = $2)
    order by school_id nulls first, name collate "zh-x-icu"
    """

  package static func places(school: UUID? = nil, in context: Context) async throws -> [Place] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(places, context.actor.districtID, school).map { try place($0) }
    }
  }

  private static let placeByID: SQL = """
    select id, school_id, name from goods_place where district_id = $1 and id = $2
    """

  /// - Throws: `GoodsError.unknownPlace`.
  static func place(
    _ id: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> Place {
    guard let row = try session.query(placeByID, actor.districtID, id).first else {
      throw GoodsError.unknownPlace(id.uuidString.lowercased())
    }
    return try place(row)
  }

  private static let labelsOf: SQL = """
    select id, name || '/' || unit from goods_item where district_id = $1 and id = any ($2)
    """

  /// 书包/个 of items, by id.
  static func labels(
    _ items: [UUID], _ session: borrowing Session, _ actor: Actor
  ) throws -> [UUID: String] {
    var labels: [UUID: String] = [:]
    for row in try session.query(labelsOf, actor.districtID, items) {
      labels[try row.get(0)] = try row.get(1)
    }
    return labels
  }

  /// One write that answers with the event it posts: permission, key, transaction.
  static func posting(
    _ operation: String, key: String?, request: [String?], in context: Context,
    _ body: @escaping @Sendable (borrowing Session, _ event: UUID) throws -> Void
  ) async throws -> UUID {
    try context.actor.require(.manageGoods)
    let district = context.actor.districtID
    let claim = IdempotencyKey(key, operation: operation, request: request)
    return try await context.write { session in
      let event = UUID.v7()
      if let earlier = try claim?.claim(session, district: district, result: event) {
        return earlier
      }
      try body(session, event)
      return event
    }
  }
}
