/// An assignment that serves the best set of takers, at the highest weight, with the fewest changes.
package struct AssignmentResult: Sendable {
  /// The giver of each taker; -1 for one who is left over.
  package var giverOfTaker: [Int32]
  package var certificate: AssignmentCertificate

  package func isServed(_ taker: Int) -> Bool { giverOfTaker[taker] >= 0 }
}

/// Numbers that prove an assignment best, to be checked without solving anything.
package struct AssignmentCertificate: Sendable {
  /// No pair is worth more than the prices of its two sides together, in units of
  /// `AssignmentProblem.unit`; each that was made is worth just that, and a giver with a place left
  /// costs nothing. Without meaning for takers left over and fixed.
  package var takerPrices: [Int64]
  package var giverPrices: [Int64]
  /// The taker at whose turn a giver was found closed; `open` if it never was. A closed giver is full
  /// of takers who come before that one and who can go only to givers closed by then.
  package var closedAt: [Int32]

  package static let open = Int32.max
}
