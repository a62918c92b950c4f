package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

/// The yearly recognition of a school (家庭经济困难学生认定), and its adjustments in each semester.
package enum Rounds {
  /// Until when each step is to be done.
  package struct Deadlines: Sendable, Codable, Equatable {
    package let apply: CalendarDate
    package let nominate: CalendarDate
    package let assess: CalendarDate
    package let decide: CalendarDate

    package init(
      apply: CalendarDate, nominate: CalendarDate, assess: CalendarDate, decide: CalendarDate
    ) {
      self.apply = apply
      self.nominate = nominate
      self.assess = assess
      self.decide = decide
    }

    /// Ten working days to apply, then five for each step.
    /// - Throws: `CalendarError` if a year's holidays are not known.
    package init(announcedOn day: CalendarDate, calendar: WorkingDays = .national) throws {
      apply = try calendar.deadline(after: day, workingDays: 10)
      nominate = try calendar.deadline(after: apply, workingDays: 5)
      assess = try calendar.deadline(after: nominate, workingDays: 5)
      decide = try calendar.deadline(after: assess, workingDays: 5)
    }

    /// The day by which a case leaves this state; nil where it does not depend on a deadline.
    package func day(for state: CaseState) -> CalendarDate? {
      switch state {
      case .applied: nominate
      case .nominated: assess
      case .assessed: decide
      default: nil
      }
    }
  }

  package struct Round: Sendable, Codable {
    package let id: UUID
    package let school: String
    package let year: SchoolYear
    /// The semester in whose course it is held, to take effect in the next; nil: the yearly one.
    package let adjusts: Semester?
    package let ruleSet: String
    package let ruleVersion: Int
    package let announcedOn: CalendarDate
    package let reach: String
    package let deadlines: Deadlines

    enum CodingKeys: String, CodingKey {
      case id, school
      case year = "school_year"
      case adjusts
      case ruleSet = "rule_set"
      case ruleVersion = "rule_version"
      case announcedOn = "announced_on"
      case reach, deadlines
    }
  }

  /// Within how many working days an objection is answered.
  package static let answerWorkingDays = 5

  private static let insert: SQL = """
    insert into recognition_round (
      district_id, id, school_id, school_year, rule_set, rule_version, announced_on, reach,
      apply_by, nominate_by, assess_by, decide_by, notice_working_days, answer_working_days,
      actor_id, adjusts
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    on conflict on constraint recognition_round_once do nothing
    """

  /// What a round begins with.
  package struct Opening: Sendable {
    package var school: Schools.School
    /// Of the yearly recognition its school year, of an adjustment the semester itself.
    package var semester: Semester
    package var isAdjustment: Bool
    package var announcedOn: CalendarDate
    package var reach: String
    /// Nil: the usual day.
    package var applyBy: CalendarDate?
    package var nominateBy: CalendarDate?
    package var assessBy: CalendarDate?
    package var decideBy: CalendarDate?

    package init(
      school: Schools.School, semester: Semester, isAdjustment: Bool, announcedOn: CalendarDate,
      reach: String
    ) {
      self.school = school
      self.semester = semester
      self.isAdjustment = isAdjustment
      self.announcedOn = announcedOn
      self.reach = reach
    }
  }

  /// Opens a round; steps without a day of their own get the usual one, by the school's calendar.
  /// - Throws: `CalendarError` if a year's holidays are not known; as the other `open`.
  package static func open(
    _ opening: Opening, in context: Context
  ) async throws -> (round: Round, added: Bool) {
    let usual = try Deadlines(
      announcedOn: opening.announcedOn,
      calendar: try await Calendars.workingDays(school: opening.school.id, in: context))
    let deadlines = Deadlines(
      apply: opening.applyBy ?? usual.apply, nominate: opening.nominateBy ?? usual.nominate,
      assess: opening.assessBy ?? usual.assess, decide: opening.decideBy ?? usual.decide)
    return try await open(
      opening.semester.schoolYear, adjusts: opening.isAdjustment ? opening.semester : nil,
      school: opening.school, announcedOn: opening.announcedOn, reach: opening.reach,
      deadlines: deadlines, in: context)
  }

  /// Opens a school's recognition of a year with the announcement (宣传告知).
  /// - Parameters:
  ///   - adjusts: the semester, of that year, of an adjustment; nil: the yearly recognition.
  ///   - reach: how families were told, and where the proof of it lies.
  /// - Returns: the round, and false if it was there already with the same dates.
  /// - Throws: `RecognitionError.noReach`, `.roundDates`, `.roundExists`, `.rulesNotInForce`,
  ///   `AdjustmentError.otherSemester`, `SchoolError.unknownSemester`.
  package static func open(
    _ year: SchoolYear, adjusts: Semester? = nil, school: Schools.School,
    announcedOn: CalendarDate, reach: String, deadlines: Deadlines, in context: Context
  ) async throws -> (round: Round, added: Bool) {
    let actor = context.actor
    try actor.require(.recognise)
    try actor.require(school: school.id)
    let reach = reach.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !reach.isEmpty else { throw RecognitionError.noReach }
    do {
      return try await context.write { session in
        if let adjusts {
          let dates = try Semesters.record(adjusts, session, actor.districtID).dates
          guard adjusts.schoolYear == year, dates.contains(announcedOn) else {
            throw AdjustmentError.otherSemester(adjusts)
          }
        }
        let rules = try RuleBook(session, district: actor.districtID).chosen(for: year)
        guard rules.isInForce(schoolYearBeginning: year.firstYear) else {
          throw RecognitionError.rulesNotInForce(year)
        }
        let id = UUID.v7()
        let added = try session.execute(
          insert, actor.districtID, id, school.id, year.firstYear, rules.id, rules.version,
          announcedOn, reach, deadlines.apply, deadlines.nominate, deadlines.assess,
          deadlines.decide, rules.noticeWorkingDays, answerWorkingDays, actor.userID,
          adjusts?.ordinal)
        let round = try find(
          year, adjusts: adjusts, school: school.id, session, actor.districtID)
        guard added == 1 else {
          guard round.announcedOn == announcedOn, round.deadlines == deadlines else {
            throw RecognitionError.roundExists(year)
          }
          return (round, false)
        }
        _ = try session.batch([
          Audit.statement(
            actor, "recognition.open", subject: "recognition_round", id: id, school: school.id,
            after: [
              "school_year": "\(year)", "adjusts": adjusts.map { "\($0)" },
              "announced_on": "\(announcedOn)",
            ])
        ])
        return (round, true)
      }
    } catch let error as PostgresError {
      throw RecognitionError.refusal(error)
    }
  }

  private static let find: SQL = """
    select r.id, s.name, r.rule_set, r.rule_version, r.announced_on, r.reach, r.apply_by,
      r.nominate_by, r.assess_by, r.decide_by
    from recognition_round r
    join school s on s.district_id = r.district_id and s.id = r.school_id
    where r.district_id = $1 and r.school_id = $2 and r.school_year = $3
      and r.adjusts is not distinct from $4
    """

  /// - Throws: `RecognitionError.unknownRound`, `AdjustmentError.unknownRound`.
  static func find(
    _ year: SchoolYear, adjusts: Semester? = nil, school: UUID, _ session: borrowing Session,
    _ district: String
  ) throws -> Round {
    let rows = try session.query(find, district, school, year.firstYear, adjusts?.ordinal)
    guard let row = rows.first else {
      if let adjusts { throw AdjustmentError.unknownRound(adjusts) }
      throw RecognitionError.unknownRound
    }
    return Round(
      id: try row.get(0), school: try row.get(1), year: year, adjusts: adjusts,
      ruleSet: try row.get(2),
      ruleVersion: Int(try row.get(3) as Int32), announcedOn: try row.get(4),
      reach: try row.get(5),
      deadlines: Deadlines(
        apply: try row.get(6), nominate: try row.get(7), assess: try row.get(8),
        decide: try row.get(9)))
  }

  private static let addMember: SQL = """
    insert into leading_group (district_id, id, school_id, user_id, since)
    select u.district_id, $2, $3, u.id, $5 from app_user u
    where u.district_id = $1 and u.login = $4 and (u.school_id is null or u.school_id = $3)
    on conflict do nothing
    """
  private static let isMember: SQL = """
    select from leading_group g
    join app_user u on u.district_id = g.district_id and u.id = g.user_id
    where g.district_id = $1 and g.school_id = $2 and u.login = $3 and g.until is null
    """
  private static let removeMember: SQL = """
    update leading_group set until = greatest($4, since)
    where district_id = $1 and school_id = $2 and until is null
      and user_id in (select u.id from app_user u where u.district_id = $1 and u.login = $3)
    """

  /// Takes a user into a school's leading group.
  /// - Returns: false if the user is in it.
  /// - Throws: `RecognitionError.notOfSchool`.
  package static func addMember(
    _ login: String, school: UUID, since day: CalendarDate, in context: Context
  ) async throws -> Bool {
    let actor = context.actor
    try actor.require(.recognise)
    try actor.require(school: school)
    return try await context.write { session in
      let added = try session.execute(
        addMember, actor.districtID, UUID.v7(), school, login, day)
      guard added == 1 else {
        guard !(try session.query(isMember, actor.districtID, school, login).isEmpty) else {
          throw RecognitionError.notOfSchool
        }
        return false
      }
      _ = try session.batch([
        Audit.statement(
          actor, "recognition.group_add", subject: "leading_group", id: nil, school: school,
          after: ["login": login, "since": "\(day)"])
      ])
      return true
    }
  }

  /// Ends a membership; the day itself still counts.
  /// - Returns: false if there was none.
  package static func removeMember(
    _ login: String, school: UUID, on day: CalendarDate, in context: Context
  ) async throws -> Bool {
    let actor = context.actor
    try actor.require(.recognise)
    try actor.require(school: school)
    return try await context.write { session in
      guard try session.execute(removeMember, actor.districtID, school, login, day) == 1 else {
        return false
      }
      _ = try session.batch([
        Audit.statement(
          actor, "recognition.group_remove", subject: "leading_group", id: nil, school: school,
          after: ["login": login, "until": "\(day)"])
      ])
      return true
    }
  }
}
