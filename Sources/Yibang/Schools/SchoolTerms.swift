import Foundation
import Postgres

/// The code of a county (GB/T 2260, 6 digits) or of a town (GB/T 10114, 9 digits).
package struct RegionCode: Sendable, Hashable {
  package let text: String

  /// - Throws: `SchoolError.region`.
  package init(_ text: String) throws(SchoolError) {
    let digits = normalizeText(text)
    guard [6, 9].contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit) else {
      throw .region(text)
    }
    self.text = digits
  }
}

extension Schools {
  private static let setMinimum: SQL = """
    update school set minimum_fen = $3 where district_id = $1 and id = $2
    """
  private static let setRegion: SQL = """
    update school set region = $3 where district_id = $1 and id = $2
    """

  /// Sets what a school asks of a sponsor for a pupil and semester; nil asks for nothing. Offers below
  /// it are proposed for other schools' pupils only.
  /// - Throws: `SchoolError.minimum`.
  package static func setMinimum(
    _ minimum: Money?, of school: School, in context: Context
  ) async throws {
    if let minimum, minimum <= .zero { throw SchoolError.minimum }
    try await set(
      Bound(setMinimum, context.actor.districtID, school.id, minimum?.fen), "minimum_fen",
      from: school.minimum.map { "\($0.fen)" }, to: minimum.map { "\($0.fen)" }, school, context)
  }

  /// Sets the county or town in which a school lies, for sponsors who wish for one.
  package static func setRegion(
    _ region: RegionCode, of school: School, in context: Context
  ) async throws {
    try await set(
      Bound(setRegion, context.actor.districtID, school.id, region.text), "region",
      from: school.region, to: region.text, school, context)
  }

  private static func set(
    _ statement: Bound, _ what: String, from before: String?, to after: String?,
    _ school: School, _ context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.administer)
    try await context.write { session in
      _ = try session.batch([
        statement,
        Audit.statement(
          actor, "school.set_\(what)", subject: "school", id: school.id, school: school.id,
          before: [what: before], after: [what: after]),
      ])
    }
  }
}

extension Districts {
  private static let findHoldDays: SQL = "select hold_days from district where district_id = $1"
  private static let setHoldDays: SQL = """
    update district set hold_days = $2 where district_id = $1
    """

  /// How many days a pupil is kept for a sponsor who was told of it.
  package static func holdDays(in context: Context) async throws -> Int {
    try context.actor.require(.read)
    return try await context.read { try holdDays($0, context.actor) }
  }

  static func holdDays(_ session: borrowing Session, _ actor: Actor) throws -> Int {
    guard let row = try session.query(findHoldDays, actor.districtID).first else {
      throw SchoolError.unknownDistrict(actor.districtID)
    }
    return try row.get(0)
  }

  /// - Throws: `SchoolError.holdDays`.
  package static func setHoldDays(_ days: Int, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.administer)
    guard (1...90).contains(days) else { throw SchoolError.holdDays(days) }
    try await context.write { session in
      let before = try holdDays(session, actor)
      _ = try session.batch([
        Bound(setHoldDays, actor.districtID, days),
        Audit.statement(
          actor, "district.set_hold_days", subject: "district", id: nil,
          before: ["hold_days": "\(before)"], after: ["hold_days": "\(days)"]),
      ])
    }
  }
}
