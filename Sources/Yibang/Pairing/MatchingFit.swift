extension Matching {
  /// What stands between one pupil and one offer.
  struct Obstacles {
    let conflicts: [ConflictKind]
    let limits: [MatchLimit]

    init(_ need: Need, _ offer: Offer) {
      conflicts = Set(need.conflictKeys.intersection(offer.conflictKeys).map(\.kind)).sorted()
      var limits = offer.wish.compared(with: need).unmet
        .filter { offer.wish.hard.contains($0) }.map { MatchLimit.wish($0) }
      if let minimum = need.minimum, let amount = offer.amount, amount < minimum {
        limits.append(.amount)
      }
      self.limits = limits
    }

    /// The words for them; nil if the pair can be.
    var text: Text? {
      if let conflict = conflicts.first {
        return Text("有利益冲突（\(conflict.name.zh)）", "conflict of interest: \(conflict.name.en)")
      }
      if limits.isEmpty { return nil }
      return Text(
        "不符合限定条件（\(limits.map(\.name.zh).joined(separator: "、"))）",
        "outside what is insisted on: \(limits.map(\.name.en).joined(separator: ", "))")
    }
  }
}
