-- Payment batches approved by several people, one payment for a pupil, purpose and semester, and
-- clawback. Their states change only through these functions, which lock the batch first.
-- Runs before the program serves, so no client waits for its locks or assumes what it drops.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid

-- third_above: a batch above it needs a third person. direct: what one person alone may pay out.
create table approval_limit (
  district_id text not null references district (district_id),
  id uuid not null,
  -- null: the district's, which holds for schools without their own
  school_id uuid,
  third_above_fen bigint not null check (third_above_fen >= 0),
  direct_fen bigint not null check (direct_fen >= 0),
  actor_id uuid not null,
  set_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  constraint approval_limit_place unique nulls not distinct (district_id, school_id),
  foreign key (district_id, school_id) references school (district_id, id)
);

-- The limits that hold for a school, or for the district's own money where it is null; ¥50,000.00 and
-- ¥1,000.00 where nobody set others.
create function approval_limits(p_school uuid)
returns table (third_above_fen bigint, direct_fen bigint)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select coalesce(s.third_above_fen, d.third_above_fen, 5000000),
    coalesce(s.direct_fen, d.direct_fen, 100000)
  from (select) as one
  left join approval_limit s on s.district_id = current_district() and s.school_id = p_school
  left join approval_limit d on d.district_id = current_district() and d.school_id is null;
end;

create table payment_batch (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  fund_id uuid not null,
  purpose text not null,
  semester integer not null,
  title text not null check (title <> ''),
  -- whether its pupils have to be recognised as in hardship in the school year
  needs_recognition boolean not null,
  state text not null default 'draft' check (
    state in ('draft', 'submitted', 'approved', 'paid', 'closed', 'cancelled')
  ),
  -- how often it was submitted: approvals of an earlier round do not count
  round integer not null default 0,
  -- fixed while it is submitted, approved or paid
  total_fen bigint,
  approvals_needed integer,
  -- the batch whose failed lines it pays again
  follows uuid,
  maker_id uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  paid_by uuid,
  paid_on date,
  reason text,
  primary key (district_id, id),
  constraint payment_batch_maker unique (district_id, id, maker_id),
  constraint payment_batch_kind unique (district_id, id, school_id, purpose, semester),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, semester) references semester (district_id, semester),
  foreign key (district_id, follows) references payment_batch (district_id, id),
  foreign key (district_id, maker_id) references app_user (district_id, id),
  constraint payment_purpose_allowed foreign key (district_id, fund_id, purpose)
  references fund_purpose (district_id, fund_id, purpose),
  constraint payment_batch_total check (
    state in ('draft', 'cancelled') or (total_fen > 0 and approvals_needed > 0)
  ),
  constraint payment_batch_paid check (
    (state in ('paid', 'closed')) = (paid_on is not null and paid_by is not null)
  )
);
create index payment_batch_by_semester on payment_batch (district_id, semester, id);
create index payment_batch_by_school on payment_batch (district_id, school_id, id);
create index payment_batch_open on payment_batch (district_id, semester)
where state in ('submitted', 'approved', 'paid');

