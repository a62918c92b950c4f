package import Foundation
import Postgres
import SchoolCalendar

extension PaymentBatches {
  private static let followed: SQL = """
    select b.fund_id, b.purpose, b.semester, b.title, s.id, s.code, s.name
    from payment_batch b
    join school s on s.district_id = b.district_id and s.id = b.school_id
    where b.district_id = $1 and b.id = $2 and b.state in ('paid', 'closed')
    """
  private static let failed: SQL = """
    select id, student_id, amount_fen - received_fen, gender, grade, class_name, boarding, tier,
      payee_sealed
    from payment_line
    where district_id = $1 and batch_id = $2 and state in ('not_received', 'issue')
      and not superseded and explanation is null and received_fen < amount_fen
    order by number
    """

  /// Makes a draft that pays again what lines of a batch are still due, to the payees as they were.
  /// Differences with an explanation are left as they are.
  /// - Returns: the new batch.
  /// - Throws: `PaymentError.unknownBatch` if the batch is not paid, `.nothingFailed`.
  package static func followUp(
    _ batch: UUID, title: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.preparePayments)
    let vault = context.platform.vault
    return try await context.write { session in
      guard let row = try session.query(followed, actor.districtID, batch).first else {
        throw PaymentError.unknownBatch
      }
      let school = Schools.School(id: try row.get(4), code: try row.get(5), name: try row.get(6))
      let earlier: String = try row.get(3)
      let follower = NewPaymentBatch(
        school: school, fund: try row.get(0), purpose: Purpose(rawValue: try row.get(1)),
        semester: try row.semester(2), title: title ?? "\(earlier)（补发）")
      let payees = try session.query(failed, actor.districtID, batch).map {
        try payee($0, vault)
      }
      guard !payees.isEmpty else { throw PaymentError.nothingFailed }
      let id = UUID.v7()
      try open(follower, id: id, follows: batch, session, actor)
      try Payees.add(payees, to: id, session, actor, vault)
      try note(id, follower, lines: payees.count, session, actor)
      return id
    }
  }

  private static func payee(_ row: Row, _ vault: Vault) throws -> Payee {
    let line: UUID = try row.get(0)
    let fields = SealedFields(bytes: try vault.open(try row.get(8), at: Payee.place(line)))
    return Payee(
      student: try row.get(1), amount: Money(fen: try row.get(2)), rule: .followUp,
      name: fields["name"] ?? "", gender: try row.optional(3), grade: try row.optional(4),
      className: try row.optional(5), boarding: try row.optional(6), tier: try row.optional(7),
      residentID: fields["resident"], studentCode: fields["code"], guardian: fields["guardian"],
      bank: fields["bank"], card: fields["card"], replaces: line)
  }
}
