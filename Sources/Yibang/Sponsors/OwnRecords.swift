package import Foundation
import Postgres
package import SchoolCalendar

/// What a sponsor with an account sees: the own gifts, pupils, instalments, receipts and letters, and of
/// a pupil what its consents allow.
package enum OwnRecords {
  private static let records: SQL = "select donor_records($1)"

  /// All records of the donor: its own and those merged into it.
  private static func records(
    _ donor: UUID, _ session: borrowing Session
  ) throws -> [UUID] {
    try session.query(records, donor)[0].optional(0) ?? []
  }

  /// A page of what the sponsor gave and paid, with the transfers that make it.
  /// - Throws: `AccessError` for whoever is no sponsor; `DonorError.unknownLine`.
  package static func statement(
    from: CalendarDate? = nil, to: CalendarDate? = nil, after: UUID? = nil, limit: Int = 100,
    withTotals: Bool = false, in context: Context
  ) async throws -> DonorStatement {
    let actor = context.actor
    return try await context.readOwn { session, donor in
      try Donors.statement(
        Donors.StatementRequest(
          donor, from: from, to: to, after: after, limit: limit, withTotals: withTotals),
        Donors.giver(donor, session, actor), showsName: true, session, actor)
    }
  }

  /// A pairing as its sponsor sees it.
  package struct Pairing: Sendable, Codable {
    package let id: UUID
    /// The pupil's name, masked without a consent to more; nil once the consent to the pairing was
    /// withdrawn.
    package let pupil: String?
    package let school: String?
    package let grade: String?
    package let state: Pairings.State
    package let from: Semester
    package let amountPromised: Money
    package let amountReceived: Money
    package let instalments: [Instalment]

    enum CodingKeys: String, CodingKey {
      case id, pupil, school, grade, state, from
      case amountPromised = "promised"
      case amountReceived = "received"
      case instalments
    }
  }

  package struct Instalment: Sendable, Codable {
    /// 1 to 6.
    package let number: Int
    package let semester: Semester
    package let dueOn: CalendarDate
    /// What is asked for, after what was excused.
    package let due: Money
    package let received: Money

    enum CodingKeys: String, CodingKey {
      case number, semester
      case dueOn = "due_on"
      case due, received
    }
  }

  // $1 district, $2 records of the donor, $3 the day
  private static let pairings: SQL = """
    select p.id, p.state, p.first_semester, n.sees, s.name, c.name, s.grade
    from pairing p
    cross join lateral sponsor_sees(p.student_id, p.donor_id, $3) as n (sees)
    left join student s
      on s.district_id = p.district_id and s.id = p.student_id and n.sees <> 'nothing'
    left join school c on c.district_id = s.district_id and c.id = s.school_id
    where p.district_id = $1 and p.donor_id = any ($2)
    order by p.first_semester desc, p.id
    """
  private static let instalments: SQL = """
    select k.pairing_id, i.number, i.semester, i.due_on,
      i.amount_fen - i.excused_fen - i.carried_fen, i.received_fen
    from commitment k
    join instalment i on i.district_id = k.district_id and i.commitment_id = k.id
    where k.district_id = $1 and k.pairing_id = any ($2)
    order by i.number
    """

  /// The sponsor's pairings, the latest first, with their instalments.
  /// - Throws: `AccessError` for whoever is no sponsor.
  package static func pairings(
    today: CalendarDate, in context: Context
  ) async throws -> [Pairing] {
    let district = context.actor.districtID
    return try await context.readOwn { session, donor in
      let rows = try session.query(pairings, district, records(donor, session), today)
      let ids: [UUID] = try rows.map { try $0.get(0) }
      var parts: [UUID: [Instalment]] = [:]
      for row in try session.query(instalments, district, ids) {
        parts[try row.get(0), default: []].append(
          Instalment(
            number: Int(try row.get(1) as Int32), semester: try row.semester(2),
            dueOn: try row.get(3), due: Money(fen: try row.get(4)),
            received: Money(fen: try row.get(5))))
      }
      return try rows.map { row in
        let id: UUID = try row.get(0)
        let isNamed = try row.get(3) == "name"
        let name: String? = try row.optional(4)
        let own = parts[id] ?? []
        return Pairing(
          id: id, pupil: name.map { isNamed ? $0 : maskedName($0) }, school: try row.optional(5),
          grade: try row.optional(6),
          state: Pairings.State(rawValue: try row.get(1)) ?? .ended,
          from: try row.semester(2), amountPromised: try own.map(\.due).total(),
          amountReceived: try own.map(\.received).total(), instalments: own)
      }
    }
  }

  // $1 district, $2 records of the donor
  private static let receipts: SQL = """
    select r.* from donation g
    join receipt_register r on r.district_id = g.district_id and r.donation_id = g.id
    where g.district_id = $1 and g.donor_id = any ($2)
    order by r.issued_on desc, r.id desc
    """

  /// The receipts of the sponsor's gifts, the latest first.
  /// - Throws: `AccessError` for whoever is no sponsor.
  package static func receipts(in context: Context) async throws -> [Receipts.Receipt] {
    let district = context.actor.districtID
    return try await context.readOwn { session, donor in
      try session.query(receipts, district, records(donor, session)).map {
        try Receipts.Receipt($0)
      }
    }
  }

  /// A letter that was released to the sponsor.
  package struct Letter: Sendable, Codable {
    package let id: UUID
    package let pairing: UUID
    /// `text` or `scan`.
    package let form: String
    package let writtenOn: CalendarDate
    package let releasedOn: CalendarDate

    enum CodingKeys: String, CodingKey {
      case id, pairing, form
      case writtenOn = "written_on"
      case releasedOn = "released_on"
    }
  }

  private static let letters: SQL = """
    select id, pairing_id, form, written_on, released_on from letters_released($1, $2)
    """
  private static let letter: SQL = """
    select form, version, content_sealed from letter_read($1, $2, $3, $4, $5)
    """

  /// The letters that were released to the sponsor, the latest first, as long as their consents hold.
  /// - Throws: `AccessError` for whoever is no sponsor.
  package static func letters(
    today: CalendarDate, in context: Context
  ) async throws -> [Letter] {
    try await context.readOwn { session, donor in
      try session.query(letters, records(donor, session), today).map { row in
        Letter(
          id: try row.get(0), pairing: try row.get(1), form: try row.get(2),
          writtenOn: try row.get(3), releasedOn: try row.get(4))
      }
    }
  }

  /// Opens a letter that was released to the sponsor, which stands in the trail.
  /// - Throws: `LetterError.unknown`, also for one of somebody else, or whose consent was withdrawn;
  ///   `AccessError` for whoever is no sponsor; `VaultError`.
  package static func letter(
    _ id: UUID, today: CalendarDate, in context: Context
  ) async throws -> Letters.Content {
    let (actor, vault) = (context.actor, context.platform.vault)
    return try await context.readOwnTraced { session, donor in
      let rows = try session.query(
        letter, id, records(donor, session), UUID.v7(), today, actor.userID)
      guard let row = rows.first else { throw LetterError.unknown(id) }
      let version: Int32 = try row.get(1)
      let bytes = try vault.open(
        try row.get(2), at: Letters.place(id, version: Int(version)))
      return try row.get(0) == "scan"
        ? .scan(bytes) : .text(String(decoding: bytes, as: UTF8.self))
    }
  }
}
