import Foundation
import Yibang

/// A type whose JSON is told by more than its fields.
protocol Described: Codable {
  /// As JSON Schema 2020-12.
  static var schema: JSONValue { get }
  static var example: Self { get }
  /// What a person should write, for errors: 日期，如 2026-09-01.
  static var expected: Text { get }
  /// Fields that may be given and are not read.
  static var unread: Set<String> { get }
}

extension Described {
  static var unread: Set<String> { [] }
}

/// Makes the JSON Schema of a type by decoding it from a document that answers whatever is asked, so
/// that a schema cannot differ from what the type reads and writes.
struct SchemaReader {
  enum Direction { case input, output }

  /// Schemas by name, referred to by `#/components/schemas/NAME`: of answers' records alone.
  private(set) var components: [(name: String, schema: JSONValue)] = []

  /// The schema of what is answered. A record is a component.
  mutating func answer<T: Decodable>(_ type: T.Type) -> JSONValue {
    let recording = Recording(direction: .output)
    let schema = recording.read(type).schema
    merge(recording.components)
    return schema
  }

  /// The members of an input: name, schema, whether it is needed.
  static func input<T: Decodable>(_ type: T.Type) -> [(
    name: String, schema: JSONValue, needed: Bool
  )] {
    let recording = Recording(direction: .input)
    let schema = recording.read(type).schema
    guard case .object(let members) = schema["properties"] ?? .object([]) else { return [] }
    let needed = Set((schema["required"]?.items ?? []).compactMap(\.text))
    return members.map { ($0.name, $0.value, needed.contains($0.name)) }
  }

  private mutating func merge(_ found: [(name: String, schema: JSONValue)]) {
    for component in found where !components.contains(where: { $0.name == component.name }) {
      components.append(component)
    }
  }
}

private final class Recording {
  let direction: SchemaReader.Direction
  var components: [(name: String, schema: JSONValue)] = []

  init(direction: SchemaReader.Direction) {
    self.direction = direction
  }

  /// The schema of a type, and a value of it.
  /// - Precondition: the type reads from plain fields, is `Described`, or an enum with all its cases.
  func read<T: Decodable>(_ type: T.Type) -> (schema: JSONValue, value: T) {
    if let described = type as? any Described.Type, let value = example(described) as? T {
      return (described.schema, value)
    }
    if let simple = Simple.schema(of: type, direction), let value = Simple.value(of: type) as? T {
      return (simple, value)
    }
    if let choice = type as? any CaseIterable.Type, !choice.words.isEmpty,
      let value = first(choice) as? T
    {
      return (
        ["type": "string", "enum": .array(choice.words.map { .string($0) })], value
      )
    }
    let shape = Shape()
    guard let value = try? T(from: ShapeDecoder(recording: self, shape: shape)) else {
      preconditionFailure("\(type) cannot be described: make it Described or CaseIterable")
    }
    guard direction == .output, let name = Self.name(of: type), shape.isRecord else {
      return (shape.schema(direction), value)
    }
    if !components.contains(where: { $0.name == name }) {
      components.append((name, shape.schema(direction)))
    }
    return (["$ref": .string("#/components/schemas/\(name)")], value)
  }

  private func example<D: Described>(_ type: D.Type) -> D { D.example }
  private func first<C: CaseIterable>(_ type: C.Type) -> Any? { C.allCases.first }

  /// `Giving.Donation` for a type of the product; nil for the language's own.
  private static func name(of type: Any.Type) -> String? {
    let full = String(reflecting: type)
    guard !full.contains("<"), !full.contains("(") else { return nil }
    return full.split(separator: ".", maxSplits: 1).last.map(String.init)
  }
}

/// The types of JSON itself.
private enum Simple {
  static func schema(of type: Any.Type, _ direction: SchemaReader.Direction) -> JSONValue? {
    switch type {
    case is String.Type:
      direction == .output
        ? ["type": "string"]
        : [
          "type": "string", "maxLength": .integer(Int64(InputText.maxLength)),
          "pattern": .string(InputText.pattern),
        ]
    case is Bool.Type: ["type": "boolean"]
    case is Double.Type, is Float.Type: ["type": "number"]
    case is Int.Type where direction == .input:
      [
        "type": "integer", "format": "int32", "minimum": .integer(Int64(Int32.min)),
        "maximum": .integer(Int64(Int32.max)),
      ]
    case is Int.Type, is Int64.Type: ["type": "integer", "format": "int64"]
    case is Int32.Type, is Int16.Type, is Int8.Type: ["type": "integer", "format": "int32"]
    case is UInt.Type, is UInt64.Type, is UInt32.Type, is UInt16.Type, is UInt8.Type:
      ["type": "integer", "minimum": 0]
    case is UUID.Type: ["type": "string", "format": "uuid"]
    case is Date.Type: ["type": "string", "format": "date-time"]
    default: nil
    }
  }

