package import Foundation
package import Postgres
package import SchoolCalendar

/// Donations: money received, booked into a fund in its semester.
package enum Giving {
  package enum Method: String, Sendable, CaseIterable, Codable {
    case cash, transfer, wechat, alipay, unknown

    package var name: Text {
      switch self {
      case .cash: Text("现金", "cash")
      case .transfer: Text("转账", "transfer")
      case .wechat: Text("微信", "WeChat")
      case .alipay: Text("支付宝", "Alipay")
      case .unknown: Text("未注明", "not stated")
      }
    }

    private static let synonyms: [String: Method] = [
      "现金": .cash, "cash": .cash, "转账": .transfer, "银行转账": .transfer, "汇款": .transfer,
      "对公转账": .transfer, "银行": .transfer, "transfer": .transfer, "微信": .wechat,
      "微信支付": .wechat, "wechat": .wechat, "支付宝": .alipay, "alipay": .alipay, "": .unknown,
    ]

    package init?(word: String) {
      guard let method = Method.synonyms[word.lowercased()] else { return nil }
      self = method
    }
  }

  package struct NewDonation: Sendable {
    package var donor: UUID
    package var fund: UUID
    /// Nil: given to the district.
    package var school: UUID?
    package var semester: Semester
    package var amount: Money
    package var receivedOn: CalendarDate
    package var method: Method
    package var designation: String?
    package var className: String?
    package var handler: String?
    package var receiptNumber: String?
    package var note: String?
    /// The collection that it is a line of.
    package var campaign: UUID?

    package init(
      donor: UUID, fund: UUID, school: UUID?, semester: Semester, amount: Money,
      receivedOn: CalendarDate, method: Method = .unknown
    ) {
      self.donor = donor
      self.fund = fund
      self.school = school
      self.semester = semester
      self.amount = amount
      self.receivedOn = receivedOn
      self.method = method
    }

    var digestParts: [String?] {
      [
        donor.uuidString, fund.uuidString, school?.uuidString, "\(semester)", "\(amount.fen)",
        "\(receivedOn)", method.rawValue, designation, className, handler, receiptNumber, note,
      ] + (campaign.map { [$0.uuidString] } ?? [])
    }
  }

  // One statement, so that it goes out in one pipeline: key, transfer, donation and audit row, or —
  // for a key seen before — nothing. $1 district, $2 key, $3 its digest, $4 donation, $5 transfer,
  // $6 fund, $7 donor, $8 amount, $9 semester, $10 date, $11 actor, $12 school, $13 method,
  // $14 designation, $15 class, $16 handler, $17 receipt number, $18 note, $19 audit row,
  // $20 campaign, which has to be open to the school. The donor is read once: the policies of donors
  // are by far the largest part of the plan, and set up anew each time.
  package static let recordStatement: SQL = """
    with giver as materialized (
      select kind from donor where district_id = $1 and id = $7
    ), allowed as materialized (
      select 1 where $20::uuid is null or exists (
        select from campaign
        where district_id = $1 and id = $20 and state = 'open'
          and (school_id is null or school_id = $12::uuid)
      )
    ), claimed as (
      insert into idempotency (district_id, key, operation, request_sha256, result_id)
      select $1, $2, 'donation.record', $3, $4 from giver, allowed
      where $2::text is not null
      on conflict do nothing
      returning result_id
    ), fresh as materialized (
      select 1 from allowed where $2::text is null or exists (select from claimed)
    ), posted as materialized (
      select ledger_post(
        array[$5::uuid], array[ledger_account($6, 'source', giver.kind)],
        array[ledger_account($6, 'balance', '')], array[$8::bigint], $9::int, 'donation', null,
        array[$10::date], array[$4::uuid], null, null, $11)
      from fresh, giver
    ), gift as (
      insert into donation (
        district_id, id, school_id, donor_id, fund_id, transfer_id, semester, amount_fen,
        received_on, method, designation, class_name, handler, receipt_number, note, campaign_id
      )
      select $1, $4, $12::uuid, $7, $6, $5, $9, $8, $10, $13, $14, $15, $16, $17, $18, $20
      from posted
      returning id
    ), trail as (
      insert into audit (
        district_id, id, school_id, actor_id, action, subject, subject_id, after
      )
      select $1, $19::uuid, $12, $11, 'donation.record', 'donation', id,
        jsonb_build_object('amount_fen', $8::bigint, 'fund', $6::uuid, 'donor', $7::uuid)
      from gift
    )
    select count(*) from gift
    """

  /// Books one donation: its transfer, its record and its audit row, in one round trip, which it may
  /// share with others into the same fund.
  /// - Parameter key: makes a repetition safe: the same key and donation give the same answer.
  /// - Returns: the donation, and whether it had been recorded before.
  /// - Throws: `FundError`, `GivingError`, `CampaignError`, `IdempotencyError`, `AccessError`.
  package static func record(
    _ donation: NewDonation, key: String? = nil, in context: Context
  ) async throws -> (id: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.recordDonations)
    if let school = donation.school { try actor.require(school: school) }
    guard donation.amount.fen > 0 else { throw GivingError.amountNotPositive }
    let claim = IdempotencyKey(key, operation: "donation.record", request: donation.digestParts)
    let id = UUID.v7()
    let statement = bound(donation, id: id, claim: claim, actor: actor)
    do {
      let isRecorded = try await context.platform.postings.post(
        statement, fund: donation.fund, idempotent: key != nil, in: context)
      if isRecorded { return (id, false) }
    } catch let error as PostgresError {
      throw Ledger.refusal(error)
    }
    let earlier = try await context.read { session in
      if let claim {
        let rows = try session.query(IdempotencyKey.find, actor.districtID, claim.key)
        if !rows.isEmpty { return try claim.earlier(rows) }
      }
      if let campaign = donation.campaign {
        try Campaigns.open(campaign, to: donation.school, session, actor)
      }
      throw GivingError.unknownDonor
    }
    return (earlier, true)
  }

  package static func bound(
    _ donation: NewDonation, id: UUID, transfer: UUID = UUID.v7(), claim: IdempotencyKey?,
    actor: Actor
  ) -> Bound {
    Bound(
      recordStatement, actor.districtID, claim?.key, claim?.requestDigest ?? [], id, transfer,
      donation.fund, donation.donor, donation.amount.fen, donation.semester.ordinal,
      donation.receivedOn, actor.userID, donation.school, donation.method.rawValue,
      donation.designation, donation.className, donation.handler, donation.receiptNumber,
      donation.note, UUID.v7(), donation.campaign)
  }
}

package enum GivingError: YibangError {
  case amountNotPositive
  case unknownDonor
  case unknownDonation(UUID)

  package var code: String {
    switch self {
    case .amountNotPositive: "giving.amount_not_positive"
    case .unknownDonor: "giving.unknown_donor"
    case .unknownDonation: "giving.unknown_donation"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .amountNotPositive: .badData
    case .unknownDonor, .unknownDonation: .notFound
    }
  }

  package var text: Text {
    switch self {
    case .amountNotPositive:
      Text("捐款金额必须大于零。", "The amount of a donation is more than zero.")
    case .unknownDonor:
      Text("没有这位捐赠人。可用 yibang donor list 查看。", "There is no such donor. See yibang donor list.")
    case .unknownDonation(let id):
      Text(
        "没有捐款 \(id.lowercase)。可用 yibang donation list 查看。",
        "There is no donation \(id.lowercase). See yibang donation list.")
    }
  }
}
