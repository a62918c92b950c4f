package import Foundation
package import SchoolCalendar

package enum ActivityError: YibangError {
  case emptyTheme
  case negativeParticipants
  case dateOutsideSemester(CalendarDate, Semester, ClosedRange<CalendarDate>)
  case semesterClosed(Semester)
  /// A text holds a number that may identify a person; the text is not repeated.
  case identifies(field: Text, IdentityTrace)
  case unknownActivity(UUID)
  case unknownPairing(UUID)
  case unknownDonor(UUID)

  package var code: String {
    switch self {
    case .emptyTheme: "activity.empty_theme"
    case .negativeParticipants: "activity.negative_participants"
    case .dateOutsideSemester: "activity.date_outside_semester"
    case .semesterClosed: "activity.semester_closed"
    case .identifies: "activity.identifies"
    case .unknownActivity: "activity.unknown"
    case .unknownPairing: "activity.unknown_pairing"
    case .unknownDonor: "activity.unknown_donor"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .emptyTheme, .negativeParticipants, .dateOutsideSemester, .identifies: .badData
    case .semesterClosed: .conflict
    case .unknownActivity, .unknownPairing, .unknownDonor: .notFound
    }
  }

  package var text: Text {
    switch self {
    case .emptyTheme:
      Text("活动主题为空，请补上。", "The activity has no theme: write one.")
    case .negativeParticipants:
      Text("参加人数不能小于零。", "The number of participants cannot be below zero.")
    case .dateOutsideSemester(let date, let semester, let dates):
      Text(
        "日期 \(date) 不在学期 \(semester) 内（\(dates.lowerBound) 至 \(dates.upperBound)）。请核对日期或学期。",
        "The date \(date) is not in semester \(semester) (\(dates.lowerBound) to "
          + "\(dates.upperBound)). Check the date or the semester.")
    case .semesterClosed(let semester):
      Text(
        "学期 \(semester) 已结账，不能再登记活动。",
        "The semester \(semester) is closed: no activity is recorded in it.")
    case .identifies(let field, let trace):
      Text(
        "“\(field.zh)”中有像\(trace.name.zh)的数字。活动记录不写学生身份，请删去后再登记。",
        "The \(field.en) holds a number that may identify a person (\(trace.name.en)). Take it out "
          + "and record again: an activity identifies no pupil.")
    case .unknownActivity(let id):
      Text(
        "没有活动 \(id.lowercase)。可用 yibang activity list 查看。",
        "There is no activity \(id.lowercase). See yibang activity list.")
    case .unknownPairing(let id):
      Text(
        "该校没有结对 \(id.lowercase)。可用 yibang pairing list 查看。",
        "The school has no pairing \(id.lowercase). See yibang pairing list.")
    case .unknownDonor(let id):
      Text(
        "没有捐赠人 \(id.lowercase)。可用 yibang donor list 查看。",
        "There is no donor \(id.lowercase). See yibang donor list.")
    }
  }
}
