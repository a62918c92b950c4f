import Foundation
import Postgres
import SchoolCalendar

extension Giving {
  /// A gift to a school's general fund that comes of a sponsor's money and consent, in the caller's
  /// transaction.
  static func give(
    from donor: UUID, amount: Money, on date: CalendarDate, _ semester: Semester, school: UUID,
    method: String, note: String? = nil, id: UUID = UUID.v7(), _ session: borrowing Session,
    _ actor: Actor
  ) throws -> (donation: UUID, transfer: UUID) {
    let fund = try Funds.fund(for: FundKind.general.name.zh, school: school, session, actor)
    var gift = NewDonation(
      donor: donor, fund: fund, school: school, semester: semester, amount: amount,
      receivedOn: date, method: Method(rawValue: method) ?? .unknown)
    gift.note = note
    let transfer = UUID.v7()
    do throws(PostgresError) {
      _ = try session.batch([bound(gift, id: id, transfer: transfer, claim: nil, actor: actor)])
    } catch {
      throw Ledger.refusal(error)
    }
    return (id, transfer)
  }
}
