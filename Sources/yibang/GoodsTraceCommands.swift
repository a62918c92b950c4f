import ArgumentParser
import Foundation
import Spreadsheet
import Yibang

struct GoodsTrace: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "捐物去向：每一件到了哪里 · Where gifts in kind went")

  @Option(help: ArgumentHelp("捐赠人编号 · Donor's id", valueName: "id")) var donor: String?
  @Option(help: ArgumentHelp("批次编号 · Lot's id", valueName: "id")) var lot: String?
  @Option(help: ArgumentHelp("从这个批次之后列起 · Lots after this one", valueName: "id"))
  var after: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if (donor == nil) == (lot == nil) {
      throw ValidationError("写 --donor 或 --lot · Give one of --donor and --lot.")
    }
  }

  func run(_ work: Work) async throws {
    let context = try await work.context()
    let after = try after.map { try readID($0) }
    let traces: [Goods.Trace]
    if let lot {
      traces = [try await Goods.trace(lot: readID(lot), in: context)]
    } else {
      traces = try await Goods.trace(donor: readID(donor ?? ""), after: after, in: context)
    }
    try work.printer.list(
      traces.flatMap { trace in trace.rows.map { (trace, $0) } },
      [
        Column("批次", "lot") { .id($0.0.lot) }, Column("捐赠人", "donor") { .optional($0.0.donor) },
        Column("物品", "item") { .text($0.0.item) },
        Column("共", "of", right: true) { .integer($0.0.quantity) },
        Column("去向", "fate") { .text($0.1.fate.name($1)) },
        Column("数量", "quantity", right: true) { .integer($0.1.quantity) },
        Column("价值", "value", right: true) { .money($0.1.value) },
        Column("日期", "date") { $0.1.date.map(TableCell.date) ?? .empty },
        Column("存放点", "place") { .optional($0.1.place) },
        Column("组合包", "kit") { .optional($0.1.kit) },
        Column("学生或原因", "pupils or reason") { row, language in
          let names = row.1.pupils.map(\.name.description).joined(
            separator: language == .zh ? "、" : ", ")
          return row.1.pupils.isEmpty
            ? .optional(row.1.reason) : .text("\(row.1.pupils.count)：\(names)")
        },
      ], json: traces)
  }
}
