import ArgumentParser
import Spreadsheet
import Yibang

struct DoctorCommand: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "在真实数据上核对账目，指出不符之处 · Prove on live data that the books agree",
    discussion: "退出状态 65：有不符 · Exit status 65: something disagrees")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  private struct Line: Encodable {
    let check: String
    let text: Text
    let holds: Bool
    let broken: Int
    let rows: [Finding.Row]
  }

  func run(_ work: Work) async throws {
    let findings = try await Doctor.examine(in: work.context())
    let lines = Doctor.checks.map { check in
      let finding = findings.first { $0.check == check.code }
      return Line(
        check: check.code, text: check.text, holds: finding == nil, broken: finding?.broken ?? 0,
        rows: finding?.rows ?? [])
    }
    try work.printer.list(
      lines,
      [
        Column("核对", "check") { .text($0.check) },
        Column("应当成立", "what holds") { .text($0.text($1)) },
        Column("结果", "result") { line, language in
          .text(
            line.holds
              ? Text("相符", "holds")(language)
              : Text("\(line.broken) 处不符", "\(line.broken) rows disagree")(language))
        },
        Column("首例", "first") { line, language in
          guard let row = line.rows.first else { return .empty }
          let expected = row.expected.map(String.init) ?? "-"
          let found = row.found.map(String.init) ?? "-"
          return .text(
            Text(
              "\(row.subject)：应为 \(expected)，实为 \(found)",
              "\(row.subject): expected \(expected), found \(found)")(language))
        },
      ])
    if !findings.isEmpty { throw ExitCode(ExitStatus.badData) }
  }
}
