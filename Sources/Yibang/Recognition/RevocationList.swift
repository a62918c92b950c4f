package import Foundation
import Postgres
package import SchoolCalendar

extension Revocations {
  /// A revocation as it is listed: none of the words.
  package struct Revocation: Sendable, Codable {
    package let id: UUID
    package let school: String
    package let student: UUID
    /// Masked where the actor has no right to identities; empty of a pupil who moved to another school.
    package let name: String
    package let state: State
    package let undueSince: CalendarDate
    package let proposedOn: CalendarDate
    package let proposedBy: String
    package let heardOn: CalendarDate?
    package let decidedOn: CalendarDate?
    package let decidedBy: String?
    package let reversalProposedBy: String?
    package let reversedOn: CalendarDate?
    package let pairing: UUID?

    enum CodingKeys: String, CodingKey {
      case id, school, student, name, state
      case undueSince = "undue_since"
      case proposedOn = "proposed_on"
      case proposedBy = "proposed_by"
      case heardOn = "heard_on"
      case decidedOn = "decided_on"
      case decidedBy = "decided_by"
      case reversalProposedBy = "reversal_proposed_by"
      case reversedOn = "reversed_on"
      case pairing
    }
  }

  /// Money that a pupil received since the recognition was undue, down to the payment.
  package struct Received: Sendable, Codable {
    package let fund: String
    package let semester: Semester
    package let purpose: Purpose
    package let batch: UUID
    package let title: String
    package let transfer: UUID
    package let paidOn: CalendarDate
    package let paid: Money
    package let returned: Money
    package let recovered: Money
    /// What is undue of it and not claimed back by any case.
    package let unclaimed: Money

    enum CodingKeys: String, CodingKey {
      case fund, semester, purpose, batch, title, transfer
      case paidOn = "paid_on"
      case paid, returned, recovered, unclaimed
    }
  }

  package struct ReceivedGoods: Sendable, Codable {
    package let item: String
    package let unit: String
    package let handedOn: CalendarDate
    package let quantity: Int64
    /// Zero for goods that nobody has appraised.
    package let value: Money

    enum CodingKeys: String, CodingKey {
      case item, unit
      case handedOn = "handed_on"
      case quantity, value
    }
  }

  package struct Claim: Sendable, Codable {
    package let clawback: UUID
    package let payment: UUID
    package let due: Money
    package let recovered: Money
    package let waived: Money
    package let left: Money
  }

  /// A line that was taken out of a batch before it was paid.
  package struct StoppedLine: Sendable, Codable {
    package let batch: UUID
    package let number: Int
    package let amount: Money
    /// Of the batch, at that moment.
    package let state: PaymentState
  }

  package struct Detail: Sendable, Codable {
    package let revocation: Revocation
    package let received: [Received]
    package let goods: [ReceivedGoods]
    package let claims: [Claim]
    package let stopped: [StoppedLine]
  }

  // $2 the revocation alone, $3 school, $4 state, $6 before this one; null: all
  private static let list: SQL = """
    select v.id, h.name, v.student_id, s.name, v.state, v.undue_since, v.proposed_on, a.login,
      v.heard_on, v.decided_on, b.login, c.login, v.reversed_on, v.pairing_id
    from revocation v
    join school h on h.district_id = v.district_id and h.id = v.school_id
    left join student s on s.district_id = v.district_id and s.id = v.student_id
    left join app_user a on a.district_id = v.district_id and a.id = v.proposed_by
    left join app_user b on b.district_id = v.district_id and b.id = v.decided_by
    left join app_user c on c.district_id = v.district_id and c.id = v.reversal_by
    where v.district_id = $1 and ($2::uuid is null or v.id = $2)
      and ($3::uuid is null or v.school_id = $3) and ($4::text is null or v.state = $4)
      and ($6::uuid is null or v.id < $6)
    order by v.id desc
    limit $5
    """

  /// Revocations, newest first.
  package static func list(
    school: UUID? = nil, state: State? = nil, limit: Int = 1_000, in context: Context
  ) async throws -> [Revocation] {
    try await list(school: school, state: state, before: nil, limit: limit, in: context)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, school: UUID? = nil, state: State? = nil, in context: Context
  ) async throws -> Page<Revocation> {
    let found = try await list(
      school: school, state: state, before: page.item, limit: page.limit + 1, in: context)
    return Page(found, page) { Cursor($0.id.uuidString) }
  }

