-- Funds and purposes as data, budgets with holds, reversals in part and repeatedly, changes of use.
-- Runs before the program serves, so no client waits for its locks or assumes what it drops.
-- squawk-ignore-file ban-drop-constraint, require-concurrent-index-deletion
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint
-- squawk-ignore-file disallowed-unique-constraint, adding-not-nullable-field

-- Other funds than the standard ones: kind other, with the purposes it is given.
alter table fund drop constraint fund_kind_check;
alter table fund add constraint fund_kind check (
  kind in ('general', 'designated', 'sponsorship', 'boarding', 'nutrition', 'other')
);
alter table fund add constraint fund_of_kind unique (district_id, id, kind);

-- A fund's kind stands beside each of its purposes, so that no fund can be given what belongs to
-- boarding or nutrition money, nor those another purpose (专款专用).
alter table fund_purpose add column fund_kind text;
update fund_purpose p set fund_kind = f.kind from fund f
where f.district_id = p.district_id and f.id = p.fund_id;
alter table fund_purpose alter column fund_kind set not null;
alter table fund_purpose add constraint fund_purpose_kind
foreign key (district_id, fund_id, fund_kind) references fund (district_id, id, kind);
alter table fund_purpose add constraint fund_purpose_restricted check (
  (purpose = 'boarding') = (fund_kind = 'boarding')
  and (purpose = 'nutrition') = (fund_kind = 'nutrition')
);

-- held: approved, not yet paid. Nothing else can take it.
alter table account add column held bigint not null default 0
constraint account_held check (held >= 0 and (held = 0 or kind = 'balance'));
alter table account drop constraint fund_not_below_zero;
alter table account add constraint fund_not_below_zero check (
  kind <> 'balance' or credits - debits >= held
);

-- allocation: public money. reversal: it was wrong; refund: back to the donor; recovery: back from
-- the payee; reinstatement: takes one of those back, in part or whole; change_of_use: a gift goes on
-- in another fund. reverses: always the original transfer.
alter table transfer drop constraint transfer_kind_check;
alter table transfer add constraint transfer_kind check (
  kind in (
    'donation', 'instalment', 'allocation', 'payment', 'reversal', 'refund', 'recovery',
    'reinstatement', 'change_of_use'
  )
);
alter table transfer drop constraint transfer_reversal;
alter table transfer add constraint transfer_reversal check (
  case kind
    when 'change_of_use' then true
    else (kind in ('reversal', 'refund', 'recovery', 'reinstatement')) = (reverses is not null)
  end
);
alter table transfer drop constraint transfer_reversed_once;
create index transfer_by_reverses on transfer (district_id, reverses) where reverses is not null;
drop index transfer_by_debit;
drop index transfer_by_credit;
create index transfer_by_debit on transfer (district_id, debit_account, semester, id);
create index transfer_by_credit on transfer (district_id, credit_account, semester, id);

-- What was taken back of a transfer, and what of it went on to another fund. One row for each
-- transfer of which anything was; only ledger_post writes it.
create table transfer_reversed (
  district_id text not null,
  transfer_id uuid not null,
  fund_id uuid not null,
  amount_fen bigint not null,
  reversed_fen bigint not null,
  moved_fen bigint not null default 0,
  primary key (district_id, transfer_id),
  foreign key (district_id, transfer_id) references transfer (district_id, id),
  foreign key (district_id, fund_id) references fund (district_id, id),
  constraint reversal_within check (
    reversed_fen >= 0 and moved_fen >= 0 and reversed_fen + moved_fen <= amount_fen
  )
);
insert into transfer_reversed (district_id, transfer_id, fund_id, amount_fen, reversed_fen)
select o.district_id, o.id, o.fund_id, o.amount_fen, sum(r.amount_fen)
from transfer o
join transfer r on r.district_id = o.district_id and r.reverses = o.id
group by o.district_id, o.id;

-- planned: null where nothing was planned. spent: what the fund's uses took in this semester, less
-- what came back; money that comes back never makes room for more than was planned.
create table budget (
  district_id text not null,
  fund_id uuid not null,
  semester integer not null,
  planned_fen bigint constraint budget_planned check (planned_fen >= 0),
  committed_fen bigint not null default 0 constraint budget_committed check (committed_fen >= 0),
  spent_fen bigint not null default 0,
  primary key (district_id, fund_id, semester),
  foreign key (district_id, fund_id) references fund (district_id, id),
  foreign key (district_id, semester) references semester (district_id, semester),
  constraint budget_not_exceeded check (
    planned_fen is null or committed_fen + greatest(spent_fen, 0) <= planned_fen
  )
);
insert into budget (district_id, fund_id, semester, spent_fen)
select s.district_id, s.fund_id, s.semester, sum(s.credits - s.debits)
from account_semester s
join account a on a.district_id = s.district_id and a.id = s.account_id
where a.kind = 'use'
group by s.district_id, s.fund_id, s.semester;

