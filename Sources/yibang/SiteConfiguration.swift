import Configuration
import Foundation
import Logging
import Yams
import Yibang
import YibangHTTP

/// The settings of an installation. Each comes from a flag of the command, the environment, the file or
/// its default: the first of them that says something counts.
struct SiteConfiguration: Sendable {
  /// Where a value comes from.
  enum Source: Sendable, Equatable {
    case flag
    /// The variable's name.
    case environment(String)
    /// The file's path.
    case file(String)
    case standard

    var text: Text {
      switch self {
      case .flag: Text("命令行", "flag")
      case .environment(let name): Text("环境变量 \(name)", "environment, \(name)")
      case .file(let path): Text("文件 \(path)", "file \(path)")
      case .standard: Text("默认", "default")
      }
    }
  }

  struct Value: Sendable {
    let text: String
    let source: Source
  }

  /// Of the keys that have a value.
  private(set) var values: [ConfigurationKey: Value] = [:]

  /// - Parameters:
  ///   - file: read if it is there; has to be there where `isFileNamed`.
  /// - Throws: `ConfigurationError`, naming the setting and where it stands.
  init(
    flags: [ConfigurationKey: String] = [:], environment: [String: String],
    file: String, isFileNamed: Bool
  ) throws {
    let words = try Self.read(file, isNeeded: isFileNamed)
    let given = InMemoryProvider(name: "flags", values: Self.encoded(flags))
    // An empty variable is one that is not set.
    let variables = EnvironmentVariablesProvider(
      environmentVariables: environment.filter { !$0.value.isEmpty }
    ).prefixKeys(with: "yibang")
    let written = InMemoryProvider(name: "file", values: Self.encoded(words))
    let sources: [(any ConfigProvider, (String) -> Source)] = [
      (given, { _ in .flag }), (variables, { .environment($0) }), (written, { _ in .file(file) }),
    ]
    for key in ConfigurationKey.allCases {
      for (provider, source) in sources {
        let found = try provider.value(forKey: Self.absolute(key), type: .string)
        guard case .string(let text)? = found.value?.content else { continue }
        let value = Value(text: text, source: source(found.encodedKey))
        guard key.kind.accepts(text) else {
          throw ConfigurationError.value(key, value.source)
        }
        values[key] = value
        break
      }
      if values[key] == nil, let standard = key.standard {
        values[key] = Value(text: standard, source: .standard)
      }
    }
    if values[.httpCertificate] == nil, let key = values[.httpKey] {
      throw ConfigurationError.value(.httpCertificate, key.source)
    }
    if values[.httpKey] == nil, let certificate = values[.httpCertificate] {
      throw ConfigurationError.value(.httpKey, certificate.source)
    }
  }

  func text(_ key: ConfigurationKey) -> String? { values[key]?.text }

  /// - Precondition: the key is a number with a default.
  func number(_ key: ConfigurationKey) -> Int {
    guard let number = values[key].flatMap({ Int($0.text) }) else {
      preconditionFailure("\(key.rawValue) has no default")
    }
    return number
  }

  func list(_ key: ConfigurationKey) -> [String] { ConfigurationKey.parts(text(key) ?? "") }

  func networks(_ key: ConfigurationKey) -> [IPNetwork] { list(key).compactMap { IPNetwork($0) } }

  var logLevel: Logger.Level { text(.logLevel).flatMap(Logger.Level.init(rawValue:)) ?? .info }

  /// A value as it may be shown: without passwords.
  func shown(_ key: ConfigurationKey) -> String? {
    guard let text = text(key) else { return nil }
    switch key.kind {
    case .secret: return "********"
    case .database: return Self.redacted(text)
    default: return text
    }
  }

  /// How `SMTP` is told of mail.
  var mailEnvironment: [String: String] {
    let keys: [(ConfigurationKey, String)] = [
      (.smtpURL, "URL"), (.smtpFrom, "FROM"), (.smtpUser, "USER"), (.smtpPassword, "PASSWORD"),
      (.smtpPasswordFile, "PASSWORD_FILE"), (.smtpCAFile, "CA_FILE"),
    ]
    return keys.reduce(into: [:]) { $0["YIBANG_SMTP_\($1.1)"] = text($1.0) }
  }

