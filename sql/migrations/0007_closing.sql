-- Closing a semester fixes the balance of every account; reopening needs two people and leaves a
-- trace. A semester's state changes only through these functions.

create table semester_closing (
  district_id text not null,
  id uuid not null,
  semester integer not null,
  closed_by uuid not null,
  closed_at timestamptz not null default clock_timestamp(),
  -- false once the semester was reopened
  in_force boolean not null default true,
  primary key (district_id, id),
  foreign key (district_id, semester) references semester (district_id, semester),
  foreign key (district_id, closed_by) references app_user (district_id, id)
);
create unique index semester_closing_in_force
on semester_closing (district_id, semester) where in_force;

-- Balances as credits − debits.
create table closing_balance (
  district_id text not null,
  closing_id uuid not null,
  account_id uuid not null,
  fund_id uuid not null,
  opening_fen bigint not null,
  debits bigint not null check (debits >= 0),
  credits bigint not null check (credits >= 0),
  closing_fen bigint not null,
  primary key (district_id, closing_id, account_id),
  foreign key (district_id, closing_id) references semester_closing (district_id, id),
  foreign key (district_id, fund_id, account_id) references account (district_id, fund_id, id),
  constraint closing_balance_adds_up check (closing_fen = opening_fen + credits - debits)
);

create table semester_reopening (
  district_id text not null,
  id uuid not null,
  closing_id uuid not null,
  reason text not null check (reason <> ''),
  requested_by uuid not null,
  requested_at timestamptz not null default clock_timestamp(),
  approved_by uuid,
  approved_at timestamptz,
  primary key (district_id, id),
  foreign key (district_id, closing_id) references semester_closing (district_id, id),
  foreign key (district_id, requested_by) references app_user (district_id, id),
  foreign key (district_id, approved_by) references app_user (district_id, id),
  constraint reopening_second_person check (approved_by <> requested_by)
);
create unique index semester_reopening_once on semester_reopening (district_id, closing_id);

-- Locks the semester: what posts to it waits, and is refused once it is closed.
create function semester_lock(p_semester integer) returns text
language sql security definer
set search_path = public, pg_temp
begin atomic
  select s.state from semester s
  where s.district_id = current_district() and s.semester = p_semester
  for update;
end;

-- Keeps an open semester from being closed until the transaction ends.
create function semester_is_open(p_semester integer) returns boolean
language sql security definer
set search_path = public, pg_temp
begin atomic
  select s.state = 'open' from semester s
  where s.district_id = current_district() and s.semester = p_semester
  for share;
end;

create function semester_close(p_semester integer, p_closing uuid, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
begin
  if current_school() is not null then
    raise insufficient_privilege using message = 'a semester belongs to the district';
  end if;
  if semester_lock(p_semester) is distinct from 'open' then
    raise check_violation using message = 'the semester is closed or unknown',
      constraint = 'semester_state', table = 'semester';
  end if;
  if exists (
    select from semester s
    where s.district_id = district and s.semester < p_semester and s.state = 'open'
  ) then
    raise check_violation using message = 'an earlier semester is open',
      constraint = 'semester_in_order', table = 'semester';
  end if;
  insert into semester_closing (district_id, id, semester, closed_by)
  values (district, p_closing, p_semester, p_actor);
  insert into closing_balance (
    district_id, closing_id, account_id, fund_id, opening_fen, debits, credits, closing_fen
  )
  select district, p_closing, a.id, a.fund_id,
    coalesce(sum(m.credits - m.debits) filter (where m.semester < p_semester), 0),
    coalesce(sum(m.debits) filter (where m.semester = p_semester), 0),
    coalesce(sum(m.credits) filter (where m.semester = p_semester), 0),
    coalesce(sum(m.credits - m.debits), 0)
  from account a
  left join account_semester m
    on m.district_id = a.district_id and m.account_id = a.id and m.semester <= p_semester
  where a.district_id = district
  group by a.id, a.fund_id;
  update semester set state = 'closed', closed_at = clock_timestamp()
  where district_id = district and semester = p_semester;
end
$$;

create function semester_reopen(p_reopening uuid, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  closing record;
begin
  if current_school() is not null then
    raise insufficient_privilege using message = 'a semester belongs to the district';
  end if;
  select c.id, c.semester into closing from semester_reopening r
  join semester_closing c on c.district_id = r.district_id and c.id = r.closing_id
  where r.district_id = district and r.id = p_reopening and r.approved_by is null and c.in_force
  for update of r, c;
  if not found then
    raise check_violation using message = 'nothing to approve', constraint = 'reopening_open',
      table = 'semester_reopening';
  end if;
  perform semester_lock(closing.semester);
  if exists (
    select from semester s
    where s.district_id = district and s.semester > closing.semester and s.state = 'closed'
  ) then
    raise check_violation using message = 'a later semester is closed',
      constraint = 'semester_in_order', table = 'semester';
  end if;
  update semester_reopening set approved_by = p_actor, approved_at = clock_timestamp()
  where district_id = district and id = p_reopening;
  update semester_closing set in_force = false where district_id = district and id = closing.id;
  update semester set state = 'open', closed_at = null
  where district_id = district and semester = closing.semester;
end
$$;

alter table semester_closing enable row level security;
alter table closing_balance enable row level security;
alter table semester_reopening enable row level security;

create policy tenant on semester_closing using (district_id = (select current_district()));
create policy tenant on closing_balance using (
  district_id = (select current_district())
  and ((select current_school()) is null or fund_id in (select f.id from fund f))
);
create policy tenant on semester_reopening using (district_id = (select current_district()));

revoke update on semester from yibang_app;
grant select on semester_closing, closing_balance to yibang_app;
grant select on semester_reopening to yibang_app;
grant insert (district_id, id, closing_id, reason, requested_by) on semester_reopening to yibang_app;
