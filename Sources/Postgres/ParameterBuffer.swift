/// The parameters of one statement in the form libpq wants, in memory used again and again.
struct ParameterBuffer {
  private var bytes: [UInt8] = []
  private var offsets: [Int] = []
  private(set) var lengths: [Int32] = []
  private(set) var types: [UInt32] = []
  private var formats: [Int32] = []
  private var pointers: [UnsafePointer<CChar>?] = []

  /// The protocol counts parameters in 16 bits.
  static let limit = 65_535

  init() {
    bytes.reserveCapacity(4096)
  }

  mutating func load(_ parameters: [(any PostgresValue)?]) {
    bytes.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    types.removeAll(keepingCapacity: true)
    for parameter in parameters {
      guard let parameter else {
        offsets.append(-1)
        lengths.append(0)
        types.append(0)
        continue
      }
      let start = bytes.count
      parameter.encode(into: &bytes)
      offsets.append(start)
      lengths.append(Int32(bytes.count - start))
      types.append(type(of: parameter).postgresType)
    }
    // An empty value still needs an address, which an empty buffer would not have.
    bytes.append(0)
    while formats.count < parameters.count { formats.append(1) }
  }

  /// Calls `body` with the arrays of values, lengths and formats; they are valid only inside.
  mutating func withPointers<R>(
    _ body: (
      UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> R
  ) -> R {
    pointers.removeAll(keepingCapacity: true)
    return bytes.withUnsafeBytes { raw in
      for offset in offsets {
        pointers.append(
          offset < 0
            ? nil : raw.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
        )
      }
      return pointers.withUnsafeBufferPointer { values in
        lengths.withUnsafeBufferPointer { lengths in
          formats.withUnsafeBufferPointer { formats in
            body(values.baseAddress, lengths.baseAddress, formats.baseAddress)
          }
        }
      }
    }
  }
}
