import ArgumentParser
import Spreadsheet
import Yibang

struct DonorDuplicates: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "duplicates",
    abstract: "可能是同一位捐赠人的记录 · Records that may be one donor",
    discussion: "只列出，不合并；同名本身不算 · Lists only; equal names alone are none")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    try work.printer.list(
      await Donors.duplicates(in: context),
      [
        Column("记录一", "one") { .id($0.one) },
        Column("名称", "name") { .text($0.names[0]) },
        Column("记录二", "other") { .id($0.other) },
        Column("名称", "name") { .text($0.names[1]) },
        Column("理由", "reason") { .text($0.likeness.name($1)) },
        Column("可合并", "mergeable") { .yesNo($0.mergeable, $1) },
      ])
  }
}

struct DonorMerge: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "把一条记录并入另一条 · Merge one record into another",
    discussion: "捐款、帮扶意向和结对都保留，可用 unmerge 撤销 · All gifts stay; unmerge undoes it")

  @Argument(help: "并入别人的记录 · The record that is merged") var from: String
  @Argument(help: "保留的捐赠人 · The donor that stays") var into: String
  @Option(help: ArgumentHelp("理由，记入审计 · Why", valueName: "reason")) var reason: String
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (from, into) = (try readID(from), try readID(into))
    let context = try await work.context()
    let id = try await Donors.merge(
      from, into: into, reason: reason, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text("已合并，合并编号 \(id.shown)。", "Merged; the merge is \(id.shown)."),
      [("merge", .id(id)), ("from", .id(from)), ("into", .id(into))])
  }
}

struct DonorUnmerge: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "unmerge", abstract: "撤销一次合并 · Undo a merge")

  @Argument(help: "合并编号，见 donor merges · The merge's id") var merge: String
  @Option(help: ArgumentHelp("理由，记入审计 · Why", valueName: "reason")) var reason: String
  @OptionGroup var repetition: RepetitionOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let merge = try readID(merge)
    let context = try await work.context()
    try await Donors.unmerge(merge, reason: reason, key: repetition.idempotencyKey, in: context)
    try work.printer.outcome(
      Text("已撤销合并 \(merge.shown)。", "The merge \(merge.shown) is undone."),
      [("merge", .id(merge))])
  }
}

struct DonorMergeList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "merges", abstract: "列出合并 · List the merges")

  @Option(help: ArgumentHelp("只看这位捐赠人 · Of this donor", valueName: "id")) var donor: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let donor = try donor.map { try readID($0) }
    let context = try await work.context()
    try work.printer.list(
      await Donors.merges(of: donor, in: context),
      [
        Column("合并", "merge") { .id($0.id) },
        Column("记录", "from") { .id($0.from) },
        Column("并入", "into") { .id($0.into) },
        Column("笔数", "gifts", right: true) { .count($0.gifts) },
        Column("金额", "given", right: true) { .money($0.given) },
        Column("理由", "reason") { .text($0.reason) },
        Column("时间", "at") { .text($0.at) },
        Column("撤销", "undone") { .optional($0.undoneAt) },
      ])
  }
}
