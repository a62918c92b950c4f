import ArgumentParser
import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet
import Yibang

struct StudentFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "student", abstract: "学生 · Pupils",
    subcommands: [
      StudentImport.self, StudentList.self, StudentShow.self, StudentReveal.self,
      StudentConsent.self,
      StudentTransfer.self, StudentTransfers.self, StudentReceive.self, StudentKeep.self,
      StudentExportData.self, StudentErase.self, StudentErasures.self,
      StudentApproveErasure.self, StudentDeclineErasure.self,
    ])
}

struct StudentImport: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "导入学生花名册 · Import a roster",
    discussion: "退出状态 65：有行被拒绝 · Exit status 65: rows were refused")

  @OptionGroup var options: ImportOptions
  @Option(help: ArgumentHelp("学校标识码 · School code", valueName: "code")) var school: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school: school)
    try await work.importSheet(options, school: school) {
      try await Students.importRoster($0, school: school, in: context)
    }
  }
}

struct StudentList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出学生 · List the pupils",
    discussion: "等级以今天为准，其他学期以期末为准 · The tier of today, or of the last day of another semester")

  @OptionGroup var school: SchoolOption
  @OptionGroup var semester: SemesterOption
  @Flag(help: "只列已认定的 · Only recognised pupils") var recognised = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    let semester = try await work.semester(semester, in: context)
    let day = try await Semesters.day(
      of: semester, today: work.settings.today, in: context)
    try work.printer.list(
      await Students.list(
        school: school?.id, year: semester.schoolYear, on: day, recognisedOnly: recognised,
        in: context),
      Self.columns)
  }

  static let columns: [Column<Students.Student>] = [
    Column("编号", "id") { .id($0.id) },
    Column("学校", "school") { .text($0.school) },
    Column("年级", "grade") { .optional($0.grade) },
    Column("班级", "class") { .optional($0.className) },
    Column("姓名", "name") { .text($0.name) },
    Column("性别", "gender") { .optional(ResidentID.Gender($0.gender)?.name($1)) },
    Column("等级", "tier") { .optional($0.tier.flatMap(Tier.init(rawValue:))?.name($1)) },
    Column("监护人同意", "consent") { .yesNo($0.consent, $1) },
    Column("已结对", "paired") { .yesNo($0.paired, $1) },
  ]
}

struct StudentConsent: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "consent",
    abstract: "登记或撤回监护人对结对的同意 · Record or withdraw a guardian's consent to pairing",
    discussion: "其他事项的同意见 yibang consent · For all other scopes see yibang consent")

  @Argument(help: "学生编号 · Pupil's id") var student: String
  @Option(help: ArgumentHelp("同意的监护人 · The guardian who consents", valueName: "name"))
  var by: String?
  @Option(help: ArgumentHelp("同意书存放处 · Where the signed paper lies", valueName: "place"))
  var proof: String?
  @OptionGroup var day: DayOption
  @Flag(help: "撤回同意 · Withdraw the consent") var withdraw = false
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    if !withdraw, by == nil || proof == nil {
      throw ValidationError("--by 和 --proof 必填 · Give both --by and --proof, or --withdraw.")
    }
  }

  func run(_ work: Work) async throws {
    let id = try readID(student)
    let day = try day.day(work.settings)
    let context = try await work.context()
    let changed: Bool
    let sentence: Text
    if withdraw {
      changed = try await withdrawConsent(of: id, on: day, in: context)
      sentence =
        changed
        ? Text("已撤回同意，该学生不再参加结对。", "The consent is withdrawn: the pupil is not proposed.")
        : Text("没有可撤回的同意。", "There was no consent to withdraw.")
    } else {
      changed = try await Consents.give(
        .init(
          student: id, scope: .pairing, giver: .guardian(by ?? ""), on: day,
          proof: .paper(proof ?? "")), in: context
      ).added
      sentence =
        changed
        ? Text("已登记监护人的同意。", "The guardian's consent is recorded.")
        : Text("早已登记过同意，没有变化。", "A consent was recorded before.")
    }
    try work.printer.outcome(
      sentence,
      [("student", .id(id)), ("consent", .flag(!withdraw)), ("changed", .flag(changed))])
  }

  /// - Returns: false if there is none.
  private func withdrawConsent(
    of student: UUID, on day: CalendarDate, in context: Context
  ) async throws -> Bool {
    do {
      _ = try await Consents.withdraw(
        student: student, .pairing, by: by.map { .guardian($0) }, how: "student consent", on: day,
        in: context)
      return true
    } catch ConsentError.notRunning {
      return false
    }
  }
}
