import Yibang

/// A member of an input that holds a document of another format, which its own reader checks.
struct RawJSON: Described, Sendable {
  let value: JSONValue

  init(_ value: JSONValue) {
    self.value = value
  }

  /// Only the input's own decoder has the document.
  init(from decoder: any Decoder) throws {
    throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: ""))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(String(decoding: value.bytes, as: UTF8.self))
  }

  static var schema: JSONValue { ["type": "object"] }
  static var example: RawJSON { RawJSON([:]) }
  static var expected: Text { Text("一个 JSON 对象", "a JSON object") }
}
