import Spreadsheet
import Yibang

/// Columns aligned by what a terminal shows: a Han character takes two places.
struct TextTable {
  let titles: [String]
  let right: [Bool]
  let rows: [[String]]

  /// Header, a line under it and the rows, each ended by a line break.
  var rendered: String {
    let rows = rows.map { $0.map(Self.onOneLine) }
    var widths = titles.map(displayWidth)
    for row in rows {
      for (index, cell) in row.enumerated() {
        widths[index] = max(widths[index], displayWidth(cell))
      }
    }
    var lines = [line(titles, widths)]
    lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))
    lines += rows.map { line($0, widths) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = ""
    for (index, cell) in cells.enumerated() {
      if index > 0 { text += "  " }
      let space = String(repeating: " ", count: widths[index] - displayWidth(cell))
      text += right[index] ? space + cell : cell + space
    }
    while text.last == " " { text.removeLast() }
    return text
  }

  /// A cell of a sheet may hold line breaks, and signs that steer a terminal: they become spaces.
  private static func onOneLine(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    if isPlain { return text }
    let scalars = text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? " " : Character(scalar)
    }
    return String(scalars)
  }

  /// For people: money with its sign and grouping.
  static func text(_ cell: TableCell) -> String {
    if case .money(let fen) = cell { return Money(fen: fen).description }
    return cell.text
  }
}

extension TextTable {
  /// A sheet on the screen: title, rows and total.
  static func sheet(_ table: TableDocument) -> String {
    let rows = (table.rows + [table.totals].compactMap { $0 }).map { $0.map(text) }
    let body = TextTable(
      titles: table.columns.map(\.title),
      right: table.columns.map { $0.kind == .money || $0.kind == .integer },
      rows: rows.map { $0 + Array(repeating: "", count: max(0, table.columns.count - $0.count)) })
    let head = [table.title, table.subtitle].compactMap { $0 }.map { "\($0)\n" }.joined()
    return head + body.rendered
  }
}
