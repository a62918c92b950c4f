import ArgumentParser
import SchoolCalendar
import Yibang

enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case table, json, csv
}

extension Language: ExpressibleByArgument {}

/// What every command takes, before or after its own words.
struct GlobalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "数据目录 · Where keys and data lie (YIBANG_HOME)", valueName: "dir"),
    completion: .directory)
  var home: String?

  @Option(
    help: ArgumentHelp(
      "设置文件，默认为数据目录中的 config.yaml · Settings, else config.yaml of the home (YIBANG_CONFIG)",
      valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "使用这个 PostgreSQL，而不是内置的 · Use this PostgreSQL instead of the embedded one "
        + "(YIBANG_DATABASE_URL)", valueName: "url"))
  var databaseURL: String?

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("以该用户办理 · Act as this user (YIBANG_USER)", valueName: "user"))
  var login: String?

  @Option(help: ArgumentHelp("区代码 · District code", valueName: "code"))
  var district: String?

  @Option(help: "输出格式 · Output format")
  var format: OutputFormat = .table

  @Option(help: "语言 · Language (LC_ALL, LC_MESSAGES, LANG)")
  var lang: Language?

  @Flag(help: "不显示提示与进度 · No notices and no progress")
  var quiet = false

  @Option(help: .hidden)
  var today: String?
}

extension Language {
  /// The language of a command line, known before the line is understood: `--lang`, else the
  /// environment's.
  static func chosen(_ arguments: [String], _ environment: [String: String]) -> Language {
    let words = arguments.prefix { $0 != "--" }
    var asked: Language?
    for (index, word) in words.enumerated() {
      if word == "--lang", index + 1 < words.count {
        asked = Language(rawValue: words[index + 1]) ?? asked
      } else if word.hasPrefix("--lang=") {
        asked = Language(rawValue: String(word.dropFirst("--lang=".count))) ?? asked
      }
    }
    return asked ?? Language(environment: environment)
  }

  /// The first that is set of LC_ALL, LC_MESSAGES and LANG decides.
  init(environment: [String: String]) {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"]
    self.init(locale: names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty })
  }
}
