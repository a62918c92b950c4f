/// An .xlsx or .csv file that was opened for reading.
///
/// Opening reads what every sheet needs (the encoding of a CSV; names, styles and shared texts of a
/// workbook). Rows are then streamed: memory stays bounded whatever the file's size. The value may
/// be used from several threads; each pass opens the file anew.
package struct TableFile: Sendable {
  package enum Kind: Sendable, Equatable {
    case xlsx
    case csv(TextEncoding)
  }

  private enum Source {
    case workbook(Workbook)
    case text(CSVText)
  }

  package let path: String
  /// Judged by the content; the file's name is not trusted.
  package let kind: Kind
  /// Names of the visible sheets in their order. A CSV has one, named as the file without its
  /// extension.
  package let sheets: [String]
  private let source: Source
  private let stamp: FileStamp

  /// Opens a file and proves that it can be a table.
  package static func open(
    path: String, limits: Limits = .standard
  ) throws(TableFileError) -> TableFile {
    let (content, stamp) = try FileContent.detect(path: path, limits: limits)
    switch content {
    case .archive:
      let book = try Workbook(path: path, fileBytes: stamp.bytes, limits: limits)
      return TableFile(
        path: path, kind: .xlsx, sheets: book.sheets.map(\.name), source: .workbook(book),
        stamp: stamp)
    case .text:
      let text = try CSVText(path: path, limits: limits)
      return TableFile(
        path: path, kind: .csv(text.encoding), sheets: [baseName(path)], source: .text(text),
        stamp: stamp)
    }
  }

  /// Delivers the rows of a sheet that have content of their own, in order, one at a time.
  ///
  /// Cells of a merged range carry the value of its top left cell and are flagged in the row. A row
  /// that holds nothing but such copies is not delivered.
  ///
  /// - Parameters:
  ///   - sheet: index into `sheets`.
  ///   - body: takes a row and how much of the sheet is read, 0 to 1. What it throws ends the pass.
  /// - Throws: `TableFileError`, or what `body` throws. Rows delivered before an error are sound in
  ///   themselves, but more may be missing.
  package func rows(
    sheet: Int, _ body: (SheetRow, _ progress: Double) throws -> Void
  ) throws {
    precondition(sheets.indices.contains(sheet), "no sheet \(sheet) among \(sheets.count)")
    try requireUnchanged()
    switch source {
    case .workbook(let book): try book.rows(book.sheets[sheet], body)
    case .text(let text): try text.rows(body)
    }
  }

  /// The records of a CSV as bytes, for callers that need no `String`s; `nil` for a workbook.
  package func csvScanner() throws(TableFileError) -> CSVScanner? {
    guard case .text(let text) = source else { return nil }
    try requireUnchanged()
    return try text.scanner()
  }

  /// What opening has read must belong to the same content as what is read now.
  private func requireUnchanged() throws(TableFileError) {
    guard try InputFile(path: path).stamp == stamp else { throw .changed }
  }

  private static func baseName(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }
}
