package import Foundation
import Postgres

extension Reconciliation {
  // A line by its id, with the school whose books it is held against.
  private static let findLine: SQL = """
    select school_id from bank_line where district_id = $1 and id = $2
    """
  // Transfers by their own ids or by those of the donations or instalment receipts they book.
  private static let findTransfers: SQL = """
    select coalesce(g.transfer_id, i.transfer_id, e.transfer_id), asked.id
    from unnest($2::uuid[]) as asked (id)
    left join donation g on g.district_id = $1 and g.id = asked.id
    left join instalment_receipt i on i.district_id = $1 and i.id = asked.id
    left join lateral bank_entry_school(asked.id) as e on true
    """
  private static let schoolOfTransfer: SQL = """
    select school_id from bank_entry_school($1)
    """

  /// Matches a bank line with transfers, by a person who looked. Their sum is the line's amount, to
  /// the fen.
  /// - Parameters:
  ///   - transfers: ids of transfers, donations or instalment receipts.
  ///   - note: why, in the clerk's words.
  ///   - key: makes a repetition safe: the same key and request give the same match.
  /// - Returns: the match.
  /// - Throws: `ReconciliationError`, `AccessError`, `IdempotencyError`.
  package static func match(
    line: UUID, with transfers: [UUID], note: String, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.reconcile)
    guard !transfers.isEmpty else { throw ReconciliationError.unknownTransfer(nil) }
    let note = try written(note)
    let claim = IdempotencyKey(
      key, operation: "bank.match",
      request: [line.uuidString, transfers.map(\.uuidString).sorted().joined(separator: " "), note])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      let school = try school(ofLine: line, session, actor)
      try takeTurn(school: school, session, actor)
      let known = try find(transfers, session, actor)
      try record(
        kind: "match", manual: true, ids: [id], lines: [line], reasons: [.byHand],
        owners: known.map { _ in id }, transfers: known, note: note, session, actor)
      _ = try session.batch([
        Audit.statement(
          actor, "bank.match", subject: "reconciliation", id: id, school: school,
          after: ["line": line.lowercase, "transfers": "\(known.count)"])
      ])
      return id
    }
  }

  /// What an explanation is of.
  package enum Side: Sendable {
    /// A bank line that no transfer stands for.
    case line(UUID)
    /// A transfer, donation or instalment receipt that no bank line stands for.
    case transfer(UUID)

    var id: UUID {
      switch self {
      case .line(let id), .transfer(let id): id
      }
    }
  }

  /// Clears a line or a transfer that has no other side, with the reason.
  /// - Throws: `ReconciliationError`, `AccessError`, `IdempotencyError`.
  package static func explain(
    _ side: Side, _ reason: ReconciliationReason, note: String, key: String? = nil,
    in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.reconcile)
    let note = try written(note)
    let claim = IdempotencyKey(
      key, operation: "bank.explain", request: ["\(side)", reason.rawValue, note])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      let school: UUID?
      var line: UUID?
      var transfers: [UUID] = []
      switch side {
      case .line(let asked):
        guard ReconciliationReason.ofLines.contains(reason) else {
          throw ReconciliationError.noExplanation(reason)
        }
        school = try self.school(ofLine: asked, session, actor)
        line = asked
      case .transfer(let asked):
        guard ReconciliationReason.ofTransfers.contains(reason) else {
          throw ReconciliationError.noExplanation(reason)
        }
        transfers = try find([asked], session, actor)
        school = try session.query(schoolOfTransfer, transfers[0]).first?
          .optional(0)
      }
      try takeTurn(school: school, session, actor)
      try record(
        kind: "explanation", manual: true, ids: [id], lines: [line], reasons: [reason],
        owners: transfers.map { _ in id }, transfers: transfers, note: note, session, actor)
      _ = try session.batch([
        Audit.statement(
          actor, "bank.explain", subject: "reconciliation", id: id, school: school,
          after: ["reason": reason.rawValue, "of": side.id.lowercase])
      ])
      return id
    }
  }

  private static let findStanding: SQL = """
    select r.id, r.school_id, r.kind from reconciliation r
    where r.district_id = $1 and r.state = 'standing'
      and (r.id = $2 or r.line_id = $2)
    union
    select r.id, r.school_id, r.kind from reconciliation_transfer x
    join reconciliation r on r.district_id = x.district_id and r.id = x.reconciliation_id
    where x.district_id = $1 and x.state = 'standing'
      and x.transfer_id in (
        select $2::uuid
        union all
        select g.transfer_id from donation g where g.district_id = $1 and g.id = $2
        union all
        select i.transfer_id from instalment_receipt i where i.district_id = $1 and i.id = $2
      )
    """
  private static let takeBack: SQL = "select reconciliation_take_back($1, $2, $3)"

  /// Undoes a match or an explanation. It stays on record, with who undid it and why.
  /// - Parameter id: of the match or explanation, of its bank line, or of one of its transfers or
  ///   donations.
  /// - Returns: the match or explanation.
  /// - Throws: `ReconciliationError.notCleared`, `.reasonMissing`, `AccessError`, `IdempotencyError`.
  package static func undo(
    _ id: UUID, reason: String, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.reconcile)
    let reason = try written(reason)
    let claim = IdempotencyKey(
      key, operation: "bank.unmatch", request: [id.uuidString, reason])
    return try await context.write { session in
      let found = try session.query(findStanding, actor.districtID, id).first
      let standing: UUID? = try found?.get(0)
      if let earlier = try claim?.claim(
        session, district: actor.districtID, result: standing ?? id)
      {
        return earlier
      }
      guard let found, let standing,
        try session.query(takeBack, standing, reason, actor.userID).first?.get(0) == true
      else { throw ReconciliationError.notCleared(id) }
      let kind: String = try found.get(2)
      _ = try session.batch([
        Audit.statement(
          actor, "bank.unmatch", subject: "reconciliation", id: standing,
          school: try found.optional(1), before: ["kind": kind], after: ["state": "undone"])
      ])
      return standing
    }
  }

  private static func written(_ note: String) throws -> String {
    let note = normalizeText(note)
    guard !note.isEmpty else { throw ReconciliationError.reasonMissing }
    return note
  }

  private static func school(
    ofLine line: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> UUID? {
    guard let row = try session.query(findLine, actor.districtID, line).first else {
      throw ReconciliationError.unknownLine(line)
    }
    return try row.optional(0)
  }

  private static func find(
    _ ids: [UUID], _ session: borrowing Session, _ actor: Actor
  ) throws -> [UUID] {
    var found: Set<UUID> = []
    for row in try session.query(findTransfers, actor.districtID, ids) {
      guard let transfer: UUID = try row.optional(0) else {
        throw ReconciliationError.unknownTransfer(try row.get(1))
      }
      found.insert(transfer)
    }
    return found.sorted { $0.uuidString < $1.uuidString }
  }
}
