import Spreadsheet

/// All rows of a sheet.
func rows(_ path: String, sheet: Int = 0, limits: Limits = .standard) throws -> [SheetRow] {
  var rows: [SheetRow] = []
  try TableFile.open(path: path, limits: limits).rows(sheet: sheet) { row, _ in rows.append(row) }
  return rows
}

/// All rows of the first sheet of a file with these bytes.
func rows(
  of bytes: some Collection<UInt8>, name: String = "table", limits: Limits = .standard
) throws -> [SheetRow] {
  let folder = TemporaryFolder()
  return try withExtendedLifetime(folder) {
    try rows(folder.file(name, bytes), limits: limits)
  }
}

/// Texts of all cells of the first sheet.
func texts(
  of bytes: some Collection<UInt8>, limits: Limits = .standard
) throws -> [[String]] {
  try rows(of: bytes, limits: limits).map { $0.cells.map(\.text) }
}

/// The only cell of a workbook whose only row has this content.
func cell(_ xml: String, styles: String? = nil, is1904: Bool = false) throws -> Cell {
  var book = HandMadeWorkbook(rows: "<row r=\"1\">\(xml)</row>")
  book.styles = styles
  book.is1904 = is1904
  return try rows(of: book.bytes).first?[0] ?? .empty
}

/// The error of a file with these bytes, when it is opened or read through.
func fault(of bytes: some Collection<UInt8>, limits: Limits = .standard) -> TableFileError? {
  do {
    _ = try rows(of: bytes, limits: limits)
    return nil
  } catch {
    return error as? TableFileError
  }
}
