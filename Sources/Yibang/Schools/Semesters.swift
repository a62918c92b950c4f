import Foundation
package import Postgres
package import SchoolCalendar

package enum Semesters {
  package struct Record: Sendable, Codable {
    package let semester: Semester
    package let startsOn: CalendarDate
    package let endsOn: CalendarDate
    package let isOpen: Bool

    enum CodingKeys: String, CodingKey {
      case semester
      case startsOn = "starts_on"
      case endsOn = "ends_on"
      case isOpen = "open"
    }

    package var dates: ClosedRange<CalendarDate> { startsOn...endsOn }
  }

  private static let insert: SQL = """
    insert into semester (district_id, semester, starts_on, ends_on) values ($1, $2, $3, $4)
    on conflict (district_id, semester) do nothing
    """
  private static let find: SQL = """
    select semester, starts_on, ends_on, state = 'open' from semester
    where district_id = $1 and semester = $2
    """

  /// Opens a semester. Dates default to the school calendar's: 1 September to 31 January, 1 February
  /// to 31 August, so that every date belongs to exactly one.
  /// - Returns: false if it is there already with the same dates (nothing changes).
  /// - Throws: `SchoolError.semesterOverlap`, `.semesterDates`, `.semesterOtherDates`.
  package static func open(
    _ semester: Semester, from: CalendarDate? = nil, to: CalendarDate? = nil, in context: Context
  ) async throws -> Bool {
    try context.actor.require(.administer)
    let actor = context.actor
    let startsOn = from ?? semester.defaultDates.lowerBound
    let endsOn = to ?? semester.defaultDates.upperBound
    guard startsOn < endsOn else { throw SchoolError.semesterDates }
    do {
      return try await context.write { session in
        let added = try session.execute(
          insert, actor.districtID, semester.ordinal, startsOn, endsOn)
        guard added == 1 else {
          let known = try record(semester, session, actor.districtID)
          guard known.startsOn == startsOn, known.endsOn == endsOn else {
            throw SchoolError.semesterOtherDates(semester)
          }
          return false
        }
        _ = try session.batch([
          Audit.statement(
            actor, "semester.open", subject: "semester", id: nil,
            after: [
              "semester": "\(semester)", "starts_on": "\(startsOn)", "ends_on": "\(endsOn)",
            ])
        ])
        return true
      }
    } catch PostgresError.exclusion {
      throw SchoolError.semesterOverlap(semester)
    }
  }

  /// The record of a semester, in the caller's transaction.
  /// - Throws: `SchoolError.unknownSemester`.
  package static func record(
    _ semester: Semester, _ session: borrowing Session, _ district: String
  ) throws -> Record {
    try record(semester, session.query(find, district, semester.ordinal), district)
  }

  /// The statement that reads the record of a semester; `record` takes its rows.
  static func reading(_ semester: Semester, _ district: String) -> Bound {
    Bound(find, district, semester.ordinal)
  }

  /// - Throws: `SchoolError.unknownSemester`.
  static func record(_ semester: Semester, _ rows: Rows, _ district: String) throws -> Record {
    guard let row = rows.first else {
      throw SchoolError.unknownSemester(semester, district: district)
    }
    return try record(row)
  }

  private static let ofDay: SQL = """
    select semester from semester where district_id = $1 and $2 between starts_on and ends_on
    """

  /// The semester on record that a day lies in, in the caller's transaction.
  package static func containing(
    _ day: CalendarDate, _ session: borrowing Session, _ actor: Actor
  ) throws -> Semester? {
    try session.query(ofDay, actor.districtID, day).first?.semester(0)
  }

  private static func record(_ row: Row) throws -> Record {
    guard let semester = Semester(ordinal: try row.get(0)) else {
      throw PostgresError.decoding("semester")
    }
    return Record(
      semester: semester, startsOn: try row.get(1), endsOn: try row.get(2), isOpen: try row.get(3))
  }

  /// - Throws: `SchoolError.unknownSemester`.
  package static func find(_ semester: Semester, in context: Context) async throws -> Record {
    try await context.read { try record(semester, $0, context.actor.districtID) }
  }

  /// Today, if it lies in the semester, else the semester's last day; by the school calendar where the
  /// district has not opened it.
  package static func day(
    of semester: Semester, today: CalendarDate, in context: Context
  ) async throws -> CalendarDate {
    let known = try await list(in: context).first { $0.semester == semester }
    let dates = known?.dates ?? semester.defaultDates
    return dates.contains(today) ? today : dates.upperBound
  }

  private static let list: SQL = """
    select semester, starts_on, ends_on, state = 'open' from semester
    where district_id = $1
    order by semester
    """

  package static func list(in context: Context) async throws -> [Record] {
    try await context.read([readingAll(context.actor.districtID)]) { try all($0[0]) }
  }

  static func all(_ session: borrowing Session, _ district: String) throws -> [Record] {
    try all(session.query(list, district))
  }

  /// The statement that reads all of them; `all` takes its rows.
  static func readingAll(_ district: String) -> Bound { Bound(list, district) }

  static func all(_ rows: Rows) throws -> [Record] { try rows.map(record) }
}
