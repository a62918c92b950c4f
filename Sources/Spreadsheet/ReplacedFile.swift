import Glibc

/// Writes a file under a temporary name in the same folder and renames it when it is whole, so that
/// readers see the old file or the new one and never a part.
///
/// - Parameter write: writes the file of the name it is given, which exists and is empty.
func replaceFile(at path: String, write: (String) throws -> Void) throws {
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  let name = path.dropFirst(folder.count)
  let number = String(UInt64.random(in: .min ... .max), radix: 36)
  let temporary = "\(folder).\(name.prefix(60)).\(number).tmp"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw TableWriteError.unwritable(errno: errno) }
  defer { close(descriptor) }
  do {
    try write(temporary)
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      throw TableWriteError.unwritable(errno: errno)
    }
  } catch {
    unlink(temporary)
    throw error
  }
}
