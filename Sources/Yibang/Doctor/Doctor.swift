import Postgres

/// Proves on live data that the books agree with themselves, and names the rows that do not.
package enum Doctor {
  /// Rows that a finding lists.
  private static let listed = 20

  package static let checks: [Check] =
    LedgerChecks.all + DonorChecks.all + Payments.checks + Receipts.checks + Goods.checks
    + Recognitions.checks
    + Consents.checks + Proposals.checks + Pairings.checks + Seals.checks + Keys.checks
    + Erasures.checks

  /// Runs every check on the actor's district, all on one snapshot, so that work going on meanwhile
  /// does not show as a difference.
  /// - Returns: a finding for each check that something breaks; empty if all holds.
  /// - Throws: `AccessError.forbidden`; `.otherSchool` for an actor who sees one school only.
  package static func examine(
    checks: [Check] = checks, in context: Context
  ) async throws -> [Finding] {
    let actor = context.actor
    try actor.require(.readAudit)
    guard actor.schoolID == nil else { throw AccessError.otherSchool(login: actor.login) }
    return try await context.platform.database.transaction(
      isolation: .repeatableRead, readOnly: true, settings: context.settings
    ) { session in
      try checks.compactMap { check in
        let rows = try check.broken(session, actor)
        guard !rows.isEmpty else { return nil }
        return Finding(
          check: check.code, text: check.text, broken: rows.count,
          rows: try rows.prefix(listed).map { row in
            Finding.Row(
              subject: try row.get(0), expected: try row.optional(1), found: try row.optional(2))
          })
      }
    }
  }
}