-- What was true of a pupil when the batch was made, and what became of the money.
create table payment_line (
  district_id text not null,
  id uuid not null,
  batch_id uuid not null,
  number integer not null check (number > 0),
  school_id uuid not null,
  purpose text not null,
  semester integer not null,
  student_id uuid not null,
  state text not null default 'planned' check (
    state in ('planned', 'waiting', 'received', 'not_received', 'issue', 'cancelled')
  ),
  amount_fen bigint not null constraint payment_line_amount check (amount_fen > 0),
  -- why this amount
  rule text not null check (rule in ('fixed', 'tier', 'sheet', 'follow_up')),
  grade text,
  class_name text,
  gender text check (gender in ('male', 'female')),
  tier text check (tier in ('special', 'difficult', 'general')),
  boarding boolean,
  card_last4 text check (card_last4 ~ '^[0-9]{4}$'),
  -- name, resident ID, 学籍号, guardian, bank and card, as one sealed record
  -- (AAD payment_line:id:payee)
  payee_sealed bytea not null,
  -- the failed line that it pays again; that one is then superseded
  replaces uuid,
  superseded boolean not null default false,
  transfer_id uuid,
  -- what the payee is known to have received; null: not known
  received_fen bigint,
  confirmed_on date,
  confirmed_by uuid,
  note text,
  -- why less was paid than was due
  explanation text,
  primary key (district_id, id),
  constraint payment_line_number unique (district_id, batch_id, number),
  constraint payment_line_transfer unique (district_id, transfer_id),
  constraint payment_line_batch foreign key (district_id, batch_id, school_id, purpose, semester)
  references payment_batch (district_id, id, school_id, purpose, semester),
  foreign key (district_id, student_id) references student (district_id, id),
  foreign key (district_id, replaces) references payment_line (district_id, id),
  foreign key (district_id, transfer_id) references transfer (district_id, id),
  constraint payment_line_sent check (
    (state in ('planned', 'cancelled')) = (transfer_id is null)
  ),
  constraint payment_line_received check (
    case state
      when 'received' then received_fen is not distinct from amount_fen
      when 'not_received' then received_fen is not distinct from 0
      when 'issue' then received_fen is null or received_fen between 0 and amount_fen
      else received_fen is null
    end
  ),
  constraint payment_line_confirmed check (
    (state in ('received', 'not_received', 'issue')) = (confirmed_on is not null)
  )
);
-- One payment for a pupil, purpose and semester (一人一次), whatever the code does.
create unique index payment_line_once on payment_line (district_id, student_id, purpose, semester)
where not superseded and state not in ('cancelled', 'not_received');
create unique index payment_line_replaced_once on payment_line (district_id, replaces)
where replaces is not null and state <> 'cancelled';
-- What still has to be settled, for closing a semester.
create index payment_line_unsettled on payment_line (district_id, batch_id)
where state in ('waiting', 'not_received', 'issue');

create table payment_approval (
  district_id text not null,
  id uuid not null,
  batch_id uuid not null,
  round integer not null,
  maker_id uuid not null,
  person_id uuid not null,
  total_fen bigint not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  constraint payment_approval_once unique (district_id, batch_id, round, person_id),
  foreign key (district_id, batch_id, maker_id)
  references payment_batch (district_id, id, maker_id),
  foreign key (district_id, person_id) references app_user (district_id, id),
  constraint payment_approval_not_maker check (person_id <> maker_id)
);

-- Locks a batch, the one that it follows first, and refuses other states than these. The refusal's
-- constraint names the state that it is in.
create function payment_batch_lock(p_batch uuid, p_states text[]) returns payment_batch
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch;
begin
  perform from payment_batch f
  where f.district_id = current_district() and f.id = (
    select o.follows from payment_batch o
    where o.district_id = current_district() and o.id = p_batch
  )
  for update;
  select * into b from payment_batch
  where district_id = current_district() and id = p_batch
    and (current_school() is null or school_id = current_school())
  for update;
  if not found then
    raise check_violation using message = 'no such batch', constraint = 'payment_batch_known';
  end if;
  if b.state <> all (p_states) then
    raise check_violation using message = 'the batch is in another state',
      constraint = 'payment_state_' || b.state, table = 'payment_batch';
  end if;
  return b;
end
$$;

-- Refuses a batch of which a pupil is not, or no longer, recognised (plans: stop the money).
create function payment_require_recognition(b payment_batch) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  if b.needs_recognition and exists (
    select from payment_line l
    left join recognition r
      on r.district_id = l.district_id and r.student_id = l.student_id
      and r.school_year = l.semester / 2 and r.state = 'filed'
    where l.district_id = b.district_id and l.batch_id = b.id and r.id is null
  ) then
    raise check_violation using message = 'a pupil is not recognised',
      constraint = 'payment_recognised', table = 'payment_line';
  end if;
end
$$;

-- The order of locks is batch, semester, accounts, budget, as where money is posted.
create function payment_require_open(b payment_batch) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  if semester_is_open(b.semester) is distinct from true then
    raise check_violation using message = 'the semester is closed or unknown',
      constraint = 'transfer_semester_open', table = 'transfer';
  end if;
