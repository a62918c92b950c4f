package import Foundation
import Postgres
package import SchoolCalendar

extension Receipts {
  /// Why a donor gets no receipt (慈善法 38).
  package enum WaiverCause: String, Sendable, CaseIterable, Codable {
    /// The donor wants none.
    case declined
    /// The donor stays anonymous.
    case anonymous

    package var name: Text {
      switch self {
      case .declined: Text("捐赠人放弃收据", "the donor wants no receipt")
      case .anonymous: Text("捐赠人匿名", "the donor stays anonymous")
      }
    }
  }

  // $1 id, $2 donation, $3 lot, $4 cause, $5 day, $6 actor
  private static let waive: SQL = "select receipt_waive($1, $2::uuid, $3::uuid, $4, $5, $6)"
  private static let withdraw: SQL = """
    select receipt_waiver_withdraw($1::uuid, $2::uuid, $3, $4)
    """

  /// Records that the donor of a gift gets no receipt, and why. A waived gift gets none until the
  /// waiver is withdrawn.
  /// - Returns: the waiver.
  /// - Throws: `ReceiptError.unknownGift`, `.running` if there is one, `.waivedBefore`,
  ///   `.notAnonymous`.
  package static func waive(
    _ subject: Subject, cause: WaiverCause, on date: CalendarDate, key: String? = nil,
    in context: Context
  ) async throws -> (id: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.issueReceipts)
    guard subject.campaign == nil else { throw ReceiptError.unknownGift(subject.id) }
    let claim = IdempotencyKey(
      key, operation: "receipt.waive",
      request: [subject.id.uuidString, cause.rawValue, "\(date)"])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return (earlier, true)
      }
      let statements = [
        Bound(
          waive, id, subject.donation, subject.goodsLot, cause.rawValue, date, actor.userID),
        Audit.statement(
          actor, "receipt.waive", subject: "receipt_waiver", id: id,
          after: ["gift": subject.id.uuidString.lowercased(), "cause": cause.rawValue]),
      ]
      do throws(PostgresError) {
        _ = try session.batch(statements)
      } catch {
        throw ReceiptError.refusal(error, gift: subject.id, on: date)
      }
      return (id, false)
    }
  }

  /// The donor wants a receipt after all: the waiver ends, and stays on record.
  /// - Throws: `ReceiptError.notWaived`.
  package static func withdrawWaiver(
    _ subject: Subject, on date: CalendarDate, key: String? = nil, in context: Context
  ) async throws -> (id: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.issueReceipts)
    let claim = IdempotencyKey(
      key, operation: "receipt.withdraw_waiver", request: [subject.id.uuidString, "\(date)"])
    return try await context.write { session in
      if let claim {
        let rows = try session.query(IdempotencyKey.find, actor.districtID, claim.key)
        if !rows.isEmpty { return (try claim.earlier(rows), true) }
      }
      let rows = try session.query(
        withdraw, subject.donation, subject.goodsLot, date, actor.userID)
      guard let id: UUID = try rows.first?.optional(0) else {
        throw ReceiptError.notWaived(subject.id)
      }
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return (earlier, true)
      }
      _ = try session.batch([
        Audit.statement(
          actor, "receipt.withdraw_waiver", subject: "receipt_waiver", id: id,
          after: ["gift": subject.id.uuidString.lowercased()])
      ])
      return (id, false)
    }
  }
}
