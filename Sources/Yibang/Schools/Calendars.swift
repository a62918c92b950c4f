package import Foundation
import Postgres
package import SchoolCalendar

/// Working days as a district knows them: the state's calendar, the years that were imported since,
/// and a school's own closures.
package enum Calendars {
  private static let days: SQL = """
    select day, kind, name from calendar_day
    where district_id = $1 and (school_id is null or school_id = $2::uuid)
    order by school_id is not null, day
    """
  private static let years: SQL = "select year from calendar_year where district_id = $1"

  /// The working days of a school; without one, of the district.
  static func workingDays(
    school: UUID?, _ session: borrowing Session, _ district: String
  ) throws -> WorkingDays {
    let results = try session.batch([Bound(days, district, school), Bound(years, district)])
    let entries = try results[0].map { row in
      WorkingDays.Entry(
        date: try row.get(0), kind: WorkingDays.Entry.Kind(rawValue: try row.get(1)) ?? .holiday,
        name: try row.get(2))
    }
    let known = try results[1].map { Int(try $0.get(0) as Int32) }
    return WorkingDays.national.adding(entries, completing: Set(known))
  }

  package static func workingDays(
    school: UUID?, in context: Context
  ) async throws -> WorkingDays {
    let actor = context.actor
    return try await context.read { try workingDays(school: school, $0, actor.districtID) }
  }

  /// As many working days as a deadline may be away.
  package static let deadlineDays = 1...250

  /// The last of so many working days after a day, of a school or the district.
  /// - Throws: `CalendarFailure.workingDays`, `CalendarError`.
  package static func deadline(
    after day: CalendarDate, workingDays count: Int, school: UUID?, in context: Context
  ) async throws -> CalendarDate {
    guard deadlineDays.contains(count) else { throw CalendarFailure.workingDays }
    return try await workingDays(school: school, in: context).deadline(
      after: day, workingDays: count)
  }

  private static let insert: SQL = """
    insert into calendar_day as c (district_id, id, school_id, day, kind, name, actor_id)
    select $1, u.id, $2, u.day, u.kind, u.name, $3
    from unnest($4::uuid[], $5::date[], $6::text[], $7::text[]) as u (id, day, kind, name)
    on conflict on constraint calendar_day_once do update
    set kind = excluded.kind, name = excluded.name, actor_id = excluded.actor_id,
      at = clock_timestamp()
    where (c.kind, c.name) <> (excluded.kind, excluded.name)
    """
  private static let insertYears: SQL = """
    insert into calendar_year (district_id, year, actor_id)
    select $1, u.year, $2 from unnest($3::int[]) as u (year)
    on conflict do nothing
    """

  /// Imports public holidays and make-up days (`date,kind,name`), all there are of their years, as the
  /// State Council's notice gives them. A day that is known already is corrected.
  /// - Returns: the years, and how many days are new or changed.
  /// - Throws: `CalendarError`, `CalendarFailure`, `AccessError`.
  package static func importHolidays(
    _ path: String, in context: Context
  ) async throws -> (years: [Int], changed: Int) {
    let file = (path as NSString).lastPathComponent
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CalendarFailure.unreadable(file)
    }
    return try await importHolidays(
      WorkingDays.entries(csv: [UInt8](data)), from: file, in: context)
  }

  /// The same, of entries that were read.
  /// - Parameter file: what an error calls them.
  package static func importHolidays(
    _ entries: [WorkingDays.Entry], from file: String, in context: Context
  ) async throws -> (years: [Int], changed: Int) {
    let actor = context.actor
    try actor.require(.administer)
    let years = Set(entries.map(\.date.year)).sorted()
    // A notice has seven holidays; a file of a few days would make the rest of its year workdays.
    for year in years
    where entries.count(where: { $0.date.year == year && $0.kind == .holiday }) < 7 {
      throw CalendarFailure.incomplete(year)
    }
    guard !entries.isEmpty else { throw CalendarFailure.empty(file) }
    if let wrong = entries.first(where: { $0.kind == .makeup && !$0.date.weekday.isWeekend }) {
      throw CalendarFailure.makeupOnWeekday(wrong.date)
    }
    return try await context.write { session in
      let changed = try write(entries, school: nil, session, actor)
      _ = try session.batch([
        Bound(insertYears, actor.districtID, actor.userID, years.map(Int32.init)),
        Audit.statement(
          actor, "calendar.import", subject: "calendar_day", id: nil,
          after: [
            "years": years.map { "\($0)" }.joined(separator: " "), "changed": "\(changed)",
          ]),
      ])
      return (years, changed)
    }
  }

  /// Records that a school is closed on these days, which are then no working days for it.
  /// - Parameter last: nil: the first day alone.
  /// - Returns: how many days are new or changed.
  /// - Throws: `CalendarFailure.order`, `.closure`, `AccessError`.
  package static func close(
    school: UUID, from first: CalendarDate, until last: CalendarDate? = nil, name: String,
    in context: Context
  ) async throws -> Int {
    let last = last ?? first
    guard first <= last else { throw CalendarFailure.order }
    return try await close(school: school, on: first...last, name: name, in: context)
  }

  /// The same, of a range.
  package static func close(
    school: UUID, on days: ClosedRange<CalendarDate>, name: String, in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try actor.require(.recognise)
    try actor.require(school: school)
    let name = name.trimmingCharacters(in: .whitespacesAndNewlines)
    let length = days.lowerBound.days(until: days.upperBound)
    guard !name.isEmpty, length < 92 else { throw CalendarFailure.closure }
    let entries = (0...length).map {
      WorkingDays.Entry(
        date: days.lowerBound.adding(days: $0), kind: .holiday, name: name)
    }
    return try await context.write { session in
      let changed = try write(entries, school: school, session, actor)
      _ = try session.batch([
        Audit.statement(
          actor, "calendar.close", subject: "calendar_day", id: nil, school: school,
          after: ["from": "\(days.lowerBound)", "to": "\(days.upperBound)"])
      ])
      return changed
    }
  }

  private static func write(
    _ entries: [WorkingDays.Entry], school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> Int {
    try session.execute(
      insert, actor.districtID, school, actor.userID, entries.map { _ in UUID.v7() },
      entries.map(\.date), entries.map(\.kind.rawValue), entries.map(\.name))
  }
}