  static func value(of type: Any.Type) -> Any? {
    switch type {
    case is String.Type: ""
    case is Bool.Type: true
    case is UUID.Type: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    case is Date.Type: Date(timeIntervalSince1970: 0)
    default: (type as? any Numeric.Type)?.one
    }
  }
}

extension Numeric {
  fileprivate static var one: Any? { Self(exactly: 1) }
}

/// What a type turned out to be.
private final class Shape {
  var members: [(name: String, schema: JSONValue, needed: Bool)] = []
  var isRecord = false
  var item: JSONValue?
  var values: JSONValue?
  var single: JSONValue?

  func schema(_ direction: SchemaReader.Direction) -> JSONValue {
    if let single { return single }
    if let item { return ["type": "array", "items": item] }
    if let values { return ["type": "object", "additionalProperties": values] }
    var schema: [JSONValue.Member] = [.init("type", "object")]
    schema.append(.init("properties", .object(members.map { .init($0.name, $0.schema) })))
    let needed = members.filter(\.needed).map { JSONValue.string($0.name) }
    if !needed.isEmpty { schema.append(.init("required", .array(needed))) }
    schema.append(.init("additionalProperties", false))
    return .object(schema)
  }

  func add(_ key: any CodingKey, _ schema: JSONValue, needed: Bool) {
    isRecord = true
    let name = fieldName(key)
    if !members.contains(where: { $0.name == name }) { members.append((name, schema, needed)) }
  }
}

private struct ShapeDecoder: Decoder {
  let recording: Recording
  let shape: Shape
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(KeyedShape<Key>(recording: recording, shape: shape))
  }

  func unkeyedContainer() -> any UnkeyedDecodingContainer {
    UnkeyedShape(recording: recording, shape: shape)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    SingleShape(recording: recording, shape: shape)
  }
}

private struct KeyedShape<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let recording: Recording
  let shape: Shape
  var codingPath: [any CodingKey] { [] }
  /// A dictionary asks which keys there are; a record knows its own.
  var allKeys: [Key] { Key(stringValue: "key").map { [$0] } ?? [] }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) -> Bool { false }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) -> T {
    let (schema, value) = recording.read(type)
    if String(reflecting: Key.self).contains("_DictionaryCodingKey") {
      shape.values = schema
    } else {
      shape.add(key, schema, needed: true)
    }
    return value
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) -> T? {
    let (schema, value) = recording.read(type)
    shape.add(key, schema, needed: false)
    return value
  }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) -> Bool? { optional(type, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? { optional(type, key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) -> Double? { optional(type, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) -> Float? { optional(type, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) -> Int? { optional(type, key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) -> Int8? { optional(type, key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) -> Int16? { optional(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) -> Int32? { optional(type, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) -> Int64? { optional(type, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) -> UInt? { optional(type, key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) -> UInt8? { optional(type, key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) -> UInt16? { optional(type, key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) -> UInt32? { optional(type, key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) -> UInt64? { optional(type, key) }

  private func optional<T: Decodable>(_ type: T.Type, _ key: Key) -> T? {
    let (schema, value) = recording.read(type)
    shape.add(key, schema, needed: false)
    return value
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedDecodingContainer<Nested> {
    ShapeDecoder(recording: recording, shape: Shape()).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
    UnkeyedShape(recording: recording, shape: Shape())
  }

  func superDecoder() -> any Decoder { ShapeDecoder(recording: recording, shape: shape) }
  func superDecoder(forKey key: Key) -> any Decoder { superDecoder() }
}

private struct UnkeyedShape: UnkeyedDecodingContainer {
  let recording: Recording
  let shape: Shape
  var currentIndex = 0

  init(recording: Recording, shape: Shape) {
    self.recording = recording
    self.shape = shape
  }

  var codingPath: [any CodingKey] { [] }
  var count: Int? { 1 }
  var isAtEnd: Bool { currentIndex > 0 }

  func decodeNil() -> Bool { false }

  mutating func decode<T: Decodable>(_ type: T.Type) -> T {
    let (schema, value) = recording.read(type)
    shape.item = schema
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedDecodingContainer<Nested> {
    currentIndex += 1
    return ShapeDecoder(recording: recording, shape: Shape()).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer {
    currentIndex += 1
    return UnkeyedShape(recording: recording, shape: Shape())
  }

  func superDecoder() -> any Decoder { ShapeDecoder(recording: recording, shape: shape) }
}

private struct SingleShape: SingleValueDecodingContainer {
  let recording: Recording
  let shape: Shape
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { false }

  func decode<T: Decodable>(_ type: T.Type) -> T {
    let (schema, value) = recording.read(type)
    shape.single = schema
    return value
  }
}
