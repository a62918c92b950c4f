/// Puts zip archives together byte by byte, sound or not.
struct HandMadeZip {
  private var body: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0
  var flags: UInt16 = 0

  /// A part that is stored without compression.
  mutating func store(_ name: String, _ content: some Collection<UInt8>) {
    let bytes = Array(content)
    add(name, method: 0, stored: bytes, crc: crc32(bytes), inflated: UInt32(bytes.count))
  }

  /// A part of a short text and `runs` × 258 + 1 spaces, a quarter of a byte for each run.
  mutating func storeSpaces(_ name: String, after text: String, runs: Int) {
    let length = UInt16(text.utf8.count)
    let start = [0] + little(length) + little(~length) + Array(text.utf8)
    let inflated = UInt32(text.utf8.count + runs * 258 + 1)
    add(name, method: 8, stored: start + deflatedSpaces(runs: runs), crc: 0, inflated: inflated)
  }

  private mutating func add(
    _ name: String, method: UInt16, stored: [UInt8], crc: UInt32, inflated: UInt32
  ) {
    let offset = UInt32(body.count)
    let common =
      little(flags) + little(method) + little(UInt32(0x5A21_0000)) + little(crc)
      + little(UInt32(stored.count)) + little(inflated) + little(UInt16(name.utf8.count))
      + little(UInt16(0))
    body += little(UInt32(0x0403_4B50)) + little(UInt16(20)) + common + Array(name.utf8) + stored
    directory += little(UInt32(0x0201_4B50)) + little(UInt16(20)) + little(UInt16(20)) + common
    directory += [UInt8](repeating: 0, count: 10) + little(offset) + Array(name.utf8)
    count += 1
  }

  var bytes: [UInt8] {
    let end =
      little(UInt32(0x0605_4B50)) + little(UInt32(0)) + little(UInt16(count))
      + little(UInt16(count)) + little(UInt32(directory.count)) + little(UInt32(body.count))
      + little(UInt16(0))
    return body + directory + end
  }
}

private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  var crc: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
  }
  return ~crc
}

/// One block of deflate (RFC 1951, 3.2.7) whose Huffman code gives one bit to "copy 258 bytes" and
/// one to "from one byte back": the densest there is.
private func deflatedSpaces(runs: Int) -> [UInt8] {
  var bits = BitStream()
  bits.append(0b101, 3)  // last block, dynamic code
  bits.append(29, 5)  // 286 literals and lengths
  bits.append(0, 5)  // 1 distance
  bits.append(14, 4)  // 18 lengths for the code of the code, in the order of the standard
  for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] { bits.append(length, 3) }
  func zeros(_ count: Int) {
    bits.append(0, 1)
    bits.append(count - 11, 7)
  }
  func length(_ value: Int) { bits.append(value == 1 ? 0b01 : 0b11, 2) }
  zeros(32)
  length(2)  // the space: 10
  zeros(138)
  zeros(85)
  length(2)  // the end: 11
  zeros(28)
  length(1)  // 258 bytes: 0
  length(1)  // distance 1: 0
  bits.append(0b01, 2)  // one space, to copy from
  for _ in 0..<runs { bits.append(0, 2) }
  bits.append(0b11, 2)
  return bits.bytes
}

private struct BitStream {
  private(set) var bytes: [UInt8] = []
  private var used = 8

  mutating func append(_ value: Int, _ count: Int) {
    for index in 0..<count {
      if used == 8 {
        bytes.append(0)
        used = 0
      }
      bytes[bytes.count - 1] |= UInt8(value >> index & 1) << used
      used += 1
    }
  }
}
