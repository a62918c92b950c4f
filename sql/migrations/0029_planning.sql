-- What the planner knows of a district. Statistics are of whole tables, and a new district among large
-- ones is in none of them: its rows count as one, and a join may begin at all of its transfers. So the
-- tables that grow are analysed after a fixed number of changes, not after a tenth of what they hold.
do $$
declare
  growing text;
begin
  for growing in
    select c.relname from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'district_id'
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  loop
    execute format(
      'alter table %I set (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)',
      growing);
  end loop;
end
$$;

create or replace function pairing_unspent(p_pairing uuid, p_upto integer)
returns table (
  receipt_id uuid, instalment_id uuid, transfer_id uuid, debit_account uuid, credit_account uuid,
  received_on date, method text, payer_id uuid, unspent_fen bigint
)
language plpgsql stable security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
  return query
  -- Materialized: so that receipts and transfers are looked up one by one, whatever is known of the
  -- district.
  with item as materialized (
    select g.district_id, i.id, i.received_fen - least(
      i.received_fen,
      greatest(
        coalesce(l.amount_fen, case when i.semester <= p_upto then o.amount_fen end, 0)
          - coalesce(v.open, 0) - coalesce(e.received, 0), 0
      ) + coalesce(y.repaid, 0)
    ) as unspent
    from pairing g
    join commitment k on k.district_id = g.district_id and k.pairing_id = g.id
    join instalment i on i.district_id = k.district_id and i.commitment_id = k.id
    left join payment_line l
      on l.district_id = g.district_id and l.student_id = g.student_id
      and l.purpose = 'sponsorship' and l.semester = i.semester and not l.superseded
      and l.state not in ('cancelled', 'not_received')
    left join payout o
      on o.district_id = g.district_id and o.student_id = g.student_id
      and o.semester = i.semester and o.state in ('planned', 'suspended')
    left join lateral (
      select sum(c.amount_fen - c.repaid_fen) as open from cover c
      where c.district_id = o.district_id and c.payout_id = o.id
    ) as v on true
    left join lateral (
      select sum(n.received_fen) as received from pairing q
      join commitment w on w.district_id = q.district_id and w.pairing_id = q.id
      join instalment n
        on n.district_id = w.district_id and n.commitment_id = w.id and n.semester = i.semester
      where q.district_id = g.district_id and q.student_id = g.student_id
        and (q.started_on, q.id) < (g.started_on, g.id)
    ) as e on true
    left join lateral (
      select sum(x.amount_fen) as repaid from instalment_receipt c
      join cover_repayment x on x.district_id = c.district_id and x.receipt_id = c.id
      where c.district_id = i.district_id and c.instalment_id = i.id
    ) as y on true
    where g.district_id = current_district() and g.id = p_pairing
      and (current_school() is null or g.school_id = current_school())
  ),
  -- The latest receipts of an instalment are the unspent ones.
  receipt as (
    select c.*, t.debit_account, t.credit_account, c.amount_fen - coalesce(r.reversed_fen, 0) as net,
      m.unspent - coalesce(
        sum(c.amount_fen - coalesce(r.reversed_fen, 0)) over (
          partition by c.instalment_id order by c.received_on desc, c.id desc
          rows between unbounded preceding and 1 preceding
        ), 0
      ) as rest
    from item m
    join instalment_receipt c on c.district_id = m.district_id and c.instalment_id = m.id
    join transfer t on t.district_id = c.district_id and t.id = c.transfer_id
    left join transfer_reversed r
      on r.district_id = c.district_id and r.transfer_id = c.transfer_id
    where m.unspent > 0
  )
  select q.id, q.instalment_id, q.transfer_id, q.debit_account, q.credit_account, q.received_on,
    q.method, q.payer_id, least(q.net, q.rest)::bigint
  from receipt q
  where q.net > 0 and q.rest > 0
  order by q.received_on, q.id;
end
$$;
