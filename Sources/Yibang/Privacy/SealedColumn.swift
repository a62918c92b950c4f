import Foundation
import Postgres

/// A column of sealed values. The list is what a rotation seals anew, and a test holds it against the
/// schema's columns whose names end in `_sealed`, so that none is forgotten.
package struct SealedColumn: Sendable, Hashable {
  package let table: String
  /// The column of the id in the value's place.
  let id: String
  package let column: String
  /// A number that belongs to the row's key and to the value's place.
  let version: String?
  /// Values that are sealed anew in one transaction.
  let batch: Int

  init(
    _ table: String, _ column: String, id: String = "id", version: String? = nil, batch: Int = 200
  ) {
    self.table = table
    self.id = id
    self.column = column
    self.version = version
    self.batch = batch
  }

  package static let all: [SealedColumn] = [
    SealedColumn("student", "private_sealed"),
    SealedColumn("guardian", "private_sealed"),
    SealedColumn("donor", "private_sealed"),
    SealedColumn("donor_contact", "address_sealed", id: "donor_id"),
    SealedColumn("payment_line", "payee_sealed"),
    SealedColumn("bank_line", "private_sealed"),
    SealedColumn("recognition_case", "private_sealed"),
    SealedColumn("recognition_case", "changed_sealed"),
    SealedColumn("recognition_case", "claims_sealed"),
    SealedColumn("recognition_case", "grounds_sealed"),
    SealedColumn("case_assessment", "private_sealed"),
    SealedColumn("case_assessment", "grounds_sealed"),
    SealedColumn("objection", "private_sealed"),
    SealedColumn("objection", "answer_sealed"),
    SealedColumn("revocation", "private_sealed"),
    SealedColumn("revocation", "heard_sealed"),
    SealedColumn("revocation", "reversal_sealed"),
    // Scans are of several megabytes each.
    SealedColumn(
      "letter_content", "content_sealed", id: "letter_id", version: "version", batch: 4),
    SealedColumn("credential", "totp_sealed", id: "user_id"),
    SealedColumn("webhook", "secret_sealed"),
  ]

  func place(_ id: UUID, version number: Int32) -> SealedPlace {
    let name = column.replacing("_sealed", with: "")
    return SealedPlace(table, id, version == nil ? name : "\(name).\(number)")
  }

  // The statements are put together of the names above, which are the program's own.

  /// The next rows after ($1 district, $2 id, $3 version) whose value is sealed by another key than
  /// $4, kept from others; rows that others keep are left for the next round. $5: how many.
  var next: SQL {
    let key = ["district_id", id, version].compactMap(\.self).joined(separator: ", ")
    let place = version == nil ? "($1, $2) and $3::int4 is not null" : "($1, $2, $3)"
    return SQL(
      trusted: """
        select district_id, \(id), \(version ?? "0")::int4, \(column) from \(table)
        where (\(key)) > \(place)
          and octet_length(\(column)) > 0 and substring(\(column) from 1 for 4) <> $4
        order by \(key)
        limit $5
        for no key update skip locked
        """)
  }

  /// Puts $4 in the place of what stands there, a row each of ($1 district, $2 id, $3 version).
  var replace: SQL {
    let number = version.map { " and t.\($0) = v.number" } ?? ""
    return SQL(
      trusted: """
        update \(table) as t set \(column) = v.sealed
        from unnest($1::text[], $2::uuid[], $3::int4[], $4::bytea[]) as v (district, id, number, sealed)
        where t.district_id = v.district and t.\(id) = v.id\(number)
        """)
  }
}
