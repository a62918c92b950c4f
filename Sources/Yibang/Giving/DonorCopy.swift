package import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

extension Donors {
  /// What was handed to a donor who asked for the records of the gifts (慈善法 42).
  package struct Copy: Sendable, Codable {
    package let request: UUID
    package let path: String
    package let gifts: Int
    package let movements: Int
  }

  private static let receipts: SQL = """
    select g.received_on, g.amount_fen, g.receipt_number, g.handler from donation g
    where g.district_id = $1 and g.donor_id = any ($2) and g.receipt_number is not null
    order by g.received_on, g.id
    """
  // A fund's money is one: what its gifts paid for together, in the semesters since the first.
  private static let uses: SQL = """
    with given as (
      select l.fund_id, min(l.semester) as since
      from (
        select coalesce(m.to_fund, g.fund_id) as fund_id, g.semester from donation g
        left join change_of_use m on m.district_id = g.district_id and m.donation_id = g.id
        where g.district_id = $1 and g.donor_id = any ($2)
        union all
        select t.fund_id, t.semester from instalment_receipt i
        join transfer t on t.district_id = i.district_id and t.id = i.transfer_id
        where i.district_id = $1 and i.payer_id = any ($2)
      ) as l
      group by l.fund_id
    )
    select fund_shown(f.id, f.kind, f.name), s.semester, p.name_zh, p.name_en,
      (s.credits - s.debits)::int8
    from given v
    join fund f on f.district_id = $1 and f.id = v.fund_id
    join account a on a.district_id = f.district_id and a.fund_id = f.id and a.kind = 'use'
    join purpose p on p.district_id = a.district_id and p.code = a.label
    join account_semester s
      on s.district_id = a.district_id and s.account_id = a.id and s.semester >= v.since
    where s.credits <> s.debits
    order by f.name, f.id, s.semester, p.code
    """
  private static let changes: SQL = """
    select t.occurred_on, m.amount_fen, fund_shown(a.id, a.kind, a.name),
      fund_shown(b.id, b.kind, b.name), m.consent_on, m.consent_document, m.out_transfer
    from donation g
    join change_of_use m on m.district_id = g.district_id and m.donation_id = g.id
    join transfer t on t.district_id = m.district_id and t.id = m.out_transfer
    join fund a on a.district_id = m.district_id and a.id = m.from_fund
    join fund b on b.district_id = m.district_id and b.id = m.to_fund
    where g.district_id = $1 and g.donor_id = any ($2)
    order by t.occurred_on, m.id
    """
  private static let pairings: SQL = """
    select s.name, c.name, k.first_semester, k.last_semester, k.total_fen, p.state = 'running',
      (
        select coalesce(sum(i.received_fen + i.carried_fen), 0)::int8 from instalment i
        where i.district_id = k.district_id and i.commitment_id = k.id
      ), sponsor_sees(p.student_id, p.donor_id, $3), s.class_name, p.student_id, p.donor_id
    from pairing p
    join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
    join student s on s.district_id = p.district_id and s.id = p.student_id
    join school c on c.district_id = p.district_id and c.id = p.school_id
    where p.district_id = $1 and p.donor_id = any ($2)
    order by p.started_on, p.id
    """
  private static let insertRequest: SQL = """
    insert into donor_request (
      district_id, id, donor_id, kind, reason, asked_on, answered_on, gifts, actor_id
    )
    values ($1, $2, $3, 'copy', $4, $5, $6, $7, $8)
    """

