package import Foundation
import Postgres
package import SchoolCalendar

/// What a sponsor is told of a pupil who is kept for it: enough to decide, nothing by which the child
/// can be found, and nothing of its hardship.
package enum HoldNotices {
  package typealias Content = Published<MaskedName, SchoolName, GradeName, SemesterName>

  package struct Notice: Sendable, Encodable {
    package let pair: UUID
    /// “匿名” for one who stays unnamed.
    package let sponsor: String
    package let content: Content
    /// What the sponsor offered for each semester.
    package let amount: Money
    package let sentOn: CalendarDate
    package let until: CalendarDate

    enum CodingKeys: String, CodingKey {
      case pair, sponsor, content, amount
      case sentOn = "sent_on"
      case until
    }
  }

  // $1 district, $2 proposal or pair, $3 day
  private static let find: SQL = """
    select r.id, donor_shown(d.anonymous, d.name, d.merged_into), s.name, h.name, s.grade, p.semester,
      o.amount_fen, r.sent_on, r.held_until, sponsor_sees(r.student_id, o.donor_id, $3)
    from proposal_pair r
    join proposal p on p.district_id = r.district_id and p.id = r.proposal_id
    join student s on s.district_id = r.district_id and s.id = r.student_id
    join school h on h.district_id = s.district_id and h.id = s.school_id
    join offer o on o.district_id = r.district_id and o.id = r.offer_id
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    where r.district_id = $1 and (r.id = $2 or r.proposal_id = $2) and r.state = 'proposed'
      and r.held_until is not null
    order by r.rank
    """

  private static let unsent: SQL = """
    select r.proposal_id from proposal_pair r
    join proposal p on p.district_id = r.district_id and p.id = r.proposal_id
    where r.district_id = $1 and (r.id = $2 or r.proposal_id = $2) and r.state = 'proposed'
      and p.state in ('proposed', 'approved')
    limit 1
    """

  /// The notices for the sponsors of a proposal's held pairs, or of one pair. A pupil whose consent to
  /// pairing has ended by the day is not told of, nor is a sponsor in conflict of interest.
  /// - Throws: `HoldError.notHeld`, `.notSent`, `.noConsent`, `PairingError.conflict` where nobody is
  ///   told; `AccessError`.
  package static func notices(
    of id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> [Notice] {
    let actor = context.actor
    try actor.require(.match)
    return try await context.read { session in
      let rows = try session.query(find, actor.districtID, id, day)
      if rows.isEmpty {
        guard let row = try session.query(unsent, actor.districtID, id).first else {
          throw HoldError.notHeld(id)
        }
        throw HoldError.notSent(try row.get(0))
      }
      let conflicts = try Proposals.conflicts(
        of: id, try rows[0].semester(5), on: day, session, actor)
      let barred = Set(conflicts.map(\.pair))
      let notices = try rows.filter {
        try $0.get(9) != "nothing" && !barred.contains(try $0.get(0))
      }.map(notice)
      if notices.isEmpty, let found = conflicts.first {
        throw PairingError.conflict(pair: found.pair, pupil: found.pupil, kind: found.kind)
      }
      if notices.isEmpty { throw HoldError.noConsent(id) }
      return notices
    }
  }

  private static func notice(_ row: Row) throws -> Notice {
    let semester = try row.semester(5)
    return Notice(
      pair: try row.get(0), sponsor: try row.get(1),
      content: Content(
        MaskedName(masking: try row.get(2)), SchoolName(try row.get(3)),
        GradeName(try row.optional(4) ?? ""), SemesterName(zh: semester.zh, en: semester.en)),
      amount: Money(fen: try row.get(6)), sentOn: try row.get(7), until: try row.get(8))
  }

  /// The notice as a letter to print.
  package static func letter(_ notice: Notice, _ language: Language) -> String {
    let isEnglish = language == .en
    let labels = Content.labels(inEnglish: isEnglish)
    let values = notice.content.values(inEnglish: isEnglish)
    let facts = zip(labels, values).map { isEnglish ? "\($0): \($1)" : "\($0)：\($1)" }
    let lines =
      isEnglish
      ? [
        "Dear \(salutation(notice.sponsor).en),", "",
        "For your offer of \(notice.amount) a semester we propose:",
      ]
        + facts
        + [
          "", "Please let us know by \(notice.until) whether you accept.", "", "\(notice.sentOn)",
        ]
      : ["尊敬的\(salutation(notice.sponsor).zh)：", "", "感谢您每学期资助 \(notice.amount) 的意向。现向您推荐："]
        + facts
        + [
          "", "请在\(notice.until.chinese)前（含当日）告诉我们是否愿意。", "",
          notice.sentOn.chinese,
        ]
    return lines.joined(separator: "\n") + "\n"
  }
}
