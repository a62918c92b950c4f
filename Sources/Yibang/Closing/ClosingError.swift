package import SchoolCalendar

package enum ClosingError: YibangError {
  case openItems(Semester, [OpenItem])
  case notClosed(Semester)
  case requestedBefore(Semester)
  case notRequested(Semester)
  case samePerson
  case laterClosed(Semester)

  package var code: String {
    switch self {
    case .openItems: "closing.open_items"
    case .notClosed: "closing.not_closed"
    case .requestedBefore: "closing.requested_before"
    case .notRequested: "closing.not_requested"
    case .samePerson: "closing.same_person"
    case .laterClosed: "closing.later_closed"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .samePerson: .forbidden
    case .notRequested: .notFound
    default: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .openItems(let semester, let items):
      Text(
        "\(semester.zh)还不能结账，有 \(items.count) 项未了：\(Self.list(items, .zh))",
        "The \(semester.en) cannot be closed yet; \(items.count) open: \(Self.list(items, .en))")
    case .notClosed(let semester):
      Text("\(semester.zh)没有结账。", "The \(semester.en) is not closed.")
    case .requestedBefore(let semester):
      Text(
        "已有人申请重开\(semester.zh)，等待第二人批准。",
        "Reopening the \(semester.en) was asked for before; a second person has to approve.")
    case .notRequested(let semester):
      Text(
        "没有重开\(semester.zh)的申请。请先 semester reopen --reason。",
        "Nobody asked to reopen the \(semester.en). First: semester reopen --reason.")
    case .samePerson:
      Text("申请人不能批准自己的申请，请由第二人办理。", "Who asked cannot approve: a second person has to.")
    case .laterClosed(let semester):
      Text(
        "\(semester.zh)之后的学期已经结账，请先重开后面的学期。",
        "A semester after the \(semester.en) is closed: reopen the later one first.")
    }
  }

  /// The first few; all are listed by `semester check`.
  private static func list(_ items: [OpenItem], _ language: Language) -> String {
    items.prefix(5).map { $0.what(language) }.joined(separator: " ")
      + (items.count > 5 ? " …（semester check）" : "")
  }
}
