package import FoundationEssentials

/// A type of which one-dimensional arrays travel as parameters and results.
///
/// `UInt8` is the exception by which `[UInt8]` is a `bytea` and not an array.
package protocol PostgresArrayElement: Sendable {
  static var postgresArrayType: UInt32 { get }
  static func acceptsArray(_ type: UInt32) -> Bool
  static func encodeArray(_ elements: [Self], into bytes: inout [UInt8])
  static func decodeArray(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> [Self]
}

extension Array: PostgresValue where Element: PostgresArrayElement {
  package static var postgresType: UInt32 { Element.postgresArrayType }

  package static func accepts(_ type: UInt32) -> Bool { Element.acceptsArray(type) }

  package func encode(into bytes: inout [UInt8]) { Element.encodeArray(self, into: &bytes) }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> [Element] {
    try Element.decodeArray(bytes)
  }
}

extension UInt8: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { TypeID.bytea }

  package static func acceptsArray(_ type: UInt32) -> Bool { type == TypeID.bytea }

  package static func encodeArray(_ elements: [UInt8], into bytes: inout [UInt8]) {
    bytes.append(contentsOf: elements)
  }

  package static func decodeArray(
    _ bytes: UnsafeRawBufferPointer
  ) throws(PostgresError) -> [UInt8] {
    [UInt8](bytes)
  }
}

extension PostgresArrayElement where Self: PostgresValue {
  package static func acceptsArray(_ type: UInt32) -> Bool { type == postgresArrayType }

  package static func encodeArray(_ elements: [Self], into bytes: inout [UInt8]) {
    encodeElements(elements, into: &bytes) { $0 }
  }

  package static func decodeArray(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> [Self] {
    var elements: [Self] = []
    try decodeElements(bytes) { (element) throws(PostgresError) in
      guard let element else { throw .decoding("the array holds NULL") }
      elements.append(element)
    }
    return elements
  }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement & PostgresValue {
  package static var postgresArrayType: UInt32 { Wrapped.postgresArrayType }

  package static func acceptsArray(_ type: UInt32) -> Bool { Wrapped.acceptsArray(type) }

  package static func encodeArray(_ elements: [Wrapped?], into bytes: inout [UInt8]) {
    Wrapped.encodeElements(elements, into: &bytes) { $0 }
  }

  package static func decodeArray(
    _ bytes: UnsafeRawBufferPointer
  ) throws(PostgresError) -> [Wrapped?] {
    var elements: [Wrapped?] = []
    try Wrapped.decodeElements(bytes) { (element) throws(PostgresError) in
      elements.append(element)
    }
    return elements
  }
}

// The binary form (server: array_send): dimensions, "has NULL", element type; then for the one
// dimension its length and lower bound; then each element with its length, -1 for NULL.
extension PostgresArrayElement where Self: PostgresValue {
  fileprivate static func encodeElements<S>(
    _ elements: [S], into bytes: inout [UInt8], value: (S) -> Self?
  ) {
    Int32(elements.isEmpty ? 0 : 1).appendBigEndian(to: &bytes)
    let hasNull = elements.contains { value($0) == nil }
    Int32(hasNull ? 1 : 0).appendBigEndian(to: &bytes)
    postgresType.appendBigEndian(to: &bytes)
    if elements.isEmpty { return }
    Int32(elements.count).appendBigEndian(to: &bytes)
    Int32(1).appendBigEndian(to: &bytes)
    for element in elements {
      appendField(value(element), to: &bytes)
    }
  }

  fileprivate static func decodeElements(
    _ bytes: UnsafeRawBufferPointer, _ body: (Self?) throws(PostgresError) -> Void
  ) throws(PostgresError) {
    guard bytes.count >= 12 else { throw .decoding("the array is cut off") }
    let dimensions = Int32.bigEndian(bytes)
    if dimensions == 0 { return }
    guard dimensions == 1, bytes.count >= 20 else {
      throw .decoding("the array has \(dimensions) dimensions")
    }
    let type = UInt32.bigEndian(bytes, at: 8)
    guard accepts(type) else {
      throw .decoding("elements of \(TypeID.describe(type)) cannot be read as \(Self.self)")
    }
    var offset = 20
    for _ in 0..<Int(Int32.bigEndian(bytes, at: 12)) {
      guard offset + 4 <= bytes.count else { throw .decoding("the array is cut off") }
      let length = Int(Int32.bigEndian(bytes, at: offset))
      offset += 4
      if length < 0 {
        try body(nil)
        continue
      }
      guard offset + length <= bytes.count else { throw .decoding("the array is cut off") }
      try body(try decode(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])))
      offset += length
    }
  }
}

/// Appends a value with its length before it, or -1 for NULL: the form of arrays and of COPY.
func appendField<T: PostgresValue>(_ value: T?, to bytes: inout [UInt8]) {
  guard let value else {
    Int32(-1).appendBigEndian(to: &bytes)
    return
  }
  let start = bytes.count
  Int32(0).appendBigEndian(to: &bytes)
  value.encode(into: &bytes)
  let length = Int32(bytes.count - start - 4).bigEndian
  bytes.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: start, as: Int32.self) }
}

extension Bool: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 1000 }
}

extension Int16: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 1005 }
}

extension Int32: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 1007 }
}

extension Int64: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 1016 }
  package static func acceptsArray(_ type: UInt32) -> Bool { type == 1016 || type == 1007 }
}

extension Int: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 1016 }
  package static func acceptsArray(_ type: UInt32) -> Bool { Int64.acceptsArray(type) }
}

extension Double: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 1022 }
}

extension String: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 1009 }

  /// `text[]`, `varchar[]`, `name[]`, and arrays of types made in this database (enums).
  package static func acceptsArray(_ type: UInt32) -> Bool {
    type == 1009 || type == 1015 || type == 1003 || type >= TypeID.firstUserDefined
  }
}

extension UUID: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 2951 }
}

extension PostgresDate: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 1182 }
}

extension PostgresTimestamp: PostgresArrayElement {
  package static var postgresArrayType: UInt32 { 1185 }
}

extension Array: PostgresArrayElement where Element == UInt8 {
  package static var postgresArrayType: UInt32 { 1001 }
}
