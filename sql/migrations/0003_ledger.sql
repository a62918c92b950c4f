-- Donors, funds and the ledger. A transfer moves one amount between two accounts of one fund, so the
-- books balance by construction. Nothing connects two funds.

create table donor (
  district_id text not null references district (district_id),
  id uuid not null,
  -- the school that keeps the donor; null: the district
  school_id uuid,
  kind text not null check (
    kind in ('teacher', 'student', 'company', 'organisation', 'individual', 'party_member')
  ),
  name text not null check (name <> ''),
  anonymous boolean not null default false,
  class_name text,
  employer text,
  private_sealed bytea,
  identity_hash bytea,
  phone_hash bytea,
  created_at timestamptz not null default now(),
  primary key (district_id, id),
  constraint donor_identity unique (district_id, identity_hash),
  foreign key (district_id, school_id) references school (district_id, id)
);
create index donor_by_name on donor (district_id, school_id, name);

create table purpose (
  district_id text not null references district (district_id),
  code text not null,
  name_zh text not null,
  name_en text not null,
  primary key (district_id, code)
);

create table fund (
  district_id text not null references district (district_id),
  id uuid not null,
  school_id uuid,
  kind text not null check (
    kind in ('general', 'designated', 'sponsorship', 'boarding', 'nutrition')
  ),
  name text not null check (name <> ''),
  primary key (district_id, id),
  constraint fund_name unique nulls not distinct (district_id, school_id, kind, name),
  foreign key (district_id, school_id) references school (district_id, id)
);

create table fund_purpose (
  district_id text not null,
  fund_id uuid not null,
  purpose text not null,
  primary key (district_id, fund_id, purpose),
  foreign key (district_id, fund_id) references fund (district_id, id),
  foreign key (district_id, purpose) references purpose (district_id, code)
);

-- balance: the fund itself; source: where its money comes from, one a kind of donor; use: where it
-- goes, one a purpose. A fund's balance is credits − debits and cannot be negative.
create table account (
  district_id text not null,
  fund_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('balance', 'source', 'use')),
  label text not null,
  debits bigint not null default 0 check (debits >= 0),
  credits bigint not null default 0 check (credits >= 0),
  primary key (district_id, id),
  unique (district_id, fund_id, id),
  unique (district_id, fund_id, kind, label),
  foreign key (district_id, fund_id) references fund (district_id, id),
  constraint account_label check ((kind = 'balance') = (label = '')),
  constraint fund_not_below_zero check (kind <> 'balance' or credits >= debits)
) with (fillfactor = 70);

-- What passed through an account in a semester, in the same statement as the transfer: a statement
-- of a fund costs the same whatever the number of transfers.
create table account_semester (
  district_id text not null,
  fund_id uuid not null,
  account_id uuid not null,
  semester integer not null,
  debits bigint not null default 0 check (debits >= 0),
  credits bigint not null default 0 check (credits >= 0),
  primary key (district_id, account_id, semester),
  foreign key (district_id, fund_id, account_id) references account (district_id, fund_id, id),
  foreign key (district_id, semester) references semester (district_id, semester)
) with (fillfactor = 70);

create table transfer (
  district_id text not null,
  id uuid not null,
  fund_id uuid not null,
  debit_account uuid not null,
  credit_account uuid not null,
  amount_fen bigint not null constraint transfer_amount_positive check (amount_fen > 0),
  semester integer not null,
  kind text not null check (kind in ('donation', 'instalment', 'payment', 'reversal')),
  purpose text,
  occurred_on date not null,
  source_id uuid not null,
  reverses uuid,
  note text,
  actor_id uuid not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  foreign key (district_id, fund_id, debit_account) references account (district_id, fund_id, id),
  foreign key (district_id, fund_id, credit_account) references account (district_id, fund_id, id),
  foreign key (district_id, semester) references semester (district_id, semester),
  constraint transfer_purpose_allowed foreign key (district_id, fund_id, purpose)
  references fund_purpose (district_id, fund_id, purpose),
  foreign key (district_id, reverses) references transfer (district_id, id),
  constraint transfer_reversed_once unique (district_id, reverses),
  constraint transfer_two_accounts check (debit_account <> credit_account),
  constraint transfer_payment_purpose check ((kind = 'payment') <= (purpose is not null)),
  constraint transfer_reversal check ((kind = 'reversal') = (reverses is not null))
);
create index transfer_by_debit on transfer (district_id, debit_account, semester);
create index transfer_by_credit on transfer (district_id, credit_account, semester);

