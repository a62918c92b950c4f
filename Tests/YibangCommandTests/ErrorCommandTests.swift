import Foundation
import Testing

@Suite("errors of the command")
struct ErrorCommandTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let words: [String]
    let status: Int32
    let zh: String
    let en: String

    var testDescription: String { words.joined(separator: " ") }
  }

  private static let unreached = "/tmp/yibang-command-tests.\(getpid()).url"

  /// Cases that need no database.
  static let usage = [
    Case(words: ["donatoin"], status: 64, zh: "命令写法有误", en: "Unexpected argument"),
    Case(
      words: ["--home", "/tmp", "studnet", "list"], status: 64, zh: "是不是“student”？",
      en: "Did you mean “student”?"),
    Case(
      words: ["access", "statement"], status: 64, zh: "可用的有：", en: "There is no subcommand"),
    Case(words: ["donation", "record"], status: 64, zh: "命令写法有误", en: "Missing expected"),
    Case(
      words: ["school", "list", "--format", "xml"], status: 64, zh: "命令写法有误",
      en: "invalid for '--format"),
    Case(
      words: ["--home", "/proc/none", "school", "list"], status: 78, zh: "无法建立数据目录",
      en: "cannot be made"),
    Case(
      words: ["--home", "/dev/null", "school", "list"], status: 78, zh: "不是目录",
      en: "is not a directory"),
    Case(
      words: [
        "--home", unreached, "--database-url",
        "postgres://127.0.0.1:1/none", "school", "list",
      ], status: 69, zh: "无法连接数据库", en: "Cannot reach the database"),
    Case(
      words: ["--database-url", "postgres://127.0.0.1:1/none", "db", "start"], status: 64,
      zh: "指定了别的数据库", en: "Another database is chosen"),
    Case(
      words: ["--today", "gestern", "school", "list"], status: 64, zh: "不是日期", en: "is no date"),
  ]

  @Test(
    "a wrong call says what is wrong in both languages and has its exit status", arguments: usage)
  func wrongCall(_ line: Case) async throws {
    let zh = try await Command.run(line.words)
    #expect(zh.status == line.status)
    #expect(zh.output.isEmpty)
    #expect(zh.errors.contains(line.zh))
    let en = try await Command.run(["--lang", "en"] + line.words)
    #expect(en.status == line.status)
    #expect(en.errors.contains(line.en))
    #expect(!en.errors.contains("错误"))
    let locale = try await Command.run(line.words, environment: ["LC_ALL": "en_GB.UTF-8"])
    #expect(locale.errors == en.errors)
    if line.words.contains(Self.unreached) {
      try FileManager.default.removeItem(atPath: Self.unreached)
    }
  }

  /// Cases in a home with one district, one school and one semester.
  static let refused = [
    Case(
      words: ["pairing", "complete", "--date", "2099-01-01"], status: 64, zh: "还没有到",
      en: "has not come"),
    Case(
      words: ["student", "list", "--school", "2199000009"], status: 65, zh: "没有学校",
      en: "no school"),
    Case(
      words: ["student", "list", "--school", "219900"], status: 65, zh: "学校标识码",
      en: "school code"),
    Case(
      words: ["student", "list", "--school", "2199000001", "--district", "990001"], status: 65,
      zh: "没有区 990001", en: "no district 990001"),
    Case(words: ["district", "add", "12", "甲"], status: 65, zh: "行政区划代码", en: "district code"),
    Case(
      words: ["district", "add", "990000", "别的名称"], status: 65, zh: "已登记为", en: "is registered as"),
    Case(
      words: ["semester", "open", "next"], status: 65, zh: "无法识别学期", en: "is not a semester"),
    Case(
      words: ["fund", "show", "--semester", "2020-2021-1"], status: 65, zh: "尚未开设",
      en: "is not open"),
    Case(
      words: ["donation", "record", "约500", "--donor", "捐甲", "--school", "2199000001"],
      status: 65, zh: "金额不确定", en: "approximate"),
    Case(
      words: ["donation", "record", "5", "--donor", "捐甲", "--kind", "martian"], status: 64,
      zh: "--kind 不能是", en: "--kind cannot be"),
    Case(
      words: [
        "fund", "pay", "5", "--purpose", "study", "--school", "2199000001", "--note", "书",
      ], status: 65, zh: "基金可用余额不足", en: "not enough free money"),
    Case(words: ["match", "show", "7"], status: 64, zh: "不是编号", en: "is no id"),
    Case(
      words: ["match", "show", "01990000-0000-7000-8000-000000000000"], status: 65, zh: "方案",
      en: "proposal"),
    Case(
      words: ["--as", "stranger", "school", "list"], status: 67, zh: "没有用户 stranger",
      en: "no user stranger"),
    Case(
      words: ["--as", "reader", "school", "add", "2199000002", "第二小学"], status: 77,
      zh: "没有权限", en: "may not"),
  ]

  @Test("what is refused is one line that says what to do, with its exit status")
  func refusals() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home("user", "add", "reader", "--role", "auditor")
      for line in Self.refused {
        let zh = try await Command.run(["--home", home.path] + line.words)
        #expect(zh.status == line.status, "\(line.words): \(zh.errors)")
        #expect(zh.errors.hasPrefix("错误：") && zh.errors.contains(line.zh), "\(zh.errors)")
        #expect(zh.errors.split(separator: "\n").count == 1, "\(zh.errors)")
        let en = try await Command.run(["--home", home.path, "--lang", "en"] + line.words)
        #expect(en.errors.hasPrefix("Error: ") && en.errors.contains(line.en), "\(en.errors)")
      }
    }
  }

  @Test("a second district has to be named, or follows from the school")
  func severalDistricts() async throws {
    try await TestHome.use { home in
      try await home.setUp()
      _ = try await home("district", "add", "990001", "另一区")
      let unnamed = try await home("school", "list")
      #expect(unnamed.status == 64)
      #expect(unnamed.errors.contains("990000、990001"))
      let bySchool = try await home("student", "list", "--school", TestHome.school)
      #expect(bySchool.status == 0)
      let other = try await home(
        "student", "list", "--school", TestHome.school, "--district", "990001")
      #expect(other.status == 65)
      #expect(other.errors.contains("没有学校"))
    }
  }
}
