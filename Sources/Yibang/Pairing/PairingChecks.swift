import Postgres

extension Pairings {
  /// What always holds of pairings, payouts and cover.
  static let checks: [Check] = [
    Check(
      "pairing.open_items",
      Text("结束的结对没有未了结的资助款", "nothing of an ended pairing is open"),
      """
      select 'pairing ' || p.id, 0::int8,
        sum(i.amount_fen - i.received_fen - i.excused_fen - i.carried_fen)::int8
      from pairing p
      join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
      join instalment i on i.district_id = k.district_id and i.commitment_id = k.id
      where p.district_id = $1 and p.state = 'ended'
      group by p.id
      having sum(i.amount_fen - i.received_fen - i.excused_fen - i.carried_fen) <> 0
      order by 1
      """),
    Check(
      "pairing.one_sponsor",
      Text("一名学生同时只有一个资助人", "a pupil has one running pairing at most"),
      """
      select 'student ' || p.student_id, 1::int8, count(*) from pairing p
      where p.district_id = $1 and p.state = 'running'
      group by p.student_id
      having count(*) > 1
      order by 1
      """),
    Check(
      "pairing.instalments",
      Text("每份承诺恰有六期，合计等于总额", "a commitment is six instalments that make its total"),
      """
      select 'commitment ' || k.id, k.total_fen, coalesce(sum(i.amount_fen), 0)::int8
      from commitment k
      left join instalment i on i.district_id = k.district_id and i.commitment_id = k.id
      where k.district_id = $1
      group by k.id, k.total_fen
      having count(i.id) <> 6 or sum(i.amount_fen) <> k.total_fen
      order by 1
      """),
    Check(
      "pairing.assured",
      Text("进行中的结对每学期都有发放计划", "a running pairing's child is assured every semester"),
      """
      select 'pairing ' || p.id, 6::int8, count(o.id)
      from pairing p
      join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
      left join payout o
        on o.district_id = p.district_id and o.student_id = p.student_id
        and o.semester between k.first_semester and k.last_semester
      where p.district_id = $1 and p.state = 'running'
      group by p.id
      having count(distinct o.semester) <> 6
      order by 1
      """),
    Check(
      "cover.repaid",
      Text("兜底的归还等于各次归还之和", "what is repaid of cover is the sum of its repayments"),
      """
      select 'cover ' || v.id, coalesce(sum(y.amount_fen), 0)::int8, v.repaid_fen
      from cover v
      left join cover_repayment y on y.district_id = v.district_id and y.cover_id = v.id
      where v.district_id = $1
      group by v.id, v.repaid_fen
      having v.repaid_fen <> coalesce(sum(y.amount_fen), 0)
      order by 1
      """),
    Check(
      "cover.transfers",
      Text("兜底在两个基金各有等额的一笔", "cover is a transfer of its amount in either fund"),
      """
      select 'cover ' || v.id, v.amount_fen, least(o.amount_fen, i.amount_fen)
      from cover v
      left join transfer o on o.district_id = v.district_id and o.id = v.out_transfer
      left join transfer i on i.district_id = v.district_id and i.id = v.in_transfer
      where v.district_id = $1 and (
        o.amount_fen is distinct from v.amount_fen or i.amount_fen is distinct from v.amount_fen
        or o.fund_id is distinct from v.from_fund or i.fund_id is distinct from v.to_fund
        or o.kind is distinct from 'cover' or i.kind is distinct from 'cover'
      )
      union all
      select 'transfer ' || t.id, 1::int8, 0::int8
      from transfer t
      where t.district_id = $1 and t.kind = 'cover' and not exists (
        select from cover v where v.district_id = $1 and t.id in (v.out_transfer, v.in_transfer)
      )
      order by 1
      """),
  ]
}
