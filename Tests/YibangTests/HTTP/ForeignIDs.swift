import Foundation
import Postgres

@testable import Yibang
@testable import YibangHTTP

/// Which record an id in an endpoint's input is of, and the records that a school or a district has.
struct ForeignIDs: Sendable {
  /// By kind.
  var values: [String: String]

  /// What the first part of a path, or the first two below `/goods`, names.
  private static let ofPath: [String: String] = [
    "sessions": "login_session", "tokens": "access_token", "users": "login", "schools": "school",
    "students": "student", "student-transfers": "student_move", "consents": "consent",
    "consent-uses": "consent_use", "offers": "offer", "pairings": "pairing",
    "proposals": "proposal", "proposal-pairs": "proposal_pair", "match-choices": "match_choice",
    "instalments": "instalment", "instalment-receipts": "instalment_receipt", "payouts": "payout",
    "recognition-cases": "recognition_case", "revocations": "revocation",
    "objections": "objection", "activities": "activity", "donations": "donation",
    "donors": "donor", "donor-merges": "donor_merge", "campaigns": "campaign", "funds": "fund",
    "payment-batches": "payment_batch", "clawbacks": "clawback", "recoveries": "recovery",
    "receipts": "receipt", "bank-accounts": "bank_account", "bank-lines": "bank_line",
    "transfers": "transfer", "reconciliations": "reconciliation", "goods/items": "goods_item",
    "goods/lots": "goods_lot", "goods/events": "goods_event", "goods/hand-outs": "goods_hand_out",
    "messages": "message", "jobs": "job", "letters": "letter", "own": "letter",
    "erasures": "erasure", "webhooks": "webhook",
  ]
  /// What a member of a query or a body names, wherever it stands.
  private static let ofName: [String: String] = [
    "student": "student", "students": "student", "without_pupil": "student", "donor": "donor",
    "donors": "donor", "payer": "donor", "offer": "offer", "without_offer": "offer",
    "pairing": "pairing", "pairings": "pairing", "cases": "recognition_case", "notice": "notice",
    "donation": "donation", "campaign": "campaign", "fund": "fund", "payment": "payment",
    "account": "bank_account", "entries": "transfer", "item": "goods_item", "kit": "goods_kit",
    "place": "goods_place", "lot": "goods_lot", "hand_out": "goods_hand_out",
    "subject": "student", "person": "student", "event": "event",
  ]
  private static let ofMember: [String: String] = [
    "goods.move.from": "goods_place", "goods.move.to": "goods_last_place",
    "donor.merge.from": "donor",
    "donor.merge.into": "donor", "donor.statement.after": "donation",
    "match.compare.with": "proposal", "pairing.end.to": "pairing",
    "bank.list.account": "bank_account", "own.statement.after": "donation",
  ]

  /// Nil where nobody said it.
  static func kind(_ endpoint: Endpoint, _ field: ForeignField) -> String? {
    if field.isSchoolCode { return "school_code" }
    let name = field.chain.last ?? ""
    if field.place == .path {
      let parts = endpoint.path.split(separator: "/").map(String.init)
      return ofPath[parts[0] == "goods" ? "goods/\(parts[1])" : parts[0]]
    }
    return ofMember["\(endpoint.id).\(name)"] ?? ofName[name]
  }

