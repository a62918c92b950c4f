import Foundation
import Postgres

/// The one place through which private data is shown in full: to who may read identities, for a stated
/// reason, person by person within limits, with one row a person in the log, in the transaction of the
/// reading.
package enum Reveals {
  /// Persons whom one user may look up, one by one, within an hour and within 24.
  static let hourly = 30
  static let daily = 200

  /// How private data was shown.
  package enum Way: String, Sendable, CaseIterable, Codable {
    case pupil, donor, report
    case paymentSheet = "payment_sheet"
    case applicationForm = "application_form"
    case nationalExport = "national_export"
    case recognition

    /// One person at a time, which is limited. All others are papers of many.
    var isOneByOne: Bool { [.pupil, .donor].contains(self) }

    package var name: Text {
      switch self {
      case .pupil: Text("查看学生身份信息", "a pupil's identity")
      case .donor: Text("查看捐赠人身份信息", "a donor's identity")
      case .report: Text("导出登记表", "the school's register")
      case .paymentSheet: Text("导出发放表", "the sheet of a payment")
      case .applicationForm: Text("打印认定申请表", "application forms")
      case .nationalExport: Text("导出全国资助系统名单", "the sheet for the national system")
      case .recognition: Text("查看困难认定", "recognitions")
      }
    }
  }

  /// A kind of private data.
  package enum Detail: String, Sendable, CaseIterable, Codable {
    case residentID = "resident_id"
    case studentCode = "student_code"
    case creditCode = "credit_code"
    case phone, address
    case guardianPhone = "guardian_phone"
    case family, hardship

    package var name: Text {
      switch self {
      case .residentID: Text("身份证号", "resident ID")
      case .studentCode: Text("学籍号", "student code")
      case .creditCode: Text("统一社会信用代码", "credit code")
      case .phone: Text("电话", "phone")
      case .address: Text("住址", "address")
      case .guardianPhone: Text("监护人电话", "guardians' phones")
      case .family: Text("家庭情况", "the family's situation")
      case .hardship: Text("困难类别", "kind of hardship")
      }
    }
  }

  enum Subject: String { case student, donor }

  /// What is shown at once, and how the trail tells it.
  struct Act {
    let way: Way
    let what: [Detail]
    /// As ``Reveals/reason(_:_:)`` gave it.
    let reason: String
    var action = "identity.reveal"
    /// What the trail's entry is about.
    var record: (subject: String, id: UUID?)
    var school: UUID?
    var facts: [String: String?] = [:]
  }

  /// A reason that may stand in the trail and be told to a guardian, from someone who may see identities.
  /// - Throws: `AccessError.forbidden`, `ReportError.reasonMissing`, `.reasonIdentifies`.
  static func reason(_ words: String, _ actor: Actor) throws -> String {
    try actor.require(.readIdentities)
    let reason = normalizeText(words)
    guard reason.count >= 2 else { throw ReportError.reasonMissing }
    if let trace = IdentityTrace.first(in: reason) { throw ReportError.reasonIdentifies(trace) }
    return reason
  }

  // The looks of one user wait for each other, so that none is counted twice or not at all.
  private static let lock: SQL = """
    select pg_advisory_xact_lock(hashtextextended('yibang.reveal/' || $1::text || '/' || $2::uuid, 0))
    """
  // While the look that many before the next one, $3 for an hour and $4 for a day, lies within it,
  // there is no next one.
  static let earlier: SQL = """
    select clock_timestamp(),
      (
        select r.at from reveal r
        where r.district_id = $1 and r.actor_id = $2 and r.way in ('pupil', 'donor')
        order by r.at desc offset $3 limit 1
      ),
      (
        select r.at from reveal r
        where r.district_id = $1 and r.actor_id = $2 and r.way in ('pupil', 'donor')
        order by r.at desc offset $4 limit 1
      )
    """
  // $1 district, $2 entry of the trail, $3 ids, $4 persons, $5 whether pupils or donors, $6 actor,
  // $7 login, $8 role, $9 way, $10 what, $11 reason, $12 the actor's school
  private static let insert: SQL = """
    insert into reveal (
      district_id, id, audit_id, school_id, actor_id, login, role, way, subject, subject_id, what,
      reason, records
    )
    select $1, u.id, $2, coalesce($12::uuid, s.school_id, d.school_id), $6, $7, $8, $9, $5,
      u.subject_id, $10, $11, cardinality($4::uuid[])
    from unnest($3::uuid[], $4::uuid[]) as u (id, subject_id)
    left join student s on $5 = 'student' and s.district_id = $1 and s.id = u.subject_id
    left join donor d on $5 = 'donor' and d.district_id = $1 and d.id = u.subject_id
    """

  /// Records that persons' data is shown, in the transaction that reads it.
  /// - Throws: `RevealError.tooMany`; `AccessError.forbidden`.
  static func record(
    _ act: Act, of persons: [UUID], _ subject: Subject, _ session: borrowing Session, _ actor: Actor
  ) throws {
    try actor.require(.readIdentities)
    if act.way.isOneByOne { try limit(session, actor) }
    let entry = UUID.v7()
    var facts = act.facts
    facts["records"] = "\(persons.count)"
    facts["reason"] = act.reason
    _ = try session.batch([
      Audit.statement(
        actor, act.action, subject: act.record.subject, id: act.record.id, school: act.school,
        after: facts, entry: entry),
      Bound(
        insert, actor.districtID, entry, persons.map { _ in UUID.v7() }, persons,
        subject.rawValue, actor.userID, actor.login, actor.role.rawValue, act.way.rawValue,
        act.what.map(\.rawValue), act.reason, actor.schoolID),
    ])
  }

  private static func limit(_ session: borrowing Session, _ actor: Actor) throws {
    let row = try session.batch([
      Bound(lock, actor.districtID, actor.userID),
      Bound(earlier, actor.districtID, actor.userID, hourly - 1, daily - 1),
    ])[1][0]
    let now: PostgresTimestamp = try row.get(0)
    for (column, seconds) in [(2, 86_400), (1, 3_600)] {
      guard let at: PostgresTimestamp = try row.optional(column) else { continue }
      let left = Int64(seconds) * 1_000_000 - (now.microseconds - at.microseconds)
      if left > 0 { throw RevealError.tooMany(seconds: Int((left + 999_999) / 1_000_000)) }
    }
  }
}
