/// How much of a file is taken in before it is refused, so that a hostile or broken file ends in a
/// clear error within bounded memory and time.
package struct Limits: Sendable {
  /// Size of the file, in bytes.
  package var fileBytes = 200 << 20
  /// Sum of what is inflated in one pass over a file, in bytes; of all its sheets too.
  package var inflatedBytes = 1 << 30
  /// A part that inflates to more than this many times its stored size is a bomb, …
  package var inflationRatio = 200
  /// … once more than this many bytes came out of it.
  package var inflationRatioAppliesAboveBytes = 50 << 20
  /// Entries of the archive.
  package var entries = 10_000
  package var rows = 1_048_576
  package var columns = 1_024
  /// Cells with content in one sheet, those filled from merged ranges included.
  package var cells = 64_000_000
  /// UTF-16 units in one cell, as spreadsheets count.
  package var cellCharacters = 32_767
  /// Bytes of one CSV record.
  package var recordBytes = 8 << 20
  /// Memory of the shared string table, in bytes.
  package var sharedStringBytes = 64 << 20
  /// Merged ranges in one sheet.
  package var merges = 100_000
  /// Nesting of XML elements.
  package var xmlDepth = 64
  /// Different element and attribute names in one XML part; the parser keeps each.
  package var xmlNames = 4_096
  /// Bytes of one XML tag or comment; the parser holds it whole.
  package var xmlTokenBytes = 2 << 20
  /// Bytes taken from a file at once, at least 32.
  package var chunkBytes = 256 << 10

  package init() {}

  package static let standard = Limits()
}