  /// Writes all records of a donor's gifts to a workbook that its owner alone can read, and records
  /// who asked, when, and who answered.
  /// - Parameters:
  ///   - askedOn: the day on which the donor asked.
  ///   - today: the day of the answer.
  /// - Throws: `DonorError.unknownDonor`, `.reasonMissing`, `.reasonIdentifies`, `.noOneDonor`;
  ///   `AccessError`, `TableWriteError`, `ReportError.unwritable`.
  package static func copy(
    _ donor: UUID, reason: String, askedOn: CalendarDate, today: CalendarDate, language: Language,
    to path: String, in context: Context
  ) async throws -> Copy {
    let actor = context.actor
    try actor.require(.manageDonors)
    try actor.require(.readIdentities)
    let reason = try DonorError.reason(reason)
    let giver = try await context.read { try Donors.giver(donor, $0, actor) }
    guard !DonorDetails.unnamed.contains(giver.name) else { throw DonorError.noOneDonor }
    let statement = try await wholeStatement(giver.id, in: context)
    let vault = context.platform.vault
    let gifts = statement.totals?.gifts ?? 0
    let request = UUID.v7()
    // Written before the end of the transaction: who withdraws a consent meanwhile waits for it.
    try await context.write { session in
      let own = try identities(of: giver.id, session, vault, actor)
      let movements = try statement.table(language, from: nil, to: nil)
      let tables =
        [
          (Text("捐赠人", "donor")(language), about(own, askedOn, today, language)),
          (Text("收支明细", "movements")(language), movements),
        ] + (try details(giver, today, language, session, actor))
      try Reports.writePrivately(to: path) { try writeXlsx(tables, to: $0) }
      _ = try session.batch([
        Bound(
          insertRequest, actor.districtID, request, giver.id, reason, askedOn, max(askedOn, today),
          gifts, actor.userID),
        Audit.statement(
          actor, "donor.copy", subject: "donor", id: giver.id,
          after: ["request": request.lowercase, "gifts": "\(gifts)", "reason": reason]),
      ])
    }
    return Copy(request: request, path: path, gifts: gifts, movements: statement.entries.count)
  }

  private static func about(
    _ own: [Identity], _ askedOn: CalendarDate, _ today: CalendarDate, _ language: Language
  ) -> TableDocument {
    let words: [(Text, String?)] =
      own.flatMap { record -> [(Text, String?)] in
        [
          (Text("姓名或单位", "name"), record.name),
          (Text("类别", "kind"), record.kind.name(language)),
          (
            Text("身份证号", "resident ID"),
            record.residentID.flatMap { try? ResidentID($0) }?.masked
          ),
          (Text("统一社会信用代码", "credit code"), record.creditCode),
          (Text("手机号", "mobile"), record.mobile.flatMap { try? Mobile($0) }?.masked),
        ]
      } + [
        (Text("申请日期", "asked on"), "\(askedOn)"), (Text("提供日期", "answered on"), "\(today)"),
        (Text("依据", "law"), Text("《慈善法》第四十二条", "Charity Law, article 42")(language)),
      ]
    return TableDocument(
      title: Text("捐赠记录", "Records of gifts")(language),
      columns: [.init(Text("项目", "item")(language)), .init(Text("内容", "content")(language))],
      rows: words.compactMap { word, value in value.map { [.text(word(language)), .text($0)] } })
  }

