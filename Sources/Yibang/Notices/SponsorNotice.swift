package import Foundation
import Postgres
package import SchoolCalendar

/// What a sponsor is told when a pairing has ended because its pupil's recognition was revoked: that
/// it has ended, and what is left of the money. Nothing of the reason has a place here.
package enum SponsorNotices {
  package typealias Content = Published<
    MaskedName, SchoolName, SemesterName, SupportEnded, MoneyKept
  >

  package struct Notice: Sendable, Encodable {
    /// “匿名” for one who stays unnamed.
    package let sponsor: String
    package let endedOn: CalendarDate
    package let content: Content
    package let moneyKept: Money

    enum CodingKeys: String, CodingKey {
      case sponsor
      case endedOn = "ended_on"
      case content
      case moneyKept = "money_kept"
    }
  }

  private static let find: SQL = """
    select sponsor, pupil, school, ended_on, received_fen, paid_fen from revocation_sponsor($1)
    """

  /// The notice for the sponsor of the pairing that a revocation ended.
  /// - Throws: `RevocationError.noPairing`.
  package static func notice(
    ofRevocation id: UUID, in context: Context
  ) async throws -> Notice {
    try context.actor.require(.recognise, or: .decideRevocations)
    return try await context.read { session in
      guard let row = try session.query(find, id).first else { throw RevocationError.noPairing }
      let endedOn: CalendarDate = try row.get(3)
      let semester = Semester.of(endedOn)
      let received = Money(fen: try row.get(4))
      let left = max(.zero, try received - Money(fen: try row.get(5)))
      return Notice(
        sponsor: try row.get(0), endedOn: endedOn,
        content: Content(
          MaskedName(masking: try row.get(1)), SchoolName(try row.get(2)),
          SemesterName(zh: semester.zh, en: semester.en), SupportEnded(), MoneyKept("\(left)")),
        moneyKept: left)
    }
  }

  /// The notice as a letter to print.
  package static func letter(_ notice: Notice, _ language: Language) -> String {
    let isEnglish = language == .en
    let labels = Content.labels(inEnglish: isEnglish)
    let values = notice.content.values(inEnglish: isEnglish)
    let facts = zip(labels, values).map { isEnglish ? "\($0): \($1)" : "\($0)：\($1)" }
    let choice =
      notice.moneyKept == .zero
      ? Text("您捐出的款项已全部发放。", "All that you gave has been paid out.")
      : Text(
        "尚未发放的款项仍在一帮一基金中。请告诉我们：改为帮扶另一名学生，或退还给您。在您答复之前，这笔款项不会动用。",
        "What has not been paid out is still in the sponsorship fund. Please tell us whether it is to "
          + "go to another pupil or back to you. Until then it stays where it is.")
    let lines =
      isEnglish
      ? ["Dear \(salutation(notice.sponsor).en),", "", "Thank you for your support."]
        + facts + ["", choice.en, "", "\(notice.endedOn)"]
      : ["尊敬的\(salutation(notice.sponsor).zh)：", "", "感谢您的帮扶。"]
        + facts + ["", choice.zh, "", notice.endedOn.chinese]
    return lines.joined(separator: "\n") + "\n"
  }
}
