/// The texts that cells refer to by number, in one block of memory.
struct SharedStrings: Sendable {
  fileprivate var bytes: [UInt8] = []
  fileprivate var ends: [UInt32] = []

  /// `nil` when there is no such text.
  subscript(index: Int) -> String? {
    guard ends.indices.contains(index) else { return nil }
    let start = index == 0 ? 0 : Int(ends[index - 1])
    return String(decoding: bytes[start..<Int(ends[index])], as: UTF8.self)
  }
}

/// Reads the shared strings part: the runs of a rich text are joined, phonetic guides left out.
final class SharedStringsReader: XMLHandler {
  private(set) var strings = SharedStrings()
  private let limits: Limits
  private var item: [UInt8] = []
  private var isInItem = false
  private var isInText = false
  private var textDepth = 0
  private var phoneticDepth: Int?

  init(_ limits: Limits) { self.limits = limits }

  func start(_ name: XMLName, _ attributes: XMLAttributes, depth: Int) throws(TableFileError) {
    if depth == 1 {
      isInItem = name == "si"
      item.removeAll(keepingCapacity: true)
    } else if isInItem, phoneticDepth == nil {
      if name == "rPh" {
        phoneticDepth = depth
      } else if name == "t" {
        isInText = true
        textDepth = depth
      }
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(TableFileError) {
    guard isInText else { return }
    item.append(contentsOf: bytes)
    if item.count > limits.cellCharacters * 8 {
      throw .tooLarge(.cellCharacters, limit: limits.cellCharacters)
    }
  }

  func end(depth: Int) throws(TableFileError) {
    if isInText, depth == textDepth {
      isInText = false
    } else if phoneticDepth == depth {
      phoneticDepth = nil
    } else if depth == 1, isInItem {
      isInItem = false
      unescapeXString(&item)
      if item.count > limits.cellCharacters, utf16Count(item) > limits.cellCharacters {
        throw .tooLarge(.cellCharacters, limit: limits.cellCharacters)
      }
      strings.bytes.append(contentsOf: item)
      strings.ends.append(UInt32(strings.bytes.count))
      if strings.bytes.count + 4 * strings.ends.count > limits.sharedStringBytes {
        throw .tooLarge(.sharedStringBytes, limit: limits.sharedStringBytes)
      }
    }
  }
}
