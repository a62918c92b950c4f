import SchoolCalendar
import Yibang

extension API {
  static let comparisonRoutes: [Endpoint] = [
    .sheet(
      "/comparison-lists/import", "comparison.import",
      Text("导入部门名单", "Import a department's list"), .needs([.recognise])
    ) { (input: ComparisonSheet, upload, call) in
      let list = ComparisonLists.Description(
        name: input.name, category: input.category, department: input.department,
        asOf: input.asOf)
      return try await ComparisonLists.importList(
        call.importRequest(
          upload, semester: input.semester, dryRun: input.dryRun, skipRefused: input.skipRefused),
        list, in: call.context)
    },
    .list("/comparison-lists", "comparison.list", Text("比对名单", "Comparison lists"), .needs([.read]))
    {
      (_: NoInput, call) in try await ComparisonLists.list(in: call.context)
    },
    .lookUp(
      "/comparison-findings", "comparison.check",
      Text("名单上的学生，以及不符之处；查看会被记录", "Pupils on the lists; reading is recorded"),
      .needs([.recognise])
    ) { (input: ComparisonQuestion, call) in
      let day = try call.day(input.date)
      return ComparisonAnswer(
        items: try await ComparisonLists.findings(
          school: call.school(input.school),
          year: call.semester(input.semester, on: day).schoolYear,
          contradictionsOnly: input.contradictions ?? false,
          notAppliedOnly: input.notApplied ?? false, in: call.context))
    },
  ]

  struct ComparisonSheet: Codable, Sendable {
    let name: String
    let category: String
    let department: String
    let asOf: CalendarDate
    let semester: Semester
    let dryRun: Bool?
    let skipRefused: Bool?
  }

  struct ComparisonQuestion: Codable, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let date: CalendarDate?
    /// Only where list and records do not agree.
    let contradictions: Bool?
    /// Only pupils whose families did not apply.
    let notApplied: Bool?
  }

  struct ComparisonAnswer: Codable, Sendable {
    let items: [ComparisonLists.Finding]
  }
}
