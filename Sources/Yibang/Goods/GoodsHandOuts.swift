package import Foundation
import Postgres
import SchoolCalendar

extension Goods {
  /// What one pupil is given of one item.
  package struct Grant: Sendable {
    package var student: UUID
    package var item: UUID
    package var quantity: Int64
    /// Nil: handed out, not signed for yet.
    package var signature: Signature?
    var lineHash: [UInt8]?

    package init(student: UUID, item: UUID, quantity: Int64, signature: Signature? = nil) {
      self.student = student
      self.item = item
      self.quantity = quantity
      self.signature = signature
    }

    var digestParts: [String?] {
      [
        student.uuidString, item.uuidString, "\(quantity)", signature?.by.rawValue,
        signature?.relation, signature.map { "\($0.on)" }, signature?.proof,
      ]
    }
  }

  // district, event, semester, import, date, then one array a column
  private static let insert: SQL = """
    insert into goods_hand_out (
      district_id, event_id, semester, import_id, handed_on, school_id, id, student_id, item_id, quantity,
      signed_by, signer_relation, signed_on, proof, line_hash
    )
    select $1, $2, $3::int, $4::uuid, $5, s.school_id, u.id, u.student_id, u.item_id, u.quantity,
      u.signed_by, u.relation, u.signed_on, u.proof, u.line_hash
    from unnest(
      $6::uuid[], $7::uuid[], $8::uuid[], $9::bigint[], $10::text[], $11::text[], $12::date[],
      $13::text[], $14::bytea[]
    ) as u (
      id, student_id, item_id, quantity, signed_by, relation, signed_on, proof, line_hash
    )
    join student s on s.district_id = $1 and s.id = u.student_id
    """
  private static let schools: SQL = """
    select id, school_id from student where district_id = $1 and id = any ($2)
    """

  /// Hands goods out to pupils, all or none: the oldest lots first, or out of one lot.
  /// - Returns: the event.
  /// - Throws: `GoodsError.short`, `.pupilOfOtherSchool`, `.signatureIncomplete`, `.givenTwice`,
  ///   `StudentError.unknown`, `AccessError`, `IdempotencyError`.
  package static func handOut(
    _ grants: [Grant], from: UUID, lot: UUID? = nil, _ occasion: Occasion, key: String? = nil,
    in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    let request =
      occasion.digestParts + [from.uuidString, lot?.uuidString] + grants.flatMap(\.digestParts)
    return try await posting("goods.hand_out", key: key, request: request, in: context) {
      session, event in
      let source = try place(from, session, actor)
      try handOut(grants, from: source, lot: lot, event: event, occasion, session, actor)
    }
  }

  /// The same in the caller's transaction.
  static func handOut(
    _ grants: [Grant], from source: Place, lot: UUID? = nil, event: UUID, _ occasion: Occasion,
    importID: UUID? = nil, _ session: borrowing Session, _ actor: Actor
  ) throws {
    try check(grants, from: source, occasion, session, actor)
    let amounts = grants.map { Amount(item: $0.item, quantity: $0.quantity) }
    let taken = try take(amounts, from: source, on: occasion.date, lot: lot, session, actor)
    let ids = grants.map { _ in UUID.v7() }
    let signatures = grants.map(\.signature)
    let statement = Bound(
      insert, actor.districtID, event, occasion.semester.ordinal, importID, occasion.date, ids,
      grants.map(\.student), grants.map(\.item), grants.map(\.quantity),
      signatures.map(\.?.by.rawValue), signatures.map { $0?.relation }, signatures.map(\.?.on),
      signatures.map { $0?.proof }, grants.map(\.lineHash))
    do {
      _ = try session.batch([statement])
    } catch {
      throw GoodsError.refusal(error)
    }
    let lines = zip(ids, taken).flatMap { id, part in
      part.piles.map { $0.leaving(source.id, handOut: id) }
    }
    try Stock.post(session, event: event, .handOut, occasion, lines, actor: actor)
    try audit("goods.hand_out", amounts, event, source, session, actor)
  }

  private static func check(
    _ grants: [Grant], from source: Place, _ occasion: Occasion, _ session: borrowing Session,
    _ actor: Actor
  ) throws {
    guard !grants.isEmpty else { throw GoodsError.nothingToDo }
    guard grants.allSatisfy({ (1...1_000_000).contains($0.quantity) }) else {
      throw GoodsError.quantity
    }
    for case let signature? in grants.map(\.signature) {
      guard isComplete(signature, handedOut: occasion.date) else {
        throw GoodsError.signatureIncomplete
      }
    }
    var homes: [UUID: UUID] = [:]
    let students = Array(Set(grants.map(\.student)))
    for row in try session.query(schools, actor.districtID, students) {
      homes[try row.get(0)] = try row.get(1)
    }
    for student in students {
      guard let home = homes[student] else { throw StudentError.unknown(student) }
      guard source.school == nil || source.school == home else {
        throw GoodsError.pupilOfOtherSchool
      }
    }
  }

  static func isComplete(_ signature: Signature, handedOut date: CalendarDate) -> Bool {
    signature.on >= date && (signature.by != .other || signature.relation?.nonEmpty != nil)
  }

  private static let sign: SQL = """
    update goods_hand_out h
    set signed_by = $3, signer_relation = $4, signed_on = $5, proof = $6
    where h.district_id = $1 and h.id = $2 and h.signed_on is null and h.handed_on <= $5
    returning h.school_id
    """
  private static let signed: SQL = """
    select signed_on is not null from goods_hand_out where district_id = $1 and id = $2
    """

  /// Records the signature for a hand-out that had none.
  /// - Throws: `GoodsError.unknownHandOut`, `.signedBefore`, `.signatureIncomplete`, `AccessError`.
  package static func sign(
    _ handOut: UUID, _ signature: Signature, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.manageGoods)
    try await context.write { session in
      try sign(handOut, signature, session, actor)
    }
  }

  static func sign(
    _ handOut: UUID, _ signature: Signature, _ session: borrowing Session, _ actor: Actor
  ) throws {
    guard signature.by != .other || signature.relation?.nonEmpty != nil else {
      throw GoodsError.signatureIncomplete
    }
    let rows = try session.query(
      sign, actor.districtID, handOut, signature.by.rawValue, signature.relation, signature.on,
      signature.proof)
    guard let row = rows.first else {
      guard let known = try session.query(signed, actor.districtID, handOut).first else {
        throw GoodsError.unknownHandOut(handOut)
      }
      if try known.get(0) { throw GoodsError.signedBefore(handOut) }
      throw GoodsError.signatureIncomplete
    }
    _ = try session.batch([
      Audit.statement(
        actor, "goods.sign", subject: "goods_hand_out", id: handOut, school: try row.get(0),
        after: ["signed_by": signature.by.rawValue, "signed_on": "\(signature.on)"])
    ])
  }
}
