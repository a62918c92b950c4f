package import Foundation
import Postgres
package import SchoolCalendar

extension Letters {
  // $1 letter, $2 row of the trail, $3 reason, $4 day, $5 actor
  private static let open: SQL = """
    select form, version, content_sealed from letter_open($1, $2, $3, $4, $5)
    """

  /// Opens a letter for its review or to hand it over. It leaves a row in the trail, with the reason.
  /// - Throws: `LetterError.noReason`, `.unknown`, `.notInState` once it is withdrawn, `.noConsent` for
  ///   a released one whose consent was withdrawn; `AccessError`, `VaultError`.
  package static func open(
    _ id: UUID, reason: String, on day: CalendarDate, in context: Context
  ) async throws -> Content {
    let actor = try reviewer(context)
    let reason = normalizeText(reason)
    guard !reason.isEmpty else { throw LetterError.noReason }
    let vault = context.platform.vault
    return try await context.readTraced { session in
      try open(id, reason: reason, on: day, session, vault, actor)
    }
  }

  private static func open(
    _ id: UUID, reason: String, on day: CalendarDate, _ session: borrowing Session, _ vault: Vault,
    _ actor: Actor
  ) throws -> Content {
    let rows = try refusing(id) { () throws(PostgresError) in
      try session.query(open, id, UUID.v7(), reason, day, actor.userID)
    }
    guard let row = rows.first else { throw LetterError.unknown(id) }
    let version: Int32 = try row.get(1)
    let bytes = try vault.open(try row.get(2), at: place(id, version: Int(version)))
    return try row.get(0) == "scan" ? .scan(bytes) : .text(String(decoding: bytes, as: UTF8.self))
  }

  /// Writes an opened letter to a file for its owner alone.
  /// - Throws: `ReportError.unwritable`.
  package static func write(_ content: Content, to path: String) throws {
    try Reports.writePrivately(to: path) { draft in
      try Data(content.bytes).write(to: URL(filePath: draft))
    }
  }

  /// Where a reviewer sends a letter.
  package enum Verdict: String, Sendable, CaseIterable, Codable {
    case returned, held
    /// The principal lets a letter on hold go on.
    case goesOn = "in_review"
  }

  private static let review: SQL = "select letter_review($1, $2, $3, $4)"

  /// Returns a letter to be written anew, holds it for the principal, or lets a held one go on.
  /// - Parameter seen: something that the reviewer saw in it, as in a scan: it blocks this version.
  /// - Throws: `LetterError.unknown`, `.notInState`, `.principalOnly`; `AccessError`.
  package static func review(
    _ id: UUID, _ verdict: Verdict, seen: LetterFinding.Kind? = nil, in context: Context
  ) async throws {
    let actor = try reviewer(context)
    try await context.write { session in
      try refusing(id) { () throws(PostgresError) in
        _ = try session.batch([
          Bound(review, id, verdict.rawValue, seen?.rawValue, actor.userID),
          Audit.statement(
            actor, "letter.review", subject: "letter", id: id,
            after: ["state": verdict.rawValue, "seen": seen?.rawValue]),
        ])
      }
    }
  }

  /// Blocks out the contact data of a letter in review, as a new version.
  /// - Returns: how many places.
  /// - Throws: `LetterError.unknown`, `.notInState`, `.scanNotRedacted`; `AccessError`, `VaultError`.
  package static func redact(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> Int {
    let actor = try reviewer(context)
    let vault = context.platform.vault
    return try await context.write { session in
      let content = try open(id, reason: "遮盖联系方式", on: day, session, vault, actor)
      guard case .text(let text) = content else { throw LetterError.scanNotRedacted }
      let finder = try finder(of: id, session, actor)
      let places = finder.findings(in: text).count(where: \.kind.isContact)
      if places == 0 { return 0 }
      _ = try write(
        .text(finder.redacted(text)), of: id, redacts: true, session, vault, actor)
      return places
    }
  }

  private static let release: SQL = "select letter_release($1, $2, $3, $4)"

  /// Releases a letter to its sponsor.
  /// - Throws: `LetterError.samePerson`, `.notOpened`, `.contact`, `.names`, `.noConsent`,
  ///   `.notInState`, `.unknown`; `AccessError`.
  package static func release(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws {
    let actor = try reviewer(context)
    let use = UUID.v7()
    try await context.write { session in
      try refusing(id) { () throws(PostgresError) in
        _ = try session.batch([
          Bound(release, id, use, day, actor.userID),
          Audit.statement(
            actor, "letter.release", subject: "letter", id: id, after: ["use": use.lowercase]),
        ])
      }
    }
  }

  package enum Receiver: String, Sendable, CaseIterable, Codable {
    case sponsor, school

    package var name: Text {
      switch self {
      case .sponsor: Text("资助人", "sponsor")
      case .school: Text("学校代收", "school")
      }
    }
  }

  private static let deliver: SQL = "select letter_deliver($1, $2, $3, $4)"

  /// Records that a released letter was received.
  /// - Throws: `LetterError.noConsent` after a withdrawal, `.notInState`, `.unknown`; `AccessError`.
  package static func deliver(
    _ id: UUID, by receiver: Receiver, on day: CalendarDate, in context: Context
  ) async throws {
    let actor = try reviewer(context)
    try await context.write { session in
      try refusing(id) { () throws(PostgresError) in
        _ = try session.batch([
          Bound(deliver, id, receiver.rawValue, day, actor.userID),
          Audit.statement(
            actor, "letter.deliver", subject: "letter", id: id,
            after: ["by": receiver.rawValue, "on": "\(day)"]),
        ])
      }
    }
  }

  private static let withdraw: SQL = "select letter_withdraw($1, $2)"

  /// Takes a letter back, for good.
  /// - Throws: `LetterError.notInState`, `.unknown`; `AccessError`.
  package static func withdraw(_ id: UUID, in context: Context) async throws {
    let actor = try reviewer(context)
    try await context.write { session in
      try refusing(id) { () throws(PostgresError) in
        _ = try session.batch([
          Bound(withdraw, id, actor.userID),
          Audit.statement(actor, "letter.withdraw", subject: "letter", id: id),
        ])
      }
    }
  }
}
