import Foundation
import Testing

@Suite("bank and campaign commands")
struct BankCommandTests {
  static let donations = """
    捐款情况表
    序号,日期,捐款人/单位,类别,班级,金额,方式
    1,2026-09-10,师甲,教师,,1000.00,转账
    2,2026-09-10,生乙,学生,十班,5.00,现金
    3,2026-09-10,生丙,学生,二班,5.50,现金
    合计,,,,,1010.50,
    """
  static let statement = """
    账户交易明细
    交易日期,摘要,收入,支出,余额,对方户名,流水号
    20260911,转账,"1,000.00",,"1,000.00",师甲,S1
    20260914,现金存入,10.50,,1010.50,,S2
    20260930,手续费,,2.00,1008.50,,S3
    合计,,1010.50,2.00,,,
    """

  @Test("a campaign's list and a statement: import, match, explain, undo, status")
  func wholeWay() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      let campaign = try await id(
        home(
          "campaign", "add", "教师节捐款", "--school", TestHome.school, "--from", "2026-09-10",
          "--voucher", "记字第12号", "--format", "json"))
      let list = try home.sheet("list.csv", Self.donations)
      let imported = try await home(
        "campaign", "import", list, "--campaign", campaign, "--school", TestHome.school,
        "--semester", TestHome.semester)
      #expect(imported.status == 0, "\(imported.errors)")
      let shown = try await home("campaign", "show", campaign)
      #expect(shown.output.contains("凭证号 记字第12号"))
      #expect(shown.output.contains("壹仟零壹拾元伍角整"))
      let classes = shown.output.split(separator: "\n").filter { $0.contains("班 ") }
      #expect(classes.map { $0.contains("二班") } == [true, false])

      let account = try await id(
        home(
          "bank", "account", "add", "基本户", "--number", "6222000000001003", "--school",
          TestHome.school, "--format", "json"))
      let sheet = try home.sheet("bank.csv", Self.statement)
      let bank = try await home(
        "bank", "import", sheet, "--account", account, "--semester", TestHome.semester)
      #expect(bank.status == 0, "\(bank.errors)")
      let match = try await home(
        "bank", "match", "--school", TestHome.school, "--semester", TestHome.semester, "--format",
        "json")
      #expect(try match.json()["matched"].count == 2)
      #expect(try match.json()["lines_without_entry"].number == 1)

      let open = try await home(
        "bank", "status", "--open", "--semester", TestHome.semester, "--format", "json")
      #expect(try open.json().count == 1)
      let fee = try #require(try open.json()[0]["id"].text)
      let explained = try await home(
        "bank", "explain", "--line", fee, "--reason", "银行手续费", "--note", "季度")
      #expect(explained.status == 0, "\(explained.errors)")
      let gifts = try await home("donation", "list", "--format", "json")
      #expect(try gifts.json()[0]["reconciled"].text == "yes")
      let table = try await home("donation", "list")
      #expect(table.output.contains("已对账"))
      let undone = try await home("bank", "unmatch", fee, "--reason", "再核对")
      #expect(undone.status == 0, "\(undone.errors)")
      let lines = try await home(
        "bank", "list", "--semester", TestHome.semester, "--format", "json")
      #expect(
        try (0..<3).map { try lines.json()[$0]["state"].text } == [
          "matched", "matched", "unmatched",
        ])
    }
  }

  private func id(_ run: CommandRun) throws -> String {
    try #require(run.status == 0, "\(run.errors)")
    return try #require(try run.json()["id"].text)
  }
}
