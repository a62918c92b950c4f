import Postgres

extension Seals {
  /// What can be told of the seals without reading what they seal.
  static let checks: [Check] = [
    Check(
      "seal.chain",
      Text("封存编号连续，每次封存接着前一次的检查点", "seals are numbered one by one, each names the one before"),
      """
      select 'seal ' || s.number, (s.earlier + 1)::int8, s.number::int8
      from (
        select number, previous, coalesce(lag(number) over seals, 0) as earlier,
          lag(sha256(convert_to(checkpoint, 'UTF8'))) over seals as digest
        from seal where district_id = $1
        window seals as (order by number)
      ) as s
      where s.number <> s.earlier + 1 or s.previous is distinct from s.digest
      order by s.number
      """),
    Check(
      "seal.trail",
      Text("封存过的操作记录都还有叶", "the sealed trail has all its leaves"),
      """
      select 'seal ' || s.number, s.audit_size, coalesce(l.leaf_index + 1, 0)::int8
      from (
        select district_id, number, audit_size from seal where district_id = $1
        order by number desc limit 1
      ) as s
      left join lateral (
        select max(a.leaf_index) as leaf_index from audit_leaf a where a.district_id = s.district_id
      ) as l on true
      where s.audit_size <> coalesce(l.leaf_index + 1, 0)
      """),
  ]
}
