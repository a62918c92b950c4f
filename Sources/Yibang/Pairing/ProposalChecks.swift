import Postgres

extension Proposals {
  static let checks: [Check] = [
    Check(
      "proposal.one_open_pair",
      Text("一名学生至多有一个待接受的配对", "a pupil stands in one open pair at most"),
      """
      select 'student ' || r.student_id, 1::int8, count(*) from proposal_pair r
      where r.district_id = $1 and r.state = 'proposed'
      group by r.student_id
      having count(*) > 1
      order by 1
      """),
    Check(
      "proposal.one_open_place",
      Text("一个名额至多有一个待接受的配对", "a place stands in one open pair at most"),
      """
      select 'offer ' || r.offer_id || ' ' || r.place, 1::int8, count(*) from proposal_pair r
      where r.district_id = $1 and r.state = 'proposed'
      group by r.offer_id, r.place
      having count(*) > 1
      order by 1
      """),
    Check(
      "proposal.holds",
      Text("只为已批准方案的资助人保留学生", "pupils are kept for sponsors of approved proposals only"),
      """
      select 'proposal_pair ' || r.id, null::int8, null::int8 from proposal_pair r
      join proposal p on p.district_id = r.district_id and p.id = r.proposal_id
      where r.district_id = $1 and r.state = 'proposed' and r.held_until is not null
        and p.state <> 'approved'
      order by 1
      """),
    Check(
      "proposal.accepted",
      Text("已接受的配对都有结对", "each accepted pair has its pairing"),
      """
      select 'proposal_pair ' || r.id, null::int8, null::int8 from proposal_pair r
      where r.district_id = $1
        and (r.state = 'accepted') <> exists (
          select from pairing p
          where p.district_id = r.district_id and p.proposal_pair_id = r.id
        )
      order by 1
      """),
  ]
}
