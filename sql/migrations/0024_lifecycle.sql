-- Pairings to their end: what the child is assured each semester (payout), what of the sponsor's money
-- is excused, changed or taken on, cover of what is missing from a general fund, and why a pairing ends.
-- The sponsor's promise (instalment) and the school's assurance (payout) are two things.
-- Runs before the program serves, so no client waits for its locks or assumes what it drops.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid, ban-drop-not-null
-- squawk-ignore-file adding-foreign-key-constraint, adding-not-nullable-field, adding-field-with-default
-- squawk-ignore-file require-concurrent-index-creation, disallowed-unique-constraint

-- The days that a district grants. cover_limit: so many covered instalments, and another sponsor is
-- looked for.
create table pairing_setting (
  district_id text not null references district (district_id),
  grace_days integer not null check (grace_days between 0 and 120),
  payout_days integer not null check (payout_days between 0 and 150),
  cover_limit integer not null check (cover_limit between 1 and 6),
  primary key (district_id)
);

create function pairing_settings()
returns table (grace_days integer, payout_days integer, cover_limit integer)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select coalesce(s.grace_days, 30), coalesce(s.payout_days, 45), coalesce(s.cover_limit, 2)
  from (select) as one
  left join pairing_setting s on s.district_id = current_district();
end;

-- Whether the child goes on being supported when a pairing ends for a reason; null: no such reason.
create function pairing_supports_on(p_reason text) returns boolean
language sql immutable
return case
  when p_reason in (
    'sponsor_request', 'sponsor_finances', 'sponsor_death', 'sponsor_dissolved', 'sponsor_breach',
    'sponsor_replaced', 'conflict_of_interest', 'family_request'
  ) then true
  when p_reason in (
    'completed', 'no_longer_in_hardship', 'relinquished', 'moved_away', 'left_school', 'graduated',
    'death', 'recognition_ended', 'ended_in_error'
  ) then false
end;

-- rematch_since: another sponsor is looked for while this one's claim stays.
-- proposal_pair_id is null for a pairing that was running before it came here (import_id).
alter table pairing alter column proposal_pair_id drop not null;
alter table pairing
add column rematch_since date,
add column import_id uuid,
add constraint pairing_end_reason check (
  state = 'running' or pairing_supports_on(end_reason) is not null
),
add constraint pairing_origin check ((proposal_pair_id is null) = (import_id is not null));

-- carried: received, and given to the child, before these books began.
alter table instalment
add column excused_fen bigint not null default 0,
add column excused_reason text,
add column excused_on date,
add column carried_fen bigint not null default 0;
alter table instalment drop constraint instalment_received;
alter table instalment
add constraint instalment_received check (
  received_fen >= 0 and excused_fen >= 0 and carried_fen >= 0
  and received_fen + excused_fen + carried_fen <= amount_fen
),
add constraint instalment_excused check (
  (excused_fen > 0) = (excused_reason is not null) and (excused_fen > 0) = (excused_on is not null)
);

-- Who paid, where it was not the sponsor.
alter table instalment_receipt
add column payer_id uuid,
add constraint instalment_receipt_payer
foreign key (district_id, payer_id) references donor (district_id, id);

-- What the sponsor promises from a semester on, and what it was.
create table commitment_change (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  commitment_id uuid not null,
  from_semester integer not null,
  before_fen bigint not null check (before_fen > 0),
  after_fen bigint not null check (after_fen > 0),
  changed_on date not null,
  reason text not null check (reason <> ''),
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  foreign key (district_id, school_id, commitment_id)
  references commitment (district_id, school_id, id) on update cascade,
  foreign key (district_id, actor_id) references app_user (district_id, id)
);
create index commitment_change_by_commitment on commitment_change (district_id, commitment_id);

-- What a child is assured for a semester, by the day due_on. What is paid stands in payment_line:
-- the line for the pupil, one-to-one support and the semester. pairing_id: the latest that promised it.
create table payout (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  pairing_id uuid not null,
  semester integer not null,
  amount_fen bigint not null check (amount_fen > 0),
  due_on date not null,
  state text not null default 'planned' check (
    state in ('planned', 'suspended', 'cancelled', 'carried')
  ),
  reason text,
  primary key (district_id, id),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  foreign key (district_id, pairing_id) references pairing (district_id, id),
  constraint payout_reason check ((state in ('suspended', 'cancelled')) = (reason is not null))
);
create unique index payout_once on payout (district_id, student_id, semester)
where state <> 'cancelled';
create index payout_by_semester on payout (district_id, semester, school_id);
create index payout_by_pairing on payout (district_id, pairing_id);

-- A general fund's money for a payout that the sponsor's has not come for; late money repays it.
-- instalment_id: whose claim it bridges, if a sponsor is bound.
create table cover (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  payout_id uuid not null,
  instalment_id uuid,
  from_fund uuid not null,
  from_kind text not null default 'general' constraint cover_of_general check (
    from_kind = 'general'
  ),
  to_fund uuid not null,
  to_kind text not null default 'sponsorship' constraint cover_of_sponsorship check (
    to_kind = 'sponsorship'
  ),
  amount_fen bigint not null check (amount_fen > 0),
  repaid_fen bigint not null default 0,
  covered_on date not null,
  out_transfer uuid not null,
  in_transfer uuid not null,
  actor_id uuid not null,
  primary key (district_id, id),
  constraint cover_out unique (district_id, out_transfer),
  constraint cover_in unique (district_id, in_transfer),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, payout_id) references payout (district_id, id),
  foreign key (district_id, instalment_id) references instalment (district_id, id),
  foreign key (district_id, from_fund, from_kind) references fund (district_id, id, kind),
  foreign key (district_id, to_fund, to_kind) references fund (district_id, id, kind),
  foreign key (district_id, out_transfer) references transfer (district_id, id),
  foreign key (district_id, in_transfer) references transfer (district_id, id),
  constraint cover_repaid check (repaid_fen between 0 and amount_fen)
);
create index cover_by_payout on cover (district_id, payout_id);
create index cover_open on cover (district_id, instalment_id) where repaid_fen < amount_fen;

