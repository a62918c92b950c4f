package import Foundation
import Postgres
package import SchoolCalendar

/// Pupils who go from one school of the district to another: the old school proposes and the new one
/// accepts, or the district does both.
package enum StudentMoves {
  package enum State: String, CaseIterable, Sendable, Codable {
    case proposed, done, cancelled

    package var name: Text {
      switch self {
      case .proposed: Text("待接收", "proposed")
      case .done: Text("已转学", "done")
      case .cancelled: Text("已取消", "cancelled")
      }
    }
  }

  package struct Move: Sendable, Codable {
    package let id: UUID
    package let student: UUID
    /// Always masked: until it has accepted, the new school knows the child by its own papers.
    package let name: MaskedName
    package let grade: String?
    package let from: String
    package let to: String
    package let on: CalendarDate
    package let state: State
    /// Whether it waits for the actor's school.
    package let isIncoming: Bool

    enum CodingKeys: String, CodingKey {
      case id, student, name, grade, from, to, on, state
      case isIncoming = "incoming"
    }
  }

  /// What a move took with it of the pupil's case.
  package struct Outcome: Sendable, Codable {
    package let move: UUID
    /// Nil as long as the new school has not accepted.
    package let state: State
    /// A case under way ended at the old school.
    package let caseEnded: Bool
    /// It began anew in the round of the new school.
    package let caseGoesOn: Bool
  }

  private static let propose: SQL = "select move_propose($1, $2, $3, $4, $5, $6)"
  private static let accept: SQL = """
    select student_id, withdrawn, continued, ended_case, claims_sealed
    from move_accept($1, $2, $3, $4)
    """
  private static let claimsFollow: SQL = "select case_claims_follow($1, $2)"
  private static let cancel: SQL = "select move_cancel($1)"
  private static let follow: SQL = "select pairing_follow($1, $2, $3)"

  /// Proposes that a pupil goes to another school; for the district, that is the move itself.
  /// - Parameters:
  ///   - code: the new school's.
  ///   - day: the pupil's first day there, not after today.
  /// - Throws: `MoveError`, `AccessError`, `IdempotencyError`.
  package static func move(
    _ student: UUID, to code: SchoolCode, on day: CalendarDate, today: CalendarDate,
    key: String? = nil, in context: Context
  ) async throws -> Outcome {
    let actor = context.actor
    try actor.require(.importStudents)
    let claim = IdempotencyKey(
      key, operation: "student.transfer", request: [student.uuidString, code.text, "\(day)"])
    let vault = context.platform.vault
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return Outcome(
          move: earlier, state: actor.schoolID == nil ? .done : .proposed, caseEnded: false,
          caseGoesOn: false)
      }
      _ = try run(
        session,
        [
          Bound(propose, id, student, code.text, day, today, actor.userID),
          Audit.statement(
            actor, "student.transfer_propose", subject: "student", id: student,
            after: ["move": id.lowercase, "to": code.text, "on": "\(day)"]),
        ])
      guard actor.schoolID == nil else {
        return Outcome(move: id, state: .proposed, caseEnded: false, caseGoesOn: false)
      }
      return try accept(id, today: today, session, actor, vault)
    }
  }

  /// Takes a pupil whom another school has proposed. Guardians, consents, recognition, pairing and
  /// what was handed out follow, and the sponsor's money that is not paid out; payment lines stay with the school that owes them, cases with the
  /// school that decides them. An open case ends there and, where the new school has a round of the
  /// same kind, begins anew here.
  /// - Throws: `MoveError`, `AccessError`.
  package static func accept(
    _ move: UUID, today: CalendarDate, in context: Context
  ) async throws -> Outcome {
    let actor = context.actor
    try actor.require(.importStudents)
    let vault = context.platform.vault
    return try await context.write { try accept(move, today: today, $0, actor, vault) }
  }

  private static func accept(
    _ move: UUID, today: CalendarDate, _ session: borrowing Session, _ actor: Actor,
    _ vault: Vault
  ) throws -> Outcome {
    let new = UUID.v7()
    let rows = try run(session, [Bound(accept, move, new, today, actor.userID)])
    guard let row = rows[0].first else { throw MoveError.unknown }
    let ended: Int64 = try row.get(1)
    let continued: Int64 = try row.get(2)
    if let ended: UUID = try row.optional(3) {
      let claims = try vault.claims(try row.optional(4), of: ended)
      try session.execute(
        claimsFollow, new, try vault.sealJSON(claims, at: CaseGrounds.claims(of: new)))
    }
    let rest = try LifecycleError.run(session, Bound(follow, move, today, actor.userID))
    let money: Int64 = try rest[0][0].get(0)
    _ = try session.batch([
      Audit.statement(
        actor, "student.transfer", subject: "student", id: try row.get(0),
        after: [
          "move": move.lowercase, "cases_ended": "\(ended)", "cases_continued": "\(continued)",
          "money_fen": "\(money)",
        ])
    ])
    return Outcome(move: move, state: .done, caseEnded: ended > 0, caseGoesOn: continued > 0)
  }

  /// Gives a proposed move up, by either school or the district.
  /// - Throws: `MoveError`, `AccessError`.
  package static func cancel(_ move: UUID, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.importStudents)
    try await context.write { session in
      _ = try run(
        session,
        [
          Bound(cancel, move),
          Audit.statement(actor, "student.transfer_cancel", subject: "student_move", id: move),
        ])
    }
  }

  private static let list: SQL = """
    select id, student_id, name, grade, from_school, to_school, moves_on, state, incoming
    from student_moves($1, $2)
    """

  /// Moves by date, of one pupil or of the actor's school.
  package static func list(
    of student: UUID? = nil, openOnly: Bool = false, in context: Context
  ) async throws -> [Move] {
    try context.actor.require(.read)
    return try await context.read { try list(of: student, openOnly: openOnly, $0) }
  }

  static func list(
    of student: UUID?, openOnly: Bool, _ session: borrowing Session
  ) throws -> [Move] {
    try session.query(list, student, openOnly).map { row in
      Move(
        id: try row.get(0), student: try row.get(1), name: MaskedName(masking: try row.get(2)),
        grade: try row.optional(3), from: try row.get(4), to: try row.get(5), on: try row.get(6),
        state: State(rawValue: try row.get(7)) ?? .cancelled, isIncoming: try row.get(8))
    }
  }

  /// A school that a pupil was at; nil for a day that nobody recorded, or that has not come.
  package struct Stay: Sendable, Codable {
    package let school: String
    package let from: CalendarDate?
    package let until: CalendarDate?
  }

  private static let present: SQL = """
    select h.name from student s
    join school h on h.district_id = s.district_id and h.id = s.school_id
    where s.district_id = $1 and s.id = $2
    """

  /// The schools of a pupil, in order.
  /// - Throws: `StudentError.unknown`.
  package static func stays(of student: UUID, in context: Context) async throws -> [Stay] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      guard let school: String = try session.query(present, actor.districtID, student).first?.get(0)
      else { throw StudentError.unknown(student) }
      let moves = try list(of: student, openOnly: false, session).filter { $0.state == .done }
      var stays: [Stay] = []
      var since: CalendarDate?
      for move in moves {
        stays.append(Stay(school: move.from, from: since, until: move.on.adding(days: -1)))
        since = move.on
      }
      return stays + [Stay(school: school, from: since, until: nil)]
    }
  }

  private static func run(
    _ session: borrowing Session, _ statements: [Bound]
  ) throws -> [Rows] {
    do throws(PostgresError) {
      return try session.batch(statements)
    } catch {
      throw MoveError.refusal(error)
    }
  }
}

