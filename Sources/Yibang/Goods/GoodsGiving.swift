import Foundation
import Postgres
import SchoolCalendar

extension Goods {
  /// Goods that one line of a donation sheet names.
  struct SheetGift: Sendable {
    let pieces: [GoodsText.Piece]
    let donor: UUID
    let date: CalendarDate
    /// Of each piece: what says that it was recorded before.
    let hashes: [[UInt8]]
  }

  private static let recorded: SQL = """
    select line_hash from goods_lot where district_id = $1 and line_hash = any ($2)
    """

  /// Receives the goods of donation-sheet lines into the school's default place, in the caller's
  /// transaction; what was recorded before is passed over.
  /// - Returns: of each gift, whether any of it was new.
  static func receive(
    _ gifts: [SheetGift], school: UUID, semester: Semester, importID: UUID,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> [Bool] {
    guard !gifts.isEmpty else { return [] }
    let hashes = gifts.flatMap(\.hashes)
    let known = Set(
      try session.query(recorded, actor.districtID, hashes).map { try $0.get(0) as [UInt8] })
    let place = try place(name: defaultPlace, school: school, session, actor)
    var items: [String: UUID] = [:]
    return try gifts.map { gift in
      var lots: [LotRecord] = []
      for (piece, hash) in zip(gift.pieces, gift.hashes) where !known.contains(hash) {
        let label = "\(piece.name)/\(piece.unit)"
        let id =
          try items[label]
          ?? item(
            name: piece.name, unit: piece.unit, kind: nil, school: school, session, actor
          ).id
        items[label] = id
        lots.append(
          LotRecord(
            item: id, origin: "received", donor: gift.donor, condition: .new,
            quantity: piece.quantity, value: piece.value,
            basis: piece.value == nil ? nil : "捐款情况表所注", lineHash: hash))
      }
      guard !lots.isEmpty else { return false }
      let event = UUID.v7()
      let occasion = Occasion(semester: semester, date: gift.date, source: "捐款情况表")
      try insert(
        lots, school: school, event: event, occasion, importID: importID, session, actor)
      let lines = lots.map {
        Stock.Line(
          lot: $0.id, place: place.id, quantity: $0.quantity, value: $0.value ?? .zero)
      }
      try Stock.post(session, event: event, .receive, occasion, lines, actor: actor)
      return true
    }
  }
}
