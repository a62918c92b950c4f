import Postgres

extension Erasures {
  static let checks: [Check] = [
    Check(
      "erasure.whole",
      Text("已删除的学生没有留下身份信息", "of a pupil who was erased nothing is left that identifies"),
      """
      select 'student ' || s.id, null::int8, null::int8 from student s
      where s.district_id = $1 and s.erased_on is not null
        and (
          num_nonnulls(s.private_sealed, s.resident_hash, s.code_hash, s.birth_month) > 0
          or exists (
            select from guardian g
            where g.district_id = s.district_id and g.student_id = s.id
              and num_nonnulls(g.private_sealed, g.phone_hash, g.resident_hash) > 0
          )
          or exists (
            select from payment_line l
            where l.district_id = s.district_id and l.student_id = s.id
              and octet_length(l.payee_sealed) > 0
          )
        )
      order by 1
      """)
  ]
}
