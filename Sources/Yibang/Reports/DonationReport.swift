import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

extension Reports {
  /// A gift as the donation sheet shows it. An anonymous donor has no name and no class here.
  package struct DonationLine: Sendable, Codable {
    /// Nil: given to the district.
    package let school: String?
    package let receivedOn: CalendarDate
    package let donor: String
    package let donorKind: DonorKind
    package let className: String?
    package let amount: Money
    package let method: Giving.Method
    package let designation: String?
    package let receiptNumber: String?
    package let handler: String?
    package let note: String?
    /// What is left of it: what sums count.
    package let net: Money
    /// The last day on which it, or a part of it, was taken back; nil where it is whole.
    package let reversedOn: CalendarDate?
    package let reversalReason: String?

    enum CodingKeys: String, CodingKey {
      case school
      case receivedOn = "received_on"
      case donor
      case donorKind = "donor_kind"
      case className = "class"
      case amount, method, designation
      case receiptNumber = "receipt_number"
      case handler, note, net
      case reversedOn = "reversed_on"
      case reversalReason = "reversal_reason"
    }
  }

  // What people wrote beside an anonymous gift may name its donor: the name is replaced there too.
  private static let donationLines: SQL = """
    with telling as materialized (
      select id, fund_hides(id, name) as hidden from fund
      where district_id = $1 and kind in ('designated', 'other')
    )
    select s.name, g.received_on, donor_shown(d.anonymous, d.name, d.merged_into), d.kind,
      case when not d.anonymous then g.class_name end,
      g.amount_fen, g.method,
      donors_text(donor_text(g.designation, d.anonymous, d.id), f.hidden), g.receipt_number,
      donor_text(g.handler, d.anonymous, d.id), donor_text(g.note, d.anonymous, d.id),
      r.occurred_on, donor_text(r.note, d.anonymous, d.id), g.amount_fen - b.reversed
    from donation g
    join donor d on d.district_id = g.district_id and d.id = g.donor_id
    left join telling f on f.id = g.fund_id
    left join school s on s.district_id = g.district_id and s.id = g.school_id
    cross join lateral (
      select gift_reversed(g.district_id, g.id, g.transfer_id) as reversed
    ) as b
    left join lateral (
      select r.occurred_on, r.note from transfer r
      where r.district_id = g.district_id and r.kind in ('reversal', 'refund') and (
        r.reverses = g.transfer_id
        or r.reverses in (
          select c.in_transfer from change_of_use c
          where c.district_id = g.district_id and c.donation_id = g.id
        )
      )
      order by r.id desc
      limit 1
    ) as r on b.reversed > 0
    where g.district_id = $1 and g.semester = $2 and ($3::uuid is null or g.school_id = $3)
    order by s.code nulls first, g.received_on, g.id
    """

  static func donationLines(
    _ session: borrowing Session, _ actor: Actor, school: UUID?, _ semester: Semester
  ) throws -> [DonationLine] {
    let rows = try session.query(donationLines, actor.districtID, semester.ordinal, school)
    return try rows.map { row in
      DonationLine(
        school: try row.optional(0), receivedOn: try row.get(1), donor: try row.get(2),
        donorKind: DonorKind(rawValue: try row.get(3)) ?? .individual,
        className: try row.optional(4), amount: Money(fen: try row.get(5)),
        method: Giving.Method(rawValue: try row.get(6)) ?? .unknown,
        designation: try row.optional(7), receiptNumber: try row.optional(8),
        handler: try row.optional(9), note: try row.optional(10),
        net: Money(fen: try row.get(13)), reversedOn: try row.optional(11),
        reversalReason: try row.optional(12))
    }
  }

  /// 捐款情况表: gifts by date, with 合计 in figures and in words. A reversed gift stands in it as what
  /// it is: its amount as text and its line marked as a note, which no sum and no import counts. Of a
  /// gift that was taken back in part, what is left stands as its amount.
  static func donations(_ lines: [DonationLine], _ frame: ReportFrame) throws -> Report {
    let total = try lines.map(\.net).total()
    let school = frame.coversDistrict ? [TableDocument.Column("学校")] : []
    let columns: [TableDocument.Column] =
      [.init("序号", kind: .integer)] + school + [
        .init("日期", kind: .date), .init("捐款人/单位"), .init("类别"), .init("班级"),
        .init("金额或物品", kind: .money), .init("方式"), .init("指定用途"), .init("票据号"),
        .init("经手人"), .init("签字", width: 10), .init("备注"),
      ]
    var number: Int64 = 0
    let rows = lines.map { line in
      if line.net > .zero { number += 1 }
      return cells(line, number: number, frame)
    }
    let totals =
      [TableCell.text("合计")]
      + Array(repeating: .empty, count: frame.coversDistrict ? 5 : 4) + [TableCell(total)]
    let table = frame.table(
      columns, rows: rows, totals: totals, notes: ["合计(大写)：人民币\(total.uppercase)"])
    return Report(
      kind: .donations, table: table, document: frame.document(lines, total: total),
      rowCount: lines.count, isRevealed: false)
  }

  private static func cells(
    _ line: DonationLine, number: Int64, _ frame: ReportFrame
  ) -> [TableCell] {
    let isReversed = line.net == .zero
    let first: TableCell = isReversed ? .text("注：已冲正") : .integer(number)
    let amount = isReversed ? .text("冲正 \(line.amount)") : TableCell(line.net)
    let method = line.method == .unknown ? nil : line.method.name.zh
    return [first] + (frame.coversDistrict ? [TableCell(line.school ?? frame.unit)] : []) + [
      TableCell(line.receivedOn), TableCell(line.donor), TableCell(line.donorKind.name.zh),
      TableCell(line.className), amount, TableCell(method), TableCell(line.designation),
      TableCell(line.receiptNumber), TableCell(line.handler), .empty, TableCell(remark(line)),
    ]
  }

  private static func remark(_ line: DonationLine) -> String? {
    guard let date = line.reversedOn else { return line.note }
    let reason = line.reversalReason.map { "：\($0)" } ?? ""
    let part = line.net == .zero ? "" : "，原额 \(line.amount)"
    let reversal = "已于\(date.chinese)冲正\(reason)\(part)"
    return line.note.map { "\($0)；\(reversal)" } ?? reversal
  }
}
