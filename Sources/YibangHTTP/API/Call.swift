import Foundation
import SchoolCalendar
import Yibang

/// One request of a signed-in person or program: what every handler is given.
struct Call: Sendable {
  /// The operations' own argument: who acts, where.
  private(set) var context: Context
  let language: Language
  /// In China.
  let today: CalendarDate
  let now: Date
  let client: Client

  /// Of the work for one request, or for one part of a long answer.
  let answerSeconds: Int
  /// For what the operator has set up; nil: nobody sends mail.
  let smtp: SMTP?

  var platform: Platform { context.platform }

  /// The same with all of its time, for the next part of a long answer.
  var anew: Call {
    var call = self
    call.context.deadline = .now + .seconds(answerSeconds)
    return call
  }

  /// The school of a code; where none is named, the actor's own, or nil for the whole district.
  /// - Throws: `SchoolError.unknownSchool`.
  func school(_ code: SchoolCode?) async throws -> UUID? {
    guard let code else { return context.actor.schoolID }
    return try await Schools.find(code: code.text, in: context).id
  }

  /// What an import of a sheet is told besides the sheet.
  /// - Throws: `SchoolError.unknownSchool`.
  func importRequest(
    _ upload: SheetUpload, school code: SchoolCode, semester: Semester, dryRun: Bool?,
    skipRefused: Bool?
  ) async throws -> (school: Schools.School, request: ImportRequest) {
    let school = try await Schools.find(code: code.text, in: context)
    let request = ImportRequest(
      path: upload.path, school: school, semester: semester, today: today,
      dryRun: dryRun ?? false, skipRefused: skipRefused ?? false)
    return (school, request)
  }

  /// The name of the school that the actor is confined to.
  func ownSchoolName() async throws -> String? {
    guard let own = context.actor.schoolID else { return nil }
    return try await Schools.list(in: context).first { $0.id == own }?.name
  }
}
