package import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

/// Everything that is held about one child, as it is handed to the child or its guardian who asks for a
/// copy (PIPL 45).
package struct PersonalData: Sendable, Codable {
  /// A value with what it is called.
  package struct Field: Sendable, Codable, Equatable {
    package let code: String
    package let label: Text
    package let value: String
  }

  /// Records of one kind, each with the fields that it has.
  package struct Section: Sendable, Codable, Equatable {
    package let code: String
    package let title: Text
    package let records: [[Field]]
  }

  package let student: UUID
  package let askedBy: Erasures.Asker
  package let on: CalendarDate
  package let sections: [Section]

  enum CodingKeys: String, CodingKey {
    case student
    case askedBy = "asked_by"
    case on, sections
  }
}

extension PersonalData {
  private static let pupil: SQL = """
    select school_id, birth_month, erased_on is not null from student
    where district_id = $1 and id = $2
    """

  /// Collects everything about a pupil. It leaves a row in the trail with who asked and why.
  ///
  /// A sponsor who wants to stay unnamed is unnamed here too. Letters are the pupil's school's alone:
  /// they are in the copy that the school hands out.
  /// - Throws: `StudentError.unknown`, `ErasureError.erasedBefore`, `.noReason`, `.nobodyAsks`,
  ///   `.pupilTooYoung`; `AccessError`, `VaultError`.
  package static func export(
    of student: UUID, reason: String, askedBy asker: Erasures.Asker, on day: CalendarDate,
    in context: Context
  ) async throws -> PersonalData {
    let actor = context.actor
    try actor.require(.readIdentities)
    let reason = normalizeText(reason)
    guard !reason.isEmpty else { throw ErasureError.noReason }
    guard asker != .retention else { throw ErasureError.nobodyAsks }
    let vault = context.platform.vault
    return try await context.readTraced { session in
      guard let row = try session.query(pupil, actor.districtID, student).first else {
        throw StudentError.unknown(student)
      }
      if try row.get(2) { throw ErasureError.erasedBefore }
      if asker == .pupil, !Consents.isFourteen(bornIn: try row.optional(1), on: day) {
        throw ErasureError.pupilTooYoung
      }
      let sections = try DataSection.all.map {
        try $0.read(student, session, actor, vault)
      }
      _ = try session.batch([
        Audit.statement(
          actor, "student.export", subject: "student", id: student, school: try row.get(0),
          after: ["asked_by": asker.rawValue, "reason": reason])
      ])
      return PersonalData(student: student, askedBy: asker, on: day, sections: sections)
    }
  }

  /// Writes it to a file that its owner alone can read: .json for programs, .xlsx for people.
  /// - Throws: `ReportError.unknownFormat`, `.unwritable`; `TableWriteError`.
  package func write(to path: String, _ language: Language) throws {
    let kind = (path as NSString).pathExtension.lowercased()
    try Reports.writePrivately(to: path) { draft in
      if kind == "xlsx" { return try writeXlsx(tables(language), to: draft) }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try encoder.encode(self).write(to: URL(filePath: draft))
    }
  }

  /// A sheet for each kind of record. A scan is told by its size: it is in the .json file.
  private func tables(_ language: Language) -> [(name: String, table: TableDocument)] {
    sections.map { section in
      var fields: [Field] = []
      for field in section.records.joined() where !fields.contains(where: { $0.code == field.code })
      {
        fields.append(field)
      }
      let rows = section.records.map { record in
        fields.map { field -> TableCell in
          guard let value = record.first(where: { $0.code == field.code })?.value else {
            return .empty
          }
          return .text(field.code == "scan" ? "base64: \(value.count)" : value)
        }
      }
      let columns = fields.map { TableDocument.Column($0.label(language)) }
      return (
        section.title(language),
        TableDocument(
          title: section.title(language),
          columns: columns.isEmpty ? [TableDocument.Column("—")] : columns, rows: rows)
      )
    }
  }
}
