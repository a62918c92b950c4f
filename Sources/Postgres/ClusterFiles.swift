import FoundationEssentials
import Glibc

/// File operations of the embedded cluster, with errors that name the path.
enum ClusterFiles {
  static func failure(_ path: String, _ code: Int32 = errno) -> ClusterError {
    .file(path: path, reason: String(cString: strerror(code)))
  }

  /// An absolute path without symbolic links; parts that do not exist yet stay as they are.
  static func canonical(_ path: String) -> String {
    if let real = realpath(path, nil) {
      defer { free(real) }
      return String(cString: real)
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    guard let last = parts.last else { return path.hasPrefix("/") ? "/" : canonical(".") }
    let parent = parts.dropLast().joined(separator: "/")
    let above: String
    if path.hasPrefix("/") {
      above = parent.isEmpty ? "/" : canonical("/" + parent)
    } else {
      above = canonical(parent.isEmpty ? "." : parent)
    }
    return above == "/" ? "/\(last)" : "\(above)/\(last)"
  }

  static func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }

  static func information(_ path: String) -> stat? {
    var information = stat()
    return lstat(path, &information) == 0 ? information : nil
  }

  /// Makes a directory and those above it that are missing, all with this mode.
  static func makeDirectories(_ path: String, mode: mode_t) throws(ClusterError) {
    if exists(path) { return }
    let parent = (path as String).split(separator: "/").dropLast().joined(separator: "/")
    if !parent.isEmpty { try makeDirectories("/" + parent, mode: mode) }
    if mkdir(path, mode) != 0 && errno != EEXIST { throw failure(path) }
    if chmod(path, mode) != 0 { throw failure(path) }
  }

  static func give(_ path: String, to user: ServerUser?) throws(ClusterError) {
    guard let user else { return }
    if chown(path, user.id, user.group) != 0 { throw failure(path) }
  }

  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count <= 0 { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The last lines of a file that may be large.
  static func tail(_ path: String, lines: Int) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, Int32(SEEK_END))
    var bytes = [UInt8](repeating: 0, count: min(size, 16384))
    let count = pread(descriptor, &bytes, bytes.count, size - bytes.count)
    let text = String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
  }

  /// Replaces a file at once, so that a reader sees the old or the new text.
  static func write(_ text: String, to path: String, owner: ServerUser?) throws(ClusterError) {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(temporary) }
    defer { close(descriptor) }
    let bytes = [UInt8](text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw failure(temporary)
    }
    try give(temporary, to: owner)
    if rename(temporary, path) != 0 { throw failure(path) }
  }

  static func append(_ text: String, to path: String) throws(ClusterError) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    let bytes = [UInt8](text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw failure(path)
    }
  }

  static func removeTree(_ path: String) throws(ClusterError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      if exists(path) { throw .file(path: path, reason: "cannot be removed") }
    }
  }

  static func names(in directory: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
  }

  /// Opens a file and takes a lock on it, which the file descriptor holds until it is closed.
  ///
  /// - Parameter operation: LOCK_SH or LOCK_EX; waits for other holders.
  static func lock(_ path: String, _ operation: Int32) throws(ClusterError) -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    while flock(descriptor, operation) != 0 {
      if errno == EINTR { continue }
      let code = errno
      close(descriptor)
      throw failure(path, code)
    }
    return descriptor
  }
}

/// The user as whom the server runs when this process is root, as PostgreSQL refuses root.
struct ServerUser: Sendable {
  let name: String
  let id: uid_t
  let group: gid_t

  /// nil when this process is not root and the server runs as its own user.
  static func current() throws(ClusterError) -> ServerUser? {
    if geteuid() != 0 { return nil }
    let name = "postgres"
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16384)
    getpwnam_r(name, &entry, &buffer, buffer.count, &found)
    guard found != nil, entry.pw_uid != 0 else { throw .noServerUser(name: name) }
    return ServerUser(name: name, id: entry.pw_uid, group: entry.pw_gid)
  }

  /// Checks that this user can pass through a directory and all above it, by their mode bits.
  func checkCanReach(_ directory: String) throws(ClusterError) {
    var path = ""
    for part in directory.split(separator: "/", omittingEmptySubsequences: false) {
      // The first part, before the leading slash, is empty: the root.
      path = part.isEmpty ? "/" : (path == "/" ? "/\(part)" : "\(path)/\(part)")
      guard let information = ClusterFiles.information(path) else { continue }
      let bit: mode_t
      if information.st_uid == id {
        bit = 0o100
      } else if information.st_gid == group {
        bit = 0o010
      } else {
        bit = 0o001
      }
      if information.st_mode & bit == 0 {
        throw .notTraversable(directory: path, user: name)
      }
    }
  }
}
