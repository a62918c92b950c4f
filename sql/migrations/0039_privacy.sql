-- Privacy: the keys that seal, the erasure of one child's data, and how long what is kept for its use
-- alone stays.
-- Runs before the program serves, so no client waits for its locks. The constraint dropped is added
-- again, wider, in the next statement.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint, adding-not-nullable-field

-- made_at: null for a key from before keys could be rotated. retired_at: since when it is in no key
-- file any more. The hashes come from the first key for good, of which the digest stays.
alter table key_check add column made_at timestamptz, add column retired_at timestamptz;
alter table key_check alter column made_at set default clock_timestamp();
revoke insert on key_check from yibang_app;
grant insert (key_id, digest) on key_check to yibang_app;

-- How many values each key seals, column by column, in a district or (null) in all. A value begins with
-- its key's id; an empty one was erased.
create function sealed_key_counts(p_district text)
returns table (place text, key_id bigint, number bigint)
language plpgsql stable
set search_path = public, pg_temp
as $$
declare
  col record;
begin
  for col in
    select r.relname::text as tab, a.attname::text as name from pg_attribute a
    join pg_class r on r.oid = a.attrelid
    where r.relnamespace = 'public'::regnamespace and r.relkind in ('r', 'p')
      and a.attname like '%\_sealed' and not a.attisdropped
    order by 1, 2
  loop
    return query execute format(
      'select %L, k.id, count(*) from ('
      '  select (''x'' || encode(substring(t.%I from 1 for 4), ''hex''))::bit(32)::bigint as id'
      '  from %I t where ($1 is null or t.district_id = $1) and octet_length(t.%I) > 0'
      ') k group by k.id',
      col.tab || '.' || col.name, col.name, col.tab, col.name)
    using p_district;
  end loop;
end
$$;
revoke all on function sealed_key_counts(text) from public;

-- The same of the district at hand.
create function sealed_keys() returns table (place text, key_id bigint, number bigint)
language sql stable security definer
set search_path = public, pg_temp
as $$
  select c.place, c.key_id, c.number from sealed_key_counts(coalesce(current_district(), '')) c
$$;

-- A pupil whose data were erased keeps its row, so that what was paid for it still adds up.
alter table student add column erased_on date;

alter table consent drop constraint consent_proof_kind_check;
alter table consent add constraint consent_proof_kind_check check (
  proof_kind in ('earlier', 'sheet', 'paper', 'file', 'in_person', 'objection', 'erased')
);

-- A request to erase a child's data, or a proposal to, once the time for keeping them is over. reason:
-- in free words, until it is decided.
create table erasure (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  asked_by text not null check (asked_by in ('guardian', 'pupil', 'retention')),
  reason text,
  state text not null default 'proposed' check (state in ('proposed', 'done', 'refused')),
  proposed_on date not null,
  proposed_by uuid not null,
  decided_on date,
  decided_by uuid,
  primary key (district_id, id),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  foreign key (district_id, proposed_by) references app_user (district_id, id),
  foreign key (district_id, decided_by) references app_user (district_id, id),
  constraint erasure_decided check (
    (state = 'proposed') = (decided_on is null) and (decided_on is null) = (decided_by is null)
    and (state = 'proposed' or reason is null) and decided_on >= proposed_on
  ),
  constraint erasure_second_person check (state <> 'done' or decided_by <> proposed_by)
);
create unique index erasure_one_open on erasure (district_id, student_id) where state = 'proposed';
create index erasure_by_student on erasure (district_id, student_id);

create function erasure_refuse(p_constraint text) returns void
language plpgsql
as $$
begin
  raise check_violation using message = 'refused: ' || p_constraint, constraint = p_constraint,
    table = 'erasure';
end
$$;

