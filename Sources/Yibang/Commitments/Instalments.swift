package import Foundation
import Postgres
package import SchoolCalendar

/// The money side of commitments: instalments due, and what comes in of them.
package enum Instalments {
  /// Which instalment is meant.
  package enum Reference: Sendable, Hashable {
    case id(UUID)
    /// 1 to 6 of a pairing.
    case number(Int, ofPairing: UUID)
  }

  // $1 district, $2 instalment (null: by pairing and number), $3 pairing, $4 number
  private static let lock: SQL = """
    select i.id, i.number, i.amount_fen, i.received_fen, i.school_id, p.id, p.state, d.kind
    from instalment i
    join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
    join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
    join donor d on d.district_id = p.district_id and d.id = p.donor_id
    where i.district_id = $1
      and (i.id = $2 or ($2::uuid is null and k.pairing_id = $3 and i.number = $4))
    for no key update of i for share of p
    """
  private static let semesterOfDate: SQL = """
    select semester from semester where district_id = $1 and $2 between starts_on and ends_on
    """
  private static let add: SQL = """
    update instalment set received_fen = received_fen + $3 where district_id = $1 and id = $2
    """
  // $1 district, $2 id, $3 school, $4 instalment, $5 transfer, $6 amount, $7 date, $8 method
  private static let insertReceipt: SQL = """
    insert into instalment_receipt (
      district_id, id, school_id, instalment_id, transfer_id, amount_fen, received_on, method
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    """

  /// Books money that came in for an instalment, all of it or a part, into the 一帮一 fund of the
  /// pupil's school, in the semester of the day it came.
  /// - Parameter key: makes a repetition safe: the same key and request give the same receipt.
  /// - Returns: the receipt, and whether it had been booked before.
  /// - Throws: `CommitmentError`, `FundError`, `SchoolError.unknownSemester`, `AccessError`,
  ///   `IdempotencyError`.
  package static func receive(
    _ reference: Reference, amount: Money, on date: CalendarDate, method: Giving.Method = .unknown,
    key: String? = nil, in context: Context
  ) async throws -> (receipt: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.recordDonations)
    guard amount > .zero else { throw CommitmentError.amountNotPositive }
    let claim = IdempotencyKey(
      key, operation: "instalment.receive",
      request: ["\(reference)", "\(amount.fen)", "\(date)", method.rawValue])
    return try await context.write { session in
      let receipt = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: receipt) {
        return (earlier, true)
      }
      let target = try target(reference, session, actor)
      try target.take(amount)
      let transfer = try post(target, receipt, amount, date, session, actor)
      _ = try session.batch([
        Bound(add, actor.districtID, target.id, amount.fen),
        Bound(
          insertReceipt, actor.districtID, receipt, target.school, target.id, transfer, amount.fen,
          date, method.rawValue),
        Audit.statement(
          actor, "instalment.receive", subject: "instalment", id: target.id, school: target.school,
          before: ["received_fen": "\(target.received.fen)"],
          after: [
            "received_fen": "\(try (target.received + amount).fen)",
            "receipt": receipt.lowercase, "transfer": transfer.lowercase,
          ]),
      ])
      try Reminders.thank(
        receipt: receipt, of: target.id, pairing: target.pairing, on: date, session, actor)
      return (receipt, false)
    }
  }

  /// A locked instalment: two payments for it wait for each other, and the end of its pairing for
  /// both.
  private struct Target {
    let id: UUID
    let number: Int
    let amount: Money
    let received: Money
    let school: UUID
    let pairing: UUID
    let isRunning: Bool
    let donorKind: DonorKind

    func take(_ more: Money) throws {
      guard isRunning else { throw CommitmentError.pairingEnded(pairing) }
      let outstanding = try amount - received
      guard more <= outstanding else {
        throw CommitmentError.moreThanOutstanding(number: number, outstanding: outstanding)
      }
    }
  }

  private static func target(
    _ reference: Reference, _ session: borrowing Session, _ actor: Actor
  ) throws -> Target {
    let rows: Rows
    switch reference {
    case .id(let id):
      rows = try session.query(lock, actor.districtID, id, nil as UUID?, nil as Int?)
      if rows.isEmpty { throw CommitmentError.unknownInstalment(id) }
    case .number(let number, let pairing):
      guard (1...InstalmentPlan.semesters).contains(number) else {
        throw CommitmentError.noSuchNumber(number)
      }
      rows = try session.query(lock, actor.districtID, nil as UUID?, pairing, number)
      if rows.isEmpty { throw CommitmentError.unknownPairing(pairing) }
    }
    let row = rows[0]
    return Target(
      id: try row.get(0), number: try row.get(1), amount: Money(fen: try row.get(2)),
      received: Money(fen: try row.get(3)), school: try row.get(4), pairing: try row.get(5),
      isRunning: try row.get(6) == "running",
      donorKind: DonorKind(rawValue: try row.get(7)) ?? .individual)
  }

  private static func post(
    _ target: Target, _ receipt: UUID, _ amount: Money, _ date: CalendarDate,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> UUID {
    guard let row = try session.query(semesterOfDate, actor.districtID, date).first else {
      throw SchoolError.unknownSemester(Semester.of(date), district: actor.districtID)
    }
    let fund = try Funds.fund(
      for: FundKind.sponsorship.name.zh, school: target.school, session, actor)
    let movement = Ledger.Movement(
      from: try Ledger.account(session, fund: fund, .source(target.donorKind)),
      to: try Ledger.account(session, fund: fund, .balance), amount: amount, date: date,
      source: receipt)
    try Ledger.post(
      session, [movement], kind: .instalment, semester: try row.semester(0), actor: actor)
    return movement.transfer
  }

  // $1 district, $2 semester, $3 school (null: all), $4 limit
  private static let list: SQL = """
    select i.id, k.pairing_id, i.number, i.semester, i.due_on, i.amount_fen, i.received_fen,
      p.state = 'ended'
    from instalment i
    join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
    join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
    where i.district_id = $1 and i.semester = $2 and ($3::uuid is null or i.school_id = $3)
    order by i.due_on, i.id
    limit $4
    """

  /// The instalments of a semester by due date.
  /// - Parameter today: decides what is overdue.
  package static func list(
    _ semester: Semester, school: UUID? = nil, state: Instalment.State? = nil,
    today: CalendarDate, limit: Int = 100_000, in context: Context
  ) async throws -> [Instalment] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      let rows = try session.query(list, actor.districtID, semester.ordinal, school, limit)
      let all = try rows.map { try Instalment($0, today: today) }
      return all.filter { state == nil || $0.state == state }
    }
  }
}
