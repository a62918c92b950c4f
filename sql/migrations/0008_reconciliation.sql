-- Campaigns, and bank statements held against the books.
-- Runs before the program serves, so no client waits for its locks or assumes what it drops.
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint
-- squawk-ignore-file ban-drop-constraint, disallowed-unique-constraint

alter table import_file drop constraint import_file_kind_check;
alter table import_file add constraint import_file_kind_check check (
  kind in ('student', 'donation', 'offer', 'activity', 'bank')
);

-- One collection and its one voucher; its lines are donations. Nothing here sets what a person gives.
create table campaign (
  district_id text not null references district (district_id),
  id uuid not null,
  -- null: the district's, open to the gifts of every school
  school_id uuid,
  name text not null check (name <> ''),
  voucher_number text check (voucher_number <> ''),
  starts_on date not null,
  ends_on date not null,
  designation text,
  handler text,
  state text not null default 'open' check (state in ('open', 'closed')),
  actor_id uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  constraint campaign_once unique nulls not distinct (district_id, school_id, name, starts_on),
  constraint campaign_dates check (starts_on <= ends_on),
  foreign key (district_id, school_id) references school (district_id, id)
);

alter table donation add column campaign_id uuid;
alter table donation add constraint donation_campaign
foreign key (district_id, campaign_id) references campaign (district_id, id);
create index donation_by_campaign on donation (district_id, campaign_id)
where campaign_id is not null;

-- An account at a bank. Of its number only the last four digits and a keyed hash are kept.
create table bank_account (
  district_id text not null references district (district_id),
  id uuid not null,
  -- the owner of the money on it; null: the district
  school_id uuid,
  name text not null check (name <> ''),
  last_four text not null check (last_four ~ '^[0-9]{4}$'),
  number_hash bytea,
  actor_id uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  unique (district_id, school_id, id),
  constraint bank_account_once unique nulls not distinct (
    district_id, school_id, name, last_four
  ),
  constraint bank_account_number unique (district_id, number_hash),
  foreign key (district_id, school_id) references school (district_id, id)
);

-- The days that an imported statement covers.
create table bank_statement (
  district_id text not null,
  -- the import's
  id uuid not null,
  school_id uuid,
  account_id uuid not null,
  first_on date not null,
  last_on date not null,
  primary key (district_id, id),
  constraint bank_statement_dates check (first_on <= last_on),
  foreign key (district_id, account_id) references bank_account (district_id, id),
  foreign key (district_id, school_id, account_id)
  references bank_account (district_id, school_id, id)
);
create index bank_statement_by_account on bank_statement (district_id, account_id, last_on);

-- amount_fen: positive came in, negative went out. Whom it came from or went to, and what was
-- written with it, are sealed: they name people.
create table bank_line (
  district_id text not null,
  id uuid not null,
  school_id uuid,
  account_id uuid not null,
  booked_on date not null,
  amount_fen bigint not null check (amount_fen <> 0),
  balance_fen bigint,
  serial text,
  voucher text,
  private_sealed bytea,
  -- keyed hash of the bank's serial number, or of the whole line and its place among equal lines
  line_hash bytea not null,
  import_id uuid not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  unique (district_id, id, amount_fen),
  constraint bank_line_once unique (district_id, account_id, line_hash),
  foreign key (district_id, account_id) references bank_account (district_id, id),
  foreign key (district_id, school_id, account_id)
  references bank_account (district_id, school_id, id)
);
create index bank_line_by_day on bank_line (district_id, account_id, booked_on, id);

-- What clears a bank line or a transfer: a match of one line with the transfers that make its amount
-- up, or an explanation of a line, or of a transfer, that has no other side. Rows are only added; to
-- undo one changes its state, and a row of reconciliation_undone says who and why.
create table reconciliation (
  district_id text not null,
  id uuid not null,
  school_id uuid,
  kind text not null check (kind in ('match', 'explanation')),
  state text not null default 'standing' check (state in ('standing', 'undone')),
  line_id uuid,
  amount_fen bigint not null,
  manual boolean not null,
  score integer not null check (score between 0 and 100),
  -- {code, zh, en}
  reason jsonb not null check (reason ?& array['code', 'zh', 'en']),
  note text,
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  unique (district_id, id, kind, state),
  constraint reconciliation_match_has_line check (kind <> 'match' or line_id is not null),
  -- copies the line's amount, so that it cannot be another
  foreign key (district_id, line_id, amount_fen) references bank_line (district_id, id, amount_fen),
  foreign key (district_id, school_id) references school (district_id, id)
);
create unique index reconciliation_line_once on reconciliation (district_id, line_id)
where state = 'standing';

