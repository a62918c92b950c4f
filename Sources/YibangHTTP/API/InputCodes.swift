import Foundation
import Yibang

extension StudentCode: Described {
  package init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
  static var schema: JSONValue { ["type": "string", "maxLength": 100] }
  static var example: StudentCode { try! StudentCode("G990000201503010017") }
  static var expected: Text { kind.name }
}

extension RegionCode: Described {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    do {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: ""))
    }
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
  static var schema: JSONValue { ["type": "string", "pattern": "^([0-9]{6}|[0-9]{9})$"] }
  static var example: RegionCode { try! RegionCode("530102") }
  static var expected: Text {
    Text("6 位县区或 9 位乡镇代码", "the 6 digits of a county or 9 of a town")
  }
}

/// A checksum of a file: 64 hexadecimal digits.
struct SHA256Text: Described, Sendable {
  let bytes: [UInt8]

  init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    let digits = Array(text.utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == 64, text.utf8.count == 64 else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: ""))
    }
    bytes = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }

  private init() {
    bytes = Array(repeating: 0, count: 32)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(bytes.map { String(format: "%02x", $0) }.joined())
  }

  static var schema: JSONValue { ["type": "string", "pattern": "^[0-9A-Fa-f]{64}$"] }
  static var example: SHA256Text { SHA256Text() }
  static var expected: Text { Text("64 位十六进制的 SHA-256", "a SHA-256 of 64 hexadecimal digits") }
}
