import ArgumentParser
import Foundation
import Postgres
import Yibang

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "用示例区走一遍全过程 · The whole job, told on a sample district",
    discussion: """
      在全新的数据目录中运行（默认在 /tmp 下新建一个）· Runs in a fresh home, by default a new one in /tmp
      """)

  @Option(
    help: ArgumentHelp("示例表格所在目录 · The folder of the sample sheets", valueName: "dir"),
    completion: .directory)
  var samples: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run() async throws {
    var options = global
    if options.home == nil { options.home = "/tmp/yibang-demo.\(getpid())" }
    options.databaseURL = nil
    var settings = try Settings(options)
    // A database of somebody's own is no place for sample data.
    settings.databaseURL = nil
    guard try settings.embeddedCluster().status() == .absent else {
      throw DemoError.notFresh(settings.home.path)
    }
    let samples = try DemoSamples.find(samples)
    try await Work.open(settings) { work in
      var demo = try await Demo.start(work, samples)
      try await demo.tell()
    }
  }
}

/// The story of the main job, step by step; each step calls the operations that the commands call.
struct Demo {
  let work: Work
  let samples: DemoSamples
  /// The district's admin, who runs the demo.
  let admin: Context
  /// Two people, because who proposes cannot approve.
  let proposer: Context
  let approver: Context
  private var chapter = 0

  /// Opens the district with its schools, semesters and users.
  static func start(_ work: Work, _ samples: DemoSamples) async throws -> Demo {
    let login = work.settings.login
    _ = try await Districts.add(
      code: samples.district, name: "测试区", login: login, on: work.platform)
    func actor(_ login: String) async throws -> Context {
      Context(
        platform: work.platform,
        actor: try await Users.actor(
          login: login, district: samples.district, on: work.platform))
    }
    let admin = try await actor(login)
    for school in samples.schools {
      _ = try await Schools.add(code: school.code, name: school.name, in: admin)
    }
    for semester in samples.semesters { _ = try await Semesters.open(semester, in: admin) }
    for login in ["proposer", "approver"] {
      _ = try await Users.add(
        login: login, name: login, role: .matcher, school: nil, in: admin)
    }
    return Demo(
      work: work, samples: samples, admin: admin, proposer: try await actor("proposer"),
      approver: try await actor("approver"))
  }

  private init(
    work: Work, samples: DemoSamples, admin: Context, proposer: Context, approver: Context
  ) {
    self.work = work
    self.samples = samples
    self.admin = admin
    self.proposer = proposer
    self.approver = approver
  }

  mutating func tell() async throws {
    try await tellDistrict()
    try await tellSheets()
    try await tellSecondImport()
    try await tellFunds()
    let proposal = try await tellProposal()
    let pairings = try await tellAcceptance(proposal)
    try await tellCommitment(pairings)
    try await tellReceipts(pairings)
    try await tellCover(pairings)
    try await tellActivities()
    try await tellReports()
    try tellEnd()
  }

  /// The heading of a chapter.
  mutating func begin(_ title: Text) throws {
    chapter += 1
    try standardOutput("\n\(chapter). \(title(work.language))\n\n")
  }

  func say(_ text: Text) throws { try standardOutput(text(work.language) + "\n") }
}

enum DemoError: YibangError {
  case notFresh(String)
  case noSamples

  var code: String {
    switch self {
    case .notFresh: "demo.not_fresh"
    case .noSamples: "demo.no_samples"
    }
  }

  var category: ErrorCategory { .usage }

  var text: Text {
    switch self {
    case .notFresh(let path):
      Text(
        "\(path) 已有数据。演示需要全新的数据目录，请去掉 --home 或换一个。",
        "\(path) holds data already. The demo needs a fresh home: leave --home out or name another."
      )
    case .noSamples:
      Text(
        "没有找到示例表格。请在项目目录中运行，或用 --samples 指定其位置。",
        "The sample sheets were not found. Run this in the project's folder, or name theirs with "
          + "--samples.")
    }
  }
}
