import Foundation
import Postgres
import SchoolCalendar

/// All that is looked up to word a message, at the moment in which it goes out.
struct MessageFacts: Sendable {
  let id: UUID
  let kind: Mail.Kind
  let state: Mail.State
  let way: DonorReach.Way
  let language: Language
  let donor: UUID
  let pairing: UUID
  let student: UUID
  let semester: Semester
  private let isRunning: Bool
  private let pupilName: String
  private let school: String
  /// `name`, `masked` or `nothing`.
  private let sees: String
  private let sponsorName: String
  private let isAnonymous: Bool
  private let number: Int32?
  private let dueOn: CalendarDate?
  private let awaitedFen: Int64
  private let receivedFen: Int64
  private let receivedOn: CalendarDate?

  // $1 district, $2 message, $3 day
  private static let find: SQL = """
    select m.id, m.kind, m.state, m.way, m.language, m.donor_id, m.pairing_id, p.student_id,
      m.semester, p.state = 'running', s.name, c.name,
      case when m.donor_id = any (donor_records(p.donor_id))
        then sponsor_sees(p.student_id, p.donor_id, $3) else 'nothing' end,
      donor_shown(d.anonymous, d.name, d.merged_into),
      d.anonymous, i.number, i.due_on, coalesce(i.amount_fen - i.received_fen, 0),
      coalesce(r.amount_fen - coalesce(b.reversed_fen, 0), 0), r.received_on
    from message m
    join pairing p on p.district_id = m.district_id and p.id = m.pairing_id
    join student s on s.district_id = p.district_id and s.id = p.student_id
    join school c on c.district_id = p.district_id and c.id = p.school_id
    join donor d on d.district_id = m.district_id and d.id = m.donor_id
    left join instalment_receipt r
      on m.kind = 'thank_you' and r.district_id = m.district_id and r.id = m.subject_id
    left join instalment i on i.district_id = m.district_id
      and i.id = case when m.kind = 'thank_you' then r.instalment_id else m.subject_id end
    left join transfer_reversed b on b.district_id = r.district_id and b.transfer_id = r.transfer_id
    where m.district_id = $1 and m.id = $2
    """
  private static let lock: SQL = "select message_lock($1)"

  /// The message, locked.
  /// - Throws: `MailError.unknown`.
  init(
    _ id: UUID, on day: CalendarDate, _ session: borrowing Session, _ actor: Actor
  ) throws {
    guard try session.query(Self.lock, id)[0].get(0),
      let row = try session.query(Self.find, actor.districtID, id, day).first
    else { throw MailError.unknown(id) }
    guard let kind = Mail.Kind(rawValue: try row.get(1)),
      let state = Mail.State(rawValue: try row.get(2)),
      let way = DonorReach.Way(rawValue: try row.get(3)),
      let language = Language(rawValue: try row.get(4))
    else { throw PostgresError.decoding("message") }
    self.id = id
    self.kind = kind
    self.state = state
    self.way = way
    self.language = language
    donor = try row.get(5)
    pairing = try row.get(6)
    student = try row.get(7)
    semester = try row.semester(8)
    isRunning = try row.get(9)
    pupilName = try row.get(10)
    school = try row.get(11)
    sees = try row.get(12)
    sponsorName = try row.get(13)
    isAnonymous = try row.get(14)
    number = try row.optional(15)
    dueOn = try row.optional(16)
    awaitedFen = try row.get(17)
    receivedFen = try row.get(18)
    receivedOn = try row.optional(19)
  }

  private var sponsor: String {
    isAnonymous ? Text("爱心人士", "friend of the pupils")(language) : sponsorName
  }

  /// What the message says now; nil where there is nothing to say any more. What is told of the pupil
  /// by its consent is put on record in the caller's transaction.
  func words(
    on day: CalendarDate, _ session: borrowing Session, _ actor: Actor
  ) throws -> MessageWords? {
    let name = SemesterName(zh: semester.zh, en: semester.en)
    let pupil =
      sees == "nothing"
      ? nil
      : MessageWords.Pupil(SponsorsPupil(pupilName, isNamed: false), SchoolName(school))
    switch kind {
    case .instalmentDue, .instalmentOverdue:
      guard isRunning, awaitedFen > 0, let number, let dueOn else { return nil }
      let isOverdue = kind == .instalmentOverdue
      if !isOverdue && dueOn < day { return nil }
      return .reminder(
        MessageWords.Awaited(
          name, InstalmentNumber(Int(number)), DueDay("\(dueOn)"),
          MoneyAwaited("\(Money(fen: awaitedFen))")),
        of: pupil, isOverdue: isOverdue, to: sponsor, language)
    case .thankYou:
      guard receivedFen > 0, let number, let receivedOn else { return nil }
      return .thanks(
        MessageWords.Received(
          name, InstalmentNumber(Int(number)), EventDay("\(receivedOn)"),
          MoneyReceived("\(Money(fen: receivedFen))")),
        of: pupil, to: sponsor, language)
    case .semesterReport:
      guard
        let report = try SponsorReports.make(
          pairing: pairing, semester, on: day, session, actor)
      else { return nil }
      return .report(report, to: sponsor, language)
    }
  }
}
