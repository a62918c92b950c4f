/// A sheet to be printed and filled in by hand: cells of one or more columns and rows in a grid, on
/// one page of A4.
package struct FormSheet: Sendable {
  package enum Style: Sendable, Hashable {
    /// Large and bold, without a frame.
    case title
    /// What a cell beside or below holds: centred, framed.
    case label
    /// To be filled in, or filled: left, framed, always text.
    case value
    /// As `value`, from the top of the cell: for several lines.
    case block
    /// A line without a frame.
    case line
  }

  package struct Cell: Sendable {
    package var text: String
    package var style: Style
    /// How many columns and rows of the grid it takes.
    package var columns: Int
    package var rows: Int

    package init(_ text: String, _ style: Style, columns: Int = 1, rows: Int = 1) {
      self.text = text
      self.style = style
      self.columns = columns
      self.rows = rows
    }
  }

  /// Cells from left to right; columns that a cell from above takes are passed over.
  package struct Row: Sendable {
    package var cells: [Cell]
    /// In points; nil to take it from the content.
    package var height: Double?

    package init(_ cells: [Cell], height: Double? = nil) {
      self.cells = cells
      self.height = height
    }
  }

  package var name: String
  /// Of the columns, in characters of half width.
  package var widths: [Double]
  package var rows: [Row]
  package var isLandscape: Bool

  package init(name: String, widths: [Double], rows: [Row], isLandscape: Bool = false) {
    self.name = name
    self.widths = widths
    self.rows = rows
    self.isLandscape = isLandscape
  }

  /// A cell at its place in the grid, from 0.
  struct Placed {
    let cell: Cell
    let row: Int
    let column: Int
  }

  /// Where the cells stand.
  /// - Precondition: no row has more cells than the grid has room for.
  func placed() -> [Placed] {
    var taken: [[Bool]] = []
    var placed: [Placed] = []
    for (row, line) in rows.enumerated() {
      var column = 0
      for cell in line.cells {
        while taken.count <= row + cell.rows {
          taken.append(Array(repeating: false, count: widths.count))
        }
        while column < widths.count, taken[row][column] { column += 1 }
        precondition(column + cell.columns <= widths.count, "row \(row + 1) has too many cells")
        for down in 0..<cell.rows {
          for right in 0..<cell.columns { taken[row + down][column + right] = true }
        }
        placed.append(Placed(cell: cell, row: row, column: column))
        column += cell.columns
      }
    }
    return placed
  }

  /// Heights of all rows, in points: enough for what stands in one row alone.
  func heights(_ placed: [Placed]) -> [Double] {
    var heights = rows.map { $0.height ?? 22 }
    for place in placed where place.cell.rows == 1 && rows[place.row].height == nil {
      let width = widths[place.column..<(place.column + place.cell.columns)].reduce(0, +)
      let lines = place.cell.text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { max(1, (Double(displayWidth(String($0))) * 1.1 / width).rounded(.up)) }
        .reduce(0, +)
      let line: Double = place.cell.style == .title ? 26 : 16
      heights[place.row] = max(heights[place.row], lines * line + 6)
    }
    return heights
  }
}
