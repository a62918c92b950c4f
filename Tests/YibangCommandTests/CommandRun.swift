import Foundation
import Glibc

/// What a run of the built command gave.
struct CommandRun: Sendable {
  let status: Int32
  let output: String
  let errors: String

  func json() throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(output.utf8))
  }
}

/// Any JSON, to look into by key and index.
enum JSONValue: Decodable, Equatable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case record([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .record(try container.decode([String: JSONValue].self))
    }
  }

  subscript(key: String) -> JSONValue {
    if case .record(let record) = self { record[key] ?? .null } else { .null }
  }

  subscript(index: Int) -> JSONValue {
    if case .list(let list) = self, list.indices.contains(index) { list[index] } else { .null }
  }

  var count: Int? { if case .list(let list) = self { list.count } else { nil } }
  var number: Int? { if case .number(let number) = self { Int(number) } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var keys: Set<String> { if case .record(let record) = self { Set(record.keys) } else { [] } }
}

/// The built command, run as a process of its own.
enum Command {
  /// Beside the test's own executable.
  static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = URL(filePath: own).deletingLastPathComponent().appending(path: "yibang")
    return beside.path(percentEncoded: false)
  }()

  /// An environment without settings of the person who runs the tests.
  static func environment(_ own: [String: String] = [:]) -> [String: String] {
    var environment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp"]
    for name in ["PG_BINDIR", "TZ"] {
      environment[name] = ProcessInfo.processInfo.environment[name]
    }
    return environment.merging(own) { $1 }
  }

  static func process(_ arguments: [String], _ environment: [String: String] = [:]) -> Process {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = self.environment(environment)
    process.standardInput = FileHandle.nullDevice
    return process
  }

  /// Runs the command to its end.
  /// - Parameter input: what it reads; nil: nothing.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], input: String? = nil
  ) async throws -> CommandRun {
    let files = [UUID(), UUID(), UUID()].map { URL(filePath: "/tmp/yibang-command.\($0)") }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    let process = process(arguments, environment)
    for (file, text) in zip(files, ["", "", input ?? ""]) { try Data(text.utf8).write(to: file) }
    if input != nil { process.standardInput = try FileHandle(forReadingFrom: files[2]) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    let status = try await end(of: process) { try process.run() }
    let texts = try files.prefix(2).map {
      String(decoding: try Data(contentsOf: $0), as: UTF8.self)
    }
    return CommandRun(status: status, output: texts[0], errors: texts[1])
  }

  /// The exit status of a process, once it has ended.
  static func end(of process: Process, _ start: () throws -> Void) async throws -> Int32 {
    let (ended, continuation) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = {
      continuation.yield($0.terminationStatus)
      continuation.finish()
    }
    try start()
    for await status in ended { return status }
    return -1
  }
}
