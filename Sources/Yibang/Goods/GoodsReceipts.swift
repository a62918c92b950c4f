package import Foundation
import Postgres
import SchoolCalendar

extension Goods {
  /// The fair value of a lot as it comes: what one piece is worth, or all of them together.
  package enum Worth: Sendable, Hashable {
    case each(Money)
    case total(Money)

    /// - Throws: `MoneyError.overflow`, `GoodsError.quantity` if it is negative.
    func total(of quantity: Int64) throws -> Money {
      let value: Money
      switch self {
      case .each(let money): value = try money * quantity
      case .total(let money): value = money
      }
      guard !value.isNegative else { throw GoodsError.tooLarge }
      return value
    }

    var digestPart: String {
      switch self {
      case .each(let money): "each \(money.fen)"
      case .total(let money): "total \(money.fen)"
      }
    }
  }

  /// One lot to be received.
  package struct NewLot: Sendable {
    package var item: UUID
    package var donor: UUID
    package var place: UUID
    package var quantity: Int64
    package var condition: Condition
    /// Nil: not yet appraised.
    package var worth: Worth?
    /// Where the value comes from, such as 购物发票 or 市场价.
    package var basis: String?

    package init(
      item: UUID, donor: UUID, place: UUID, quantity: Int64, condition: Condition = .new,
      worth: Worth? = nil, basis: String? = nil
    ) {
      self.item = item
      self.donor = donor
      self.place = place
      self.quantity = quantity
      self.condition = condition
      self.worth = worth
      self.basis = basis
    }

    var digestParts: [String?] {
      [
        item.uuidString, donor.uuidString, place.uuidString, "\(quantity)", condition.rawValue,
        worth?.digestPart, basis,
      ]
    }
  }

  /// A lot about to be written.
  struct LotRecord: Sendable {
    var id = UUID.v7()
    var item: UUID
    var origin: String
    var donor: UUID?
    var kit: UUID?
    var condition: Condition
    var quantity: Int64
    var value: Money?
    var basis: String?
    var lineHash: [UInt8]?
  }

  // district, school, event, date, semester, import, then one array a column
  private static let insertLots: SQL = """
    insert into goods_lot (
      district_id, school_id, event_id, received_on, semester, import_id, id, item_id, origin,
      donor_id, kit_id, condition, quantity, value_fen, value_basis, line_hash
    )
    select $1, $2::uuid, $3, $4, $5::int, $6::uuid, u.*
    from unnest(
      $7::uuid[], $8::uuid[], $9::text[], $10::uuid[], $11::uuid[], $12::text[], $13::bigint[],
      $14::bigint[], $15::text[], $16::bytea[]
    ) as u
    """

  // Items that a school, or the district where it is nil, does not use: another's own.
  private static let strange: SQL = """
    select i.id from unnest($2::uuid[]) as i (id)
    where not exists (
      select from goods_item g
      where g.district_id = $1 and g.id = i.id
        and (g.school_id is null or g.school_id = $3)
    )
    limit 1
    """

  /// Writes lots of an event that is posted afterwards in the same transaction: the one way in for
  /// lots, so that no school comes to hold another's item.
  /// - Throws: `GoodsError.unknownItem`.
  static func insert(
    _ lots: [LotRecord], school: UUID?, event: UUID, _ occasion: Occasion, importID: UUID? = nil,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    let items = Array(Set(lots.map(\.item)))
    if let item: UUID = try session.query(strange, actor.districtID, items, school).first?.get(0) {
      throw GoodsError.unknownItem(item.lowercase)
    }
    try session.execute(
      insertLots, actor.districtID, school, event, occasion.date, occasion.semester.ordinal,
      importID, lots.map(\.id), lots.map(\.item), lots.map(\.origin), lots.map(\.donor),
      lots.map(\.kit), lots.map(\.condition.rawValue), lots.map(\.quantity),
      lots.map(\.value?.fen), lots.map(\.basis), lots.map(\.lineHash))
  }

  private static let donorKnown: SQL = """
    select count(*) from donor where district_id = $1 and id = any ($2)
    """

  /// Receives gifts in kind: each becomes a lot, kept with its donor, at its place.
  /// - Parameter key: makes a repetition safe.
  /// - Returns: the event.
  /// - Throws: `GoodsError`, among them `.unknownItem` for another school's; `AccessError`,
  ///   `IdempotencyError`, `MoneyError`.
  package static func receive(
    _ lots: [NewLot], _ occasion: Occasion, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    guard let first = lots.first else { throw GoodsError.nothingToDo }
    guard lots.allSatisfy({ (1...largestQuantity).contains($0.quantity) }) else {
      throw GoodsError.quantity
    }
    let request = occasion.digestParts + lots.flatMap(\.digestParts)
    return try await posting("goods.receive", key: key, request: request, in: context) {
      session, event in
      let school = try place(first.place, session, actor).school
      let donors = Array(Set(lots.map(\.donor)))
      guard try session.query(donorKnown, actor.districtID, donors)[0].get(0) == donors.count else {
        throw GoodsError.unknownDonor
      }
      let records = try lots.map { lot in
        LotRecord(
          item: lot.item, origin: "received", donor: lot.donor, condition: lot.condition,
          quantity: lot.quantity, value: try lot.worth?.total(of: lot.quantity),
          basis: lot.worth == nil ? nil : lot.basis ?? "捐赠人申报")
      }
      try insert(records, school: school, event: event, occasion, session, actor)
      let lines = zip(lots, records).map { lot, record in
        Stock.Line(
          lot: record.id, place: lot.place, quantity: record.quantity,
          value: record.value ?? .zero)
      }
      try Stock.post(session, event: event, .receive, occasion, lines, actor: actor)
      _ = try session.batch([
        Audit.statement(
          actor, "goods.receive", subject: "goods_event", id: event, school: school,
          after: [
            "lots": "\(lots.count)", "pieces": "\(lots.reduce(0) { $0 + $1.quantity })",
            "date": "\(occasion.date)",
          ])
      ])
    }
  }
}
