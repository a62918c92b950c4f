import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar

/// A pupil about to be paid: the snapshot that a line keeps.
struct Payee {
  /// The line's id.
  let id = UUID.v7()
  let student: UUID
  var amount: Money
  var rule: PaymentRule
  let name: String
  let gender: String?
  let grade: String?
  let className: String?
  let boarding: Bool?
  let tier: String?
  let residentID: String?
  let studentCode: String?
  var guardian: String?
  var bank: String?
  var card: String?
  /// The failed line that it pays again.
  var replaces: UUID?

  /// What identifies people, sealed together.
  var fields: SealedFields {
    SealedFields([
      "name": name, "resident": residentID ?? "", "code": studentCode ?? "",
      "guardian": guardian ?? "", "bank": bank ?? "", "card": card ?? "",
    ])
  }

  static func place(_ line: UUID) -> SealedPlace { SealedPlace("payment_line", line, "payee") }
}

/// Pupils as payees, and their lines.
enum Payees {
  // $1 district, $2 school, $3 pupils or all, $4 recognised only, and whether they are in a batch for
  // purpose $5 and semester $6
  private static let candidates: SQL = """
    select s.id, s.name, s.gender, s.grade, s.class_name, s.boarding, s.private_sealed, r.tier,
      g.name,
      exists (
        select from payment_line l
        where l.district_id = s.district_id and l.student_id = s.id and l.purpose = $5
          and l.semester = $6 and not l.superseded and l.state not in ('cancelled', 'not_received')
      )
    from student s
    left join recognition r
      on r.district_id = s.district_id and r.student_id = s.id and r.state = 'filed'
      and (select recognition_day($6::int)) between r.valid_from and r.valid_until
    left join lateral (
      select k.name from guardian k
      where k.district_id = s.district_id and k.student_id = s.id
      order by k.phone_hash is null, k.id
      limit 1
    ) as g on true
    where s.district_id = $1 and s.school_id = $2 and s.erased_on is null
      and ($3::uuid[] is null or s.id = any ($3))
      and (not $4 or r.tier is not null)
    order by s.name collate "zh-x-icu", s.id
    """

  struct Candidate {
    var payee: Payee
    let tier: Tier?
    /// In a batch for the same purpose and semester.
    let isPaid: Bool
  }

  /// Pupils of the batch's school with what is known of them.
  /// - Parameter students: nil: all of them.
  static func candidates(
    _ batch: NewPaymentBatch, students: [UUID]? = nil, recognisedOnly: Bool,
    _ session: borrowing Session, _ actor: Actor, _ vault: Vault
  ) throws -> [Candidate] {
    let rows = try session.query(
      candidates, actor.districtID, batch.school.id, students,
      recognisedOnly, batch.purpose.rawValue, batch.semester.ordinal)
    return try rows.map { row in
      let id: UUID = try row.get(0)
      let sealed: [UInt8]? = try row.optional(6)
      let fields = try sealed.map {
        SealedFields(bytes: try vault.open($0, at: SealedPlace("student", id, "private")))
      }
      let tier: String? = try row.optional(7)
      let guardian: String? = try row.optional(8)
      let payee = Payee(
        student: id, amount: .zero, rule: .sheet, name: try row.get(1), gender: try row.optional(2),
        grade: try row.optional(3), className: try row.optional(4), boarding: try row.optional(5),
        tier: tier, residentID: fields?["resident"], studentCode: fields?["code"],
        guardian: guardian == "监护人" ? nil : guardian)
      return Candidate(
        payee: payee, tier: tier.flatMap(Tier.init(rawValue:)), isPaid: try row.get(9))
    }
  }

  // batch, actor, ids, students, amounts, rules, grades, classes, genders, tiers, boarding, cards,
  // sealed, replaced lines
  private static let addLines: SQL = """
    select payment_lines_add($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    """

  /// Adds lines to a draft, in this order.
  static func add(
    _ payees: [Payee], to batch: UUID, _ session: borrowing Session, _ actor: Actor, _ vault: Vault
  ) throws {
    let sealed = try payees.map { try vault.seal($0.fields.bytes, at: Payee.place($0.id)) }
    try Payments.run(
      session,
      Bound(
        addLines, batch, actor.userID, payees.map(\.id), payees.map(\.student),
        payees.map(\.amount.fen), payees.map(\.rule.rawValue), payees.map(\.grade),
        payees.map(\.className), payees.map(\.gender), payees.map(\.tier), payees.map(\.boarding),
        payees.map { $0.card.map { String($0.suffix(4)) } }, sealed, payees.map(\.replaces)))
  }
}
