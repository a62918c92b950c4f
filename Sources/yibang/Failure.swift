import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Yibang

/// Exit statuses, as sysexits.h numbers them.
enum ExitStatus {
  static let ok: Int32 = 0
  static let usage: Int32 = 64
  static let badData: Int32 = 65
  static let unreadable: Int32 = 66
  static let unknownUser: Int32 = 67
  static let unavailable: Int32 = 69
  static let software: Int32 = 70
  static let outputFailed: Int32 = 74
  static let tryAgain: Int32 = 75
  static let forbidden: Int32 = 77
  static let configuration: Int32 = 78

  static func of(_ category: ErrorCategory) -> Int32 {
    switch category {
    case .usage: usage
    case .badData, .notFound, .conflict, .changed: badData
    case .unreadable: unreadable
    case .unknownUser: unknownUser
    case .unavailable: unavailable
    case .forbidden, .unauthenticated: forbidden
    case .tooMany: tryAgain
    case .configuration: configuration
    }
  }
}

/// An error as the command tells it: one line in the person's language, and an exit status.
struct Failure {
  let text: Text
  let status: Int32

  init(_ error: any Error) {
    switch error {
    case let error as any YibangError:
      self.init(error.text, ExitStatus.of(error.category))
    case let error as any ValueError:
      self.init(error.text, ExitStatus.badData)
    case let error as TableFileError:
      self.init(Text(error.zh, error.en), Self.status(error))
    case let error as TableWriteError:
      self.init(Text(error.zh, error.en), ExitStatus.outputFailed)
    case let error as CalendarError:
      self.init(Text("\(error.zh)。", "\(error.en)."), ExitStatus.badData)
    case let error as PostgresError:
      self.init(Text(error.zh, error.en), Self.status(error))
    case let error as ClusterError:
      self.init(Text(error.zh, error.en), Self.status(error))
    case is OutputError:
      self.init(
        Text("无法写出结果。请检查磁盘空间和输出位置。", "The output cannot be written. Check disk and place."),
        ExitStatus.outputFailed)
    case is CancellationError:
      self.init(Text("操作已取消。", "The operation was cancelled."), ExitStatus.tryAgain)
    default:
      self.init(
        Text(
          "程序内部出错（\(type(of: error))）。请记下所用命令并报告此问题。",
          "An internal error (\(type(of: error))). Note the command and report the problem."),
        ExitStatus.software)
    }
  }

  private init(_ text: Text, _ status: Int32) {
    self.text = text
    self.status = status
  }

  /// `错误：…` or `Error: …`, without line breaks.
  func line(_ language: Language) -> String {
    let sentence = text(language).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return (language == .zh ? "错误：" : "Error: ") + sentence
  }

  private static func status(_ error: TableFileError) -> Int32 {
    if case .unreadable = error { ExitStatus.unreadable } else { ExitStatus.badData }
  }

  private static func status(_ error: PostgresError) -> Int32 {
    switch error {
    case .unique, .check, .exclusion, .foreignKey, .notNull: ExitStatus.badData
    case .privilege: ExitStatus.forbidden
    case .serialization, .deadlock, .cancelled, .queueFull: ExitStatus.tryAgain
    case .connection, .closed: ExitStatus.unavailable
    case .migration: ExitStatus.configuration
    case .decoding, .server: ExitStatus.software
    }
  }

  private static func status(_ error: ClusterError) -> Int32 {
    switch error {
    case .noBinaries, .initFailed, .startFailed, .stopFailed, .unusable: ExitStatus.unavailable
    case .noServerUser, .notTraversable, .file, .socketDirectory: ExitStatus.configuration
    }
  }
}
