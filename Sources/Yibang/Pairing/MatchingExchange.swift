extension AssignmentTable {
  /// Pupils of one kind who got offers of one wish.
  private struct Group {
    let pupil: WishCode
    let wish: WishCode
    var members: [Int]
  }

  private struct GroupKey: Hashable {
    let pupil: WishCode
    let wish: WishCode
  }

  private struct Grouping {
    var groups: [Group] = []
    var numbers: [GroupKey: Int] = [:]

    mutating func add(_ need: Int, _ pupil: WishCode, _ wish: WishCode) {
      let key = GroupKey(pupil: pupil, wish: wish)
      if let number = numbers[key] {
        groups[number].members.append(need)
      } else {
        numbers[key] = groups.count
        groups.append(Group(pupil: pupil, wish: wish, members: [need]))
      }
    }
  }

  /// Lets two pupils change places where that meets more wishes, until no exchange of two does.
  ///
  /// Only an offer whose wish is not met can gain, since nothing scores above a wish met in full;
  /// each exchange raises the sum of scores, so this ends. Who is served does not change.
  mutating func exchange() {
    var grouping = Grouping()
    for (need, offer) in offerOfNeed.enumerated() {
      if let offer { grouping.add(need, wishOfNeed[need], wishOfOffer[offer]) }
    }
    var changed = true
    while changed {
      changed = false
      var number = 0
      while number < grouping.groups.count {
        let group = grouping.groups[number]
        if group.wish.score(of: group.pupil) < group.wish.best {
          if improve(number, &grouping) { changed = true }
        }
        number += 1
      }
    }
  }

  /// Exchanges members of one group with those of the groups that gain most by it.
  private mutating func improve(_ number: Int, _ grouping: inout Grouping) -> Bool {
    var changed = false
    var blocked: Set<Int> = []
    while !grouping.groups[number].members.isEmpty,
      let partner = bestPartner(of: number, grouping, without: blocked)
    {
      if let (left, right) = exchangeable(number, partner, grouping) {
        perform(left, right, number, partner, &grouping)
        changed = true
      } else {
        blocked.insert(partner)
      }
    }
    return changed
  }

  private func bestPartner(
    of number: Int, _ grouping: Grouping, without blocked: Set<Int>
  ) -> Int? {
    let group = grouping.groups[number]
    let current = group.wish.score(of: group.pupil)
    var best: (gain: Int, partner: Int)?
    for (index, other) in grouping.groups.enumerated() where !other.members.isEmpty {
      let now = current + other.wish.score(of: other.pupil)
      let then = other.wish.score(of: group.pupil) + group.wish.score(of: other.pupil)
      let gain = then - now
      if gain > (best?.gain ?? 0), !blocked.contains(index) { best = (gain, index) }
    }
    return best?.partner
  }

  /// The first two members whose exchange makes no conflict, as indices into their groups.
  private func exchangeable(_ number: Int, _ partner: Int, _ grouping: Grouping) -> (Int, Int)? {
    let members = grouping.groups[number].members
    let others = grouping.groups[partner].members
    for (left, need) in members.enumerated() {
      guard let offer = offerOfNeed[need] else { continue }
      for (right, other) in others.enumerated() {
        guard let otherOffer = offerOfNeed[other] else { continue }
        if canPair(need, otherOffer), canPair(other, offer) { return (left, right) }
      }
    }
    return nil
  }

  private mutating func perform(
    _ left: Int, _ right: Int, _ number: Int, _ partner: Int, _ grouping: inout Grouping
  ) {
    let need = grouping.groups[number].members.remove(at: left)
    let other = grouping.groups[partner].members.remove(at: right)
    let (pupil, wish) = (grouping.groups[number].pupil, grouping.groups[number].wish)
    let (otherPupil, otherWish) = (grouping.groups[partner].pupil, grouping.groups[partner].wish)
    swap(need, other)
    grouping.add(need, pupil, otherWish)
    grouping.add(other, otherPupil, wish)
  }
}
