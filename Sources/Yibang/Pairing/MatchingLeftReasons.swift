/// The words for what is left over.
extension MatchReason {
  static let noOffer = MatchReason(
    "no_offer", "没有可用的资助名额。请先登记资助意向：yibang offer import。",
    "There is no free place. Record sponsors' offers first: yibang offer import.")

  static let noPupil = MatchReason(
    "no_pupil", "符合条件的学生都已有资助人，名额留待以后。",
    "Every eligible pupil has a sponsor. The places stay open.")

  /// Why a pupil gets no place where all have gone to pupils before it.
  /// - Parameter more: how many places open to everybody would reach it.
  static func noPlace(more: Int) -> MatchReason {
    let serves = serves(more)
    return MatchReason(
      "no_place",
      "名额已满，都给了排在前面的学生（更困难、等待更久或抽签在前）。\(serves.zh)",
      "All places went to pupils who come first: in greater need, waiting longer, or by lot. "
        + serves.en)
  }

  /// Why a pupil gets no place though some are left at its turn.
  static func barred(
    conflicts: Set<ConflictKind>, limits: Set<MatchLimit>, more: Int
  ) -> MatchReason {
    let serves = serves(more)
    let (kinds, items) = (names(conflicts), names(limits))
    if limits.isEmpty {
      return MatchReason(
        "conflict",
        "轮到该生时，剩下的资助人都与其有利益冲突（\(kinds.zh)），调整他人也无法避开。需要另外的资助人。\(serves.zh)",
        "Every sponsor left at the pupil's turn is in conflict with it (\(kinds.en)), and moving "
          + "others does not help. Another sponsor is needed. \(serves.en)")
    }
    let also =
      conflicts.isEmpty
      ? Text("", "") : Text("，或有利益冲突（\(kinds.zh)）", ", or are in conflict (\(kinds.en))")
    return MatchReason(
      "limits",
      "轮到该生时，剩下的名额因限定条件不能给该生（\(items.zh)）\(also.zh)，调整他人也无法避开。\(serves.zh)"
        + "有资助人放宽上述条件，或有一个接受该生这些条件的名额，也可安排。",
      "The places left at the pupil's turn are limited to others (\(items.en))\(also.en), and moving "
        + "others does not help. \(serves.en) So may a place that admits what the pupil is.")
  }

  private static func serves(_ more: Int) -> Text {
    Text(
      "再有 \(more) 个不限条件的名额，即可轮到该生。",
      more == 1
        ? "One more place, open to everybody, would serve this pupil."
        : "\(more) more places, open to everybody, would reach this pupil.")
  }

  /// Why places are left over while pupils wait.
  static func barredOffer(
    conflicts: Set<ConflictKind>, limits: Set<MatchLimit>, waiting: Int
  ) -> MatchReason {
    let (kinds, items) = (names(conflicts), names(limits))
    if limits.isEmpty {
      return MatchReason(
        "conflict",
        "其余等待的学生都与该资助人有利益冲突（\(kinds.zh)）。",
        "Every pupil still waiting is in conflict with this sponsor (\(kinds.en)).")
    }
    let also =
      conflicts.isEmpty
      ? Text("", "") : Text("，或有利益冲突（\(kinds.zh)）", ", or are in conflict (\(kinds.en))")
    return MatchReason(
      "limits",
      "其余等待的 \(waiting) 名学生都不符合该资助意向的限定条件（\(items.zh)）\(also.zh)。放宽这些条件，名额即可使用。",
      "None of the \(waiting) pupils still waiting meets what the offer is limited to "
        + "(\(items.en))\(also.en). With these limits relaxed the places can be used.")
  }

  private static func names(_ kinds: Set<ConflictKind>) -> Text {
    list(kinds.sorted().map(\.name), "；", "; ")
  }

  private static func names(_ limits: Set<MatchLimit>) -> Text {
    list(MatchLimit.all.filter { limits.contains($0) }.map(\.name), "、", ", ")
  }

  private static func list(_ names: [Text], _ zh: String, _ en: String) -> Text {
    Text(names.map(\.zh).joined(separator: zh), names.map(\.en).joined(separator: en))
  }
}