package enum CalendarFailure: YibangError {
  case unreadable(String)
  case empty(String)
  case incomplete(Int)
  case makeupOnWeekday(CalendarDate)
  case closure
  case order
  case workingDays

  package var code: String {
    switch self {
    case .unreadable: "calendar.unreadable"
    case .empty: "calendar.empty"
    case .incomplete: "calendar.incomplete"
    case .makeupOnWeekday: "calendar.makeup_on_weekday"
    case .closure: "calendar.closure"
    case .order: "calendar.order"
    case .workingDays: "calendar.working_days"
    }
  }

  package var category: ErrorCategory {
    if case .unreadable = self { .unreadable } else { .badData }
  }

  package var text: Text {
    switch self {
    case .unreadable(let file):
      Text("读不了文件 \(file)。请核对路径和权限。", "The file \(file) cannot be read. Check its path and rights.")
    case .empty(let file):
      Text("\(file) 里没有日期。", "\(file) holds no day.")
    case .incomplete(let year):
      Text(
        "\(year)年的放假日不足 7 天，不像全年的安排；请导入国务院办公厅通知的全部日期。",
        "Fewer than 7 holidays of \(year): that is not the whole year. Import all days of the State "
          + "Council's notice.")
    case .makeupOnWeekday(let date):
      Text(
        "\(date) 是工作日，不能是调休上班日。请核对。",
        "\(date) is a weekday, so it cannot be a make-up day. Check it.")
    case .closure:
      Text(
        "停课须写明名称，且不超过 92 天。", "A closure has a name, and lasts no more than 92 days.")
    case .order: Text("最后一天早于第一天，请核对。", "The last day is before the first. Check them.")
    case .workingDays: Text("工作日数为 1 到 250。", "A deadline is 1 to 250 working days away.")
    }
  }
}
