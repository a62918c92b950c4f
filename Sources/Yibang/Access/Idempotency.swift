import Crypto
package import Foundation
package import Postgres

/// A repeated request has one effect and the same answer: each write may carry a key chosen by the
/// caller, kept in the transaction of the write.
package struct IdempotencyKey: Sendable {
  package let key: String
  package let operation: String
  package let requestDigest: [UInt8]

  /// - Parameter request: what identifies the request's content, in a fixed order.
  package init?(_ key: String?, operation: String, request: [String?]) {
    guard let key else { return nil }
    self.key = key
    self.operation = operation
    var hash = SHA256()
    for part in request {
      hash.update(data: Data((part.map { "+\($0)" } ?? "-").utf8))
      hash.update(data: Data([0x1F]))
    }
    requestDigest = [UInt8](hash.finalize())
  }

  private static let claim: SQL = """
    insert into idempotency (district_id, key, operation, request_sha256, result_id)
    values ($1, $2, $3, $4, $5)
    on conflict do nothing
    """
  package static let find: SQL = """
    select operation, request_sha256, result_id from idempotency
    where district_id = $1 and key = $2
    """

  /// Claims the key for `result` in the running transaction.
  /// - Returns: nil if the request is new; the earlier result if it was made before.
  /// - Throws: `IdempotencyError.otherRequest` if the key was used for something else.
  package func claim(
    _ session: borrowing Session, district: String, result: UUID
  ) throws -> UUID? {
    let fresh = try session.execute(
      Self.claim, district, key, operation, requestDigest, result)
    if fresh == 1 { return nil }
    return try earlier(try session.query(Self.find, district, key))
  }

  /// The earlier result of this request, from the row that `find` gave.
  package func earlier(_ rows: Rows) throws -> UUID {
    guard let row = rows.first else { throw IdempotencyError.otherRequest(key: key) }
    let operation: String = try row.get(0)
    let digest: [UInt8] = try row.get(1)
    guard operation == self.operation, digest == requestDigest else {
      throw IdempotencyError.otherRequest(key: key)
    }
    return try row.get(2)
  }
}

package enum IdempotencyError: YibangError {
  case otherRequest(key: String)
  /// The answer named a child whose data were erased since.
  case answerErased(key: String)

  package var code: String {
    switch self {
    case .otherRequest: "idempotency.other_request"
    case .answerErased: "idempotency.answer_erased"
    }
  }
  package var category: ErrorCategory { .conflict }
  package var text: Text {
    switch self {
    case .otherRequest(let key):
      Text(
        "幂等键 \(key) 已用于另一个请求，请换一个键。",
        "The idempotency key \(key) was used for another request. Choose another key.")
    case .answerErased(let key):
      Text(
        "用幂等键 \(key) 的请求早已办理，其答复因学生信息删除而不再保留。",
        "The request of the idempotency key \(key) was done; its answer went with a pupil's data.")
    }
  }
}