-- What stands in the way of erasing a pupil's data; null: nothing does.
create function erasure_obstacle(p_student uuid) returns text
language sql stable security definer
set search_path = public, pg_temp
as $$
  select case
    when exists (
      select from pairing p
      where p.district_id = current_district() and p.student_id = p_student and p.state = 'running'
    ) then 'erasure_pairing'
    when exists (
      select from proposal_pair r
      where r.district_id = current_district() and r.student_id = p_student
        and r.state = 'proposed'
    ) then 'erasure_proposed'
    when exists (
      select from recognition_case c
      where c.district_id = current_district() and c.student_id = p_student
        and c.state in ('applied', 'nominated', 'assessed', 'decided', 'on_notice')
    ) or exists (
      select from revocation v
      where v.district_id = current_district() and v.student_id = p_student
        and (v.state = 'proposed' or v.state = 'decided' and v.reversal_on is not null)
    ) or exists (
      select from objection o
      join recognition_case c on c.district_id = o.district_id and c.id = o.case_id
      where o.district_id = current_district() and c.student_id = p_student
        and o.answered_on is null
    ) or exists (
      select from student_move m
      where m.district_id = current_district() and m.student_id = p_student
        and m.state = 'proposed'
    ) then 'erasure_case'
    when exists (
      select from payout o
      where o.district_id = current_district() and o.student_id = p_student
        and o.state in ('planned', 'suspended') and not payout_in_batch(o)
    ) or exists (
      select from payment_line l
      where l.district_id = current_district() and l.student_id = p_student
        and not payment_line_settled(l)
    ) or exists (
      select from clawback c
      join payment_line l on l.district_id = c.district_id and l.transfer_id = c.transfer_id
      cross join lateral (
        select c.due_fen - coalesce((
          select sum(case t.kind when 'recovery' then t.amount_fen else -t.amount_fen end)
          from clawback_entry n
          join transfer t on t.district_id = n.district_id and t.id = n.transfer_id
          where n.district_id = c.district_id and n.clawback_id = c.id
        ), 0) - coalesce((
          select sum(w.amount_fen) from clawback_waiver w
          where w.district_id = c.district_id and w.clawback_id = c.id
        ), 0) as fen
      ) as rest
      where l.district_id = current_district() and l.student_id = p_student and rest.fen > 0
    ) or exists (
      select from pairing p
      cross join lateral pairing_unspent(p.id, null) as u
      where p.district_id = current_district() and p.student_id = p_student and u.unspent_fen > 0
    ) or exists (
      select from cover v
      join payout o on o.district_id = v.district_id and o.id = v.payout_id
      join instalment i on i.district_id = v.district_id and i.id = v.instalment_id
      where v.district_id = current_district() and o.student_id = p_student
        and v.repaid_fen < v.amount_fen
        and i.received_fen + i.excused_fen + i.carried_fen < i.amount_fen
    ) then 'erasure_money'
    when exists (
      select from payment_line l
      join semester s on s.district_id = l.district_id and s.semester = l.semester
      where l.district_id = current_district() and l.student_id = p_student
        and l.transfer_id is not null and s.state = 'open'
    ) then 'erasure_books'
  end
$$;
revoke all on function erasure_obstacle(uuid) from public;

create function erasure_propose(
  p_id uuid, p_student uuid, p_asked_by text, p_reason text, p_on date, p_actor uuid
) returns uuid
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  pupil student;
  obstacle text;
begin
  select * into pupil from student s
  where s.district_id = current_district() and s.id = p_student
    and (current_school() is null or s.school_id = current_school())
  for no key update;
  if not found then perform erasure_refuse('erasure_pupil'); end if;
  if pupil.erased_on is not null then perform erasure_refuse('erasure_done'); end if;
  if p_asked_by = 'pupil'
    and (pupil.birth_month is null or pupil.birth_month + interval '14 years' > p_on) then
    perform erasure_refuse('erasure_pupil_age');
  end if;
  obstacle := erasure_obstacle(p_student);
  if obstacle is not null then perform erasure_refuse(obstacle); end if;
  if exists (
    select from erasure e
    where e.district_id = current_district() and e.student_id = p_student
      and e.state = 'proposed'
  ) then
    perform erasure_refuse('erasure_proposed_before');
  end if;
  insert into erasure (
    district_id, id, school_id, student_id, asked_by, reason, proposed_on, proposed_by
  )
  values (
    current_district(), p_id, pupil.school_id, p_student, p_asked_by, p_reason, p_on, p_actor
  );
  return pupil.school_id;
end
$$;

create function erasure_lock(p_id uuid, p_on date) returns erasure
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  e erasure;
begin
  select * into e from erasure q
  where q.district_id = current_district() and q.id = p_id
    and (current_school() is null or q.school_id = current_school())
  for update;
  if not found then perform erasure_refuse('erasure_known'); end if;
  if e.state <> 'proposed' then perform erasure_refuse('erasure_state'); end if;
  if p_on < e.proposed_on then perform erasure_refuse('erasure_dates'); end if;
  return e;
end
$$;
revoke all on function erasure_lock(uuid, date) from public;

