package import Foundation
import Postgres

extension Donors {
  /// Two records brought together as one donor. Gifts, offers and pairings keep their record.
  package struct Merge: Sendable, Codable {
    package let id: UUID
    package let from: UUID
    package let into: UUID
    package let reason: String
    /// The gifts of both at the merge, and what they amount to.
    package let gifts: Int
    package let given: Money
    package let at: String
    package let undoneAt: String?

    enum CodingKeys: String, CodingKey {
      case id, from, into, reason, gifts, given, at
      case undoneAt = "undone_at"
    }
  }

  // Also taken by the functions: whoever changes what belongs together has the turn.
  private static let takeTurn: SQL = """
    select pg_advisory_xact_lock(hashtextextended('donor ' || $1, 0))
    """
  private static let records: SQL = """
    select id, name, merged_into from donor where district_id = $1 and id = any ($2)
    """
  private static let merge: SQL = "select donor_merge($1, $2, $3, $4, $5)"
  private static let unmerge: SQL = "select donor_unmerge($1, $2, $3)"
  private static let findMerge: SQL = """
    select from_donor, into_donor, undone_at is not null from donor_merge
    where district_id = $1 and id = $2
    """

  /// Brings the records of one donor under another. All that was given, offered and paired stays;
  /// the sums before and after are compared in the transaction. If either was unnamed, the donor is
  /// unnamed until decided otherwise with consent.
  /// - Returns: the merge, by which it is undone.
  /// - Throws: `DonorError.sameDonor`, `.unknownDonor`, `.mergedBefore`, `.otherIdentity`,
  ///   `.noOneDonor`, `.sumsDiffer`, `.reasonMissing`, `.reasonIdentifies`, `.reasonNames`;
  ///   `AccessError`, `IdempotencyError`.
  package static func merge(
    _ from: UUID, into: UUID, reason: String, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.mergeDonors)
    let reason = try DonorError.reason(reason)
    guard from != into else { throw DonorError.sameDonor }
    let claim = IdempotencyKey(
      key, operation: "donor.merge", request: [from.uuidString, into.uuidString, reason])
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return earlier
      }
      _ = try session.query(takeTurn, actor.districtID)
      try check([from, into], reason, session, actor)
      let statements = [Bound(merge, id, from, into, reason, actor.userID)]
      let fields = ["merge": id.lowercase, "from": from.lowercase, "into": into.lowercase]
      let trail = [from, into].map {
        Audit.statement(
          actor, "donor.merge", subject: "donor", id: $0,
          after: fields.merging(["reason": reason]) { $1 })
      }
      do throws(PostgresError) {
        _ = try session.batch(statements + trail)
      } catch {
        throw DonorError.refusal(error)
      }
      return id
    }
  }

  private static func check(
    _ ids: [UUID], _ reason: String, _ session: borrowing Session, _ actor: Actor
  ) throws {
    var known: Set<UUID> = []
    for row in try session.query(records, actor.districtID, ids) {
      let id: UUID = try row.get(0)
      let name: String = try row.get(1)
      known.insert(id)
      if let survivor: UUID = try row.optional(2) {
        throw DonorError.mergedBefore(id, into: survivor)
      }
      guard !DonorDetails.unnamed.contains(name) else { throw DonorError.noOneDonor }
      guard !normalizeName(reason).contains(name) else { throw DonorError.reasonNames }
    }
    if let missing = ids.first(where: { !known.contains($0) }) {
      throw DonorError.unknownDonor(missing)
    }
  }

  /// Takes a merge back, also after later gifts and merges: every gift stands again under the record
  /// where it was made, and each donor is named or not as it wished.
  /// - Throws: `DonorError.unknownMerge`, `.undoneBefore`, `.sumsDiffer`, `.reasonMissing`,
  ///   `.reasonIdentifies`; `AccessError`, `IdempotencyError`.
  package static func unmerge(
    _ merge: UUID, reason: String, key: String? = nil, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.require(.mergeDonors)
    let reason = try DonorError.reason(reason)
    let claim = IdempotencyKey(
      key, operation: "donor.unmerge", request: [merge.uuidString, reason])
    try await context.write { session in
      if try claim?.claim(session, district: actor.districtID, result: merge) != nil { return }
      _ = try session.query(takeTurn, actor.districtID)
      guard let row = try session.query(findMerge, actor.districtID, merge).first else {
        throw DonorError.unknownMerge(merge)
      }
      guard try !row.get(2) else { throw DonorError.undoneBefore(merge) }
      let ids: [UUID] = [try row.get(0), try row.get(1)]
      let statements = [Bound(unmerge, merge, reason, actor.userID)]
      let trail = ids.map {
        Audit.statement(
          actor, "donor.unmerge", subject: "donor", id: $0,
          before: ["merge": merge.lowercase], after: ["reason": reason])
      }
      do throws(PostgresError) {
        _ = try session.batch(statements + trail)
      } catch {
        throw DonorError.refusal(error, merge)
      }
    }
  }

  private static let merges: SQL = """
    select m.id, m.from_donor, m.into_donor, m.reason, m.gifts, m.given_fen,
      to_char(m.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
      to_char(m.undone_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')
    from donor_merge m
    where m.district_id = $1
      and ($2::uuid is null or m.from_donor = any ((select donor_records($2))::uuid[])
        or m.into_donor = any ((select donor_records($2))::uuid[]))
      and m.id < $4
    order by m.id desc
    limit $3
    """

  /// Merges, the newest first, also undone ones; of one donor where it is given.
  /// - Parameter after: the last merge of the page before.
  package static func merges(
    of donor: UUID? = nil, after: UUID? = nil, limit: Int = 1_000, in context: Context
  ) async throws -> [Merge] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      try session.query(merges, actor.districtID, donor, limit, after ?? .afterAll).map { row in
        Merge(
          id: try row.get(0), from: try row.get(1), into: try row.get(2), reason: try row.get(3),
          gifts: try row.get(4), given: Money(fen: try row.get(5)), at: try row.get(6),
          undoneAt: try row.optional(7))
      }
    }
  }
}
