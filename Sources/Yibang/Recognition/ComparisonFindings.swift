package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

extension ComparisonLists {
  /// A pupil on a current list, and what is recorded of the pupil this school year.
  package struct Finding: Sendable, Codable {
    /// How the list and the records do not agree. It is for a person to look at.
    package enum Contradiction: String, Sendable, Codable, CaseIterable {
      /// The list gives that ID number to somebody of another name.
      case nameDiffers = "name_differs"
      /// The family applied and did not name the list's category.
      case notClaimed = "not_claimed"
      /// The family names the category, and stands on no current list of it.
      case notListed = "not_listed"
      /// The same, and there is no ID number to compare by.
      case noNumber = "no_number"
      /// The same, and the guardian withdrew the consent to data matching: the family proves it
      /// otherwise.
      case consentWithdrawn = "consent_withdrawn"
      /// Recognised in an easier tier than the rules give to the list's category.
      case tierBelow = "tier_below"

      package var name: Text {
        switch self {
        case .nameDiffers: Text("姓名与名单不符", "another name on the list")
        case .notClaimed: Text("在名单上，申请未写", "listed, not claimed")
        case .notListed: Text("申请写了，不在名单上", "claimed, not listed")
        case .noNumber: Text("无身份证号，无法比对", "no ID number to compare")
        case .consentWithdrawn: Text("已撤回比对同意，须另交证明", "matching not consented to, to be proven")
        case .tierBelow: Text("认定等级低于名单类别", "recognised below the list's category")
        }
      }
    }

    package let student: UUID
    package let school: String
    package let grade: String?
    package let className: String?
    package let name: String
    package let category: String
    /// Nil where the pupil is on no list.
    package let list: String?
    package let asOf: CalendarDate?
    /// Whether a guardian is on the list, and not the pupil.
    package let throughGuardian: Bool
    /// The case of this school year; nil where the family did not apply, and may be invited to.
    package let state: CaseState?
    package let contradictions: [Contradiction]

    enum CodingKeys: String, CodingKey {
      case student, school, grade
      case className = "class"
      case name, category, list
      case asOf = "as_of"
      case throughGuardian = "through_guardian"
      case state, contradictions
    }
  }

  // Pupils of whom something is recorded this school year, the latest of it, or who are named.
  private static let pupils: SQL = """
    select s.id, h.name, s.grade, s.class_name, s.name, s.resident_hash is not null, c.state,
      c.claims_sealed, r.tier, w.student_id is not null,
      array(
        select p.category from case_proof p
        where p.district_id = s.district_id and p.case_id = c.id and p.attempt = c.attempt
          and p.form <> 'dataMatch'
      ), c.id
    from student s
    join school h on h.district_id = s.district_id and h.id = s.school_id
    left join lateral (
      select k.id, k.state, k.claims_sealed, k.attempt from recognition_case k
      join recognition_round q on q.district_id = k.district_id and q.id = k.round_id
      where k.district_id = s.district_id and k.student_id = s.id and q.school_year = $3
        and k.state <> 'withdrawn'
      order by k.applied_on desc, k.id desc
      limit 1
    ) as c on true
    left join lateral (
      select t.tier from recognition t
      where t.district_id = s.district_id and t.student_id = s.id and t.school_year = $3
        and t.state = 'filed'
      order by t.valid_from desc
      limit 1
    ) as r on true
    left join data_match_withdrawn(null) w on w.student_id = s.id
    where s.district_id = $1 and ($2::uuid is null or s.school_id = $2)
      and (s.id = any ($4) or c.id is not null)
    order by h.code, s.grade, s.class_name, s.name collate "zh-x-icu", s.id
    """

  /// Pupils on the current lists, and claims that the lists do not bear out, by school and class.
  /// Reading them is recorded.
  /// - Parameters:
  ///   - contradictionsOnly: only where list and records do not agree.
  ///   - notAppliedOnly: only pupils whose families did not apply.
  /// - Throws: `AccessError`.
  package static func findings(
    school: UUID?, year: SchoolYear, contradictionsOnly: Bool, notAppliedOnly: Bool,
    in context: Context
  ) async throws -> [Finding] {
    try await findings(school: school, year: year, in: context).filter {
      (!contradictionsOnly || !$0.contradictions.isEmpty) && (!notAppliedOnly || $0.state == nil)
    }
  }

