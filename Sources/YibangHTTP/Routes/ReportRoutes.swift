import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let reportRoutes: [Endpoint] =
    Reports.Format.allCases.flatMap { [report($0), revealed($0)] } + [
      .lookUp(
        "/pairings/{id}/report", "report.sponsor",
        Text("给资助人的学期报告，登记为已提供", "A sponsor's semester report, recorded as shared"),
        .needs([.remind])
      ) { (input: SponsorReportRequest, call) in
        let report = try await SponsorReports.make(
          pairing: input.id, input.semester, on: call.today, in: call.context)
        return SponsorReportView(report, call.language)
      }
    ]

  /// A report with pupils masked.
  private static func report(_ format: Reports.Format) -> Endpoint {
    .file(
      "/reports/{kind}/\(format)", "report.\(format)",
      Text("学校用表，学生姓名隐去", "The sheets that schools keep; pupils masked"), .needs([.read]),
      type: format.mediaType
    ) { (input: ReportRequest, call) in
      var request = Reports.Request(
        input.kind, semester: try await call.semester(input.semester),
        school: try await call.schoolRecord(input.school), date: call.today)
      request.withNumbers = input.withNumbers ?? false
      return try await file(request, format, call)
    }
  }

  /// A report with pupils' identities.
  private static func revealed(_ format: Reports.Format) -> Endpoint {
    .lookUpFile(
      "/reports/{kind}/\(format)/reveal", "report.reveal_\(format)",
      Text("学校用表，含身份信息；理由记入审计", "The same with identities; why is kept in the trail"),
      .needs([.readIdentities]), type: format.mediaType
    ) { (input: ReportReveal, call) in
      var request = Reports.Request(
        input.kind, semester: try await call.semester(input.semester),
        school: try await call.schoolRecord(input.school), date: call.today,
        reveal: input.reveal)
      request.withNumbers = input.withNumbers ?? false
      return try await file(request, format, call)
    }.showing(.report)
  }

  private static func file(
    _ request: Reports.Request, _ format: Reports.Format, _ call: Call
  ) async throws -> (bytes: [UInt8], name: String) {
    let bytes = try await call.file("\(format)") {
      _ = try await Reports.write(request, format: format, to: $0, in: call.context)
    }
    return (bytes, "\(request.kind.name.zh).\(format)")
  }

  struct ReportRequest: Codable, Sendable {
    let kind: Reports.Kind
    let school: SchoolCode?
    let semester: Semester?
    /// Columns for resident ID and student code in the register of pupils.
    let withNumbers: Bool?
  }

  struct ReportReveal: Codable, Sendable {
    let kind: Reports.Kind
    let school: SchoolCode?
    let semester: Semester?
    let withNumbers: Bool?
    /// Why identities are shown.
    let reveal: String
  }

  struct SponsorReportRequest: Codable, Sendable {
    let id: UUID
    let semester: Semester
  }

  struct SponsorReportView: Codable, Sendable {
    let head: [PublishedFact]
    let instalments: [[PublishedFact]]
    let reached: [PublishedFact]
    let activities: [[PublishedFact]]
    /// To print.
    let text: String

    init(_ report: SponsorReport, _ language: Language) {
      head = PublishedFact.all(report.head.facts(inEnglish: language == .en))
      instalments = report.instalments.map {
        PublishedFact.all($0.facts(inEnglish: language == .en))
      }
      reached = PublishedFact.all(report.reached.facts(inEnglish: language == .en))
      activities = report.activities.map { PublishedFact.all($0.facts(inEnglish: language == .en)) }
      text = report.lines(language).joined(separator: "\n") + "\n"
    }
  }
}

extension Reports.Format {
  fileprivate var mediaType: String {
    switch self {
    case .xlsx: SheetType.xlsx.mediaType
    case .csv: SheetType.csv.mediaType
    case .json: "application/json"
    }
  }
}