create table reconciliation_transfer (
  district_id text not null,
  reconciliation_id uuid not null,
  transfer_id uuid not null,
  school_id uuid,
  kind text not null,
  state text not null,
  -- what of the transfer passed through the bank, signed as a line's
  amount_fen bigint not null check (amount_fen <> 0),
  primary key (district_id, reconciliation_id, transfer_id),
  foreign key (district_id, reconciliation_id, kind, state)
  references reconciliation (district_id, id, kind, state) on update cascade,
  foreign key (district_id, transfer_id) references transfer (district_id, id)
);
create unique index reconciliation_transfer_once
on reconciliation_transfer (district_id, transfer_id) where state = 'standing';

create table reconciliation_undone (
  district_id text not null,
  reconciliation_id uuid not null,
  school_id uuid,
  reason text not null check (reason <> ''),
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, reconciliation_id),
  foreign key (district_id, reconciliation_id) references reconciliation (district_id, id)
);

-- The transfers that pass, or may pass, through a bank account: what came into a fund is positive,
-- what went out negative. What was booked by mistake and reversed never passed: it is taken off, and
-- what was reinstated of it is put on again. Of a refund or recovery that was taken back, the money
-- passed a second time, so that it is an entry of its own. The application reads bank_entries().
create view bank_entry as
select f.district_id, t.id as transfer_id, f.school_id, t.fund_id, t.semester, t.occurred_on, t.kind,
  t.source_id, t.amount_fen - b.mistaken_fen as amount_fen
from fund f
join account a on a.district_id = f.district_id and a.fund_id = f.id and a.kind = 'balance'
join transfer t on t.district_id = a.district_id and t.credit_account = a.id
cross join lateral (
  select greatest(coalesce(sum(
    case r.kind when 'reversal' then r.amount_fen when 'reinstatement' then -r.amount_fen else 0 end
  ), 0), 0)::bigint as mistaken_fen
  from transfer r
  where r.district_id = t.district_id and r.reverses = t.id
) as b
where t.kind in ('donation', 'instalment', 'allocation', 'recovery')
  or (
    t.kind = 'reinstatement' and not exists (
      select from transfer r
      where r.district_id = t.district_id and r.reverses = t.reverses and r.kind = 'reversal'
    )
  )
union all
select f.district_id, t.id, f.school_id, t.fund_id, t.semester, t.occurred_on, t.kind, t.source_id,
  b.mistaken_fen - t.amount_fen
from fund f
join account a on a.district_id = f.district_id and a.fund_id = f.id and a.kind = 'balance'
join transfer t on t.district_id = a.district_id and t.debit_account = a.id
cross join lateral (
  select greatest(coalesce(sum(
    case r.kind when 'reversal' then r.amount_fen when 'reinstatement' then -r.amount_fen else 0 end
  ), 0), 0)::bigint as mistaken_fen
  from transfer r
  where r.district_id = t.district_id and r.reverses = t.id
) as b
where t.kind in ('payment', 'refund')
  or (
    t.kind = 'reinstatement' and not exists (
      select from transfer r
      where r.district_id = t.district_id and r.reverses = t.reverses and r.kind = 'reversal'
    )
  );

