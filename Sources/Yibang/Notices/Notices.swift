package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar
package import Spreadsheet

/// Results of recognition for everybody to read, for as long as the rules say (公示).
package enum Notices {
  /// All that is said of a child.
  package typealias Line = Published<
    LineNumber, MaskedName, SchoolName, GradeName, ClassName, TierName
  >

  package struct Notice: Sendable, Encodable {
    package let id: UUID
    package let school: String
    package let year: SchoolYear
    package let postedOn: CalendarDate
    /// The last day on which it is shown and objections are taken.
    package let endsOn: CalendarDate
    package let lines: [Line]

    enum CodingKeys: String, CodingKey {
      case id, school
      case year = "school_year"
      case postedOn = "posted_on"
      case endsOn = "ends_on"
      case lines
    }
  }

  private static let decided: SQL = """
    select c.id, s.name, s.grade, s.class_name from recognition_case c
    join student s on s.district_id = c.district_id and s.id = c.student_id
    where c.district_id = $1 and c.round_id = $2 and c.state = 'decided'
    order by s.grade, s.class_name, s.name collate "zh-x-icu", c.id
    """
  private static let post: SQL = "select notice_post($1, $2, $3, $4, $5, $6, $7)"

  /// A notice that was posted: its number of lines, and its last day.
  package struct Posted: Sendable, Codable {
    package let id: UUID
    package let lines: Int
    package let endsOn: CalendarDate
  }

  /// Posts all decided cases of a school. The day of posting does not count; the notice ends by itself.
  /// - Parameter adjusts: of this semester's adjustment; nil: of the yearly recognition.
  /// - Throws: `NoticeError.nothingDecided`, `CalendarError` if the period reaches a year whose
  ///   holidays are not known, `RecognitionError`.
  package static func post(
    _ year: SchoolYear, adjusts: Semester? = nil, school: UUID, on day: CalendarDate,
    in context: Context
  ) async throws -> Posted {
    let actor = context.actor
    try actor.require(.recognise)
    try actor.require(school: school)
    return try await context.write { session in
      let round = try Rounds.find(
        year, adjusts: adjusts, school: school, session, actor.districtID)
      let book = try RuleBook(session, district: actor.districtID)
      let rules = try book.rules(round.ruleSet, version: round.ruleVersion)
      let calendar = try Calendars.workingDays(school: school, session, actor.districtID)
      let endsOn = try calendar.deadline(after: day, workingDays: rules.noticeWorkingDays)
      let rows = try session.query(decided, actor.districtID, round.id).map { row in
        (
          id: try row.get(0) as UUID, name: maskedName(try row.get(1)),
          grade: try row.optional(2) ?? "", className: try row.optional(3) ?? ""
        )
      }
      guard !rows.isEmpty else { throw NoticeError.nothingDecided }
      let cases = Reports.inClassOrder(rows) { ("", $0.grade, $0.className) }
      let id = UUID.v7()
      _ = try Cases.run(
        session, from: [.decided],
        [
          Bound(
            post, id, round.id, day, endsOn, cases.map(\.id), cases.map(\.name), actor.userID),
          Audit.statement(
            actor, "notice.post", subject: "notice", id: id, school: school,
            after: ["posted_on": "\(day)", "ends_on": "\(endsOn)", "lines": "\(cases.count)"]),
        ])
      return Posted(id: id, lines: cases.count, endsOn: endsOn)
    }
  }

  private static let running: SQL = """
    select id, school, school_year, posted_on, ends_on, line, masked_name, grade, class_name, tier,
      rule_set, rule_version
    from notices_on($1)
    """

  /// The notices that are shown on a day, by school. Anybody may read them.
  package static func running(on day: CalendarDate, in context: Context) async throws -> [Notice] {
    try await context.read { session in
      var notices: [Notice] = []
      var lines: [Line] = []
      let book = try RuleBook(session, district: context.actor.districtID)
      for row in try session.query(running, day) {
        let id: UUID = try row.get(0)
        if notices.last?.id != id {
          lines = []
        } else {
          notices.removeLast()
        }
        let school: String = try row.get(1)
        guard let year = SchoolYear(firstYear: Int(try row.get(2) as Int32)) else {
          throw PostgresError.decoding("notice_line")
        }
        let rules = try book.rules(try row.get(10), version: Int(try row.get(11) as Int32))
        let label = Tier(rawValue: try row.get(9)).map { rules.label(of: $0) }
        let line = Line(
          LineNumber(Int(try row.get(5) as Int32)), MaskedName(masking: try row.get(6)),
          SchoolName(school),
          GradeName(try row.optional(7) ?? ""), ClassName(try row.optional(8) ?? ""),
          label.map { TierName(zh: $0.zh, en: $0.en) } ?? .noLongerRecognised)
        lines.append(line)
        notices.append(
          Notice(
            id: id, school: school, year: year, postedOn: try row.get(3), endsOn: try row.get(4),
            lines: lines))
      }
      return notices
    }
  }

  /// A notice as a sheet to print and put up.
  package static func sheet(_ notice: Notice) -> TableDocument {
    let gap = "\u{3000}\u{3000}"
    return TableDocument(
      title: "\(notice.school)\(notice.year.zh)家庭经济困难学生认定结果公示",
      subtitle:
        "公示期：\(notice.postedOn.chinese)至\(notice.endsOn.chinese)\(gap)编号：\(notice.id.uuidString.lowercased())",
      columns: Line.labels(inEnglish: false).map { .init($0) },
      rows: notice.lines.map { line in
        [.integer(Int64(line.fields.0.number))]
          + line.values(inEnglish: false).dropFirst().map { .text($0) }
      },
      totals: nil,
      footer: ["对公示内容有异议的，请在公示期内向学校提出，可以不署名。"])
  }

  /// Writes notices to an .xlsx file, a sheet each, which appears whole or not at all.
  /// - Throws: `NoticeError.fileName`, `.nothingRunning`; `TableWriteError`.
  package static func write(_ notices: [Notice], to path: String) async throws {
    guard path.lowercased().hasSuffix(".xlsx") else { throw NoticeError.fileName(path) }
    guard !notices.isEmpty else { throw NoticeError.nothingRunning }
    let sheets = notices.enumerated().map { ("公示\($0 + 1)", sheet($1)) }
    try await onThread { try writeXlsx(sheets, to: path) }
  }
}
