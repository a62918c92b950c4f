import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar

/// Why a pupil cannot be proposed, or a proposed one not be accepted.
enum Ineligibility: String, Sendable, CaseIterable {
  case alreadyPaired = "already_paired"
  case inAnotherProposal = "in_another_proposal"
  case recognitionMissing = "recognition_missing"
  case recognitionRevoked = "recognition_revoked"
  case noConsent = "no_consent"

  func reason(_ year: SchoolYear) -> MatchReason {
    switch self {
    case .alreadyPaired:
      MatchReason(rawValue, "已有资助人。", "Has a sponsor already.")
    case .inAnotherProposal:
      MatchReason(
        rawValue, "已在另一份尚未完成的结对方案中。", "Stands in another proposal that is still open.")
    case .recognitionMissing:
      MatchReason(
        rawValue, "\(year.zh)没有备案的困难认定。请先完成认定。",
        "No recognition is filed for \(year). File it first.")
    case .recognitionRevoked:
      MatchReason(
        rawValue, "\(year.zh)的困难认定已撤销。", "The recognition for \(year) was revoked.")
    case .noConsent:
      MatchReason(
        rawValue, "监护人尚未同意。请先登记：yibang student consent。",
        "The guardian has not consented. Record it first: yibang student consent.")
    }
  }
}

/// A pupil with what decides whether it can be paired: recognised for the school year, consented to
/// by its guardian, without a sponsor, in no other live proposal.
struct PupilCandidate {
  let name: String
  let need: Matching.Need
  let obstacle: Ineligibility?
}

enum PupilCandidates {
  // Pupils who are recognised for the school year, or have a guardian's consent. A pupil waits since
  // the first of the unbroken years of recognition, or since its last pairing ended.
  // $1 district, $2 school year, $3 pupils (null: all), $4 own proposal (null: none)
  private static let candidates: SQL = """
    select s.id, s.school_id, s.name, s.grade, s.gender, s.head_teacher, s.resident_hash,
      r.tier, r.state, greatest(waiting.since, earlier.ended_on) as since,
      c.id is not null as consented, p.id is not null as paired, held.student_id is not null,
      g.names, g.phones, g.residents
    from student s
    left join recognition r
      on r.district_id = s.district_id and r.student_id = s.id and r.school_year = $2
    left join consent c
      on c.district_id = s.district_id and c.student_id = s.id and c.scope = 'pairing'
      and c.withdrawn_on is null
    left join pairing p
      on p.district_id = s.district_id and p.student_id = s.id and p.state = 'running'
    left join (
      select distinct pp.student_id from proposal_pair pp
      join proposal pr on pr.district_id = pp.district_id and pr.id = pp.proposal_id
      where pp.district_id = $1 and pp.state = 'proposed' and pr.state in ('proposed', 'approved')
        and pr.id is distinct from $4::uuid
    ) held on held.student_id = s.id
    left join lateral (
      select min(y.filed_on) as since
      from (
        select f.filed_on, f.school_year + row_number() over (order by f.school_year desc) as run
        from recognition f
        where f.district_id = s.district_id and f.student_id = s.id and f.state = 'filed'
          and f.school_year <= $2
      ) y
      where y.run = $2 + 1
    ) waiting on true
    left join lateral (
      select max(e.ended_on) as ended_on from pairing e
      where e.district_id = s.district_id and e.student_id = s.id
    ) earlier on true
    left join lateral (
      select array_agg(k.name) as names,
        array_agg(k.phone_hash) filter (where k.phone_hash is not null) as phones,
        array_agg(k.resident_hash) filter (where k.resident_hash is not null) as residents
      from guardian k
      where k.district_id = s.district_id and k.student_id = s.id
    ) g on true
    where s.district_id = $1 and ($3::uuid[] is null or s.id = any ($3))
      and (r.id is not null or c.id is not null or $3::uuid[] is not null)
    """

  /// - Parameters:
  ///   - students: only these, whatever their recognition and consent.
  ///   - proposal: whose pairs do not count as another proposal's.
  static func load(
    _ session: borrowing Session, district: String, year: SchoolYear, students: [UUID]? = nil,
    proposal: UUID? = nil
  ) throws -> [PupilCandidate] {
    let rows = try session.query(candidates, district, year.firstYear, students, proposal)
    return try rows.map { try candidate($0, year) }
  }

  private static func candidate(_ row: Row, _ year: SchoolYear) throws -> PupilCandidate {
    let tier: String? = try row.optional(7)
    let state: String? = try row.optional(8)
    let gender: String? = try row.optional(4)
    let start = year.autumn.defaultDates.lowerBound
    let need = Matching.Need(
      student: try row.get(0), school: try row.get(1), grade: try row.optional(3),
      gender: gender.flatMap(ResidentID.Gender.init(rawValue:)),
      tier: tier.flatMap(Tier.init(rawValue:)) ?? .general,
      waitingSince: try row.optional(9) ?? start, conflictKeys: try conflictKeys(row))
    return PupilCandidate(
      name: try row.get(2), need: need, obstacle: try obstacle(row, recognition: state))
  }

  private static func obstacle(_ row: Row, recognition: String?) throws -> Ineligibility? {
    if try row.get(11) { return .alreadyPaired }
    if recognition == nil { return .recognitionMissing }
    if recognition != "filed" { return .recognitionRevoked }
    if try row.get(12) { return .inAnotherProposal }
    return try row.get(10) ? nil : .noConsent
  }

  private static func conflictKeys(_ row: Row) throws -> Set<ConflictKey> {
    var keys: Set<ConflictKey> = []
    let names: [String] = try row.optional(13) ?? []
    let phones: [[UInt8]] = try row.optional(14) ?? []
    let residents: [[UInt8]] = try row.optional(15) ?? []
    keys.formUnion(names.map { .name($0) })
    keys.formUnion(phones.map { .phone($0) })
    keys.formUnion(residents.map { .identity($0) })
    if let own: [UInt8] = try row.optional(6) { keys.insert(.identity(own)) }
    if let teacher: String = try row.optional(5) {
      let name = normalizeName(teacher)
      keys.insert(.teacher(name, school: try row.get(1)))
      keys.insert(.teacher(name, school: nil))
    }
    return keys
  }
}
