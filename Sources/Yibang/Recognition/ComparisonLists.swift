package import Foundation
import HardshipRecognition
import Postgres
package import SchoolCalendar

/// The county's lists of people whom a department has recognised (脱贫, 低保, 特困, 残疾 …), held
/// against pupils and their guardians by ID number.
package enum ComparisonLists {
  package struct List: Sendable, Codable {
    package let id: UUID
    package let name: String
    /// A category's code in the rule set.
    package let category: String
    /// The department whose word it is, as the rule set codes it.
    package let department: String
    package let asOf: CalendarDate
    /// False once a later list of the same name is there.
    package let isCurrent: Bool

    enum CodingKeys: String, CodingKey {
      case id, name, category, department
      case asOf = "as_of"
      case isCurrent = "current"
    }
  }

  private static let lists: SQL = """
    select l.id, l.name, l.category, l.department, l.as_of,
      not exists (
        select from comparison_list q
        where q.district_id = l.district_id and q.name = l.name and q.as_of > l.as_of
      )
    from comparison_list l
    where l.district_id = $1
    order by l.name, l.as_of desc
    """

  package static func list(in context: Context) async throws -> [List] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { try all($0, actor) }
  }

  static func all(_ session: borrowing Session, _ actor: Actor) throws -> [List] {
    try session.query(lists, actor.districtID).map { row in
      List(
        id: try row.get(0), name: try row.get(1), category: try row.get(2),
        department: try row.get(3), asOf: try row.get(4), isCurrent: try row.get(5))
    }
  }

  /// Where a pupil, or the pupil's guardian, stands on a current list.
  struct Hit {
    let student: UUID
    let list: UUID
    let listName: String
    let category: String
    let department: String
    let asOf: CalendarDate
    let isGuardian: Bool
    /// Whether the list gives that ID number to somebody of another name.
    let nameDiffers: Bool

    /// The department's word, as the rules take it.
    var proof: Proof { Proof(department: department, form: .dataMatch) }
  }

  private static let hits: SQL = """
    select student_id, list_id, list_name, category, department, as_of, is_guardian, person_name,
      name_hash
    from comparison_hits($1, $2)
    order by student_id, list_name, is_guardian
    """

  static func hits(
    school: UUID?, student: UUID?, _ session: borrowing Session, _ vault: Vault
  ) throws -> [Hit] {
    try session.query(hits, school, student).map { row in
      let name: String = try row.get(7)
      let nameHash: [UInt8]? = try row.optional(8)
      return Hit(
        student: try row.get(0), list: try row.get(1), listName: try row.get(2),
        category: try row.get(3), department: try row.get(4), asOf: try row.get(5),
        isGuardian: try row.get(6),
        nameDiffers: nameHash.map { $0 != nameKey(name, vault) } ?? false)
    }
  }

  static func nameKey(_ name: String, _ vault: Vault) -> [UInt8] {
    vault.hash(normalizeName(name), domain: "comparison-name")
  }
}