  private static func details(
    _ giver: Giver, _ today: CalendarDate, _ language: Language, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> [(String, TableDocument)] {
    let results = try session.batch(
      [receipts, uses, changes].map { Bound($0, actor.districtID, giver.records) })
    let pupils = try pairingTable(
      session.query(pairings, actor.districtID, giver.records, today), today, language, session,
      actor)
    return [
      (Text("票据", "receipts")(language), try receiptTable(results[0], language)),
      (Text("去向", "uses")(language), try useTable(results[1], language)),
      (Text("改变用途", "changes of use")(language), try changeTable(results[2], language)),
      (Text("结对", "pairings")(language), pupils),
    ]
  }

  private static func receiptTable(_ rows: Rows, _ language: Language) throws -> TableDocument {
    TableDocument(
      columns: [
        .init(Text("日期", "date")(language), kind: .date),
        .init(Text("金额", "amount")(language), kind: .money),
        .init(Text("票据号", "receipt")(language)), .init(Text("经手人", "handler")(language)),
      ],
      rows: try rows.map { row in
        [
          TableCell(try row.get(0) as CalendarDate), .money(fen: try row.get(1)),
          TableCell(try row.optional(2)), TableCell(try row.optional(3)),
        ]
      })
  }

  private static func useTable(_ rows: Rows, _ language: Language) throws -> TableDocument {
    let note = Text(
      "基金的钱合在一起使用：本表是所捐基金自首笔捐款的学期起的全部支出。",
      "A fund's money is used together: these are all payments of the funds given to, from the "
        + "semester of the first gift.")
    return TableDocument(
      columns: [
        .init(Text("基金", "fund")(language)), .init(Text("学期", "semester")(language)),
        .init(Text("用途", "purpose")(language)),
        .init(Text("支出", "paid")(language), kind: .money),
      ],
      rows: try rows.map { row in
        [
          .text(try row.get(0)), .text("\(try row.semester(1))"),
          .text(Text(try row.get(2), try row.get(3))(language)), .money(fen: try row.get(4)),
        ]
      }, footer: [note(language)])
  }

  private static func changeTable(_ rows: Rows, _ language: Language) throws -> TableDocument {
    TableDocument(
      columns: [
        .init(Text("日期", "date")(language), kind: .date),
        .init(Text("金额", "amount")(language), kind: .money),
        .init(Text("原基金", "from")(language)), .init(Text("新基金", "to")(language)),
        .init(Text("同意日期", "consent of")(language), kind: .date),
        .init(Text("同意书", "consent")(language)), .init(Text("收支编号", "transfer")(language)),
      ],
      rows: try rows.map { row in
        [
          TableCell(try row.get(0) as CalendarDate), .money(fen: try row.get(1)),
          .text(try row.get(2)), .text(try row.get(3)),
          TableCell(try row.get(4) as CalendarDate), .text(try row.get(5)),
          .text((try row.get(6) as UUID).lowercase),
        ]
      })
  }

  /// The donor's pupils: named where that is consented to, which is recorded; untold after the
  /// consent to the pairing was withdrawn.
  private static func pairingTable(
    _ rows: Rows, _ today: CalendarDate, _ language: Language, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> TableDocument {
    TableDocument(
      columns: [
        .init(Text("学生", "pupil")(language)), .init(Text("学校", "school")(language)),
        .init(Text("班级", "class")(language)),
        .init(Text("起始学期", "from")(language)), .init(Text("终止学期", "to")(language)),
        .init(Text("三年承诺", "promised")(language), kind: .money),
        .init(Text("已收到", "received")(language), kind: .money),
        .init(Text("状态", "state")(language)),
      ],
      rows: try rows.map { row in
        let state: Pairings.State = try row.get(5) ? .running : .ended
        let name: String = try row.get(0)
        var pupil: [TableCell] = [.text(maskedName(name)), .text(try row.get(1)), .empty]
        switch try row.get(7) as String {
        case "name":
          _ = try Consents.share(
            student: try row.get(9), .sponsorIdentity, donor: try row.get(10), what: "捐赠记录副本",
            on: today, session, actor)
          pupil = [.text(name), pupil[1], TableCell(try row.optional(8))]
        case "masked": break
        default: pupil = [.text(Text("不再提供", "no longer told")(language)), .empty, .empty]
        }
        return pupil + [
          .text("\(try row.semester(2))"), .text("\(try row.semester(3))"),
          .money(fen: try row.get(4)), .money(fen: try row.get(6)),
          .text(state.name(language)),
        ]
      })
  }

  /// A request of a donor and its answer.
  package struct Request: Sendable, Codable {
    package let id: UUID
    package let donor: UUID
    package let reason: String
    package let askedOn: CalendarDate
    package let answeredOn: CalendarDate
    package let gifts: Int
    /// Login.
    package let by: String?

    enum CodingKeys: String, CodingKey {
      case id, donor, reason
      case askedOn = "asked_on"
      case answeredOn = "answered_on"
      case gifts, by
    }
  }

  private static let requests: SQL = """
    select r.id, r.donor_id, donor_text(r.reason, d.anonymous, d.id), r.asked_on, r.answered_on,
      r.gifts, u.login
    from donor_request r
    join donor d on d.district_id = r.district_id and d.id = r.donor_id
    left join app_user u on u.district_id = r.district_id and u.id = r.actor_id
    where r.district_id = $1 and ($2::uuid is null or r.donor_id = any ((select donor_records($2))::uuid[]))
      and r.id < $4
    order by r.id desc
    limit $3
    """

  /// What donors asked for, the newest first.
  /// - Parameter after: the last request of the page before.
  package static func requests(
    of donor: UUID? = nil, after: UUID? = nil, limit: Int = 1_000, in context: Context
  ) async throws -> [Request] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(requests, context.actor.districtID, donor, limit, after ?? .afterAll).map {
        row in
        Request(
          id: try row.get(0), donor: try row.get(1), reason: try row.get(2),
          askedOn: try row.get(3), answeredOn: try row.get(4), gifts: try row.get(5),
          by: try row.optional(6))
      }
    }
  }
}
