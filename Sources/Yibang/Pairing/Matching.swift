import Assignment
package import Foundation
package import HardshipRecognition
package import SchoolCalendar

/// Assigns waiting pupils to sponsors' places: pure, deterministic, no I/O.
///
/// Hard rules: a sponsor who is related to a pupil, or teaches its class, is never its sponsor
/// (`ConflictKey`); nor is one who insists on something that the pupil is not, or pays less than the
/// school asks for. Whom the places serve is best in the order of need: a pupil is served whenever
/// that is possible without giving up one who comes before it. Wishes are soft: they decide only
/// which of the possible places a pupil gets, and then their sum is the highest there is.
package enum Matching {
  /// A pupil who waits for a sponsor.
  package struct Need: Sendable, Hashable {
    package var student: UUID
    package var school: UUID
    package var region: String?
    package var grade: String?
    package var gender: ResidentID.Gender?
    package var tier: Tier
    package var waitingSince: CalendarDate
    /// What a sponsor in conflict with the pupil would have in common with it.
    package var conflictKeys: Set<ConflictKey>
    /// What the school asks for a semester, at the least.
    package var minimum: Money?
    /// Offers that the pupil's side would like, and what that weighs; more than nothing.
    package var offers: [UUID: Int] = [:]

    package init(
      student: UUID, school: UUID, region: String? = nil, grade: String? = nil,
      gender: ResidentID.Gender? = nil, tier: Tier, waitingSince: CalendarDate,
      conflictKeys: Set<ConflictKey> = [], minimum: Money? = nil, offers: [UUID: Int] = [:]
    ) {
      self.student = student
      self.school = school
      self.region = region
      self.minimum = minimum
      self.offers = offers
      self.grade = grade
      self.gender = gender
      self.tier = tier
      self.waitingSince = waitingSince
      self.conflictKeys = conflictKeys
    }
  }

  /// A sponsor's free places.
  package struct Offer: Sendable, Hashable {
    package var id: UUID
    /// The numbers of the places that are free.
    package var places: [Int]
    package var wish: Wish
    /// The offer's turn: a smaller one was made earlier.
    package var turn: Int
    package var conflictKeys: Set<ConflictKey>
    /// What it pays for a pupil and semester; nil if that is of no account.
    package var amount: Money?

    package init(
      id: UUID, places: [Int] = [1], wish: Wish = Wish(), turn: Int,
      conflictKeys: Set<ConflictKey> = [], amount: Money? = nil
    ) {
      self.amount = amount
      self.id = id
      self.places = places
      self.wish = wish
      self.turn = turn
      self.conflictKeys = conflictKeys
    }
  }

  package struct Pair: Sendable, Hashable {
    package let need: Need
    package let offer: UUID
    package let place: Int
    /// The pupil's place in the order of need, 1 first.
    package let rank: Int
    package let reason: MatchReason
  }

  /// A pupil who is left over.
  package struct LeftNeed: Sendable, Hashable {
    package let need: Need
    package let rank: Int
    package let reason: MatchReason
  }

  /// Places of an offer that are left over.
  package struct LeftOffer: Sendable, Hashable {
    package let offer: UUID
    package let places: Int
    package let reason: MatchReason
  }

  package struct Outcome: Sendable, Hashable {
    /// In the order of need.
    package let pairs: [Pair]
    package let leftNeeds: [LeftNeed]
    /// In the offers' turn.
    package let leftOffers: [LeftOffer]
    /// What the wishes come to, the highest there is for those who are served.
    package let score: Int64
  }

  /// A pair that somebody decided on, or that stood before.
  package struct Chosen: Sendable, Hashable {
    package var student: UUID
    package var offer: UUID
    /// The number of the place, if one is meant.
    package var place: Int?

    package init(student: UUID, offer: UUID, place: Int? = nil) {
      self.student = student
      self.offer = offer
      self.place = place
    }
  }

  /// What is decided or known of pairs beforehand.
  package struct Choices: Sendable, Hashable {
    /// Pairs that stand, whatever else: their pupils and places are among those given.
    package var accepted: [Chosen] = []
    /// Pairs to be made.
    package var pinned: [Chosen] = []
    /// Pairs not to be made.
    package var forbidden: [Chosen] = []
    /// An earlier assignment, changed only where need or wishes ask it.
    package var earlier: [Chosen] = []

    package init(
      accepted: [Chosen] = [], pinned: [Chosen] = [], forbidden: [Chosen] = [],
      earlier: [Chosen] = []
    ) {
      self.accepted = accepted
      self.pinned = pinned
      self.forbidden = forbidden
      self.earlier = earlier
    }
  }

  /// The assignment, with a reason for each pair and for whatever is left over. Equal input gives
  /// equal output, in whatever order it comes.
  /// - Parameter seed: decides between pupils of one tier who wait equally long; see `order`.
  /// - Precondition: no pupil and no offer is given twice, and no wish weighs more than a million.
  package static func assign(needs: [Need], offers: [Offer], seed: String) -> Outcome {
    do {
      return try assign(needs: needs, offers: offers, seed: seed, choices: Choices())
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The same, within what is decided beforehand. The assignment is proved best before it is
  /// returned: it serves the best set of pupils in the order of need, of the ways to do so it meets
  /// most of the wishes, and of these it changes fewest of the earlier pairs.
  /// - Throws: `MatchingError` if what is decided contradicts itself or the rules.
  package static func assign(
    needs: [Need], offers: [Offer], seed: String, choices: Choices
  ) throws(MatchingError) -> Outcome {
    let offers = offers.filter { !$0.places.isEmpty }.sorted {
      $0.turn != $1.turn ? $0.turn < $1.turn : $0.id.uuidString < $1.id.uuidString
    }
    let problem = try MatchingProblem(order(needs, seed: seed), offers, choices)
    let result: AssignmentResult
    do throws(AssignmentError) {
      result = try problem.problem.solve()
    } catch {
      guard case .weightsTooLarge(let limit) = error else { preconditionFailure("\(error)") }
      throw .weightsTooLarge(limit: limit)
    }
    do {
      try CertificateCheck.verify(result, of: problem.problem)
    } catch {
      preconditionFailure("the assignment is not proved best: \(error)")
    }
    return outcome(problem, result, choices, seed: seed)
  }

  private static func outcome(
    _ problem: MatchingProblem, _ result: AssignmentResult, _ choices: Choices, seed: String
  ) -> Outcome {
    var left = LeftOver(problem, result)
    let places = PlaceNumbers(problem, result, choices)
    var pairs: [Pair] = []
    var leftNeeds: [LeftNeed] = []
    for (index, ranked) in problem.needs.enumerated() {
      let offer = Int(result.giverOfTaker[index])
      guard let place = places.number(of: index) else {
        let reason = left.reason(need: index)
        leftNeeds.append(LeftNeed(need: ranked.need, rank: ranked.rank, reason: reason))
        continue
      }
      let number = Int32(index)
      let reason: MatchReason =
        problem.accepted.contains(number)
        ? .accepted
        : .pair(
          ranked, offer: problem.offers[offer], seed: seed,
          isPinned: problem.pinned.contains(number))
      pairs.append(
        Pair(
          need: ranked.need, offer: problem.offers[offer].id, place: place,
          rank: ranked.rank, reason: reason))
    }
    var leftOffers: [LeftOffer] = []
    for (index, offer) in problem.offers.enumerated() where places.left(index) > 0 {
      leftOffers.append(
        LeftOffer(
          offer: offer.id, places: places.left(index), reason: left.reason(offer: index)))
    }
    return Outcome(
      pairs: pairs, leftNeeds: leftNeeds, leftOffers: leftOffers, score: problem.score(result))
  }
}
