package import SchoolCalendar

package enum SchoolError: YibangError {
  case emptyName
  case otherName(code: String, name: String)
  case minimum
  case region(String)
  case holdDays(Int)
  case unknownSchool(String)
  case unknownDistrict(String)
  case noDistrict
  case severalDistricts([String])
  case unknownSemester(Semester, district: String)
  case semesterDates
  case semesterOverlap(Semester)
  case semesterOtherDates(Semester)
  case semesterClosed(Semester)

  package var code: String {
    switch self {
    case .emptyName: "school.empty_name"
    case .otherName: "school.other_name"
    case .minimum: "school.minimum"
    case .region: "school.region"
    case .holdDays: "district.hold_days"
    case .unknownSchool: "school.unknown"
    case .unknownDistrict: "district.unknown"
    case .noDistrict: "district.none"
    case .severalDistricts: "district.several"
    case .unknownSemester: "semester.unknown"
    case .semesterDates: "semester.dates"
    case .semesterOverlap: "semester.overlap"
    case .semesterOtherDates: "semester.other_dates"
    case .semesterClosed: "semester.closed"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownSchool, .unknownDistrict, .noDistrict, .unknownSemester: .notFound
    case .severalDistricts: .usage
    case .otherName, .semesterOverlap, .semesterOtherDates, .semesterClosed: .conflict
    case .emptyName, .minimum, .region, .holdDays, .semesterDates: .badData
    }
  }

  package var text: Text {
    switch self {
    case .emptyName:
      Text("名称不能为空。", "The name is empty.")
    case .otherName(let code, let name):
      Text(
        "代码 \(code) 已登记为“\(name)”。请核对代码或名称。",
        "The code \(code) is registered as “\(name)”. Check the code or the name.")
    case .minimum:
      Text(
        "学校对每学期资助金额的最低要求必须大于零；不作要求请用 --none。",
        "A school's minimum a semester is more than zero; take it away with --none.")
    case .region(let region):
      Text(
        "地区代码 \(region) 应为 6 位（县区）或 9 位（乡镇街道）数字。",
        "The region code \(region) has 6 digits (county) or 9 (town).")
    case .holdDays(let days):
      Text(
        "保留天数 \(days) 应为 1 至 90。", "A pupil is kept for 1 to 90 days, not \(days).")
    case .unknownSchool(let code):
      Text(
        "没有学校 \(code)。请先登记：yibang school add \(code) NAME --district CODE。",
        "There is no school \(code). Add it first: yibang school add \(code) NAME --district CODE.")
    case .unknownDistrict(let code):
      Text(
        "没有区 \(code)。请先登记：yibang district add \(code) 名称。",
        "There is no district \(code). Add it first: yibang district add \(code) NAME.")
    case .noDistrict:
      Text(
        "还没有登记任何区。请先登记：yibang district add 代码 名称。",
        "No district is registered. Add one first: yibang district add CODE NAME.")
    case .severalDistricts(let codes):
      Text(
        "有多个区（\(codes.joined(separator: "、"))），请用 --district 指定。",
        "There are several districts (\(codes.joined(separator: ", "))): name one with --district.")
    case .unknownSemester(let semester, let district):
      Text(
        "学期 \(semester) 尚未开设。请先开设：yibang semester open \(semester) --district \(district)。",
        "The semester \(semester) is not open. Open it first: "
          + "yibang semester open \(semester) --district \(district).")
    case .semesterDates:
      Text("学期的结束日期必须晚于开始日期。", "A semester ends after it starts.")
    case .semesterOverlap(let semester):
      Text(
        "学期 \(semester) 的日期与另一学期重叠，请用 --from、--to 更正。",
        "The dates of semester \(semester) overlap another's: correct them with --from, --to.")
    case .semesterOtherDates(let semester):
      Text(
        "学期 \(semester) 已用其他日期开设。",
        "The semester \(semester) is open already, with other dates.")
    case .semesterClosed(let semester):
      Text(
        "学期 \(semester) 已结账，不能再记账。请记入当前学期。",
        "The semester \(semester) is closed: nothing posts to it. Post to the current one.")
    }
  }
}
