package import Foundation

extension Goods {
  /// Receives gifts in kind from a donor by name, who is put on record at the first gift.
  /// - Parameter lots: what is received, of the donor's id.
  /// - Returns: the event.
  /// - Throws: as `receive`; `AccessError`.
  package static func receive(
    from donor: DonorDetails, school: UUID?, _ occasion: Occasion, key: String? = nil,
    in context: Context, lots: (UUID) -> [NewLot]
  ) async throws -> UUID {
    try context.actor.require(.manageGoods)
    let giver = try await Donors.donor(donor, school: school, in: context)
    return try await receive(lots(giver), occasion, key: key, in: context)
  }

  /// An item that a school uses, or any where `school` is nil.
  /// - Throws: `GoodsError.unknownItem`.
  package static func item(_ id: UUID, school: UUID?, in context: Context) async throws -> Item {
    guard let item = try await items(school: school, in: context).first(where: { $0.id == id })
    else { throw GoodsError.unknownItem(id.lowercase) }
    return item
  }

  /// Sees to it that a school uses these items: its own and the district's; those of the district
  /// where `school` is nil.
  /// - Throws: `GoodsError.unknownItem`.
  package static func require(
    items ids: [UUID], school: UUID?, in context: Context
  ) async throws {
    let known = try await items(school: school, in: context)
      .filter { school != nil || $0.school == nil }
    for id in ids where !known.contains(where: { $0.id == id }) {
      throw GoodsError.unknownItem(id.lowercase)
    }
  }

  /// A school's place, or any where `school` is nil; where no id is given, its usual one.
  /// - Throws: `GoodsError.unknownPlace`.
  package static func place(_ id: UUID?, school: UUID?, in context: Context) async throws -> Place {
    guard let id else { return try await place(named: nil, school: school, in: context) }
    guard let place = try await places(school: school, in: context).first(where: { $0.id == id })
    else { throw GoodsError.unknownPlace(id.lowercase) }
    return place
  }
}
