import Foundation
import Postgres
import SchoolCalendar

/// Everything that a proposal for a semester is made of.
struct MatchInput {
  let semester: Semester
  let seed: String
  var pupils: [PupilCandidate]
  var offers: [OfferCandidate]
  var choices: Matching.Choices
  /// Offers kept for the pupil whose pairing they renew.
  let kept: Set<UUID>

  /// - Parameters:
  ///   - proposals: whose pairs do not count as another proposal's.
  ///   - earlier: pairs to be changed only where need or wishes ask it.
  /// - Throws: `ChoiceError.impossible`, `SchoolError.unknownSemester`.
  static func load(
    _ semester: Semester, district: String, ignoring proposals: [UUID] = [],
    earlier: [Matching.Chosen] = [], _ session: borrowing Session
  ) throws -> MatchInput {
    let term = try Semesters.record(semester, session, district)
    let pupils = try PupilCandidates.load(
      session, district: district, semester: semester, day: term.startsOn, ignoring: proposals)
    let offers = try OfferCandidates.load(session, district: district, ignoring: proposals)
    var (choices, kept) = try ChoiceRules.load(session, district).choices(semester, pupils, offers)
    choices.earlier = earlier
    return MatchInput(
      semester: semester, seed: Proposals.seed(semester, district: district), pupils: pupils,
      offers: offers, choices: choices, kept: kept)
  }

  /// - Throws: `MatchingError`.
  func assign() throws(MatchingError) -> Matching.Outcome {
    try Matching.assign(
      needs: pupils.filter { $0.obstacle == nil }.map(\.need),
      offers: offers.filter { $0.firstSemester <= semester && !kept.contains($0.offer.id) }
        .map(\.offer),
      seed: seed, choices: choices)
  }

  /// Why places of an offer are not proposed; nil if all that are free can be.
  func leftOut(_ offer: OfferCandidate) -> (places: Int, reason: MatchReason)? {
    guard kept.contains(offer.offer.id), !offer.offer.places.isEmpty else {
      return offer.leftOut(in: semester)
    }
    let reason = MatchReason(
      "renewal_waits", "该意向续助原受助学生，该学生目前还不能配对，名额为其保留。",
      "The offer renews the support of a pupil who cannot be paired yet. The place is kept for it.")
    return (offer.offer.places.count, reason)
  }
}
