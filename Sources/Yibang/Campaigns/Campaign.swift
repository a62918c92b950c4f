package import Foundation
import Postgres
package import SchoolCalendar

/// Collections (募捐活动): one list with one voucher, given by whoever wants to give.
///
/// Giving is voluntary (公益事业捐赠法 4): there is no amount that a person is to give, and no list is
/// ordered by amount.
package enum Campaigns {
  package enum State: String, CaseIterable, Sendable, Codable {
    case open, closed

    package var name: Text {
      switch self {
      case .open: Text("进行中", "open")
      case .closed: Text("已结束", "closed")
      }
    }
  }

  package struct NewCampaign: Sendable {
    /// Nil: the district's, to which every school's gifts may belong.
    package var school: UUID?
    package var name: String
    package var startsOn: CalendarDate
    package var endsOn: CalendarDate
    /// 凭证号 of the whole list.
    package var voucherNumber: String?
    /// What the gifts are for, where a line does not say it; decides their fund.
    package var designation: String?
    package var handler: String?

    package init(
      name: String, school: UUID?, from startsOn: CalendarDate, to endsOn: CalendarDate,
      voucherNumber: String? = nil, designation: String? = nil, handler: String? = nil
    ) {
      self.name = name
      self.school = school
      self.startsOn = startsOn
      self.endsOn = endsOn
      self.voucherNumber = voucherNumber
      self.designation = designation
      self.handler = handler
    }
  }

  package struct Campaign: Sendable, Codable {
    package let id: UUID
    package let name: String
    /// Nil: the district's.
    package let school: String?
    package let schoolID: UUID?
    package let startsOn: CalendarDate
    package let endsOn: CalendarDate
    package let voucherNumber: String?
    package let designation: String?
    package let handler: String?
    package let state: State

    enum CodingKeys: String, CodingKey {
      case id, name, school
      case schoolID = "school_id"
      case startsOn = "starts_on"
      case endsOn = "ends_on"
      case voucherNumber = "voucher_number"
      case designation, handler, state
    }

    /// The day of all its gifts, where it is of one day.
    var onlyDay: CalendarDate? { startsOn == endsOn ? startsOn : nil }
  }

  private static let insert: SQL = """
    insert into campaign (
      district_id, id, school_id, name, voucher_number, starts_on, ends_on, designation, handler,
      actor_id
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    """

  /// Opens a campaign.
  /// - Parameter key: makes a repetition safe: the same key and request give the same campaign.
  /// - Throws: `CampaignError.exists`, `.dates`, `.nameMissing`, `AccessError`, `IdempotencyError`.
  package static func add(
    _ campaign: NewCampaign, key: String? = nil, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    try actor.require(.recordDonations)
    guard let school = campaign.school ?? actor.schoolID else {
      return try await insert(campaign, school: nil, key: key, in: context)
    }
    try actor.require(school: school)
    return try await insert(campaign, school: school, key: key, in: context)
  }

  private static func insert(
    _ campaign: NewCampaign, school: UUID?, key: String?, in context: Context
  ) async throws -> UUID {
    let actor = context.actor
    let name = normalizeText(campaign.name)
    guard !name.isEmpty else { throw CampaignError.nameMissing }
    guard campaign.startsOn <= campaign.endsOn else { throw CampaignError.dates }
    let voucher = campaign.voucherNumber.flatMap { normalizeText($0).nonEmpty }
    let claim = IdempotencyKey(
      key, operation: "campaign.add",
      request: [
        school?.uuidString, name, "\(campaign.startsOn)", "\(campaign.endsOn)", voucher,
        campaign.designation, campaign.handler,
      ])
    do {
      return try await context.write { session in
        let id = UUID.v7()
        if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
          return earlier
        }
        _ = try session.batch([
          Bound(
            insert, actor.districtID, id, school, name, voucher, campaign.startsOn,
            campaign.endsOn, campaign.designation, campaign.handler, actor.userID),
          Audit.statement(
            actor, "campaign.add", subject: "campaign", id: id, school: school,
            after: [
              "starts_on": "\(campaign.startsOn)", "ends_on": "\(campaign.endsOn)",
              "voucher": voucher,
            ]),
        ])
        return id
      }
    } catch PostgresError.unique {
      throw CampaignError.exists
    }
  }

  // $1 district, $2 campaign (null: all), $3 school (null: all)
  private static let list: SQL = """
    select c.id, c.name, s.name, c.school_id, c.starts_on, c.ends_on, c.voucher_number,
      c.designation, c.handler, c.state
    from campaign c
    left join school s on s.district_id = c.district_id and s.id = c.school_id
    where c.district_id = $1 and ($2::uuid is null or c.id = $2)
      and ($3::uuid is null or c.school_id = $3 or c.school_id is null)
    order by c.starts_on desc, s.code nulls first, c.name, c.id
    """

  /// The campaigns of a school, with the district's; the latest first.
  package static func list(
    school: UUID? = nil, in context: Context
  ) async throws -> [Campaign] {
    try context.actor.require(.read)
    if let school { try context.actor.require(school: school) }
    return try await context.read { session in
      try session.query(list, context.actor.districtID, nil as UUID?, school).map(campaign)
    }
  }

  /// - Throws: `CampaignError.unknown`.
  static func find(_ id: UUID, _ session: borrowing Session, _ actor: Actor) throws -> Campaign {
    guard let row = try session.query(list, actor.districtID, id, nil as UUID?).first else {
      throw CampaignError.unknown(id)
    }
    return try campaign(row)
  }

  /// - Throws: `CampaignError.unknown`.
  package static func find(_ id: UUID, in context: Context) async throws -> Campaign {
    try context.actor.require(.read)
    return try await context.read { try find(id, $0, context.actor) }
  }

  /// The campaign, if gifts of this school may still join it; in the caller's transaction.
  /// - Throws: `CampaignError.unknown`, `.closed`, `.otherSchool`.
  @discardableResult
  static func open(
    _ id: UUID, to school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> Campaign {
    let campaign = try find(id, session, actor)
    guard campaign.state == .open else { throw CampaignError.closed(campaign.name) }
    if let owner = campaign.schoolID, owner != school {
      throw CampaignError.otherSchool(campaign.name)
    }
    return campaign
  }

  private static let close: SQL = """
    update campaign set state = 'closed' where district_id = $1 and id = $2 and state = 'open'
    """

  /// Ends a campaign: no gift joins it any more.
  /// - Returns: false if it was closed before.
  /// - Throws: `CampaignError.unknown`, `AccessError`.
  package static func close(_ id: UUID, in context: Context) async throws -> Bool {
    let actor = context.actor
    try actor.require(.recordDonations)
    return try await context.write { session in
      let campaign = try find(id, session, actor)
      if actor.schoolID != nil, campaign.schoolID != actor.schoolID {
        throw AccessError.otherSchool(login: actor.login)
      }
      guard try session.execute(close, actor.districtID, id) == 1 else { return false }
      _ = try session.batch([
        Audit.statement(
          actor, "campaign.close", subject: "campaign", id: id, school: campaign.schoolID,
          after: ["state": State.closed.rawValue])
      ])
      return true
    }
  }

  private static func campaign(_ row: Row) throws -> Campaign {
    Campaign(
      id: try row.get(0), name: try row.get(1), school: try row.optional(2),
      schoolID: try row.optional(3), startsOn: try row.get(4), endsOn: try row.get(5),
      voucherNumber: try row.optional(6), designation: try row.optional(7),
      handler: try row.optional(8), state: State(rawValue: try row.get(9)) ?? .closed)
  }
}
