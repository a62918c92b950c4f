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

  private static let running: SQL = """
    select id from receipt_waiver
    where district_id = $1 and subject_id = $2 and withdrawn_on is null
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
  /// - Throws: `ReceiptError.notWaived`, `.withdrawnBeforeWaiver`.
  package static func withdrawWaiver(
    _ subject: Subject, on date: CalendarDate, key: String? = nil, in context: Context
  ) async throws -> (id: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.issueReceipts)
    let claim = IdempotencyKey(
      key, operation: "receipt.withdraw_waiver", request: [subject.id.uuidString, "\(date)"])
    return try await context.write { session in
      let running: UUID? = try session.query(running, actor.districtID, subject.id).first?.get(0)
      let result = running ?? UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: result) {
        return (earlier, true)
      }
      let statement = Bound(withdraw, subject.donation, subject.goodsLot, date, actor.userID)
      let ended: UUID?
      do throws(PostgresError) {
        ended = try session.batch([statement])[0].first?.optional(0)
      } catch {
        throw ReceiptError.refusal(error, gift: subject.id, on: date)
      }
      guard let id = ended else { throw ReceiptError.notWaived(subject.id) }
      _ = try session.batch([
        Audit.statement(
          actor, "receipt.withdraw_waiver", subject: "receipt_waiver", id: id,
          after: ["gift": subject.id.uuidString.lowercased()])
      ])
      return (id, false)
    }
  }

  /// A gift without a receipt, and why. An anonymous donor has no name in it.
  package struct Waiver: Sendable, Codable {
    package let id: UUID
    package let donation: UUID?
    package let goodsLot: UUID?
    package let unit: String
    package let donor: String
    package let given: Money?
    package let cause: WaiverCause
    package let waivedOn: CalendarDate
    package let withdrawnOn: CalendarDate?

    enum CodingKeys: String, CodingKey {
      case id, donation
      case goodsLot = "goods_lot"
      case unit, donor, given, cause
      case waivedOn = "waived_on"
      case withdrawnOn = "withdrawn_on"
    }
  }

  private static let waivers: SQL = """
    select w.id, w.donation_id, w.goods_lot_id, coalesce(s.name, t.name),
      case when d.anonymous then '匿名' else d.name end, g.given_fen, w.cause, w.waived_on,
      w.withdrawn_on
    from receipt_waiver w
    join district t on t.district_id = w.district_id
    left join school s on s.district_id = w.district_id and s.id = w.school_id
    left join lateral receipt_subject(
      w.district_id, w.donation_id, null, w.goods_lot_id) as g on true
    left join donor d on d.district_id = w.district_id and d.id = g.donor_id
    where w.district_id = $1 and ($2::uuid is null or w.school_id = $2)
      and (w.waived_on, w.id) < ($3, $4)
    order by w.waived_on desc, w.id desc
    limit $5
    """

  /// Waivers on record, the newest first, withdrawn ones with them.
  package static func waivers(
    school: UUID? = nil, limit: Int = 1000, in context: Context
  ) async throws -> [Waiver] {
    try await waivers(school: school, after: nil, limit: limit, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func waivers(
    _ page: PageRequest, school: UUID? = nil, in context: Context
  ) async throws -> Page<Waiver> {
    let found = try await waivers(
      school: school, after: page.place(CalendarDate.self, UUID.self), limit: page.limit + 1,
      in: context)
    return Page(found, page) { Cursor("\($0.waivedOn)", $0.id.uuidString) }
  }

  private static func waivers(
    school: UUID?, after: (CalendarDate, UUID)?, limit: Int, in context: Context
  ) async throws -> [Waiver] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.readInOrder { session in
      let rows = try session.query(
        waivers, actor.districtID, school, after?.0 ?? .afterAll, after?.1 ?? .afterAll, limit)
      return try rows.map { row in
        let given: Int64? = try row.optional(5)
        return Waiver(
          id: try row.get(0), donation: try row.optional(1), goodsLot: try row.optional(2),
          unit: try row.get(3), donor: try row.optional(4) ?? "",
          given: given.map { Money(fen: $0) },
          cause: WaiverCause(rawValue: try row.get(6)) ?? .declined, waivedOn: try row.get(7),
          withdrawnOn: try row.optional(8))
      }
    }
  }
}
