import ArgumentParser
import SchoolCalendar
import Yibang

/// What every import takes.
struct ImportOptions: ParsableArguments {
  @Argument(
    help: ".xlsx 或 .csv 文件 · An .xlsx or .csv file",
    completion: .file(extensions: ["xlsx", "csv"]))
  var file: String

  @Option(help: ArgumentHelp("学期，如 2026-2027-1 · Semester", valueName: "semester"))
  var semester: String

  @Flag(help: "只查看，不写入 · Show the report and write nothing") var dryRun = false
  @Flag(help: "跳过有问题的行 · Write the good rows and skip the refused ones")
  var skipRefused = false
}

extension Work {
  /// Runs one import with a progress bar, and tells its report.
  /// - Throws: `ExitCode` 65 where refused rows kept the file, or would keep it, from being written.
  func importSheet(
    _ options: ImportOptions, school: Schools.School?,
    _ operation: (ImportRequest) async throws -> ImportReport
  ) async throws {
    let bar = ProgressBar.onTerminal(language: language, isQuiet: settings.isQuiet)
    var request = ImportRequest(
      path: options.file, school: school, semester: try Semester(parsing: options.semester),
      today: settings.today, dryRun: options.dryRun, skipRefused: options.skipRefused)
    if let bar { request.progress = { bar.show($0) } }
    defer { bar?.clear() }
    let report = try await operation(request)
    bar?.clear()
    try tell(report, skippedRefused: options.skipRefused)
    if report.hasRefusals && !options.skipRefused { throw ExitCode(ExitStatus.badData) }
  }
}
