/// Characters as spreadsheets count them.
func utf16Count(_ utf8: some Sequence<UInt8>) -> Int {
  utf8.reduce(0) { $0 + ($1 >= 0xF0 ? 2 : $1 & 0xC0 == 0x80 ? 0 : 1) }
}

/// Undoes `_x000D_`, in which files keep characters that XML cannot hold.
/// Source: ECMA-376 part 1, 22.9.2.19.
func unescapeXString(_ bytes: inout [UInt8]) {
  let underscore = UInt8(ascii: "_")
  guard var read = bytes.firstIndex(of: underscore) else { return }
  var write = read
  while read < bytes.count {
    if bytes[read] == underscore, let first = escapedUnit(bytes, at: read) {
      var scalar = Unicode.Scalar(UInt32(first))
      var length = 7
      if first & 0xFC00 == 0xD800, let second = escapedUnit(bytes, at: read + 7),
        second & 0xFC00 == 0xDC00
      {
        scalar = Unicode.Scalar(
          0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF)))
        length = 14
      }
      if let scalar, scalar != "\0" {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
          bytes[write] = byte
          write += 1
        }
        read += length
        continue
      }
    }
    bytes[write] = bytes[read]
    write += 1
    read += 1
  }
  bytes.removeSubrange(write...)
}

/// Protects a text that looks like an escape from being undone: its underscore becomes `_x005F_`.
func escapingXString(_ text: String) -> String {
  let bytes = Array(text.utf8)
  let marks = bytes.indices.filter { escapedUnit(bytes, at: $0) != nil }
  guard !marks.isEmpty else { return text }
  var out: [UInt8] = []
  var start = 0
  for mark in marks {
    out += bytes[start..<mark] + Array("_x005F".utf8)
    start = mark
  }
  return String(decoding: out + bytes[start...], as: UTF8.self)
}

private func escapedUnit(_ bytes: [UInt8], at start: Int) -> UInt16? {
  guard start + 7 <= bytes.count, bytes[start] == UInt8(ascii: "_"),
    bytes[start + 1] == UInt8(ascii: "x"), bytes[start + 6] == UInt8(ascii: "_")
  else { return nil }
  var value: UInt16 = 0
  for byte in bytes[(start + 2)..<(start + 6)] {
    let letter = byte | 0x20
    if byte &- 0x30 < 10 {
      value = value << 4 | UInt16(byte &- 0x30)
    } else if letter >= UInt8(ascii: "a"), letter <= UInt8(ascii: "f") {
      value = value << 4 | UInt16(letter - UInt8(ascii: "a") + 10)
    } else {
      return nil
    }
  }
  return value
}
