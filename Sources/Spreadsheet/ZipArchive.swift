import CMinizip

/// An .xlsx file as the archive that it is: its parts by name, inflated in chunks, within limits.
/// Not shared between threads; every pass over a file opens its own.
final class ZipArchive {
  private struct Entry {
    var position: unz64_file_pos
    var storedBytes: Int
    var inflatedBytes: Int
    var isEncrypted: Bool
  }

  let limits: Limits
  private let handle: unzFile
  private var entries: [String: Entry] = [:]
  fileprivate var inflatedBytes = 0

  /// Opens the archive and reads its directory.
  ///
  /// - Parameter fileBytes: size of the file; a stored size beyond it is a lie.
  init(path: String, fileBytes: Int, limits: Limits) throws(TableFileError) {
    // Without its last record, which holds the directory, the archive does not open at all.
    guard let handle = unzOpen64(path) else { throw .truncated }
    self.handle = handle
    self.limits = limits
    try readDirectory(fileBytes: fileBytes)
  }

  deinit { unzClose(handle) }

  private func readDirectory(fileBytes: Int) throws(TableFileError) {
    var status = unzGoToFirstFile(handle)
    while status == UNZ_OK {
      var info = unz_file_info64()
      var name = [CChar](repeating: 0, count: 1_024)
      let outcome = unzGetCurrentFileInfo64(
        handle, &info, &name, UInt(name.count - 1), nil, 0, nil, 0)
      var position = unz64_file_pos()
      guard outcome == UNZ_OK, unzGetFilePos64(handle, &position) == UNZ_OK else {
        throw .corrupt(where: "zip directory")
      }
      let key = Self.key(String(decoding: Self.bytes(of: name), as: UTF8.self))
      guard entries[key] == nil else { throw .corrupt(where: "zip directory") }
      entries[key] = Entry(
        position: position, storedBytes: min(Int(clamping: info.compressed_size), fileBytes),
        inflatedBytes: Int(clamping: info.uncompressed_size), isEncrypted: info.flag & 1 != 0)
      if entries.count > limits.entries { throw .tooLarge(.entries, limit: limits.entries) }
      status = unzGoToNextFile(handle)
    }
    guard status == UNZ_END_OF_LIST_OF_FILE else { throw .corrupt(where: "zip directory") }
  }

  private static func bytes(of name: [CChar]) -> some Collection<UInt8> {
    name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
  }

  /// Part names differ in nothing but case for no program, and old writers use backslashes.
  private static func key(_ name: String) -> String {
    String(name.lowercased().map { $0 == "\\" ? "/" : $0 }.drop { $0 == "/" })
  }

  func has(_ name: String) -> Bool { entries[Self.key(name)] != nil }

  /// Whether a part lies in this folder.
  func hasFolder(_ folder: String) -> Bool {
    entries.keys.contains { $0.hasPrefix(Self.key(folder)) }
  }

  /// Size of a part as the directory declares it, 0 for none; more than that is never inflated.
  func declaredBytes(_ name: String) -> Int { entries[Self.key(name)]?.inflatedBytes ?? 0 }

  /// Begins a part; only one can be read at a time.
  func part(_ name: String) throws(TableFileError) -> ZipPart {
    guard let entry = entries[Self.key(name)] else { throw .corrupt(where: name) }
    if entry.isEncrypted { throw .encrypted }
    var position = entry.position
    guard unzGoToFilePos64(handle, &position) == UNZ_OK, unzOpenCurrentFile(handle) == UNZ_OK
    else { throw .corrupt(where: name) }
    return ZipPart(
      name: name, archive: self, handle: handle, storedBytes: max(1, entry.storedBytes),
      declaredBytes: max(1, entry.inflatedBytes))
  }
}

/// One part of the archive, inflated chunk by chunk.
struct ZipPart: ~Copyable {
  let name: String
  private let archive: ZipArchive
  private let handle: unzFile
  private let storedBytes: Int
  private let declaredBytes: Int
  private var inflatedBytes = 0
  private let chunk: UnsafeMutableRawBufferPointer

  fileprivate init(
    name: String, archive: ZipArchive, handle: unzFile, storedBytes: Int, declaredBytes: Int
  ) {
    self.name = name
    self.archive = archive
    self.handle = handle
    self.storedBytes = storedBytes
    self.declaredBytes = declaredBytes
    chunk = .allocate(byteCount: archive.limits.chunkBytes, alignment: 16)
  }

  deinit {
    unzCloseCurrentFile(handle)
    chunk.deallocate()
  }

  var limits: Limits { archive.limits }

  /// How much of the part is inflated, 0 to 1.
  var progress: Double { min(1, Double(inflatedBytes) / Double(declaredBytes)) }

  /// The next bytes, valid until the next call; `nil` after the last ones, whose checksum held.
  mutating func next() throws(TableFileError) -> UnsafeRawBufferPointer? {
    let count = Int(unzReadCurrentFile(handle, chunk.baseAddress, UInt32(chunk.count)))
    guard count >= 0 else { throw .corrupt(where: name) }
    if count == 0 {
      // Closing compares the checksum; the second closing in deinit is harmless.
      guard unzCloseCurrentFile(handle) == UNZ_OK, inflatedBytes == declaredBytes || isNothing
      else { throw .corrupt(where: name) }
      return nil
    }
    inflatedBytes += count
    // Swift 6.3 cannot compile this for ThreadSanitizer through the member of a noncopyable value.
    let archive = archive
    archive.inflatedBytes += count
    let limits = archive.limits
    if inflatedBytes > limits.inflationRatioAppliesAboveBytes,
      inflatedBytes / storedBytes >= limits.inflationRatio
    {
      throw .bomb(.compression)
    }
    if archive.inflatedBytes > limits.inflatedBytes {
      throw .tooLarge(.inflatedBytes, limit: limits.inflatedBytes)
    }
    return UnsafeRawBufferPointer(rebasing: chunk[..<count])
  }

  private var isNothing: Bool { inflatedBytes == 0 && declaredBytes == 1 }
}
