package import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar

extension Cases {
  /// A department's word on which an assessment rests.
  package struct RecordedProof: Sendable, Codable {
    package let attempt: Int
    package let category: String
    package let department: String
    package let form: Proof.Form
    /// The list in which the pupil or a guardian was found, and its day.
    package let list: String?
    package let asOf: CalendarDate?
    package let seenOn: CalendarDate

    enum CodingKeys: String, CodingKey {
      case attempt, category, department, form, list
      case asOf = "as_of"
      case seenOn = "seen_on"
    }
  }

  private static let proofs: SQL = """
    select p.attempt, p.category, p.department, p.form, l.name, l.as_of, p.seen_on
    from case_proof p
    left join comparison_list l on l.district_id = p.district_id and l.id = p.list_id
    where p.district_id = $1 and p.case_id = $2
    order by p.attempt, p.category, p.department, p.form, l.name
    """

  /// The proofs of a case. Reading them is recorded, since they tell the category.
  /// - Throws: `RecognitionError.unknownCase`.
  package static func proofs(_ id: UUID, in context: Context) async throws -> [RecordedProof] {
    let actor = context.actor
    try actor.require(.readIdentities)
    return try await context.readTraced { session in
      guard try session.query(claims, actor.districtID, id).first != nil else {
        throw RecognitionError.unknownCase
      }
      let found = try session.query(proofs, actor.districtID, id).map { row in
        RecordedProof(
          attempt: Int(try row.get(0) as Int32), category: try row.get(1),
          department: try row.get(2), form: Proof.Form(rawValue: try row.get(3)) ?? .certificate,
          list: try row.optional(4), asOf: try row.optional(5), seenOn: try row.get(6))
      }
      _ = try session.batch([audit(actor, "recognition.read_proofs", id, [:])])
      return found
    }
  }

  private static let record: SQL = "select case_record_proofs($1, $2, $3, $4, $5, $6, $7)"

  /// Proofs that bear out what a family claims, each with the list it comes from.
  struct ClaimProof {
    let category: String
    let proof: Proof
    let list: UUID?
  }

  /// What was seen of the departments' words, and what the lists give. A hit under another name is
  /// no proof until somebody has looked at it.
  static func claimProofs(
    claims: [String], seen: [Proof], hits: [ComparisonLists.Hit], rules: RuleSet
  ) -> [ClaimProof] {
    claims.flatMap { claim in
      let accepted = rules.category(code: claim)?.departments ?? []
      return seen.filter { accepted.contains($0.department) }
        .map { ClaimProof(category: claim, proof: $0, list: nil) }
        + hits.filter {
          $0.category == claim && accepted.contains($0.department) && !$0.nameDiffers
        }
        .map { ClaimProof(category: claim, proof: $0.proof, list: $0.list) }
    }
  }

  static func record(
    _ proofs: [ClaimProof], case id: UUID, on day: CalendarDate, by actor: Actor
  ) -> Bound {
    Bound(
      record, id, proofs.map(\.category), proofs.map(\.proof.department),
      proofs.map(\.proof.form.rawValue), proofs.map(\.list), day, actor.userID)
  }
}
