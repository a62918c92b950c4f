/// A cell's place as files write it: `B7` is row 7, column 1 (columns from 0, rows from 1).
struct CellReference: Equatable {
  var row: Int
  var column: Int

  /// `nil` when the bytes are no reference; dollar signs are passed over.
  init?(_ bytes: some Sequence<UInt8>) {
    var letters = 0
    var digits = 0
    var row = 0
    var column = 0
    for byte in bytes where byte != UInt8(ascii: "$") {
      let letter = (byte & 0xDF) &- UInt8(ascii: "A")
      if letter < 26, byte >= UInt8(ascii: "A"), digits == 0 {
        column = column * 26 + Int(letter) + 1
        letters += 1
      } else if byte &- 0x30 < 10 {
        row = row * 10 + Int(byte &- 0x30)
        digits += 1
      } else {
        return nil
      }
      guard letters <= 4, digits <= 9 else { return nil }
    }
    guard letters > 0, row > 0 else { return nil }
    self.row = row
    self.column = column - 1
  }
}
