import Foundation
import HardshipRecognition
import SchoolCalendar
import Spreadsheet

/// What one line of a roster says about a pupil.
struct RosterRow: Sendable {
  struct GuardianEntry: Sendable {
    /// Stands for a guardian of whom a sheet gives no name.
    static let unnamed = "监护人"

    var name: String
    var relation: String?
    var phone: Mobile?
  }

  let sheet: String
  let number: Int
  var name = ""
  var gender: ResidentID.Gender?
  var ethnicity: String?
  var birthMonth: CalendarDate?
  var grade: String?
  var className: String?
  var headTeacher: String?
  var boarding: Bool?
  var residentID: ResidentID?
  var code: StudentCode?
  var guardian: GuardianEntry?
  var recognition: RosterRecognition?
  /// When the guardian, and the pupil, consented to pairing.
  var consentedOn: CalendarDate?
  var pupilConsentedOn: CalendarDate?
  /// What is sealed: resident ID, 学籍号, address, family facts.
  var fields = SealedFields()
}

/// Reads rows of one roster; remembers what it has warned of.
struct RosterReader {
  let semester: Semester
  let today: CalendarDate
  let schoolName: String
  let schoolID: UUID
  /// Those of the semester's school year.
  let rules: RuleSet
  private var otherSchools: Set<String> = []
  private var otherSemesters: Set<String> = []

  init(_ request: ImportRequest, school: Schools.School, rules: RuleSet) {
    self.rules = rules
    semester = request.semester
    today = request.today
    schoolName = school.name
    schoolID = school.id
  }

  /// - Returns: the row, or nil where it was refused (the report tells why).
  mutating func read(_ data: DataRow<StudentColumn>, _ report: inout ImportReport) -> RosterRow? {
    var refusals: [Refusal] = []
    var row = RosterRow(sheet: data.sheet, number: data.number)
    readName(data, &row, &refusals)
    readIdentifiers(data, &row, &refusals)
    readPerson(data, &row, &refusals, &report)
    readGuardian(data, &row, &refusals)
    readRecognition(data, &row, &refusals, &report)
    readConsent(data, &row, &refusals)
    compare(data, &report)
    guard refusals.isEmpty else {
      report.refuse(refusals)
      return nil
    }
    return row
  }

  private func readName(
    _ data: DataRow<StudentColumn>, _ row: inout RosterRow, _ refusals: inout [Refusal]
  ) {
    row.name = normalizeName(data.text(.name))
    if row.name.isEmpty {
      refusals.append(
        data.refusal(
          .name, problem: Text("姓名为空", "the name is empty"),
          advice: Text("补上姓名，或删除这一行", "write the name, or delete the row")))
    } else if !row.name.contains(where: \.isLetter) || row.name.count > 60 {
      refusals.append(
        data.refusal(
          .name, problem: Text("不像姓名", "this does not look like a name"),
          advice: Text("核对这一行的列是否错位", "check whether the row's columns have shifted")))
    }
  }

  private func readIdentifiers(
    _ data: DataRow<StudentColumn>, _ row: inout RosterRow, _ refusals: inout [Refusal]
  ) {
    row.residentID = data.identifier(.residentID, ResidentID.self, &refusals)
    row.code = data.identifier(.studentCode, StudentCode.self, &refusals)
    if let inCode = row.code?.residentID {
      if let residentID = row.residentID, residentID != inCode {
        refusals.append(
          data.refusal(
            .studentCode,
            problem: Text("学籍号与身份证号不一致", "the student code holds another resident ID"),
            advice: Text("核对两个号码", "check both numbers")))
      }
      row.residentID = row.residentID ?? inCode
    }
    row.fields["resident"] = row.residentID?.text
    row.fields["code"] = row.code?.text
  }

