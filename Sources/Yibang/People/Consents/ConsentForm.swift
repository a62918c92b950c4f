package import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

extension Consents {
  /// Pages of one file.
  private static let formLimit = 2_000
  private static let widths: [Double] = [5, 20, 24, 18, 22, 14]

  // $1 district, $2 pupil, $3 school, $4 class; null: all
  private static let pupils: SQL = """
    select s.name, c.name, s.grade, s.class_name, s.birth_month from student s
    join school c on c.district_id = s.district_id and c.id = s.school_id
    where s.district_id = $1 and s.erased_on is null and ($2::uuid is null or s.id = $2)
      and ($3::uuid is null or s.school_id = $3) and ($4::text is null or s.class_name = $4)
    order by c.code, s.grade, s.class_name, s.name collate "zh-x-icu", s.id
    limit 2001
    """

  /// Whose sheets are printed, on one page each.
  package struct FormRequest: Sendable {
    package var student: UUID?
    package var school: UUID?
    package var className: String?
    package var scopes: [ConsentScope]
    package var on: CalendarDate

    package init(
      student: UUID? = nil, school: UUID? = nil, className: String? = nil,
      scopes: [ConsentScope] = ConsentScope.allCases, on: CalendarDate
    ) {
      self.student = student
      self.school = school
      self.className = className
      self.scopes = scopes
      self.on = on
    }
  }

  /// Writes consent sheets, a page for each pupil, to be ticked and signed by the guardian. Every
  /// scope is a line of its own. The file is readable by its owner alone.
  /// - Returns: how many.
  /// - Throws: `StudentError.noneFound`, `.tooManyForms`; `AccessError`, `ReportError`, `TableWriteError`.
  package static func writeForms(
    _ request: FormRequest, to path: String, in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try actor.require(.importStudents)
    try actor.require(.readIdentities)
    if let school = request.school { try actor.require(school: school) }
    let forms = try await context.readTraced { session in
      let rows = try session.query(
        pupils, actor.districtID, request.student, request.school, request.className)
      guard !rows.isEmpty else { throw StudentError.noneFound }
      guard rows.count <= formLimit else { throw StudentError.tooManyForms(limit: formLimit) }
      _ = try session.batch([
        Audit.statement(
          actor, "consent.form", subject: request.student == nil ? "school" : "student",
          id: request.student ?? request.school, school: request.school,
          after: ["forms": "\(rows.count)"])
      ])
      return try rows.map { row in
        let own = isFourteen(bornIn: try row.optional(4), on: request.on)
        let place: [String?] = [try row.get(1), try row.optional(2), try row.optional(3)]
        return form(
          name: try row.get(0), place: place.compactMap { $0 }.joined(separator: " "),
          asksPupil: own, request.scopes)
      }
    }
    try await onThread {
      try Reports.writePrivately(to: path) { try Spreadsheet.writeForms(forms, to: $0) }
    }
    return forms.count
  }

  private static func form(
    name: String, place: String, asksPupil: Bool, _ scopes: [ConsentScope]
  ) -> FormSheet {
    let titles = ["序号", "事项", "提供的信息", "提供给谁", "目的", "是否同意"]
    var rows: [FormSheet.Row] = [
      .init([.init("学生个人信息单独同意书", .title, columns: 6)], height: 36),
      .init([.init("学校班级：\(place)　　学生姓名：\(name)", .line, columns: 6)]),
      .init(titles.map { .init($0, .label) }),
    ]
    for (index, scope) in scopes.enumerated() {
      let words = scope.words
      rows.append(
        .init([
          .init("\(index + 1)", .label), .init(words.name.zh, .value),
          .init(words.shared.zh, .value), .init(words.recipient.zh, .value),
          .init(words.purpose.zh, .value), .init("□同意\n□不同意", .label),
        ]))
    }
    rows.append(
      .init([
        .init(
          "1. 每一事项单独勾选，不同意任何一项都不影响学生应享受的资助。\n"
            + "2. 同意后可随时撤回，撤回立即生效；撤回不影响已经发生的资助。\n"
            + "3. 学校按国家规定保管和使用个人信息，不向表中以外的人提供。（文本第 \(ConsentScope.textVersion) 版）",
          .block, columns: 6)
      ]))
    rows.append(
      .init(
        [
          .init("监护人签名", .label, columns: 2), .init("", .value), .init("与学生关系", .label),
          .init("", .value, columns: 2),
        ], height: 34))
    if asksPupil {
      rows.append(
        .init(
          [
            .init("学生本人签名（满14周岁）", .label, columns: 2), .init("", .value, columns: 4),
          ], height: 34))
    }
    rows.append(
      .init(
        [
          .init("日期", .label, columns: 2), .init("　　年　　月　　日", .value),
          .init("存档处", .label), .init("", .value, columns: 2),
        ], height: 34))
    return FormSheet(name: name, widths: widths, rows: rows)
  }
}
