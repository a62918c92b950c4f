import Foundation
import Yibang

/// Reads a request's input into a type: strictly, so that a misspelt or doubled field is an error and
/// not silence, and with the field's name in every error.
enum InputDecoder {
  /// - Parameters:
  ///   - textual: the names of members that came from the path or the query, whose numbers are text.
  /// - Throws: `InputError`.
  static func decode<T: Decodable>(
    _ type: T.Type, from value: JSONValue, textual: Set<String> = []
  ) throws -> T {
    guard case .object = value else { throw InputError.notAnObject }
    return try decode(type, Place(value: value, path: "", isText: false, textual: textual))
  }

  fileprivate static func decode<T: Decodable>(_ type: T.Type, _ place: Place) throws -> T {
    if type == UUID.self {
      guard let text = place.value.text, let id = uuid(text), let result = id as? T else {
        throw place.wrong(Text("编号（UUID）", "an id (UUID)"))
      }
      return result
    }
    if type == RawJSON.self, let result = RawJSON(place.value) as? T { return result }
    let decoding = Decoding(place)
    let result: T
    do {
      result = try T(from: decoding)
    } catch let error as any ValueError {
      throw InputError.value(field: place.path, error.text)
    } catch let error as InputError {
      throw error
    } catch is DecodingError {
      let described = type as? any Described.Type
      let expected = described?.expected ?? Choice.expected(type)
      // 2026-2099-1 is written like a semester and is none.
      if let described, place.isWritten(as: described.schema) {
        throw InputError.value(
          field: place.path, Text("应是\(expected.zh)。", "it should be \(expected.en)."))
      }
      throw place.wrong(expected)
    }
    try decoding.refuseUnknown(except: (type as? any Described.Type)?.unread ?? [])
    return result
  }

  /// Only the usual form of 36 characters.
  private static func uuid(_ text: String) -> UUID? {
    text.utf8.count == 36 ? UUID(uuidString: text) : nil
  }
}

/// What an enum's value may be, for errors.
private enum Choice {
  static func expected(_ type: Any.Type) -> Text {
    let cases = (type as? any CaseIterable.Type)?.words ?? []
    guard !cases.isEmpty else { return Text("别的写法", "written otherwise") }
    return Text(
      "下列之一：\(cases.joined(separator: "、"))", "one of: \(cases.joined(separator: ", "))")
  }
}

extension CaseIterable {
  /// The raw values, where they are texts.
  static var words: [String] {
    allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
  }
}

/// A value and where it stands in the input.
private struct Place {
  let value: JSONValue
  let path: String
  let isText: Bool
  var textual: Set<String> = []

  func wrong(_ expected: Text) -> InputError { .type(field: path, expected: expected) }

  /// Whether this is a text as a schema without a pattern, or with this one, has it.
  func isWritten(as schema: JSONValue) -> Bool {
    guard schema["type"]?.text == "string", let text = value.text else { return false }
    switch (schema["pattern"]?.text, schema["format"]?.text) {
    case (let pattern?, _): return text.range(of: pattern, options: .regularExpression) != nil
    case (nil, "date"?): return text.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil
    default: return true
    }
  }

  func member(_ name: String, _ value: JSONValue) -> Place {
    Place(
      value: value, path: path.isEmpty ? name : "\(path).\(name)",
      isText: isText || textual.contains(name))
  }

  func item(_ index: Int, _ value: JSONValue) -> Place {
    Place(value: value, path: "\(path)[\(index)]", isText: isText)
  }
}

