import Glibc

/// A merged range of cells: rows from 1, columns from 0, ends included.
struct MergedRange: Equatable {
  var rows: ClosedRange<Int>
  var columns: ClosedRange<Int>

  /// `nil` for anything but `A2:A9`.
  init?(_ reference: UnsafeBufferPointer<UInt8>) {
    let ends = reference.split(separator: UInt8(ascii: ":"))
    guard ends.count == 2, let first = CellReference(ends[0]), let last = CellReference(ends[1]),
      first.row <= last.row, first.column <= last.column
    else { return nil }
    rows = first.row...last.row
    columns = first.column...last.column
  }
}

/// Finds the merged ranges of a sheet. Files keep them after the cells, so the part is gone through
/// once before; its checksum is proved on the way, before the first row is delivered.
func mergedRanges(
  in sheet: Workbook.Sheet, of book: Workbook
) throws(TableFileError) -> [MergedRange] {
  guard try mentionsMerges(book.open(sheet)) else { return [] }
  let reader = MergesReader(book.limits)
  try parseXML(book.open(sheet), reader)
  return reader.ranges.sorted { $0.rows.lowerBound < $1.rows.lowerBound }
}

/// Looks for the tag in the bytes, which is many times faster than parsing; a part in UTF-16, where
/// it cannot be found so, is taken to have it.
private func mentionsMerges(_ part: consuming ZipPart) throws(TableFileError) -> Bool {
  let tag = Array("mergeCell".utf8)
  var isFound = false
  var tail: [UInt8] = []
  var isFirst = true
  while let chunk = try part.next() {
    if isFirst, let byte = chunk.first { isFound = byte == 0xFE || byte == 0xFF || byte == 0 }
    if isFirst, chunk.count > 1 { isFound = isFound || chunk[1] == 0 }
    isFirst = false
    if isFound { continue }
    let seam = tail + chunk.prefix(tag.count)
    isFound =
      contains(chunk, tag) || seam.withUnsafeBytes { contains($0, tag) }
    let end = chunk[max(0, chunk.count - tag.count)...]
    tail = Array((tail + Array(end)).suffix(tag.count - 1))
  }
  return isFound
}

func contains(_ bytes: UnsafeRawBufferPointer, _ needle: [UInt8]) -> Bool {
  guard let first = needle.first, var cursor = bytes.baseAddress else { return false }
  var left = bytes.count
  while left >= needle.count,
    let hit = memchr(cursor, Int32(first), left - needle.count + 1)
  {
    if memcmp(hit, needle, needle.count) == 0 { return true }
    left -= UnsafeRawPointer(hit) + 1 - cursor
    cursor = UnsafeRawPointer(hit) + 1
  }
  return false
}

private final class MergesReader: XMLHandler {
  private(set) var ranges: [MergedRange] = []
  private let limits: Limits
  private var isInMerges = false

  init(_ limits: Limits) { self.limits = limits }

  func start(_ name: XMLName, _ attributes: XMLAttributes, depth: Int) throws(TableFileError) {
    if depth == 1 { isInMerges = name == "mergeCells" }
    guard depth == 2, isInMerges, name == "mergeCell", let reference = attributes["ref"],
      let range = MergedRange(reference)
    else { return }
    ranges.append(range)
    if ranges.count > limits.merges { throw .tooLarge(.merges, limit: limits.merges) }
  }
}

/// Copies the top left value of merged ranges into their other cells, row after row.
struct MergeFiller {
  private let ranges: [MergedRange]
  private let columnLimit: Int
  private var next = 0
  /// Ranges that the current row crosses; no two share a column.
  private var active: [(range: MergedRange, value: Cell)] = []

  init(_ ranges: [MergedRange], columnLimit: Int) {
    self.ranges = ranges
    self.columnLimit = columnLimit
  }

  /// Fills one row; rows come in rising order.
  ///
  /// - Returns: the columns that were filled, `nil` when there are none.
  mutating func fill(row: Int, cells: inout [Cell]) -> Set<Int>? {
    guard next < ranges.count || !active.isEmpty else { return nil }
    active.removeAll { $0.range.rows.upperBound < row }
    while next < ranges.count, ranges[next].rows.lowerBound <= row {
      let range = ranges[next]
      next += 1
      let first = range.columns.lowerBound
      guard range.rows.lowerBound == row, first < columnLimit, first < cells.count,
        !cells[first].isEmpty, !active.contains(where: { $0.range.columns.overlaps(range.columns) })
      else { continue }
      active.append((range, cells[first]))
    }
    var filled: Set<Int> = []
    for (range, value) in active {
      let last = min(range.columns.upperBound, columnLimit - 1)
      if cells.count <= last {
        cells += repeatElement(.empty, count: last + 1 - cells.count)
      }
      let isTopRow = range.rows.lowerBound == row
      for column in range.columns.lowerBound...last
      where !(isTopRow && column == range.columns.lowerBound) {
        cells[column] = value
        filled.insert(column)
      }
    }
    return filled.isEmpty ? nil : filled
  }
}
