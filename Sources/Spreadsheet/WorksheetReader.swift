extension Workbook {
  func open(_ sheet: Sheet) throws(TableFileError) -> ZipPart {
    let archive = try ZipArchive(path: path, fileBytes: fileBytes, limits: limits)
    return try archive.part(sheet.part)
  }

  /// Delivers the rows of a sheet that have content of their own, in order, one at a time.
  func rows(_ sheet: Sheet, _ body: (SheetRow, Double) throws -> Void) throws {
    let merges = try mergedRanges(in: sheet, of: self)
    try withoutActuallyEscaping(body) { body in
      let reader = WorksheetReader(self, sheet, merges, body)
      do throws(TableFileError) {
        try parseXML(open(sheet), reader)
      } catch {
        throw reader.bodyFailure ?? error
      }
    }
  }
}

/// Turns the elements of a sheet part into rows.
private final class WorksheetReader: XMLHandler {
  private enum Kind { case number, shared, inline, formulaText, bool, error, isoDate }

  private(set) var bodyFailure: (any Error)?
  private let book: Workbook
  private let sheet: Workbook.Sheet
  private let body: (SheetRow, Double) throws -> Void
  private var progress = 0.0
  private var merges: MergeFiller
  private var cellCount = 0

  private var isInSheetData = false
  private var isInRow = false
  private var rowNumber = 0
  private var cells: [Cell] = []
  private var column = -1
  private var isInCell = false
  private var kind = Kind.number
  private var format = NumberFormat.number
  private var hasFormula = false
  private var hasValue = false
  private var value: [UInt8] = []
  private var collectingDepth: Int?
  private var phoneticDepth: Int?
  private var isInInlineText = false

  init(
    _ book: Workbook, _ sheet: Workbook.Sheet, _ merges: [MergedRange],
    _ body: @escaping (SheetRow, Double) throws -> Void
  ) {
    self.book = book
    self.sheet = sheet
    self.body = body
    self.merges = MergeFiller(merges, columnLimit: book.limits.columns)
  }

  func advance(to progress: Double) { self.progress = progress }

