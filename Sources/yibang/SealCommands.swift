import ArgumentParser
import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

struct SealFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seal", abstract: "封存账目，供人核验 · Seals by which anybody can verify the ledger",
    subcommands: [
      SealMake.self, SealList.self, SealKeyShow.self, SealConsistency.self, SealPublish.self,
    ])
}

struct SealMake: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "make",
    abstract: "封存尚未封存的转账和操作记录，每天一次 · Seal what is not sealed yet; run it daily")

  @OptionGroup var day: DayOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let day = try day.day(work.settings)
    let made = try await Seals.seal(on: day, in: work.context())
    guard let seal = made.seal else {
      return try work.printer.outcome(
        Text("还没有转账和操作记录，没有可封存的。", "Nothing is recorded yet, so nothing to seal."),
        [("added", .number(0)), ("entries", .number(0))])
    }
    let entries = Int64(seal.entries ?? 0)
    try work.printer.outcome(
      made.added == 0 && made.entries == 0
        ? Text(
          "没有新的转账和操作记录，第 \(seal.number) 次封存不变（共 \(seal.size) 笔）。",
          "Nothing new: seal \(seal.number) stands, of \(seal.size) transfers.")
        : Text(
          "第 \(seal.number) 次封存：新增 \(made.added) 笔转账、\(made.entries) 条操作记录，"
            + "共 \(seal.size) 笔、\(entries) 条，根 \(seal.root)。",
          "Seal \(seal.number): \(made.added) transfers and \(made.entries) entries of the trail "
            + "added, \(seal.size) and \(entries) in all, root \(seal.root)."),
      [
        ("number", .number(Int64(seal.number))), ("added", .number(Int64(made.added))),
        ("entries", .number(Int64(made.entries))), ("size", .number(Int64(seal.size))),
        ("root", .text("\(seal.root)")), ("date", .text("\(seal.date)")),
        ("checkpoint", .text(seal.checkpoint)),
      ])
  }
}

struct SealList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "历次封存，新的在前 · The seals, newest first")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Seals.list(in: work.context()),
      [
        Column("次", "no.", right: true) { .integer(Int64($0.number)) },
        Column("日期", "date") { .date($0.date) },
        Column("转账数", "transfers", right: true) { .integer(Int64($0.size)) },
        Column("操作记录数", "entries", right: true) { .count($0.entries) },
        Column("根", "root") { .text("\($0.root)") },
      ])
  }
}

struct SealKeyShow: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "验证公钥，供公布 · The verifier key, to be published")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let key = try await Seals.verifierKey(in: work.context())
    // The key is what was asked for, also with --quiet.
    if work.settings.format == .table { return try standardOutput("\(key)\n") }
    try work.printer.outcome(Text("\(key)", "\(key)"), [("key", .text("\(key)"))])
  }
}

struct SealConsistency: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "consistency",
    abstract: "证明账目只增不改（RFC 6962） · Proof that the ledger only grew between two seals")

  @Argument(help: "较早的封存 · Number of the earlier seal") var from: Int
  @Argument(help: "较晚的封存 · Number of the later seal") var to: Int
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let proof = try await Seals.consistency(from: from, to: to, in: work.context())
    if work.settings.format == .json { return try work.printer.json(proof) }
    if work.settings.format == .csv {
      return try work.printer.csv(["hash"], proof.hashes.map { [.text($0)] })
    }
    work.printer.notice(
      Text(
        "第 \(from) 次封存的 \(proof.from.size) 笔是第 \(to) 次 \(proof.to.size) 笔的开头：",
        "The \(proof.from.size) transfers of seal \(from) are the beginning of the "
          + "\(proof.to.size) of seal \(to):"))
    try standardOutput(proof.hashes.map { $0 + "\n" }.joined())
  }
}

struct SealPublish: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "写出检查点和公钥以便公布，不含个人信息 · Write checkpoints and key for publication")

  @Option(
    name: .shortAndLong, help: ArgumentHelp("目录 · Folder", valueName: "dir"),
    completion: .directory)
  var output: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (written, kept) = try await Seals.publish(to: output, in: work.context())
    try work.printer.outcome(
      Text(
        "已写入 \(output)：新增 \(written.count) 个文件，原有 \(kept) 个不变。",
        "Wrote \(written.count) files to \(output); \(kept) were there."),
      [
        ("folder", .text(output)), ("written", .number(Int64(written.count))),
        ("kept", .number(Int64(kept))),
      ])
  }
}