create function erasure_decline(p_id uuid, p_on date, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  e erasure := erasure_lock(p_id, p_on);
begin
  update erasure set state = 'refused', reason = null, decided_on = p_on, decided_by = p_actor
  where district_id = e.district_id and id = e.id;
end
$$;

-- The family's side of the recognition of a pupil, and what others wrote of it.
create function erase_recognition(p_student uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district constant text := current_district();
  cases uuid[];
begin
  select array_agg(c.id) into cases from recognition_case c
  where c.district_id = district and c.student_id = p_student;
  update recognition set reasons = '{}' where district_id = district and student_id = p_student;
  update recognition_case
  set claims = '{}', reasons = null, disqualifiers = '{}', private_sealed = null,
    changed_sealed = null
  where district_id = district and id = any (cases);
  update case_assessment set private_sealed = null, factors = '{}', answers = null
  where district_id = district and case_id = any (cases);
  delete from case_proof where district_id = district and case_id = any (cases);
  update notice_line set masked_name = '已删除', grade = null, class_name = null
  where district_id = district and case_id = any (cases);
  update objection
  set private_sealed = '', answer_sealed = case when answer_sealed is not null then ''::bytea end
  where district_id = district and case_id = any (cases);
  update revocation
  set private_sealed = '', heard_sealed = case when heard_sealed is not null then ''::bytea end,
    reversal_sealed = case when reversal_sealed is not null then ''::bytea end
  where district_id = district and student_id = p_student;
end
$$;
revoke all on function erase_recognition(uuid) from public;

-- Who was paid, and what was written beside it. The amounts, days and transfers stay.
create function erase_payments(p_student uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district constant text := current_district();
  paid uuid[];
begin
  select array_agg(l.transfer_id) into paid from payment_line l
  where l.district_id = district and l.student_id = p_student and l.transfer_id is not null;
  update payment_line
  set payee_sealed = '', class_name = null, gender = null, card_last4 = null, note = null,
    explanation = case when explanation is not null then '已删除' end
  where district_id = district and student_id = p_student;
  update clawback_waiver w set reason = '已删除' from clawback c
  where c.district_id = district and c.transfer_id = any (paid)
    and w.district_id = c.district_id and w.clawback_id = c.id;
  update clawback set note = null where district_id = district and transfer_id = any (paid);
  update reconciliation r set note = null from reconciliation_transfer t
  where t.district_id = district and t.transfer_id = any (paid)
    and r.district_id = t.district_id and r.id = t.reconciliation_id and r.kind = 'match';
  update payout set reason = '已删除'
  where district_id = district and student_id = p_student and reason is not null
    and pairing_supports_on(reason) is null;
  -- The line's hash is made of the name.
  update goods_hand_out
  set line_hash = null, proof = null,
    signer_relation = case when signer_relation is not null then '已删除' end
  where district_id = district and student_id = p_student;
end
$$;
revoke all on function erase_payments(uuid) from public;

-- What stands beside a pupil's pairings, and what it wrote.
create function erase_pairings(p_student uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district constant text := current_district();
  own uuid[];
begin
  select array_agg(p.id) into own from pairing p
  where p.district_id = district and p.student_id = p_student;
  update proposal_pair
  set reason = jsonb_build_object('code', reason ->> 'code', 'zh', '已删除', 'en', 'erased')
  where district_id = district and student_id = p_student;
  update proposal_left
  set reason = jsonb_build_object('code', reason ->> 'code', 'zh', '已删除', 'en', 'erased')
  where district_id = district and student_id = p_student;
  update match_choice set reason = '已删除'
  where district_id = district and student_id = p_student and reason is not null;
  update offer set note = null where district_id = district and named_student = p_student;
  update commitment_change h set reason = '已删除' from commitment k
  where k.district_id = district and k.pairing_id = any (own)
    and h.district_id = k.district_id and h.commitment_id = k.id;
  update instalment i set excused_reason = '已删除' from commitment k
  where k.district_id = district and k.pairing_id = any (own)
    and i.district_id = k.district_id and i.commitment_id = k.id
    and i.excused_reason is not null and pairing_supports_on(i.excused_reason) is null;
  -- Activities that were for this pupil alone, such as a home visit.
  update activity a set theme = '已删除', place = null, outcome = null, note = null, line_hash = null
  where a.district_id = district
    and a.id in (
      select n.activity_id from activity_link n
      where n.district_id = district and n.pairing_id = any (own)
    )
    and not exists (
      select from activity_link n
      where n.district_id = district and n.activity_id = a.id and n.pairing_id <> all (own)
    );
  delete from letter_issue i using letter l
  where l.district_id = district and l.student_id = p_student
    and i.district_id = l.district_id and i.letter_id = l.id;
  delete from letter_content c using letter l
  where l.district_id = district and l.student_id = p_student
    and c.district_id = l.district_id and c.letter_id = l.id;
  update letter set state = 'withdrawn' where district_id = district and student_id = p_student;
end
$$;
revoke all on function erase_pairings(uuid) from public;

-- Entries of the trail whose words an erasure took: their leaf in the sealed tree stays that of the
-- whole entry.
create table audit_erased (
  district_id text not null,
  audit_id uuid not null,
  erased_at timestamptz not null default clock_timestamp(),
  primary key (district_id, audit_id),
  foreign key (district_id, audit_id) references audit (district_id, id)
);
alter table audit_erased enable row level security;
create policy tenant on audit_erased using (district_id = (select current_district()));
grant select on audit_erased to yibang_app;

-- What programs kept to answer a repeated request, and free words in the trail.
create function erase_traces(pupil student) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district constant text := current_district();
  words text[];
  subjects uuid[];
begin
  select array[pupil.id::text, upper(pupil.id::text), pupil.name] || coalesce(array_agg(g.name), '{}')
  into words from guardian g
  where g.district_id = district and g.student_id = pupil.id and g.name <> '监护人';
  -- Whoever repeats such a request is told that its answer is gone; it is not done again.
  update api_request a set results = '{}', status = 410, answer = ''
  where a.district_id = district
    and exists (
      select from unnest(words) as w (word)
      where position(convert_to(w.word, 'UTF8') in a.answer) > 0
        or position(w.word in a.results::text) > 0
    );
  select array_agg(q.id) into subjects from (
    select pupil.id as id
    union all
    select c.id from recognition_case c
    where c.district_id = district and c.student_id = pupil.id
    union all
    select v.id from revocation v where v.district_id = district and v.student_id = pupil.id
    union all
    select o.id from objection o
    join recognition_case c on c.district_id = o.district_id and c.id = o.case_id
    where o.district_id = district and c.student_id = pupil.id
    union all
    select p.id from pairing p where p.district_id = district and p.student_id = pupil.id
    union all
    select l.id from letter l where l.district_id = district and l.student_id = pupil.id
    union all
    select l.id from payment_line l where l.district_id = district and l.student_id = pupil.id
    union all
    select o.id from payout o where o.district_id = district and o.student_id = pupil.id
    union all
    select r.id from proposal_pair r where r.district_id = district and r.student_id = pupil.id
  ) as q;
  with erased as (
    update audit a
    set before = a.before - t.words, after = a.after - t.words
    from (
      values ('{reason,name,how,note,what,words,proof,title}'::text[])
    ) as t (words)
    where a.district_id = district and a.subject_id = any (subjects)
      and (a.before ?| t.words or a.after ?| t.words)
    returning a.id
  )
  insert into audit_erased (district_id, audit_id)
  select district, e.id from erased e
  on conflict do nothing;
  -- Who looked stays; the reason may name the child.
  update reveal set reason = '已删除'
  where district_id = district and subject = 'student' and subject_id = pupil.id;
end
$$;
revoke all on function erase_traces(student) from public;

-- Erases, by a person who did not ask for it, everything that tells who the child is or what its family
-- lives in. Rows that others rest on stay, as bare references.
create function erasure_decide(p_id uuid, p_on date, p_actor uuid) returns uuid
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  e erasure := erasure_lock(p_id, p_on);
  pupil student;
  obstacle text;
begin
  if e.proposed_by = p_actor then perform erasure_refuse('erasure_person'); end if;
  select * into pupil from student s
  where s.district_id = e.district_id and s.id = e.student_id
  for update;
  obstacle := erasure_obstacle(pupil.id);
  if obstacle is not null then perform erasure_refuse(obstacle); end if;

  perform erase_traces(pupil);
  perform erase_recognition(pupil.id);
  perform erase_payments(pupil.id);
  perform erase_pairings(pupil.id);

  -- Lists of departments name the child and the guardians by their hashes; those of a brother or
  -- sister's guardian stay.
  delete from comparison_entry c
  where c.district_id = e.district_id
    and c.resident_hash in (
      select pupil.resident_hash
      union all
      select g.resident_hash from guardian g
      where g.district_id = e.district_id and g.student_id = pupil.id
    )
    and not exists (
      select from guardian g
      where g.district_id = e.district_id and g.resident_hash = c.resident_hash
        and g.student_id <> pupil.id
    );
  update consent
  set given_by = '已删除', relation = null, proof = '已删除', proof_kind = 'erased',
    proof_sha256 = null, withdrawn_on = coalesce(withdrawn_on, greatest(p_on, given_on)),
    withdrawn_at = coalesce(withdrawn_at, clock_timestamp()),
    withdrawn_giver = coalesce(withdrawn_giver, 'guardian'), withdrawn_how = '已删除',
    withdrawn_actor = coalesce(withdrawn_actor, p_actor)
  where district_id = e.district_id and student_id = pupil.id;
  update consent_use set what = '已删除'
  where district_id = e.district_id and student_id = pupil.id;
  update guardian g
  set name = '已删除' || n.number, relation = null, private_sealed = null, phone_hash = null,
    resident_hash = null
  from (
    select k.id, row_number() over (order by k.id) as number from guardian k
    where k.district_id = e.district_id and k.student_id = pupil.id
  ) as n
  where g.district_id = e.district_id and g.id = n.id;
  update student
  set name = '已删除', gender = null, ethnicity = null, birth_month = null, grade = null,
    class_name = null, head_teacher = null, boarding = null, private_sealed = null,
    resident_hash = null, code_hash = null, import_id = null, updated_at = clock_timestamp(),
    erased_on = p_on
  where district_id = e.district_id and id = pupil.id;
  update erasure set state = 'done', reason = null, decided_on = p_on, decided_by = p_actor
  where district_id = e.district_id and id = e.id;
  update erasure set reason = null
  where district_id = e.district_id and student_id = pupil.id and reason is not null;
  return pupil.id;
end
$$;

-- How long a district keeps what it needs no more. years_after_aid: from the end of the last aid;
-- request_days: answers kept for repeated requests; session_days: sessions, tokens and links that ended.
create table retention_setting (
  district_id text not null references district (district_id),
  years_after_aid integer not null check (years_after_aid between 1 and 30),
  request_days integer not null check (request_days between 30 and 3650),
  session_days integer not null check (session_days between 30 and 3650),
  primary key (district_id)
);

create function retention_settings()
returns table (years_after_aid integer, request_days integer, session_days integer)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select coalesce(s.years_after_aid, 3), coalesce(s.request_days, 30), coalesce(s.session_days, 90)
  from (select current_district() as id) d
  left join retention_setting s on s.district_id = d.id;
end;

-- Deletes at most p_limit rows of each kind whose time is over. To be called until it deletes none.
create function retention_sweep(p_limit integer) returns table (what text, number bigint)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district constant text := current_district();
  requests timestamptz;
  sessions timestamptz;
begin
  if current_school() is not null then return; end if;
  select clock_timestamp() - make_interval(days => s.request_days),
    clock_timestamp() - make_interval(days => s.session_days)
  into requests, sessions from retention_settings() s;
  return query
  with gone as (
    delete from api_request r
    where (r.district_id, r.user_id, r.key) in (
      select q.district_id, q.user_id, q.key from api_request q
      where q.district_id = district and q.created_at < requests
      order by q.created_at
      limit p_limit
      for update skip locked
    )
    returning 1
  )
  select 'requests', count(*) from gone;
  -- A key may be used again after a school year; what it did is found by its record.
  return query
  with gone as (
    delete from idempotency r
    where (r.district_id, r.key) in (
      select q.district_id, q.key from idempotency q
      where q.district_id = district and q.created_at < requests - interval '1 year'
      limit p_limit
      for update skip locked
    )
    returning 1
  )
  select 'keys', count(*) from gone;
  return query
  with gone as (
    delete from login_session r
    where (r.district_id, r.id) in (
      select q.district_id, q.id from login_session q
      where q.district_id = district and least(q.revoked_at, q.expires_at) < sessions
      limit p_limit
      for update skip locked
    )
    returning 1
  )
  select 'sessions', count(*) from gone;
  return query
  with gone as (
    delete from access_token r
    where (r.district_id, r.id) in (
      select q.district_id, q.id from access_token q
      where q.district_id = district and least(q.revoked_at, q.expires_at) < sessions
      limit p_limit
      for update skip locked
    )
    returning 1
  )
  select 'tokens', count(*) from gone;
  return query
  with gone as (
    delete from one_time_link r
    where (r.district_id, r.id) in (
      select q.district_id, q.id from one_time_link q
      where q.district_id = district and least(q.used_at, q.expires_at) < sessions
      limit p_limit
      for update skip locked
    )
    returning 1
  )
  select 'links', count(*) from gone;
  return query
  with gone as (
    delete from sign_in_failure r
    where (r.district_id, r.bucket) in (
      select q.district_id, q.bucket from sign_in_failure q
      where q.district_id = district and q.last_at < requests
      order by q.last_at
      limit p_limit
      for update skip locked
    )
    returning 1
  )
  select 'failures', count(*) from gone;
  return query
  with gone as (
    delete from job r
    where (r.district_id, r.id) in (
      select q.district_id, q.id from job q
      where q.district_id = district and q.state in ('done', 'cancelled')
        and q.ended_at < sessions
      limit p_limit
      for update skip locked
    )
    returning 1
  )
  select 'jobs', count(*) from gone;
end
$$;

-- Pupils whose last aid ended before a day and of whom nothing is open, without an erasure proposed, or
-- declined within a year.
create function retention_due(p_before date, p_on date, p_limit integer)
returns table (student_id uuid, school_id uuid)
language sql stable security definer
set search_path = public, pg_temp
as $$
  select s.id, s.school_id from student s
  cross join lateral (
    select max(q.day) as day from (
      select r.valid_until as day from recognition r
      where r.district_id = s.district_id and r.student_id = s.id
      union all
      select p.ended_on from pairing p where p.district_id = s.district_id and p.student_id = s.id
      union all
      select b.paid_on from payment_line l
      join payment_batch b on b.district_id = l.district_id and b.id = l.batch_id
      where l.district_id = s.district_id and l.student_id = s.id
      union all
      select h.handed_on from goods_hand_out h
      where h.district_id = s.district_id and h.student_id = s.id
      union all
      -- What a roster said last.
      select (s.updated_at at time zone 'Asia/Shanghai')::date
    ) as q
  ) as last
  where s.district_id = current_district() and current_school() is null and s.erased_on is null
    and last.day < p_before
    and not exists (
      select from erasure e
      where e.district_id = s.district_id and e.student_id = s.id
        and (e.state = 'proposed' or e.decided_on > p_on - 365)
    )
    and erasure_obstacle(s.id) is null
  order by last.day, s.id
  limit p_limit
$$;

-- Proposes to erase what retention_due() finds. Nothing is erased before a person decides.
create function retention_propose(p_before date, p_on date, p_limit integer, p_actor uuid)
returns bigint
language sql security definer
set search_path = public, pg_temp
as $$
  with added as (
    insert into erasure (
      district_id, id, school_id, student_id, asked_by, proposed_on, proposed_by
    )
    select current_district(), gen_random_uuid(), d.school_id, d.student_id, 'retention', p_on,
      p_actor
    from retention_due(p_before, p_on, p_limit) d
    on conflict do nothing
    returning 1
  )
  select count(*) from added
$$;

alter table erasure enable row level security;
alter table retention_setting enable row level security;
create policy tenant on erasure using (
  district_id = (select current_district())
  and case when (select current_school()) is null then true
    else school_id = (select current_school()) end
);
create policy tenant on retention_setting using (district_id = (select current_district()));
grant select on erasure, retention_setting to yibang_app;
grant insert, update on retention_setting to yibang_app;

-- For the copy that a child or its guardian asks for (个人信息保护法 45): what was found of the family,
-- without who found it.
create function student_findings(p_student uuid)
returns table (
  id uuid, assessed_on date, method text, shows_hardship boolean, score integer, factors text [],
  private_sealed bytea
)
language sql stable security definer
set search_path = public, pg_temp
as $$
  select a.id, a.assessed_on, a.method, a.shows_hardship, a.score, a.factors, a.private_sealed
  from recognition_case c
  join case_assessment a on a.district_id = c.district_id and a.case_id = c.id
  where c.district_id = current_district() and c.student_id = p_student
    and (current_school() is null or c.school_id = current_school())
  order by a.assessed_on, a.id
$$;

-- The child's letters in their last version. A letter is its school's alone, here too.
create function student_letters(p_student uuid)
returns table (
  id uuid, version integer, written_on date, state text, form text, content_sealed bytea
)
language sql stable security definer
set search_path = public, pg_temp
as $$
  select l.id, l.version, l.written_on, l.state, l.form, c.content_sealed from letter l
  join letter_content c
    on c.district_id = l.district_id and c.letter_id = l.id and c.version = l.version
  where l.district_id = current_district() and l.student_id = p_student
    and l.school_id = current_school()
  order by l.written_on, l.id
$$;
