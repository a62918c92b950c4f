import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

extension Reports {
  /// A pairing as the list shows it; the pupil always masked.
  package struct PairingLine: Sendable, Codable {
    package enum State: String, CaseIterable, Sendable, Codable {
      case running, ended
    }

    package let pupil: MaskedName
    package let school: String
    package let grade: String?
    package let className: String?
    /// “匿名” for a sponsor who stays unnamed.
    package let sponsor: String
    /// Promised for each semester.
    package let amount: Money
    package let firstSemester: Semester
    package let lastSemester: Semester
    /// Promised for the three years together.
    package let promised: Money
    /// What has come in so far, whatever was promised.
    package let received: Money
    package let state: State

    enum CodingKeys: String, CodingKey {
      case pupil, school, grade
      case className = "class"
      case sponsor, amount
      case firstSemester = "first_semester"
      case lastSemester = "last_semester"
      case promised, received, state
    }
  }

  private static let pairingLines: SQL = """
    select s.name, c.name, s.grade, s.class_name,
      donor_shown(d.anonymous, d.name, d.merged_into), i.amount, m.first_semester,
      m.last_semester, m.total_fen, i.received, p.state
    from pairing p
    join commitment m on m.district_id = p.district_id and m.pairing_id = p.id
    join student s on s.district_id = p.district_id and s.id = p.student_id
    join school c on c.district_id = p.district_id and c.id = p.school_id
    join donor d on d.district_id = p.district_id and d.id = p.donor_id
    cross join lateral (
      select coalesce(max(n.amount_fen) filter (where n.number = 1), 0) as amount,
        coalesce(sum(n.received_fen + n.carried_fen), 0)::int8 as received
      from instalment n
      where n.district_id = m.district_id and n.commitment_id = m.id
    ) as i
    where p.district_id = $1 and $2 between m.first_semester and m.last_semester
      and ($3::uuid is null or p.school_id = $3)
    order by c.code, s.name collate "zh-x-icu", p.id
    """

  /// Pairings whose three years cover the semester, by school and class.
  static func pairingLines(
    _ session: borrowing Session, _ actor: Actor, school: UUID?, _ semester: Semester
  ) throws -> [PairingLine] {
    let rows = try session.query(pairingLines, actor.districtID, semester.ordinal, school)
    let lines = try rows.map { row in
      guard let first = Semester(ordinal: try row.get(6)),
        let last = Semester(ordinal: try row.get(7)),
        let state = PairingLine.State(rawValue: try row.get(10))
      else { throw PostgresError.decoding("pairing") }
      return PairingLine(
        pupil: MaskedName(masking: try row.get(0)), school: try row.get(1),
        grade: try row.optional(2), className: try row.optional(3), sponsor: try row.get(4),
        amount: Money(fen: try row.get(5)), firstSemester: first, lastSemester: last,
        promised: Money(fen: try row.get(8)), received: Money(fen: try row.get(9)), state: state)
    }
    return inClassOrder(lines) { ($0.school, $0.grade, $0.className) }
  }

  /// 一帮一结对名单. The total is what was received: a promise is no income.
  static func pairings(_ lines: [PairingLine], _ frame: ReportFrame) throws -> Report {
    let received = try lines.map(\.received).total()
    let promised = try lines.map(\.promised).total()
    let columns: [TableDocument.Column] = [
      .init("序号", kind: .integer), .init("学生"), .init("学校"), .init("年级"), .init("班级"),
      .init("帮扶人/单位"), .init("每学期承诺", kind: .money), .init("起始学期"), .init("终止学期"),
      .init("三年承诺", kind: .money), .init("已收到", kind: .money), .init("状态"), .init("备注"),
    ]
    let rows = lines.enumerated().map { index, line -> [TableCell] in
      [
        .integer(Int64(index + 1)), TableCell(line.pupil.description), TableCell(line.school),
        TableCell(line.grade), TableCell(line.className), TableCell(line.sponsor),
        TableCell(line.amount), .text("\(line.firstSemester)"), .text("\(line.lastSemester)"),
        TableCell(line.promised), TableCell(line.received),
        .text(line.state == .running ? "帮扶中" : "已结束"), .empty,
      ]
    }
    let totals: [TableCell] =
      [.text("合计"), .text("\(lines.count)对")] + Array(repeating: .empty, count: 7)
      + [TableCell(promised), TableCell(received)]
    return Report(
      kind: .pairings, table: frame.table(columns, rows: rows, totals: totals),
      document: frame.document(lines, masked: true, total: received), rowCount: lines.count,
      isRevealed: false)
  }
}
