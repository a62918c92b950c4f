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
  case supportEnded = "support_ended"
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
    case .supportEnded:
      MatchReason(
        rawValue, "结对已因学生一方的原因结束。重新认定备案后才可再结对。",
        "Its pairing ended for a reason of the pupil's own. It is paired again only after another "
          + "recognition is filed.")
    case .noConsent:
      MatchReason(
        rawValue, "监护人尚未同意结对，或满 14 周岁的学生本人尚未同意。请先登记：yibang consent give。",
        "The guardian, or from fourteen on the pupil, has not consented to pairing. Record it first: "
          + "yibang consent give.")
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

/// Reads pupils with everything that decides on them.
///
/// Each statement reads one table, and they are joined here: a join in SQL of so many tables, each
/// behind its policy, depends on statistics, and without them was seen to take a minute.
struct PupilCandidates {
  private let semester: Semester
  private var year: SchoolYear { semester.schoolYear }
  private var held: Set<UUID> = []
  private var paired: Set<UUID> = []
  /// When the last pairing ended.
  private var ended: [UUID: CalendarDate] = [:]
  /// When it last ended for the pupil's own reason, other than that it was completed.
  private var stopped: [UUID: CalendarDate] = [:]
  private var consented: Set<UUID> = []
  private var recognitions: [UUID: [Recognition]] = [:]
  private var conflictKeys: [UUID: Set<ConflictKey>] = [:]
  private var schools: [UUID: School] = [:]

  private struct School {
    let minimum: Money?
    let region: String?
  }

  private struct Recognition {
    let year: Int
    let tier: String
    let isFiled: Bool
    let filedOn: CalendarDate
    /// Whether it holds for the semester.
    let isPresent: Bool
  }

  /// Pupils who are recognised for the school year or have a guardian's consent.
  /// - Parameters:
  ///   - day: the consent is not at its end on it. It is on record, whatever day stands on it.
  ///   - students: only these, whatever their recognition and consent.
  ///   - proposals: whose pairs do not count as another proposal's.
  static func load(
    _ session: borrowing Session, district: String, semester: Semester,
    day: CalendarDate, students: [UUID]? = nil, ignoring proposals: [UUID] = []
  ) throws -> [PupilCandidate] {
    var candidates = PupilCandidates(semester: semester)
    try candidates.readStates(session, district, day, students, proposals)
    let wanted = students ?? candidates.wanted
    return try candidates.readPupils(session, district, wanted)
  }

  private init(semester: Semester) {
    self.semester = semester
  }

  private var wanted: [UUID] {
    let recognised = recognitions.filter { $0.value.contains { $0.year == year.firstYear } }
    return consented.union(recognised.keys).sorted { $0.uuidString < $1.uuidString }
  }

  // $1 district, $2 pupils (null: all), $3 proposals that do not count
  private static let heldPupils: SQL = """
    select r.student_id from proposal_pair r
    join proposal p on p.district_id = r.district_id and p.id = r.proposal_id
    where r.district_id = $1 and r.state = 'proposed' and p.state in ('proposed', 'approved')
      and ($2::uuid[] is null or r.student_id = any ($2)) and p.id <> all ($3)
    """
  // Not those whose pupils wait as before: ended by the sponsor, in error, or in search of another.
  private static let pairings: SQL = """
    select student_id, ended_on, end_reason <> 'completed' from pairing
    where district_id = $1 and rematch_since is null
      and (
        state = 'running'
        or not pairing_supports_on(end_reason) and end_reason <> 'ended_in_error'
      )
      and ($2::uuid[] is null or student_id = any ($2))
    """
  private static let consents: SQL = """
    select student_id from consents_covering('pairing', null, $1, $2, null)
    """
  // $1 district, $2 pupils (null: all), $3 school year, $4 semester; twelve years of school at most
  private static let recognised: SQL = """
    select student_id, school_year, tier, state = 'filed', filed_on,
      (select recognition_day($4::int)) between valid_from and valid_until
    from recognition
    where district_id = $1 and school_year between $3 - 12 and $3 and state <> 'replaced'
      and ($2::uuid[] is null or student_id = any ($2))
    """

