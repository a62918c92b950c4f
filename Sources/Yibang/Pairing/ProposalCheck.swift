import Foundation
import Postgres
import SchoolCalendar

extension Proposals {
  /// A pair that waits to be accepted.
  struct OpenPair {
    let id: UUID
    let student: UUID
    let offer: UUID
    let place: Int32
    let heldUntil: CalendarDate?
  }

  // In the order of pupils: whoever accepts takes them in the same order.
  private static let pairsOfProposal: SQL = """
    select id, student_id, offer_id, place, state, held_until from proposal_pair
    where district_id = $1 and proposal_id = $2 and ($3::uuid is null or id = $3)
    order by student_id
    """

  /// - Throws: `PairingError` if the proposal's state, or the pair's, is another.
  static func openPairs(
    _ id: UUID, of proposal: Locked, _ session: borrowing Session, _ actor: Actor
  ) throws -> [OpenPair] {
    let only = proposal.id == id ? nil : id
    let rows = try session.query(pairsOfProposal, actor.districtID, proposal.id, only)
    var opened: [OpenPair] = []
    for row in rows {
      let state = PairState(rawValue: try row.get(4)) ?? .lapsed
      if state != .proposed, let only { throw PairingError.pairDecided(only, state) }
      guard state == .proposed else { continue }
      opened.append(
        OpenPair(
          id: try row.get(0), student: try row.get(1), offer: try row.get(2),
          place: try row.get(3), heldUntil: try row.optional(5)))
    }
    switch proposal.state {
    case .proposed: throw PairingError.notApproved(proposal.id)
    case .accepted: throw PairingError.alreadyAccepted(proposal.id)
    case .withdrawn: throw PairingError.alreadyWithdrawn(proposal.id)
    case .approved: return opened
    }
  }

  private static let lockStudents: SQL = """
    select from student where district_id = $1 and id = any ($2) order by id for key share
    """
  private static let lockRecognitions: SQL = """
    select recognition_hold($1, $2::int)
    """
  private static let lockOffers: SQL = """
    select from offer where district_id = $1 and id = any ($2) order by id for share
    """

  /// Holds what the check reads until the pairings are written. Who withdraws a consent locks the
  /// proposal first, so that comes either before the check or after the pairing.
  static func lockEligibility(
    _ pairs: [OpenPair], _ semester: Semester, _ session: borrowing Session, _ actor: Actor
  ) throws {
    let district = actor.districtID
    let students = pairs.map(\.student)
    _ = try session.batch([
      Bound(lockStudents, district, students),
      Bound(lockRecognitions, students, semester.schoolYear.firstYear),
      Bound(lockOffers, district, pairs.map(\.offer)),
    ])
  }

  // Pupils whose support for the semester is in a payment batch: a sponsor's three years begin after it.
  private static let had: SQL = """
    select student_id from payouts($1::int, null, $2)
    where batch_id is not null or state = 'carried'
    """

  /// - Throws: `PairingError`, or `HoldError.over`, of the first pair, in the order of pupils, that
  ///   cannot be.
  static func check(
    _ pairs: [OpenPair], _ proposal: Locked, on date: CalendarDate,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> [PairingDraft] {
    let district = actor.districtID
    let semester = proposal.semester
    let term = try Semesters.record(semester, session, district)
    guard date <= term.endsOn else {
      throw PairingError.acceptedAfterSemester(semester, endsOn: term.endsOn)
    }
    if let approvedOn = proposal.approvedOn, date < approvedOn {
      throw PairingError.acceptedBeforeApproval(proposal.id, approvedOn)
    }
    let pupils = try PupilCandidates.load(
      session, district: district, semester: semester, day: date,
      students: pairs.map(\.student), ignoring: [proposal.id])
    let offers = try OfferCandidates.load(
      session, district: district, offers: pairs.map(\.offer))
    let pupilByID = Dictionary(uniqueKeysWithValues: pupils.map { ($0.need.student, $0) })
    let offerByID = Dictionary(uniqueKeysWithValues: offers.map { ($0.offer.id, $0) })
    let had = Set(
      try session.query(had, semester.ordinal, pairs.map(\.student)).map { try $0.get(0) as UUID })
    let inConflict = try endedForConflict(pairs.map(\.id), session, actor)
    let supportedUntil = try supportedUntil(pairs.map(\.student), session, district)
    return try pairs.map { pair in
      if let until = pair.heldUntil, until < date { throw HoldError.over(pair.id, until: until) }
      guard let pupil = pupilByID[pair.student], let offer = offerByID[pair.offer] else {
        throw PairingError.unknownPair(pair.id)
      }
      try check(pair, pupil, offer, semester, endedBefore: inConflict.contains(pair.id))
      if let last = supportedUntil[pair.student], date < last {
        throw PairingError.supportedBefore(
          pair: pair.id, pupil: maskedName(pupil.name), until: last)
      }
      let first = had.contains(pair.student) ? semester.successor : semester
      let plan = try InstalmentPlan(
        first: first, firstEnd: first == semester ? term.endsOn : first.defaultDates.upperBound,
        startingOn: date, amountPerSemester: offer.amount)
      return PairingDraft(
        proposalPair: pair.id, school: pupil.need.school, student: pair.student,
        donor: offer.donor, offer: pair.offer, place: pair.place, plan: plan)
    }
  }

  private static let supported: SQL = """
    select student_id, max(coalesce(ended_on, started_on)) from pairing
    where district_id = $1 and student_id = any ($2)
    group by student_id
    """

  /// The day on which a pupil's pairing of before ended, or began if it goes on.
  private static func supportedUntil(
    _ students: [UUID], _ session: borrowing Session, _ district: String
  ) throws -> [UUID: CalendarDate] {
    let rows = try session.query(supported, district, students)
    return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get(0), try $0.get(1)) })
  }

  private static func check(
    _ pair: OpenPair, _ pupil: PupilCandidate, _ offer: OfferCandidate, _ semester: Semester,
    endedBefore: Bool
  ) throws(PairingError) {
    let name = maskedName(pupil.name)
    switch pupil.obstacle {
    case .alreadyPaired: throw .pupilAlreadyPaired(pair: pair.id, pupil: name)
    case let obstacle? where obstacle != .inAnotherProposal:
      let reason = obstacle.reason(semester.schoolYear).text
      throw .notEligible(pair: pair.id, pupil: name, reason: reason)
    default: break
    }
    guard offer.isOpen else { throw .offerNotOpen(pair: pair.id, pupil: name) }
    guard !offer.taken.contains(pair.place) else {
      throw .placeTaken(pair: pair.id, pupil: name)
    }
    if let kind = conflict(pupil, offer, endedBefore: endedBefore) {
      throw .conflict(pair: pair.id, pupil: name, kind: kind)
    }
  }
}
