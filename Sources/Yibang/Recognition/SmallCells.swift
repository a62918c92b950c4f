import Foundation

/// Statistical disclosure control: what of a breakdown can be shown with its total.
enum SmallCells {
  /// Fewer pupils than this in a cell could be recognised by who knows the school.
  static let least = 5

  /// Withholds cells of 1 to 4, and as many of the others as it takes so that the difference between
  /// the total and what is shown does not tell them: at least two cells, of `least` pupils together.
  /// The others go in their order, not by size, which would tell something of the sizes.
  /// - Returns: nil for a withheld cell, and whether the total has to go as well.
  static func withhold(_ cells: [Int]) -> (cells: [Int?], hidesTotal: Bool) {
    var hidden = Set(cells.indices.filter { (1..<least).contains(cells[$0]) })
    guard !hidden.isEmpty else { return (cells, false) }
    var next = cells.indices.filter { cells[$0] >= least }.makeIterator()
    // All of them ones, or all of them fours, have a sum that nothing else has.
    func isTold() -> Bool {
      let sum = hidden.reduce(0) { $0 + cells[$1] }
      if hidden.count < 2 || sum < least { return true }
      return hidden.allSatisfy { cells[$0] < least }
        && (sum == hidden.count || sum == hidden.count * (least - 1))
    }
    while isTold() {
      guard let index = next.next() else { break }
      hidden.insert(index)
    }
    return (cells.indices.map { hidden.contains($0) ? nil : cells[$0] }, isTold())
  }
}

enum Binomial {
  /// How likely a count at least as far from the expected one, on its side, is by chance.
  static func tail(_ count: Int, of trials: Int, share: Double) -> Double {
    guard trials > 0 else { return 1 }
    guard share > 0 else { return count > 0 ? 0 : 1 }
    guard share < 1 else { return count < trials ? 0 : 1 }
    let side = Double(count) <= share * Double(trials) ? 0...count : count...trials
    return min(1, side.reduce(0) { $0 + probability($1, trials, share) })
  }

  private static func probability(_ count: Int, _ trials: Int, _ share: Double) -> Double {
    let ways =
      lgamma(Double(trials) + 1) - lgamma(Double(count) + 1)
      - lgamma(Double(trials - count) + 1)
    return exp(ways + Double(count) * log(share) + Double(trials - count) * log1p(-share))
  }
}
