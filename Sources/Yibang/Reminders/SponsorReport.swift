package import Foundation
import Postgres
package import SchoolCalendar

/// What a sponsor is told of its pupil and its money for a semester: nothing but what may be published.
package struct SponsorReport: Sendable, Encodable {
  package typealias Head = Published<SponsorsPupil, SchoolName, SemesterName>
  package typealias Part = Published<
    InstalmentNumber, SemesterName, DueDay, MoneyPromised, MoneyReceived
  >
  package typealias Event = Published<EventDay, ActivityTitle>

  package let head: Head
  /// Up to the semester.
  package let instalments: [Part]
  package let reached: Published<MoneyReached>
  package let activities: [Event]

  package func lines(_ language: Language) -> [String] {
    let isEnglish = language == .en
    func title(_ labels: [String]) -> [String] { ["", labels.joined(separator: "  ")] }
    var lines = head.lines(inEnglish: isEnglish) + title(Part.labels(inEnglish: isEnglish))
    lines += instalments.map { $0.row(inEnglish: isEnglish) } + [""]
    lines += reached.lines(inEnglish: isEnglish)
    if !activities.isEmpty {
      lines += title(Event.labels(inEnglish: isEnglish))
      lines += activities.map { $0.row(inEnglish: isEnglish) }
    }
    return lines
  }
}

package enum SponsorReports {
  // $1 district, $2 pairing, $3 day
  private static let head: SQL = """
    select p.student_id, p.donor_id, s.name, c.name, sponsor_sees(p.student_id, p.donor_id, $3),
      consent_covers(p.student_id, 'progress_report', p.donor_id, $3)
    from pairing p
    join student s on s.district_id = p.district_id and s.id = p.student_id
    join school c on c.district_id = p.district_id and c.id = p.school_id
    where p.district_id = $1 and p.id = $2
    """
  private static let instalments: SQL = """
    select i.number, i.semester, i.due_on, i.amount_fen, i.received_fen from commitment k
    join instalment i on i.district_id = k.district_id and i.commitment_id = k.id
    where k.district_id = $1 and k.pairing_id = $2 and i.semester <= $3
    order by i.number
    """
  // What was signed for since the pairing began, without what was claimed back.
  private static let reached: SQL = """
    select coalesce(
      sum(greatest(least(l.received_fen, t.amount_fen - coalesce(b.reversed_fen, 0)), 0)), 0
    )::bigint
    from pairing p
    join payment_line l on l.district_id = p.district_id and l.student_id = p.student_id
    join transfer t on t.district_id = l.district_id and t.id = l.transfer_id
    left join transfer_reversed b on b.district_id = t.district_id and b.transfer_id = t.id
    where p.district_id = $1 and p.id = $2 and l.semester = $3 and l.purpose = 'sponsorship'
      and l.received_fen is not null and t.occurred_on >= p.started_on
      and (p.ended_on is null or t.occurred_on <= p.ended_on)
    """
  private static let activities: SQL = """
    select a.held_on, a.theme from activity_link k
    join activity a on a.district_id = k.district_id and a.id = k.activity_id
    where k.district_id = $1 and k.pairing_id = $2 and a.semester = $3
    order by a.held_on, a.id
    """

  /// The report of a semester, as far as the pupil's consents reach on that day, which are put on
  /// record as used.
  /// - Throws: `ReminderError.unknownPairing`, `.noConsent`; `AccessError`.
  package static func make(
    pairing: UUID, _ semester: Semester, on day: CalendarDate, in context: Context
  ) async throws -> SponsorReport {
    let actor = context.actor
    try actor.require(.remind)
    return try await context.readTraced { session in
      guard let report = try make(pairing: pairing, semester, on: day, session, actor) else {
        throw ReminderError.noConsent
      }
      return report
    }
  }

  /// The same in the caller's transaction; nil without consent.
  static func make(
    pairing: UUID, _ semester: Semester, on day: CalendarDate, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> SponsorReport? {
    let district = actor.districtID
    guard let row = try session.query(head, district, pairing, day).first else {
      throw ReminderError.unknownPairing(pairing)
    }
    let (student, donor): (UUID, UUID) = (try row.get(0), try row.get(1))
    let sees: String = try row.get(4)
    guard sees != "nothing", try row.get(5) else { return nil }
    let isNamed = sees == "name"
    for scope in [ConsentScope.progressReport] + (isNamed ? [.sponsorIdentity] : []) {
      _ = try Consents.share(
        student: student, scope, donor: donor, what: "学期报告 \(semester)", on: day, session, actor)
    }
    let parts = try session.query(instalments, district, pairing, semester.ordinal)
    let events = try session.query(activities, district, pairing, semester.ordinal)
    let reached = Money(
      fen: try session.query(reached, district, pairing, semester.ordinal)[0].get(0))
    return SponsorReport(
      head: SponsorReport.Head(
        SponsorsPupil(try row.get(2), isNamed: isNamed), SchoolName(try row.get(3)),
        SemesterName(zh: semester.zh, en: semester.en)),
      instalments: try parts.map { part in
        let semester = try part.semester(1)
        return SponsorReport.Part(
          InstalmentNumber(try part.get(0)), SemesterName(zh: semester.zh, en: semester.en),
          DueDay("\(try part.get(2) as CalendarDate)"),
          MoneyPromised("\(Money(fen: try part.get(3)))"),
          MoneyReceived("\(Money(fen: try part.get(4)))"))
      },
      reached: Published(MoneyReached("\(reached)")),
      activities: try events.map { event in
        SponsorReport.Event(
          EventDay("\(try event.get(0) as CalendarDate)"), ActivityTitle(try event.get(1)))
      })
  }
}
