import Foundation
import Postgres
import SchoolCalendar

/// The decisions in force, and what they come to for one proposal.
struct ChoiceRules {
  private struct Pair: Hashable {
    let student: UUID
    let offer: UUID
  }

  private struct Pin {
    let pair: Pair
    let isRenewal: Bool
  }

  private var pins: [Pin] = []
  private var forbidden: Set<Pair> = []

  private static let pinned: SQL = """
    select c.student_id, c.offer_id, c.origin = 'renewal' from match_choice c
    where c.district_id = $1 and c.kind = 'pinned' and c.ended_at is null
      and not exists (
        select from pairing p
        where p.district_id = c.district_id and p.student_id = c.student_id
          and p.offer_id = c.offer_id
      )
    order by c.id
    """
  // Whoever declined a pupil, or is in conflict of interest with it, under whatever record and with whatever offer, is not asked again.
  private static let excluded: SQL = """
    with gone as (
      select c.student_id, c.offer_id, c.origin,
        case when d.merged_into is null then d.id else d.merged_into end as person
      from match_choice c
      join offer o on o.district_id = c.district_id and o.id = c.offer_id
      join donor d on d.district_id = o.district_id and d.id = o.donor_id
      where c.district_id = $1 and c.kind = 'forbidden' and c.ended_at is null
    )
    select student_id, offer_id from gone
    union
    select g.student_id, o.id from gone g
    join donor m
      on m.district_id = $1
        and g.person = case when m.merged_into is null then m.id else m.merged_into end
    join offer o on o.district_id = $1 and o.donor_id = m.id and o.state = 'open'
    where g.origin in ('declined', 'conflict')
    """

  static func load(_ session: borrowing Session, _ district: String) throws -> ChoiceRules {
    let results = try session.batch([Bound(pinned, district), Bound(excluded, district)])
    var rules = ChoiceRules()
    rules.pins = try results[0].map {
      Pin(pair: Pair(student: try $0.get(0), offer: try $0.get(1)), isRenewal: try $0.get(2))
    }
    rules.forbidden = Set(
      try results[1].map { Pair(student: try $0.get(0), offer: try $0.get(1)) })
    return rules
  }

  /// Why a pupil and an offer can never be a pair; nil if they can.
  func obstacle(_ need: Matching.Need, _ offer: OfferCandidate) -> Text? {
    if !offer.isOpen { return Text("资助意向已撤回", "the offer was withdrawn") }
    if forbidden.contains(Pair(student: need.student, offer: offer.offer.id)) {
      return Text("这一对已被排除", "the pair is excluded")
    }
    return Matching.Obstacles(need, offer.offer).text
  }

  /// The pairs that a proposal makes whatever else, those that it never makes, and the offers kept for
  /// a pupil whose pairing they renew and that cannot be paired yet.
  /// - Throws: `ChoiceError.impossible`.
  func choices(
    _ semester: Semester, _ pupils: [PupilCandidate], _ offers: [OfferCandidate]
  ) throws(ChoiceError) -> (choices: Matching.Choices, kept: Set<UUID>) {
    let pupilByID = Dictionary(uniqueKeysWithValues: pupils.map { ($0.need.student, $0) })
    let offerByID = Dictionary(uniqueKeysWithValues: offers.map { ($0.offer.id, $0) })
    var (choices, kept) = (Matching.Choices(), Set<UUID>())
    var seats = offerByID.mapValues(\.offer.places.count)
    for pin in pins {
      let (student, offer) = (pin.pair.student, pin.pair.offer)
      func refuse(_ why: Text) -> ChoiceError {
        .impossible(student: student, offer: offer, why: why)
      }
      guard let candidate = offerByID[offer] else {
        throw refuse(Text("资助意向已撤回", "the offer was withdrawn"))
      }
      if candidate.firstSemester > semester { continue }
      let pupil = pupilByID[student]
      let obstacle = pupil == nil ? Ineligibility.recognitionMissing : pupil?.obstacle
      if pin.isRenewal, obstacle != nil {
        kept.insert(offer)
        continue
      }
      switch obstacle {
      case .inAnotherProposal: continue
      case let obstacle?:
        let words = obstacle.reason(semester.schoolYear)
        throw refuse(Text(String(words.zh.dropLast()), String(words.en.dropLast())))
      case nil: break
      }
      if let pupil, let why = self.obstacle(pupil.need, candidate) { throw refuse(why) }
      guard let free = seats[offer], free > 0 else {
        if candidate.held > 0 { continue }
        throw refuse(Text("没有空余名额", "no place is free"))
      }
      seats[offer] = free - 1
      choices.pinned.append(Matching.Chosen(student: student, offer: offer))
    }
    choices.forbidden = forbidden.map { Matching.Chosen(student: $0.student, offer: $0.offer) }
    return (choices, kept)
  }
}
