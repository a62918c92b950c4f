import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let recognitionFormRoutes: [Endpoint] =
    [
      .lookUpFile(
        "/recognition-forms/application", "recognition.form",
        Text("认定申请表，每名学生一页；写出身份信息须写明理由", "Application forms; naming pupils needs a reason"),
        .needs([.recognise]), type: SheetType.xlsx.mediaType
      ) { (input: ApplicationForms, call) in
        let request = ApplicationForm.Request(
          school: try await call.schoolRecord(input.school),
          year: try await call.semester(input.semester).schoolYear, pupils: try input.pupils(),
          reveal: input.reveal)
        let bytes = try await call.file("xlsx") {
          _ = try await ApplicationForm.write(request, to: $0, in: call.context)
        }
        return (bytes, SheetType.xlsx.name("认定申请表"))
      },
      .list(
        "/national-export/columns", "recognition.national_columns",
        Text("全国系统用表的默认列", "The usual columns of the national sheet"), .signedIn
      ) { (_: NoInput, _) in NationalExport.columns },
      .lookUp(
        "/national-export/incomplete", "recognition.national_incomplete",
        Text("导出全国系统用表前缺少信息的学生", "Pupils who lack something for the national sheet"),
        .needs([.recognise])
      ) { (input: NationalSheet, call) in
        IncompletePupils(
          items: try await NationalExport.incomplete(input.request(call), in: call.context))
      },
    ] + SheetType.allCases.map(nationalExport)

  private static func nationalExport(_ type: SheetType) -> Endpoint {
    .lookUpFile(
      "/national-export/\(type.rawValue)", "recognition.export_national_\(type.rawValue)",
      Text("全国学生资助管理信息系统用表", "The sheet for the national system"), .needs([.recognise]),
      type: type.mediaType
    ) { (input: NationalSheet, call) in
      let request = try await input.request(call)
      let format: Reports.Format = type == .xlsx ? .xlsx : .csv
      let bytes = try await call.file(type.rawValue) {
        let result = try await NationalExport.write(
          request, as: format, to: $0, in: call.context)
        if !result.written { throw ReportError.incomplete(result.incomplete.count) }
      }
      return (bytes, type.name("全国系统用表"))
    }
  }

  struct ApplicationForms: Codable, Sendable {
    let school: SchoolCode
    let semester: Semester?
    /// One of the three; without any, one blank form.
    let student: UUID?
    let `class`: String?
    let all: Bool?
    /// Why identities are printed.
    let reveal: String?

    func pupils() throws -> ApplicationForm.Request.Pupils? {
      switch (student, `class`, all ?? false) {
      case (nil, nil, false): return nil
      case (let student?, nil, false): return .one(student)
      case (nil, let name?, false): return .ofClass(name)
      case (nil, nil, true): return .all
      default:
        throw InputError.value(
          field: "student",
          Text("student、class、all 只能选一个。", "give one of student, class and all."))
      }
    }
  }

  struct NationalSheet: Codable, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    /// The usual ones where none are given.
    let columns: [NationalExport.Column]?
    /// Writes the complete pupils and skips the others.
    let skipIncomplete: Bool?
    /// Why identities are exported.
    let reveal: String

    func request(_ call: Call) async throws -> NationalExport.Request {
      if let columns, columns.isEmpty { throw ReportError.noColumns }
      return NationalExport.Request(
        try await call.semester(semester), school: try await call.schoolRecord(school),
        columns: columns ?? NationalExport.columns, reason: reveal,
        skipsIncomplete: skipIncomplete ?? false)
    }
  }

  struct IncompletePupils: Codable, Sendable {
    let items: [NationalExport.Incomplete]
  }
}
