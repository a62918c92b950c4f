/// Which takers are served: in the order of priority each is, if all kept so far can be served with
/// it. Such sets form a transversal matroid, so this is the best set there is.
///
/// Only numbers of takers of a kind at givers of a kind are kept; who of a kind gets what is decided
/// later. A search that fails has reached givers that can never be freed (a Hungarian tree): they are
/// closed for good, and prove why the taker and those after it are left over.
struct ServedSet {
  /// Takers who can go to the same givers.
  private struct TakerKind {
    let hubs: [Int32]
    /// Givers beside the hubs', and givers of the hubs that are not for it, by their kinds.
    var extra: [Int32] = []
    var except: Set<Int32> = []
  }

  private struct GiverKind {
    var free: Int
    let givers: [Int32]
    /// How many takers of a kind are here.
    var takers: [Int32: Int] = [:]
  }

  private struct HubState {
    /// Kinds of givers not closed.
    var kinds: [Int32]
    /// All before are full.
    var cursor = 0
  }

  private let instance: Instance
  private var takerKinds: [TakerKind] = []
  private var kindOfTaker: [Int32]
  private var giverKinds: [GiverKind] = []
  private var hubs: [HubState]
  private var visitedKind: [Int32] = []
  private var visitedTakerKind: [Int32] = []
  private var visitedHub: [Int32]
  private var now: Int32 = 0
  /// By which kind of takers a kind of givers was reached, and at which the kind of takers was.
  private var reachedBy: [Int32] = []
  private var foundAt: [Int32] = []

  private(set) var isServed: [Bool]
  private(set) var closedAt: [Int32]

  init(_ instance: Instance) {
    self.instance = instance
    kindOfTaker = Array(repeating: -1, count: instance.takerCount)
    hubs = Array(repeating: HubState(kinds: []), count: instance.problem.hubs.count)
    visitedHub = Array(repeating: 0, count: hubs.count)
    isServed = Array(repeating: false, count: instance.takerCount)
    closedAt = Array(repeating: AssignmentCertificate.open, count: instance.giverCount)
    let uncovered = uncoveredWishes()
    makeGiverKinds(uncovered)
    makeTakerKinds(uncovered)
    visitedKind = Array(repeating: 0, count: giverKinds.count)
    visitedTakerKind = Array(repeating: 0, count: takerKinds.count)
    reachedBy = Array(repeating: -1, count: giverKinds.count)
    foundAt = Array(repeating: -1, count: takerKinds.count)
    for taker in 0..<instance.takerCount where !instance.isFixed[taker] {
      isServed[taker] = serve(kindOfTaker[taker], turn: Int32(taker))
    }
  }

  /// Wishes for givers to whom no hub leads, as pairs of taker and giver.
  private func uncoveredWishes() -> [(taker: Int32, giver: Int32)] {
    var found: [(taker: Int32, giver: Int32)] = []
    var takersOfClass = [[Int32]](repeating: [], count: instance.hubsOfTakerClass.count)
    for taker in 0..<instance.takerCount
    where !instance.isFixed[taker] && !instance.wishes(of: taker).isEmpty {
      takersOfClass[Int(instance.problem.takerClasses[taker])].append(Int32(taker))
    }
    var mark = [Int32](repeating: -1, count: instance.giversOfClass.count)
    for (kind, takers) in takersOfClass.enumerated() where !takers.isEmpty {
      let members = instance.hubsOfTakerClass[kind].map { instance.membersOfHub[Int($0)] }
      if members.contains(where: { $0.count >= mark.count }) { continue }
      for member in members.joined() { mark[Int(member.giverClass)] = Int32(kind) }
      for taker in takers {
        for slot in instance.wishes(of: Int(taker)) {
          let giver = instance.wishGiver[slot]
          if mark[Int(instance.problem.giverClasses[Int(giver)])] != Int32(kind) {
            found.append((taker, giver))
          }
        }
      }
    }
    return found
  }

  /// Givers named by no exception and no uncovered wish are one kind a class.
  private mutating func makeGiverKinds(_ uncovered: [(taker: Int32, giver: Int32)]) {
    var isSpecial = Array(repeating: false, count: instance.giverCount)
    for giver in instance.exceptGiver { isSpecial[Int(giver)] = true }
    for wish in uncovered { isSpecial[Int(wish.giver)] = true }
    for (kind, givers) in instance.giversOfClass.enumerated() {
      var groups = givers.filter { isSpecial[Int($0)] }.map { [$0] }
      let plain = givers.filter { !isSpecial[Int($0)] }
      if !plain.isEmpty { groups.append(plain) }
      for group in groups {
        let free = group.reduce(0) { $0 + instance.places[Int($1)] }
        let number = Int32(giverKinds.count)
        if group.count == 1 { kindOfSpecialGiver[group[0]] = number }
        giverKinds.append(GiverKind(free: free, givers: group))
        for entry in instance.hubsOfGiverClass[kind] { hubs[Int(entry.hub)].kinds.append(number) }
      }
    }
  }

  private var kindOfSpecialGiver: [Int32: Int32] = [:]

