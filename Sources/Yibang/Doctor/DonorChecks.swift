import Postgres

/// Donors against the merges in force and the decisions on their names.
enum DonorChecks {
  static let all: [Check] = [
    Check(
      "donor.merges",
      Text("每条捐赠人记录归属于有效合并所指的捐赠人", "a record belongs to whom its merges in force say"),
      """
      with merged as (
        select array_agg(distinct r.id) as records from donor_merge m
        cross join lateral unnest(array[m.from_donor, m.into_donor]) as r (id)
        where m.district_id = $1
      )
      select 'donor ' || d.id, null::int8, null::int8 from donor d
      left join merged g on true
      left join lateral (
        select s.survivor from donor_survivors(array[d.id]) as s where d.id = any (g.records)
      ) as s on true
      where d.district_id = $1 and (d.merged_into is not null or d.id = any (g.records))
        and d.merged_into is distinct from nullif(coalesce(s.survivor, d.id), d.id)
      order by 1
      """),
    Check(
      "donor.anonymity",
      Text("捐赠人的各条记录同为具名或匿名，与其决定一致", "all records of a donor are named or not as was decided"),
      """
      select 'donor ' || d.id, donor_unnamed(coalesce(d.merged_into, d.id))::int::int8,
        d.anonymous::int::int8
      from donor d
      where d.district_id = $1 and d.anonymous_first is not null
        and d.anonymous <> donor_unnamed(coalesce(d.merged_into, d.id))
      order by 1
      """),
    Check(
      "donor.sums",
      Text("捐款和资助款之和等于各捐赠人之和", "what was received equals the sum over donors"),
      """
      with records as (
        select array_agg(id) as ids from donor
        where district_id = $1 group by coalesce(merged_into, id)
      ), given as (
        select coalesce(sum(s.given_fen + s.received_fen), 0)::int8 as fen
        from records r cross join lateral donor_sums(r.ids) as s
      ), booked as (
        select coalesce(sum(t.amount_fen), 0)::int8 as fen from transfer t
        where t.district_id = $1 and t.kind in ('donation', 'instalment')
      )
      select 'donors', b.fen, g.fen from given g, booked b where g.fen <> b.fen
      """),
  ]
}