private final class Decoding: Decoder {
  let place: Place
  var asked: Set<String>?

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(_ place: Place) {
    self.place = place
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = place.value else {
      throw place.wrong(Text("一个对象", "an object"))
    }
    if asked == nil { asked = [] }
    return KeyedDecodingContainer(
      KeyedDecoding<Key>(
        decoding: self,
        members: Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    if let items = place.value.items { return UnkeyedDecoding(place: place, items: items) }
    // A query's list with one item.
    if place.isText { return UnkeyedDecoding(place: place, items: [place.value]) }
    throw place.wrong(Text("一个列表", "a list"))
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { SingleDecoding(place: place) }

  func refuseUnknown(except unread: Set<String>) throws {
    guard let asked = asked?.union(unread), case .object(let members) = place.value else { return }
    if let unknown = members.first(where: { !asked.contains($0.name) }) {
      throw InputError.unknown(field: place.member(unknown.name, unknown.value).path)
    }
  }
}

private struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoding: Decoding
  let members: [String: JSONValue]

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] {
    decoding.asked?.formUnion(members.keys)
    return members.keys.sorted().compactMap { Key(stringValue: $0) }
  }

  private func place(_ key: Key) -> Place? {
    let name = fieldName(key)
    decoding.asked?.insert(name)
    return members[name].map { decoding.place.member(name, $0) }
  }

  func contains(_ key: Key) -> Bool { place(key) != nil }

  // null is a value of its own, and none that a field here has.
  func decodeNil(forKey key: Key) -> Bool { false }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    guard let place = place(key) else {
      throw InputError.missing(field: decoding.place.member(fieldName(key), .null).path)
    }
    return try InputDecoder.decode(type, place)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try Decoding(place(key) ?? decoding.place).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try Decoding(place(key) ?? decoding.place).unkeyedContainer()
  }

  func superDecoder() -> any Decoder { decoding }
  func superDecoder(forKey key: Key) -> any Decoder { decoding }
}

private struct UnkeyedDecoding: UnkeyedDecodingContainer {
  let place: Place
  let items: [JSONValue]
  var currentIndex = 0

  init(place: Place, items: [JSONValue]) {
    self.place = place
    self.items = items
  }

  var codingPath: [any CodingKey] { [] }
  var count: Int? { items.count }
  var isAtEnd: Bool { currentIndex >= items.count }

  func decodeNil() -> Bool { false }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    let result = try InputDecoder.decode(type, place.item(currentIndex, items[currentIndex]))
    currentIndex += 1
    return result
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    defer { currentIndex += 1 }
    return try Decoding(place.item(currentIndex, items[currentIndex])).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    defer { currentIndex += 1 }
    return try Decoding(place.item(currentIndex, items[currentIndex])).unkeyedContainer()
  }

  func superDecoder() -> any Decoder { Decoding(place) }
}

private struct SingleDecoding: SingleValueDecodingContainer {
  let place: Place
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { false }

  func decode(_ type: Bool.Type) throws -> Bool {
    if case .bool(let flag) = place.value { return flag }
    if place.isText, let flag = place.value.text.flatMap({ Bool($0) }) { return flag }
    throw place.wrong(Text(" true 或 false", "true or false"))
  }

  func decode(_ type: String.Type) throws -> String {
    guard let text = place.value.text else { throw place.wrong(Text("文字", "a text")) }
    guard text.unicodeScalars.count <= InputText.maxLength else {
      throw InputError.value(field: place.path, InputText.tooLong)
    }
    guard text.unicodeScalars.allSatisfy(InputText.isAllowed) else {
      throw InputError.value(field: place.path, InputText.control)
    }
    return text
  }

  private func whole<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let value: Number? =
      switch place.value {
      case .integer(let number): Number(exactly: number)
      // 30.0 is a whole number to JSON Schema.
      case .number(let number): Number(exactly: number)
      case .string(let text) where place.isText && InputText.isWholeNumber(text): Number(text)
      default: nil
      }
    guard let value else { throw place.wrong(Text("整数", "a whole number")) }
    return value
  }

  // A column of the database holds no more; amounts are Int64.
  func decode(_ type: Int.Type) throws -> Int { Int(try whole(Int32.self)) }
  func decode(_ type: Int8.Type) throws -> Int8 { try whole(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try whole(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try whole(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try whole(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try whole(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try whole(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try whole(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try whole(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try whole(type) }

  func decode(_ type: Double.Type) throws -> Double {
    switch place.value {
    case .number(let number): return number
    case .integer(let number): return Double(number)
    case .string(let text) where place.isText:
      if let number = Double(text), number.isFinite { return number }
    default: break
    }
    throw place.wrong(Text("数", "a number"))
  }

  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try InputDecoder.decode(type, place) }
}

/// What a text of a request may hold.
enum InputText {
  /// In code points.
  static let maxLength = 2000
  static let pattern = #"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$"#

  static let tooLong = Text("最多 \(maxLength) 个字。", "\(maxLength) characters at most.")
  static let control = Text("不能含有控制字符。", "it cannot hold control characters.")

  static func isAllowed(_ scalar: UnicodeScalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D: true
    case 0..<0x20, 0x7F: false
    default: true
    }
  }

  static func isWholeNumber(_ text: String) -> Bool {
    let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
  }
}
