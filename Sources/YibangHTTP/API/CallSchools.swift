import SchoolCalendar
import Yibang

extension Call {
  /// The record of a school that is named.
  /// - Throws: `SchoolError.unknownSchool`.
  func schoolRecord(_ code: SchoolCode) async throws -> Schools.School {
    try await Schools.find(code: code.text, in: context)
  }

  /// The same; nil where none is named.
  func schoolRecord(_ code: SchoolCode?) async throws -> Schools.School? {
    guard let code else { return nil }
    return try await Schools.find(code: code.text, in: context)
  }

  /// What an import of a sheet that is no school's is told besides the sheet.
  func importRequest(
    _ upload: SheetUpload, semester: Semester, dryRun: Bool?, skipRefused: Bool?
  ) -> ImportRequest {
    ImportRequest(
      path: upload.path, school: nil, semester: semester, today: today, dryRun: dryRun ?? false,
      skipRefused: skipRefused ?? false)
  }
}

extension SheetType {
  /// What a file is called that is saved.
  func name(_ title: String) -> String { "\(title).\(rawValue)" }
}
