package import Foundation
package import Postgres
package import SchoolCalendar

/// The receipts that donors are given, in the numbered books of the schools and the district.
package enum Receipts {
  /// A receipt to be issued over what is left of a gift.
  package struct NewReceipt: Sendable, Hashable {
    package var subject: Subject
    package var issuedOn: CalendarDate
    /// Who took the gift; nil: whom the gift names, or else the actor.
    package var handler: String?

    package init(_ subject: Subject, on issuedOn: CalendarDate, handler: String? = nil) {
      self.subject = subject
      self.issuedOn = issuedOn
      self.handler = handler
    }
  }

  /// A receipt after a write, and whether the write had been made before.
  package typealias Outcome = (receipt: Receipt, replayed: Bool)

  // $1 id, $2 donation, $3 campaign, $4 lot, $5 day, $6 handler, $7 actor
  private static let issue: SQL = """
    select receipt_issue($1, $2::uuid, $3::uuid, $4::uuid, $5, $6::text, $7)
    """
  private static let void: SQL = "select receipt_void($1, $2, $3, $4)"
  // $1 old, $2 new, $3 day, $4 reason, $5 handler, $6 actor
  private static let reissue: SQL = "select receipt_reissue($1, $2, $3, $4, $5::text, $6)"

  /// Issues the receipt of a gift: the next number of the school's or the district's book, over what
  /// is left of the gift. After a voided one it stands in that one's place.
  /// - Parameter key: makes a repetition safe: the same key and receipt give the same answer.
  /// - Throws: `ReceiptError.unknownGift`, `.running`, `.waived`, `.nothingLeft`, `.beforeGift`;
  ///   `AccessError`, `IdempotencyError`.
  package static func issue(
    _ new: NewReceipt, key: String? = nil, in context: Context
  ) async throws -> Outcome {
    let actor = context.actor
    try actor.require(.issueReceipts)
    let claim = IdempotencyKey(
      key, operation: "receipt.issue",
      request: [new.subject.id.uuidString, "\(new.issuedOn)", new.handler])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return (try receipt(earlier, session, actor), true)
      }
      return (try issue(new, id: id, session, actor), false)
    }
  }

  /// Issues a receipt in the caller's transaction, which gives its number back if it fails.
  package static func issue(
    _ new: NewReceipt, id: UUID = UUID.v7(), _ session: borrowing Session, _ actor: Actor
  ) throws -> Receipt {
    let subject = new.subject
    let statement = Bound(
      issue, id, subject.donation, subject.campaign, subject.goodsLot, new.issuedOn,
      worded(new.handler), actor.userID)
    do throws(PostgresError) {
      _ = try session.batch([statement])
    } catch {
      throw ReceiptError.refusal(error, gift: subject.id, on: new.issuedOn)
    }
    let receipt = try receipt(id, session, actor)
    _ = try session.batch([trail(actor, "receipt.issue", receipt)])
    return receipt
  }

  /// Voids a receipt. It stays on record under its number, with the reason, who and when.
  /// - Throws: `ReceiptError.unknownReceipt`, `.voidedBefore`, `.voidedBeforeIssue`, `.noReason`.
  package static func void(
    _ reference: Reference, reason: String, on date: CalendarDate, key: String? = nil,
    in context: Context
  ) async throws -> Outcome {
    let actor = context.actor
    try actor.require(.issueReceipts)
    guard let reason = worded(reason) else { throw ReceiptError.noReason }
    let claim = IdempotencyKey(
      key, operation: "receipt.void", request: ["\(reference)", reason, "\(date)"])
    return try await context.write { session in
      let before = try receipt(reference, session, actor)
      if let earlier = try claim?.claim(session, district: actor.districtID, result: before.id) {
        return (try receipt(earlier, session, actor), true)
      }
      let statement = Bound(void, before.id, date, reason, actor.userID)
      do throws(PostgresError) {
        _ = try session.batch([statement])
      } catch {
        throw refusal(error, of: before, on: date)
      }
      let after = try receipt(before.id, session, actor)
      _ = try session.batch([trail(actor, "receipt.void", after, before: before)])
      return (after, false)
    }
  }

  /// Voids a receipt and issues another, with a new number, over what is left of its gift now.
  /// - Returns: the new one.
  /// - Throws: as `void` and `issue`; `.nothingLeft` where it can only be voided.
  package static func reissue(
    _ reference: Reference, reason: String, handler: String? = nil, on date: CalendarDate,
    key: String? = nil, in context: Context
  ) async throws -> Outcome {
    let actor = context.actor
    try actor.require(.issueReceipts)
    guard let reason = worded(reason) else { throw ReceiptError.noReason }
    let claim = IdempotencyKey(
      key, operation: "receipt.reissue", request: ["\(reference)", reason, handler, "\(date)"])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return (try receipt(earlier, session, actor), true)
      }
      let before = try receipt(reference, session, actor)
      let statement = Bound(reissue, before.id, id, date, reason, worded(handler), actor.userID)
      do throws(PostgresError) {
        _ = try session.batch([statement])
      } catch {
        throw refusal(error, of: before, on: date)
      }
      let after = try receipt(id, session, actor)
      _ = try session.batch([trail(actor, "receipt.reissue", after, before: before)])
      return (after, false)
    }
  }

  static func refusal(
    _ error: PostgresError, of receipt: Receipt, on date: CalendarDate
  ) -> any Error {
    ReceiptError.refusal(
      error, gift: receipt.subject, receipt: "\(receipt.number)", on: date)
  }

  /// The words without what is invisible; nil where nothing is left.
  static func worded(_ text: String?) -> String? {
    guard let text = text.map(normalizeText), !text.isEmpty else { return nil }
    return text
  }

  /// The trail of a write. Names and reasons stay with the receipt.
  static func trail(
    _ actor: Actor, _ action: String, _ receipt: Receipt, before: Receipt? = nil
  ) -> Bound {
    Audit.statement(
      actor, action, subject: "receipt", id: receipt.id, before: before.map(facts),
      after: facts(receipt))
  }

  private static func facts(_ receipt: Receipt) -> [String: String?] {
    [
      "number": "\(receipt.number)", "gift": receipt.subject.uuidString.lowercased(),
      "amount_fen": receipt.amount.map { "\($0.fen)" }, "official": receipt.officialNumber,
      "void": receipt.state == .void ? "true" : nil,
    ]
  }
}

extension Receipts.Receipt {
  /// The gift, collection or lot that it is for.
  package var subject: UUID { donation ?? campaign ?? goodsLot ?? id }
}
