import Foundation
import Logging
import Postgres
import SchoolCalendar
import Synchronization

@testable import Yibang

/// One real PostgreSQL for the tests of this process, with the migrated schema.
enum TestPlatform {
  static let directory = "/tmp/yibang-tests.\(getpid())"

  static let logger: Logger = {
    var logger = Logger(label: "tests")
    logger.logLevel = .critical
    return logger
  }()

  static let cluster = EmbeddedCluster(
    directory: directory, settings: ["fsync": "off"], logger: logger)

  private static let opened = Task {
    removeLeftovers()
    _ = try await cluster.start()
    atexit { TestPlatform.end() }
    // Every test of the process waits in this one queue, and all begin at once.
    return try await Platform.open(
      conninfo: cluster.conninfo, keyFile: "\(directory)/key", queueLimit: 100_000,
      logger: logger)
  }

  /// Another platform on the same PostgreSQL, as a second process has it. The caller closes it.
  static func another() async throws -> Platform {
    _ = try await ready()
    return try await Platform.open(
      conninfo: cluster.conninfo, keyFile: "\(directory)/key", logger: logger)
  }

  private static func end() {
    try? cluster.stopBlocking()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// What killed test processes left.
  private static func removeLeftovers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
    for name in names where name.hasPrefix("yibang-tests.") {
      guard let pid = Int32(name.split(separator: ".")[1]), kill(pid, 0) != 0 else { continue }
      let cluster = EmbeddedCluster(directory: "/tmp/\(name)", logger: logger)
      try? cluster.stopBlocking()
      try? FileManager.default.removeItem(atPath: "/tmp/\(name)")
    }
  }

  static func ready() async throws -> Platform {
    try await opened.value
  }

  /// Connects as the owner of the schema: to look, and to do what no operation may.
  static func asOwner<T: Sendable>(
    _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    _ = try await ready()
    let database = Database(
      .init(conninfo: cluster.conninfo, logger: logger, poolSize: 1))
    do {
      let result = try await database.run(body)
      await database.close()
      return result
    } catch {
      await database.close()
      throw error
    }
  }
}

/// A district of its own for one test: two schools, two semesters, an admin and an officer each.
struct TestDistrict {
  static let spring = Semester("2025-2026-2")!
  static let autumn = Semester("2026-2027-1")!
  static let approval = CalendarDate("2026-09-10")!
  static let today = CalendarDate("2026-11-20")!
  static let afterAutumn = CalendarDate("2027-02-01")!

  let platform: Platform
  let code: String
  let admin: Context
  let second: Context
  let school: Schools.School
  let otherSchool: Schools.School
  let officer: Context
  let otherOfficer: Context

  private static let codes = Atomic<Int>(990_100)

  /// Of a district that no other test has.
  static func nextCode() -> String { "\(codes.add(1, ordering: .relaxed).newValue)" }

  /// - Parameters:
  ///   - own: another platform than that of all tests.
  ///   - codes: of its two schools.
  static func make(
    on own: Platform? = nil, schools codes: (String, String) = ("2199000001", "3199000001")
  ) async throws -> TestDistrict {
    let platform = if let own { own } else { try await TestPlatform.ready() }
    let code = nextCode()
    _ = try await Districts.add(code: code, name: "测试区\(code)", login: "admin", on: platform)
    func context(_ login: String) async throws -> Context {
      let actor = try await Users.actor(login: login, district: code, on: platform)
      return Context(platform: platform, actor: actor)
    }
    let admin = try await context("admin")
    _ = try await Users.add(
      login: "second", name: "second", role: .districtAdmin, school: nil, in: admin)
    let second = try await context("second")
    let school = try await Schools.add(code: codes.0, name: "第一小学", in: admin).school
    let other = try await Schools.add(code: codes.1, name: "第一中学", in: admin).school
    _ = try await Semesters.open(spring, in: admin)
    _ = try await Semesters.open(autumn, in: admin)
    for (login, home) in [("officer", school), ("other-officer", other)] {
      _ = try await Users.add(
        login: login, name: login, role: .schoolOfficer, school: home.id, in: admin)
    }
    return TestDistrict(
      platform: platform, code: code, admin: admin, second: second, school: school,
      otherSchool: other, officer: try await context("officer"),
      otherOfficer: try await context("other-officer"))
  }

  /// The same as people of the other school have it.
  var seenFromOtherSchool: TestDistrict {
    TestDistrict(
      platform: platform, code: code, admin: admin, second: second, school: otherSchool,
      otherSchool: school, officer: otherOfficer, otherOfficer: officer)
  }

  func asUser(_ login: String) async throws -> Context {
    let actor = try await Users.actor(login: login, district: code, on: platform)
    return Context(platform: platform, actor: actor)
  }

  /// Writes a CSV (UTF-8) for a test and runs `body` with its path.
  func sheet<T>(_ lines: String, _ body: (String) async throws -> T) async throws -> T {
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).csv"
    try Data(lines.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
  }

  func request(
    _ path: String, semester: Semester = TestDistrict.autumn, dryRun: Bool = false,
    skipRefused: Bool = false
  ) -> ImportRequest {
    ImportRequest(
      path: path, school: school, semester: semester, today: Self.today, dryRun: dryRun,
      skipRefused: skipRefused)
  }

  func importRoster(
    _ lines: String, dryRun: Bool = false, skipRefused: Bool = false, in context: Context? = nil
  ) async throws -> ImportReport {
    try await sheet(lines) { path in
      try await Students.importRoster(
        request(path, dryRun: dryRun, skipRefused: skipRefused), school: school,
        in: context ?? admin)
    }
  }

  func importDonations(
    _ lines: String, dryRun: Bool = false, skipRefused: Bool = false, in context: Context? = nil
  ) async throws -> ImportReport {
    try await sheet(lines) { path in
      try await Giving.importSheet(
        request(path, dryRun: dryRun, skipRefused: skipRefused), school: school,
        in: context ?? admin)
    }
  }

  /// A recorded gift to the school's general fund.
  func give(
    _ amount: Int64, key: String? = nil, on date: String = "2026-09-10",
    semester: Semester = TestDistrict.autumn
  ) async throws -> UUID {
    let donor = try await Donors.donor(
      DonorDetails(kind: .teacher, name: "试教师", anonymous: false), school: school.id, in: admin)
    let fund = try await Funds.fund(for: nil, school: school.id, in: admin)
    let donation = Giving.NewDonation(
      donor: donor, fund: fund, school: school.id, semester: semester, amount: Money(fen: amount),
      receivedOn: CalendarDate(date)!)
    return try await Giving.record(donation, key: key, in: admin).id
  }

  /// Closes a semester after those before it.
  @discardableResult
  func close(_ semester: Semester) async throws -> UUID? {
    for earlier in [Self.spring, Self.autumn] where earlier < semester {
      _ = try await SemesterClosing.close(earlier, today: Self.afterAutumn, in: second)
    }
    return try await SemesterClosing.close(semester, today: Self.afterAutumn, in: second)
  }

  func general() async throws -> FundStatement {
    let statements = try await Funds.statements(Self.autumn, school: school.id, in: admin)
    return statements.first { $0.kind == .general }!
  }
}

/// The error that an operation ends with.
func failure<T>(_ body: () async throws -> T) async -> (any Error)? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}
