import Foundation
package import Postgres
package import SchoolCalendar

extension Payments {
  private static let openBatches: SQL = """
    select b.title, s.name, b.state,
      (
        select count(*) from payment_line l
        where l.district_id = b.district_id and l.batch_id = b.id and not payment_line_settled(l)
      )
    from payment_batch b
    join school s on s.district_id = b.district_id and s.id = b.school_id
    where b.district_id = $1 and b.semester = $2 and b.state in ('submitted', 'approved', 'paid')
      and (
        b.state <> 'paid'
        or exists (
          select from payment_line l
          where l.district_id = b.district_id and l.batch_id = b.id
            and l.state in ('waiting', 'not_received', 'issue') and not payment_line_settled(l)
        )
      )
    order by s.code, b.id
    """

  /// Batches that stand in the way of closing a semester: waiting for approval or payment, or paid
  /// with lines that are unconfirmed or differ without an explanation. Drafts do not.
  package static func open(
    _ semester: Semester, _ session: borrowing Session, _ actor: Actor
  ) throws -> [OpenItem] {
    try session.query(openBatches, actor.districtID, semester.ordinal).map { row in
      let title: String = try row.get(0)
      let school: String = try row.get(1)
      let state = PaymentState(rawValue: try row.get(2)) ?? .submitted
      let unsettled: Int64 = try row.get(3)
      return OpenItem(
        .paymentBatch,
        state == .paid
          ? Text(
            "\(school)“\(title)”已支付，\(unsettled) 人未签收或差额未说明。",
            "“\(title)” of \(school) is paid; \(unsettled) lines are unconfirmed or unexplained.")
          : Text(
            "\(school)“\(title)”\(state.name.zh)，请办理或撤销。",
            "“\(title)” of \(school) is \(state.name.en): go on with it or cancel it."))
    }
  }

  /// What always holds of batches and clawbacks.
  static let checks: [Check] = [
    Check(
      "payments.held",
      Text("基金冻结的金额等于已批准未支付的批次之和", "what a fund holds equals its approved, unpaid batches"),
      """
      select 'fund ' || a.fund_id, coalesce(sum(b.total_fen), 0)::int8, a.held
      from account a
      left join payment_batch b
        on b.district_id = a.district_id and b.fund_id = a.fund_id and b.state = 'approved'
      where a.district_id = $1 and a.kind = 'balance'
      group by a.fund_id, a.held
      having a.held <> coalesce(sum(b.total_fen), 0)
      order by 1
      """),
    Check(
      "payments.committed",
      Text("预算的已批准未支付等于该学期的批次之和", "what a budget committed equals the semester's batches"),
      """
      select 'fund ' || coalesce(g.fund_id, b.fund_id) || ' semester '
          || coalesce(g.semester, b.semester),
        coalesce(b.total, 0)::int8, coalesce(g.committed_fen, 0)
      from (select * from budget where district_id = $1) as g
      full join (
        select fund_id, semester, sum(total_fen) as total from payment_batch
        where district_id = $1 and state = 'approved'
        group by fund_id, semester
      ) as b on b.fund_id = g.fund_id and b.semester = g.semester
      where coalesce(g.committed_fen, 0) <> coalesce(b.total, 0)
      order by 1
      """),
    Check(
      "payments.total",
      Text("批次金额等于各行之和", "a batch's amount equals its lines"),
      """
      select 'batch ' || b.id, coalesce(sum(l.amount_fen), 0)::int8, b.total_fen
      from payment_batch b
      left join payment_line l on l.district_id = b.district_id and l.batch_id = b.id
      where b.district_id = $1 and b.state in ('submitted', 'approved', 'paid', 'closed')
      group by b.id, b.total_fen
      having b.total_fen <> coalesce(sum(l.amount_fen), 0)
      order by 1
      """),
    Check(
      "payments.transfers",
      Text("已支付的每一行都有等额的支出", "a paid line has a payment of its amount from its fund"),
      """
      select 'line ' || l.id, l.amount_fen, t.amount_fen
      from payment_line l
      join payment_batch b on b.district_id = l.district_id and b.id = l.batch_id
      left join transfer t on t.district_id = l.district_id and t.id = l.transfer_id
      where l.district_id = $1 and b.state in ('paid', 'closed') and (
        t.id is null or t.kind <> 'payment' or t.amount_fen <> l.amount_fen
        or t.source_id <> l.id or t.fund_id <> b.fund_id or t.semester <> l.semester
        or t.purpose <> l.purpose
      )
      order by 1
      """),
    Check(
      "payments.received",
      Text("签收金额等于支付减退回", "what was received equals what was paid and did not come back"),
      """
      select 'line ' || l.id, (m.sent_fen - m.returned_fen)::int8, l.received_fen
      from payment_batch b
      cross join lateral payment_money(array[b.id]) as m
      join payment_line l on l.district_id = b.district_id and l.id = m.line_id
      where b.district_id = $1 and (
        (l.received_fen is not null and m.sent_fen - m.returned_fen <> l.received_fen)
        or (l.received_fen is null and m.returned_fen <> 0)
      )
      order by 1
      """),
    Check(
      "payments.once",
      Text("每名学生每学期每项用途只有一笔有效发放", "no pupil is paid twice for a purpose in a semester"),
      """
      select 'pupil ' || student_id || ' semester ' || semester || ' ' || purpose, 1::int8, count(*)
      from payment_line
      where district_id = $1 and not superseded and state not in ('cancelled', 'not_received')
      group by student_id, semester, purpose
      having count(*) > 1
      order by 1
      """),
    Check(
      "payments.approvals",
      Text("批准的批次有足够的审批人，编制人不在其中", "an approved batch has its approvals, none of its maker"),
      """
      select 'batch ' || b.id, b.approvals_needed::int8, count(a.id)
      from payment_batch b
      left join payment_approval a
        on a.district_id = b.district_id and a.batch_id = b.id and a.round = b.round
        and a.person_id <> b.maker_id
      where b.district_id = $1 and b.state in ('approved', 'paid', 'closed')
      group by b.id, b.approvals_needed
      having count(a.id) < b.approvals_needed
      order by 1
      """),
    Check(
      "clawback.entries",
      Text("每笔追回和撤销都有对应的收支", "every recovery, and nothing else, is an entry of a case"),
      """
      select 'transfer ' || t.id, t.amount_fen, null::int8
      from transfer t
      left join clawback_entry e on e.district_id = t.district_id and e.transfer_id = t.id
      left join clawback c on c.district_id = e.district_id and c.id = e.clawback_id
      where t.district_id = $1 and t.kind = 'recovery'
        and (c.id is null or c.transfer_id <> t.reverses or c.id <> t.source_id)
      order by 1
      """),
    Check(
      "clawback.left",
      Text("追回与免除之和不超过应追回", "no case recovered and waived more than is due"),
      """
      select 'case ' || c.id, c.due_fen, m.recovered_fen + m.waived_fen
      from clawback c
      cross join lateral clawback_money(array[c.id]) as m
      where c.district_id = $1 and (m.left_fen < 0 or m.recovered_fen < 0)
      order by 1
      """),
  ]
}