  /// Open pairs are read before pairings: a pair that is accepted between the two statements is then
  /// seen as either or both, never as neither.
  private mutating func readStates(
    _ session: borrowing Session, _ district: String, _ day: CalendarDate,
    _ students: [UUID]?, _ proposals: [UUID]
  ) throws {
    let results = try session.batch([
      Bound(Self.heldPupils, district, students, proposals),
      Bound(Self.pairings, district, students), Bound(Self.consents, students, day),
      Bound(Self.recognised, district, students, year.firstYear, semester.ordinal),
    ])
    for row in results[0] { held.insert(try row.get(0)) }
    for row in results[1] {
      let student: UUID = try row.get(0)
      if let date: CalendarDate = try row.optional(1) {
        ended[student] = max(date, ended[student] ?? date)
        if try row.get(2) { stopped[student] = max(date, stopped[student] ?? date) }
      } else {
        paired.insert(student)
      }
    }
    for row in results[2] { consented.insert(try row.get(0)) }
    for row in results[3] {
      let recognition = Recognition(
        year: try row.get(1), tier: try row.get(2), isFiled: try row.get(3),
        filedOn: try row.get(4), isPresent: try row.get(5))
      recognitions[try row.get(0), default: []].append(recognition)
    }
  }

  private static let guardians: SQL = """
    select student_id, name, phone_hash, resident_hash from guardian
    where district_id = $1 and student_id = any ($2)
    """
  private static let homes: SQL = """
    select id, minimum_fen, region from school where district_id = $1
    """
  private static let pupils: SQL = """
    select id, school_id, name, grade, gender, head_teacher, resident_hash from student
    where district_id = $1 and id = any ($2)
    """

  private mutating func readPupils(
    _ session: borrowing Session, _ district: String, _ wanted: [UUID]
  ) throws -> [PupilCandidate] {
    let results = try session.batch([
      Bound(Self.guardians, district, wanted), Bound(Self.pupils, district, wanted),
      Bound(Self.homes, district),
    ])
    for row in results[2] {
      let minimum: Int64? = try row.optional(1)
      schools[try row.get(0)] = School(
        minimum: minimum.map { Money(fen: $0) }, region: try row.optional(2))
    }
    for row in results[0] {
      let student: UUID = try row.get(0)
      var keys: Set<ConflictKey> = [.name(normalizeName(try row.get(1)))]
      if let phone: [UInt8] = try row.optional(2) { keys.insert(.phone(phone)) }
      if let resident: [UInt8] = try row.optional(3) { keys.insert(.identity(resident)) }
      conflictKeys[student, default: []].formUnion(keys)
    }
    return try results[1].map { try candidate($0) }
  }

  private func candidate(_ row: Row) throws -> PupilCandidate {
    let (student, school): (UUID, UUID) = (try row.get(0), try row.get(1))
    let gender: String? = try row.optional(4)
    var keys = conflictKeys[student] ?? []
    if let own: [UInt8] = try row.optional(6) { keys.insert(.identity(own)) }
    if let teacher: String = try row.optional(5) {
      let name = normalizeName(teacher)
      keys.formUnion([.teacher(name, school: school), .teacher(name, school: nil)])
    }
    let tier = current(student).flatMap { Tier(rawValue: $0.tier) } ?? .general
    let need = Matching.Need(
      student: student, school: school, region: schools[school]?.region,
      grade: try row.optional(3), gender: gender.flatMap(ResidentID.Gender.init(rawValue:)),
      tier: tier, waitingSince: waitingSince(student), conflictKeys: keys,
      minimum: schools[school]?.minimum)
    return PupilCandidate(name: try row.get(2), need: need, obstacle: obstacle(student))
  }

  private func current(_ student: UUID) -> Recognition? {
    recognitions[student]?.first(where: \.isPresent)
  }

  /// A pupil waits since the first of the unbroken years of recognition, or since its last pairing
  /// ended.
  private func waitingSince(_ student: UUID) -> CalendarDate {
    var since = year.autumn.defaultDates.lowerBound
    let filed = Dictionary(
      (recognitions[student] ?? []).filter(\.isFiled).map { ($0.year, $0.filedOn) },
      uniquingKeysWith: min)
    for back in 0..<filed.count {
      guard let filedOn = filed[year.firstYear - back] else { break }
      since = back == 0 ? filedOn : min(since, filedOn)
    }
    return max(since, ended[student] ?? since)
  }

  private func obstacle(_ student: UUID) -> Ineligibility? {
    if paired.contains(student) { return .alreadyPaired }
    guard let recognition = current(student) else { return .recognitionMissing }
    if !recognition.isFiled { return .recognitionRevoked }
    if let stopped = stopped[student], recognition.filedOn <= stopped { return .supportEnded }
    if held.contains(student) { return .inAnotherProposal }
    return consented.contains(student) ? nil : .noConsent
  }
}
