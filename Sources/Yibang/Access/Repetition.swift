import Crypto
import Foundation
import Postgres
import Synchronization

/// A request that may be sent again with its key: what its transactions gave is kept in them, so that
/// a repetition gives the same instead of doing it twice, also after a crash between two of them.
///
/// Keys belong to one user. See ``Context/write(_:)``.
package final class Repetition: Sendable {
  package let key: String
  package let operation: String
  private let digest: [UInt8]
  private let step = Mutex(0)

  /// - Parameters:
  ///   - key: 1 to 200 characters, chosen by the caller.
  ///   - operation: what the key is used for; another use of the same key is refused.
  ///   - request: the request's content, in a fixed order.
  package init(key: String, operation: String, request: [UInt8]) {
    self.key = key
    self.operation = operation
    digest = Array(SHA256.hash(data: request))
  }

  /// A person's key among those that an operation keeps itself, which are the whole district's: so
  /// that nobody's key is in the way of another's, nor tells what was done with it.
  package static func key(_ key: String, of actor: Actor) -> String {
    base64URL(Array(SHA256.hash(data: Data("\(actor.userID.lowercase) \(key)".utf8))))
  }

  private static let claim: SQL = """
    insert into api_request (district_id, user_id, key, operation, request_sha256)
    values ($1, $2, $3, $4, $5)
    on conflict do nothing
    """
  private static let find: SQL = """
    select operation, request_sha256, results[$4] from api_request
    where district_id = $1 and user_id = $2 and key = $3
    for update
    """
  private static let keep: SQL = """
    update api_request set results[$4] = $5 where district_id = $1 and user_id = $2 and key = $3
    """
  // Where an operation wrote nothing there is no row yet; of two at once the first answer stands.
  private static let keepAnswer: SQL = """
    insert into api_request (district_id, user_id, key, operation, request_sha256, status, answer)
    values ($1, $2, $3, $6, $7, $4, $5)
    on conflict (district_id, user_id, key) do update
    set status = excluded.status, answer = excluded.answer
    where api_request.status is null
      and api_request.operation = excluded.operation
      and api_request.request_sha256 = excluded.request_sha256
    """
  private static let findAnswer: SQL = """
    select operation, request_sha256, status, answer from api_request
    where district_id = $1 and user_id = $2 and key = $3
    """

  /// In the place of the status of an answer that an erasure took away; see `erase_traces()`.
  private static let erased: Int32 = 410

  /// The number of the next transaction of this request, from 1.
  func nextStep() -> Int32 {
    step.withLock {
      $0 += 1
      return Int32($0)
    }
  }

  /// Runs `body`, or gives what it gave before; in the caller's transaction.
  /// - Throws: `IdempotencyError.otherRequest` if the key was used for something else.
  func once<T: Codable>(
    _ step: Int32, _ actor: Actor, _ session: borrowing Session,
    _ body: (borrowing Session) throws -> T
  ) throws -> T {
    let results = try session.batch([
      Bound(Self.claim, actor.districtID, actor.userID, key, operation, digest),
      Bound(Self.find, actor.districtID, actor.userID, key, step),
    ])
    guard let row = results[1].first else { throw IdempotencyError.otherRequest(key: key) }
    try check(row)
    if let kept: JSON = try row.optional(2) {
      return try JSONDecoder().decode(Kept<T>.self, from: Data(kept.text.utf8)).value
    }
    let value = try body(session)
    let json = String(decoding: try JSONEncoder().encode(Kept(value: value)), as: UTF8.self)
    try session.execute(
      Self.keep, actor.districtID, actor.userID, key, step, JSON(text: json))
    return value
  }

  private func check(_ row: Row) throws {
    guard try row.get(0) == operation, try row.get(1) == digest else {
      throw IdempotencyError.otherRequest(key: key)
    }
  }

  /// An answer as it was given, whole.
  package struct Answer: Sendable, Equatable {
    package let status: Int
    package let bytes: [UInt8]

    package init(status: Int, bytes: [UInt8]) {
      self.status = status
      self.bytes = bytes
    }
  }

  /// The answer that this request was given before.
  /// - Throws: `IdempotencyError.otherRequest`, `.answerErased`.
  package func earlierAnswer(in context: Context) async throws -> Answer? {
    let actor = context.actor
    return try await context.readAccounts { session in
      guard
        let row = try session.query(Self.findAnswer, actor.districtID, actor.userID, self.key).first
      else { return nil }
      try self.check(row)
      guard let status: Int32 = try row.optional(2) else { return nil }
      guard status != Self.erased else { throw IdempotencyError.answerErased(key: self.key) }
      return Answer(status: Int(status), bytes: try row.optional(3) ?? [])
    }
  }

  /// Keeps the answer, before it is sent.
  package func keep(_ answer: Answer, in context: Context) async throws {
    let actor = context.actor
    _ = try await context.platform.database.batch(
      settings: context.settings, idempotent: true,
      [
        Bound(
          Self.keepAnswer, actor.districtID, actor.userID, key, Int32(answer.status), answer.bytes,
          operation, digest)
      ])
  }

  /// JSON's outermost value in a form that any type fits.
  private struct Kept<T: Codable>: Codable {
    let value: T
  }
}