  // One of each kind; of the district where the record belongs to no school.
  private static let examples: SQL = """
    select kind, id from (
      select 'school' as kind, s.id::text as id from school s
      where s.district_id = $1 and s.id = $2
      union all select 'school_code', s.code from school s where s.district_id = $1 and s.id = $2
      union all select 'login', u.login from app_user u
      where u.district_id = $1 and u.school_id = $2
      union all select 'login_session', x.id::text from login_session x
      join app_user u on u.district_id = x.district_id and u.id = x.user_id
      where x.district_id = $1 and u.school_id = $2
      union all select 'access_token', x.id::text from access_token x
      join app_user u on u.district_id = x.district_id and u.id = x.user_id
      where x.district_id = $1 and u.school_id = $2
      union all select 'student', student_id::text from pairing
      where district_id = $1 and school_id = $2
      union all select 'student_move', id::text from student_move
      where district_id = $1 and from_school = $2
      union all select 'consent', id::text from consent where district_id = $1 and school_id = $2
      union all select 'consent_use', id::text from consent_use
      where district_id = $1 and school_id = $2
      union all select 'offer', offer_id::text from pairing
      where district_id = $1 and school_id = $2
      union all select 'donor', donor_id::text from pairing
      where district_id = $1 and school_id = $2
      union all select 'proposal', proposal_id::text from proposal_pair
      where district_id = $1 and school_id = $2
      union all select 'proposal_pair', id::text from proposal_pair
      where district_id = $1 and school_id = $2
      union all select 'match_choice', m.id::text from match_choice m
      join student s on s.district_id = m.district_id and s.id = m.student_id
      where m.district_id = $1 and s.school_id = $2
      union all select 'pairing', id::text from pairing where district_id = $1 and school_id = $2
      union all select 'instalment', id::text from instalment
      where district_id = $1 and school_id = $2
      union all select 'instalment_receipt', id::text from instalment_receipt
      where district_id = $1 and school_id = $2
      union all select 'payout', id::text from payout where district_id = $1 and school_id = $2
      union all select 'recognition_case', id::text from recognition_case
      where district_id = $1 and school_id = $2
      union all select 'revocation', id::text from revocation
      where district_id = $1 and school_id = $2
      union all select 'notice', id::text from notice where district_id = $1 and school_id = $2
      union all select 'objection', number from objection
      where district_id = $1 and school_id = $2
      union all select 'activity', id::text from activity where district_id = $1 and school_id = $2
      union all select 'donation', id::text from donation where district_id = $1 and school_id = $2
      union all select 'donor_merge', m.id::text from donor_merge m
      join donor d on d.district_id = m.district_id and d.id = m.into_donor
      where m.district_id = $1 and d.school_id = $2
      union all select 'campaign', id::text from campaign where district_id = $1 and school_id = $2
      union all select 'fund', id::text from fund where district_id = $1 and school_id = $2
      union all select 'payment_batch', id::text from payment_batch
      where district_id = $1 and school_id = $2
      union all select 'payment', transfer_id::text from clawback
      where district_id = $1 and school_id = $2
      union all select 'clawback', id::text from clawback where district_id = $1 and school_id = $2
      union all select 'recovery', e.transfer_id::text from clawback_entry e
      join clawback c on c.district_id = e.district_id and c.id = e.clawback_id
      where e.district_id = $1 and c.school_id = $2
      union all select 'receipt', id::text from receipt where district_id = $1 and school_id = $2
      union all select 'bank_account', id::text from bank_account
      where district_id = $1 and school_id = $2
      union all select 'bank_line', id::text from bank_line
      where district_id = $1 and school_id = $2
      union all select 'transfer', transfer_id::text from donation
      where district_id = $1 and school_id = $2
      union all select 'reconciliation', id::text from reconciliation
      where district_id = $1 and school_id = $2
      union all select 'goods_item', id::text from goods_item
      where district_id = $1 and school_id = $2 and kind <> 'kit'
      union all select 'goods_kit', id::text from goods_item
      where district_id = $1 and school_id = $2 and kind = 'kit'
      union all select 'goods_last_place', max(id::text) from goods_place
      where district_id = $1 and school_id = $2
      union all select 'goods_place', id::text from goods_place
      where district_id = $1 and school_id = $2
      union all select 'goods_lot', id::text from goods_lot
      where district_id = $1 and school_id = $2
      union all select 'goods_event', id::text from goods_event
      where district_id = $1 and school_id = $2
      union all select 'goods_hand_out', id::text from goods_hand_out
      where district_id = $1 and school_id = $2
      union all select 'message', id::text from message where district_id = $1 and school_id = $2
      union all select 'job', id::text from job where district_id = $1
      union all select 'letter', id::text from letter where district_id = $1 and school_id = $2
      union all select 'erasure', id::text from erasure where district_id = $1 and school_id = $2
      union all select 'webhook', id::text from webhook where district_id = $1
      union all select 'event', id::text from audit where district_id = $1 and school_id = $2
    ) as known
    order by kind, id
    """

  static func of(_ district: TestDistrict, school: UUID) async throws -> ForeignIDs {
    let code = district.code
    return try await TestPlatform.asOwner { session in
      var values: [String: String] = [:]
      for row in try session.query(examples, code, school) where values[try row.get(0)] == nil {
        values[try row.get(0)] = try row.get(1) as String
      }
      return ForeignIDs(values: values)
    }
  }

  // Of every table that says whose a row is.
  private static let everyID: SQL = """
    select unnest(xpath('//id/text()', query_to_xml(
      format(
        'select id from %I where district_id = %L%s', c.relname, $1::text,
        case when $2::uuid is null then '' else format(' and school_id = %L', $2::uuid) end
      ), false, false, ''
    )))::text
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'id'
          and a.atttypid = 'uuid'::regtype
      )
      and exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'district_id'
      )
      and ($2::uuid is null or exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'school_id'
      ))
    """

  /// Every id that is a school's, or a district's where `school` is nil.
  static func all(_ district: String, school: UUID?) async throws -> Set<String> {
    try await TestPlatform.asOwner { session in
      Set(try session.query(everyID, district, school).map { try $0.get(0) as String })
    }
  }

  // How many rows each table has and which transactions wrote them: of a school where it says so.
  private static let states: SQL = """
    select c.relname::text, (xpath('//n/text()', query_to_xml(
      format(
        'select count(*) || ''/'' || coalesce(sum(xmin::text::bigint), 0) as n from %I '
        'where district_id = %L%s', c.relname, $1::text,
        case when $2::uuid is not null and exists (
          select from pg_attribute a where a.attrelid = c.oid and a.attname = 'school_id'
        ) then format(' and school_id = %L', $2::uuid) else '' end
      ), false, true, ''
    )))[1]::text
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'district_id'
      )
    """

  /// By table. `session` is the owner's, who sees all.
  static func state(
    _ district: String, school: UUID?, _ session: borrowing Session
  ) throws -> [String: String] {
    var states: [String: String] = [:]
    for row in try session.query(self.states, district, school) {
      states[try row.get(0)] = try row.get(1) as String
    }
    return states
  }
}
