import ArgumentParser
import Foundation
import Postgres
import Spreadsheet
import Yibang

struct DatabaseFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db", abstract: "数据库 · The database",
    subcommands: [
      DatabaseStart.self, DatabaseStop.self, DatabaseStatus.self, DatabaseMigrate.self,
      DatabasePsql.self,
    ])
}

struct DatabaseStart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "启动内置数据库并保持运行 · Start the embedded database and keep it running"
  )

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run() async throws {
    let settings = try Settings(global)
    let cluster = try settings.embeddedCluster()
    try settings.home.make()
    try await onThread { try cluster.keepRunning() }
    let outcome = try await cluster.start()
    let sentence =
      switch outcome {
      case .initialised: Text("已建立并启动数据库。", "The database was made and started.")
      case .started: Text("已启动数据库。", "The database is started.")
      case .adopted: Text("数据库已在运行。", "The database was running already.")
      }
    try settings.printer.outcome(
      sentence, [("state", "running"), ("directory", .text(cluster.directory))])
  }
}

struct DatabaseStop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "停止内置数据库 · Stop the embedded database")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run() async throws {
    let settings = try Settings(global)
    let cluster = try settings.embeddedCluster()
    let wasRunning = if case .running = cluster.status() { true } else { false }
    try await cluster.stop()
    try settings.printer.outcome(
      wasRunning
        ? Text("已停止数据库。", "The database is stopped.")
        : Text("数据库没有在运行。", "The database was not running."),
      [("state", "stopped"), ("directory", .text(cluster.directory))])
  }
}

struct DatabaseStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "数据库状态与版本 · State and versions of the database")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  /// What `db status` tells.
  struct Report: Encodable {
    struct Step: Encodable {
      let number: Int
      let name: String
      let applied: Bool
    }

    var state: String
    var pid: Int32?
    var version: String?
    var directory: String?
    /// Nil where the database does not run.
    var migrations: [Step]?
  }

  func run() async throws {
    let settings = try Settings(global)
    var report: Report
    var conninfo = settings.databaseURL
    if conninfo == nil {
      let cluster = try settings.embeddedCluster()
      report = Report(state: "absent", directory: cluster.directory)
      report.version = cluster.version
      switch cluster.status() {
      case .absent: break
      case .stopped: report.state = "stopped"
      case .running(let pid):
        report.state = "running"
        report.pid = pid
        conninfo = cluster.conninfo
      }
    } else {
      report = Report(state: "running")
    }
    if let conninfo {
      let logger = Site.logger(settings)
      report.migrations = try await onThread {
        try Migrator.status(conninfo: conninfo, migrations: Platform.migrations, logger: logger)
      }.map { Report.Step(number: $0.number, name: $0.name, applied: $0.isApplied) }
    }
    try tell(report, settings.printer)
  }

  private func tell(_ report: Report, _ printer: Printer) throws {
    if printer.format == .json { return try printer.json(report) }
    let states = [
      "absent": Text("尚未建立", "not made yet"), "stopped": Text("已停止", "stopped"),
      "running": Text("运行中", "running"),
    ]
    let applied = report.migrations?.filter(\.applied).count
    let pending = report.migrations?.filter { !$0.applied }.map(\.name)
    let lines: [(Text, String?)] = [
      (Text("状态", "state"), states[report.state]?(printer.language)),
      (Text("进程", "process"), report.pid.map { "\($0)" }),
      (Text("PostgreSQL 版本", "PostgreSQL version"), report.version),
      (Text("目录", "directory"), report.directory),
      (Text("已应用的迁移", "migrations applied"), applied.map { "\($0)" }),
      (Text("待应用的迁移", "migrations pending"), pending.map { "\($0.count)" }),
    ]
    let rows = lines.filter { $0.1 != nil }
    try printer.list(
      rows,
      [
        Column("项目", "item") { .text($0.0($1)) },
        Column("值", "value") { .optional($0.1) },
      ], json: report)
  }
}

struct DatabaseMigrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "更新数据库结构 · Bring the schema up to date")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run() async throws {
    let settings = try Settings(global)
    try await Site.use(settings) { site in
      let applied = try await onThread {
        try Migrator.migrate(
          conninfo: site.conninfo, migrations: Platform.migrations, logger: site.logger)
      }
      try settings.printer.outcome(
        applied.isEmpty
          ? Text("数据库结构已是最新。", "The schema is up to date.")
          : Text("已应用 \(applied.count) 个迁移。", "\(applied.count) migrations applied."),
        [("applied", .number(Int64(applied.count)))])
    }
  }
}

extension Settings {
  /// - Throws: `DatabaseChoiceError` where another database is chosen by its address.
  func embeddedCluster() throws(DatabaseChoiceError) -> EmbeddedCluster {
    guard databaseURL == nil else { throw .otherDatabase }
    return EmbeddedCluster(directory: home.path, logger: Site.logger(self))
  }
}

extension EmbeddedCluster {
  /// The major version of the data.
  fileprivate var version: String? {
    let text = try? String(contentsOfFile: "\(directory)/postgres/PG_VERSION", encoding: .utf8)
    return text?.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

enum DatabaseChoiceError: YibangError {
  case otherDatabase

  var code: String { "database.other" }
  var category: ErrorCategory { .usage }
  var text: Text {
    Text(
      "已用 --database-url 或 YIBANG_DATABASE_URL 指定了别的数据库，内置数据库不能启停。请去掉该设置。",
      "Another database is chosen by --database-url or YIBANG_DATABASE_URL, so there is no "
        + "embedded one to start or stop. Leave that setting out.")
  }
}