  private static func list(
    school: UUID?, state: State?, before: UUID?, limit: Int, in context: Context
  ) async throws -> [Revocation] {
    let actor = context.actor
    try actor.require(.recognise, or: .decideRevocations)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      try session.query(
        list, actor.districtID, nil as UUID?, school, state?.rawValue, limit, before
      ).map { try revocation($0, actor) }
    }
  }

  private static func revocation(_ row: Row, _ actor: Actor) throws -> Revocation {
    let name: String = try row.optional(3) ?? ""
    return Revocation(
      id: try row.get(0), school: try row.get(1), student: try row.get(2),
      name: actor.may(.readIdentities) ? name : maskedName(name),
      state: State(rawValue: try row.get(4)) ?? .proposed, undueSince: try row.get(5),
      proposedOn: try row.get(6), proposedBy: try row.optional(7) ?? "?",
      heardOn: try row.optional(8), decidedOn: try row.optional(9), decidedBy: try row.optional(10),
      reversalProposedBy: try row.optional(11), reversedOn: try row.optional(12),
      pairing: try row.optional(13))
  }

  private static let received: SQL = """
    select fund, semester, purpose, batch_id, title, transfer_id, paid_on, sent_fen, returned_fen,
      recovered_fen, due_fen
    from revocation_received($1)
    """
  private static let goods: SQL = """
    select item, unit, handed_on, quantity, value_fen from revocation_goods($1)
    """
  private static let claims: SQL = """
    select clawback_id, transfer_id, due_fen, recovered_fen, waived_fen, left_fen
    from revocation_clawbacks($1)
    """
  private static let stopped: SQL = """
    select batch_id, number, amount_fen, batch_state from revocation_line
    where district_id = $1 and revocation_id = $2
    order by batch_id, number
    """

  /// A revocation with everything that was received from every fund since the recognition was undue,
  /// and what became of it.
  /// - Throws: `RevocationError.unknown`.
  package static func show(_ id: UUID, in context: Context) async throws -> Detail {
    let actor = context.actor
    try actor.require(.recognise, or: .decideRevocations)
    return try await context.read { session in
      let results = try session.batch([
        Bound(list, actor.districtID, id, nil as UUID?, nil as String?, 1, nil as UUID?),
        Bound(received, id),
        Bound(goods, id), Bound(claims, id), Bound(stopped, actor.districtID, id),
      ])
      guard let row = results[0].first else { throw RevocationError.unknown }
      return Detail(
        revocation: try revocation(row, actor),
        received: try results[1].map { row in
          Received(
            fund: try row.get(0), semester: try row.semester(1),
            purpose: Purpose(rawValue: try row.get(2)), batch: try row.get(3),
            title: try row.get(4), transfer: try row.get(5), paidOn: try row.get(6),
            paid: Money(fen: try row.get(7)), returned: Money(fen: try row.get(8)),
            recovered: Money(fen: try row.get(9)), unclaimed: Money(fen: try row.get(10)))
        },
        goods: try results[2].map { row in
          ReceivedGoods(
            item: try row.get(0), unit: try row.get(1), handedOn: try row.get(2),
            quantity: try row.get(3), value: Money(fen: try row.get(4)))
        },
        claims: try results[3].map { row in
          Claim(
            clawback: try row.get(0), payment: try row.get(1), due: Money(fen: try row.get(2)),
            recovered: Money(fen: try row.get(3)), waived: Money(fen: try row.get(4)),
            left: Money(fen: try row.get(5)))
        },
        stopped: try results[4].map { row in
          StoppedLine(
            batch: try row.get(0), number: Int(try row.get(1) as Int32),
            amount: Money(fen: try row.get(2)),
            state: PaymentState(rawValue: try row.get(3)) ?? .draft)
        })
    }
  }

  /// What was written about a revocation.
  package struct Words: Sendable, Codable {
    package let because: String
    package let evidence: String
    package let answer: String?
    package let reversal: String?
  }

  private static let sealed: SQL = """
    select private_sealed, heard_sealed, reversal_sealed from revocation
    where district_id = $1 and id = $2
    """

  /// The words of a revocation. Reading them is recorded.
  /// - Throws: `RevocationError.unknown`.
  package static func read(_ id: UUID, in context: Context) async throws -> Words {
    let actor = context.actor
    try actor.require(.readIdentities)
    let vault = context.platform.vault
    return try await context.readTraced { session in
      guard let row = try session.query(sealed, actor.districtID, id).first else {
        throw RevocationError.unknown
      }
      func open(_ bytes: [UInt8]?, _ column: String) throws -> String? {
        try bytes.map {
          String(
            decoding: try vault.open($0, at: SealedPlace("revocation", id, column)), as: UTF8.self)
        }
      }
      let fields = SealedFields(
        bytes: try vault.open(try row.get(0), at: SealedPlace("revocation", id, "private")))
      let words = Words(
        because: fields["because"] ?? "", evidence: fields["evidence"] ?? "",
        answer: try open(try row.optional(1), "heard"),
        reversal: try open(try row.optional(2), "reversal"))
      _ = try session.batch([audit(actor, "revocation.read", id, [:])])
      return words
    }
  }
}
