import Glibc

/// A database as one stream of bytes, by pg_dump and pg_restore.
///
/// Both block the calling thread, which must not belong to the cooperative pool.
package enum Dump {
  private static let pieceBytes = 1 << 20

  /// Hands over a database's dump in pieces: all of it as it was at one moment, whatever goes on
  /// meanwhile.
  /// - Throws: `DumpError`; what `take` throws.
  package static func write(
    _ conninfo: String, _ take: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let (reading, writing) = try pipe()
    let process: Process
    do {
      process = try start(
        "pg_dump", ["--format=custom", "--compress=6", "--dbname", conninfo], output: writing)
    } catch {
      close(reading)
      close(writing)
      throw error
    }
    close(writing)
    var failure: (any Error)?
    do {
      var buffer = [UInt8](repeating: 0, count: pieceBytes)
      while true {
        let count = Glibc.read(reading, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { break }
        try buffer.withUnsafeBytes { try take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      }
    } catch {
      failure = error
    }
    // Where nothing is read any more, its next write ends it.
    close(reading)
    let (isSuccess, errors) = process.wait()
    if let failure { throw failure }
    guard isSuccess else { throw DumpError.failed(program: "pg_dump", output: errors) }
  }

  /// Makes a database's content from a dump, all or nothing.
  /// - Parameter next: the next piece; nil at the end.
  /// - Throws: `DumpError`; what `next` throws.
  package static func restore(_ conninfo: String, _ next: () throws -> [UInt8]?) throws {
    let (reading, writing) = try pipe()
    let process: Process
    do {
      process = try start(
        "pg_restore",
        ["--no-owner", "--exit-on-error", "--single-transaction", "--dbname", conninfo],
        input: reading)
    } catch {
      close(reading)
      close(writing)
      throw error
    }
    close(reading)
    var failure: (any Error)?
    do {
      while let piece = try next() {
        guard send(piece, writing) else { break }
      }
    } catch {
      failure = error
    }
    close(writing)
    let (isSuccess, errors) = process.wait()
    if let failure { throw failure }
    guard isSuccess else { throw DumpError.failed(program: "pg_restore", output: errors) }
  }

  /// - Returns: whether the reader took all of it.
  private static func send(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func start(
    _ name: String, _ arguments: [String], input: Int32? = nil, output: Int32? = nil
  ) throws(DumpError) -> Process {
    do {
      let programs = try ClusterPrograms(version: nil, user: nil)
      return try Process(
        ["\(programs.directory)/\(name)"] + arguments, input: input, output: output)
    } catch let error as ProcessError {
      throw .failed(program: name, output: error.text)
    } catch {
      throw .missing(program: name)
    }
  }

  private static func pipe() throws(DumpError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else {
      throw .failed(program: "pipe", output: String(cString: strerror(errno)))
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}

package enum DumpError: Error, Sendable {
  /// PostgreSQL's programs are not installed.
  case missing(program: String)
  case failed(program: String, output: String)
}