  private func readPerson(
    _ data: DataRow<StudentColumn>, _ row: inout RosterRow, _ refusals: inout [Refusal],
    _ report: inout ImportReport
  ) {
    switch data.text(.gender) {
    case "男", "male", "M": row.gender = .male
    case "女", "female", "F": row.gender = .female
    case "": row.gender = row.residentID?.gender
    default:
      refusals.append(
        data.refusal(
          .gender, problem: Text("性别不是“男”或“女”", "the gender is neither 男 nor 女"),
          advice: Text("写“男”或“女”", "write 男 or 女")))
    }
    if let residentID = row.residentID, let gender = row.gender, residentID.gender != gender {
      warn(&report, data, "性别与身份证号不符", "the gender differs from the resident ID")
    }
    readBirth(data, &row, &refusals, &report)
    row.ethnicity = data.text(.ethnicity).nonEmpty
    row.className = data.text(.className).filter { $0 != " " }.nonEmpty
    row.grade = data.text(.grade).filter { $0 != " " }.nonEmpty ?? gradeInClass(row.className)
    row.headTeacher = normalizeName(data.text(.headTeacher)).nonEmpty
    row.boarding = yesNo(data, .boarding, &refusals)
    row.fields["address"] = data.text(.address)
    row.fields["family_size"] = data.text(.familySize)
    row.fields["income"] = data.text(.income)
    row.fields["cause"] = data.text(.cause)
  }

  private func gradeInClass(_ className: String?) -> String? {
    guard let className, let range = className.range(of: "年级") else { return nil }
    return String(className[..<range.upperBound])
  }

  private func readBirth(
    _ data: DataRow<StudentColumn>, _ row: inout RosterRow, _ refusals: inout [Refusal],
    _ report: inout ImportReport
  ) {
    let birthDate = row.residentID?.birthDate
    row.birthMonth = birthDate.flatMap {
      CalendarDate(year: $0.year, month: $0.month, day: 1)
    }
    let text = data.text(.birth)
    guard !text.isEmpty else { return }
    guard let parsed = parseChineseDate(text), let year = parsed.year,
      let month = CalendarDate(year: year, month: parsed.month, day: 1), month <= today
    else {
      refusals.append(
        data.refusal(
          .birth, problem: Text("不是出生年月", "this is no month of birth"),
          advice: Text("写成 2015年3月 这样", "write it like 2015年3月")))
      return
    }
    if let known = row.birthMonth, known != month {
      warn(&report, data, "出生年月与身份证号不符", "the month of birth differs from the resident ID")
    } else {
      row.birthMonth = month
    }
  }

  private func readGuardian(
    _ data: DataRow<StudentColumn>, _ row: inout RosterRow, _ refusals: inout [Refusal]
  ) {
    var phone: Mobile?
    let text = data.text(.phone)
    if !text.isEmpty {
      do {
        phone = try Mobile(text)
      } catch {
        if isLandline(text) {
          row.fields["phone"] = text
        } else {
          refusals.append(data.refusal(.phone, error))
        }
      }
    }
    let name = normalizeName(data.text(.guardian))
    if !name.isEmpty || phone != nil {
      row.guardian = .init(
        name: name.nonEmpty ?? RosterRow.GuardianEntry.unnamed,
        relation: data.text(.relation).nonEmpty, phone: phone)
    }
  }

  /// A number with an area code, as 0871-65100000.
  private func isLandline(_ text: String) -> Bool {
    let digits = text.filter { $0.isASCII && $0.isNumber }
    return text.hasPrefix("0") && (10...12).contains(digits.count)
      && text.allSatisfy { $0.isNumber || "- ()".contains($0) }
  }

