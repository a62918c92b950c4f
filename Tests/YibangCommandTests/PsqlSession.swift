import Foundation

/// A psql on a home's database, asked one question at a time.
final class PsqlSession {
  private let process: Process
  private let input = Pipe()
  private var lines: AsyncStream<String>.Iterator

  init(_ home: TestHome) throws {
    process = Command.process(["--home", home.path, "--quiet", "db", "psql", "--", "-XAtq"])
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    let (stream, continuation) = AsyncStream.makeStream(of: String.self)
    lines = stream.makeAsyncIterator()
    try process.run()
    Thread.detachNewThread {
      var rest = ""
      while true {
        let chunk = output.fileHandleForReading.availableData
        if chunk.isEmpty { break }
        rest += String(decoding: chunk, as: UTF8.self)
        while let end = rest.firstIndex(of: "\n") {
          continuation.yield(String(rest[..<end]))
          rest = String(rest[rest.index(after: end)...])
        }
      }
      continuation.finish()
    }
  }

  /// The first line of the answer to SQL that gives one line.
  func ask(_ sql: String) async throws -> String? {
    try input.fileHandleForWriting.write(contentsOf: Data("\(sql);\n".utf8))
    return await lines.next()
  }

  /// Asks until the answer is this.
  func wait(for answer: String, _ sql: String) async throws {
    while try await ask(sql) != answer {}
  }

  func close() throws {
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
