/// The kinds of moral-education and gratitude activities that schools record.
package enum ActivityKind: String, Sendable, CaseIterable, Codable {
  case classMeeting = "class_meeting"
  case essay
  case campaignMonth = "campaign_month"
  case homeVisit = "home_visit"
  case gratitude, policy, other

  package var name: Text {
    switch self {
    case .classMeeting: Text("主题班会", "class meeting")
    case .essay: Text("征文", "essay contest")
    case .campaignMonth: Text("宣传月", "campaign month")
    case .homeVisit: Text("家访", "home visit")
    case .gratitude: Text("感恩教育", "gratitude education")
    case .policy: Text("资助政策宣传", "aid policy information")
    case .other: Text("其他", "other")
    }
  }

  private var words: [String] {
    switch self {
    case .classMeeting: ["班会", "班会课", "主题班会课", "班队会", "主题班队会", "队会", "主题队会"]
    case .essay: ["征文比赛", "作文比赛", "感恩征文", "主题征文"]
    case .campaignMonth: ["主题宣传月", "资助宣传月", "诚信宣传月", "诚信教育宣传月", "感恩宣传月"]
    case .homeVisit: ["走访", "家庭走访", "入户走访", "入户家访", "教师家访"]
    case .gratitude: ["感恩", "感恩主题教育", "感恩励志教育"]
    case .policy: ["政策宣传", "资助宣传", "资助政策", "政策宣讲", "资助政策宣讲"]
    case .other: ["其它"]
    }
  }

  private static let byWord: [String: ActivityKind] = {
    var kinds: [String: ActivityKind] = [:]
    for kind in allCases {
      for word in [kind.rawValue, kind.name.zh, kind.name.en] + kind.words { kinds[word] = kind }
    }
    return kinds
  }()

  /// The kind that a sheet's word means, with or without 活动 at its end; nil for a word it does not
  /// know.
  package init?(word: String) {
    let plain = normalizeText(word).lowercased()
    let tight = plain.filter { !$0.isWhitespace }
    let bare = tight.hasSuffix("活动") ? String(tight.dropLast(2)) : tight
    let found = [plain, tight, bare].lazy.compactMap { ActivityKind.byWord[$0] }.first
    guard let found else { return nil }
    self = found
  }
}
