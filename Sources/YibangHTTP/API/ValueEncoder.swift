import Foundation
import Yibang

/// Encodes answers: snake_case names, lower-case UUIDs, instants as RFC 3339 in UTC, nil left out.
enum ValueEncoder {
  static func encode(_ value: some Encodable) throws -> JSONValue {
    try box(value)
  }

  fileprivate static func box(_ value: some Encodable) throws -> JSONValue {
    switch value {
    case let value as JSONValue: return value
    case let text as Text:
      let shown = text.overHTTP
      return ["zh": .string(shown.zh), "en": .string(shown.en)]
    case let id as UUID: return .string(id.uuidString.lowercased())
    case let instant as Date: return .string(instant.formatted(.iso8601))
    default:
      let node = Node()
      try value.encode(to: ValueEncoding(node: node))
      return node.value
    }
  }
}

/// What is being written: an object, an array or one value.
private final class Node {
  var members: [(String, Node)]?
  var items: [Node]?
  var single: JSONValue = .object([])

  var value: JSONValue {
    if let members { return .object(members.map { .init($0.0, $0.1.value) }) }
    if let items { return .array(items.map(\.value)) }
    return single
  }

  func member(_ key: any CodingKey) -> Node {
    let node = Node()
    members = (members ?? []) + [(fieldName(key), node)]
    return node
  }

  func item() -> Node {
    let node = Node()
    items = (items ?? []) + [node]
    return node
  }
}

private struct ValueEncoding: Encoder {
  let node: Node
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if node.members == nil { node.members = [] }
    return KeyedEncodingContainer(KeyedEncoding<Key>(node: node))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if node.items == nil { node.items = [] }
    return UnkeyedEncoding(node: node)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleEncoding(node: node) }
}

private struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: Node
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) { node.member(key).single = .null }

  func encode(_ value: some Encodable, forKey key: Key) throws {
    node.member(key).single = try ValueEncoder.box(value)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    ValueEncoding(node: node.member(key)).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    ValueEncoding(node: node.member(key)).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { ValueEncoding(node: node) }
  func superEncoder(forKey key: Key) -> any Encoder { ValueEncoding(node: node.member(key)) }
}

private struct UnkeyedEncoding: UnkeyedEncodingContainer {
  let node: Node
  var codingPath: [any CodingKey] { [] }
  var count: Int { node.items?.count ?? 0 }

  func encodeNil() { node.item().single = .null }
  func encode(_ value: some Encodable) throws { node.item().single = try ValueEncoder.box(value) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    ValueEncoding(node: node.item()).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    ValueEncoding(node: node.item()).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { ValueEncoding(node: node.item()) }
}

private struct SingleEncoding: SingleValueEncodingContainer {
  let node: Node
  var codingPath: [any CodingKey] { [] }

  func encodeNil() { node.single = .null }
  func encode(_ value: Bool) { node.single = .bool(value) }
  func encode(_ value: String) { node.single = .string(value) }
  func encode(_ value: Double) { node.single = .number(value) }
  func encode(_ value: Float) { node.single = .number(Double(value)) }
  func encode(_ value: Int) { node.single = .integer(Int64(value)) }
  func encode(_ value: Int8) { node.single = .integer(Int64(value)) }
  func encode(_ value: Int16) { node.single = .integer(Int64(value)) }
  func encode(_ value: Int32) { node.single = .integer(Int64(value)) }
  func encode(_ value: Int64) { node.single = .integer(value) }
  func encode(_ value: UInt) { node.single = .integer(Int64(clamping: value)) }
  func encode(_ value: UInt8) { node.single = .integer(Int64(value)) }
  func encode(_ value: UInt16) { node.single = .integer(Int64(value)) }
  func encode(_ value: UInt32) { node.single = .integer(Int64(value)) }
  func encode(_ value: UInt64) { node.single = .integer(Int64(clamping: value)) }
  func encode(_ value: some Encodable) throws { node.single = try ValueEncoder.box(value) }
}
