/// A row that was not taken: where, what stands there, what is wrong, what to do.
package struct Refusal: Sendable, Hashable, Codable {
  package let sheet: String
  /// As the spreadsheet shows it, from 1.
  package let row: Int
  /// The column's heading in the sheet.
  package let column: String
  /// `D7`; nil where the sheet has no such column.
  package let cell: String?
  package let value: String
  package let problem: Text
  package let advice: Text
}

/// Something to look at that did not stop the row.
package struct ImportWarning: Sendable, Hashable, Codable {
  package enum Kind: String, CaseIterable, Sendable, Codable {
    case likelyDuplicate = "likely_duplicate"
    case disagreement
    case mismatch
    case unverified
  }

  package let kind: Kind
  package let sheet: String
  package let row: Int
  package let text: Text

  package init(_ kind: Kind, sheet: String, row: Int, _ text: Text) {
    self.kind = kind
    self.sheet = sheet
    self.row = row
    self.text = text
  }
}

/// A row that is no record: a title, a total, an empty line.
package struct SkippedRow: Sendable, Codable {
  package let sheet: String
  package let row: Int
  package let why: Text
}

/// What became of a file, row by row. The same for a dry run as for the import itself.
package struct ImportReport: Sendable, Codable {
  /// At most this many refusals, warnings and skipped rows are listed; all are counted.
  static let listed = 5_000

  package var file: String
  package var dryRun: Bool
  /// Whether anything was kept: false after a dry run, or a refusal without `--skip-refused`.
  package var written = false
  package var accepted = 0
  /// Of the accepted rows, those that changed something recorded before.
  package var updated = 0
  package var unchanged = 0
  package private(set) var refusedRows = 0
  package private(set) var refused: [Refusal] = []
  package private(set) var warnings: [ImportWarning] = []
  package private(set) var skipped: [SkippedRow] = []
  package private(set) var counts = Counts()
  /// All that there were, listed or not.
  package struct Counts: Sendable, Codable {
    package var refusals = 0
    package var warnings = 0
    package var skipped = 0
  }
  /// The money of the accepted rows; nil where the file holds none.
  package var total: Money?

  package init(file: String, dryRun: Bool) {
    self.file = file
    self.dryRun = dryRun
  }

  /// Refuses one row for one or more reasons.
  package mutating func refuse(_ reasons: [Refusal]) {
    guard !reasons.isEmpty else { return }
    refusedRows += 1
    counts.refusals += reasons.count
    refused.append(contentsOf: reasons.prefix(max(0, Self.listed - refused.count)))
  }

  package mutating func warn(_ warning: ImportWarning) {
    counts.warnings += 1
    if warnings.count < Self.listed { warnings.append(warning) }
  }

  package mutating func skip(sheet: String, row: Int, why: Text) {
    counts.skipped += 1
    if skipped.count < Self.listed { skipped.append(SkippedRow(sheet: sheet, row: row, why: why)) }
  }

  /// Takes over what another part of the same import found.
  mutating func add(_ other: ImportReport) {
    refusedRows += other.refusedRows
    counts.refusals += other.counts.refusals
    counts.warnings += other.counts.warnings
    counts.skipped += other.counts.skipped
    refused.append(contentsOf: other.refused.prefix(max(0, Self.listed - refused.count)))
    warnings.append(contentsOf: other.warnings.prefix(max(0, Self.listed - warnings.count)))
    skipped.append(contentsOf: other.skipped.prefix(max(0, Self.listed - skipped.count)))
  }

  /// Puts refusals and warnings in the order of the sheets and rows, whatever found them when.
  mutating func sortByPlace() {
    var sheets: [String: Int] = [:]
    for sheet in skipped.map(\.sheet) + refused.map(\.sheet) where sheets[sheet] == nil {
      sheets[sheet] = sheets.count
    }
    func place(_ sheet: String, _ row: Int) -> (Int, Int) { (sheets[sheet] ?? .max, row) }
    refused.sort { place($0.sheet, $0.row) < place($1.sheet, $1.row) }
    warnings.sort { place($0.sheet, $0.row) < place($1.sheet, $1.row) }
  }

  package var hasRefusals: Bool { refusedRows > 0 }
}

extension ImportReport {
  /// The report as programs read it, in one language.
  package struct Document: Sendable, Codable {
    package struct Refused: Sendable, Codable {
      let sheet: String
      let row: Int
      let column: String
      let cell: String?
      let value: String
      let problem: String
      let advice: String
    }
    package struct Warning: Sendable, Codable {
      let kind: ImportWarning.Kind
      let sheet: String
      let row: Int
      let text: String
    }
    package struct Skipped: Sendable, Codable {
      let sheet: String
      let row: Int
      let why: String
    }

    let file: String
    let dryRun: Bool
    let written: Bool
    let accepted: Int
    let updated: Int
    let unchanged: Int
    let refusedRows: Int
    let refused: [Refused]
    let warnings: [Warning]
    let skipped: [Skipped]
    let totalFen: Int64?

    enum CodingKeys: String, CodingKey {
      case file
      case dryRun = "dry_run"
      case written, accepted, updated, unchanged
      case refusedRows = "refused_rows"
      case refused, warnings, skipped
      case totalFen = "total_fen"
    }
  }

  /// - Parameter wording: of its sentences, where they are read elsewhere than at the command.
  package func document(
    _ language: Language, _ wording: (Text) -> Text = { $0 }
  ) -> Document {
    func say(_ text: Text) -> String { wording(text)(language) }
    return Document(
      file: file, dryRun: dryRun, written: written, accepted: accepted, updated: updated,
      unchanged: unchanged, refusedRows: refusedRows,
      refused: refused.map {
        .init(
          sheet: $0.sheet, row: $0.row, column: $0.column, cell: $0.cell, value: $0.value,
          problem: say($0.problem), advice: say($0.advice))
      },
      warnings: warnings.map {
        .init(kind: $0.kind, sheet: $0.sheet, row: $0.row, text: say($0.text))
      },
      skipped: skipped.map { .init(sheet: $0.sheet, row: $0.row, why: say($0.why)) },
      totalFen: total?.fen)
  }
}

package enum ImportError: YibangError {
  case noHeader(missing: [String])
  case semesterClosed(String)

  package var code: String {
    switch self {
    case .noHeader: "import.no_header"
    case .semesterClosed: "import.semester_closed"
    }
  }

  package var category: ErrorCategory { .badData }

  package var text: Text {
    switch self {
    case .noHeader(let missing):
      Text(
        "没有找到表头：前 15 行中没有一行同时含有“\(missing.joined(separator: "”“"))”。请检查是否选错了文件。",
        "No header was found: no row among the first 15 has all of "
          + "“\(missing.joined(separator: "”, “"))”. Is it the right file?")
    case .semesterClosed(let semester):
      Text("学期 \(semester) 已结账，不能导入。", "The semester \(semester) is closed: nothing is imported.")
    }
  }
}
