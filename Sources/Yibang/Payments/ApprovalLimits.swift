package import Foundation
import Postgres

/// How much takes how many people.
package struct ApprovalLimits: Sendable, Hashable, Codable {
  /// A batch above it needs a third person besides its maker and the second.
  package let thirdAbove: Money
  /// What one person may pay out alone, without a batch.
  package let direct: Money

  enum CodingKeys: String, CodingKey {
    case thirdAbove = "third_above"
    case direct
  }
}

extension Payments {
  private static let limits: SQL = "select third_above_fen, direct_fen from approval_limits($1)"
  private static let setLimits: SQL = """
    insert into approval_limit (
      district_id, id, school_id, third_above_fen, direct_fen, actor_id
    )
    values ($1, $2, $3, $4, $5, $6)
    on conflict on constraint approval_limit_place do update
    set third_above_fen = excluded.third_above_fen, direct_fen = excluded.direct_fen,
      actor_id = excluded.actor_id, set_at = clock_timestamp()
    """

  /// The limits that hold for a school, or for the district's own funds where it is nil.
  package static func limits(school: UUID?, in context: Context) async throws -> ApprovalLimits {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    return try await context.read { try limits(school: school, $0) }
  }

  private static func limits(
    school: UUID?, _ session: borrowing Session
  ) throws -> ApprovalLimits {
    guard let row = try session.query(limits, school).first else {
      throw PostgresError.decoding("approval_limits")
    }
    return ApprovalLimits(
      thirdAbove: Money(fen: try row.get(0)), direct: Money(fen: try row.get(1)))
  }

  /// Sets limits of a school, or of the district where it is nil; nil leaves one as it is. A batch
  /// that is submitted keeps the limit it was submitted under.
  /// - Throws: `FundError.amountNotPositive` for a negative amount.
  package static func setLimits(
    school: UUID?, thirdAbove: Money?, direct: Money?, in context: Context
  ) async throws -> ApprovalLimits {
    let actor = context.actor
    try actor.require(.administer)
    for limit in [thirdAbove, direct].compactMap({ $0 }) where limit < .zero {
      throw FundError.amountNotPositive
    }
    return try await context.write { session in
      let before = try limits(school: school, session)
      let after = ApprovalLimits(
        thirdAbove: thirdAbove ?? before.thirdAbove, direct: direct ?? before.direct)
      _ = try session.batch([
        Bound(
          setLimits, actor.districtID, UUID.v7(), school, after.thirdAbove.fen, after.direct.fen,
          actor.userID),
        Audit.statement(
          actor, "payment.set_limits", subject: "approval_limit", id: nil, school: school,
          before: [
            "third_above_fen": "\(before.thirdAbove.fen)", "direct_fen": "\(before.direct.fen)",
          ],
          after: [
            "third_above_fen": "\(after.thirdAbove.fen)", "direct_fen": "\(after.direct.fen)",
          ]),
      ])
      return after
    }
  }
}
