package import Foundation
import Postgres
package import SchoolCalendar
package import Spreadsheet

extension AccessLog {
  /// What a guardian is told who asks: when, in which capacity, what kind of data of the own child was
  /// seen and why. No login, and nothing of another child.
  package struct Statement: Sendable, Codable {
    package struct Line: Sendable, Codable {
      package let on: CalendarDate
      package let role: Role
      package let way: Reveals.Way
      package let what: [Reveals.Detail]
      package let reason: String
    }

    package let student: UUID
    /// Masked where who makes the statement has no right to identities.
    package let name: String
    package let lines: [Line]
  }

  private static let pupil: SQL = """
    select name, school_id from student where district_id = $1 and id = $2
    """
  private static let seen: SQL = """
    select (at at time zone 'Asia/Shanghai')::date, role, way, what, reason
    from reveals_of($1)
    """

  /// Everything that was seen of a pupil, whichever school the pupil was at, the first look first. Who
  /// asked stays in the trail.
  /// - Parameter askedBy: who wants to know, as 母亲; no number that identifies a person.
  /// - Throws: `StudentError.unknown`, `RevealError.askedByMissing`, `AccessError`.
  package static func statement(
    of student: UUID, askedBy: String, in context: Context
  ) async throws -> Statement {
    let actor = context.actor
    try actor.require(.readAudit)
    let asked = normalizeText(askedBy)
    guard !asked.isEmpty, IdentityTrace.first(in: asked) == nil else {
      throw RevealError.askedByMissing
    }
    return try await context.readTraced { session in
      guard let row = try session.query(pupil, actor.districtID, student).first else {
        throw StudentError.unknown(student)
      }
      let name: String = try row.get(0)
      let lines = try session.query(seen, student).map { row in
        Statement.Line(
          on: try row.get(0), role: try role(row, 1), way: try way(row, 2), what: try what(row, 3),
          reason: try row.get(4))
      }
      _ = try session.batch([
        Audit.statement(
          actor, "access.statement", subject: "student", id: student, school: try row.get(1),
          after: ["asked_by": asked, "lines": "\(lines.count)"])
      ])
      return Statement(
        student: student, name: actor.may(.readIdentities) ? name : maskedName(name), lines: lines)
    }
  }
}

extension AccessLog.Statement {
  /// The statement to be printed and signed.
  package func table(_ language: Language, on day: CalendarDate) -> TableDocument {
    TableDocument(
      title: Text("个人信息查看情况告知书：\(name)", "Who saw the data of \(name)")(language),
      subtitle: Text("截至：\(day.chinese)", "As of \(day)")(language),
      columns: [
        .init(Text("日期", "date")(language), kind: .date),
        .init(Text("查看人身份", "seen by")(language)), .init(Text("方式", "way")(language)),
        .init(Text("信息种类", "data")(language)), .init(Text("理由", "reason")(language)),
      ],
      rows: lines.map { line in
        [
          TableCell(line.on), .text(line.role.name(language)), .text(line.way.name(language)),
          .text(
            line.what.map { $0.name(language) }.joined(separator: language == .zh ? "、" : ", ")),
          .text(line.reason),
        ]
      },
      footer: [
        Text("共 \(lines.count) 次。", "\(lines.count) in all.")(language),
        Text(
          "告知人：\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}监护人签字：", "Told by:          Guardian:")(
            language),
      ])
  }

  /// Writes the statement to an `.xlsx` or `.csv` file that its owner alone can read.
  /// - Throws: `TableWriteError`, `ReportError.unwritable`.
  package func write(
    _ language: Language, on day: CalendarDate, asXlsx: Bool, to path: String
  ) async throws {
    let document = table(language, on: day)
    try await onThread {
      try Reports.writePrivately(to: path) { draft in
        if asXlsx {
          try writeXlsx([(Text("告知书", "statement")(language), document)], to: draft)
        } else {
          try writeCSV(document, to: draft, keepsDigits: true)
        }
      }
    }
  }
}
