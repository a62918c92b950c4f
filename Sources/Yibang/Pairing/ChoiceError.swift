package import Foundation

/// Why a pair cannot be pinned, excluded or released.
package enum ChoiceError: YibangError {
  case impossible(student: UUID, offer: UUID, why: Text)
  case pinnedElsewhere(student: UUID, choice: UUID)
  case otherChoice(UUID)
  case reasonMissing
  case unknown(UUID)

  package var code: String {
    switch self {
    case .impossible: "choice.impossible"
    case .pinnedElsewhere: "choice.pinned_elsewhere"
    case .otherChoice: "choice.other_choice"
    case .reasonMissing: "choice.reason_missing"
    case .unknown: "choice.unknown"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .impossible, .pinnedElsewhere, .otherChoice: .conflict
    case .reasonMissing: .badData
    case .unknown: .notFound
    }
  }

  package var text: Text {
    switch self {
    case .impossible(let student, let offer, let why):
      Text(
        "学生 \(student.lowercase) 与资助意向 \(offer.lowercase) 不能指定配对：\(why.zh)。"
          + "指定见 yibang match choices，取消用 yibang match unchoose。",
        "Pupil \(student.lowercase) and offer \(offer.lowercase) cannot be pinned: \(why.en). See "
          + "yibang match choices; take a pin back with yibang match unchoose.")
    case .pinnedElsewhere(let student, let choice):
      Text(
        "学生 \(student.lowercase) 已指定给另一个资助意向。请先取消：yibang match unchoose \(choice.lowercase)。",
        "Pupil \(student.lowercase) is pinned to another offer. Take that back first: "
          + "yibang match unchoose \(choice.lowercase).")
    case .otherChoice(let choice):
      Text(
        "对这一对已有相反的决定。请先取消：yibang match unchoose \(choice.lowercase)。",
        "The contrary was decided of this pair. Take it back first: "
          + "yibang match unchoose \(choice.lowercase).")
    case .reasonMissing:
      Text("请写明原因，不写个人信息。", "Give the reason, without personal data.")
    case .unknown(let id):
      Text(
        "没有有效的决定 \(id.lowercase)。可用 yibang match choices 查看。",
        "No decision \(id.lowercase) is in force. See yibang match choices.")
    }
  }
}
