import Foundation
import Glibc
import Postgres
import SchoolCalendar
import Spreadsheet

extension Reports {
  /// What was written.
  package struct Written: Sendable, Codable {
    package let report: Kind
    package let path: String
    package let rows: Int
    /// Whether pupils' identities stand in it; such a file is readable by its owner alone.
    package let revealed: Bool
  }

  /// Makes a report and writes it to a file, which appears whole or not at all.
  /// - Throws: as `make(_:in:)`; `TableWriteError`, `ReportError.unwritable`.
  package static func write(
    _ request: Request, format: Format, to path: String, in context: Context
  ) async throws -> Written {
    let report = try await make(request, in: context)
    try await onThread {
      if report.isRevealed {
        try writePrivately(to: path) { try write(report, format, to: $0) }
      } else {
        try write(report, format, to: path)
      }
    }
    return Written(
      report: request.kind, path: path, rows: report.rowCount, revealed: report.isRevealed)
  }

  private static func write(_ report: Report, _ format: Format, to path: String) throws {
    switch format {
    case .xlsx: try writeXlsx([(report.kind.name.zh, report.table)], to: path)
    case .csv: try writeCSV(report.table, to: path, keepsDigits: true)
    case .json:
      let data = try report.json()
      do {
        try data.write(to: URL(filePath: path), options: .atomic)
      } catch {
        throw ReportError.unwritable(path: path)
      }
    }
  }

  /// Writes in a folder that only its owner can enter, and moves the file out when nobody else can
  /// read it.
  static func writePrivately(
    to path: String, _ write: (String) throws -> Void
  ) throws {
    let target = path as NSString
    let folder = (target.deletingLastPathComponent as NSString)
      .appendingPathComponent(".\(UUID().uuidString)")
    guard mkdir(folder, 0o700) == 0 else { throw ReportError.unwritable(path: path) }
    let draft = (folder as NSString).appendingPathComponent(target.lastPathComponent)
    defer {
      unlink(draft)
      rmdir(folder)
    }
    try write(draft)
    guard chmod(draft, 0o600) == 0, rename(draft, path) == 0 else {
      throw ReportError.unwritable(path: path)
    }
  }

  /// Makes a report from what is on record.
  /// - Throws: `AccessError`, `SchoolError`, `ReportError`, `VaultError`.
  package static func make(_ request: Request, in context: Context) async throws -> Report {
    try await RefusedLooks.noting(request.reveal == nil ? nil : .report, in: context) {
      try await made(request, in: context)
    }
  }

  private static func made(_ request: Request, in context: Context) async throws -> Report {
    let actor = context.actor
    try actor.require(.read)
    if let school = request.school { try actor.require(school: school.id) }
    let reason = try reason(request, actor)
    let scope = request.school?.id ?? actor.schoolID
    switch request.kind {
    case .hardship, .summary:
      if let reason { return try await revealedRegister(request, reason, scope, in: context) }
      return try await context.read { session in
        let frame = try frame(request, scope, session, actor)
        let lines = try maskedPupils(session, actor, school: scope, request.semester)
        return request.kind == .summary
          ? summary(lines, frame) : hardship(lines, withNumbers: request.withNumbers, frame)
      }
    case .donations:
      return try await context.read { session in
        let frame = try frame(request, scope, session, actor)
        return try donations(
          donationLines(session, actor, school: scope, request.semester), frame)
      }
    case .fund:
      let statements = try await Funds.statements(request.semester, school: scope, in: context)
      return try await context.read { session in
        let frame = try frame(request, scope, session, actor)
        return try fund(statements, frame)
      }
    case .pairings:
      return try await context.read { session in
        let frame = try frame(request, scope, session, actor)
        return try pairings(
          pairingLines(session, actor, school: scope, request.semester), frame)
      }
    case .activities:
      return try await context.read { session in
        let frame = try frame(request, scope, session, actor)
        return activities(
          try Activities.activities(
            session, actor, school: scope, semester: request.semester), frame)
      }
    }
  }

  /// The reason for which identities are asked for, from someone who may see them.
  private static func reason(_ request: Request, _ actor: Actor) throws -> String? {
    guard let reveal = request.reveal else { return nil }
    guard request.kind.isOfPupils else { throw ReportError.nothingToReveal(request.kind) }
    return try Reveals.reason(reveal, actor)
  }

  /// The register with identities, and in the same transaction the trail of who asked and why.
  private static func revealedRegister(
    _ request: Request, _ reason: String, _ scope: UUID?, in context: Context
  ) async throws -> Report {
    let actor = context.actor
    let vault = context.platform.vault
    return try await context.readTraced { session in
      let frame = try frame(request, scope, session, actor)
      let withNumbers = request.withNumbers || request.kind == .summary
      let lines = try pupils(
        session, actor, vault, school: scope, request.semester, withNumbers: withNumbers)
      let numbers: [Reveals.Detail] = withNumbers ? [.residentID, .studentCode] : []
      try Reveals.record(
        Reveals.Act(
          way: .report, what: numbers + [.address, .guardianPhone, .family, .hardship],
          reason: reason, record: ("report", nil), school: scope,
          facts: [
            "report": request.kind.rawValue, "school_year": "\(request.semester.schoolYear)",
          ]),
        of: lines.compactMap(\.student), .student, session, actor)
      let rules = try RuleBook(session, district: actor.districtID)
        .chosen(for: request.semester.schoolYear)
      return request.kind == .summary
        ? summary(lines, rules, frame) : hardship(lines, withNumbers: request.withNumbers, frame)
    }
  }

  private static let unitName: SQL = """
    select coalesce(s.name, d.name) from district d
    left join school s on s.district_id = d.district_id and s.id = $2
    where d.district_id = $1
    """

  private static func frame(
    _ request: Request, _ school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> ReportFrame {
    _ = try Semesters.record(request.semester, session, actor.districtID)
    let unit: String? = try session.query(unitName, actor.districtID, school).first?.get(0)
    return ReportFrame(
      kind: request.kind, unit: unit ?? "", semester: request.semester, date: request.date,
      coversDistrict: school == nil)
  }
}
