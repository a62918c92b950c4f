import Yibang

/// Reads a query: names and values in order.
enum Query {
  /// - Throws: `InputError.value` if it is no UTF-8, or holds U+0000.
  static func items(_ query: String?) throws(InputError) -> [(name: String, value: String)] {
    guard let query, !query.isEmpty else { return [] }
    var items: [(String, String)] = []
    for part in query.split(separator: "&") {
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decoded(halves[0]), let value = decoded(halves.count > 1 ? halves[1] : "")
      else {
        throw .value(
          field: "?",
          Text("查询参数的百分号编码有误。", "a parameter of the query is encoded wrongly."))
      }
      items.append((name, value))
    }
    return items
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst(), let low = rest.popFirst(),
          let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
        else { return nil }
        bytes.append(value)
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(0) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
