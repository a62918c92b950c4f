import CExpat
import Glibc

/// Receives the elements of one XML part. `depth` is 0 at the root. Names come without prefix, so
/// that the transitional and the strict namespaces read alike.
protocol XMLHandler: AnyObject {
  func start(_ name: XMLName, _ attributes: XMLAttributes, depth: Int) throws(TableFileError)
  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(TableFileError)
  func end(depth: Int) throws(TableFileError)
  /// How much of the part is read, 0 to 1.
  func advance(to progress: Double)
}

extension XMLHandler {
  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(TableFileError) {}
  func end(depth: Int) throws(TableFileError) {}
  func advance(to progress: Double) {}
}

/// A name of an element or attribute without its prefix, valid during the call.
struct XMLName {
  fileprivate let qualified: UnsafePointer<CChar>
  private let local: UnsafePointer<CChar>

  fileprivate init(qualified: UnsafePointer<CChar>) {
    var local = qualified
    var cursor = qualified
    while cursor.pointee != 0 {
      if cursor.pointee == CChar(UInt8(ascii: ":")) { local = cursor + 1 }
      cursor += 1
    }
    self.qualified = qualified
    self.local = local
  }

  static func == (name: XMLName, text: StaticString) -> Bool {
    var cursor = name.local
    var expected = text.utf8Start
    while expected.pointee != 0, UInt8(bitPattern: cursor.pointee) == expected.pointee {
      cursor += 1
      expected += 1
    }
    return cursor.pointee == 0 && expected.pointee == 0
  }
}

/// The attributes of one element, valid during the call.
struct XMLAttributes {
  fileprivate let pairs: UnsafeMutablePointer<UnsafePointer<CChar>?>?

  /// The bytes of an attribute's value.
  subscript(name: StaticString) -> UnsafeBufferPointer<UInt8>? {
    guard var pair = pairs else { return nil }
    while let key = pair.pointee, let value = pair[1] {
      if XMLName(qualified: key) == name {
        var count = 0
        while value[count] != 0 { count += 1 }
        return UnsafeRawBufferPointer(start: value, count: count).assumingMemoryBound(
          to: UInt8.self)
      }
      pair += 2
    }
    return nil
  }

  func string(_ name: StaticString) -> String? {
    self[name].map { String(decoding: $0, as: UTF8.self) }
  }

  func number(_ name: StaticString) -> Int? { self[name].flatMap { decimalInteger($0) } }
}

/// A plain non-negative decimal of at most nine digits.
func decimalInteger(_ bytes: some Collection<UInt8>) -> Int? {
  guard !bytes.isEmpty, bytes.count <= 9 else { return nil }
  var value = 0
  for byte in bytes {
    guard byte &- 0x30 < 10 else { return nil }
    value = value * 10 + Int(byte &- 0x30)
  }
  return value
}

/// Parses a whole part and gives its elements to the handler.
///
/// - Throws: the handler's error, or `.corrupt`; `.bomb` for any document type declaration and for
///   tags beyond the limits, as the parser would keep their names and bytes in memory.
func parseXML(_ part: consuming ZipPart, _ handler: some XMLHandler) throws(TableFileError) {
  guard let parser = XML_ParserCreate(nil) else { throw .unreadable(errno: ENOMEM) }
  defer { XML_ParserFree(parser) }
  let run = XMLRun(parser: parser, handler: handler, limits: part.limits)
  try withExtendedLifetime(run) { () throws(TableFileError) in
    XML_SetUserData(parser, Unmanaged.passUnretained(run).toOpaque())
    setCallbacks(parser)
    while let chunk = try part.next() {
      handler.advance(to: part.progress)
      let isAccepted = feed(parser, chunk, isLast: false)
      if let failure = run.failure { throw failure }
      guard isAccepted else { throw .corrupt(where: part.name) }
      run.bytesWithoutEvent += chunk.count
      if run.bytesWithoutEvent > part.limits.xmlTokenBytes { throw .bomb(.structure) }
    }
    let isAccepted = feed(parser, UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
    if let failure = run.failure { throw failure }
    guard isAccepted else { throw .corrupt(where: part.name) }
  }
}

private func feed(_ parser: XML_Parser, _ bytes: UnsafeRawBufferPointer, isLast: Bool) -> Bool {
  let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
  return XML_Parse(parser, start, Int32(bytes.count), isLast ? 1 : 0) == XML_STATUS_OK
}

private func setCallbacks(_ parser: XML_Parser) {
  XML_SetElementHandler(
    parser,
    { data, name, attributes in
      guard let run = xmlRun(data), let name else { return }
      run.start(XMLName(qualified: name), XMLAttributes(pairs: attributes))
    },
    { data, _ in xmlRun(data)?.end() })
  XML_SetCharacterDataHandler(parser) { data, text, count in
    let bytes = UnsafeRawBufferPointer(start: text, count: Int(count))
    xmlRun(data)?.text(bytes.assumingMemoryBound(to: UInt8.self))
  }
  XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
    xmlRun(data)?.fail(.bomb(.entities))
  }
}

private func xmlRun(_ data: UnsafeMutableRawPointer?) -> XMLRun? {
  data.map { Unmanaged<XMLRun>.fromOpaque($0).takeUnretainedValue() }
}

/// The state of one parse, reached by the parser's callbacks.
private final class XMLRun {
  let parser: XML_Parser
  let handler: any XMLHandler
  let limits: Limits
  var failure: TableFileError?
  var bytesWithoutEvent = 0
  private var depth = 0
  private let recentNames = UnsafeMutablePointer<UInt64>.allocate(capacity: 256)
  private var names: Set<UInt64> = []
  /// Not foreseeable, so that no file can hold many names of one hash.
  private let seed = UInt64.random(in: .min ... .max)

  init(parser: XML_Parser, handler: any XMLHandler, limits: Limits) {
    self.parser = parser
    self.handler = handler
    self.limits = limits
    recentNames.initialize(repeating: 0, count: 256)
  }

  deinit { recentNames.deallocate() }

  func fail(_ error: TableFileError) {
    guard failure == nil else { return }
    failure = error
    XML_StopParser(parser, 0)
  }

  func start(_ name: XMLName, _ attributes: XMLAttributes) {
    bytesWithoutEvent = 0
    guard failure == nil else { return }
    count(name.qualified)
    var pair = attributes.pairs
    while let key = pair?.pointee {
      count(key)
      pair? += 2
    }
    guard depth < limits.xmlDepth, names.count <= limits.xmlNames else {
      return fail(.bomb(.structure))
    }
    do throws(TableFileError) {
      try handler.start(name, attributes, depth: depth)
    } catch { fail(error) }
    depth += 1
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    bytesWithoutEvent = 0
    guard failure == nil else { return }
    do throws(TableFileError) { try handler.text(bytes) } catch { fail(error) }
  }

  func end() {
    bytesWithoutEvent = 0
    guard failure == nil else { return }
    depth -= 1
    do throws(TableFileError) { try handler.end(depth: depth) } catch { fail(error) }
  }

  /// Notes a name by its FNV-1a hash; the few common ones are found in the small table.
  private func count(_ name: UnsafePointer<CChar>) {
    var hash = seed
    var cursor = name
    while cursor.pointee != 0 {
      hash = (hash ^ UInt64(UInt8(bitPattern: cursor.pointee))) &* 0x100_0000_01b3
      cursor += 1
    }
    let slot = Int(truncatingIfNeeded: (hash ^ hash >> 32) & 255)
    if recentNames[slot] != hash {
      recentNames[slot] = hash
      names.insert(hash)
    }
  }
}
