-- Whose 一帮一 fund the money for an instalment comes into: the school's that pays the child for its
-- semester. After a move that is the school of the line, which a general fund there may have bridged.
create function instalment_school(p_instalment uuid) returns uuid
language sql stable security definer
set search_path = public, pg_temp
set yibang.school = ''
return (
  select coalesce(l.school_id, i.school_id) from instalment i
  join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
  join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
  left join payment_line l on l.district_id = p.district_id and l.student_id = p.student_id
    and l.semester = i.semester and l.purpose = 'sponsorship' and not l.superseded
    and l.state not in ('cancelled', 'not_received')
  where i.district_id = current_district() and i.id = p_instalment
  limit 1
);
revoke all on function instalment_school(uuid) from public;

-- Who posts in several funds in one transaction locks all of them first, in the order in which each
-- posting locks its accounts: two such transactions wait for each other and never deadlock. Rows of
-- pupils, pairings, instalments and payouts are locked before the funds.

create function ledger_lock(p_funds uuid[]) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform from account a
  where a.district_id = current_district() and a.fund_id = any (p_funds)
  order by a.id
  for no key update;
end
$$;
revoke all on function ledger_lock(uuid[]) from public;

-- The same for the funds that the money of pairings came into or was covered from and into, and
-- p_funds; nothing if that is one fund. The payouts of the pupils are held first.
create function pairing_ledger_lock(p_pairings uuid[], p_funds uuid[]) returns void
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  district text := current_district();
  funds uuid[];
begin
  perform from payout o
  join pairing p on p.district_id = o.district_id and p.student_id = o.student_id
  where p.district_id = district and p.id = any (p_pairings)
  order by o.id
  for update of o;
  select array_agg(f.fund_id) into funds
  from (
    select unnest(p_funds) as fund_id
    union
    select t.fund_id from commitment k
    join instalment i on i.district_id = k.district_id and i.commitment_id = k.id
    join instalment_receipt c on c.district_id = i.district_id and c.instalment_id = i.id
    join transfer t on t.district_id = c.district_id and t.id = c.transfer_id
    where k.district_id = district and k.pairing_id = any (p_pairings)
    union
    select unnest(array[v.from_fund, v.to_fund]) from pairing p
    join payout o on o.district_id = p.district_id and o.student_id = p.student_id
    join cover v on v.district_id = o.district_id and v.payout_id = o.id
    where p.district_id = district and p.id = any (p_pairings)
  ) as f;
  if cardinality(funds) > 1 then perform ledger_lock(funds); end if;
end
$$;
revoke all on function pairing_ledger_lock(uuid[], uuid[]) from public;

-- That of 0024; the funds are locked first.
create or replace function cover_release(p_payouts uuid[], p_on date, p_actor uuid) returns bigint
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  v cover;
  released bigint := 0;
begin
  perform ledger_lock(
    array(
      select unnest(array[c.from_fund, c.to_fund]) from cover c
      where c.district_id = current_district() and c.payout_id = any (p_payouts)
        and c.repaid_fen < c.amount_fen
    ));
  for v in
    select * from cover c
    where c.district_id = current_district() and c.payout_id = any (p_payouts)
      and c.repaid_fen < c.amount_fen
    order by c.id
    for no key update
  loop
    perform cover_take_back(
      v, v.amount_fen - v.repaid_fen, null, p_on, semester_on(p_on), p_actor);
    released := released + v.amount_fen - v.repaid_fen;
  end loop;
  return released;
end
$$;

grant execute on function instalment_school(uuid), ledger_lock(uuid[]),
  pairing_ledger_lock(uuid[], uuid[]) to yibang_app;
