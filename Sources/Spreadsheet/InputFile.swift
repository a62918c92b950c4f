import Glibc

/// What changes when a file is written anew.
struct FileStamp: Sendable, Equatable {
  let bytes: Int
  private let device: UInt
  private let node: UInt
  private let modified: [Int]

  init(_ status: stat) {
    bytes = Int(status.st_size)
    device = UInt(status.st_dev)
    node = UInt(status.st_ino)
    modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
  }
}

/// A regular file open for reading. Not shared between threads.
final class InputFile {
  let stamp: FileStamp
  private(set) var position = 0
  private let descriptor: Int32

  init(path: String) throws(TableFileError) {
    // Without blocking: a named pipe must not hold the caller until someone writes.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(errno: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = errno
      close(descriptor)
      throw .unreadable(errno: reason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notATable(status.st_mode & S_IFMT == S_IFDIR ? .directory : .binary)
    }
    self.descriptor = descriptor
    stamp = FileStamp(status)
  }

  deinit { close(descriptor) }

  var bytes: Int { stamp.bytes }

  /// Reads what comes next.
  ///
  /// - Returns: number of bytes, 0 only at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TableFileError) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 {
        position += count
        return count
      }
      guard errno == EINTR else { throw .unreadable(errno: errno) }
    }
  }

  /// As above, behind the first bytes of an array.
  func read(into array: inout [UInt8], after kept: Int = 0) throws(TableFileError) -> Int {
    let result = array.withUnsafeMutableBytes { whole in
      Result { () throws(TableFileError) in
        try read(into: UnsafeMutableRawBufferPointer(rebasing: whole[kept...]))
      }
    }
    return try result.get()
  }
}