-- A repayment by a receipt, or what of one was undone with the receipt (amount below zero).
create table cover_repayment (
  district_id text not null,
  id uuid not null,
  cover_id uuid not null,
  receipt_id uuid,
  amount_fen bigint not null check (amount_fen <> 0),
  repaid_on date not null,
  out_transfer uuid not null,
  in_transfer uuid not null,
  actor_id uuid not null,
  primary key (district_id, id),
  foreign key (district_id, cover_id) references cover (district_id, id),
  foreign key (district_id, receipt_id) references instalment_receipt (district_id, id),
  foreign key (district_id, out_transfer) references transfer (district_id, id),
  foreign key (district_id, in_transfer) references transfer (district_id, id)
);
create index cover_repayment_by_cover on cover_repayment (district_id, cover_id);
create index cover_repayment_by_receipt on cover_repayment (district_id, receipt_id);

-- Where a sponsor's unspent money went when its pairing ended, and by what consent it was not returned.
create table pairing_balance (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  pairing_id uuid not null,
  receipt_id uuid not null,
  amount_fen bigint not null check (amount_fen > 0),
  use text not null check (use in ('returned', 'general', 'pupil', 'followed')),
  decided_on date not null,
  consent_on date,
  consent_document text check (consent_document <> ''),
  out_transfer uuid not null,
  in_transfer uuid,
  new_receipt_id uuid,
  actor_id uuid not null,
  primary key (district_id, id),
  foreign key (district_id, school_id, pairing_id)
  references pairing (district_id, school_id, id) on update cascade,
  foreign key (district_id, receipt_id) references instalment_receipt (district_id, id),
  foreign key (district_id, out_transfer) references transfer (district_id, id),
  foreign key (district_id, in_transfer) references transfer (district_id, id),
  constraint pairing_balance_consent check (
    (use in ('general', 'pupil')) = (consent_on is not null and consent_document is not null)
  ),
  constraint pairing_balance_in check ((use = 'returned') = (in_transfer is null))
);
create index pairing_balance_by_pairing on pairing_balance (district_id, pairing_id);

-- cover: a general fund bridges a payout, a transfer in each fund; cover_repayment takes it back.
alter table transfer drop constraint transfer_kind;
alter table transfer add constraint transfer_kind check (
  kind in (
    'donation', 'instalment', 'allocation', 'payment', 'reversal', 'refund', 'recovery',
    'reinstatement', 'change_of_use', 'cover', 'cover_repayment'
  )
);
alter table transfer drop constraint transfer_reversal;
alter table transfer add constraint transfer_reversal check (
  case kind
    when 'change_of_use' then true
    else (kind in ('reversal', 'refund', 'recovery', 'reinstatement', 'cover_repayment'))
      = (reverses is not null)
  end
);

alter table payment_line drop constraint payment_line_rule_check;
alter table payment_line add constraint payment_line_rule check (
  rule in ('fixed', 'tier', 'sheet', 'follow_up', 'payout')
);

-- Nothing but cover is spent as cover.
alter table transfer add constraint transfer_cover check (
  purpose is distinct from 'cover' or kind = 'cover'
);
alter table payment_batch add constraint payment_batch_cover check (purpose <> 'cover');

insert into purpose (district_id, code, name_zh, name_en)
select district_id, 'cover', '一帮一兜底', 'cover of one-to-one support' from district
on conflict do nothing;
insert into fund_purpose (district_id, fund_id, purpose, fund_kind)
select district_id, id, 'cover', kind from fund
where kind = 'general'
on conflict do nothing;
-- Only general money bridges, and only sponsorship money is bridged.
alter table fund_purpose add constraint fund_purpose_cover check (
  purpose <> 'cover' or fund_kind = 'general'
);

create function semester_on(p_day date) returns integer
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select s.semester from semester s
  where s.district_id = current_district() and p_day between s.starts_on and s.ends_on;
end;

create function pairing_refuse(p_constraint text) returns void
language plpgsql
as $$
begin
  raise check_violation using message = 'refused: ' || p_constraint, constraint = p_constraint,
    table = 'pairing';
end
$$;

create function pairing_lock(p_pairing uuid) returns pairing
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  g pairing;
begin
  select * into g from pairing p
  where p.district_id = current_district() and p.id = p_pairing
    and (current_school() is null or p.school_id = current_school())
  for update;
  if not found then perform pairing_refuse('pairing_known'); end if;
  return g;
end
$$;
revoke all on function pairing_lock(uuid) from public;

-- Whether a payment of a payout stands, in whatever state of its batch.
create function payout_in_batch(o payout) returns boolean
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select exists (
    select from payment_line l
    where l.district_id = o.district_id and l.student_id = o.student_id
      and l.purpose = 'sponsorship' and l.semester = o.semester and not l.superseded
      and l.state not in ('cancelled', 'not_received')
  );
end;

