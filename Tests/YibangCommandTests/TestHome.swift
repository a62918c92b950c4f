import Foundation
import Glibc
import Testing

/// A home of its own in /tmp, with one district, one school and one semester.
struct TestHome {
  static let district = "990000"
  static let school = "2199000001"
  static let semester = "2026-2027-1"

  let path: String

  /// Runs `body` with a fresh home, and removes it.
  static func use(_ body: (TestHome) async throws -> Void) async throws {
    let home = TestHome(
      path: "/tmp/yibang-command-tests.\(getpid()).\(UUID().uuidString.prefix(8))")
    do {
      try await body(home)
    } catch {
      try await home.remove()
      throw error
    }
    try await home.remove()
  }

  private func remove() async throws {
    _ = try await self("db", "stop")
    try? FileManager.default.removeItem(atPath: path)
  }

  func callAsFunction(
    _ arguments: String..., environment: [String: String] = [:]
  ) async throws -> CommandRun {
    try await Command.run(["--home", path] + arguments, environment: environment)
  }

  /// Keeps the database running between the commands of a test, and opens district, school and
  /// semester.
  func setUp() async throws {
    let lines = [
      ["db", "start"], ["district", "add", Self.district, "测试区"],
      ["school", "add", Self.school, "第一小学"], ["semester", "open", Self.semester],
    ]
    for line in lines {
      let run = try await Command.run(["--home", path] + line)
      try #require(run.status == 0, "\(line): \(run.errors)")
    }
  }

  /// Writes a sheet into the home.
  func sheet(_ name: String, _ lines: String) throws -> String {
    let file = "\(path)/\(name)"
    try Data(lines.utf8).write(to: URL(filePath: file))
    return file
  }

  func importRoster(_ file: String, _ more: String...) async throws -> CommandRun {
    try await Command.run(
      [
        "--home", path, "student", "import", file, "--school", Self.school, "--semester",
        Self.semester,
      ] + more)
  }

  func importDonations(_ file: String, _ more: String...) async throws -> CommandRun {
    try await Command.run(
      [
        "--home", path, "donation", "import", file, "--school", Self.school, "--semester",
        Self.semester,
      ] + more)
  }
}

enum Sheets {
  static let roster = """
    第一小学学生花名册
    序号,年级,班级,姓名,性别,身份证号,困难类别,等级,监护人,监护人电话,监护人同意
    1,一年级,1班,样甲,男,990000201503010017,孤儿,特别困难,家甲,19900000001,同意
    2,一年级,1班,样乙,女,990000201609150026,,困难,家乙,19900000002,同意
    3,一年级,2班,样丙丁,女,99000020170520002X,,,家丙,19900000003,
    """
  static let rosterWithError = roster + "\n4,一年级,2班,样戊,男,990000201503010018,,,家戊,19900000004,\n"
  static let donations = """
    第一小学捐款情况表
    序号,日期,捐款人/单位,类别,金额,方式,指定用途,备注
    1,2026年9月10日,师甲,教师,"1,000.00",现金,,
    2,2026-09-11,捐乙公司,企业,500.5,转账,,
    合计,,,,1500.50,,,
    """
  static let offers = """
    帮扶意向表
    序号,帮扶人/单位,类别,联系电话,每学期金额,名额
    1,助甲,个人,19911110001,1000,1
    2,助乙公司,企业,19911110002,1500,1
    """
}
