import Postgres

extension Keys {
  static let checks: [Check] = [
    Check(
      "keys.known",
      Text("每个加密的值都有在用的密钥", "every sealed value has a key that is in the ring"),
      """
      select s.place || ' key ' || s.key_id, null::int8, s.number from sealed_keys() s
      where not exists (
        select from key_check k where k.key_id = s.key_id and k.retired_at is null
      )
      order by 1
      """)
  ]
}
