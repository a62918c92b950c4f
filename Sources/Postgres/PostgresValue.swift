package import FoundationEssentials

/// A value that travels to and from the server in PostgreSQL's binary format.
package protocol PostgresValue: Sendable {
  /// The OID of the type under which a parameter is sent.
  static var postgresType: UInt32 { get }

  /// Whether a result column of the type with this OID can be read as `Self`.
  static func accepts(_ type: UInt32) -> Bool

  /// Appends the binary form, without its length.
  func encode(into bytes: inout [UInt8])

  /// Reads the binary form of a type that ``accepts(_:)`` allowed.
  ///
  /// - Throws: ``PostgresError/decoding(_:)`` when the bytes are not such a value.
  static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Self
}

extension PostgresValue {
  package static func accepts(_ type: UInt32) -> Bool { type == postgresType }
}

/// OIDs of built-in types, from the server's `pg_type.dat`.
enum TypeID {
  static let bool: UInt32 = 16
  static let bytea: UInt32 = 17
  static let name: UInt32 = 19
  static let int8: UInt32 = 20
  static let int2: UInt32 = 21
  static let int4: UInt32 = 23
  static let text: UInt32 = 25
  static let json: UInt32 = 114
  static let float4: UInt32 = 700
  static let float8: UInt32 = 701
  static let unknown: UInt32 = 705
  static let bpchar: UInt32 = 1042
  static let varchar: UInt32 = 1043
  static let date: UInt32 = 1082
  static let timestamptz: UInt32 = 1184
  static let uuid: UInt32 = 2950
  static let jsonb: UInt32 = 3802
  /// Types made in this database (enums, for example) have OIDs from here on.
  static let firstUserDefined: UInt32 = 16384

  static let names: [UInt32: String] = [
    bool: "bool", bytea: "bytea", name: "name", int8: "int8", int2: "int2", int4: "int4",
    text: "text", json: "json", float4: "float4", float8: "float8", bpchar: "char",
    varchar: "varchar", date: "date", timestamptz: "timestamptz", uuid: "uuid", jsonb: "jsonb",
    1000: "bool[]", 1001: "bytea[]", 1005: "int2[]", 1007: "int4[]", 1009: "text[]",
    1015: "varchar[]", 1016: "int8[]", 1022: "float8[]", 1114: "timestamp", 1182: "date[]",
    1185: "timestamptz[]", 1186: "interval", 1700: "numeric", 2249: "record", 2951: "uuid[]",
    3807: "jsonb[]",
  ]

  static func describe(_ type: UInt32) -> String {
    names[type] ?? "type \(type)"
  }
}

extension FixedWidthInteger {
  @inline(__always)
  func appendBigEndian(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: self.bigEndian) { bytes.append(contentsOf: $0) }
  }

  @inline(__always)
  static func bigEndian(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) -> Self {
    Self(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Self.self))
  }

  /// An integer column of 2, 4 or 8 bytes, widened.
  static func decodeInteger(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Self {
    let wide: Int64
    switch bytes.count {
    case 8: wide = Int64.bigEndian(bytes)
    case 4: wide = Int64(Int32.bigEndian(bytes))
    case 2: wide = Int64(Int16.bigEndian(bytes))
    default: throw .decoding("an integer has \(bytes.count) bytes")
    }
    guard let value = Self(exactly: wide) else {
      throw .decoding("the integer does not fit \(Self.self)")
    }
    return value
  }
}

extension Bool: PostgresValue {
  package static var postgresType: UInt32 { TypeID.bool }

  package func encode(into bytes: inout [UInt8]) {
    bytes.append(self ? 1 : 0)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Bool {
    guard bytes.count == 1 else { throw .decoding("a bool has \(bytes.count) bytes") }
    return bytes[0] != 0
  }
}

extension Int16: PostgresValue {
  package static var postgresType: UInt32 { TypeID.int2 }

  package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Int16 {
    try decodeInteger(bytes)
  }
}

extension Int32: PostgresValue {
  package static var postgresType: UInt32 { TypeID.int4 }

  package static func accepts(_ type: UInt32) -> Bool {
    type == TypeID.int4 || type == TypeID.int2
  }

  package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Int32 {
    try decodeInteger(bytes)
  }
}

extension Int64: PostgresValue {
  package static var postgresType: UInt32 { TypeID.int8 }

  package static func accepts(_ type: UInt32) -> Bool {
    type == TypeID.int8 || type == TypeID.int4 || type == TypeID.int2
  }

  package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Int64 {
    try decodeInteger(bytes)
  }
}

extension Int: PostgresValue {
  package static var postgresType: UInt32 { TypeID.int8 }

  package static func accepts(_ type: UInt32) -> Bool { Int64.accepts(type) }

  package func encode(into bytes: inout [UInt8]) { Int64(self).appendBigEndian(to: &bytes) }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Int {
    try decodeInteger(bytes)
  }
}

extension Double: PostgresValue {
  package static var postgresType: UInt32 { TypeID.float8 }

  package static func accepts(_ type: UInt32) -> Bool {
    type == TypeID.float8 || type == TypeID.float4
  }

  package func encode(into bytes: inout [UInt8]) { bitPattern.appendBigEndian(to: &bytes) }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Double {
    switch bytes.count {
    case 8: return Double(bitPattern: UInt64.bigEndian(bytes))
    case 4: return Double(Float(bitPattern: UInt32.bigEndian(bytes)))
    default: throw .decoding("a floating-point number has \(bytes.count) bytes")
    }
  }
}

extension String: PostgresValue {
  package static var postgresType: UInt32 { TypeID.text }

  /// Every type whose binary form is its text: also enums, which have OIDs of this database.
  package static func accepts(_ type: UInt32) -> Bool {
    switch type {
    case TypeID.text, TypeID.varchar, TypeID.name, TypeID.json, TypeID.bpchar, TypeID.unknown:
      true
    default:
      type >= TypeID.firstUserDefined
    }
  }

  package func encode(into bytes: inout [UInt8]) {
    bytes.append(contentsOf: utf8)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .decoding("the text is not UTF-8")
    }
    return text
  }
}

extension UUID: PostgresValue {
  package static var postgresType: UInt32 { TypeID.uuid }

  package func encode(into bytes: inout [UInt8]) {
    withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) }
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> UUID {
    guard bytes.count == 16 else { throw .decoding("a uuid has \(bytes.count) bytes") }
    return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
  }
}

/// A `jsonb` value as its text; encoding and decoding of the content is the caller's.
package struct JSON: PostgresValue, Hashable {
  package var text: String

  package init(text: String) {
    self.text = text
  }

  package static var postgresType: UInt32 { TypeID.jsonb }

  package static func accepts(_ type: UInt32) -> Bool {
    type == TypeID.jsonb || type == TypeID.json
  }

  /// The binary form of jsonb is a version byte, 1, then the text.
  package func encode(into bytes: inout [UInt8]) {
    bytes.append(1)
    bytes.append(contentsOf: text.utf8)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> JSON {
    let isBinary = bytes.first == 1
    let text = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(isBinary ? 1 : 0))
    return JSON(text: try String.decode(text))
  }
}
