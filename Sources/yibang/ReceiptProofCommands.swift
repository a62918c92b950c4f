import ArgumentParser
import Foundation
import Yibang

struct ReceiptProve: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "proof",
    abstract: "出具捐款的证明文件，任何人可离线核验 · A file that proves a donation to anybody")

  @Argument(help: "捐款编号 · Donation's id") var donation: String
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("写入此文件；不写则显示 · Write to this file; else show it", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var output: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let receipt = try await Seals.receipt(of: readID(donation), in: work.context())
    let file = try receipt.file
    guard let output else { return try standardOutput(String(decoding: file, as: UTF8.self)) }
    do {
      try file.write(to: URL(filePath: output), options: .atomic)
    } catch {
      throw SealError.unwritable(path: output)
    }
    try work.printer.outcome(
      Text(
        "已写入 \(output)。核验：yibang receipt verify \(output) --key 公布的公钥",
        "Wrote \(output). To verify it: yibang receipt verify \(output) --key THE-PUBLISHED-KEY"),
      [
        ("path", .text(output)), ("transfer", .id(receipt.gift.transfer)),
        ("amount_fen", .number(receipt.gift.amountFen)),
      ])
  }
}

/// Needs no home and no database: it opens nothing but the file.
struct ReceiptVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "离线核验证明文件，不需要数据库 · Verify such a file, without a database",
    discussion: "退出状态 65：不可信 · Exit status 65: not to be trusted")

  @Argument(help: "证明文件 · The file", completion: .file(extensions: ["json"])) var file: String
  @Option(
    help: ArgumentHelp("公布的验证公钥，或存有它的文件 · The published key, or its file", valueName: "key"))
  var key: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run() async throws {
    let settings = try Settings(global)
    let facts = try ReceiptProof.verify(file: file, key: key)
    switch settings.format {
    case .json: try settings.printer.json(facts)
    case .table: try standardOutput(Self.story(facts)(settings.language))
    case .csv:
      try settings.printer.outcome(
        facts.gift.sentence,
        [
          ("transfer", .id(facts.gift.transfer)), ("amount_fen", .number(facts.gift.amountFen)),
          ("date", .text("\(facts.gift.date)")), ("semester", .text("\(facts.gift.semester)")),
          ("fund", .text(facts.gift.fund)), ("donor", .text(facts.gift.donor)),
          ("seal", .number(Int64(facts.seal))), ("key_given", .flag(facts.isKeyGiven)),
        ])
    }
    if !facts.isKeyGiven {
      settings.printer.notice(
        Text(
          "提醒：公钥取自收据文件本身，没有核对。请用 --key 给出学校公布的公钥再核验一次。",
          "Mind: the key is the file's own and was not compared. Verify again with --key and the key "
            + "that was published."))
    }
  }

  private static func story(_ facts: ReceiptFacts) -> Text {
    let gift = facts.gift
    return Text(
      """
      核验通过：这份收据可信。
        \(gift.sentence.zh)
        转账编号 \(gift.transfer.shown)
      证明了什么：
        · 上述内容由公钥 \(facts.key) 的持有者签名，一个字节都没有改动。
        · 这笔转账是账目的第 \(facts.index + 1) 笔，包含在 \(facts.sealedOn) 第 \(facts.seal) 次封存的 \(facts.size) 笔之内；
          此后删改它，任何拿到检查点的人都能发现。
      没有证明什么：此后是否冲正或退款，那是账目中另外的转账。

      """,
      """
      Verified: this receipt can be trusted.
        \(gift.sentence.en)
        Transfer \(gift.transfer.shown)
      What this proves:
        · The holder of the key \(facts.key) signed it, and no byte has changed since.
        · The transfer is number \(facts.index + 1) of the ledger, one of the \(facts.size) in seal \(facts.seal) of \(facts.sealedOn):
          whoever has the checkpoint would notice if it were altered or removed afterwards.
      What it does not prove: whether the gift was reversed or refunded later; that is another transfer.

      """)
  }
}
