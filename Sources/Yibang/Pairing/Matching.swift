package import Foundation
package import HardshipRecognition
package import SchoolCalendar

/// Assigns waiting pupils to sponsors' places: pure, deterministic, no I/O.
///
/// Hard rule: a sponsor who is related to a pupil, or teaches its class, is never its sponsor
/// (`ConflictKey`). Whom the places serve is best in the order of need: a pupil is served whenever
/// that is possible without giving up one who comes before it. Wishes are soft: they decide only
/// which of the possible places a pupil gets.
package enum Matching {
  /// A pupil who waits for a sponsor.
  package struct Need: Sendable, Hashable {
    package var student: UUID
    package var school: UUID
    package var grade: String?
    package var gender: ResidentID.Gender?
    package var tier: Tier
    package var waitingSince: CalendarDate
    /// What a sponsor in conflict with the pupil would have in common with it.
    package var conflictKeys: Set<ConflictKey>

    package init(
      student: UUID, school: UUID, grade: String? = nil, gender: ResidentID.Gender? = nil,
      tier: Tier, waitingSince: CalendarDate, conflictKeys: Set<ConflictKey> = []
    ) {
      self.student = student
      self.school = school
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

    package init(
      id: UUID, places: [Int] = [1], wish: Wish = Wish(), turn: Int,
      conflictKeys: Set<ConflictKey> = []
    ) {
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
  }

  /// The assignment, with a reason for each pair and for whatever is left over. Equal input gives
  /// equal output, in whatever order it comes.
  /// - Parameter seed: decides between pupils of one tier who wait equally long; see `order`.
  /// - Precondition: no pupil and no offer is given twice.
  package static func assign(needs: [Need], offers: [Offer], seed: String) -> Outcome {
    let ranked = order(needs, seed: seed)
    let offers = offers.filter { !$0.places.isEmpty }.sorted {
      $0.turn != $1.turn ? $0.turn < $1.turn : $0.id.uuidString < $1.id.uuidString
    }
    var table = AssignmentTable(needs: ranked.map(\.need), offers: offers)
    table.assign()
    table.exchange()
    return outcome(ranked, offers, table, seed: seed)
  }

  private static func outcome(
    _ ranked: [RankedNeed], _ offers: [Offer], _ table: AssignmentTable, seed: String
  ) -> Outcome {
    var pairs: [Pair] = []
    var leftNeeds: [LeftNeed] = []
    var free = offers.map { Array($0.places.sorted().reversed()) }
    for (index, ranked) in ranked.enumerated() {
      guard let offer = table.offerOfNeed[index], let place = free[offer].popLast() else {
        let kinds = table.conflictsOfLeftNeed[index] ?? []
        let reason = MatchReason.left(conflicts: kinds, hadPlaces: !offers.isEmpty)
        leftNeeds.append(LeftNeed(need: ranked.need, rank: ranked.rank, reason: reason))
        continue
      }
      let reason = MatchReason.pair(ranked, wish: offers[offer].wish, seed: seed)
      pairs.append(
        Pair(
          need: ranked.need, offer: offers[offer].id, place: place, rank: ranked.rank,
          reason: reason))
    }
    var leftOffers: [LeftOffer] = []
    for (index, offer) in offers.enumerated() where !free[index].isEmpty {
      let kinds = table.conflictsOfFreeOffer(index)
      leftOffers.append(
        LeftOffer(
          offer: offer.id, places: free[index].count,
          reason: .leftOffer(conflicts: kinds, allServed: leftNeeds.isEmpty)))
    }
    return Outcome(pairs: pairs, leftNeeds: leftNeeds, leftOffers: leftOffers)
  }
}
