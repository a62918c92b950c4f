import Foundation
import Postgres

extension Recognitions {
  /// What always holds of recognition and of aid that rests on it.
  package static let checks: [Check] = [
    Check(
      "recognition.one_a_day",
      Text("一名学生同一天只有一个认定", "a pupil has one recognition on a day"),
      """
      select 'pupil ' || a.student_id || ' from ' || b.valid_from, null::int8, null::int8
      from recognition a
      join recognition b
        on b.district_id = a.district_id and b.student_id = a.student_id and b.id > a.id
        and b.state <> 'replaced'
        and daterange(a.valid_from, a.valid_until, '[]')
          && daterange(b.valid_from, b.valid_until, '[]')
      where a.district_id = $1 and a.state <> 'replaced'
      order by 1
      """),
    Check(
      "revocation.pairing",
      Text("认定被撤销的学生没有撤销前开始的结对在进行", "no pairing from before a revocation runs on"),
      """
      select 'pairing ' || p.id, null::int8, null::int8 from revocation v
      join pairing p
        on p.district_id = v.district_id and p.student_id = v.student_id and p.state = 'running'
        and p.started_on <= v.decided_on
      where v.district_id = $1 and v.state = 'decided' and not exists (
        select from recognition r
        where r.district_id = v.district_id and r.student_id = v.student_id and r.state = 'filed'
          and r.valid_from > v.undue_since
      )
      order by 1
      """),
    Check(
      "revocation.payments",
      Text("认定被撤销的学生不在待发放的批次中", "no line of a pupil whose recognition is revoked waits to be paid"),
      """
      select 'line ' || l.id, 0::int8, l.amount_fen from revocation v
      join payment_line l
        on l.district_id = v.district_id and l.student_id = v.student_id and l.state = 'planned'
      join payment_batch b
        on b.district_id = l.district_id and b.id = l.batch_id and b.needs_recognition
        and b.state in ('submitted', 'approved')
      where v.district_id = $1 and v.state = 'decided' and not exists (
        select from recognition r
        where r.district_id = l.district_id and r.student_id = l.student_id and r.state = 'filed'
          and recognition_day(l.semester) between r.valid_from and r.valid_until
      )
      order by 1
      """),
    Check(
      "revocation.claims",
      Text("撤销所立的追回都属于该学生的支出", "a revocation claims back its own pupil's payments"),
      """
      select 'clawback ' || c.id, null::int8, c.due_fen from revocation_clawback k
      join revocation v on v.district_id = k.district_id and v.id = k.revocation_id
      join clawback c on c.district_id = k.district_id and c.id = k.clawback_id
      left join payment_line l on l.district_id = c.district_id and l.transfer_id = c.transfer_id
      where k.district_id = $1 and l.student_id is distinct from v.student_id
      order by 1
      """),
  ]
}
