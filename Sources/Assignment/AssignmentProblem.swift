/// Who may take a place of whom, and what each pair is worth.
///
/// Takers are numbered in the order of their priority, the first before all others; givers in the
/// order in which they are used where nothing else decides. Nearly every taker can go to nearly
/// every giver, so pairs are not listed: a `Hub` admits all takers of some classes to all givers of
/// some classes, and only what is particular to a pair is said of the pair.
///
/// A pair is admissible if a hub or a wish holds it and it is not forbidden. Its weight is the
/// highest that a hub or a wish gives it.
package struct AssignmentProblem: Sendable {
  /// Admits every taker of some classes to every giver of others.
  package struct Hub: Sendable {
    package var takerClasses: [Int32]
    package var givers: [Member]

    package init(takerClasses: [Int32], givers: [Member]) {
      self.takerClasses = takerClasses
      self.givers = givers
    }
  }

  package struct Member: Sendable {
    package var giverClass: Int32
    /// What a pair by way of the hub is worth.
    package var weight: Int64

    package init(giverClass: Int32, weight: Int64) {
      self.giverClass = giverClass
      self.weight = weight
    }
  }

  package struct Wish: Sendable, BitwiseCopyable {
    package var taker: Int32
    package var giver: Int32
    package var weight: Int64

    package init(taker: Int32, giver: Int32, weight: Int64) {
      self.taker = taker
      self.giver = giver
      self.weight = weight
    }
  }

  package struct Pair: Sendable, Hashable, BitwiseCopyable {
    package var taker: Int32
    package var giver: Int32

    package init(taker: Int32, giver: Int32) {
      self.taker = taker
      self.giver = giver
    }
  }

  package var takerClasses: [Int32]
  package var giverClasses: [Int32]
  /// How many takers each giver can have.
  package var capacities: [Int]
  package var hubs: [Hub] = []
  package var wishes: [Wish] = []
  package var forbidden: [Pair] = []
  /// Pairs that hold whatever else is decided.
  package var fixed: [Pair] = []
  /// An earlier assignment, to be changed no more than the rest asks; at most one pair a taker.
  package var earlier: [Pair] = []

  package init(takerClasses: [Int32], giverClasses: [Int32], capacities: [Int]) {
    self.takerClasses = takerClasses
    self.giverClasses = giverClasses
    self.capacities = capacities
  }

  /// Each pair is worth its weight times this, and one more if it stood before: so no number of
  /// kept pairs outweighs a wish.
  var unit: Int64 { earlier.isEmpty ? 1 : Int64(earlier.count) + 1 }
}

package enum AssignmentError: Error, Hashable {
  /// A pair, wish or class names a taker, giver or class that does not exist.
  case outOfRange(String)
  case negativeCapacity(giver: Int)
  /// Two fixed or two earlier pairs of one taker.
  case takerTwice(taker: Int)
  /// More fixed pairs than places.
  case overfull(giver: Int)
  /// A pair that is fixed and forbidden.
  case fixedForbidden(taker: Int, giver: Int)
  /// Weights so large that sums over all takers pass 64 bits.
  case weightsTooLarge(limit: Int64)
}
