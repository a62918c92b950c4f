import ArgumentParser
import Spreadsheet
import Yibang

struct DistrictFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "district", abstract: "区 · Districts",
    subcommands: [DistrictAdd.self, DistrictHoldDays.self, DistrictList.self])
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

struct DistrictHoldDays: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold-days",
    abstract: "为资助人保留学生的天数，默认 14 · How long a pupil is kept for a sponsor")

  @Argument(help: "天数，不写则查看 · Days; shown if left out") var days: Int?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    if let days { try await Districts.setHoldDays(days, in: context) }
    let now = try await Districts.holdDays(in: context)
    try work.printer.outcome(
      Text("保留 \(now) 天。", "A pupil is kept for \(now) days."), [("hold_days", .number(Int64(now)))]
    )
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
