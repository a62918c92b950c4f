import Foundation
import Postgres
import Synchronization

/// A session or personal token as the database has it.
struct Bearer: Sendable {
  let id: UUID
  let actor: Actor
  let used: Date?
  let expires: Date
  /// Of a session; a personal token is always complete.
  let isComplete: Bool
  let hasSecondFactor: Bool
}

/// Finds who tokens are of, in the database each time, so that what was revoked is revoked at once. Those
/// asked for at the same time are looked up with one statement, and with them whether anything was written
/// in the district since the last time.
final class Bearers: Sendable {
  private struct Wanted: Sendable {
    let token: OpaqueToken
    let hash: [UInt8]
    let waiting: CheckedContinuation<(Bearer, DistrictVersion)?, any Error>
  }

  private static let sessions: SQL = """
    select s.token_sha256, s.id, s.user_id, u.login, u.role, u.school_id, u.donor_id,
      null::text[], s.last_seen_at, s.expires_at, s.second_factor, c.totp_confirmed_at is not null
    from login_session s
    join app_user u on u.district_id = s.district_id and u.id = s.user_id
    left join credential c on c.district_id = s.district_id and c.user_id = s.user_id
    where s.district_id = $1 and s.token_sha256 = any($2) and s.revoked_at is null
      and u.disabled_at is null
    """
  private static let tokens: SQL = """
    select t.token_sha256, t.id, t.user_id, u.login, u.role, u.school_id, u.donor_id,
      t.scope, t.last_used_at, t.expires_at, true, false
    from access_token t
    join app_user u on u.district_id = t.district_id and u.id = t.user_id
    where t.district_id = $1 and t.token_sha256 = any($2) and t.revoked_at is null
      and u.disabled_at is null
    """

  /// Whatever the planner knows of tables that were just filled.
  private static let alongIndexes = [
    ("enable_seqscan", "off"), ("enable_bitmapscan", "off"), ("enable_sort", "off"),
  ]

  private let gathering = Gathering<String, Wanted>(most: 128)
  private let versions = Mutex<[String: DistrictVersion.State]>([:])

  /// - Parameter token: of a session or a personal one.
  /// - Returns: nil if it is nobody's, was revoked, or its user was disabled; whether its time is over is
  ///   not looked at.
  func find(
    _ token: OpaqueToken, on platform: Platform
  ) async throws -> (Bearer, DistrictVersion)? {
    try await withCheckedThrowingContinuation { waiting in
      gathering.add(
        Wanted(token: token, hash: token.sha256, waiting: waiting), to: token.district
      ) { await self.look($0, district: token.district, platform) }
    }
  }

  private func look(_ wanted: [Wanted], district: String, _ platform: Platform) async {
    do {
      let found = try await read(wanted, district, platform)
      for one in wanted { one.waiting.resume(returning: found[one.hash]) }
    } catch {
      for one in wanted { one.waiting.resume(throwing: error) }
    }
  }

  private func read(
    _ wanted: [Wanted], _ district: String, _ platform: Platform
  ) async throws -> [[UInt8]: (Bearer, DistrictVersion)] {
    let known = versions.withLock { $0[district] }
    var statements = [DistrictVersion.State.look(district, since: known)]
    for (kind, sql) in [(OpaqueToken.Kind.session, Self.sessions), (.personal, Self.tokens)] {
      let hashes = Set(wanted.filter { $0.token.kind == kind }.map(\.hash))
      if !hashes.isEmpty { statements.append(Bound(sql, district, Array(hashes))) }
    }
    let (state, found) = try await platform.database.batch(
      readOnly: true, settings: Context.settings(ofDistrict: district) + Self.alongIndexes,
      statements
    ) { results in
      var found: [[UInt8]: Bearer] = [:]
      for row in results.dropFirst().joined() { found[try row.get(0)] = try bearer(row, district) }
      return (try results[0].first.map { try DistrictVersion.State($0, since: known) }, found)
    }
    // There is no such district, nor anything in it.
    guard let state else { return [:] }
    versions.withLock { $0[district] = state }
    return found.mapValues { ($0, state.version) }
  }
}

private func bearer(_ row: Row, _ district: String) throws -> Bearer? {
  guard let role = Role(rawValue: try row.get(4)) else { return nil }
  let scope: [String]? = try row.optional(7)
  let used: PostgresTimestamp? = try row.optional(8)
  let expires: PostgresTimestamp = try row.get(9)
  let actor = Actor(
    districtID: district, userID: try row.get(2), login: try row.get(3), role: role,
    schoolID: try row.optional(5), donorID: try row.optional(6),
    scope: scope.map { Set($0.compactMap { Permission(rawValue: $0) }) })
  return Bearer(
    id: try row.get(1), actor: actor, used: used?.date, expires: expires.date,
    isComplete: try row.get(10), hasSecondFactor: try row.get(11))
}