-- The entries of some semesters, of one school's books (null: the district's own) or of all, with how
-- they were paid and what clears them. As the owner, so that the plan is that of the keys and not of
-- row-level security on eight tables; it tells no more than that would.
create function bank_entries(p_semesters integer[], p_school uuid, p_every_school boolean)
returns table (
  transfer_id uuid, school_id uuid, occurred_on date, kind text, source_id uuid, amount_fen bigint,
  method text, cleared text, cleared_by uuid, cleared_fen bigint
)
language plpgsql stable security definer rows 10000
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  confined uuid := current_school();
begin
  return query
  select e.transfer_id, e.school_id, e.occurred_on, e.kind, e.source_id, e.amount_fen,
    coalesce(g.method, i.method), x.kind, x.reconciliation_id, x.amount_fen
  from bank_entry e
  left join donation g
    on g.district_id = district and g.id = e.source_id and e.kind = 'donation'
  left join instalment_receipt i
    on i.district_id = district and i.id = e.source_id and e.kind = 'instalment'
  left join reconciliation_transfer x
    on x.district_id = district and x.transfer_id = e.transfer_id and x.state = 'standing'
  where e.district_id = district and e.semester = any (p_semesters)
    and (confined is null or e.school_id = confined)
    and (p_every_school or e.school_id is not distinct from p_school);
end
$$;

-- The school whose books a transfer belongs to, of those that may be reconciled.
create function bank_entry_school(p_transfer uuid)
returns table (transfer_id uuid, school_id uuid)
language plpgsql stable security definer rows 1
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  confined uuid := current_school();
begin
  return query
  select e.transfer_id, e.school_id from bank_entry e
  where e.district_id = district and e.transfer_id = p_transfer
    and (confined is null or e.school_id = confined);
end
$$;

-- What of a gift still stands after what was taken back of it.
create view donation_net with (security_invoker = true) as
select g.district_id, g.id as donation_id,
  g.amount_fen - gift_reversed(g.district_id, g.id, g.transfer_id) as net_fen
from donation g;

-- Statistics for plans made right after an import or a matching that filled these tables.
create function analyze_bank_tables()
returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  small text;
begin
  for small in
    select c.oid::regclass::text from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.reltuples < 10000
      and c.relname in ('bank_line', 'reconciliation', 'reconciliation_transfer')
  loop
    execute format('analyze (skip_locked) %s', small);
  end loop;
end
$$;

