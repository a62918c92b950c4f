package import Foundation
import Postgres
package import SchoolCalendar

extension Campaigns {
  /// What a class, or a kind of donor, gave together; net of what was taken back.
  package struct Part: Sendable, Codable {
    /// Of a district's campaign.
    package let school: String?
    /// A class or department, nil where none is given or the donor is anonymous; or a `DonorKind`.
    package let name: String?
    package let count: Int
    package let amount: Money
  }

  /// A campaign with its sums. They are sums of transfers.
  package struct Summary: Sendable, Codable {
    package let campaign: Campaign
    /// In the order in which a school counts its classes; never by amount.
    package let byClass: [Part]
    /// In the order of `DonorKind`.
    package let byKind: [Part]
    package let count: Int
    /// 到账.
    package let received: Money
    package let receivedInWords: String
    /// 已对账: of what was received, what was found on a bank statement.
    package let reconciled: Money
    /// Lines taken back whole; they count in no sum.
    package let reversedCount: Int

    enum CodingKeys: String, CodingKey {
      case campaign
      case byClass = "by_class"
      case byKind = "by_kind"
      case count, received
      case receivedInWords = "received_in_words"
      case reconciled
      case reversedCount = "reversed_count"
    }
  }

  /// One line of the list. An anonymous donor has no name and no class here.
  package struct Line: Sendable, Codable {
    package let donation: UUID
    package let school: String?
    package let className: String?
    package let donor: String
    package let donorKind: DonorKind
    package let receivedOn: CalendarDate
    /// As it was given.
    package let amount: Money
    /// What of it stands.
    package let net: Money
    package let method: Giving.Method
    package let receiptNumber: String?

    enum CodingKeys: String, CodingKey {
      case donation, school
      case className = "class"
      case donor
      case donorKind = "donor_kind"
      case receivedOn = "received_on"
      case amount, net, method
      case receiptNumber = "receipt_number"
    }
  }

  private static let parts: SQL = """
    select s.code, s.name, case when not d.anonymous then g.class_name end, d.kind,
      count(*) filter (where n.net_fen > 0), count(*) filter (where n.net_fen = 0),
      sum(n.net_fen)::int8, coalesce(sum(n.net_fen) filter (where x.transfer_id is not null), 0)::int8
    from donation g
    join donor d on d.district_id = g.district_id and d.id = g.donor_id
    join donation_net n on n.district_id = g.district_id and n.donation_id = g.id
    left join school s on s.district_id = g.district_id and s.id = g.school_id
    left join reconciliation_transfer x
      on x.district_id = g.district_id and x.transfer_id = g.transfer_id and x.state = 'standing'
      and x.kind = 'match'
    where g.district_id = $1 and g.campaign_id = $2
    group by 1, 2, 3, 4
    """

  private struct Cell {
    let schoolCode: String?
    let school: String?
    let className: String?
    let kind: DonorKind
    let count: Int
    let reversedCount: Int
    let net: Money
    let reconciled: Money

    init(_ row: Row) throws {
      schoolCode = try row.optional(0)
      school = try row.optional(1)
      className = try row.optional(2)
      kind = DonorKind(rawValue: try row.get(3)) ?? .individual
      count = try row.get(4)
      reversedCount = try row.get(5)
      net = Money(fen: try row.get(6))
      reconciled = Money(fen: try row.get(7))
    }
  }

  /// A campaign with its totals by class and by kind of donor.
  /// - Throws: `CampaignError.unknown`, `AccessError`.
  package static func summary(_ id: UUID, in context: Context) async throws -> Summary {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let campaign = try find(id, session, actor)
      let cells = try session.query(parts, actor.districtID, id).map { try Cell($0) }
      let received = try cells.map(\.net).total()
      return Summary(
        campaign: campaign, byClass: try byClass(cells, of: campaign), byKind: try byKind(cells),
        count: cells.reduce(0) { $0 + $1.count }, received: received,
        receivedInWords: received.uppercase,
        reconciled: try cells.map(\.reconciled).total(),
        reversedCount: cells.reduce(0) { $0 + $1.reversedCount })
    }
  }

  /// Where a class stands in a list: its school, then the class; those without one come last.
  private struct ClassPlace: Hashable, Comparable {
    let schoolCode: String
    let className: String?

    static func < (left: ClassPlace, right: ClassPlace) -> Bool {
      if left.schoolCode != right.schoolCode { return left.schoolCode < right.schoolCode }
      if (left.className == nil) != (right.className == nil) { return left.className != nil }
      let (one, other) = (ClassOrder(left.className), ClassOrder(right.className))
      if one < other || other < one { return one < other }
      return (left.className ?? "") < (right.className ?? "")
    }
  }

  private static func byClass(_ cells: [Cell], of campaign: Campaign) throws -> [Part] {
    let groups = Dictionary(grouping: cells) {
      ClassPlace(schoolCode: $0.schoolCode ?? "", className: $0.className)
    }
    return try groups.sorted { $0.key < $1.key }.map { place, cells in
      Part(
        school: campaign.schoolID == nil ? cells[0].school : nil, name: place.className,
        count: cells.reduce(0) { $0 + $1.count }, amount: try cells.map(\.net).total())
    }
  }

  private static func byKind(_ cells: [Cell]) throws -> [Part] {
    try DonorKind.allCases.compactMap { kind in
      let cells = cells.filter { $0.kind == kind }
      guard !cells.isEmpty else { return nil }
      return Part(
        school: nil, name: kind.rawValue, count: cells.reduce(0) { $0 + $1.count },
        amount: try cells.map(\.net).total())
    }
  }

  private static let lines: SQL = """
    select g.id, s.code, s.name, case when not d.anonymous then g.class_name end, n.shown, d.kind,
      g.received_on, g.amount_fen, t.net_fen, g.method, g.receipt_number
    from donation g
    join donor d on d.district_id = g.district_id and d.id = g.donor_id
    cross join lateral (
      select case when d.anonymous then '匿名' else d.name end as shown
    ) as n
    join donation_net t on t.district_id = g.district_id and t.donation_id = g.id
    left join school s on s.district_id = g.district_id and s.id = g.school_id
    where g.district_id = $1 and g.campaign_id = $2
    order by n.shown collate "zh-x-icu", g.received_on, g.id
    """

  /// The list of a campaign: by class as the school counts them, then by name; never by amount.
  /// - Throws: `CampaignError.unknown`, `AccessError`.
  package static func lines(_ id: UUID, in context: Context) async throws -> [Line] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let campaign = try find(id, session, actor)
      var places: [ClassPlace: [Line]] = [:]
      for row in try session.query(lines, actor.districtID, id) {
        let line = try line(row, of: campaign)
        let place = ClassPlace(
          schoolCode: try row.optional(1) ?? "", className: line.className)
        places[place, default: []].append(line)
      }
      return places.sorted { $0.key < $1.key }.flatMap(\.value)
    }
  }

  private static func line(_ row: Row, of campaign: Campaign) throws -> Line {
    Line(
      donation: try row.get(0), school: campaign.schoolID == nil ? try row.optional(2) : nil,
      className: try row.optional(3), donor: try row.get(4),
      donorKind: DonorKind(rawValue: try row.get(5)) ?? .individual, receivedOn: try row.get(6),
      amount: Money(fen: try row.get(7)), net: Money(fen: try row.get(8)),
      method: Giving.Method(rawValue: try row.get(9)) ?? .unknown,
      receiptNumber: try row.optional(10))
  }
}
