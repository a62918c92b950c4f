import Foundation
import Postgres

/// Seals what cases rest on where an earlier version wrote it in clear, and takes the clear columns away.
///
/// It follows the migration that adds the sealed columns, as the schema's owner, before the program
/// serves. It goes batch by batch and can be interrupted anywhere: it is over when the clear columns are
/// gone.
enum GroundsSealing {
  private static let pending: SQL = """
    select exists (
      select from pg_attribute
      where attrelid = 'recognition_case'::regclass and attname = 'claims' and not attisdropped
    )
    """
  // Of two processes that start at once, the second finds nothing left.
  private static let lock: SQL = """
    select pg_advisory_xact_lock(hashtextextended('yibang.grounds', 0))
    """
  private static let cases: SQL = """
    select district_id, id, array_to_json(claims)::text,
      case when reasons is not null or disqualifiers <> '{}' then json_build_object(
        'reasons', case when jsonb_typeof(reasons) = 'array' then reasons else '[]'::jsonb end,
        'disqualifiers', disqualifiers
      )::text end
    from recognition_case
    where claims_sealed is null
    limit $1
    for update
    """
  private static let sealCases: SQL = """
    update recognition_case as c
    set claims_sealed = v.claims, grounds_sealed = v.grounds, claims = '{}', reasons = null,
      disqualifiers = '{}'
    from unnest($1::text[], $2::uuid[], $3::bytea[], $4::bytea[])
      as v (district, id, claims, grounds)
    where c.district_id = v.district and c.id = v.id
    """
  private static let findings: SQL = """
    select district_id, id, json_build_object(
        'factors', factors, 'answers', coalesce(answers, '{}'::jsonb)
      )::text
    from case_assessment
    where factors <> '{}' or answers is not null
    limit $1
    for update
    """
  private static let sealFindings: SQL = """
    update case_assessment as a
    set grounds_sealed = v.grounds, factors = '{}', answers = null
    from unnest($1::text[], $2::uuid[], $3::bytea[]) as v (district, id, grounds)
    where a.district_id = v.district and a.id = v.id
    """
  // A column with a volatile default has the table written anew, of living rows alone: what was replaced
  // does not stay in its file, whoever else has a transaction open, as it may after a vacuum.
  private static let end: SQL = """
    alter table recognition_case alter column claims_sealed set not null,
      drop column if exists claims, drop column if exists reasons,
      drop column if exists disqualifiers, add column anew float8 default random();
    alter table recognition_case drop column anew;
    alter table case_assessment drop column if exists factors, drop column if exists answers,
      add column anew float8 default random();
    alter table case_assessment drop column anew;
    alter table recognition add column anew float8 default random();
    alter table recognition drop column anew
    """

  /// - Parameters:
  ///   - batch: rows of a transaction.
  ///   - batches: how many are done at most; fewer than there are leave the rest to the next start.
  static func finish(
    conninfo: String, on platform: Platform, batch: Int = 500, batches: Int = .max
  ) async throws {
    guard try await platform.database.transaction(readOnly: true, { try isPending($0) }) else {
      return
    }
    var configuration = Database.Configuration(conninfo: conninfo, logger: platform.logger)
    configuration.poolSize = 1
    configuration.applicationName = "yibang seal"
    let owner = Database(configuration)
    do {
      try await finish(as: owner, platform.vault, batch: batch, batches: batches)
    } catch {
      await owner.close()
      throw error
    }
    await owner.close()
  }

  private static func finish(
    as owner: Database, _ vault: Vault, batch: Int, batches: Int
  ) async throws {
    for number in 0... {
      if number == batches { return }
      let count = try await owner.transaction { session in
        _ = try session.query(lock)
        guard try isPending(session) else { return 0 }
        return try seal(cases: batch, session, vault) + seal(findings: batch, session, vault)
      }
      if count == 0 { break }
    }
    try await owner.transaction { session in
      _ = try session.query(lock)
      if try isPending(session) { try session.script(end) }
    }
  }

  private static func isPending(_ session: borrowing Session) throws -> Bool {
    try session.query(pending)[0].get(0)
  }

  private static func seal(
    cases batch: Int, _ session: borrowing Session, _ vault: Vault
  ) throws -> Int {
    let rows = try session.query(cases, batch)
    var (districts, ids): ([String], [UUID]) = ([], [])
    var (claims, grounds): ([[UInt8]], [[UInt8]?]) = ([], [])
    for row in rows {
      let id: UUID = try row.get(1)
      let (claimed, proposed): (String, String?) = (try row.get(2), try row.optional(3))
      districts.append(try row.get(0))
      ids.append(id)
      claims.append(try vault.seal([UInt8](claimed.utf8), at: CaseGrounds.claims(of: id)))
      grounds.append(
        try proposed.map { try vault.seal([UInt8]($0.utf8), at: CaseGrounds.proposal(of: id)) })
    }
    if !ids.isEmpty { try session.execute(sealCases, districts, ids, claims, grounds) }
    return ids.count
  }

  private static func seal(
    findings batch: Int, _ session: borrowing Session, _ vault: Vault
  ) throws -> Int {
    var (districts, ids, grounds): ([String], [UUID], [[UInt8]]) = ([], [], [])
    for row in try session.query(findings, batch) {
      let (id, found): (UUID, String) = (try row.get(1), try row.get(2))
      districts.append(try row.get(0))
      ids.append(id)
      grounds.append(try vault.seal([UInt8](found.utf8), at: CaseGrounds.finding(id)))
    }
    if !ids.isEmpty { try session.execute(sealFindings, districts, ids, grounds) }
    return ids.count
  }
}
