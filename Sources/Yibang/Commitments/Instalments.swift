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

  // $1 district, $2 instalment (null: by pairing and number), $3 pairing, $4 number (null: all)
  private static let lock: SQL = """
    select i.id, i.number, i.amount_fen - i.excused_fen - i.carried_fen, i.received_fen, i.school_id,
      instalment_school(i.id), p.id, p.state, p.donor_id, d.kind
    from instalment i
    join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
    join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
    join donor d on d.district_id = p.district_id and d.id = p.donor_id
    where i.district_id = $1
      and (
        i.id = $2
        or ($2::uuid is null and k.pairing_id = $3 and ($4::int is null or i.number = $4))
      )
    order by i.number
    for no key update of i for share of p
    """
  private static let kind: SQL = "select kind from donor where district_id = $1 and id = $2"
  private static let add: SQL = """
    update instalment set received_fen = received_fen + $3 where district_id = $1 and id = $2
    """
  // $1 district, $2 id, $3 school, $4 instalment, $5 transfer, $6 amount, $7 date, $8 method, $9 payer
  private static let insertReceipt: SQL = """
    insert into instalment_receipt (
      district_id, id, school_id, instalment_id, transfer_id, amount_fen, received_on, method,
      payer_id
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """
  private static let repay: SQL = "select cover_repay($1, $2, $3::int, $4)"

  /// Books money that came in for an instalment, all of it or a part, into the 一帮一 fund of the
  /// pupil's school, in the semester of the day it came. What a general fund has bridged is repaid.
  /// - Parameters:
  ///   - payer: who paid, where it was not the sponsor.
  ///   - key: makes a repetition safe: the same key and request give the same receipt.
  /// - Returns: the receipt, and whether it had been booked before.
  /// - Throws: `CommitmentError`, `FundError`, `SchoolError.unknownSemester`, `AccessError`,
  ///   `IdempotencyError`.
  package static func receive(
    _ reference: Reference, amount: Money, on date: CalendarDate, method: Giving.Method = .unknown,
    payer: UUID? = nil, key: String? = nil, in context: Context
  ) async throws -> (receipt: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.recordDonations)
    guard amount > .zero else { throw CommitmentError.amountNotPositive }
    let claim = IdempotencyKey(
      key, operation: "instalment.receive",
      request: ["\(reference)", "\(amount.fen)", "\(date)", method.rawValue]
        + (payer.map { [$0.uuidString] } ?? []))
    return try await context.write { session in
      let receipt = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: receipt) {
        return (earlier, true)
      }
      let target = try target(reference, session, actor)
      try target.take(amount)
      let semester = try semester(on: date, session, actor)
      try lock([target], moneyOf: [target.pairing], session, actor)
      _ = try book(
        amount, to: target, on: date, semester, method: method.rawValue, payer: payer,
        receipt: receipt, session, actor)
      try Reminders.thank(
        receipt: receipt, of: target.id, pairing: target.pairing, on: date, session, actor)
      return (receipt, false)
    }
  }

  /// What a payment was booked to.
  package struct Payment: Sendable, Codable {
    package struct Part: Sendable, Codable {
      package let receipt: UUID
      /// 1 to 6.
      package let number: Int
      package let amount: Money
    }

    package let parts: [Part]
    /// The gift to the general fund that was beyond all six.
    package let surplus: UUID?
  }

  private static let partsOf: SQL = """
    select c.id, i.number, c.amount_fen from instalment_receipt c
    join instalment i on i.district_id = c.district_id and i.id = c.instalment_id
    where c.district_id = $1 and c.id = any ($2)
    order by i.number
    """

  /// Books a payment of a sponsor to the oldest open instalments and on to later ones: late, early and
  /// ahead of time. What is beyond all six is refused, or with the sponsor's consent a gift to the
  /// general fund of the pupil's school.
  /// - Parameters:
  ///   - surplusConsent: the document of that consent.
  ///   - payer: who paid, where it was not the sponsor.
  /// - Throws: as `receive`; `LifecycleError.surplus`.
  package static func pay(
    pairing: UUID, amount: Money, on date: CalendarDate, method: Giving.Method = .unknown,
    payer: UUID? = nil, surplusConsent: String? = nil, key: String? = nil, in context: Context
  ) async throws -> Payment {
    let actor = context.actor
    try actor.require(.recordDonations)
    guard amount > .zero else { throw CommitmentError.amountNotPositive }
    let first = UUID.v7()
    let claim = IdempotencyKey(
      key, operation: "instalment.pay",
      request: [
        pairing.uuidString, "\(amount.fen)", "\(date)", method.rawValue, payer?.uuidString,
        surplusConsent,
      ])
    return try await context.write { session in
      if let earlier = try claim?.claim(session, district: actor.districtID, result: first) {
        return try payment(earlier, session, actor)
      }
      let rows = try session.query(lock, actor.districtID, nil as UUID?, pairing, nil as Int?)
      var open = try rows.map { try Target($0) }
      guard let last = open.last else { throw CommitmentError.unknownPairing(pairing) }
      guard last.isRunning else { throw CommitmentError.pairingEnded(pairing) }
      let semester = try semester(on: date, session, actor)
      let (parts, rest) = try spread(amount, upTo: &open)
      if rest > .zero, surplusConsent == nil { throw LifecycleError.surplus(rest) }
      try lock(
        parts.map(\.item), moneyOf: [pairing], surplusAt: rest > .zero ? last.school : nil, session,
        actor)
      var booked: [Payment.Part] = []
      for part in parts {
        let receipt = booked.isEmpty ? first : UUID.v7()
        _ = try book(
          part.amount, to: part.item, on: date, semester, method: method.rawValue, payer: payer,
          receipt: receipt, session, actor)
        try Reminders.thank(
          receipt: receipt, of: part.item.id, pairing: pairing, on: date, session, actor)
        booked.append(.init(receipt: receipt, number: part.item.number, amount: part.amount))
      }
      var surplus: UUID?
      if rest > .zero {
        let gift = booked.isEmpty ? first : UUID.v7()
        _ = try Giving.give(
          from: payer ?? last.sponsor, amount: rest, on: date, semester, school: last.school,
          method: method.rawValue, note: surplusConsent, id: gift, session, actor)
        surplus = gift
      }
      _ = try session.batch([
        Audit.statement(
          actor, "instalment.pay", subject: "pairing", id: pairing, school: last.school,
          after: [
            "payment": first.lowercase,
            "receipts": booked.map(\.receipt.lowercase).joined(separator: " "),
            "surplus": surplus?.lowercase,
          ])
      ])
      return Payment(parts: booked, surplus: surplus)
    }
  }

  private static let paid: SQL = """
    select after ->> 'receipts', after ->> 'surplus' from audit
    where district_id = $1 and action = 'instalment.pay' and after ->> 'payment' = $2
    """

  private static func payment(
    _ first: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> Payment {
    guard let row = try session.query(paid, actor.districtID, first.lowercase).first else {
      throw CommitmentError.unknownReceipt(first)
    }
    let receipts = (try row.get(0) as String).split(separator: " ")
    let surplus: String? = try row.optional(1)
    let parts = try session.query(
      partsOf, actor.districtID, receipts.compactMap { UUID(uuidString: String($0)) })
    return Payment(
      parts: try parts.map {
        .init(receipt: try $0.get(0), number: try $0.get(1), amount: Money(fen: try $0.get(2)))
      },
      surplus: surplus.flatMap { UUID(uuidString: $0) })
  }

  /// A locked instalment: two payments for it wait for each other, and the end of its pairing for
  /// both.
  struct Target {
    let id: UUID
    let number: Int
    let due: Money
    var received: Money
    let school: UUID
    /// The school into whose fund the money comes.
    let payee: UUID
    let pairing: UUID
    let isRunning: Bool
    let sponsor: UUID
    let sponsorKind: DonorKind

    init(_ row: Row) throws {
      id = try row.get(0)
      number = try row.get(1)
      due = Money(fen: try row.get(2))
      received = Money(fen: try row.get(3))
      school = try row.get(4)
      payee = try row.get(5)
      pairing = try row.get(6)
      isRunning = try row.get(7) == "running"
      sponsor = try row.get(8)
      sponsorKind = DonorKind(rawValue: try row.get(9)) ?? .individual
    }

    func take(_ more: Money) throws {
      guard isRunning else { throw CommitmentError.pairingEnded(pairing) }
      let outstanding = try due - received
      guard more <= outstanding else {
        throw CommitmentError.moreThanOutstanding(number: number, outstanding: outstanding)
      }
    }
  }

  /// The instalments of a sponsor's running pairing, locked.
  /// - Throws: `LifecycleError.noTarget` for another sponsor's.
  static func open(
    of pairing: UUID?, sponsor: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> [Target] {
    guard let pairing else { throw LifecycleError.noTarget }
    let rows = try session.query(lock, actor.districtID, nil as UUID?, pairing, nil as Int?)
    let open = try rows.map { try Target($0) }
    guard let first = open.first, first.isRunning, first.sponsor == sponsor else {
      throw LifecycleError.noTarget
    }
    return open
  }

  /// Shares an amount out over what is outstanding, the oldest first.
  /// - Returns: the parts, and what is beyond all.
  static func spread(
    _ amount: Money, upTo open: inout [Target]
  ) throws -> (parts: [(item: Target, amount: Money)], rest: Money) {
    var rest = amount
    var parts: [(item: Target, amount: Money)] = []
    for index in open.indices where rest > .zero {
      let part = min(rest, try open[index].due - open[index].received)
      guard part > .zero else { continue }
      parts.append((open[index], part))
      open[index].received = try open[index].received + part
      rest = try rest - part
    }
    return (parts, rest)
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
    return try Target(rows[0])
  }

  private static func semester(
    on date: CalendarDate, _ session: borrowing Session, _ actor: Actor
  ) throws -> Semester {
    guard let semester = try Semesters.containing(date, session, actor) else {
      throw SchoolError.unknownSemester(Semester.of(date), district: actor.districtID)
    }
    return semester
  }

  /// Locks where money of pairings is and comes to, for a transaction that is going to ``book`` it.
  /// - Parameter surplusAt: the school to whose general fund a part is going to be a gift.
  static func lock(
    _ targets: [Target], moneyOf pairings: [UUID], surplusAt: UUID? = nil,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    var funds = try Set(targets.map(\.payee)).map {
      try Funds.fund(for: FundKind.sponsorship.name.zh, school: $0, session, actor)
    }
    if let surplusAt {
      funds.append(try Funds.fund(for: nil, school: surplusAt, session, actor))
    }
    try Ledger.lock(moneyOf: pairings, and: funds, session)
  }

  /// Posts a receipt of a locked instalment in the caller's transaction, and repays cover by it.
  static func book(
    _ amount: Money, to target: Target, on date: CalendarDate, _ semester: Semester,
    method: String, payer: UUID?, receipt: UUID = UUID.v7(), _ session: borrowing Session,
    _ actor: Actor
  ) throws -> (receipt: UUID, transfer: UUID) {
    var kind = target.sponsorKind
    if let payer {
      guard let row = try session.query(Self.kind, actor.districtID, payer).first else {
        throw GivingError.unknownDonor
      }
      kind = DonorKind(rawValue: try row.get(0)) ?? .individual
    }
    let fund = try Funds.fund(
      for: FundKind.sponsorship.name.zh, school: target.payee, session, actor)
    let movement = Ledger.Movement(
      from: try Ledger.account(session, fund: fund, .source(kind)),
      to: try Ledger.account(session, fund: fund, .balance), amount: amount, date: date,
      source: receipt)
    try Ledger.post(session, [movement], kind: .instalment, semester: semester, actor: actor)
    let results = try LifecycleError.run(
      session,
      Bound(add, actor.districtID, target.id, amount.fen),
      Bound(
        insertReceipt, actor.districtID, receipt, target.school, target.id, movement.transfer,
        amount.fen, date, method, payer),
      Bound(repay, receipt, date, semester.ordinal, actor.userID))
    let repaid: Int64 = try results[2][0].get(0)
    _ = try session.batch([
      Audit.statement(
        actor, "instalment.receive", subject: "instalment", id: target.id, school: target.school,
        before: ["received_fen": "\(target.received.fen)"],
        after: [
          "received_fen": "\(try (target.received + amount).fen)",
          "receipt": receipt.lowercase, "transfer": movement.transfer.lowercase,
          "payer": payer?.lowercase, "repaid_fen": repaid > 0 ? "\(repaid)" : nil,
        ])
    ])
    return (receipt, movement.transfer)
  }

  // $1 district, $2 semester, $3 school (null: all), $4 limit, $5 and $6 after this due date and id
  private static let list: SQL = """
    select i.id, k.pairing_id, i.number, i.semester, i.due_on, i.amount_fen, i.received_fen,
      p.state = 'ended', i.excused_fen, i.carried_fen
    from instalment i
    join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
    join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
    where i.district_id = $1 and i.semester = $2 and ($3::uuid is null or i.school_id = $3)
      and (i.due_on, i.id) > ($5, $6)
    order by i.due_on, i.id
    limit $4
    """

  /// The instalments of a semester by due date.
  /// - Parameter today: decides what is overdue.
  package static func list(
    _ semester: Semester, school: UUID? = nil, state: Instalment.State? = nil,
    today: CalendarDate, limit: Int = 100_000, in context: Context
  ) async throws -> [Instalment] {
    try await list(
      semester, school: school, state: state, today: today, after: (.beforeAll, .beforeAll),
      limit: limit, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, _ semester: Semester, school: UUID? = nil,
    state: Instalment.State? = nil, today: CalendarDate, in context: Context
  ) async throws -> Page<Instalment> {
    let found = try await list(
      semester, school: school, state: state, today: today,
      after: page.position(CalendarDate.self, UUID.self), limit: page.limit + 1, in: context)
    return Page(found, page) { Cursor("\($0.dueOn)", $0.id.uuidString) }
  }

  // The state depends on the day, so it is told of what was read.
  private static func list(
    _ semester: Semester, school: UUID?, state: Instalment.State?, today: CalendarDate,
    after: (CalendarDate, UUID), limit: Int, in context: Context
  ) async throws -> [Instalment] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      try PageRequest.filled(limit, after: after) { after, count in
        try session.query(
          list, actor.districtID, semester.ordinal, school, count, after.0, after.1
        ).map { try Instalment($0, today: today) }
      } place: {
        ($0.dueOn, $0.id)
      } counts: {
        state == nil || $0.state == state
      }
    }
  }
}
