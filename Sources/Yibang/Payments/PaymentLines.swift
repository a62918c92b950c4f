package import Foundation
import HardshipRecognition
import Postgres

extension PaymentBatches {
  // $4: the last number of the page before
  private static let lines: SQL = """
    with page as (
      select * from payment_line l
      where l.district_id = $1 and l.batch_id = $2 and l.number > $3
      order by l.number
      limit $4
    )
    select p.id, p.number, p.student_id, p.payee_sealed, p.grade, p.class_name, p.gender, p.tier,
      p.boarding, p.rule, p.state, m.due_fen, m.sent_fen - m.returned_fen, m.confirmed_fen,
      m.recovered_fen, p.confirmed_on, p.note, p.explanation, n.id, m.transfers
    from page p
    join payment_money(array[$2::uuid], array(select id from page)) as m on m.line_id = p.id
    left join payment_line n
      on n.district_id = p.district_id and n.replaces = p.id and n.state <> 'cancelled'
    order by p.number
    """

  /// Lines of a batch by number. Names and guardians are masked for who may not read identities;
  /// resident IDs always.
  /// - Parameter after: the last number of the page before.
  package static func lines(
    _ batch: UUID, after number: Int = 0, limit: Int = 1_000, in context: Context
  ) async throws -> [PaymentLine] {
    try context.actor.require(.read)
    return try await context.read { session in
      try lines(
        batch, after: number, limit: limit, revealed: false, session, context.actor,
        context.platform.vault)
    }
  }

  static func lines(
    _ batch: UUID, after number: Int, limit: Int, revealed: Bool, _ session: borrowing Session,
    _ actor: Actor, _ vault: Vault
  ) throws -> [PaymentLine] {
    let isNamed = actor.may(.readIdentities)
    return try session.query(lines, actor.districtID, batch, number, limit).map { row in
      try line(row, isNamed: isNamed, revealed: revealed, vault)
    }
  }

  private static func line(
    _ row: Row, isNamed: Bool, revealed: Bool, _ vault: Vault
  ) throws -> PaymentLine {
    let id: UUID = try row.get(0)
    let fields = SealedFields(bytes: try vault.open(try row.get(3), at: Payee.place(id)))
    func shown(_ name: String) -> String { isNamed ? name : maskedName(name) }
    let tier: String? = try row.optional(7)
    let resident = fields["resident"]
    return PaymentLine(
      id: id, number: Int(try row.get(1) as Int32), student: try row.get(2),
      name: shown(fields["name"] ?? ""), grade: try row.optional(4), className: try row.optional(5),
      gender: try row.optional(6), tier: tier.flatMap(Tier.init(rawValue:)),
      boarding: try row.optional(8), guardian: fields["guardian"].map(shown), bank: fields["bank"],
      card: fields["card"].map { String($0.suffix(4)) },
      residentID: revealed ? resident : resident.flatMap { try? ResidentID($0).masked },
      rule: PaymentRule(rawValue: try row.get(9)) ?? .fixed,
      state: PaymentLineState(rawValue: try row.get(10)) ?? .planned,
      figures: PaymentFigures(
        due: Money(fen: try row.get(11)), paid: Money(fen: try row.get(12)),
        confirmed: Money(fen: try row.get(13)), recovered: Money(fen: try row.get(14))),
      confirmedOn: try row.optional(15), note: try row.optional(16),
      explanation: try row.optional(17), followedBy: try row.optional(18),
      transfers: try row.get(19))
  }
}
