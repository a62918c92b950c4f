/// What a file is, judged by its bytes; its name is not trusted.
enum FileContent {
  case archive
  case text

  /// - Throws: the error that tells what the file is instead of a table, and `.unreadable`.
  static func detect(
    path: String, limits: Limits
  ) throws(TableFileError) -> (Self, stamp: FileStamp) {
    let file = try InputFile(path: path)
    guard file.bytes > 0 else { throw .empty }
    guard file.bytes <= limits.fileBytes else {
      throw .tooLarge(.fileBytes, limit: limits.fileBytes)
    }
    var head = [UInt8](repeating: 0, count: 4_096)
    head.removeSubrange(try file.read(into: &head)...)
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return (.archive, file.stamp) }
    if head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      throw try hasEncryptedPackage(path) ? .encrypted : .oldXls
    }
    if let content = foreignContent(head) { throw .notATable(content) }
    return (.text, file.stamp)
  }

  private static func foreignContent(_ head: [UInt8]) -> TableFileError.Content? {
    if head.starts(with: [0x50, 0x4B, 0x05, 0x06]) { return .zip }  // an archive of nothing
    if head.starts(with: "%PDF".utf8) { return .pdf }
    if head.starts(with: "{\\rtf".utf8) { return .richText }
    let images: [[UInt8]] = [
      [0x89, 0x50, 0x4E, 0x47], [0xFF, 0xD8, 0xFF], Array("GIF8".utf8), Array("II*\0".utf8),
    ]
    if images.contains(where: head.starts) { return .image }
    let isMarked = head.starts(with: [0xEF, 0xBB, 0xBF])
    let text = head.dropFirst(isMarked ? 3 : 0).drop { $0 <= 0x20 }.prefix(16)
    let start = String(decoding: text, as: UTF8.self).lowercased()
    if ["<html", "<!doctype", "<table", "<head", "<meta", "mime-version:"].contains(
      where: start.hasPrefix)
    {
      return .webPage
    }
    return start.hasPrefix("<?xml") || start.hasPrefix("<workbook") ? .xml : nil
  }

  /// A workbook with a password is an OLE2 file with a stream of this name, in UTF-16.
  private static func hasEncryptedPackage(_ path: String) throws(TableFileError) -> Bool {
    let file = try InputFile(path: path)
    let name: [UInt8] = "EncryptedPackage".utf16.flatMap { [UInt8($0), 0] }
    var window = [UInt8](repeating: 0, count: 256 << 10)
    var kept = 0
    while true {
      let count = try file.read(into: &window, after: kept)
      if count == 0 { return false }
      let filled = kept + count
      let isFound = window.withUnsafeBytes {
        contains(UnsafeRawBufferPointer(rebasing: $0[..<filled]), name)
      }
      if isFound { return true }
      kept = min(filled, name.count)
      window.replaceSubrange(0..<kept, with: Array(window[(filled - kept)..<filled]))
    }
  }
}
