import ArgumentParser
import Spreadsheet
import Yibang

struct DistrictFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "district", abstract: "区 · Districts",
    subcommands: [DistrictAdd.self, DistrictList.self])
}

struct DistrictAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "登记一个区 · Add a district")

  @Argument(help: "六位行政区划代码 · Six-digit code (GB/T 2260)") var code: String
  @Argument(help: "名称 · Name") var name: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let added = try await Districts.add(
      code: code, name: name, login: work.settings.login, on: work.platform)
    try work.printer.outcome(
      added
        ? Text("已登记区 \(code) \(name)。", "District \(code) \(name) is registered.")
        : Text("区 \(code) \(name) 早已登记，没有变化。", "District \(code) \(name) was there already."),
      [("code", .text(code)), ("name", .text(name)), ("added", .flag(added))])
  }
}

struct DistrictList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出各区 · List the districts")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Districts.list(on: work.platform),
      [
        Column("代码", "code") { .text($0.code) },
        Column("名称", "name") { .text($0.name) },
      ])
  }
}
