-- Recognition that rested on false statements: heard, revoked by a second person, aid stopped in every
-- fund at once, what was received listed and claimed back; and undone by two people where it was wrong.
-- Runs before the program serves, so no client waits for its locks.
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint

-- undue_since: the first day of the recognition that is revoked. Words and evidence, the family's
-- answer and why it is undone are sealed (AAD revocation:id:private, :heard, :reversal).
-- pairing_id: the pairing that it ended.
create table revocation (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  undue_since date not null,
  state text not null default 'proposed' check (
    state in ('proposed', 'decided', 'dismissed', 'reversed')
  ),
  private_sealed bytea not null,
  proposed_on date not null,
  proposed_by uuid not null,
  heard_on date,
  heard_sealed bytea,
  heard_by uuid,
  decided_on date,
  decided_by uuid,
  pairing_id uuid,
  reversal_on date,
  reversal_sealed bytea,
  reversal_by uuid,
  reversed_on date,
  reversed_by uuid,
  primary key (district_id, id),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, student_id) references student (district_id, id),
  foreign key (district_id, pairing_id) references pairing (district_id, id),
  foreign key (district_id, proposed_by) references app_user (district_id, id),
  foreign key (district_id, heard_by) references app_user (district_id, id),
  foreign key (district_id, decided_by) references app_user (district_id, id),
  foreign key (district_id, reversal_by) references app_user (district_id, id),
  foreign key (district_id, reversed_by) references app_user (district_id, id),
  constraint revocation_dates check (
    undue_since <= proposed_on and heard_on >= proposed_on and decided_on >= proposed_on
    and decided_on >= heard_on and reversal_on >= decided_on and reversed_on >= reversal_on
  ),
  constraint revocation_heard check (
    (heard_on is null) = (heard_sealed is null) and (heard_on is null) = (heard_by is null)
    and (state not in ('decided', 'reversed') or heard_on is not null)
  ),
  constraint revocation_decided check (
    (state = 'proposed') = (decided_on is null) and (decided_on is null) = (decided_by is null)
  ),
  constraint revocation_second_person check (decided_by <> proposed_by),
  constraint revocation_reversed check (
    (state = 'reversed') = (reversed_on is not null)
    and (reversed_on is null) = (reversed_by is null)
    and (reversal_on is null) = (reversal_by is null)
    and (reversal_on is null) = (reversal_sealed is null)
    and (reversed_on is null or reversal_on is not null)
  ),
  constraint revocation_reversal_person check (
    reversed_by <> reversal_by and reversed_by <> decided_by
  )
);
create unique index revocation_one_open
on revocation (district_id, student_id) where state = 'proposed';
create index revocation_by_student on revocation (district_id, student_id);
create index revocation_by_school on revocation (district_id, school_id, id);

-- A line that was taken out of a batch before it was paid.
create table revocation_line (
  district_id text not null,
  revocation_id uuid not null,
  batch_id uuid not null,
  number integer not null,
  amount_fen bigint not null check (amount_fen > 0),
  -- of the batch at that moment
  batch_state text not null,
  primary key (district_id, revocation_id, batch_id, number),
  foreign key (district_id, revocation_id) references revocation (district_id, id),
  foreign key (district_id, batch_id) references payment_batch (district_id, id)
);

create table revocation_clawback (
  district_id text not null,
  revocation_id uuid not null,
  clawback_id uuid not null,
  primary key (district_id, clawback_id),
  foreign key (district_id, revocation_id) references revocation (district_id, id),
  foreign key (district_id, clawback_id) references clawback (district_id, id)
);
create index revocation_clawback_by_revocation on revocation_clawback (district_id, revocation_id);

alter table recognition
add column revocation_id uuid,
add foreign key (district_id, revocation_id) references revocation (district_id, id);
create index recognition_by_revocation
on recognition (district_id, revocation_id) where revocation_id is not null;

create function revocation_lock(p_id uuid, p_states text[], p_on date) returns revocation
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  v revocation;
begin
  select * into v from revocation q
  where q.district_id = current_district() and q.id = p_id
    and (current_school() is null or q.school_id = current_school())
  for update;
  if not found then perform case_refuse('revocation_known'); end if;
  if not v.state = any (p_states) then perform case_refuse('revocation_state_' || v.state); end if;
  if p_on < greatest(v.proposed_on, v.heard_on, v.decided_on, v.reversal_on) then
    perform case_refuse('revocation_dates');
  end if;
  return v;