-- 慈善法 56: another use needs the donor's consent. Boarding and nutrition money neither leaves its
-- fund nor is joined by other money, so no chain of changes connects the two.
create table change_of_use (
  district_id text not null,
  id uuid not null,
  donation_id uuid not null,
  from_fund uuid not null,
  from_kind text not null,
  to_fund uuid not null,
  to_kind text not null,
  amount_fen bigint not null check (amount_fen > 0),
  -- the donor's consent: the day, and the document that shows it
  consent_on date not null,
  consent_document text not null check (consent_document <> ''),
  reason text not null check (reason <> ''),
  out_transfer uuid not null,
  in_transfer uuid not null,
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  unique (district_id, out_transfer),
  unique (district_id, in_transfer),
  foreign key (district_id, donation_id) references donation (district_id, id),
  foreign key (district_id, from_fund, from_kind) references fund (district_id, id, kind),
  foreign key (district_id, to_fund, to_kind) references fund (district_id, id, kind),
  foreign key (district_id, out_transfer) references transfer (district_id, id),
  foreign key (district_id, in_transfer) references transfer (district_id, id),
  constraint change_of_use_other_fund check (from_fund <> to_fund),
  constraint change_of_use_restricted check (
    from_kind not in ('boarding', 'nutrition') and to_kind not in ('boarding', 'nutrition')
  )
);
create index change_of_use_by_donation on change_of_use (district_id, donation_id);

-- What was taken back of a gift, in whatever fund it stood then.
create function gift_reversed(p_district text, p_donation uuid, p_transfer uuid) returns bigint
language sql stable
return coalesce(
  (
    select sum(r.reversed_fen) from transfer_reversed r
    where r.district_id = p_district and (
      r.transfer_id = p_transfer
      or r.transfer_id in (
        select c.in_transfer from change_of_use c
        where c.district_id = p_district and c.donation_id = p_donation
      )
    )
  ), 0
)::bigint;

-- Refuses a caller who is confined to another school than the fund's.
create function ledger_confine(p_funds uuid[]) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  if current_school() is not null and exists (
    select from fund f
    where f.district_id = current_district() and f.id = any (p_funds)
      and f.school_id is distinct from current_school()
  ) then
    raise insufficient_privilege using message = 'the fund belongs to another school';
  end if;
end
$$;

-- Sets money of a fund aside for what was approved; a negative amount releases it. The balance's row
-- is locked first, as by ledger_post, so approvals and postings wait for each other.
create function ledger_hold(p_fund uuid, p_semester integer, p_amount bigint) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  balance uuid := ledger_account(p_fund, 'balance', '');
begin
  perform ledger_confine(array[p_fund]);
  perform from semester s
  where s.district_id = current_district() and s.semester = p_semester and s.state = 'open'
  for share;
  if not found then
    raise check_violation using message = 'the semester is closed or unknown',
      constraint = 'transfer_semester_open', table = 'transfer';
  end if;
  update account set held = held + p_amount
  where district_id = current_district() and id = balance;
  update budget set committed_fen = committed_fen + p_amount
  where district_id = current_district() and fund_id = p_fund and semester = p_semester;
  if not found then
    insert into budget (district_id, fund_id, semester, committed_fen)
    values (current_district(), p_fund, p_semester, p_amount)
    on conflict (district_id, fund_id, semester) do update
    set committed_fen = budget.committed_fen + p_amount;
  end if;
end
$$;

