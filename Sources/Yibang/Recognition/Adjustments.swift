package import Foundation
import Postgres
package import SchoolCalendar

extension Cases {
  // $1 id, $2 round, $3 pupil, $4 guardian, $5 signed, $6 claims, $7 what has changed, $8 day, $9 actor
  private static let applyChange: SQL = """
    select case_apply_change($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """

  /// What a semester's adjustment begins with.
  package struct Change: Sendable {
    package let student: UUID
    package let semester: Semester
    /// The name of a guardian on record, who applies and signs; nil: the school has a recognised
    /// pupil assessed anew, whichever way it goes.
    package let guardian: String?
    package let signed: Bool
    package let claims: [String]
    /// In the words of who tells it; kept sealed.
    package let words: String

    package init(
      student: UUID, semester: Semester, guardian: String?, signed: Bool, claims: [String],
      words: String
    ) {
      self.student = student
      self.semester = semester
      self.guardian = guardian
      self.signed = signed
      self.claims = claims
      self.words = words
    }
  }

  /// Begins a case in a semester's adjustment: circumstances have changed, or the pupil is new. What
  /// is decided takes effect in the next semester.
  /// - Returns: the case.
  /// - Throws: `RecognitionError`, `AdjustmentError`, `StudentError.unknown`.
  package static func apply(
    _ change: Change, on day: CalendarDate, key: String? = nil, in context: Context
  ) async throws -> (id: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.recognise)
    let words = change.words.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !words.isEmpty else { throw AdjustmentError.saysChange }
    let claim = IdempotencyKey(
      key, operation: "recognition.adjust",
      request: [
        change.student.uuidString, "\(change.semester)", change.guardian, "\(change.signed)", words,
        "\(day)",
      ] + change.claims)
    let vault = context.platform.vault
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return (earlier, true)
      }
      let student = change.student
      guard let school: UUID = try session.query(schoolOf, actor.districtID, student).first?.get(0)
      else { throw StudentError.unknown(student) }
      let round = try Rounds.find(
        change.semester.schoolYear, adjusts: change.semester, school: school, session,
        actor.districtID)
      let rules = try RuleBook(session, district: actor.districtID)
        .rules(round.ruleSet, version: round.ruleVersion)
      var person: UUID?
      if let name = change.guardian {
        person = try session.query(
          guardian, actor.districtID, student, normalizeName(name)
        ).first?.get(0)
        guard person != nil else { throw RecognitionError.notGuardian }
      }
      let sealed = try vault.seal(
        [UInt8](words.utf8), at: SealedPlace("recognition_case", id, "changed"))
      _ = try run(
        session,
        [
          Bound(
            applyChange, id, round.id, student, person, change.signed,
            try vault.sealJSON(
              try categories(change.claims, rules), at: CaseGrounds.claims(of: id)),
            sealed, day, actor.userID),
          audit(
            actor, "recognition.adjust", id,
            ["applied_on": "\(day)", "started_by": person == nil ? "school" : "family"]),
        ])
      return (id, false)
    }
  }

  private static let changed: SQL = """
    select changed_sealed from recognition_case where district_id = $1 and id = $2
    """

  /// What was said to have changed; nil in a yearly case. Reading it is recorded.
  /// - Throws: `RecognitionError.unknownCase`.
  package static func change(of id: UUID, in context: Context) async throws -> String? {
    let actor = context.actor
    try actor.require(.readIdentities)
    let vault = context.platform.vault
    return try await context.readTraced { session in
      guard let row = try session.query(changed, actor.districtID, id).first else {
        throw RecognitionError.unknownCase
      }
      let sealed: [UInt8]? = try row.optional(0)
      _ = try session.batch([audit(actor, "recognition.read_change", id, [:])])
      return try sealed.map {
        String(
          decoding: try vault.open($0, at: SealedPlace("recognition_case", id, "changed")),
          as: UTF8.self)
      }
    }
  }
}

package enum AdjustmentError: YibangError {
  case unknownRound(Semester)
  case otherSemester(Semester)
  case saysChange
  case noAdjustment
  case openAlready
  case nothingPresent
  case nextSemesterUnknown
  case yearOver

  package var code: String {
    switch self {
    case .unknownRound: "adjustment.unknown_round"
    case .otherSemester: "adjustment.other_semester"
    case .saysChange: "adjustment.says_change"
    case .noAdjustment: "adjustment.no_adjustment"
    case .openAlready: "adjustment.open_already"
    case .nothingPresent: "adjustment.nothing_present"
    case .nextSemesterUnknown: "adjustment.next_semester_unknown"
    case .yearOver: "adjustment.year_over"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownRound: .notFound
    case .otherSemester, .saysChange: .badData
    default: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknownRound(let semester):
      Text(
        "本校\(semester.zh)还没有开始调整。请先 yibang recognition open --adjustment。",
        "The school has no adjustment in the \(semester.en) yet. First yibang recognition open "
          + "--adjustment.")
    case .otherSemester(let semester):
      Text(
        "宣传告知的日期不在\(semester.zh)，请核对日期或学期。",
        "The announcement is not dated in the \(semester.en). Check the day or the semester.")
    case .saysChange:
      Text("调整申请须写明有什么变化（--changed）。", "Say what has changed (--changed).")
    case .noAdjustment:
      Text(
        "这不是学期调整。年度认定请用 recognition apply。",
        "That is no adjustment. For the yearly recognition use recognition apply.")
    case .openAlready:
      Text(
        "该学生有另一份申请还在办理，请先办完或撤回。",
        "Another case of the pupil is under way. Finish or withdraw it first.")
    case .nothingPresent:
      Text(
        "该学生现在没有认定，不能由学校提出重新评定；由监护人申请（--guardian、--signed）。",
        "The pupil is not recognised at present, so there is nothing for the school to have assessed "
          + "anew: a guardian applies (--guardian, --signed).")
    case .nextSemesterUnknown:
      Text(
        "区里还没有开设下学期，不知道调整从哪天起生效。请先 yibang semester open。",
        "The next semester is not open in the district, so nobody knows the day from which it holds. "
          + "First yibang semester open.")
    case .yearOver:
      Text("该学年的认定期已过，请核对日期。", "The school year is over on that day. Check it.")
    }
  }

  static let refusals: [String: AdjustmentError] = [
    "case_says_change": .saysChange,
    "case_no_adjustment": .noAdjustment,
    "case_open_already": .openAlready,
    "case_nothing_present": .nothingPresent,
    "case_next_semester": .nextSemesterUnknown,
    "case_year_over": .yearOver,
  ]
}
