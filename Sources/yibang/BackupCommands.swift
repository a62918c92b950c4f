import ArgumentParser
import Foundation
import Postgres
import Yibang

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "备份数据库和密钥到一个加密文件 · Back the database and keys up into one encrypted file",
    discussion: """
      服务运行时也可备份。写好后恢复到临时的数据库并核对（doctor），不符则退出状态 65
      Works while the service does. The file is restored into a scratch database and examined by the \
      doctor: exit status 65 if anything disagrees
      口令在终端上输入，或从标准输入给出一行；没有口令，备份无法恢复
      The passphrase is typed, or a line of the standard input. Without it no backup can be restored
      """)

  @Argument(help: "备份文件 · The file to write") var file: String
  @Flag(help: "不作恢复核对 · Do not prove it by restoring") var unproved = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run() async throws {
    let settings = try Settings(global)
    let passphrase = try readSecret(
      Text("备份口令：", "Passphrase: "), again: Text("再次输入：", "Again: "), settings.printer)
    try await Site.use(settings) { site in
      // Brings the schema up to date, so that the copy is one of this program.
      await (try await site.platform(poolSize: 1)).close()
      try await Backup.make(
        of: site.conninfo, keysIn: settings.home.path, to: file, passphrase: passphrase, now: Date()
      )
    }
    let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
    var findings: [String: [Finding]]?
    if !unproved { findings = try await Restoration.prove(file, passphrase, settings).findings }
    try Restoration.tell(
      Text("已备份到 \(file)", "Backed up to \(file)"), bytes: size, findings, settings.printer)
  }
}

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "从备份恢复到新的数据目录 · Make a new installation from a backup",
    discussion: """
      用 --home 指定新的数据目录，或再用 --database-url 指定空的数据库；恢复后核对（doctor），不符则退出状态 65
      Into a new --home, or with --database-url also into an empty database; then the doctor examines it
      """)

  @Argument(help: "备份文件 · The file to read") var file: String
  @Flag(help: "只在临时数据库中核对，不恢复 · Only prove it in a scratch database") var check = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run() async throws {
    let settings = try Settings(global)
    let passphrase = try readSecret(Text("备份口令：", "Passphrase: "), again: nil, settings.printer)
    if check {
      let report = try await Restoration.prove(file, passphrase, settings)
      try Restoration.tell(
        Text("备份 \(file) 可以恢复", "The backup \(file) can be restored"), bytes: report.bytes,
        report.findings, settings.printer)
      return
    }
    try await Site.use(settings) { site in
      let report = try await Restoration.restore(file, passphrase, site)
      try Restoration.tell(
        Text("已恢复到 \(settings.home.path)", "Restored to \(settings.home.path)"),
        bytes: report.bytes, report.findings, settings.printer)
    }
  }
}

private enum Restoration {
  static func restore(_ file: String, _ passphrase: String, _ site: Site) async throws
    -> (bytes: Int, findings: [String: [Finding]])
  {
    let report = try await Backup.restore(
      file, to: site.conninfo, keysIn: site.settings.home.path, passphrase: passphrase,
      logger: site.logger)
    let platform = try await site.platform()
    do {
      let findings = try await Backup.examine(platform)
      await platform.close()
      return (report.bytes, findings)
    } catch {
      await platform.close()
      throw error
    }
  }

  /// Restores into a home that is taken away again.
  static func prove(_ file: String, _ passphrase: String, _ settings: Settings) async throws
    -> (bytes: Int, findings: [String: [Finding]])
  {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "yibang-restore.\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var scratch = settings
    scratch.home = Home(path: folder.path(percentEncoded: false))
    scratch.databaseURL = nil
    scratch.isQuiet = true
    var found: (bytes: Int, findings: [String: [Finding]])?
    try await Site.use(scratch) { found = try await restore(file, passphrase, $0) }
    guard let found else { throw BackupError.damaged(file) }
    return found
  }

  static func tell(
    _ words: Text, bytes: Int, _ findings: [String: [Finding]]?, _ printer: Printer
  ) throws {
    let broken = findings?.values.reduce(0) { $0 + $1.count }
    let proof: Text =
      switch broken {
      case nil: Text("，没有核对。", ", not proved.")
      case 0?:
        Text(
          "，\(findings?.count ?? 0) 个区核对相符。", "; all holds in \(findings?.count ?? 0) districts.")
      case let broken?: Text("，但有 \(broken) 项核对不符！", ", but \(broken) checks disagree!")
      }
    try printer.outcome(
      Text(words.zh + proof.zh, words.en + proof.en),
      [
        ("bytes", .number(Int64(bytes))),
        ("districts", .number(Int64(findings?.count ?? 0))),
        ("disagreeing", .number(Int64(broken ?? 0))),
      ])
    if let broken, broken > 0 { throw ExitCode(ExitStatus.badData) }
  }
}
