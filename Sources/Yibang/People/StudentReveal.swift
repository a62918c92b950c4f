package import Foundation
import Postgres

extension Students {
  /// A pupil with what is kept sealed: only for those who may read it, and only with a reason.
  package struct Identity: Sendable, Codable {
    package struct Guardian: Sendable, Codable {
      package let name: String
      package let relation: String?
      package let phone: String?
    }

    package let id: UUID
    package let name: String
    package let residentID: String?
    package let studentCode: String?
    package let phone: String?
    package let address: String?
    package let guardians: [Guardian]

    enum CodingKeys: String, CodingKey {
      case id, name
      case residentID = "resident_id"
      case studentCode = "student_code"
      case phone, address, guardians
    }
  }

  private static let sealed: SQL = """
    select name, private_sealed, school_id from student where district_id = $1 and id = $2
    """
  private static let guardians: SQL = """
    select id, name, relation, private_sealed from guardian
    where district_id = $1 and student_id = $2
    order by id
    """

  /// The identity of one pupil; who asked and why stays in the trail, and is told to the guardian who
  /// wants to know.
  /// - Throws: `StudentError.unknown`; `ReportError.reasonMissing`, `.reasonIdentifies`;
  ///   `RevealError.tooMany`, `.reasonNames`; `AccessError`, `VaultError`.
  package static func reveal(
    _ student: UUID, reason: String, in context: Context
  ) async throws -> Identity {
    try await RefusedLooks.noting(.pupil, of: .student(student), in: context) {
      try await shown(student, reason: reason, in: context)
    }
  }

  private static func shown(
    _ student: UUID, reason: String, in context: Context
  ) async throws -> Identity {
    let actor = context.actor
    try actor.require(.read)
    let reason = try Reveals.reason(reason, actor)
    let vault = context.platform.vault
    return try await context.readTraced { session in
      let rows = try session.batch([
        Bound(sealed, actor.districtID, student), Bound(guardians, actor.districtID, student),
      ])
      guard let row = rows[0].first else { throw StudentError.unknown(student) }
      let name: String = try row.get(0)
      guard !normalizeName(reason).contains(name) else { throw RevealError.reasonNames }
      let fields = try Reports.opened(row.optional(1), "student", student, vault)
      let guardians = try rows[1].map { row in
        let own = try Reports.opened(row.optional(3), "guardian", row.get(0), vault)
        return Identity.Guardian(
          name: try row.get(1), relation: try row.optional(2), phone: own["phone"])
      }
      try Reveals.record(
        Reveals.Act(
          way: .pupil, what: [.residentID, .studentCode, .phone, .address, .guardianPhone],
          reason: reason, record: ("student", student), school: try row.get(2)),
        of: [student], .student, session, actor)
      return Identity(
        id: student, name: name, residentID: fields["resident"], studentCode: fields["code"],
        phone: fields["phone"], address: fields["address"], guardians: guardians)
    }
  }
}