-- Records matches or explanations: the only way to clear anything. Entry i of p_ids, p_lines,
-- p_scores and p_reasons is one reconciliation; entry i of p_owners and p_transfers one transfer of
-- one. Lines and transfers are locked in order, so that two clerks wait for each other.
create function reconciliation_record(
  p_kind text, p_manual boolean, p_ids uuid[], p_lines uuid[], p_scores integer[],
  p_reasons jsonb[], p_owners uuid[], p_transfers uuid[], p_note text, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  confined uuid := current_school();
  wrong bigint;
  abroad bigint;
begin
  perform from bank_line l
  where l.district_id = district and l.id = any (p_lines)
  order by l.id
  for no key update;
  -- a reversal of one of them waits until this is recorded, or is seen here
  perform from transfer t
  where t.district_id = district and t.id = any (p_transfers)
  order by t.id
  for update;

  -- Counted, not looked for: a plan for the first row found compares all with all.
  select count(*) into wrong from unnest(p_lines) as asked (id)
  left join bank_line l on l.district_id = district and l.id = asked.id
  where asked.id is not null
    and (l.id is null or (confined is not null and l.school_id is distinct from confined));
  if wrong > 0 then
    raise foreign_key_violation using message = 'there is no such bank line',
      constraint = 'reconciliation_line_known', table = 'reconciliation';
  end if;
  select count(*) into wrong from unnest(p_transfers) as asked (id)
  left join bank_entry e on e.district_id = district and e.transfer_id = asked.id
  where e.transfer_id is null or e.amount_fen = 0
    or (confined is not null and e.school_id is distinct from confined);
  if wrong > 0 then
    raise foreign_key_violation using message = 'there is no such transfer to reconcile',
      constraint = 'reconciliation_transfer_known', table = 'reconciliation_transfer';
  end if;
  select count(*) filter (where b.amount_fen is distinct from l.amount_fen),
    count(*) filter (
      where b.first_school is distinct from l.school_id
        or b.last_school is distinct from l.school_id or b.schools > 1
    )
  into wrong, abroad
  from unnest(p_ids, p_lines) as m (id, line_id)
  join bank_line l on l.district_id = district and l.id = m.line_id
  left join (
    select o.owner_id, sum(e.amount_fen) as amount_fen, min(e.school_id::text)::uuid as first_school,
      max(e.school_id::text)::uuid as last_school,
      count(distinct coalesce(e.school_id::text, '')) as schools
    from unnest(p_owners, p_transfers) as o (owner_id, transfer_id)
    join bank_entry e on e.district_id = district and e.transfer_id = o.transfer_id
    group by o.owner_id
  ) as b on b.owner_id = m.id;
  if p_kind = 'match' and wrong > 0 then
    raise check_violation using message = 'the transfers do not make up the line',
      constraint = 'reconciliation_amount', table = 'reconciliation';
  end if;
  if p_kind = 'match' and abroad > 0 then
    raise check_violation using message = 'the line and the transfer belong to different schools',
      constraint = 'reconciliation_school', table = 'reconciliation';
  end if;

  insert into reconciliation (
    district_id, id, school_id, kind, line_id, amount_fen, manual, score, reason, note, actor_id
  )
  select district, m.id, coalesce(l.school_id, b.school_id), p_kind, m.line_id,
    coalesce(l.amount_fen, b.amount_fen), p_manual, m.score, m.reason, p_note, p_actor
  from unnest(p_ids, p_lines, p_scores, p_reasons) as m (id, line_id, score, reason)
  left join bank_line l on l.district_id = district and l.id = m.line_id
  left join (
    select o.owner_id, sum(e.amount_fen)::bigint as amount_fen,
      (array_agg(e.school_id))[1] as school_id
    from unnest(p_owners, p_transfers) as o (owner_id, transfer_id)
    join bank_entry e on e.district_id = district and e.transfer_id = o.transfer_id
    group by o.owner_id
  ) as b on b.owner_id = m.id;

  -- the foreign key below would read the table whole for every row if it were planned as empty
  if cardinality(p_ids) >= 500 then
    perform analyze_bank_tables();
  end if;
  insert into reconciliation_transfer (
    district_id, reconciliation_id, transfer_id, school_id, kind, state, amount_fen
  )
  select district, o.owner_id, o.transfer_id, e.school_id, p_kind, 'standing', e.amount_fen
  from unnest(p_owners, p_transfers) as o (owner_id, transfer_id)
  join bank_entry e on e.district_id = district and e.transfer_id = o.transfer_id;
  if cardinality(p_ids) >= 500 then
    perform analyze_bank_tables();
  end if;
end
$$;

-- Takes a standing match or explanation back; false if there is none.
create function reconciliation_take_back(p_id uuid, p_reason text, p_actor uuid)
returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  owner_school uuid;
begin
  update reconciliation set state = 'undone'
  where district_id = current_district() and id = p_id and state = 'standing'
    and (current_school() is null or school_id = current_school())
  returning school_id into owner_school;
  if not found then
    return false;
  end if;
  insert into reconciliation_undone (district_id, reconciliation_id, school_id, reason, actor_id)
  values (current_district(), p_id, owner_school, p_reason, p_actor);
  return true;
end
$$;

alter table campaign enable row level security;
alter table bank_account enable row level security;
alter table bank_statement enable row level security;
alter table bank_line enable row level security;
alter table reconciliation enable row level security;
alter table reconciliation_transfer enable row level security;
alter table reconciliation_undone enable row level security;

-- A school sees its own campaigns and the district's, to which it may contribute.
create policy tenant on campaign using (
  district_id = (select current_district())
  and (
    (select current_school()) is null or school_id is null
    or school_id = (select current_school())
  )
) with check (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on bank_account using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on bank_statement using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on bank_line using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on reconciliation using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on reconciliation_transfer using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on reconciliation_undone using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);

grant select, insert on campaign, bank_account, bank_statement, bank_line to yibang_app;
grant update (state) on campaign to yibang_app;
-- a gift recorded before its list came joins the campaign
grant update (campaign_id) on donation to yibang_app;
grant select on reconciliation, reconciliation_transfer, reconciliation_undone, donation_net
to yibang_app;
