/// The columns of a 德育活动登记表.
package enum ActivityColumn: SheetColumn {
  case date, kind, theme, host, participants, place, outcome, note, school

  package static let required: [ActivityColumn] = [.theme, .date]

  package var headings: [String] {
    switch self {
    case .theme: ["主题", "活动主题", "活动名称", "活动内容", "名称", "内容", "theme"]
    case .date: ["日期", "活动日期", "活动时间", "时间", "开展时间", "开展日期", "举办日期", "举办时间", "date"]
    case .kind: ["活动类型", "类型", "活动类别", "类别", "活动形式", "形式", "kind"]
    case .host: ["主持人", "主持", "负责人", "活动负责人", "组织者", "组织人", "主讲人", "责任人", "主办人", "host"]
    case .participants: ["参加人数", "参与人数", "人数", "活动人数", "参加人次", "参与人次", "participants"]
    case .place: ["地点", "活动地点", "场所", "活动场所", "place"]
    case .outcome: ["活动效果", "效果", "活动成效", "成效", "活动成果", "成果", "活动总结", "outcome"]
    case .note: ["备注", "说明", "note"]
    case .school: ["学校", "学校名称", "所在学校", "school"]
    }
  }
}