  private func readRecognition(
    _ data: DataRow<StudentColumn>, _ row: inout RosterRow, _ refusals: inout [Refusal],
    _ report: inout ImportReport
  ) {
    let tier = data.text(.tier)
    var category = data.text(.category)
    let basis = data.text(.basis)
    if !basis.isEmpty {
      let read = RecognitionBasis(reading: basis, under: rules)
      let tellsCategory = category.isEmpty && !tier.isEmpty
      if tellsCategory { category = read.category ?? "" }
      row.fields["cause"] = row.fields["cause"] ?? (tellsCategory ? read.cause : basis)
    }
    switch RosterRecognition.read(tier: tier, category: category, under: rules) {
    case .none: break
    case .recognised(let recognition):
      row.recognition = recognition
      for disagreement in recognition.disagreements {
        report.warn(
          .init(.disagreement, sheet: data.sheet, row: data.number, disagreement))
      }
    case .unknownTier(let known):
      refusals.append(
        data.refusal(
          .tier, problem: Text("不认识的困难等级", "this tier is not known"),
          advice: Text(
            "写成：\(known.joined(separator: "、"))", "write one of: \(known.joined(separator: ", "))"))
      )
    case .categoryWithoutTier:
      refusals.append(
        data.refusal(
          .tier, problem: Text("写了困难类别，但没有等级", "there is a category but no tier"),
          advice: Text("补上等级，或删除类别", "write the tier, or delete the category")))
    }
  }

  private func readConsent(
    _ data: DataRow<StudentColumn>, _ row: inout RosterRow, _ refusals: inout [Refusal]
  ) {
    let guardian = yesNo(data, .consent, &refusals) == true
    let pupil = yesNo(data, .pupilConsent, &refusals) == true
    guard guardian || pupil else { return }
    if guardian { row.consentedOn = today }
    if pupil { row.pupilConsentedOn = today }
    let text = data.text(.consentDate)
    guard !text.isEmpty else { return }
    guard let date = parseChineseDate(text)?.date, date <= today else {
      refusals.append(
        data.refusal(
          .consentDate, problem: Text("不是已到的日期", "this is no date up to today"),
          advice: Text("写成 2026-09-01 这样", "write it like 2026-09-01")))
      return
    }
    if guardian { row.consentedOn = date }
    if pupil { row.pupilConsentedOn = date }
  }

  private func yesNo(
    _ data: DataRow<StudentColumn>, _ column: StudentColumn, _ refusals: inout [Refusal]
  ) -> Bool? {
    switch data.text(column).lowercased() {
    case "": return nil
    case "是", "同意", "√", "✓", "✔", "y", "yes", "有", "1", "true", "寄宿", "住校", "寄宿生", "住宿", "已同意":
      return true
    case "否", "不同意", "×", "✗", "x", "n", "no", "无", "0", "false", "走读", "非寄宿", "不住校", "未同意", "走读生":
      return false
    default:
      refusals.append(
        data.refusal(
          column, problem: Text("不是“是”或“否”", "this is neither 是 nor 否"),
          advice: Text("写“是”或“否”", "write 是 or 否")))
      return nil
    }
  }

  /// The sheet's own school and semester against those of the import; each difference is told once.
  private mutating func compare(_ data: DataRow<StudentColumn>, _ report: inout ImportReport) {
    let school = data.text(.school)
    if !school.isEmpty, !school.hasSuffix(schoolName), !schoolName.hasSuffix(school),
      otherSchools.insert(school).inserted
    {
      warn(
        &report, data, "“学校”一栏是“\(school)”，按“\(schoolName)”导入",
        "the column 学校 says “\(school)”; imported for “\(schoolName)”")
    }
    let term = data.text(.semester)
    if !term.isEmpty, let parsed = try? Semester(parsing: term), parsed != semester,
      otherSemesters.insert(term).inserted
    {
      warn(
        &report, data, "“学期”一栏是“\(term)”，按 \(semester) 导入",
        "the column 学期 says “\(term)”; imported for \(semester)")
    }
  }

  private func warn(
    _ report: inout ImportReport, _ data: DataRow<StudentColumn>, _ zh: String, _ en: String
  ) {
    report.warn(.init(.mismatch, sheet: data.sheet, row: data.number, Text(zh, en)))
  }
}

extension String {
  /// Nil where nothing is written.
  var nonEmpty: String? { isEmpty ? nil : self }
}
