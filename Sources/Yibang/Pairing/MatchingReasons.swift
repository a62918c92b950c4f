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
  static func pair(_ ranked: Matching.RankedNeed, wish: Wish, seed: String) -> MatchReason {
    let need = ranked.need
    var zh = "排序第 \(ranked.rank)：\(need.tier.words.zh)，自 \(need.waitingSince) 起等待"
    var en = "No. \(ranked.rank): \(need.tier.words.en), waiting since \(need.waitingSince)"
    if ranked.peers > 0 {
      zh += "，与另外 \(ranked.peers) 人同等，按抽签（种子 \(seed)）定先后"
      en += ", equal with \(ranked.peers) more, their order drawn by lot (seed \(seed))"
    }
    let wishes = words(wish.compared(with: need))
    zh += "。\(wishes.zh)"
    en += ". \(wishes.en)"
    zh += "规则：困难等级优先，其次等待时间，同等抽签；亲属、监护人、班主任不得结对。"
    en += " Rule: hardest tier first, then longest waiting, then the lot; no relative, guardian"
    en += " or class teacher."
    return MatchReason("paired", zh, en)
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

  /// Why a pupil gets no place.
  /// - Parameter conflicts: in what conflict it is with the places that were free; none, if none was.
  static func left(conflicts: Set<ConflictKind>, hadPlaces: Bool) -> MatchReason {
    if !conflicts.isEmpty {
      let (zh, en) = names(conflicts)
      return MatchReason(
        "conflict",
        "轮到该生时，剩下的资助人都与其有利益冲突（\(zh)），调整他人也无法避开。需要另外的资助人。",
        "Every sponsor left at the pupil's turn is in conflict with it (\(en)), and moving others "
          + "does not help. Another sponsor is needed.")
    }
    if hadPlaces {
      return MatchReason(
        "no_place",
        "名额已满，都给了排在前面的学生（更困难、等待更久或抽签在前）。需要更多资助人。",
        "All places went to pupils who come first: in greater need, waiting longer, or by lot. "
          + "More sponsors are needed.")
    }
    return MatchReason(
      "no_offer",
      "没有可用的资助名额。请先登记资助意向：yibang offer import。",
      "There is no free place. Record sponsors' offers first: yibang offer import.")
  }

  /// Why places are left over.
  static func leftOffer(conflicts: Set<ConflictKind>, allServed: Bool) -> MatchReason {
    if allServed || conflicts.isEmpty {
      return MatchReason(
        "no_pupil",
        "符合条件的学生都已有资助人，名额留待以后。",
        "Every eligible pupil has a sponsor. The places stay open.")
    }
    let (zh, en) = names(conflicts)
    return MatchReason(
      "conflict",
      "其余等待的学生都与该资助人有利益冲突（\(zh)）。",
      "Every pupil still waiting is in conflict with this sponsor (\(en)).")
  }

  private static func names(_ kinds: Set<ConflictKind>) -> (zh: String, en: String) {
    let sorted = kinds.sorted()
    return (
      sorted.map(\.name.zh).joined(separator: "；"), sorted.map(\.name.en).joined(separator: "; ")
    )
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
