/// A fund's kind decides which purposes it may pay for (专款专用), but for `other`, which is opened with
/// its own. Nutrition and boarding money share no purpose, and no transfer connects two funds.
package enum FundKind: String, Sendable, CaseIterable, Codable {
  case general, designated, sponsorship, boarding, nutrition, other

  /// The funds that every school and district has from its first day.
  package static let standard: [FundKind] = [.general, .sponsorship, .boarding, .nutrition]

  package var name: Text {
    switch self {
    case .general: Text("爱心基金", "general fund")
    case .designated: Text("定向捐赠", "designated gifts")
    case .sponsorship: Text("一帮一", "sponsorship")
    case .boarding: Text("寄宿生生活补助", "boarders' subsidy")
    case .nutrition: Text("营养改善", "nutrition programme")
    case .other: Text("其他专项", "other restricted fund")
    }
  }

  package var purposes: [Purpose] {
    switch self {
    case .general: [.living, .study, .emergency, .education, .cover]
    case .designated: [.designated]
    case .sponsorship: [.sponsorship]
    case .boarding: [.boarding]
    case .nutrition: [.nutrition]
    case .other: []
    }
  }

  /// The donor's words without the remark that they are a designation: 定向：购买书籍 is 购买书籍.
  package static func words(_ designation: String?) -> String? {
    guard var words = designation?[...] else { return nil }
    if words.hasPrefix("定向") || words.hasPrefix("指定") {
      words = words.dropFirst(2).drop { ":： 捐赠捐款用于".contains($0) }
      if words.isEmpty { return designated.name.zh }
    }
    return String(words)
  }

  /// The fund that a donor's words mean: none or “爱心基金” the general one, a standard fund's own
  /// name that fund, anything else a designated gift kept under those words.
  package static func of(designation: String?) -> FundKind {
    guard let designation, !designation.isEmpty else { return .general }
    let undirected = ["不指定", "无", "非定向", "不限", "爱心捐款"]
    if undirected.contains(designation) { return .general }
    return standard.first { designation.hasPrefix($0.name.zh) } ?? .designated
  }
}
