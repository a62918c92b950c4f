import Foundation
import Glibc
import SchoolCalendar
import Yibang

/// What a command line and its environment come to.
struct Settings: Sendable {
  var home: Home
  let configuration: SiteConfiguration
  /// Nil: the embedded cluster of the home.
  var databaseURL: String?
  let login: String
  let district: String?
  let format: OutputFormat
  let language: Language
  var isQuiet: Bool
  /// The day of the command, in China; taken once.
  let today: CalendarDate

  /// - Parameter flags: settings that the command takes as options of its own.
  /// - Throws: `ArgumentError` if `--today` is no date; `ConfigurationError`.
  init(
    _ options: GlobalOptions, flags: [ConfigurationKey: String] = [:],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    func named(_ option: String?, _ variable: String) -> String? {
      let value = option ?? environment[variable]
      return value?.isEmpty == true ? nil : value
    }
    home = Home(path: named(options.home, "YIBANG_HOME") ?? Home.usual(environment))
    let file = named(options.config, "YIBANG_CONFIG")
    configuration = try SiteConfiguration(
      flags: flags.merging(options.databaseURL.map { [.databaseURL: $0] } ?? [:]) { $1 },
      environment: environment, file: file ?? home.configurationFile, isFileNamed: file != nil)
    databaseURL = configuration.text(.databaseURL)
    login = named(options.login, "YIBANG_USER") ?? Self.systemUser
    district = options.district
    format = options.format
    language = options.lang ?? Language(environment: environment)
    isQuiet = options.quiet
    today = try options.today.map { try readDate($0, option: "--today") } ?? Self.chinaToday
  }

  var printer: Printer { Printer(format: format, language: language, isQuiet: isQuiet) }

  private static var systemUser: String {
    guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else {
      return "uid\(geteuid())"
    }
    return String(cString: name)
  }

  static var chinaToday: CalendarDate {
    let seconds = Int64(Date().timeIntervalSince1970)
    guard let today = CalendarDate(inChinaAtUnixSeconds: seconds) else {
      preconditionFailure("the clock is outside the years 1 to 9999")
    }
    return today
  }
}