  /// The address of a database without its password: of a URL, and of keywords.
  private static func redacted(_ text: String) -> String {
    text.replacing(#/^([a-z]+://[^:/@?]*):[^@]*@/#) { "\($0.output.1):********@" }
      .replacing(#/(?i)(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)/#) { "\($0.output.1)********" }
  }

  private static func absolute(_ key: ConfigurationKey) -> AbsoluteConfigKey {
    AbsoluteConfigKey(key.rawValue.split(separator: ".").map(String.init))
  }

  private static func encoded(
    _ values: [ConfigurationKey: String]
  ) -> [AbsoluteConfigKey: ConfigValue] {
    values.reduce(into: [:]) {
      $0[absolute($1.key)] = ConfigValue(.string($1.value), isSecret: false)
    }
  }

  /// What the file says, every name in it known.
  private static func read(
    _ path: String, isNeeded: Bool
  ) throws(ConfigurationError) -> [ConfigurationKey: String] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      if isNeeded || FileManager.default.fileExists(atPath: path) { throw .unreadable(path) }
      return [:]
    }
    let document: Any?
    do {
      document = try Yams.load(yaml: text)
    } catch let error as YamlError {
      throw .notYAML(path, line: error.line)
    } catch {
      throw .notYAML(path, line: nil)
    }
    guard let document, !(document is NSNull) else { return [:] }
    var values: [ConfigurationKey: String] = [:]
    try flatten(document, below: "", of: path, into: &values)
    return values
  }

  private static func flatten(
    _ value: Any, below name: String, of path: String,
    into values: inout [ConfigurationKey: String]
  ) throws(ConfigurationError) {
    if let members = value as? [String: Any], ConfigurationKey(rawValue: name) == nil {
      for (member, value) in members {
        try flatten(
          value, below: name.isEmpty ? member : "\(name).\(member)", of: path, into: &values)
      }
      return
    }
    guard let key = ConfigurationKey(rawValue: name) else { throw .unknown(name, path) }
    switch value {
    case let items as [Any]: values[key] = items.map { "\($0)" }.joined(separator: ",")
    case is [String: Any]: throw .value(key, .file(path))
    case is NSNull: break
    default: values[key] = "\(value)"
    }
  }
}

extension YamlError {
  /// Where the file stops being YAML, counted from 1.
  fileprivate var line: Int? {
    switch self {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      mark.line
    default: nil
    }
  }
}

enum ConfigurationError: YibangError {
  case unreadable(String)
  case notYAML(String, line: Int?)
  /// A name in the file that is none of ours.
  case unknown(String, String)
  case value(ConfigurationKey, SiteConfiguration.Source)

  var code: String {
    switch self {
    case .unreadable: "configuration.unreadable"
    case .notYAML: "configuration.not_yaml"
    case .unknown: "configuration.unknown"
    case .value: "configuration.value"
    }
  }

  var category: ErrorCategory { .configuration }

  var text: Text {
    switch self {
    case .unreadable(let path):
      return Text(
        "设置文件 \(path) 无法读取，请检查路径和权限。",
        "The settings file \(path) cannot be read. Check its path and permissions.")
    case .notYAML(let path, let line):
      let place = line.map { Text("第 \($0) 行", ", line \($0)") } ?? Text("", "")
      return Text(
        "设置文件 \(path) \(place.zh) 不是有效的 YAML。",
        "The settings file \(path)\(place.en) is not valid YAML.")
    case .unknown(let name, let path):
      return Text(
        "设置文件 \(path) 中的 \(name.isEmpty ? "内容" : name) 不是已知的设置。全部设置见 yibang config。",
        "\(name.isEmpty ? "The content" : name) in the settings file \(path) is no known setting. "
          + "yibang config lists all.")
    case .value(let key, let source):
      return Text(
        "设置 \(key.rawValue)（来自\(source.text.zh)）\(key.kind.expectation.zh)。",
        "The setting \(key.rawValue) (from \(source.text.en)) \(key.kind.expectation.en).")
    }
  }
}