-- Plans what pupils are assured. Where an earlier pairing has planned a semester that is not in a
-- batch yet, the new one takes it on, and nothing of it is lost.
create function payout_plan(
  p_ids uuid[], p_students uuid[], p_pairings uuid[], p_semesters integer[], p_amounts bigint[],
  p_due date[], p_carried boolean[]
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  insert into payout as o (
    district_id, id, school_id, student_id, pairing_id, semester, amount_fen, due_on, state
  )
  select s.district_id, u.id, s.school_id, s.id, u.pairing_id, u.semester, u.amount, u.due_on,
    case when u.carried then 'carried' else 'planned' end
  from unnest(p_ids, p_students, p_pairings, p_semesters, p_amounts, p_due, p_carried)
    as u (id, student_id, pairing_id, semester, amount, due_on, carried)
  join student s on s.district_id = current_district() and s.id = u.student_id
    and (current_school() is null or s.school_id = current_school())
  on conflict (district_id, student_id, semester) where state <> 'cancelled' do update
  set pairing_id = excluded.pairing_id, amount_fen = greatest(o.amount_fen, excluded.amount_fen)
  where o.state <> 'carried' and not payout_in_batch(o);
end
$$;

-- Payouts with what came for them: of the sponsors, by whichever pairing, and of cover. line_*: of
-- the payment that stands, if there is one. p_students, p_ids: only theirs, only these, or all.
create function payouts(
  p_semester integer, p_school uuid, p_students uuid[], p_ids uuid[] default null
)
returns table (
  id uuid, school_id uuid, student_id uuid, pairing_id uuid, semester integer, amount_fen bigint,
  due_on date, state text, reason text, received_fen bigint, cover_fen bigint, batch_id uuid,
  line_state text, paid_on date, line_fen bigint, bridged boolean
)
language plpgsql stable security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
  return query
  select o.id, o.school_id, o.student_id, o.pairing_id, o.semester, o.amount_fen, o.due_on,
    case
      when o.state <> 'planned' or l.id is null then o.state
      when l.state = 'received' then 'confirmed'
      when l.state in ('waiting', 'issue') then 'paid'
      when b.state = 'approved' then 'approved'
      else 'planned'
    end,
    o.reason, coalesce(i.received, 0)::bigint, coalesce(c.open, 0)::bigint, l.batch_id, l.state,
    b.paid_on, l.amount_fen, coalesce(c.bridged, false)
  from payout o
  left join payment_line l
    on l.district_id = o.district_id and l.student_id = o.student_id
    and l.purpose = 'sponsorship' and l.semester = o.semester and not l.superseded
    and l.state not in ('cancelled', 'not_received')
  left join payment_batch b on b.district_id = l.district_id and b.id = l.batch_id
  left join lateral (
    select sum(n.received_fen) as received from pairing g
    join commitment k on k.district_id = g.district_id and k.pairing_id = g.id
    join instalment n
      on n.district_id = k.district_id and n.commitment_id = k.id and n.semester = o.semester
    where g.district_id = o.district_id and g.student_id = o.student_id
  ) as i on true
  left join lateral (
    select sum(v.amount_fen - v.repaid_fen) as open,
      bool_or(
        v.covered_on <= b.paid_on and v.amount_fen > coalesce(
          (
            select sum(y.amount_fen) from cover_repayment y
            where y.district_id = v.district_id and y.cover_id = v.id and y.repaid_on <= b.paid_on
          ), 0
        )
      ) as bridged
    from cover v
    where v.district_id = o.district_id and v.payout_id = o.id
  ) as c on true
  where o.district_id = current_district()
    and (current_school() is null or o.school_id = current_school())
    and (p_semester is null or o.semester = p_semester)
    and (p_school is null or o.school_id = p_school)
    and (p_students is null or o.student_id = any (p_students))
    and (p_ids is null or o.id = any (p_ids));
end
$$;

-- Whatever changes what came for payouts, or what becomes of them, waits its turn here.
create function payouts_hold(p_semester integer, p_school uuid, p_students uuid[]) returns void
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  perform from payout o
  where o.district_id = current_district()
    and (current_school() is null or o.school_id = current_school())
    and o.semester = p_semester and (p_school is null or o.school_id = p_school)
    and (p_students is null or o.student_id = any (p_students))
  order by o.id
  for update;
end
$$;

create function payout_mark(
  p_payout uuid, p_state text, p_reason text, p_on date, p_actor uuid
) returns uuid
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  o payout;
begin
  select * into o from payout q
  where q.district_id = current_district() and q.id = p_payout
    and (current_school() is null or q.school_id = current_school())
  for update;
  if not found then perform pairing_refuse('payout_known'); end if;
  if o.state not in ('planned', 'suspended') or o.state = p_state then
    perform pairing_refuse('payout_state_' || o.state);
  end if;
  if payout_in_batch(o) then perform pairing_refuse('payout_in_batch'); end if;
  update payout set state = p_state, reason = p_reason
  where district_id = o.district_id and id = o.id;
  if p_state = 'cancelled' then perform cover_release(array[o.id], p_on, p_actor); end if;
  return o.school_id;
end
$$;

-- Excuses what is open of instalments; a sponsor's finances may worsen (民法典 666).
create function instalment_excuse(p_instalment uuid, p_reason text, p_on date)
returns table (excused_fen bigint, school_id uuid)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  i instalment;
  g pairing;
begin
  select p.* into g from instalment n
  join commitment k on k.district_id = n.district_id and k.id = n.commitment_id
  join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
  where n.district_id = current_district() and n.id = p_instalment
    and (current_school() is null or n.school_id = current_school())
  for share of p;
  if not found then perform pairing_refuse('instalment_known'); end if;
  if g.state <> 'running' then perform pairing_refuse('pairing_ended'); end if;
  select * into i from instalment n
  where n.district_id = current_district() and n.id = p_instalment
  for no key update;
  excused_fen := i.amount_fen - i.received_fen - i.excused_fen - i.carried_fen;
  if excused_fen = 0 then perform pairing_refuse('instalment_nothing_open'); end if;
  update instalment n
  set excused_fen = n.excused_fen + instalment_excuse.excused_fen, excused_reason = p_reason,
    excused_on = p_on
  where n.district_id = i.district_id and n.id = i.id;
  school_id := i.school_id;
  return next;
end
$$;

-- Changes what a running commitment promises from a semester on, but for what was excused. Raised, the child gets more of what
-- is not in a batch yet; lowered, the child is assured as before, unless p_child.
create function commitment_amend(
  p_id uuid, p_pairing uuid, p_from integer, p_amount bigint, p_child boolean, p_on date,
  p_reason text, p_actor uuid
) returns table (school_id uuid, before_fen bigint, instalments bigint, payouts bigint)
language plpgsql security definer
set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
  g pairing := pairing_lock(p_pairing);
  k commitment;
  before bigint;
  changed bigint;
  raised bigint;
begin
  if g.state <> 'running' then perform pairing_refuse('pairing_ended'); end if;
  select * into k from commitment c where c.district_id = g.district_id and c.pairing_id = g.id;
  perform from instalment i
  where i.district_id = k.district_id and i.commitment_id = k.id
  order by i.id
  for no key update;
  select i.amount_fen into before from instalment i
  where i.district_id = k.district_id and i.commitment_id = k.id and i.semester = p_from;
  if not found then perform pairing_refuse('commitment_semester'); end if;
  if exists (
    select from instalment i
    where i.district_id = k.district_id and i.commitment_id = k.id and i.semester >= p_from
      and i.excused_fen = 0 and i.received_fen + i.carried_fen > p_amount
  ) then
    perform pairing_refuse('commitment_paid');
  end if;
  if exists (
    select from payout o
    where o.district_id = g.district_id and o.pairing_id = g.id and o.semester >= p_from
      and o.state in ('planned', 'suspended') and payout_in_batch(o)
  ) then
    perform pairing_refuse('commitment_paid_out');
  end if;
  insert into commitment_change (
    district_id, id, school_id, commitment_id, from_semester, before_fen, after_fen, changed_on,
    reason, actor_id
  )
  values (
    k.district_id, p_id, k.school_id, k.id, p_from, before, p_amount, p_on, p_reason, p_actor
  );
  update instalment i set amount_fen = p_amount
  where i.district_id = k.district_id and i.commitment_id = k.id and i.semester >= p_from
    and i.amount_fen <> p_amount and i.excused_fen = 0;
  get diagnostics changed = row_count;
  update commitment c
  set total_fen = (
    select sum(i.amount_fen) from instalment i
    where i.district_id = c.district_id and i.commitment_id = c.id
  )
  where c.district_id = k.district_id and c.id = k.id;
  update payout o set amount_fen = p_amount
  where o.district_id = g.district_id and o.pairing_id = g.id and o.semester >= p_from
    and o.state in ('planned', 'suspended')
    and (o.amount_fen < p_amount or p_child and o.amount_fen > p_amount)
    and not payout_in_batch(o);
  get diagnostics raised = row_count;
  return query select g.school_id, before, changed, raised;
end
$$;

-- Lapses the open pairs of a pupil or of an offer; a proposal that has none left is settled.
create function proposal_lapse(p_district text, p_student uuid, p_offer uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  touched uuid[];
begin
  with lapsed as (
    update proposal_pair x set state = 'lapsed'
    where x.district_id = p_district and x.state = 'proposed'
      and (x.student_id = p_student or x.offer_id = p_offer)
    returning x.proposal_id
  )
  select array_agg(distinct l.proposal_id) into touched from lapsed l;
  update proposal p
  set state = case when exists (
    select from proposal_pair x
    where x.district_id = p.district_id and x.proposal_id = p.id and x.state = 'accepted'
  ) then 'accepted' else 'withdrawn' end
  where p.district_id = p_district and p.id = any (touched) and p.state in ('proposed', 'approved')
    and not exists (
      select from proposal_pair x
      where x.district_id = p.district_id and x.proposal_id = p.id and x.state = 'proposed'
    );
end
$$;
revoke all on function proposal_lapse(text, uuid, uuid) from public;

-- The state of a pairing that ends: nothing of it stays open, whatever ends it. What the child is
-- assured goes on, or is cancelled from the next semester on (no_longer_in_hardship, relinquished,
-- completed) or at once. A sponsor who gives up offers nothing any more.
create function pairing_finish(g pairing, p_reason text, p_on date, p_actor uuid)
returns table (excused_fen bigint, payouts_cancelled bigint)
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
#variable_conflict use_column
declare
  excused bigint;
  cancelled uuid[];
  from_semester integer;
begin
  update pairing p
  set state = 'ended', ended_on = greatest(p_on, p.started_on), end_reason = p_reason,
    rematch_since = null
  where p.district_id = g.district_id and p.id = g.id and p.state = 'running';
  if not found then perform pairing_refuse('pairing_ended'); end if;
  if p_reason in (
    'sponsor_request', 'sponsor_finances', 'sponsor_death', 'sponsor_dissolved', 'sponsor_breach'
  ) then
    update offer f set state = 'withdrawn'
    where f.district_id = g.district_id and f.id = g.offer_id and f.state = 'open';
    perform proposal_lapse(g.district_id, null, g.offer_id);
  end if;
  if p_reason = 'conflict_of_interest' then perform match_exclude(g, p_actor); end if;
  with open_item as (
    select i.id, i.amount_fen - i.received_fen - i.excused_fen - i.carried_fen as fen
    from instalment i
    join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
    where k.district_id = g.district_id and k.pairing_id = g.id
      and i.received_fen + i.excused_fen + i.carried_fen < i.amount_fen
    order by i.id
    for no key update of i
  ), closed as (
    update instalment i
    set excused_fen = i.excused_fen + o.fen, excused_reason = p_reason, excused_on = p_on
    from open_item o
    where i.district_id = g.district_id and i.id = o.id
    returning o.fen
  )
  select coalesce(sum(c.fen), 0)::bigint into excused from closed c;
  if not pairing_supports_on(p_reason) then
    select coalesce(max(s.semester), 0) into from_semester from semester s
    where s.district_id = g.district_id and s.starts_on <= p_on;
    if p_reason in ('completed', 'no_longer_in_hardship', 'relinquished') then
      from_semester := from_semester + 1;
    end if;
    with stopped as (
      update payout o set state = 'cancelled', reason = p_reason
      where o.district_id = g.district_id and o.student_id = g.student_id
        and o.state in ('planned', 'suspended')
        and (o.semester >= from_semester or p_reason = 'death')
        and not payout_in_batch(o)
      returning o.id
    )
    select array_agg(s.id) into cancelled from stopped s;
    perform cover_release(cancelled, p_on, p_actor);
  end if;
  return query select excused, coalesce(cardinality(cancelled), 0)::bigint;
end
$$;
revoke all on function pairing_finish(pairing, text, date, uuid) from public;

-- Ends a pairing. What of the sponsor's money is unspent is told by pairing_unspent(), and decided in
-- the same transaction.
create function pairing_end(p_pairing uuid, p_reason text, p_on date, p_actor uuid)
returns table (school_id uuid, student_id uuid, donor_id uuid, excused_fen bigint, cancelled bigint)
language plpgsql security definer
set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
  g pairing;
begin
  -- Before the pairing, as an acceptance locks them.
  perform pg_advisory_xact_lock(hashtextextended('yibang.proposals ' || current_district(), 0));
  g := pairing_lock(p_pairing);
  if g.state <> 'running' then perform pairing_refuse('pairing_ended'); end if;
  if pairing_supports_on(p_reason) is null or p_reason in ('recognition_ended', 'ended_in_error') then
    perform pairing_refuse('pairing_end_reason');
  end if;
  if p_on < g.started_on then perform pairing_refuse('pairing_end_date'); end if;
  if p_reason = 'completed' and not exists (
    select from commitment k
    join semester s on s.district_id = k.district_id and s.semester = k.last_semester
    where k.district_id = g.district_id and k.pairing_id = g.id and p_on >= s.starts_on
  ) then
    perform pairing_refuse('pairing_not_completed');
  end if;
  return query
  select g.school_id, g.student_id, g.donor_id, f.excused_fen, f.payouts_cancelled
  from pairing_finish(g, p_reason, p_on, p_actor) f;
end
$$;

-- Completes pairings whose six semesters are over and of which nothing is open.
create function pairing_complete(p_on date, p_actor uuid) returns table (pairing_id uuid)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  g pairing;
begin
  perform pg_advisory_xact_lock(hashtextextended('yibang.proposals ' || current_district(), 0));
  for g in
    select p.* from pairing p
    join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
    join semester s on s.district_id = k.district_id and s.semester = k.last_semester
    where p.district_id = current_district() and p.state = 'running' and s.ends_on < p_on
      and not exists (
        select from instalment i
        where i.district_id = k.district_id and i.commitment_id = k.id
          and i.received_fen + i.excused_fen + i.carried_fen < i.amount_fen
      )
      and not exists (
        select from payout o
        where o.district_id = p.district_id and o.student_id = p.student_id
          and o.semester between k.first_semester and k.last_semester
          and o.state in ('planned', 'suspended') and not payout_in_batch(o)
      )
    order by p.id
    for update of p
  loop
    perform pairing_finish(g, 'completed', p_on, p_actor);
    pairing_id := g.id;
    return next;
  end loop;
end
$$;

-- Pupils for whom another sponsor was looked for: the pairing of before ends as the new one begins.
create function pairing_hand_over(p_students uuid[], p_on date, p_actor uuid) returns table (pairing_id uuid)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  g pairing;
begin
  for g in
    select * from pairing p
    where p.district_id = current_district() and p.student_id = any (p_students)
      and p.state = 'running' and p.rematch_since is not null
    order by p.id
    for update
  loop
    perform pairing_finish(g, 'sponsor_breach', p_on, p_actor);
    pairing_id := g.id;
    return next;
  end loop;
end
$$;

create or replace function revocation_stop_pairing(v revocation, p_on date) returns uuid
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  g pairing;
begin
  perform proposal_lapse(v.district_id, v.student_id, null);
  select * into g from pairing p
  where p.district_id = v.district_id and p.student_id = v.student_id and p.state = 'running'
  for update;
  if not found then return null; end if;
  perform pairing_finish(g, 'recognition_ended', p_on, v.proposed_by);
  return g.id;
end
$$;

-- A sponsor's receipts with what of each is not spent. Spent is what a payment needs, less cover and what
-- earlier sponsors gave for the same semester, and what was repaid to a general fund. p_upto: what the
-- child is still to have for semesters up to this one counts as spent too; null: nothing does.
create function pairing_unspent(p_pairing uuid, p_upto integer)
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
  with item as (
    select i.id, i.received_fen - least(
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
    join instalment_receipt c on c.district_id = current_district() and c.instalment_id = m.id
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

-- What general funds may still give as cover in a semester, their balances locked: a school's own
-- and the district's. p_schools: of these.
create function cover_funds(p_semester integer, p_schools uuid[])
returns table (fund_id uuid, school_id uuid, balance_account uuid, free_fen bigint)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  f record;
begin
  for f in
    select u.id, u.school_id from fund u
    join fund_purpose p on p.district_id = u.district_id and p.fund_id = u.id and p.purpose = 'cover'
    where u.district_id = current_district() and u.kind = 'general'
      and (u.school_id is null or u.school_id = any (p_schools))
  loop
    perform ledger_account(f.id, 'balance', '');
  end loop;
  perform from account a
  join fund u on u.district_id = a.district_id and u.id = a.fund_id
  where a.district_id = current_district() and a.kind = 'balance' and u.kind = 'general'
    and (u.school_id is null or u.school_id = any (p_schools))
  order by a.id
  for no key update of a;
  return query
  select u.id, u.school_id, a.id,
    greatest(
      least(
        a.credits - a.debits - a.held,
        b.planned_fen - b.committed_fen - greatest(b.spent_fen, 0)
      ), 0
    )::bigint
  from fund u
  join fund_purpose p on p.district_id = u.district_id and p.fund_id = u.id and p.purpose = 'cover'
  join account a on a.district_id = u.district_id and a.fund_id = u.id and a.kind = 'balance'
  left join budget b
    on b.district_id = u.district_id and b.fund_id = u.id and b.semester = p_semester
  where u.district_id = current_district() and u.kind = 'general'
    and (u.school_id is null or u.school_id = any (p_schools));
end
$$;

-- Payouts that need cover on a day, locked, the most needy first: the sponsor's grace is over, or
-- the child should have it within a week, or nobody is bound.
create function cover_needed(p_on date, p_school uuid)
returns table (
  payout_id uuid, school_id uuid, student_id uuid, pairing_id uuid, instalment_id uuid,
  semester integer, due_on date, missing_fen bigint
)
language plpgsql security definer
set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
  present integer;
  unpaid uuid[];
begin
  select max(s.semester) into present from semester s
  where s.district_id = current_district() and s.starts_on <= p_on;
  select array_agg(u.id) into unpaid
  from (
    select o.id from payout o
    where o.district_id = current_district() and o.state = 'planned'
      and o.semester between present - 5 and present
      and (p_school is null or o.school_id = p_school)
      and not payout_in_batch(o)
    order by o.id
    for update
  ) as u;
  return query
  select o.id, o.school_id, o.student_id, o.pairing_id, i.id, o.semester, o.due_on,
    o.amount_fen - o.received_fen - o.cover_fen
  from payouts(null, p_school, null, coalesce(unpaid, '{}')) o
  join pairing g on g.district_id = current_district() and g.id = o.pairing_id
  left join commitment k
    on k.district_id = g.district_id and k.pairing_id = g.id and g.state = 'running'
  left join instalment i
    on i.district_id = k.district_id and i.commitment_id = k.id and i.semester = o.semester
    and i.excused_fen = 0
  -- Nobody else can be paid.
  join recognition r
    on r.district_id = g.district_id and r.student_id = o.student_id and r.state = 'filed'
    and recognition_day(o.semester) between r.valid_from and r.valid_until
  where o.state = 'planned' and o.batch_id is null
    and o.amount_fen > o.received_fen + o.cover_fen
    and (
      i.id is null or i.due_on + (select grace_days from pairing_settings()) < p_on
      or o.due_on - 7 <= p_on
    )
  order by case r.tier when 'special' then 0 when 'difficult' then 1 else 2 end, o.due_on, o.id;
end
$$;

-- Posts cover: a transfer in each fund for each payout.
create function cover_post(
  p_ids uuid[], p_payouts uuid[], p_instalments uuid[], p_from uuid, p_to uuid[],
  p_amounts bigint[], p_out uuid[], p_in uuid[], p_on date, p_semester integer, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  size integer := cardinality(p_ids);
  balance uuid := ledger_account(p_from, 'balance', '');
  cover_use uuid := ledger_account(p_from, 'use', 'cover');
  sources uuid[];
  balances uuid[];
begin
  select array_agg(ledger_account(t.fund_id, 'source', 'cover') order by t.place),
    array_agg(ledger_account(t.fund_id, 'balance', '') order by t.place)
  into sources, balances
  from unnest(p_to) with ordinality as t (fund_id, place);
  perform ledger_post(
    p_out, array_fill(balance, array[size]), array_fill(cover_use, array[size]), p_amounts,
    p_semester, 'cover', 'cover', array_fill(p_on, array[size]), p_ids, null, null, p_actor);
  perform ledger_post(
    p_in, sources, balances, p_amounts, p_semester, 'cover', null, array_fill(p_on, array[size]),
    p_ids, null, null, p_actor);
  insert into cover (
    district_id, id, school_id, payout_id, instalment_id, from_fund, to_fund, amount_fen,
    covered_on, out_transfer, in_transfer, actor_id
  )
  select o.district_id, u.id, o.school_id, o.id, u.instalment_id, p_from, u.to_fund, u.amount, p_on,
    u.out_id, u.in_id, p_actor
  from unnest(p_ids, p_payouts, p_instalments, p_to, p_amounts, p_out, p_in)
    as u (id, payout_id, instalment_id, to_fund, amount, out_id, in_id)
  join payout o on o.district_id = current_district() and o.id = u.payout_id;
end
$$;

-- Looks for another sponsor where so many instalments of a running pairing are covered and not repaid,
-- and no longer where they are.
create function pairing_mark_rematch(p_pairings uuid[], p_on date) returns bigint
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  changed bigint;
begin
  update pairing g
  set rematch_since = case when m.covered >= m.cover_limit then p_on end
  from (
    select p.id, t.cover_limit, count(c.instalment_id) as covered
    from pairing p
    cross join pairing_settings() t
    left join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
    left join lateral (
      select distinct v.instalment_id from instalment i
      join cover v on v.district_id = i.district_id and v.instalment_id = i.id
      where i.district_id = k.district_id and i.commitment_id = k.id
        and v.repaid_fen < v.amount_fen
    ) as c on true
    where p.district_id = current_district() and p.id = any (p_pairings)
    group by p.id, t.cover_limit
  ) as m
  where g.district_id = current_district() and g.id = m.id and g.state = 'running'
    and (g.rematch_since is null) = (m.covered >= m.cover_limit);
  get diagnostics changed = row_count;
  return changed;
end
$$;

-- Takes back a part of a cover: the general fund has it again. p_receipt: by what came in late.
create function cover_take_back(
  v cover, p_amount bigint, p_receipt uuid, p_on date, p_semester integer, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  original transfer;
  out_id uuid := gen_random_uuid();
  in_id uuid := gen_random_uuid();
begin
  select * into original from transfer t
  where t.district_id = v.district_id and t.id = v.in_transfer;
  perform ledger_post(
    array[out_id], array[original.credit_account], array[original.debit_account],
    array[p_amount], p_semester, 'cover_repayment', null, array[p_on], array[v.id], original.id,
    null, p_actor);
  select * into original from transfer t
  where t.district_id = v.district_id and t.id = v.out_transfer;
  perform ledger_post(
    array[in_id], array[original.credit_account], array[original.debit_account],
    array[p_amount], p_semester, 'cover_repayment', null, array[p_on], array[v.id], original.id,
    null, p_actor);
  insert into cover_repayment (
    district_id, id, cover_id, receipt_id, amount_fen, repaid_on, out_transfer, in_transfer,
    actor_id
  )
  values (
    v.district_id, gen_random_uuid(), v.id, p_receipt, p_amount, p_on, out_id, in_id, p_actor
  );
  update cover c set repaid_fen = c.repaid_fen + p_amount
  where c.district_id = v.district_id and c.id = v.id;
end
$$;
revoke all on function cover_take_back(cover, bigint, uuid, date, integer, uuid) from public;

-- Takes back the cover of payouts that are not paid out.
create function cover_release(p_payouts uuid[], p_on date, p_actor uuid) returns bigint
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  v cover;
  released bigint := 0;
begin
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
revoke all on function cover_release(uuid[], date, uuid) from public;

-- Repays cover of the payout that an instalment is for, by what a receipt brings beyond what the
-- payout still needs. Returns how much.
create function cover_repay(p_receipt uuid, p_on date, p_semester integer, p_actor uuid)
returns bigint
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  district text := current_district();
  item record;
  v cover;
  spare bigint;
  part bigint;
  repaid bigint := 0;
begin
  select c.amount_fen, g.student_id, i.semester, g.id as pairing_id into item
  from instalment_receipt c
  join instalment i on i.district_id = c.district_id and i.id = c.instalment_id
  join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
  join pairing g on g.district_id = k.district_id and g.id = k.pairing_id
  where c.district_id = district and c.id = p_receipt;
  select o.received_fen + o.cover_fen - o.amount_fen into spare
  from payouts(item.semester, null, array[item.student_id]) o
  where o.state <> 'cancelled';
  spare := least(spare, item.amount_fen);
  if spare is null or spare <= 0 then return 0; end if;
  for v in
    select w.* from cover w
    join payout o on o.district_id = w.district_id and o.id = w.payout_id
    where w.district_id = district and o.student_id = item.student_id
      and o.semester = item.semester and w.repaid_fen < w.amount_fen
    order by w.covered_on, w.id
    for no key update of w
  loop
    exit when spare = 0;
    part := least(spare, v.amount_fen - v.repaid_fen);
    perform cover_take_back(v, part, p_receipt, p_on, p_semester, p_actor);
    spare := spare - part;
    repaid := repaid + part;
  end loop;
  if repaid > 0 then perform pairing_mark_rematch(array[item.pairing_id], p_on); end if;
  return repaid;
end
$$;

-- Takes back what a receipt repaid, since the receipt is reversed: the cover stands again by as much.
create function cover_unrepay(
  p_receipt uuid, p_amount bigint, p_on date, p_semester integer, p_actor uuid
) returns bigint
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  district text := current_district();
  y record;
  original transfer;
  part bigint;
  done bigint := 0;
  out_id uuid;
  in_id uuid;
begin
  for y in
    select v.id, v.in_transfer, v.out_transfer, sum(q.amount_fen)::bigint as amount
    from cover_repayment q
    join cover v on v.district_id = q.district_id and v.id = q.cover_id
    where q.district_id = district and q.receipt_id = p_receipt
    group by v.id, v.in_transfer, v.out_transfer
    having sum(q.amount_fen) > 0
    order by v.id desc
  loop
    exit when done = p_amount;
    part := least(p_amount - done, y.amount);
    out_id := gen_random_uuid();
    in_id := gen_random_uuid();
    select * into original from transfer t where t.district_id = district and t.id = y.out_transfer;
    perform ledger_post(
      array[out_id], array[original.debit_account], array[original.credit_account], array[part],
      p_semester, 'reinstatement', null, array[p_on], array[y.id], original.id, null, p_actor);
    select * into original from transfer t where t.district_id = district and t.id = y.in_transfer;
    perform ledger_post(
      array[in_id], array[original.debit_account], array[original.credit_account], array[part],
      p_semester, 'reinstatement', null, array[p_on], array[y.id], original.id, null, p_actor);
    insert into cover_repayment (
      district_id, id, cover_id, receipt_id, amount_fen, repaid_on, out_transfer, in_transfer,
      actor_id
    )
    values (district, gen_random_uuid(), y.id, p_receipt, -part, p_on, out_id, in_id, p_actor);
    update cover set repaid_fen = repaid_fen - part where district_id = district and id = y.id;
    done := done + part;
  end loop;
  return done;
end
$$;

-- The money of a pupil who went to another school and is not paid out yet goes on there: receipts are
-- booked anew in the new school's fund, cover is taken back and given anew when it is due. Returns it.
create function pairing_follow(p_move uuid, p_on date, p_actor uuid) returns bigint
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  m student_move;
  g pairing;
  r record;
  to_fund uuid;
  out_id uuid;
  in_id uuid;
  receipt uuid;
  moved bigint := 0;
begin
  select * into m from student_move q
  where q.district_id = current_district() and q.id = p_move and q.state = 'done';
  select * into g from pairing p
  where p.district_id = m.district_id and p.student_id = m.student_id and p.state = 'running'
  for update;
  perform cover_release(
    array(
      select o.id from payout o
      where o.district_id = m.district_id and o.student_id = m.student_id
        and o.state in ('planned', 'suspended') and not payout_in_batch(o)
    ), p_on, p_actor);
  select f.id into to_fund from fund f
  where f.district_id = m.district_id and f.school_id = m.to_school and f.kind = 'sponsorship';
  for r in
    select u.*, a.label from pairing_unspent(g.id, null) u
    join account a on a.district_id = m.district_id and a.id = u.debit_account
    join fund f on f.district_id = a.district_id and f.id = a.fund_id
    where f.school_id is distinct from m.to_school
  loop
    if to_fund is null then perform pairing_refuse('pairing_no_fund'); end if;
    out_id := gen_random_uuid();
    in_id := gen_random_uuid();
    receipt := gen_random_uuid();
    perform ledger_post(
      array[out_id], array[r.credit_account], array[r.debit_account], array[r.unspent_fen],
      semester_on(p_on), 'reversal', null, array[p_on], array[r.receipt_id], r.transfer_id,
      '随学生转学', p_actor);
    perform ledger_post(
      array[in_id], array[ledger_account(to_fund, 'source', r.label)],
      array[ledger_account(to_fund, 'balance', '')], array[r.unspent_fen], semester_on(p_on),
      'instalment', null, array[p_on], array[receipt], null, '随学生转学', p_actor);
    insert into instalment_receipt (
      district_id, id, school_id, instalment_id, transfer_id, amount_fen, received_on, method,
      payer_id
    )
    values (
      m.district_id, receipt, m.to_school, r.instalment_id, in_id, r.unspent_fen, p_on, r.method,
      r.payer_id
    );
    insert into pairing_balance (
      district_id, id, school_id, pairing_id, receipt_id, amount_fen, use, decided_on, out_transfer,
      in_transfer, new_receipt_id, actor_id
    )
    values (
      m.district_id, gen_random_uuid(), m.to_school, g.id, r.receipt_id, r.unspent_fen, 'followed',
      p_on, out_id, in_id, receipt, p_actor
    );
    moved := moved + r.unspent_fen;
  end loop;
  return moved;
end
$$;

-- Pairings from before: nothing of an ended one stays open, and what a running one promises is planned.
update instalment i
set excused_fen = i.amount_fen - i.received_fen, excused_reason = g.end_reason,
  excused_on = g.ended_on
from commitment k
join pairing g on g.district_id = k.district_id and g.id = k.pairing_id
where k.district_id = i.district_id and k.id = i.commitment_id and g.state = 'ended'
  and i.received_fen < i.amount_fen;
insert into payout (
  district_id, id, school_id, student_id, pairing_id, semester, amount_fen, due_on
)
select i.district_id, gen_random_uuid(), g.school_id, g.student_id, g.id, i.semester, i.amount_fen,
  i.due_on + 45
from instalment i
join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
join pairing g on g.district_id = k.district_id and g.id = k.pairing_id
where g.state = 'running';

alter table pairing_setting enable row level security;
alter table commitment_change enable row level security;
alter table payout enable row level security;
alter table cover enable row level security;
alter table cover_repayment enable row level security;
alter table pairing_balance enable row level security;
create policy tenant on pairing_setting using (district_id = (select current_district()))
with check (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on commitment_change using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on payout using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on cover using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on cover_repayment using (
  district_id = (select current_district())
  and ((select current_school()) is null or cover_id in (select c.id from cover c))
);
create policy tenant on pairing_balance using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);

-- What ends, plans, covers or amends goes through the functions above. One column stays writable,
-- since nobody may lock a row of which it can write nothing.
revoke update on pairing from yibang_app;
grant update (rematch_since) on pairing to yibang_app;
grant select on commitment_change, payout, cover, cover_repayment to yibang_app;
grant select, insert on pairing_setting, pairing_balance to yibang_app;
grant update (grace_days, payout_days, cover_limit) on pairing_setting to yibang_app;
grant update (excused_fen, excused_reason, excused_on, carried_fen) on instalment to yibang_app;