end
$$;

-- Adds lines to a draft of its maker's. A line that pays a failed one again pays no more than is
-- still due of it.
create function payment_lines_add(
  p_batch uuid, p_actor uuid, p_ids uuid[], p_students uuid[], p_amounts bigint[], p_rules text[],
  p_grades text[], p_classes text[], p_genders text[], p_tiers text[], p_boarding boolean[],
  p_cards text[], p_sealed bytea[], p_replaces uuid[]
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{draft}');
  last integer;
  changed integer;
begin
  if b.maker_id <> p_actor then
    raise check_violation using message = 'only the maker', constraint = 'payment_only_maker';
  end if;
  select coalesce(max(l.number), 0) into last from payment_line l
  where l.district_id = b.district_id and l.batch_id = b.id;

  update payment_line o set superseded = true
  from unnest(p_replaces, p_students, p_amounts) as u (replaces, student_id, amount)
  where o.district_id = b.district_id and o.id = u.replaces and o.batch_id = b.follows
    and o.student_id = u.student_id and o.state in ('not_received', 'issue')
    and not o.superseded and o.amount_fen - o.received_fen >= u.amount;
  get diagnostics changed = row_count;
  if changed <> cardinality(array_remove(p_replaces, null)) then
    raise check_violation using message = 'the line does not fail, or is paid again already',
      constraint = 'payment_replaces_failed', table = 'payment_line';
  end if;

  insert into payment_line (
    district_id, id, batch_id, number, school_id, purpose, semester, student_id, amount_fen, rule,
    grade, class_name, gender, tier, boarding, card_last4, payee_sealed, replaces
  )
  select b.district_id, u.id, b.id, last + u.place, b.school_id, b.purpose, b.semester, s.id,
    u.amount, u.rule, u.grade, u.class_name, u.gender, u.tier, u.boarding, u.card, u.sealed,
    u.replaces
  from unnest(
    p_ids, p_students, p_amounts, p_rules, p_grades, p_classes, p_genders, p_tiers, p_boarding,
    p_cards, p_sealed, p_replaces
  ) with ordinality as u (
    id, student_id, amount, rule, grade, class_name, gender, tier, boarding, card, sealed, replaces,
    place
  )
  -- A pupil who has left is still owed what was due.
  join student s
    on s.district_id = b.district_id and s.id = u.student_id
    and (s.school_id = b.school_id or u.replaces is not null);
  get diagnostics changed = row_count;
  if changed <> cardinality(p_ids) then
    raise check_violation using message = 'a pupil of another school',
      constraint = 'payment_pupil_of_school', table = 'payment_line';
  end if;
  perform payment_require_recognition(b);
end
$$;

-- Changes the amount of a draft's line, or takes the line out where the amount is null.
create function payment_line_amend(p_batch uuid, p_number integer, p_amount bigint, p_actor uuid)
returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{draft}');
  l payment_line;
begin
  if b.maker_id <> p_actor then
    raise check_violation using message = 'only the maker', constraint = 'payment_only_maker';
  end if;
  select * into l from payment_line
  where district_id = b.district_id and batch_id = b.id and number = p_number;
  if not found then
    raise check_violation using message = 'no such line', constraint = 'payment_line_known';
  end if;
  if p_amount is null then
    delete from payment_line where district_id = b.district_id and id = l.id;
    update payment_line set superseded = false
    where district_id = b.district_id and id = l.replaces;
    return;
  end if;
  if l.replaces is not null and p_amount > (
    select o.amount_fen - o.received_fen from payment_line o
    where o.district_id = b.district_id and o.id = l.replaces
  ) then
    raise check_violation using message = 'more than is still due',
      constraint = 'payment_replaces_failed', table = 'payment_line';
  end if;
  update payment_line set amount_fen = p_amount where district_id = b.district_id and id = l.id;
end
$$;

-- Submits a draft: from now on its lines stay as they are, and the limit that holds today decides
-- how many people have to approve.
create function payment_batch_submit(p_batch uuid, p_actor uuid)
returns table (total_fen bigint, approvals_needed integer)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{draft}');
  total bigint;
  needed integer;
begin
  if b.maker_id <> p_actor then
    raise check_violation using message = 'only the maker', constraint = 'payment_only_maker';
  end if;
  perform payment_require_open(b);
  perform payment_require_recognition(b);
  select sum(l.amount_fen)::bigint into total from payment_line l
  where l.district_id = b.district_id and l.batch_id = b.id;
  if total is null then
    raise check_violation using message = 'no line', constraint = 'payment_batch_empty';
  end if;
  select case when total > a.third_above_fen then 2 else 1 end into needed
  from approval_limits(b.school_id) a;
  update payment_batch p
  set state = 'submitted', round = p.round + 1, total_fen = total, approvals_needed = needed
  where p.district_id = b.district_id and p.id = b.id;
  return query select total, needed;
end
$$;

-- One person's approval. The last one that is needed sets the money aside.
-- Returns the state: submitted as long as another approval is missing.
create function payment_batch_approve(
  p_batch uuid, p_approval uuid, p_actor uuid, p_today date
) returns text
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{submitted}');
  approvals bigint;
begin
  perform payment_require_open(b);
  if exists (
    select from semester s
    where s.district_id = b.district_id and s.semester = b.semester and s.starts_on > p_today
  ) then
    raise check_violation using message = 'the semester has not begun',
      constraint = 'payment_not_begun', table = 'payment_batch';
  end if;
  perform payment_require_recognition(b);
  insert into payment_approval (
    district_id, id, batch_id, round, maker_id, person_id, total_fen
  )
  values (b.district_id, p_approval, b.id, b.round, b.maker_id, p_actor, b.total_fen);
  select count(*) into approvals from payment_approval a
  where a.district_id = b.district_id and a.batch_id = b.id and a.round = b.round;
  if approvals < b.approvals_needed then return 'submitted'; end if;
  perform ledger_hold(b.fund_id, b.semester, b.total_fen);
  update payment_batch set state = 'approved' where district_id = b.district_id and id = b.id;
  return 'approved';
end
$$;

-- Makes a submitted or approved batch a draft again; its approvals no longer count.
create function payment_batch_withdraw(p_batch uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{submitted,approved}');
begin
  if b.state = 'approved' then
    perform ledger_hold(b.fund_id, b.semester, -b.total_fen);
  end if;
  update payment_batch set state = 'draft', total_fen = null, approvals_needed = null
  where district_id = b.district_id and id = b.id;
end
$$;

create function payment_batch_cancel(p_batch uuid, p_reason text) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{draft,submitted,approved}');
begin
  if b.state = 'approved' then
    perform ledger_hold(b.fund_id, b.semester, -b.total_fen);
  end if;
  update payment_line set state = 'cancelled' where district_id = b.district_id and batch_id = b.id;
  update payment_line o set superseded = false
  from payment_line l
  where l.district_id = b.district_id and l.batch_id = b.id and o.district_id = l.district_id
    and o.id = l.replaces;
  update payment_batch set state = 'cancelled', reason = p_reason
  where district_id = b.district_id and id = b.id;
end
$$;

-- Pays an approved batch: what was set aside is released and spent in one step, a transfer a line.
-- p_transfers: one id a line. Returns false, and does nothing, if it was paid before.
create function payment_batch_pay(p_batch uuid, p_transfers uuid[], p_date date, p_actor uuid)
returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{approved,paid,closed}');
  balance uuid;
  use_account uuid;
  lines uuid[];
  amounts bigint[];
  size integer;
begin
  if b.state <> 'approved' then return false; end if;
  perform payment_require_open(b);
  perform payment_require_recognition(b);
  balance := ledger_account(b.fund_id, 'balance', '');
  use_account := ledger_account(b.fund_id, 'use', b.purpose);
  -- In the order in which every posting locks them.
  perform from account a
  where a.district_id = b.district_id and a.id in (balance, use_account)
  order by a.id
  for no key update;
  perform ledger_hold(b.fund_id, b.semester, -b.total_fen);
  select array_agg(l.id order by l.number), array_agg(l.amount_fen order by l.number)
  into lines, amounts
  from payment_line l
  where l.district_id = b.district_id and l.batch_id = b.id;
  size := cardinality(lines);
  if size <> cardinality(p_transfers) then
    raise check_violation using message = 'one transfer a line', constraint = 'payment_batch_lines';
  end if;
  perform ledger_post(
    p_transfers, array_fill(balance, array[size]), array_fill(use_account, array[size]), amounts,
    b.semester, 'payment', b.purpose, array_fill(p_date, array[size]), lines, null, b.title,
    p_actor);
  update payment_line l set state = 'waiting', transfer_id = u.transfer_id
  from unnest(lines, p_transfers) as u (line_id, transfer_id)
  where l.district_id = b.district_id and l.id = u.line_id;
  update payment_batch set state = 'paid', paid_on = p_date, paid_by = p_actor
  where district_id = b.district_id and id = b.id;
  return true;
end
$$;

-- What of a payment came back from the bank or the payee's desk, clawbacks apart. Computed from
-- transfers.
create function payment_returned(p_transfer uuid, p_line uuid) returns bigint
language sql stable security definer
set search_path = public, pg_temp
return coalesce(
  (
    select sum(case t.kind when 'reversal' then t.amount_fen else -t.amount_fen end)
    from transfer t
    where t.district_id = current_district() and t.reverses = p_transfer and t.source_id = p_line
      and t.kind in ('reversal', 'reinstatement')
  ), 0
)::bigint;

-- What became of lines. What was not received comes back to the fund by a reversal, and a mistake in
-- that is taken back by a reinstatement. p_reversals: an id a line, used where money moves.
create function payment_lines_confirm(
  p_batch uuid, p_lines uuid[], p_states text[], p_received bigint[], p_notes text[],
  p_dates date[], p_reversals uuid[], p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{paid}');
  r record;
begin
  if cardinality(p_lines) <> (
    select count(*) from payment_line l
    where l.district_id = b.district_id and l.batch_id = b.id and l.id = any (p_lines)
      and not l.superseded
  ) then
    raise check_violation using message = 'a line of another batch, or paid again already',
      constraint = 'payment_line_superseded', table = 'payment_line';
  end if;
  if exists (select from unnest(p_dates) as d (day) where d.day < b.paid_on) then
    raise check_violation using message = 'before the payment',
      constraint = 'transfer_reverses_later', table = 'payment_line';
  end if;
  for r in
    select l.id, l.transfer_id, t.debit_account, t.credit_account, u.reversal_id, u.day, u.note,
      case when u.received is null then 0 else l.amount_fen - u.received end
        - payment_returned(l.transfer_id, l.id) as change
    from unnest(p_lines, p_states, p_received, p_notes, p_dates, p_reversals)
      as u (line_id, state, received, note, day, reversal_id)
    join payment_line l on l.district_id = b.district_id and l.id = u.line_id
    join transfer t on t.district_id = l.district_id and t.id = l.transfer_id
    where u.received is distinct from l.amount_fen or l.received_fen is not null
    order by l.number
  loop
    continue when r.change = 0;
    perform ledger_post(
      array[r.reversal_id],
      array[case when r.change > 0 then r.credit_account else r.debit_account end],
      array[case when r.change > 0 then r.debit_account else r.credit_account end],
      array[abs(r.change)],
      (
        select s.semester from semester s
        where s.district_id = b.district_id and r.day between s.starts_on and s.ends_on
      ),
      case when r.change > 0 then 'reversal' else 'reinstatement' end, null, array[r.day],
      array[r.id], r.transfer_id, r.note, p_actor);
  end loop;
  update payment_line l
  set state = u.state, received_fen = u.received, note = u.note, confirmed_on = u.day,
    confirmed_by = p_actor, explanation = null
  from unnest(p_lines, p_states, p_received, p_notes, p_dates)
    as u (line_id, state, received, note, day)
  where l.district_id = b.district_id and l.id = u.line_id;
end
$$;

-- Why less was paid than was due.
create function payment_line_explain(p_batch uuid, p_number integer, p_reason text) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{paid}');
begin
  update payment_line set explanation = p_reason
  where district_id = b.district_id and batch_id = b.id and number = p_number
    and state in ('not_received', 'issue') and not superseded
    and received_fen is distinct from amount_fen;
  if not found then
    raise check_violation using message = 'no difference', constraint = 'payment_line_differs';
  end if;
end
$$;

-- A line is settled when it was received in full, is paid again, or its difference is explained.
create function payment_line_settled(l payment_line) returns boolean
language sql immutable
return l.state in ('received', 'cancelled') or l.superseded
  or (
    l.state in ('not_received', 'issue')
    and (l.explanation is not null or l.received_fen is not distinct from l.amount_fen)
  );

create function payment_batch_close(p_batch uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{paid}');
begin
  if exists (
    select from payment_line l
    where l.district_id = b.district_id and l.batch_id = b.id and not payment_line_settled(l)
  ) then
    raise check_violation using message = 'lines are not settled', constraint = 'payment_unsettled';
  end if;
  update payment_batch set state = 'closed' where district_id = b.district_id and id = b.id;
end
$$;

-- The money of lines, computed from transfers, and the transfers that make it. A school sees those
-- of its own lines, also where the fund is the district's. p_lines: only these, or all.
create function payment_money(p_batches uuid[], p_lines uuid[] default null)
returns table (
  batch_id uuid, line_id uuid, due_fen bigint, sent_fen bigint, returned_fen bigint,
  recovered_fen bigint, confirmed_fen bigint, transfers uuid[]
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select l.batch_id, l.id, l.amount_fen,
    case when l.transfer_id is null then 0 else l.amount_fen end,
    coalesce(m.returned, 0), coalesce(m.recovered, 0), coalesce(l.received_fen, 0),
    array_remove(l.transfer_id || coalesce(m.transfers, '{}'), null)
  from payment_line l
  left join transfer_reversed r
    on r.district_id = l.district_id and r.transfer_id = l.transfer_id
  left join lateral (
    select
      (sum(case t.kind when 'reinstatement' then -t.amount_fen else t.amount_fen end)
        filter (where t.source_id = l.id))::bigint as returned,
      (sum(case t.kind when 'reinstatement' then -t.amount_fen else t.amount_fen end)
        filter (where t.source_id <> l.id))::bigint as recovered,
      array_agg(t.id order by t.id) as transfers
    from transfer t
    where t.district_id = r.district_id and t.reverses = r.transfer_id
  ) as m on true
  where l.district_id = current_district() and l.batch_id = any (p_batches)
    and (p_lines is null or l.id = any (p_lines))
    and (current_school() is null or l.school_id = current_school());
end;

-- Money to be had back from a payee: what, why, of which payment.
create table clawback (
  district_id text not null,
  id uuid not null,
  -- null: of the district's own spending
  school_id uuid,
  transfer_id uuid not null,
  line_id uuid,
  reason text not null check (
    reason in ('false_information', 'double_payment', 'left_school', 'wrong_amount', 'other')
  ),
  note text,
  due_fen bigint not null constraint clawback_amount check (due_fen > 0),
  opened_on date not null,
  opened_by uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  constraint clawback_opener unique (district_id, id, opened_by),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, transfer_id) references transfer (district_id, id),
  foreign key (district_id, line_id) references payment_line (district_id, id),
  foreign key (district_id, opened_by) references app_user (district_id, id)
);
create index clawback_by_transfer on clawback (district_id, transfer_id);
create index clawback_by_school on clawback (district_id, school_id, id);

-- The transfers of a case: a recovery, or the reinstatement that undoes one.
create table clawback_entry (
  district_id text not null,
  transfer_id uuid not null,
  clawback_id uuid not null,
  undoes uuid,
  primary key (district_id, transfer_id),
  foreign key (district_id, transfer_id) references transfer (district_id, id),
  foreign key (district_id, clawback_id) references clawback (district_id, id),
  foreign key (district_id, undoes) references clawback_entry (district_id, transfer_id)
);
create index clawback_entry_by_case on clawback_entry (district_id, clawback_id);

create table clawback_waiver (
  district_id text not null,
  id uuid not null,
  clawback_id uuid not null,
  amount_fen bigint not null check (amount_fen > 0),
  reason text not null check (reason <> ''),
  opened_by uuid not null,
  waived_by uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  foreign key (district_id, clawback_id, opened_by)
  references clawback (district_id, id, opened_by),
  foreign key (district_id, waived_by) references app_user (district_id, id),
  constraint clawback_second_person check (waived_by <> opened_by)
);
create index clawback_waiver_by_case on clawback_waiver (district_id, clawback_id);

-- Due, recovered, waived and left of cases, computed from transfers.
create function clawback_money(p_cases uuid[])
returns table (
  clawback_id uuid, due_fen bigint, recovered_fen bigint, waived_fen bigint, left_fen bigint
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select c.id, c.due_fen, coalesce(e.recovered, 0), coalesce(w.waived, 0),
    c.due_fen - coalesce(e.recovered, 0) - coalesce(w.waived, 0)
  from clawback c
  left join lateral (
    select sum(case t.kind when 'recovery' then t.amount_fen else -t.amount_fen end)::bigint
      as recovered
    from clawback_entry n
    join transfer t on t.district_id = n.district_id and t.id = n.transfer_id
    where n.district_id = c.district_id and n.clawback_id = c.id
  ) as e on true
  left join lateral (
    select sum(v.amount_fen)::bigint as waived from clawback_waiver v
    where v.district_id = c.district_id and v.clawback_id = c.id
  ) as w on true
  where c.district_id = current_district() and c.id = any (p_cases)
    and (current_school() is null or c.school_id = current_school());
end;

-- Opens a case on a payment. All cases of a payment together claim no more than was paid and did not
-- come back; those of one payment wait for each other on its row.
create function clawback_open(
  p_id uuid, p_transfer uuid, p_amount bigint, p_reason text, p_note text, p_date date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  payment transfer;
  line payment_line;
  home uuid;
  claimed bigint;
begin
  select * into payment from transfer
  where district_id = district and id = p_transfer and kind = 'payment'
  for no key update;
  if not found then
    raise check_violation using message = 'no payment', constraint = 'clawback_of_payment';
  end if;
  perform ledger_confine(array[payment.fund_id]);
  select * into line from payment_line where district_id = district and transfer_id = payment.id;
  select coalesce(line.school_id, f.school_id) into home from fund f
  where f.district_id = district and f.id = payment.fund_id;
  if p_date < payment.occurred_on then
    raise check_violation using message = 'before the payment',
      constraint = 'transfer_reverses_later';
  end if;
  select coalesce(sum(m.due_fen - m.waived_fen), 0) into claimed
  from clawback_money(
    array(select c.id from clawback c where c.district_id = district and c.transfer_id = payment.id)
  ) m;
  if p_amount > payment.amount_fen - payment_returned(payment.id, payment.source_id) - claimed then
    raise check_violation using message = 'more than was paid', constraint = 'clawback_within';
  end if;
  insert into clawback (
    district_id, id, school_id, transfer_id, line_id, reason, note, due_fen, opened_on, opened_by
  )
  values (
    district, p_id, home, payment.id, line.id, p_reason, p_note, p_amount, p_date, p_actor
  );
end
$$;

create function clawback_lock(p_case uuid) returns clawback
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c clawback;
begin
  select * into c from clawback
  where district_id = current_district() and id = p_case
    and (current_school() is null or school_id = current_school())
  for update;
  if not found then
    raise check_violation using message = 'no such case', constraint = 'clawback_known';
  end if;
  return c;
end
$$;

-- Money that came back from the payee, by a recovery; never more than is left.
create function clawback_recover(
  p_case uuid, p_transfer uuid, p_amount bigint, p_date date, p_semester integer, p_note text,
  p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c clawback := clawback_lock(p_case);
  payment transfer;
begin
  if p_amount > (select m.left_fen from clawback_money(array[c.id]) m) then
    raise check_violation using message = 'more than is left', constraint = 'clawback_left';
  end if;
  select * into payment from transfer where district_id = c.district_id and id = c.transfer_id;
  perform ledger_post(
    array[p_transfer], array[payment.credit_account], array[payment.debit_account],
    array[p_amount], p_semester, 'recovery', null, array[p_date], array[c.id], payment.id, p_note,
    p_actor);
  insert into clawback_entry (district_id, transfer_id, clawback_id)
  values (c.district_id, p_transfer, c.id);
end
$$;

-- Undoes a recovery, or a part of it.
create function clawback_undo(
  p_recovery uuid, p_transfer uuid, p_amount bigint, p_date date, p_semester integer, p_note text,
  p_actor uuid
) returns bigint
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c clawback;
  payment transfer;
  available bigint;
begin
  c := clawback_lock((
    select e.clawback_id from clawback_entry e
    where e.district_id = current_district() and e.transfer_id = p_recovery and e.undoes is null
  ));
  select r.amount_fen - coalesce(sum(u.amount_fen), 0) into available
  from transfer r
  left join clawback_entry e on e.district_id = r.district_id and e.undoes = r.id
  left join transfer u on u.district_id = e.district_id and u.id = e.transfer_id
  where r.district_id = c.district_id and r.id = p_recovery
  group by r.amount_fen;
  if available = 0 or p_amount > available then
    raise check_violation using message = 'more than was recovered',
      constraint = 'clawback_undo_within';
  end if;
  select * into payment from transfer where district_id = c.district_id and id = c.transfer_id;
  perform ledger_post(
    array[p_transfer], array[payment.debit_account], array[payment.credit_account],
    array[coalesce(p_amount, available)], p_semester, 'reinstatement', null, array[p_date],
    array[c.id], payment.id, p_note, p_actor);
  insert into clawback_entry (district_id, transfer_id, clawback_id, undoes)
  values (c.district_id, p_transfer, c.id, p_recovery);
  return coalesce(p_amount, available);
end
$$;

-- Gives up what is left of a case; by a second person. Returns the amount.
create function clawback_waive(p_case uuid, p_waiver uuid, p_reason text, p_actor uuid)
returns bigint
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c clawback := clawback_lock(p_case);
  rest bigint;
begin
  select m.left_fen into rest from clawback_money(array[c.id]) m;
  if rest = 0 then
    raise check_violation using message = 'nothing is left', constraint = 'clawback_left';
  end if;
  insert into clawback_waiver (
    district_id, id, clawback_id, amount_fen, reason, opened_by, waived_by
  )
  values (c.district_id, p_waiver, c.id, rest, p_reason, c.opened_by, p_actor);
  return rest;
end
$$;

revoke all on function payment_batch_lock(uuid, text[]) from public;
revoke all on function payment_require_recognition(payment_batch) from public;
revoke all on function payment_require_open(payment_batch) from public;
revoke all on function payment_returned(uuid, uuid) from public;
revoke all on function clawback_lock(uuid) from public;

alter table approval_limit enable row level security;
alter table payment_batch enable row level security;
alter table payment_line enable row level security;
alter table payment_approval enable row level security;
alter table clawback enable row level security;
alter table clawback_entry enable row level security;
alter table clawback_waiver enable row level security;

create policy tenant on approval_limit using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on payment_batch using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on payment_line using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on payment_approval using (
  district_id = (select current_district())
  and ((select current_school()) is null or batch_id in (select b.id from payment_batch b))
);
create policy tenant on clawback using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on clawback_entry using (
  district_id = (select current_district())
  and ((select current_school()) is null or clawback_id in (select c.id from clawback c))
);
create policy tenant on clawback_waiver using (
  district_id = (select current_district())
  and ((select current_school()) is null or clawback_id in (select c.id from clawback c))
);

grant select, insert on approval_limit to yibang_app;
grant update (third_above_fen, direct_fen, actor_id, set_at) on approval_limit to yibang_app;
grant select on payment_batch, payment_line, payment_approval to yibang_app;
grant insert (
  district_id, id, school_id, fund_id, purpose, semester, title, needs_recognition, follows, maker_id
) on payment_batch to yibang_app;
grant select on clawback, clawback_entry, clawback_waiver to yibang_app;