  /// Takers without exceptions and uncovered wishes are one kind a class.
  private mutating func makeTakerKinds(_ uncovered: [(taker: Int32, giver: Int32)]) {
    var extras: [Int32: [Int32]] = [:]
    for wish in uncovered {
      extras[wish.taker, default: []].append(kindOfSpecialGiver[wish.giver] ?? -1)
    }
    var plain = [Int32](repeating: -1, count: instance.hubsOfTakerClass.count)
    // The narrowest hub first: it leaves the wide ones to those who need them.
    let sorted = instance.hubsOfTakerClass.map { list in
      list.sorted {
        let (left, right) = (hubs[Int($0)].kinds.count, hubs[Int($1)].kinds.count)
        return left != right ? left < right : $0 < $1
      }
    }
    for taker in 0..<instance.takerCount {
      let kind = Int(instance.problem.takerClasses[taker])
      let extra = extras[Int32(taker)] ?? []
      let isPlain = extra.isEmpty && !instance.hasExceptions(taker)
      if isPlain, plain[kind] >= 0 {
        kindOfTaker[taker] = plain[kind]
        continue
      }
      let except = instance.exceptions(of: taker).compactMap { kindOfSpecialGiver[$0] }
      kindOfTaker[taker] = Int32(takerKinds.count)
      if isPlain { plain[kind] = Int32(takerKinds.count) }
      takerKinds.append(TakerKind(hubs: sorted[kind], extra: extra, except: Set(except)))
    }
  }

  private mutating func serve(_ kind: Int32, turn: Int32) -> Bool {
    if let free = freeKind(for: kind) {
      seat(kind, at: free)
      return true
    }
    return augment(from: kind, turn: turn)
  }

  private mutating func seat(_ kind: Int32, at giver: Int32) {
    giverKinds[Int(giver)].free -= 1
    giverKinds[Int(giver)].takers[kind, default: 0] += 1
  }

  /// A kind of givers with a place left for a kind of takers.
  private mutating func freeKind(for kind: Int32) -> Int32? {
    for giver in takerKinds[Int(kind)].extra where giverKinds[Int(giver)].free > 0 { return giver }
    let isPicky = !takerKinds[Int(kind)].except.isEmpty
    for hub in takerKinds[Int(kind)].hubs {
      let number = Int(hub)
      var index = hubs[number].cursor
      while index < hubs[number].kinds.count, giverKinds[Int(hubs[number].kinds[index])].free == 0 {
        index += 1
      }
      hubs[number].cursor = index
      while index < hubs[number].kinds.count {
        let giver = hubs[number].kinds[index]
        index += 1
        if giverKinds[Int(giver)].free == 0 { continue }
        if isPicky, takerKinds[Int(kind)].except.contains(giver) { continue }
        return giver
      }
    }
    return nil
  }

  /// Makes room by moving others, by as few moves as possible.
  private mutating func augment(from source: Int32, turn: Int32) -> Bool {
    now += 1
    var queue = [source]
    var reached: [Int32] = []
    visitedTakerKind[Int(source)] = now
    foundAt[Int(source)] = -1
    var next = 0
    while next < queue.count {
      let kind = queue[next]
      next += 1
      for giver in newlyReached(by: kind) {
        reached.append(giver)
        for taker in giverKinds[Int(giver)].takers.keys.sorted()
        where visitedTakerKind[Int(taker)] != now {
          visitedTakerKind[Int(taker)] = now
          foundAt[Int(taker)] = giver
          if let free = freeKind(for: taker) {
            move(taker, to: free)
            return true
          }
          queue.append(taker)
        }
      }
    }
    close(reached, turn: turn)
    return false
  }

  private mutating func newlyReached(by kind: Int32) -> [Int32] {
    var found: [Int32] = []
    let taker = takerKinds[Int(kind)]
    for giver in taker.extra where visitedKind[Int(giver)] != now && isOpen(giver) {
      visitedKind[Int(giver)] = now
      reachedBy[Int(giver)] = kind
      found.append(giver)
    }
    for hub in taker.hubs where visitedHub[Int(hub)] != now {
      if taker.except.isEmpty { visitedHub[Int(hub)] = now }
      for giver in hubs[Int(hub)].kinds
      where visitedKind[Int(giver)] != now && !taker.except.contains(giver) {
        visitedKind[Int(giver)] = now
        reachedBy[Int(giver)] = kind
        found.append(giver)
      }
    }
    return found
  }

  private func isOpen(_ kind: Int32) -> Bool {
    guard let giver = giverKinds[Int(kind)].givers.first else { return false }
    return closedAt[Int(giver)] == AssignmentCertificate.open
  }

  private mutating func move(_ last: Int32, to free: Int32) {
    var (kind, target) = (last, free)
    seat(kind, at: target)
    while foundAt[Int(kind)] >= 0 {
      target = foundAt[Int(kind)]
      leave(kind, target)
      kind = reachedBy[Int(target)]
      giverKinds[Int(target)].takers[kind, default: 0] += 1
    }
  }

  private mutating func leave(_ kind: Int32, _ giver: Int32) {
    let count = giverKinds[Int(giver)].takers[kind] ?? 0
    giverKinds[Int(giver)].takers[kind] = count > 1 ? count - 1 : nil
  }

  private mutating func close(_ kinds: [Int32], turn: Int32) {
    for kind in kinds {
      for giver in giverKinds[Int(kind)].givers { closedAt[Int(giver)] = turn }
    }
    var touched: Set<Int32> = []
    for kind in kinds {
      guard let giver = giverKinds[Int(kind)].givers.first else { continue }
      let entries = instance.hubsOfGiverClass[Int(instance.problem.giverClasses[Int(giver)])]
      touched.formUnion(entries.map(\.hub))
    }
    for hub in touched.sorted() {
      hubs[Int(hub)].kinds = hubs[Int(hub)].kinds.filter { isOpen($0) }
      hubs[Int(hub)].cursor = 0
    }
  }
}
