/// Who gets a place of which offer. Needs are numbered in the order of need, offers by their turn.
///
/// Sets of pupils who can be served together form a transversal matroid, so taking them one by one
/// in the order of need, each if an augmenting path finds it a place, serves the best set there is.
/// Nothing dense is built: nearly every pupil can go to nearly every offer, so the search looks at
/// what is free, in buckets of offers with the same wish and the same conflicts, and at the few
/// offers not yet reached.
struct AssignmentTable {
  /// Offers that no pupil can tell apart, by their turn; `head` is the first with a free place.
  private struct Bucket {
    let wish: WishCode
    let keys: [Int32]
    var offers: [Int]
    var head = 0
  }

  let wishOfNeed: [WishCode]
  let wishOfOffer: [WishCode]
  private let conflicts: ConflictIndex
  private var capacity: [Int]
  private var buckets: [Bucket] = []
  private var bucketOfOffer: [Int] = []
  /// Buckets with a free place, by the turn of their first offer.
  private var open: [Int] = []
  /// Offers without a free place that a search may still pass through.
  private var full: [Int] = []

  private(set) var offerOfNeed: [Int?]
  private var occupants: [[Int]]
  /// For a pupil left over: in what conflict it is with the offers that had places then.
  private(set) var conflictsOfLeftNeed: [Int: Set<ConflictKind>] = [:]
  private var keysOfLeftNeeds: Set<Int32> = []

  init(needs: [Matching.Need], offers: [Matching.Offer]) {
    var coder = WishCoder()
    wishOfOffer = offers.map {
      coder.code(school: $0.wish.school, grade: $0.wish.grade, gender: $0.wish.gender)
    }
    wishOfNeed = needs.map { coder.code(school: $0.school, grade: $0.grade, gender: $0.gender) }
    conflicts = ConflictIndex(
      needs: needs.map(\.conflictKeys), offers: offers.map(\.conflictKeys))
    capacity = offers.map(\.places.count)
    offerOfNeed = Array(repeating: nil, count: needs.count)
    occupants = Array(repeating: [], count: offers.count)
    fillBuckets()
  }

  private struct BucketKey: Hashable {
    let wish: WishCode
    let keys: [Int32]
  }

  private mutating func fillBuckets() {
    var numbers: [BucketKey: Int] = [:]
    for offer in wishOfOffer.indices {
      let key = BucketKey(wish: wishOfOffer[offer], keys: conflicts.ofOffer[offer])
      if let number = numbers[key] {
        buckets[number].offers.append(offer)
        bucketOfOffer.append(number)
      } else {
        numbers[key] = buckets.count
        bucketOfOffer.append(buckets.count)
        buckets.append(Bucket(wish: key.wish, keys: key.keys, offers: [offer]))
      }
    }
    open = Array(buckets.indices)
  }

  /// Gives each need a place in the order of need, moving earlier ones where that makes room.
  mutating func assign() {
    for need in wishOfNeed.indices {
      if let offer = freeOffer(for: need) {
        seat(need, at: offer)
      } else if !open.isEmpty, !augment(from: need) {
        let keys = conflicts.ofNeed[need]
        conflictsOfLeftNeed[need] = open.reduce(into: []) { kinds, bucket in
          kinds.formUnion(conflicts.kinds(buckets[bucket].keys) { keys.contains($0) })
        }
        keysOfLeftNeeds.formUnion(keys)
      }
    }
  }

  func canPair(_ need: Int, _ offer: Int) -> Bool {
    !ConflictIndex.meet(conflicts.ofNeed[need], conflicts.ofOffer[offer])
  }

  /// The free offer that suits a pupil best; among equals, the one made first.
  private func freeOffer(for need: Int) -> Int? {
    let keys = conflicts.ofNeed[need]
    let pupil = wishOfNeed[need]
    var best: (score: Int, offer: Int)?
    for number in open {
      let score = buckets[number].wish.score(of: pupil)
      let offer = buckets[number].offers[buckets[number].head]
      if let best, score < best.score || (score == best.score && offer > best.offer) { continue }
      if ConflictIndex.meet(keys, buckets[number].keys) { continue }
      best = (score, offer)
    }
    return best?.offer
  }

  private mutating func seat(_ need: Int, at offer: Int) {
    offerOfNeed[need] = offer
    occupants[offer].append(need)
    guard occupants[offer].count == capacity[offer] else { return }
    full.append(offer)
    let number = bucketOfOffer[offer]
    buckets[number].head += 1
    if buckets[number].head == buckets[number].offers.count { open.removeAll { $0 == number } }
  }

  /// Finds a chain of moves that ends at a free place, breadth first: the shortest there is.
  ///
  /// What a failed search has reached leads to no free place ever after (a Hungarian tree), so it
  /// is left out of later ones.
  private mutating func augment(from need: Int) -> Bool {
    var unreached = full
    var queue = [need]
    /// By which need an offer was reached.
    var reachedBy: [Int: Int] = [:]
    var next = 0
    while next < queue.count {
      let current = queue[next]
      next += 1
      var still: [Int] = []
      for offer in unreached {
        guard canPair(current, offer) else {
          still.append(offer)
          continue
        }
        reachedBy[offer] = current
        for occupant in occupants[offer] {
          if let free = freeOffer(for: occupant) {
            move(occupant, to: free, startingAt: need, reachedBy)
            return true
          }
          queue.append(occupant)
        }
      }
      unreached = still
    }
    full = unreached
    return false
  }

  private mutating func move(
    _ last: Int, to free: Int, startingAt first: Int, _ reachedBy: [Int: Int]
  ) {
    var mover = last
    var target = free
    while true {
      let left = offerOfNeed[mover]
      if let left {
        occupants[left].removeAll { $0 == mover }
        offerOfNeed[mover] = nil
      }
      if target == free { seat(mover, at: target) } else { reseat(mover, at: target) }
      guard mover != first, let left, let follower = reachedBy[left] else { return }
      mover = follower
      target = left
    }
  }

  private mutating func reseat(_ need: Int, at offer: Int) {
    offerOfNeed[need] = offer
    occupants[offer].append(need)
  }

  /// Lets two needs change places.
  mutating func swap(_ left: Int, _ right: Int) {
    guard let offer = offerOfNeed[left], let other = offerOfNeed[right] else { return }
    occupants[offer].removeAll { $0 == left }
    occupants[other].removeAll { $0 == right }
    reseat(left, at: other)
    reseat(right, at: offer)
  }

  /// In what conflict the pupils who are left over are with an offer that is left over.
  func conflictsOfFreeOffer(_ offer: Int) -> Set<ConflictKind> {
    conflicts.kinds(conflicts.ofOffer[offer]) { keysOfLeftNeeds.contains($0) }
  }
}
