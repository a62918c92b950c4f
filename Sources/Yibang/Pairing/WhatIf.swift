package import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar

/// What a proposal would be if something were otherwise. Nothing is stored.
package enum WhatIf {
  package enum Change: Sendable {
    /// An offer that nobody made yet; its sponsor is unknown, so no conflict is.
    case offer(amount: Money, places: Int, wish: Wish)
    case pupil(
      school: UUID, grade: String?, gender: ResidentID.Gender?, tier: Tier,
      waitingSince: CalendarDate)
    case withoutOffer(UUID)
    case withoutPupil(UUID)
  }

  /// A pupil whom the change reaches.
  package struct Line: Sendable, Codable {
    /// Nil for the pupil who was added.
    package let student: UUID?
    /// Masked.
    package let pupil: String
    package let school: String
    package let tier: Tier
    /// The sponsors, by their display names; nil without one.
    package let before: String?
    package let after: String?
    package let reason: MatchReason

    package var isServed: Bool { before == nil && after != nil }
  }

  package struct Result: Sendable, Codable {
    package let semester: Semester
    package let pairsBefore: Int
    package let pairsAfter: Int
    /// Pupils who get a sponsor, lose theirs or change it, in the order of need.
    package let lines: [Line]

    enum CodingKeys: String, CodingKey {
      case semester
      case pairsBefore = "pairs_before"
      case pairsAfter = "pairs_after"
      case lines
    }
  }

  private static let waiting: SQL = """
    select id from proposal where district_id = $1 and semester = $2 and state = 'proposed'
    """
  private static let names: SQL = """
    select o.id, donor_shown(d.anonymous, d.name, d.merged_into) from offer o
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    where o.district_id = $1 and o.id = any ($2)
    """
  private static let schools: SQL = "select id, name from school where district_id = $1"

  /// Matches the semester as it is, with the proposal that waits for approval as its beginning, and
  /// again with one change.
  /// - Throws: `PairingError.unknownOffer`, `StudentError.unknown`, `SchoolError`, `ChoiceError`,
  ///   `MatchingError`, `AccessError`.
  package static func run(
    _ semester: Semester, _ change: Change, in context: Context
  ) async throws -> Result {
    let actor = context.actor
    try actor.require(.match)
    return try await context.read { session in
      let district = actor.districtID
      let live: [UUID] = try session.query(waiting, district, semester.ordinal)
        .map { try $0.get(0) }
      let input = try MatchInput.load(
        semester, district: district, ignoring: live,
        earlier: Proposals.openPairs(of: live, session, actor), session)
      let before = try input.assign()
      var changed = input
      let added = try changed.apply(change, session, district)
      changed.choices.earlier = before.pairs.map {
        Matching.Chosen(student: $0.need.student, offer: $0.offer, place: $0.place)
      }
      let after = try changed.assign()
      let lines = try lines(before, after, changed, added, session, district)
      return Result(
        semester: semester, pairsBefore: before.pairs.count, pairsAfter: after.pairs.count,
        lines: lines)
    }
  }

  private static func lines(
    _ before: Matching.Outcome, _ after: Matching.Outcome, _ input: MatchInput, _ added: UUID?,
    _ session: borrowing Session, _ district: String
  ) throws -> [Line] {
    let offers = Array(Set((before.pairs + after.pairs).map(\.offer)))
    let results = try session.batch([
      Bound(names, district, offers), Bound(schools, district),
    ])
    var sponsors: [UUID: String] = [:]
    for row in results[0] { sponsors[try row.get(0)] = try row.get(1) }
    var schools: [UUID: String] = [:]
    for row in results[1] { schools[try row.get(0)] = try row.get(1) }
    let pupils = Dictionary(uniqueKeysWithValues: input.pupils.map { ($0.need.student, $0.name) })
    let one = Dictionary(uniqueKeysWithValues: before.pairs.map { ($0.need.student, $0.offer) })
    let two = Dictionary(uniqueKeysWithValues: after.pairs.map { ($0.need.student, $0.offer) })
    var lines: [(rank: Int, line: Line)] = []
    func add(_ need: Matching.Need, _ rank: Int, _ reason: MatchReason) {
      let (old, new) = (one[need.student], two[need.student])
      let isAdded = need.student == added
      guard old != new || isAdded else { return }
      let line = Line(
        student: isAdded ? nil : need.student,
        pupil: isAdded ? "+" : maskedName(pupils[need.student] ?? "?"),
        school: schools[need.school] ?? "?", tier: need.tier,
        before: old.map { sponsors[$0] ?? "+" }, after: new.map { sponsors[$0] ?? "+" },
        reason: reason)
      lines.append((rank, line))
    }
    for pair in after.pairs { add(pair.need, pair.rank, pair.reason) }
    for left in after.leftNeeds { add(left.need, left.rank, left.reason) }
    return lines.sorted { $0.rank < $1.rank }.map(\.line)
  }
}

extension MatchInput {
  private static let terms: SQL = """
    select minimum_fen, region from school where district_id = $1 and id = $2
    """

  /// - Returns: the pupil who was added.
  fileprivate mutating func apply(
    _ change: WhatIf.Change, _ session: borrowing Session, _ district: String
  ) throws -> UUID? {
    switch change {
    case .offer(let amount, let places, let wish):
      guard (1...1000).contains(places) else { throw PairingError.offerPlaces(places) }
      var wish = wish
      wish.normalise()
      let offer = Matching.Offer(
        id: UUID.v7(), places: Array(1...places), wish: wish, turn: offers.count, amount: amount)
      offers.append(
        OfferCandidate(
          offer: offer, isOpen: true, firstSemester: semester, amount: amount, donor: UUID.v7(),
          taken: [], held: 0))
    case .pupil(let school, let grade, let gender, let tier, let since):
      let row = try session.query(Self.terms, district, school).first
      let minimum: Int64? = try row?.optional(0)
      let need = Matching.Need(
        student: UUID.v7(), school: school, region: try row?.optional(1), grade: grade,
        gender: gender, tier: tier, waitingSince: since, minimum: minimum.map { Money(fen: $0) })
      pupils.append(PupilCandidate(name: "", need: need, obstacle: nil))
      return need.student
    case .withoutOffer(let id):
      guard offers.contains(where: { $0.offer.id == id }) else {
        throw PairingError.unknownOffer(id)
      }
      offers.removeAll { $0.offer.id == id }
      choices.pinned.removeAll { $0.offer == id }
    case .withoutPupil(let id):
      guard pupils.contains(where: { $0.need.student == id }) else {
        throw StudentError.unknown(id)
      }
      pupils.removeAll { $0.need.student == id }
      choices.pinned.removeAll { $0.student == id }
    }
    return nil
  }
}
