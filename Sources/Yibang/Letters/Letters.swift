import Crypto
package import Foundation
import Postgres
package import SchoolCalendar

/// Letters of pupils to their sponsors (感恩信). They are reviewed at the pupil's school, and nobody
/// else opens them.
package enum Letters {
  package enum State: String, Sendable, CaseIterable, Codable {
    case draft
    case inReview = "in_review"
    case returned
    /// Something in it is for the principal to look at.
    case held
    case released, delivered, withdrawn

    package var name: Text {
      switch self {
      case .draft: Text("草稿", "draft")
      case .inReview: Text("审核中", "in review")
      case .returned: Text("退回修改", "returned")
      case .held: Text("暂扣，待校长处理", "on hold, for the principal")
      case .released: Text("已放行", "released")
      case .delivered: Text("已送达", "delivered")
      case .withdrawn: Text("已撤回", "withdrawn")
      }
    }
  }

  /// What a letter is made of.
  package enum Content: Sendable, Equatable {
    case text(String)
    case scan([UInt8])

    var form: String {
      switch self {
      case .text: "text"
      case .scan: "scan"
      }
    }

    var bytes: [UInt8] {
      switch self {
      case .text(let text): Array(text.utf8)
      case .scan(let bytes): bytes
      }
    }

    /// - Throws: `LetterError.empty`, `.tooLong`, `.fileKind`, `.fileTooLarge`.
    func check() throws(LetterError) {
      switch self {
      case .text(let text):
        guard text.contains(where: { !$0.isWhitespace }) else { throw .empty }
        guard text.count <= textLimit, text.utf8.count <= fileLimit else { throw .tooLong }
      case .scan(let bytes):
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= fileLimit else { throw .fileTooLarge }
        let beginnings: [[UInt8]] = [
          Array("%PDF-".utf8), [0xFF, 0xD8, 0xFF],
          [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
        ]
        guard beginnings.contains(where: { bytes.starts(with: $0) }) else { throw .fileKind }
      }
    }
  }

  static let textLimit = 20_000
  static let fileLimit = 10 << 20

  /// A scan from a file.
  /// - Throws: `LetterError.notAFile`, `.fileTooLarge`, `.fileKind`, `.empty`.
  package static func scan(at path: String) throws(LetterError) -> Content {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: fileLimit + 1)
    else { throw .notAFile(path: path) }
    let content = Content.scan([UInt8](data))
    try content.check()
    return content
  }

  // $1 id, $2 pupil, $3 form, $4 day, $5 sealed, $6 SHA-256, $7 kinds, $8 first characters, $9 how
  // many, $10 actor
  private static let add: SQL = "select letter_add($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"

  /// Records what a pupil wrote to its sponsor, as a draft.
  /// - Returns: the letter, and what was found in it.
  /// - Throws: `LetterError`, `StudentError.unknown`, `AccessError`, `VaultError`.
  package static func add(
    student: UUID, _ content: Content, on day: CalendarDate, in context: Context
  ) async throws -> (id: UUID, findings: [LetterFinding]) {
    let actor = try reviewer(context)
    try content.check()
    let id = UUID.v7()
    let sealed = try context.platform.vault.seal(content.bytes, at: place(id, version: 1))
    return try await context.write { session in
      let found = try findings(in: content, student: student, session, actor)
      let columns = columns(found)
      try refusing(id) { () throws(PostgresError) in
        _ = try session.batch([
          Bound(
            add, id, student, content.form, day, sealed, digest(content), columns.kinds,
            columns.first, columns.characters, actor.userID),
          audit(actor, "letter.add", id, found),
        ])
      }
      return (id, found)
    }
  }

  private static let find: SQL = """
    select student_id, version from letter where district_id = $1 and id = $2
    """
  private static let amend: SQL = "select letter_amend($1, $2, $3, $4, $5, $6, $7, $8, $9)"

  /// Puts another text or scan in place of one that is a draft or was returned.
  /// - Throws: as `add`, and `LetterError.unknown`, `.notInState`.
  package static func amend(
    _ id: UUID, _ content: Content, in context: Context
  ) async throws -> [LetterFinding] {
    let actor = try reviewer(context)
    try content.check()
    return try await context.write { session in
      try write(content, of: id, redacts: false, session, context.platform.vault, actor)
    }
  }

  /// A new version, in the caller's transaction.
  static func write(
    _ content: Content, of id: UUID, redacts: Bool, _ session: borrowing Session, _ vault: Vault,
    _ actor: Actor
  ) throws -> [LetterFinding] {
    guard let row = try session.query(find, actor.districtID, id).first else {
      throw LetterError.unknown(id)
    }
    let version = try row.get(1) as Int32 + 1
    let sealed = try vault.seal(content.bytes, at: place(id, version: Int(version)))
    let found = try findings(in: content, student: row.get(0), session, actor)
    let columns = columns(found)
    try refusing(id) { () throws(PostgresError) in
      _ = try session.batch([
        Bound(
          amend, id, version, redacts, sealed, digest(content), columns.kinds, columns.first,
          columns.characters, actor.userID),
        audit(actor, redacts ? "letter.redact" : "letter.amend", id, found),
      ])
    }
    return found
  }

  private static let submit: SQL = "select letter_submit($1, $2, $3)"

  /// Gives a letter into review, where the consents cover it.
  /// - Returns: in review, or on hold for the principal.
  /// - Throws: `LetterError.noConsent`, `.notInState`, `.unknown`; `AccessError`.
  package static func submit(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> State {
    let actor = try reviewer(context)
    return try await context.write { session in
      let state: String = try refusing(id) { () throws(PostgresError) in
        try session.query(submit, id, day, actor.userID)[0].get(0)
      }
      try session.batch([
        Audit.statement(
          actor, "letter.submit", subject: "letter", id: id, after: ["state": state])
      ])
      return State(rawValue: state) ?? .inReview
    }
  }

  private static let names: SQL = """
    select s.name, c.name from student s
    join school c on c.district_id = s.district_id and c.id = s.school_id
    where s.district_id = $1 and s.id = $2
    """

  private static func findings(
    in content: Content, student: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> [LetterFinding] {
    guard let row = try session.query(names, actor.districtID, student).first else {
      throw StudentError.unknown(student)
    }
    guard case .text(let text) = content else { return [] }
    return LetterFinder(school: try row.get(1), pupil: try row.get(0)).findings(in: text)
  }

  static func finder(
    of id: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> LetterFinder {
    guard let letter = try session.query(find, actor.districtID, id).first,
      let row = try session.query(names, actor.districtID, letter.get(0) as UUID).first
    else { throw LetterError.unknown(id) }
    return LetterFinder(school: try row.get(1), pupil: try row.get(0))
  }

  static func place(_ id: UUID, version: Int) -> SealedPlace {
    SealedPlace("letter_content", id, "content.\(version)")
  }

  private static func digest(_ content: Content) -> [UInt8]? {
    guard case .scan(let bytes) = content else { return nil }
    return [UInt8](SHA256.hash(data: bytes))
  }

  private static func columns(
    _ findings: [LetterFinding]
  ) -> (kinds: [String], first: [Int32], characters: [Int32]) {
    (
      findings.map(\.kind.rawValue), findings.map { Int32($0.range.lowerBound) },
      findings.map { Int32($0.range.count) }
    )
  }

  private static func audit(
    _ actor: Actor, _ action: String, _ id: UUID, _ findings: [LetterFinding]
  ) -> Bound {
    let contacts = findings.count { $0.kind.isContact }
    return Audit.statement(
      actor, action, subject: "letter", id: id, after: ["contacts": "\(contacts)"])
  }

  /// - Throws: `LetterError.schoolOnly`, `AccessError`.
  static func reviewer(_ context: Context) throws -> Actor {
    try context.actor.require(.reviewLetters)
    guard context.actor.schoolID != nil else { throw LetterError.schoolOnly }
    return context.actor
  }

  static func refusing<T>(
    _ id: UUID, _ body: () throws(PostgresError) -> T
  ) throws -> T {
    do throws(PostgresError) {
      return try body()
    } catch {
      throw LetterError.refusal(error, letter: id)
    }
  }
}