-- The account of a fund with this kind and label, opened at its first use.
create function ledger_account(p_fund uuid, p_kind text, p_label text)
returns uuid
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  found_id uuid;
  fund_school uuid;
begin
  select school_id into strict fund_school from fund
  where district_id = current_district() and id = p_fund;
  if current_school() is not null and fund_school is distinct from current_school() then
    raise insufficient_privilege using message = 'the fund belongs to another school';
  end if;
  loop
    select id into found_id from account
    where district_id = current_district() and fund_id = p_fund and kind = p_kind
      and label = p_label;
    exit when found;
    insert into account (district_id, fund_id, id, kind, label)
    values (current_district(), p_fund, gen_random_uuid(), p_kind, p_label)
    on conflict do nothing;
  end loop;
  return found_id;
end
$$;

-- Posts transfers: the only way money moves. The application's role has no right to write account,
-- account_semester or transfer. Locks the semester against closing and the accounts in order of id,
-- so that two postings wait for each other and never deadlock.
create function ledger_post(
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
    returning a.fund_id, a.id, m.debits, m.credits
  )
  insert into account_semester as s (
    district_id, fund_id, account_id, semester, debits, credits
  )
  select district, u.fund_id, u.id, p_semester, u.debits, u.credits from updated u
  on conflict (district_id, account_id, semester) do update
  set debits = s.debits + excluded.debits, credits = s.credits + excluded.credits;
end
$$;

create table donation (
  district_id text not null,
  id uuid not null,
  school_id uuid,
  donor_id uuid not null,
  fund_id uuid not null,
  transfer_id uuid not null,
  semester integer not null,
  amount_fen bigint not null check (amount_fen > 0),
  received_on date not null,
  method text not null check (method in ('cash', 'transfer', 'wechat', 'alipay', 'unknown')),
  designation text,
  class_name text,
  handler text,
  receipt_number text,
  note text,
  -- digest of what the sheet's line says and its place among equal lines
  line_hash bytea,
  import_id uuid,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  constraint donation_line unique (district_id, line_hash),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, donor_id) references donor (district_id, id),
  foreign key (district_id, fund_id) references fund (district_id, id),
  foreign key (district_id, transfer_id) references transfer (district_id, id)
);
create index donation_by_semester on donation (district_id, school_id, semester, received_on, id);
create index donation_by_donor on donation (district_id, donor_id, received_on);

alter table donor enable row level security;
alter table purpose enable row level security;
alter table fund enable row level security;
alter table fund_purpose enable row level security;
alter table account enable row level security;
alter table account_semester enable row level security;
alter table transfer enable row level security;
alter table donation enable row level security;

create policy tenant on purpose using (district_id = (select current_district()));
create policy tenant on fund using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on fund_purpose using (
  district_id = (select current_district())
  and ((select current_school()) is null or fund_id in (select f.id from fund f))
);
create policy tenant on account using (
  district_id = (select current_district())
  and ((select current_school()) is null or fund_id in (select f.id from fund f))
);
create policy tenant on account_semester using (
  district_id = (select current_district())
  and ((select current_school()) is null or fund_id in (select f.id from fund f))
);
create policy tenant on transfer using (
  district_id = (select current_district())
  and ((select current_school()) is null or fund_id in (select f.id from fund f))
);
create policy tenant on donation using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);

grant select, insert on purpose, fund, fund_purpose, donation to yibang_app;
grant select, insert, update on donor to yibang_app;
grant select on account, account_semester, transfer to yibang_app;
