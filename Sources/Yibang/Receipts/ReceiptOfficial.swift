import Foundation
import Postgres
import SchoolCalendar

extension Receipts {
  private static let record: SQL = """
    update receipt set official_number = $3
    where district_id = $1 and id = $2 and voided_on is null
    """

  /// Records the number of the 公益事业捐赠统一票据 that the donor was given; it is issued elsewhere.
  /// Recording another number corrects the first.
  /// - Throws: `ReceiptError.unknownReceipt`, `.officialForm`, `.officialTaken`, `.voidedBefore`.
  package static func recordOfficial(
    _ reference: Reference, number: String, key: String? = nil, in context: Context
  ) async throws -> Outcome {
    let actor = context.actor
    try actor.require(.issueReceipts)
    let number = normalizeText(number).filter { $0 != " " }.uppercased()
    let claim = IdempotencyKey(
      key, operation: "receipt.official", request: ["\(reference)", number])
    return try await context.write { session in
      let before = try receipt(reference, session, actor)
      if let earlier = try claim?.claim(session, district: actor.districtID, result: before.id) {
        return (try receipt(earlier, session, actor), true)
      }
      let statement = Bound(record, actor.districtID, before.id, number)
      let changed: Int
      do throws(PostgresError) {
        changed = try session.batch([statement])[0].affected
      } catch {
        if error.detail?.constraint == "receipt_official_form" {
          throw ReceiptError.officialForm(number)
        }
        throw refusal(error, of: before, on: before.issuedOn)
      }
      guard changed == 1 else { throw ReceiptError.voidedBefore }
      let after = try receipt(before.id, session, actor)
      _ = try session.batch([trail(actor, "receipt.official", after, before: before)])
      return (after, false)
    }
  }
}