package enum MoveError: YibangError {
  case unknown
  case state(StudentMoves.State)
  case unknownPupil
  case unknownSchool
  case sameSchool
  case proposedBefore
  case notYet
  case beforeLast
  case otherSide
  case gone

  package var code: String {
    switch self {
    case .unknown: "move.unknown"
    case .state: "move.state"
    case .unknownPupil: "move.unknown_pupil"
    case .unknownSchool: "move.unknown_school"
    case .sameSchool: "move.same_school"
    case .proposedBefore: "move.proposed_before"
    case .notYet: "move.not_yet"
    case .beforeLast: "move.before_last"
    case .otherSide: "move.other_side"
    case .gone: "move.gone"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknown, .unknownPupil, .unknownSchool: .notFound
    case .otherSide: .forbidden
    case .notYet, .beforeLast, .sameSchool: .badData
    case .state, .proposedBefore, .gone: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknown:
      Text(
        "没有这一转学。可用 yibang student transfers 查看。",
        "There is no such transfer. See yibang student transfers.")
    case .state(let state):
      Text("该转学\(state.name.zh)，不能再办。", "The transfer is \(state.name.en) already.")
    case .unknownPupil:
      Text(
        "本校没有这名学生。可用 yibang student list 查看。",
        "The school has no such pupil. See yibang student list.")
    case .unknownSchool:
      Text("本区没有这所学校，请核对学校标识码。", "The district has no such school. Check its code.")
    case .sameSchool: Text("该学生就在这所学校。", "The pupil is at that school.")
    case .proposedBefore:
      Text(
        "该学生的转学正等着接收，可用 yibang student transfers 查看。",
        "A transfer of the pupil waits to be accepted. See yibang student transfers.")
    case .notYet: Text("转学日期还没有到，请到当日再办。", "That day has not come: do it then.")
    case .beforeLast:
      Text("日期早于上一次转学，请核对。", "The day is before the pupil's last transfer. Check it.")
    case .otherSide:
      Text(
        "转出学校提出后，须由转入学校或区里接收。",
        "What the old school has proposed, the new school or the district accepts.")
    case .gone: Text("该学生已不在转出学校。", "The pupil is no longer at the old school.")
    }
  }

  static func refusal(_ error: PostgresError) -> any Error {
    let constraint = error.detail?.constraint ?? ""
    let prefix = "move_state_"
    if constraint.hasPrefix(prefix),
      let state = StudentMoves.State(rawValue: String(constraint.dropFirst(prefix.count)))
    {
      return MoveError.state(state)
    }
    return refusals[constraint] ?? RecognitionError.refusal(error)
  }

  private static let refusals: [String: MoveError] = [
    "move_known": .unknown,
    "move_pupil": .unknownPupil,
    "move_school": .unknownSchool,
    "student_move_elsewhere": .sameSchool,
    "student_move_once": .proposedBefore,
    "move_not_yet": .notYet,
    "move_before": .beforeLast,
    "move_other_side": .otherSide,
    "move_gone": .gone,
  ]
}