-- What a reversing transfer does to its original: counts it, within the original's amount.
create function ledger_reverse(
  p_original uuid, p_kind text, p_debit uuid, p_credit uuid, p_amount bigint, p_date date
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  original transfer;
  change bigint;
  moved bigint := 0;
begin
  select * into original from transfer
  where district_id = current_district() and id = p_original;
  if not found or original.reverses is not null
    or (p_kind = 'refund' and original.kind not in ('donation', 'instalment', 'change_of_use'))
    or (p_kind = 'recovery' and original.kind <> 'payment')
    or (p_kind = 'change_of_use' and original.kind not in ('donation', 'change_of_use'))
  then
    raise check_violation using message = 'only an original of the right kind can be reversed',
      constraint = 'transfer_reverses_original', table = 'transfer';
  end if;
  if p_date < original.occurred_on then
    raise check_violation using message = 'a reversal is not earlier than its original',
      constraint = 'transfer_reverses_later', table = 'transfer';
  end if;
  if p_debit = original.credit_account and p_credit = original.debit_account
    and p_kind <> 'reinstatement'
  then
    change := p_amount;
  elsif p_debit = original.debit_account and p_credit = original.credit_account
    and p_kind = 'reinstatement'
  then
    change := -p_amount;
  else
    raise check_violation using message = 'a reversal moves between the accounts of its original',
      constraint = 'transfer_reverses_original', table = 'transfer';
  end if;
  if p_kind = 'change_of_use' then
    moved := change;
    change := 0;
  end if;
  update transfer_reversed
  set reversed_fen = reversed_fen + change, moved_fen = moved_fen + moved
  where district_id = current_district() and transfer_id = p_original;
  if not found then
    insert into transfer_reversed (
      district_id, transfer_id, fund_id, amount_fen, reversed_fen, moved_fen
    )
    values (
      current_district(), p_original, original.fund_id, original.amount_fen, change, moved
    );
  end if;
end
$$;
revoke all on function ledger_reverse(uuid, text, uuid, uuid, bigint, date) from public;

-- Posts transfers: the only way money moves. The application's role has no right to write account,
-- account_semester, transfer, transfer_reversed or what a budget spent. Locks the semester against
-- closing and the accounts in order of id, so that two postings wait for each other and never
-- deadlock.
create or replace function ledger_post(
  p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[], p_semester integer,
  p_kind text, p_purpose text, p_dates date[], p_sources uuid[], p_reverses uuid, p_note text,
  p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  term record;
  foreign_fund uuid;
begin
  select s.state, s.starts_on, s.ends_on into term from semester s
  where s.district_id = district and s.semester = p_semester
  for share;
  if not found or term.state <> 'open' then
    raise check_violation using message = 'the semester is closed or unknown',
      constraint = 'transfer_semester_open', table = 'transfer';
  end if;
  if exists (
    select from unnest(p_dates) as d (occurred_on)
    where d.occurred_on not between term.starts_on and term.ends_on
  ) then
    raise check_violation using message = 'the date is not in the semester',
      constraint = 'transfer_date_in_semester', table = 'transfer';
  end if;

  perform from account a
  where a.district_id = district and (a.id = any (p_debits) or a.id = any (p_credits))
  order by a.id
  for no key update;

  if current_school() is not null then
    select f.id into foreign_fund from account a
    join fund f on f.district_id = a.district_id and f.id = a.fund_id
    where a.district_id = district and a.id = any (p_debits || p_credits)
      and f.school_id is distinct from current_school()
    limit 1;
    if found then
      raise insufficient_privilege using message = 'the fund belongs to another school';
    end if;
  end if;

  if p_reverses is not null then
    if cardinality(p_ids) <> 1 then
      raise check_violation using message = 'one reversal at a time',
        constraint = 'transfer_reverses_original', table = 'transfer';
    end if;
    perform ledger_reverse(
      p_reverses, p_kind, p_debits[1], p_credits[1], p_amounts[1], p_dates[1]);
  end if;

  insert into transfer (
    district_id, id, fund_id, debit_account, credit_account, amount_fen, semester, kind, purpose,
    occurred_on, source_id, reverses, note, actor_id
  )
  select district, t.id, a.fund_id, t.debit, t.credit, t.amount, p_semester, p_kind, p_purpose,
    t.occurred_on, t.source_id, p_reverses, p_note, p_actor
  from unnest(p_ids, p_debits, p_credits, p_amounts, p_dates, p_sources)
    as t (id, debit, credit, amount, occurred_on, source_id)
  join account a on a.district_id = district and a.id = t.debit;

  with moved as (
    select m.account_id, sum(m.debit)::bigint as debits, sum(m.credit)::bigint as credits
    from (
      select d.account_id, d.amount as debit, 0::bigint as credit
      from unnest(p_debits, p_amounts) as d (account_id, amount)
      union all
      select c.account_id, 0, c.amount from unnest(p_credits, p_amounts) as c (account_id, amount)
    ) as m
    group by m.account_id
  ), updated as (
    update account a set debits = a.debits + m.debits, credits = a.credits + m.credits
    from moved m
    where a.district_id = district and a.id = m.account_id
    returning a.fund_id, a.id, a.kind, m.debits, m.credits
  ), spent as (
    insert into budget as b (district_id, fund_id, semester, spent_fen)
    select district, u.fund_id, p_semester, sum(u.credits - u.debits) from updated u
    where u.kind = 'use'
    group by u.fund_id
    on conflict (district_id, fund_id, semester) do update
    set spent_fen = b.spent_fen + excluded.spent_fen
  )
  insert into account_semester as s (
    district_id, fund_id, account_id, semester, debits, credits
  )
  select district, u.fund_id, u.id, p_semester, u.debits, u.credits from updated u
  on conflict (district_id, account_id, semester) do update
  set debits = s.debits + excluded.debits, credits = s.credits + excluded.credits;
end
$$;

alter table transfer_reversed enable row level security;
alter table budget enable row level security;
alter table change_of_use enable row level security;

create policy tenant on transfer_reversed using (
  district_id = (select current_district())
  and ((select current_school()) is null or fund_id in (select f.id from fund f))
);
create policy tenant on budget using (
  district_id = (select current_district())
  and ((select current_school()) is null or fund_id in (select f.id from fund f))
);
create policy tenant on change_of_use using (
  district_id = (select current_district())
  and ((select current_school()) is null or from_fund in (select f.id from fund f))
);

grant select on transfer_reversed, budget to yibang_app;
grant insert (district_id, fund_id, semester, planned_fen), update (planned_fen) on budget
to yibang_app;
grant select, insert on change_of_use to yibang_app;