  /// All of them.
  package static func findings(
    school: UUID?, year: SchoolYear, in context: Context
  ) async throws -> [Finding] {
    let actor = context.actor
    try actor.require(.recognise)
    try actor.require(.readIdentities)
    if let school { try actor.require(school: school) }
    let vault = context.platform.vault
    return try await context.readTraced { session in
      let found = Dictionary(
        grouping: try hits(school: school, student: nil, session, vault), by: \.student)
      let rules = try RuleBook(session, district: actor.districtID).chosen(for: year)
      let listed = Set(try all(session, actor).filter(\.isCurrent).map(\.category))
      var findings: [Finding] = []
      for row in try session.query(
        pupils, actor.districtID, school, year.firstYear, Array(found.keys))
      {
        let pupil = try Pupil(row, vault)
        findings += pupil.compare(
          with: found[pupil.id] ?? [], listed: listed, under: rules)
      }
      _ = try session.batch([
        Audit.statement(
          actor, "comparison.read", subject: "comparison_list", id: nil, school: school,
          after: ["findings": "\(findings.count)"])
      ])
      return findings
    }
  }

  private struct Pupil {
    let id: UUID
    let school: String
    let grade: String?
    let className: String?
    let name: String
    let hasNumber: Bool
    let state: CaseState?
    let claims: [String]
    let tier: Tier?
    let withdrew: Bool
    /// Categories that the case proves without a list.
    let proven: [String]

    /// Why a claim is borne out by no list; nil if it need not be.
    private func missing(_ claim: String) -> Finding.Contradiction? {
      if withdrew { return proven.contains(claim) ? nil : .consentWithdrawn }
      return hasNumber ? .notListed : .noNumber
    }

    init(_ row: Row, _ vault: Vault) throws {
      id = try row.get(0)
      school = try row.get(1)
      grade = try row.optional(2)
      className = try row.optional(3)
      name = try row.get(4)
      hasNumber = try row.get(5)
      state = (try row.optional(6) as String?).flatMap(CaseState.init)
      claims = try row.optional(11).map { try vault.claims(try row.optional(7), of: $0) } ?? []
      tier = (try row.optional(8) as String?).flatMap(Tier.init)
      withdrew = try row.get(9)
      proven = try row.get(10)
    }

    func compare(
      with hits: [Hit], listed: Set<String>, under rules: RuleSet
    ) -> [Finding] {
      // Whoever is on a list in person is not named for a guardian as well.
      let own = Set(hits.filter { !$0.isGuardian }.map(\.list))
      let onLists = hits.filter { !$0.isGuardian || !own.contains($0.list) }
        .map { finding($0.category, $0, contradictions(of: $0, rules)) }
      let unlisted = claims.filter { claim in
        listed.contains(claim) && !hits.contains { $0.category == claim }
      }
      return onLists
        + unlisted.compactMap { claim in missing(claim).map { finding(claim, nil, [$0]) } }
    }

    private func contradictions(
      of hit: Hit, _ rules: RuleSet
    ) -> [Finding.Contradiction] {
      var found: [Finding.Contradiction] = []
      if hit.nameDiffers { found.append(.nameDiffers) }
      if state != nil && !claims.contains(hit.category) { found.append(.notClaimed) }
      if let tier, let ruled = rules.category(code: hit.category)?.defaultTier, tier < ruled {
        found.append(.tierBelow)
      }
      return found
    }

    private func finding(
      _ category: String, _ hit: Hit?, _ contradictions: [Finding.Contradiction]
    ) -> Finding {
      Finding(
        student: id, school: school, grade: grade, className: className, name: name,
        category: category, list: hit?.listName, asOf: hit?.asOf,
        throughGuardian: hit?.isGuardian ?? false, state: state, contradictions: contradictions)
    }
  }
}