end
$$;
revoke all on function revocation_lock(uuid, text[], date) from public;

create function revocation_propose(
  p_id uuid, p_student uuid, p_since date, p_sealed bytea, p_on date, p_actor uuid
) returns uuid
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  school uuid;
begin
  select s.school_id into school from student s
  where s.district_id = current_district() and s.id = p_student
    and (current_school() is null or s.school_id = current_school())
  for no key update;
  if not found then perform case_refuse('revocation_pupil'); end if;
  if not exists (
    select from recognition r
    where r.district_id = current_district() and r.student_id = p_student and r.state = 'filed'
      and r.valid_until >= p_since
  ) then
    perform case_refuse('revocation_nothing');
  end if;
  insert into revocation (
    district_id, id, school_id, student_id, undue_since, private_sealed, proposed_on, proposed_by
  )
  values (current_district(), p_id, school, p_student, p_since, p_sealed, p_on, p_actor);
  return school;
end
$$;

-- What the family answers, before anything is decided.
create function revocation_hear(p_id uuid, p_sealed bytea, p_on date, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  v revocation := revocation_lock(p_id, '{proposed}', p_on);
begin
  if v.heard_on is not null then perform case_refuse('revocation_heard_before'); end if;
  update revocation set heard_on = p_on, heard_sealed = p_sealed, heard_by = p_actor
  where district_id = v.district_id and id = v.id;
end
$$;

-- Decides, by a second person, not to revoke.
create function revocation_dismiss(p_id uuid, p_on date, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  v revocation := revocation_lock(p_id, '{proposed}', p_on);
begin
  update revocation set state = 'dismissed', decided_on = p_on, decided_by = p_actor
  where district_id = v.district_id and id = v.id;
end
$$;

-- Locks, of a pupil, what a payment or a pairing under way would hold, in their order: proposals,
-- batches, cases, the pupil, its recognition. Whatever commits before is seen by what follows; what
-- comes later sees the revocation. A batch that came in between is locked last: where that meets a
-- lock in the other order, one of both starts anew.
create function revocation_hold(v revocation) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  seen integer := -1;
  lines integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('yibang.proposals ' || v.district_id, 0));
  perform from proposal p
  where p.district_id = v.district_id and p.state in ('proposed', 'approved')
    and p.id in (
      select x.proposal_id from proposal_pair x
      where x.district_id = v.district_id and x.student_id = v.student_id and x.state = 'proposed'
    )
  order by p.id
  for update;
  while seen <> lines loop
    seen := lines;
    perform from payment_batch b
    where b.district_id = v.district_id and b.id in (
      select unnest(array[o.id, o.follows]) from payment_line l
      join payment_batch o on o.district_id = l.district_id and o.id = l.batch_id
      where l.district_id = v.district_id and l.student_id = v.student_id and l.state = 'planned'
    )
    order by b.id
    for update;
    perform from recognition_case c
    where c.district_id = v.district_id and c.student_id = v.student_id and case_is_open(c.state)
    order by c.id
    for update;
    perform from student s
    where s.district_id = v.district_id and s.id = v.student_id
    for no key update;
    perform from recognition r
    where r.district_id = v.district_id and r.student_id = v.student_id and r.state = 'filed'
      and r.valid_until >= v.undue_since
    order by r.id
    for update;
    select count(*) into lines from payment_line l
    where l.district_id = v.district_id and l.student_id = v.student_id and l.state = 'planned';
  end loop;
end
$$;
revoke all on function revocation_hold(revocation) from public;

-- Turns the recognition from a day on from one state into the other: the rows that hold end or are
-- replaced, and their copies begin.
create function revocation_turn(v revocation, p_from text, p_to text, p_actor uuid)
returns bigint
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  held recognition[];
begin
  select array_agg(r) into held from recognition r
  where r.district_id = v.district_id and r.student_id = v.student_id and r.state = p_from
    and r.valid_until >= v.undue_since
    and (p_from = 'filed' or r.revocation_id = v.id);
  update recognition r set state = 'replaced'
  from unnest(held) as h
  where r.district_id = v.district_id and r.id = h.id and h.valid_from >= v.undue_since;
  update recognition r set valid_until = v.undue_since - 1
  from unnest(held) as h
  where r.district_id = v.district_id and r.id = h.id and h.valid_from < v.undue_since;
  insert into recognition (
    district_id, id, school_id, student_id, school_year, tier, category, rule_set, rule_version,
    state, filed_on, source, reasons, actor_id, valid_from, valid_until, case_id, revocation_id
  )
  select h.district_id, gen_random_uuid(), h.school_id, h.student_id, h.school_year, h.tier,
    h.category, h.rule_set, h.rule_version, p_to, h.filed_on, h.source, h.reasons, p_actor,
    greatest(h.valid_from, v.undue_since), h.valid_until, h.case_id, v.id
  from unnest(held) as h;
  return coalesce(cardinality(held), 0);
end
$$;
revoke all on function revocation_turn(revocation, text, text, uuid) from public;

-- Takes the pupil's lines that rest on the recognition out of batches that are not paid, releases what
-- was set aside, and leaves no failed line to be paid again. It concerns every fund, whichever school
-- decides.
create function revocation_stop_payments(v revocation) returns void
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  l record;
begin
  for l in
    select p.id, p.batch_id, p.number, p.amount_fen, p.replaces, p.semester, b.fund_id, b.state,
      (
        select count(*) from payment_line o
        where o.district_id = p.district_id and o.batch_id = p.batch_id
      ) as size
    from payment_line p
    join payment_batch b on b.district_id = p.district_id and b.id = p.batch_id
    where p.district_id = v.district_id and p.student_id = v.student_id and p.state = 'planned'
      and b.needs_recognition and recognition_day(p.semester) >= v.undue_since
    order by p.batch_id
  loop
    insert into revocation_line (
      district_id, revocation_id, batch_id, number, amount_fen, batch_state
    )
    values (v.district_id, v.id, l.batch_id, l.number, l.amount_fen, l.state);
    if l.size = 1 then
      perform payment_batch_cancel(l.batch_id, '没有可发放的学生');
      continue;
    end if;
    if l.state = 'approved' then perform ledger_hold(l.fund_id, l.semester, -l.amount_fen); end if;
    delete from payment_line o where o.district_id = v.district_id and o.id = l.id;
    update payment_line o set superseded = false
    where o.district_id = v.district_id and o.id = l.replaces;
    update payment_batch b set total_fen = b.total_fen - l.amount_fen
    where b.district_id = v.district_id and b.id = l.batch_id and b.state <> 'draft';
  end loop;
  update payment_line o set explanation = '停止发放'
  from payment_batch b
  where o.district_id = v.district_id and o.student_id = v.student_id
    and o.state in ('not_received', 'issue') and not o.superseded and o.explanation is null
    and o.received_fen is distinct from o.amount_fen
    and b.district_id = o.district_id and b.id = o.batch_id and b.needs_recognition
    and recognition_day(o.semester) >= v.undue_since;
end
$$;
revoke all on function revocation_stop_payments(revocation) from public;

-- Pays an approved batch: what was set aside is released and spent in one step, a transfer a line.
-- p_transfers: an id a line; those of lines that a revocation took out meanwhile are left over.
-- Returns false, and does nothing, if it was paid before.
create or replace function payment_batch_pay(p_batch uuid, p_transfers uuid[], p_date date, p_actor uuid)
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
  if size > cardinality(p_transfers) then
    raise check_violation using message = 'one transfer a line', constraint = 'payment_batch_lines';
  end if;
  p_transfers := p_transfers[1:size];
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

-- Open pairs lapse, proposals without any other are settled, the running pairing ends.
-- Returns the pairing.
create function revocation_stop_pairing(v revocation, p_on date) returns uuid
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  ended uuid;
begin
  with lapsed as (
    update proposal_pair x set state = 'lapsed'
    where x.district_id = v.district_id and x.student_id = v.student_id and x.state = 'proposed'
    returning x.proposal_id, x.id
  )
  update proposal p
  set state = case when exists (
    select from proposal_pair x
    where x.district_id = p.district_id and x.proposal_id = p.id and x.state = 'accepted'
  ) then 'accepted' else 'withdrawn' end
  where p.district_id = v.district_id and p.state in ('proposed', 'approved')
    and p.id in (select q.proposal_id from lapsed q)
    and not exists (
      select from proposal_pair x
      where x.district_id = p.district_id and x.proposal_id = p.id and x.state = 'proposed'
        and x.id not in (select q.id from lapsed q)
    );
  update pairing g
  set state = 'ended', ended_on = greatest(p_on, g.started_on), end_reason = 'recognition_ended'
  where g.district_id = v.district_id and g.student_id = v.student_id and g.state = 'running'
  returning g.id into ended;
  return ended;
end
$$;
revoke all on function revocation_stop_pairing(revocation, date) from public;

-- Revokes, by a person who did not propose it, after the family was heard: recognition, cases under
-- way, unpaid lines, proposed pairs and the pairing end in one step. What was received is claimed
-- back by revocation_claw_back, in the same transaction.
create function revocation_decide(p_id uuid, p_on date, p_actor uuid)
returns table (cases bigint, taken_out bigint, pairing_id uuid)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  v revocation := revocation_lock(p_id, '{proposed}', p_on);
  c recognition_case;
begin
  if v.heard_on is null then perform case_refuse('revocation_not_heard'); end if;
  if v.proposed_by = p_actor then perform case_refuse('revocation_second_person'); end if;
  perform revocation_hold(v);
  if revocation_turn(v, 'filed', 'revoked', p_actor) = 0 then
    perform case_refuse('revocation_nothing');
  end if;
  cases := 0;
  for c in
    select * from recognition_case k
    where k.district_id = v.district_id and k.student_id = v.student_id and case_is_open(k.state)
  loop
    update notice_line l set taken_off_on = p_on
    where l.district_id = c.district_id and l.case_id = c.id and l.taken_off_on is null;
    update recognition_case k set state = 'withdrawn', step_since = greatest(p_on, k.step_since)
    where k.district_id = c.district_id and k.id = c.id;
    insert into recognition_step (district_id, case_id, attempt, state, on_date, actor_id, reason)
    values (
      c.district_id, c.id, c.attempt, 'withdrawn', greatest(p_on, c.step_since), p_actor, 'revoked'
    );
    cases := cases + 1;
  end loop;
  perform revocation_stop_payments(v);
  pairing_id := revocation_stop_pairing(v, p_on);
  update revocation q
  set state = 'decided', decided_on = p_on, decided_by = p_actor,
    pairing_id = revocation_decide.pairing_id
  where q.district_id = v.district_id and q.id = v.id;
  select count(*) into taken_out from revocation_line l
  where l.district_id = v.district_id and l.revocation_id = v.id;
  return next;
end
$$;

-- The payments to a pupil from a day on, from every fund. due_fen: what of one is undue and is not
-- claimed yet: it rests on a recognition that no longer holds for its semester, or would not.
create function revocation_payments(v revocation)
returns table (
  fund_id uuid, fund text, semester integer, purpose text, batch_id uuid, title text,
  transfer_id uuid, paid_on date, sent_fen bigint, returned_fen bigint, recovered_fen bigint,
  due_fen bigint
)
language plpgsql stable security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
begin
  return query
  select f.id, fund_shown(f.id, f.kind, f.name), l.semester, l.purpose, b.id, b.title, t.id,
    t.occurred_on, m.sent_fen, m.returned_fen, m.recovered_fen,
    case
      when b.needs_recognition and recognition_day(l.semester) >= v.undue_since and (
        v.state = 'proposed'
        or not exists (
          select from recognition r
          where r.district_id = l.district_id and r.student_id = l.student_id
            and r.state = 'filed'
            and recognition_day(l.semester) between r.valid_from and r.valid_until
        )
      )
      then greatest(
        m.sent_fen - m.returned_fen - coalesce(
          (
            select sum(w.due_fen - w.waived_fen) from clawback_money(
              array(
                select k.id from clawback k
                where k.district_id = t.district_id and k.transfer_id = t.id
              )
            ) as w
          ), 0
        ), 0
      )
      else 0
    end::bigint
  from payment_line l
  join payment_batch b on b.district_id = l.district_id and b.id = l.batch_id
  join fund f on f.district_id = b.district_id and f.id = b.fund_id
  join transfer t on t.district_id = l.district_id and t.id = l.transfer_id
  cross join lateral payment_money(array[b.id], array[l.id]) as m
  where l.district_id = v.district_id and l.student_id = v.student_id
    and t.occurred_on >= v.undue_since
  order by f.name, f.id, l.semester, t.occurred_on, t.id;
end
$$;
revoke all on function revocation_payments(revocation) from public;

create function revocation_received(p_id uuid)
returns table (
  fund_id uuid, fund text, semester integer, purpose text, batch_id uuid, title text,
  transfer_id uuid, paid_on date, sent_fen bigint, returned_fen bigint, recovered_fen bigint,
  due_fen bigint
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select p.* from revocation v
  cross join lateral revocation_payments(v) as p
  where v.district_id = current_district() and v.id = p_id
    and (current_school() is null or v.school_id = current_school());
end;

-- What was handed out in kind from that day on, less what came back.
create function revocation_goods(p_id uuid)
returns table (item text, unit text, handed_on date, quantity bigint, value_fen bigint)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select i.name, i.unit, h.handed_on, sum(-l.net_quantity)::bigint, sum(-l.net_value_fen)::bigint
  from revocation v
  join goods_hand_out h
    on h.district_id = v.district_id and h.student_id = v.student_id
    and h.handed_on >= v.undue_since
  join goods_item i on i.district_id = h.district_id and i.id = h.item_id
  join stock_line l on l.district_id = h.district_id and l.hand_out_id = h.id
  where v.district_id = current_district() and v.id = p_id
    and (current_school() is null or v.school_id = current_school())
  group by h.id, i.name, i.unit, h.handed_on
  having sum(-l.net_quantity) > 0
  order by h.handed_on, i.name, h.id;
end;

-- As clawback_open, on a payment of whichever fund.
create function revocation_open_clawback(
  p_id uuid, p_transfer uuid, p_amount bigint, p_date date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
begin
  perform clawback_open(
    p_id, p_transfer, p_amount, 'false_information', null, p_date, p_actor);
end
$$;
revoke all on function revocation_open_clawback(uuid, uuid, bigint, date, uuid) from public;

-- Claims back what is undue of one payment. Returns the amount.
create function revocation_claw_back(p_id uuid, p_clawback uuid, p_transfer uuid, p_actor uuid)
returns bigint
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  v revocation := revocation_lock(p_id, '{decided}', 'infinity');
  payment record;
begin
  select p.due_fen, p.paid_on into payment from revocation_payments(v) p
  where p.transfer_id = p_transfer;
  if not found or payment.due_fen = 0 then perform case_refuse('revocation_not_due'); end if;
  perform revocation_open_clawback(
    p_clawback, p_transfer, payment.due_fen, greatest(v.decided_on, payment.paid_on), p_actor);
  insert into revocation_clawback (district_id, revocation_id, clawback_id)
  values (v.district_id, v.id, p_clawback);
  return payment.due_fen;
end
$$;

create function revocation_propose_reversal(
  p_id uuid, p_sealed bytea, p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  v revocation := revocation_lock(p_id, '{decided}', p_on);
begin
  if v.reversal_on is not null then perform case_refuse('revocation_reversal_before'); end if;
  update revocation set reversal_on = p_on, reversal_sealed = p_sealed, reversal_by = p_actor
  where district_id = v.district_id and id = v.id;
end
$$;

-- Undoes a revocation: the recognition holds again from its day on. The pairing stays ended, and the
-- pupil waits as it did before it.
create function revocation_reverse(p_id uuid, p_on date, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  v revocation := revocation_lock(p_id, '{decided}', p_on);
begin
  if v.reversal_on is null then perform case_refuse('revocation_no_reversal'); end if;
  if p_actor in (v.reversal_by, v.decided_by) then
    perform case_refuse('revocation_reversal_person');
  end if;
  perform revocation_hold(v);
  perform revocation_turn(v, 'revoked', 'filed', p_actor);
  update pairing g set end_reason = 'ended_in_error'
  where g.district_id = v.district_id and g.id = v.pairing_id;
  update revocation q set state = 'reversed', reversed_on = p_on, reversed_by = p_actor
  where q.district_id = v.district_id and q.id = v.id;
end
$$;

create function revocation_waive_any(
  p_clawback uuid, p_waiver uuid, p_reason text, p_actor uuid
) returns bigint
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
begin
  return clawback_waive(p_clawback, p_waiver, p_reason, p_actor);
end
$$;
revoke all on function revocation_waive_any(uuid, uuid, text, uuid) from public;

-- Gives up what is left of a case of a reversed revocation.
create function revocation_waive(
  p_id uuid, p_clawback uuid, p_waiver uuid, p_reason text, p_actor uuid
) returns bigint
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  v revocation := revocation_lock(p_id, '{reversed}', 'infinity');
begin
  if not exists (
    select from revocation_clawback c
    where c.district_id = v.district_id and c.revocation_id = v.id and c.clawback_id = p_clawback
  ) then
    perform case_refuse('clawback_known');
  end if;
  return revocation_waive_any(p_clawback, p_waiver, p_reason, p_actor);
end
$$;

-- The cases of a revocation, of whichever school's fund.
create function revocation_clawbacks(p_id uuid)
returns table (
  clawback_id uuid, transfer_id uuid, due_fen bigint, recovered_fen bigint, waived_fen bigint,
  left_fen bigint
)
language plpgsql stable security definer
set search_path = public, pg_temp
as $$
begin
  if not exists (
    select from revocation v
    where v.district_id = current_district() and v.id = p_id
      and (current_school() is null or v.school_id = current_school())
  ) then
    return;
  end if;
  return query select * from revocation_clawback_money(p_id);
end
$$;

create function revocation_clawback_money(p_id uuid)
returns table (
  clawback_id uuid, transfer_id uuid, due_fen bigint, recovered_fen bigint, waived_fen bigint,
  left_fen bigint
)
language plpgsql stable security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
begin
  return query
  select k.id, k.transfer_id, m.due_fen, m.recovered_fen, m.waived_fen, m.left_fen
  from revocation_clawback c
  join clawback k on k.district_id = c.district_id and k.id = c.clawback_id
  cross join lateral clawback_money(array[k.id]) as m
  where c.district_id = current_district() and c.revocation_id = p_id
  order by k.id;
end
$$;
revoke all on function revocation_clawback_money(uuid) from public;

-- What the sponsor of the pairing that ended may be told, and for whom: nothing of the reason.
-- paid_fen: what of a sponsorship reached the pupil since the pairing began.
create function revocation_sponsor(p_id uuid)
returns table (
  sponsor text, pupil text, school text, ended_on date, received_fen bigint, paid_fen bigint
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select donor_shown(d.anonymous, d.name, d.merged_into), s.name, h.name, g.ended_on,
    coalesce(
      (
        select sum(i.received_fen) from commitment k
        join instalment i on i.district_id = k.district_id and i.commitment_id = k.id
        where k.district_id = g.district_id and k.pairing_id = g.id
      ), 0
    )::bigint,
    coalesce(
      (
        select sum(t.amount_fen - coalesce(r.reversed_fen, 0)) from payment_line l
        join transfer t on t.district_id = l.district_id and t.id = l.transfer_id
        left join transfer_reversed r
          on r.district_id = t.district_id and r.transfer_id = t.id
        where l.district_id = g.district_id and l.student_id = g.student_id
          and l.purpose = 'sponsorship' and t.occurred_on >= g.started_on
      ), 0
    )::bigint
  from revocation v
  join pairing g on g.district_id = v.district_id and g.id = v.pairing_id
  join donor d on d.district_id = g.district_id and d.id = g.donor_id
  join student s on s.district_id = g.district_id and s.id = g.student_id
  join school h on h.district_id = g.district_id and h.id = g.school_id
  where v.district_id = current_district() and v.id = p_id
    and (current_school() is null or v.school_id = current_school());
end;

alter table revocation enable row level security;
alter table revocation_line enable row level security;
alter table revocation_clawback enable row level security;
create policy tenant on revocation using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on revocation_line using (
  district_id = (select current_district())
  and ((select current_school()) is null or revocation_id in (select v.id from revocation v))
);
create policy tenant on revocation_clawback using (
  district_id = (select current_district())
  and ((select current_school()) is null or revocation_id in (select v.id from revocation v))
);
grant select on revocation, revocation_line, revocation_clawback to yibang_app;
