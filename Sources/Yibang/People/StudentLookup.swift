import Foundation
import Postgres

extension Students {
  private static let locate: SQL = "select student_id from locate_students($1, $2)"

  /// The pupil with a 学籍号, wherever in the district.
  /// - Throws: `StudentError.noneFound`.
  static func find(
    _ code: StudentCode, _ session: borrowing Session, _ vault: Vault
  ) throws -> UUID {
    let resident = RosterHash.resident(code.residentID?.text, vault)
    let own = RosterHash.code(code, vault)
    let rows = try session.query(locate, [resident].compactMap { $0 }, [own].compactMap { $0 })
    guard let row = rows.first else { throw StudentError.noneFound }
    return try row.get(0)
  }
}
