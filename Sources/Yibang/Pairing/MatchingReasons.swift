import Foundation
import HardshipRecognition
import SchoolCalendar

/// Why a pupil and a sponsor are paired, or why one is left over: a stable code, and words.
package struct MatchReason: Sendable, Hashable, Codable {
  package let code: String
  package let zh: String
  package let en: String

  package init(_ code: String, _ zh: String, _ en: String) {
    self.code = code
    self.zh = zh
    self.en = en
  }

  package var text: Text { Text(zh, en) }
}

extension MatchReason {
  static let accepted = MatchReason(
    "accepted", "该配对此前已被接受，保持不变。", "The pair was accepted before and stands.")

  static func pair(
    _ ranked: Matching.RankedNeed, offer: Matching.Offer, seed: String, isPinned: Bool
  ) -> MatchReason {
    let need = ranked.need
    let wish = offer.wish
    var zh = "排序第 \(ranked.rank)：\(need.tier.words.zh)，自 \(need.waitingSince) 起等待"
    var en = "No. \(ranked.rank): \(need.tier.words.en), waiting since \(need.waitingSince)"
    if ranked.peers > 0 {
      zh += "，与另外 \(ranked.peers) 人同等，按抽签（种子 \(seed)）定先后"
      en += ", equal with \(ranked.peers) more, their order drawn by lot (seed \(seed))"
    }
    let wishes = words(wish.compared(with: need))
    zh += "。\(isPinned ? "由人工指定配对。" : "")\(wishes.zh)"
    en += ".\(isPinned ? " The pair was set by hand." : "") \(wishes.en)"
    if wish.pupils[need.student] != nil {
      zh += "资助人点名希望资助该生。"
      en += " The sponsor named this pupil."
    }
    if need.offers[offer.id] != nil {
      zh += "学生一方希望由该资助人资助。"
      en += " The pupil's side named this sponsor."
    }
    zh += "规则：困难等级优先，其次等待时间，同等抽签；亲属、监护人、班主任不得结对。"
    en += " Rule: hardest tier first, then longest waiting, then the lot; no relative, guardian"
    en += " or class teacher."
    return MatchReason(isPinned ? "pinned" : "paired", zh, en)
  }

  private static func words(_ compared: (met: [Wish.Item], unmet: [Wish.Item])) -> Text {
    func list(_ items: [Wish.Item]) -> Text {
      Text(
        items.map(\.name.zh).joined(separator: "、"), items.map(\.name.en).joined(separator: ", "))
    }
    let (met, unmet) = (list(compared.met), list(compared.unmet))
    switch (compared.met.isEmpty, compared.unmet.isEmpty) {
    case (true, true):
      return Text("资助人没有特别意愿。", "The sponsor has no wishes.")
    case (false, true):
      return Text("符合资助人意愿：\(met.zh)。", "Meets the sponsor's wishes: \(met.en).")
    case (true, false):
      return Text(
        "不符合资助人意愿：\(unmet.zh)（没有更合适的名额或学生）。",
        "Does not meet the sponsor's wishes: \(unmet.en) (nothing that suits better is left).")
    case (false, false):
      return Text(
        "符合资助人意愿：\(met.zh)；不符合：\(unmet.zh)（没有更合适的名额或学生）。",
        "Meets the sponsor's wishes: \(met.en); does not meet: \(unmet.en) "
          + "(nothing that suits better is left).")
    }
  }
}

extension Tier {
  /// The tier's name.
  var words: Text {
    switch self {
    case .special: Text("特别困难", "special hardship")
    case .difficult: Text("困难", "hardship")
    case .general: Text("一般困难", "general hardship")
    }
  }
}
