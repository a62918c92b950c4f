import Foundation
import Postgres

extension Pairings {
  /// The days that a district grants its sponsors and promises its children.
  package struct Settings: Sendable, Codable, Equatable {
    /// Days after an instalment was due until a general fund bridges it.
    package var graceDays = 30
    /// Days after an instalment was due by which the child has its payout.
    package var payoutDays = 45
    /// Covered instalments of a pairing from which on another sponsor is looked for.
    package var coverLimit = 2

    package init() {}

    enum CodingKeys: String, CodingKey {
      case graceDays = "grace_days"
      case payoutDays = "payout_days"
      case coverLimit = "cover_limit"
    }
  }

  private static let settings: SQL = """
    select grace_days, payout_days, cover_limit from pairing_settings()
    """
  private static let set: SQL = """
    insert into pairing_setting (district_id, grace_days, payout_days, cover_limit)
    values ($1, $2, $3, $4)
    on conflict (district_id) do update
    set grace_days = excluded.grace_days, payout_days = excluded.payout_days,
      cover_limit = excluded.cover_limit
    """

  package static func settings(in context: Context) async throws -> Settings {
    try context.actor.require(.read)
    return try await context.read { try settings($0) }
  }

  private static func settings(_ session: borrowing Session) throws -> Settings {
    let row = try session.query(settings)[0]
    var settings = Settings()
    settings.graceDays = try row.get(0)
    settings.payoutDays = try row.get(1)
    settings.coverLimit = try row.get(2)
    return settings
  }

  /// Changes the settings; payouts that are planned keep their day.
  /// - Throws: `LifecycleError.setting`, `AccessError`.
  package static func set(_ new: Settings, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.administer)
    try await context.write { session in
      let old = try settings(session)
      _ = try LifecycleError.run(
        session,
        Bound(set, actor.districtID, new.graceDays, new.payoutDays, new.coverLimit),
        Audit.statement(
          actor, "pairing.settings", subject: "district", id: nil,
          before: [
            "grace_days": "\(old.graceDays)", "payout_days": "\(old.payoutDays)",
            "cover_limit": "\(old.coverLimit)",
          ],
          after: [
            "grace_days": "\(new.graceDays)", "payout_days": "\(new.payoutDays)",
            "cover_limit": "\(new.coverLimit)",
          ]))
    }
  }
}
