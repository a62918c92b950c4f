import Postgres

extension Receipts {
  /// What the doctor proves of the books of receipts.
  package static let checks: [Check] = [
    Check(
      "receipts.numbers",
      Text("收据编号从 1 起连续，无缺号、重号", "the numbers of a book run from 1 without gap or duplicate"),
      """
      select 'receipt ' || r.book || '-' || r.fiscal_year || '-' || lpad(r.number::text, 6, '0'),
        r.place, r.number::int8
      from (
        select book, fiscal_year, number,
          row_number() over (partition by book, fiscal_year order by number) as place,
          lag(number, 1, 0) over (partition by book, fiscal_year order by number) as previous
        from receipt
        where district_id = $1
      ) as r
      where r.number <> r.previous + 1
      order by 1
      """),
    Check(
      "receipts.counter",
      Text("每本收据的计数等于其张数", "a book's counter equals the receipts in it"),
      """
      select 'book ' || coalesce(c.book, r.book) || '-' || coalesce(c.fiscal_year, r.fiscal_year),
        coalesce(c.last_number, 0)::int8, coalesce(r.count, 0)
      from (select * from receipt_counter where district_id = $1) as c
      full join (
        select book, fiscal_year, count(*) as count, max(number) as last from receipt
        where district_id = $1
        group by book, fiscal_year
      ) as r on r.book = c.book and r.fiscal_year = c.fiscal_year
      where c.last_number is distinct from r.count or c.last_number is distinct from r.last
      order by 1
      """),
    Check(
      "receipts.amounts",
      Text(
        "未作废收据的金额等于捐赠现额，或已标为待换开、待作废；不超过捐赠原额",
        "a running receipt is over what is left of its gift, or marked; never over more than was given"
      ),
      """
      select 'receipt ' || r.id, coalesce(g.given_fen, 0), r.amount_fen
      from receipt r
      left join lateral receipt_subject(
        r.district_id, r.donation_id, r.campaign_id, r.goods_lot_id) as g on true
      where r.district_id = $1 and r.voided_on is null
        and (
          g.given_fen is null and r.kind = 'money' or r.amount_fen > g.given_fen
          or r.school_id is distinct from g.school_id
        )
      union all
      select 'receipt ' || r.id, r.net_fen, r.amount_fen
      from receipt_register r
      where r.district_id = $1 and r.state = 'valid' and r.net_fen <> r.amount_fen
      order by 1
      """),
    Check(
      "receipts.replaced",
      Text("换开的收据都已作废，且是同一笔捐赠的", "what a receipt replaces is void and of the same gift"),
      """
      select 'receipt ' || n.id, 1::int8, 0::int8
      from receipt n
      join receipt o on o.district_id = n.district_id and o.id = n.replaces
      where n.district_id = $1 and (o.voided_on is null or o.subject_id <> n.subject_id)
      order by 1
      """),
    Check(
      "receipts.waived",
      Text("放弃收据的捐赠没有未作废的收据", "a gift whose receipt is waived has none"),
      """
      select 'receipt ' || r.id, 0::int8, 1::int8
      from receipt_waiver w
      join receipt r on r.district_id = w.district_id and r.subject_id = w.subject_id
      where w.district_id = $1 and w.withdrawn_on is null and r.voided_on is null
      order by 1
      """),
  ]
}
