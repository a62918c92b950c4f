import Crypto
import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

/// What to import, and how.
package struct ImportRequest: Sendable {
  package var path: String
  package var school: Schools.School?
  package var semester: Semester
  package var today: CalendarDate
  package var dryRun: Bool
  package var skipRefused: Bool
  /// Told how far the file is read, 0 to 1.
  package var progress: (@Sendable (Double) -> Void)?

  package init(
    path: String, school: Schools.School?, semester: Semester, today: CalendarDate,
    dryRun: Bool = false, skipRefused: Bool = false,
    progress: (@Sendable (Double) -> Void)? = nil
  ) {
    self.path = path
    self.school = school
    self.semester = semester
    self.today = today
    self.dryRun = dryRun
    self.skipRefused = skipRefused
    self.progress = progress
  }

  var fileName: String { (path as NSString).lastPathComponent }
}

/// An import is one transaction: all rows or none, unless refused ones are to be skipped.
enum Import {
  private struct RolledBack: Error {
    let report: ImportReport
  }

  private static let insertFile: SQL = """
    insert into import_file (
      district_id, id, school_id, kind, semester, name, sha256, accepted, unchanged, refused, actor_id
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    """

  // Two imports of one kind for one school take turns: the second sees what the first recorded.
  private static let takeTurn: SQL = """
    select pg_advisory_xact_lock(hashtextextended('import ' || $1 || ' ' || $2 || ' ' || $3, 0))
    """
  private static let analyze: SQL = "select analyze_small_tables()"

  /// Gives the planner statistics, once the first chunk of several is written: in a first import its
  /// plans come from empty tables.
  static func firstChunkWritten(_ session: borrowing Session) throws {
    try session.execute(analyze)
  }

  /// Runs `body` over the file in one transaction and keeps its work if the report allows it.
  /// - Parameters:
  ///   - kind: `student`, `donation`, `offer` or `activity`.
  ///   - body: reads the file, writes rows marked with the import's id, and reports.
  static func run(
    _ request: ImportRequest, kind: String, in context: Context,
    _ body:
      @escaping @Sendable (TableFile, UUID, borrowing Session, inout ImportReport) throws -> Void
  ) async throws -> ImportReport {
    let actor = context.actor
    do {
      return try await context.write { session in
        let term = try Semesters.record(request.semester, session, actor.districtID)
        guard term.isOpen else { throw ImportError.semesterClosed("\(request.semester)") }
        _ = try session.query(
          takeTurn, kind, actor.districtID, request.school?.id.uuidString ?? "")
        let file = try TableFile.open(path: request.path)
        let id = UUID.v7()
        var report = ImportReport(file: request.fileName, dryRun: request.dryRun)
        try body(file, id, session, &report)
        report.sortByPlace()
        if request.dryRun || (report.hasRefusals && !request.skipRefused) {
          throw RolledBack(report: report)
        }
        report.written = report.accepted > 0
        guard report.written else { return report }
        _ = try session.batch([
          Bound(
            insertFile, actor.districtID, id, request.school?.id, kind, request.semester.ordinal,
            request.fileName, try digest(request.path), report.accepted, report.unchanged,
            report.refusedRows, actor.userID),
          Audit.statement(
            actor, "\(kind).import", subject: "import_file", id: id, school: request.school?.id,
            after: [
              "accepted": "\(report.accepted)", "updated": "\(report.updated)",
              "unchanged": "\(report.unchanged)", "refused": "\(report.refusedRows)",
            ]),
        ])
        return report
      }
    } catch let rolledBack as RolledBack {
      return rolledBack.report
    }
  }

  /// SHA-256 of a file.
  static func digest(_ path: String) throws -> [UInt8] {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? file.close() }
    var hash = SHA256()
    while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty { hash.update(data: chunk) }
    return [UInt8](hash.finalize())
  }
}
