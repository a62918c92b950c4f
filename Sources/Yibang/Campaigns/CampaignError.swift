package import Foundation

package enum CampaignError: YibangError {
  case unknown(UUID)
  case exists
  case nameMissing
  case dates
  case closed(String)
  case otherSchool(String)

  package var code: String {
    switch self {
    case .unknown: "campaign.unknown"
    case .exists: "campaign.exists"
    case .nameMissing: "campaign.name_missing"
    case .dates: "campaign.dates"
    case .closed: "campaign.closed"
    case .otherSchool: "campaign.other_school"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknown: .notFound
    case .nameMissing, .dates: .badData
    case .exists, .closed, .otherSchool: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknown(let id):
      Text(
        "没有募捐活动 \(id.lowercase)。可用 yibang campaign list 查看。",
        "There is no campaign \(id.lowercase). See yibang campaign list.")
    case .exists:
      Text(
        "同一天开始的同名募捐活动已经登记过。可用 yibang campaign list 查看。",
        "A campaign of this name and first day is registered already. See yibang campaign list.")
    case .nameMissing: Text("请写募捐活动的名称。", "Give the campaign a name.")
    case .dates:
      Text("结束日期早于开始日期。请核对。", "The campaign ends before it starts. Check the dates.")
    case .closed(let name):
      Text(
        "募捐活动“\(name)”已结束，不能再登记捐款。",
        "The campaign “\(name)” is closed: no gift joins it any more.")
    case .otherSchool(let name):
      Text(
        "募捐活动“\(name)”属于另一所学校。", "The campaign “\(name)” belongs to another school.")
    }
  }
}
