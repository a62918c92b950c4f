package import Foundation
import Postgres

/// The records whose changes can be made dependent on the version that was read (ETag, If-Match).
package enum VersionedRecord: String, Sendable, CaseIterable {
  case donor, school, offer, pairing, commitment, campaign, fund, user, student
  case paymentBatch = "payment_batch"
  case proposal
  case recognitionCase = "recognition_case"
  case letter

  /// Selects the version of the record $2 of district $1; each change of a row gives it another.
  /// What changes through functions alone is held by one: see `record_version()`.
  var lock: SQL {
    switch self {
    case .donor: "select xmin::text from donor where district_id = $1 and id = $2 for update"
    case .school: "select xmin::text from school where district_id = $1 and id = $2 for update"
    case .offer: "select xmin::text from offer where district_id = $1 and id = $2 for update"
    case .pairing: "select xmin::text from pairing where district_id = $1 and id = $2 for update"
    case .campaign: "select xmin::text from campaign where district_id = $1 and id = $2 for update"
    case .user: "select xmin::text from app_user where district_id = $1 and id = $2 for update"
    case .student: "select xmin::text from student where district_id = $1 and id = $2 for update"
    case .proposal:
      "select xmin::text from proposal where district_id = $1 and id = $2 for update"
    case .commitment: "select record_version('commitment', $2) where current_district() = $1"
    case .fund: "select record_version('fund', $2) where current_district() = $1"
    case .paymentBatch:
      "select record_version('payment_batch', $2) where current_district() = $1"
    case .recognitionCase:
      "select record_version('recognition_case', $2) where current_district() = $1"
    case .letter: "select record_version('letter', $2) where current_district() = $1"
    }
  }

  /// The same, without waiting for whoever changes it.
  var read: SQL {
    switch self {
    case .donor: "select xmin::text from donor where district_id = $1 and id = $2"
    case .school: "select xmin::text from school where district_id = $1 and id = $2"
    case .offer: "select xmin::text from offer where district_id = $1 and id = $2"
    case .pairing: "select xmin::text from pairing where district_id = $1 and id = $2"
    case .commitment: "select xmin::text from commitment where district_id = $1 and id = $2"
    case .campaign: "select xmin::text from campaign where district_id = $1 and id = $2"
    case .fund: "select xmin::text from fund where district_id = $1 and id = $2"
    case .user: "select xmin::text from app_user where district_id = $1 and id = $2"
    case .student: "select xmin::text from student where district_id = $1 and id = $2"
    case .paymentBatch: "select xmin::text from payment_batch where district_id = $1 and id = $2"
    case .proposal: "select xmin::text from proposal where district_id = $1 and id = $2"
    case .recognitionCase:
      "select xmin::text from recognition_case where district_id = $1 and id = $2"
    case .letter: "select xmin::text from letter where district_id = $1 and id = $2"
    }
  }
}

/// The version of a record that a change expects to find: a lost update is refused.
package struct ExpectedVersion: Sendable {
  package let record: VersionedRecord
  package let id: UUID
  package let version: String

  package init(_ record: VersionedRecord, _ id: UUID, version: String) {
    self.record = record
    self.id = id
    self.version = version
  }

  /// Holds the record until the transaction ends.
  /// - Throws: `VersionError.changed`.
  func check(_ session: borrowing Session, district: String) throws {
    let found: String? = try session.query(record.lock, district, id).first?.optional(0)
    guard found == version else { throw VersionError.changed }
  }
}

extension VersionedRecord {
  /// The version of a record now; nil where there is none that the actor sees.
  package func version(of id: UUID, in context: Context) async throws -> String? {
    let sql = read
    return try await context.read { session in
      try session.query(sql, context.actor.districtID, id).first?.get(0)
    }
  }
}

package enum VersionError: YibangError {
  case changed

  package var code: String { "version.changed" }
  package var category: ErrorCategory { .changed }
  package var text: Text {
    Text(
      "这条记录在您读取之后已被改动，没有写入。请重新读取，核对后再改。",
      "This record was changed after you read it, and nothing was written. Read it again, check, and "
        + "change it then.")
  }
}