  func start(_ name: XMLName, _ attributes: XMLAttributes, depth: Int) throws(TableFileError) {
    switch depth {
    case 1: isInSheetData = name == "sheetData"
    case 2: if isInSheetData, name == "row" { try beginRow(attributes) }
    case 3: if isInRow, name == "c" { try beginCell(attributes) }
    case 4:
      guard isInCell else { return }
      if name == "v" {
        collectingDepth = depth
        hasValue = true
        value.removeAll(keepingCapacity: true)
      } else if name == "f" {
        hasFormula = true
      } else if name == "is" {
        isInInlineText = true
        hasValue = true
        value.removeAll(keepingCapacity: true)
      }
    default:
      guard isInInlineText, phoneticDepth == nil else { return }
      if name == "rPh" { phoneticDepth = depth } else if name == "t" { collectingDepth = depth }
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(TableFileError) {
    guard collectingDepth != nil else { return }
    value.append(contentsOf: bytes)
    if value.count > book.limits.cellCharacters * 8 {
      throw .tooLarge(.cellCharacters, limit: book.limits.cellCharacters, row: rowNumber)
    }
  }

  func end(depth: Int) throws(TableFileError) {
    if collectingDepth == depth {
      collectingDepth = nil
    } else if phoneticDepth == depth {
      phoneticDepth = nil
    }
    switch depth {
    case 2: if isInRow { try endRow() }
    case 3: if isInCell { try endCell() }
    case 4: isInInlineText = false
    default: break
    }
  }

  private func beginRow(_ attributes: XMLAttributes) throws(TableFileError) {
    let previous = rowNumber
    rowNumber += 1
    if let written = attributes["r"] {
      guard let number = decimalInteger(written), number > previous else {
        throw .corrupt(where: "\(sheet.name), row \(rowNumber)")
      }
      rowNumber = number
    }
    guard rowNumber <= book.limits.rows else {
      throw .tooLarge(.rows, limit: book.limits.rows, row: rowNumber)
    }
    cells.removeAll(keepingCapacity: true)
    column = -1
    isInRow = true
  }

  private func endRow() throws(TableFileError) {
    isInRow = false
    let hasContent = !cells.isEmpty
    let filled = merges.fill(row: rowNumber, cells: &cells)
    guard hasContent else { return }
    cellCount += cells.count
    guard cellCount <= book.limits.cells else {
      throw .tooLarge(.cells, limit: book.limits.cells, row: rowNumber)
    }
    let row = SheetRow(number: rowNumber, cells: cells, isMergedContinuation: filled)
    do {
      try body(row, progress)
    } catch {
      bodyFailure = error
      throw .corrupt(where: sheet.name)
    }
  }

  private func beginCell(_ attributes: XMLAttributes) throws(TableFileError) {
    isInCell = true
    hasFormula = false
    hasValue = false
    value.removeAll(keepingCapacity: true)
    if let written = attributes["r"] {
      guard let reference = CellReference(written), reference.row == rowNumber else {
        throw .corrupt(where: "\(sheet.name), row \(rowNumber)")
      }
      column = reference.column
    } else {
      column += 1
    }
    kind = Self.kind(attributes["t"])
    format = .number
    if kind == .number, let style = attributes.number("s"), book.formats.indices.contains(style) {
      format = book.formats[style]
    }
  }

  private static func kind(_ written: UnsafeBufferPointer<UInt8>?) -> Kind {
    guard let written, let first = written.first else { return .number }
    switch first {
    case UInt8(ascii: "s"): return written.count == 1 ? .shared : .formulaText
    case UInt8(ascii: "i"): return .inline
    case UInt8(ascii: "b"): return .bool
    case UInt8(ascii: "e"): return .error
    case UInt8(ascii: "d"): return .isoDate
    default: return .number
    }
  }

  private func endCell() throws(TableFileError) {
    isInCell = false
    let cell = try readValue()
    guard cell != .empty else { return }
    let limits = book.limits
    // Blank cells may be styled as far as the last column; only content counts.
    guard column < limits.columns else {
      throw .tooLarge(.columns, limit: limits.columns, row: rowNumber)
    }
    if column == cells.count {
      cells.append(cell)
    } else {
      if column > cells.count {
        cells += repeatElement(.empty, count: column + 1 - cells.count)
      }
      cells[column] = cell
    }
  }

  private func readValue() throws(TableFileError) -> Cell {
    // Some writers leave an empty value beside a formula that they did not calculate.
    if value.isEmpty && hasFormula && kind != .formulaText {
      return Cell(.empty, note: .formulaWithoutValue)
    }
    guard hasValue else { return .empty }
    switch kind {
    case .shared:
      guard let index = decimalInteger(value), let text = book.strings[index] else {
        throw .corrupt(where: "\(sheet.name), \(columnName(column))\(rowNumber)")
      }
      return text.isEmpty ? .empty : Cell(.text(text))
    case .inline, .formulaText: return try text()
    case .bool: return Cell(.bool(value.first == UInt8(ascii: "1") || value.first == 0x74))
    case .error: return Cell(.error(String(decoding: value, as: UTF8.self)))
    case .isoDate: return isoCell(String(decoding: value, as: UTF8.self))
    case .number: return try number()
    }
  }

  private func text() throws(TableFileError) -> Cell {
    unescapeXString(&value)
    let limit = book.limits.cellCharacters
    if value.count > limit, utf16Count(value) > limit {
      throw .tooLarge(.cellCharacters, limit: limit, row: rowNumber)
    }
    return value.isEmpty ? .empty : Cell(.text(String(decoding: value, as: UTF8.self)))
  }

  private func number() throws(TableFileError) -> Cell {
    guard let shown = shownNumber(value.trimmingSpaces()) else { return try text() }
    if format != .number, let serial = Double(shown.text),
      let cell = book.epoch.cell(serial: serial, isElapsed: format == .elapsedTime)
    {
      return cell
    }
    return Cell(.number(shown.text, lostDigits: shown.lostDigits))
  }
}

extension [UInt8] {
  fileprivate func trimmingSpaces() -> ArraySlice<UInt8> {
    let rest = drop { $0 <= 0x20 }
    return rest.prefix((rest.lastIndex { $0 > 0x20 } ?? rest.startIndex - 1) + 1 - rest.startIndex)
  }
}
