package import Foundation
import Postgres
package import SchoolCalendar

/// Objections to a notice, by anybody, also without a name (异议与复核).
package enum Objections {
  package struct Objection: Sendable, Codable {
    /// By which the objector follows it.
    package let number: String
    package let school: String
    package let notice: UUID
    /// The line of the notice; nil for the notice as a whole.
    package let line: Int?
    package let receivedOn: CalendarDate
    package let answerBy: CalendarDate
    package let anonymous: Bool
    package let answeredOn: CalendarDate?
    package let upheld: Bool?

    enum CodingKeys: String, CodingKey {
      case number, school, notice, line
      case receivedOn = "received_on"
      case answerBy = "answer_by"
      case anonymous
      case answeredOn = "answered_on"
      case upheld
    }
  }

  // $1 id, $2 number, $3 notice, $4 line, $5 anonymous, $6 sealed, $7 day, $8 answer by
  private static let file: SQL = "select objection_file($1, $2, $3, $4, $5, $6, $7, $8)"

  /// Takes an objection while the notice runs; it keeps the case, or all of the notice, from filing.
  /// - Parameters:
  ///   - line: the number of a line; nil objects to the notice, as where a pupil was left out.
  ///   - contact: how the objector is reached; nil for an anonymous objection.
  /// - Returns: the number to follow it, which nobody can guess.
  /// - Throws: `NoticeError`, `CalendarError` if the deadline reaches a year without holidays.
  package static func file(
    notice: UUID, line: Int?, words: String, contact: String?, on day: CalendarDate,
    in context: Context
  ) async throws -> (number: String, answerBy: CalendarDate) {
    let actor = context.actor
    let words = words.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !words.isEmpty else { throw NoticeError.noWords }
    let id = UUID.v7()
    let number = makeNumber()
    let contact = contact?.trimmingCharacters(in: .whitespacesAndNewlines).nonEmpty
    let fields = SealedFields(["words": words, "contact": contact ?? ""])
    let sealed = try context.platform.vault.seal(fields.bytes, at: place(id, "private"))
    return try await context.write { session in
      let answerBy = try Calendars.workingDays(school: nil, session, actor.districtID)
        .deadline(after: day, workingDays: Rounds.answerWorkingDays)
      _ = try Cases.run(
        session,
        [
          Bound(
            file, id, number, notice, line.map(Int32.init), contact == nil, sealed, day, answerBy),
          Audit.statement(
            actor, "objection.file", subject: "objection", id: id,
            after: ["received_on": "\(day)"]),
        ])
      return (number, answerBy)
    }
  }

  /// Letters and digits that nobody mixes up; 12 of 30 are 58 bits.
  private static func makeNumber() -> String {
    let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ")
    var random = SystemRandomNumberGenerator()
    let symbols = (0..<12).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
    return [0, 4, 8].map { String(symbols[$0..<$0 + 4]) }.joined(separator: "-")
  }

  private static func place(_ id: UUID, _ column: String) -> SealedPlace {
    SealedPlace("objection", id, column)
  }

  private static func normalized(_ number: String) -> String {
    normalizeText(number).uppercased()
  }

  /// What became of an objection.
  package struct Status: Sendable, Codable {
    package let receivedOn: CalendarDate
    package let answerBy: CalendarDate
    package let answeredOn: CalendarDate?
    package let upheld: Bool?
    package let answer: String?

    enum CodingKeys: String, CodingKey {
      case receivedOn = "received_on"
      case answerBy = "answer_by"
      case answeredOn = "answered_on"
      case upheld, answer
    }
  }

  private static let status: SQL = """
    select id, received_on, answer_by, answered_on, upheld, answer_sealed from objection_status($1)
    """

  /// What became of an objection, for whoever has its number.
  /// - Throws: `NoticeError.unknownObjection`.
  package static func status(_ number: String, in context: Context) async throws -> Status {
    let vault = context.platform.vault
    return try await context.read { session in
      guard let row = try session.query(status, normalized(number)).first else {
        throw NoticeError.unknownObjection
      }
      let id: UUID = try row.get(0)
      let sealed: [UInt8]? = try row.optional(5)
      return Status(
        receivedOn: try row.get(1), answerBy: try row.get(2), answeredOn: try row.optional(3),
        upheld: try row.optional(4),
        answer: try sealed.map {
          String(decoding: try vault.open($0, at: place(id, "answer")), as: UTF8.self)
        })
    }
  }

  private static let list: SQL = """
    select o.number, s.name, o.notice_id, l.line, o.received_on, o.answer_by, o.anonymous,
      o.answered_on, o.upheld
    from objection o
    join school s on s.district_id = o.district_id and s.id = o.school_id
    left join notice_line l
      on l.district_id = o.district_id and l.notice_id = o.notice_id and l.case_id = o.case_id
    where o.district_id = $1 and ($2::uuid is null or o.school_id = $2)
      and (not $3 or o.answered_on is null)
    order by o.answered_on is not null, o.answer_by, o.id
    """

  /// Open objections first, by the day they are to be answered.
  package static func list(
    school: UUID? = nil, openOnly: Bool = false, in context: Context
  ) async throws -> [Objection] {
    let actor = context.actor
    try actor.require(.read)
    if let school { try actor.require(school: school) }
    return try await context.read { session in
      try session.query(list, actor.districtID, school, openOnly).map { row in
        let line: Int32? = try row.optional(3)
        return Objection(
          number: try row.get(0), school: try row.get(1), notice: try row.get(2),
          line: line.map(Int.init), receivedOn: try row.get(4), answerBy: try row.get(5),
          anonymous: try row.get(6), answeredOn: try row.optional(7), upheld: try row.optional(8))
      }
    }
  }

  private static let read: SQL = """
    select id, private_sealed from objection where district_id = $1 and number = $2
    """

  /// What an objector wrote, and how to reach one who left a contact. Reading it is recorded.
  /// - Throws: `NoticeError.unknownObjection`.
  package static func read(
    _ number: String, in context: Context
  ) async throws -> (words: String, contact: String?) {
    let actor = context.actor
    try actor.require(.reviewObjections)
    let vault = context.platform.vault
    return try await context.readTraced { session in
      guard let row = try session.query(read, actor.districtID, normalized(number)).first else {
        throw NoticeError.unknownObjection
      }
      let id: UUID = try row.get(0)
      let fields = SealedFields(bytes: try vault.open(try row.get(1), at: place(id, "private")))
      _ = try session.batch([
        Audit.statement(actor, "objection.read", subject: "objection", id: id)
      ])
      return (fields["words"] ?? "", fields["contact"])
    }
  }

  private static let answer: SQL = "select objection_answer($1, $2, $3, $4, $5)"

  /// Answers an objection after a review by somebody who took no part in the decision. Upheld, its
  /// case leaves the notice and is assessed anew.
  /// - Throws: `NoticeError.unknownObjection`, `.answeredBefore`, `.reviewerDecided`, `.noWords`.
  package static func answer(
    _ number: String, upheld: Bool, words: String, on day: CalendarDate, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.reviewObjections)
    let words = words.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !words.isEmpty else { throw NoticeError.noWords }
    let vault = context.platform.vault
    try await context.write { session in
      let number = normalized(number)
      guard let id: UUID = try session.query(read, actor.districtID, number).first?.get(0) else {
        throw NoticeError.unknownObjection
      }
      let sealed = try vault.seal([UInt8](words.utf8), at: place(id, "answer"))
      _ = try Cases.run(
        session,
        [
          Bound(answer, number, upheld, sealed, day, actor.userID),
          Audit.statement(
            actor, "objection.answer", subject: "objection", id: id,
            after: ["upheld": "\(upheld)", "answered_on": "\(day)"]),
        ])
    }
  }
}
