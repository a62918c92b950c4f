import Foundation
import Spreadsheet
import Synchronization
import Yibang

/// Prints records while they are read, so that memory does not grow with their number: CSV rows, or a
/// JSON object a line. A table needs all rows for its widths, so it takes a limited number.
final class RowPrinter<Row: Encodable & Sendable>: Sendable {
  private struct State {
    var csv = CSVWriter()
    var lines = ""
    var table: [Row] = []
    var leftOut = 0
  }

  private static var bufferBytes: Int { 64 << 10 }

  private let printer: Printer
  private let columns: [Column<Row>]
  private let tableRows: Int
  private let state = Mutex(State())

  init(_ printer: Printer, _ columns: [Column<Row>], tableRows: Int) {
    self.printer = printer
    self.columns = columns
    self.tableRows = tableRows
    if printer.format == .csv {
      state.withLock {
        // The mark at the beginning is for files.
        _ = $0.csv.takeBytes()
        $0.csv.append(columns.map { .text($0.title(printer.language)) })
      }
    }
  }

  /// - Throws: `OutputError`, or what the record's coding throws.
  func print(_ row: Row) throws {
    try state.withLock { state in
      switch printer.format {
      case .csv:
        state.csv.append(columns.map { $0.cell(row, printer.language) })
        if state.csv.bytes.count >= Self.bufferBytes { try Self.flush(&state) }
      case .json:
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        state.lines += String(decoding: try encoder.encode(row), as: UTF8.self) + "\n"
        if state.lines.utf8.count >= Self.bufferBytes { try Self.flush(&state) }
      case .table:
        if state.table.count < tableRows { state.table.append(row) } else { state.leftOut += 1 }
      }
    }
  }

  /// Writes what is left.
  func finish() throws {
    try state.withLock { state in
      try Self.flush(&state)
      guard printer.format == .table else { return }
      try printer.list(state.table, columns)
      if state.leftOut > 0 {
        printer.notice(
          Text(
            "另有 \(state.leftOut) 行未列出，请用 --format csv。",
            "\(state.leftOut) more rows are not shown: use --format csv."))
      }
    }
  }

  private static func flush(_ state: inout State) throws {
    let csv = state.csv.takeBytes()
    if !csv.isEmpty { try standardOutput(String(decoding: csv, as: UTF8.self)) }
    if !state.lines.isEmpty { try standardOutput(state.lines) }
    state.lines = ""
  }
}
