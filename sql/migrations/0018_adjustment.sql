-- Recognition by date: adjusted each semester with effect from the next, kept with its rules and
-- reasons whatever comes later; pupils who move to another school take it along.
-- Runs before the program serves, so no client waits for its locks. What is dropped is added again,
-- wider, in the next statements.
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint
-- squawk-ignore-file ban-drop-constraint, ban-drop-not-null, disallowed-unique-constraint
-- squawk-ignore-file adding-not-nullable-field

-- valid_from and valid_until: the first and the last day. replaced: another row took its place before
-- it came to hold.
alter table recognition
add column valid_from date,
add column valid_until date,
add column case_id uuid,
drop constraint recognition_once_a_year,
drop constraint recognition_state_check,
add constraint recognition_state check (state in ('filed', 'revoked', 'replaced'));

-- A sheet tells the tier of its whole school year, a case from its filing on.
update recognition
set valid_from = case
    when source like 'case %'
      then greatest(least(filed_on, make_date(school_year + 1, 8, 31)), make_date(school_year, 9, 1))
    else make_date(school_year, 9, 1)
  end,
  valid_until = make_date(school_year + 1, 8, 31),
  case_id = case when source like 'case %' then substring(source from 6)::uuid end;

alter table recognition
alter column valid_from set not null,
alter column valid_until set not null,
add constraint recognition_dates check (valid_from <= valid_until),
add foreign key (district_id, case_id) references recognition_case (district_id, id),
add constraint recognition_one_a_day exclude using gist (
  district_id with =, student_id with =, daterange(valid_from, valid_until, '[]') with &&
) where (state <> 'replaced');
create index recognition_by_student on recognition (district_id, student_id, valid_from);
revoke insert, update on recognition from yibang_app;

-- The first day of a semester: the district's own, else the calendar's.
create function semester_begins(p_semester integer) returns date
language sql stable
set search_path = public, pg_temp
begin atomic
  select coalesce(
    (
      select s.starts_on from semester s
      where s.district_id = current_district() and s.semester = p_semester
    ),
    make_date(p_semester / 2 + p_semester % 2, case p_semester % 2 when 0 then 9 else 2 end, 1)
  );
end;

-- The last day of a school year's recognition: 31 August, or before if the next year begins earlier.
create function recognition_ends(p_school_year integer) returns date
language sql stable
set search_path = public, pg_temp
begin atomic
  select least(make_date(p_school_year + 1, 8, 31), semester_begins(p_school_year * 2 + 2) - 1);
end;

-- The day whose recognition a semester's aid rests on, its last: what is decided for it in its course
-- counts, what was revoked does not.
create function recognition_day(p_semester integer) returns date
language sql stable
set search_path = public, pg_temp
begin atomic
  select least(
    coalesce(
      (
        select s.ends_on from semester s
        where s.district_id = current_district() and s.semester = p_semester
      ),
      semester_begins(p_semester + 1) - 1
    ),
    recognition_ends(p_semester / 2)
  );
end;

-- Makes room for what holds of pupils from one day to another: what began before ends the day before,
-- what would begin later is replaced. Whoever changes the recognition of a pupil holds its row.
create function recognition_clear(p_students uuid[], p_from date, p_until date) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform from student s
  where s.district_id = current_district() and s.id = any (p_students)
  order by s.id
  for no key update;
  update recognition r set state = 'replaced'
  where r.district_id = current_district() and r.student_id = any (p_students)
    and r.state <> 'replaced' and r.valid_from between p_from and p_until;
  update recognition r set valid_until = p_from - 1
  where r.district_id = current_district() and r.student_id = any (p_students)
    and r.state <> 'replaced' and r.valid_from < p_from and r.valid_until >= p_from;
end
$$;
revoke all on function recognition_clear(uuid[], date, date) from public;

-- Keeps the recognition of pupils in a school year as it is until the transaction ends.
create function recognition_hold(p_students uuid[], p_school_year integer) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform from recognition r
  where r.district_id = current_district() and r.student_id = any (p_students)
    and r.school_year = p_school_year and r.state <> 'replaced'
    and (current_school() is null or r.school_id = current_school())
  order by r.id
  for share;
end
$$;

-- What a sheet of a semester says, from the semester's first day to the end of the school year. It
-- never takes the place of what was decided in a case, or revoked.
create function recognition_import(
  p_school uuid, p_semester integer, p_rule_set text, p_rule_version integer, p_filed_on date,
  p_source text, p_actor uuid, p_ids uuid[], p_students uuid[], p_tiers text[],
  p_categories text[], p_reasons jsonb[]
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  begins date := semester_begins(p_semester);
  ends date := recognition_ends(p_semester / 2);
  taken uuid[];
begin
  if current_school() is not null and p_school <> current_school() then
    raise insufficient_privilege using message = 'the pupils are of another school';
  end if;
  perform from student s
  where s.district_id = current_district() and s.id = any (p_students)
  order by s.id
  for no key update;
  select array_agg(u.student_id) into taken from unnest(p_students) as u (student_id)
  where not exists (
    select from recognition r
    where r.district_id = current_district() and r.student_id = u.student_id
      and (r.case_id is not null or r.state = 'revoked') and r.state <> 'replaced'
      and r.valid_until >= begins and r.valid_from <= ends
  );
  perform recognition_clear(taken, begins, ends);
  insert into recognition (
    district_id, school_id, school_year, rule_set, rule_version, state, filed_on, source, actor_id,
    valid_from, valid_until, id, student_id, tier, category, reasons
  )
  select current_district(), p_school, p_semester / 2, p_rule_set, p_rule_version, 'filed',
    p_filed_on, p_source, p_actor, begins, ends, u.id, u.student_id, u.tier, u.category, u.reasons
  from unnest(p_ids, p_students, p_tiers, p_categories, p_reasons)
    as u (id, student_id, tier, category, reasons)
  join unnest(taken) as t (student_id) on t.student_id = u.student_id;
end
$$;

-- adjusts: the semester in whose course it is held, to take effect in the next; null: the yearly one.
alter table recognition_round
add column adjusts integer,
drop constraint recognition_round_once,
add constraint recognition_round_once
unique nulls not distinct (district_id, school_id, school_year, adjusts),
add constraint recognition_round_adjusts check (adjusts / 2 = school_year);

-- A case stays with the school that decides it, also when the pupil moves.
-- reassesses: what was in force when an adjustment began; changed_sealed: what has changed (AAD
-- recognition_case:id:changed).
alter table recognition_case
drop constraint recognition_case_district_id_school_id_student_id_fkey,
add foreign key (district_id, student_id) references student (district_id, id),
add foreign key (district_id, school_id) references school (district_id, id),
add column started_by text not null default 'family' check (started_by in ('family', 'school')),
add column reassesses uuid,
add column changed_sealed bytea,
alter column guardian_id drop not null,
add constraint recognition_case_guardian check (
  (started_by = 'school') = (guardian_id is null) and (started_by = 'family' or reassesses is not null)
),
add foreign key (district_id, reassesses) references recognition (district_id, id);
create index recognition_case_by_student on recognition_case (district_id, student_id);

-- reason: why it was withdrawn, if not at the family's wish.
alter table recognition_step
add column reason text check (reason in ('transferred', 'revoked'));

create function case_is_open(p_state text) returns boolean
language sql immutable
return p_state not in ('not_nominated', 'rejected', 'filed', 'withdrawn');

-- The round, if an application of that day belongs to it.
create function case_round(p_round uuid, p_on date) returns recognition_round
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  r recognition_round;
begin
  select * into r from recognition_round q
  where q.district_id = current_district() and q.id = p_round
    and (current_school() is null or q.school_id = current_school())
  for share;
  if not found then perform case_refuse('case_round_known'); end if;
  if p_on < r.announced_on then perform case_refuse('case_announced'); end if;
  if p_on > r.apply_by then perform case_refuse('case_apply_by'); end if;
  return r;
end
$$;
revoke all on function case_round(uuid, date) from public;

-- Writes a case and its first step. A pupil has one open case at a time.
create function case_begin(
  r recognition_round, p_id uuid, p_student uuid, p_guardian uuid, p_claims text[],
  p_changed bytea, p_reassesses uuid, p_applied_on date, p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform from student s
  where s.district_id = r.district_id and s.id = p_student and s.school_id = r.school_id
  for no key update;
  if not found then perform case_refuse('case_pupil_of_school'); end if;
  if p_guardian is not null and not exists (
    select from guardian g
    where g.district_id = r.district_id and g.id = p_guardian and g.student_id = p_student
  ) then
    perform case_refuse('case_guardian');
  end if;
  if exists (
    select from recognition_case c
    where c.district_id = r.district_id and c.student_id = p_student and c.round_id <> r.id
      and case_is_open(c.state)
  ) then
    perform case_refuse('case_open_already');
  end if;
  insert into recognition_case (
    district_id, id, school_id, student_id, round_id, guardian_id, applied_on, claims, step_since,
    started_by, reassesses, changed_sealed
  )
  values (
    r.district_id, p_id, r.school_id, p_student, r.id, p_guardian, p_applied_on, p_claims, p_on,
    case when p_guardian is null then 'school' else 'family' end, p_reassesses, p_changed
  );
  insert into recognition_step (district_id, case_id, attempt, state, on_date, actor_id)
  values (r.district_id, p_id, 1, 'applied', p_on, p_actor);
end
$$;
revoke all on function case_begin(
  recognition_round, uuid, uuid, uuid, text[], bytea, uuid, date, date, uuid
) from public;

create or replace function case_apply(
  p_id uuid, p_round uuid, p_student uuid, p_guardian uuid, p_signed boolean, p_claims text[],
  p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  r recognition_round := case_round(p_round, p_on);
begin
  if r.adjusts is not null then perform case_refuse('case_says_change'); end if;
  if not p_signed then perform case_refuse('case_signed'); end if;
  perform case_begin(
    r, p_id, p_student, coalesce(p_guardian, p_id), p_claims, null, null, p_on, p_on, p_actor);
end
$$;

-- What has changed since the yearly recognition, told by a guardian or, of a recognised pupil, by the
-- school: then p_guardian is null.
create function case_apply_change(
  p_id uuid, p_round uuid, p_student uuid, p_guardian uuid, p_signed boolean, p_claims text[],
  p_changed bytea, p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  r recognition_round := case_round(p_round, p_on);
  present uuid;
begin
  if r.adjusts is null then perform case_refuse('case_no_adjustment'); end if;
  if p_changed is null then perform case_refuse('case_says_change'); end if;
  if p_guardian is not null and not p_signed then perform case_refuse('case_signed'); end if;
  select q.id into present from recognition q
  where q.district_id = r.district_id and q.student_id = p_student and q.state = 'filed'
    and p_on between q.valid_from and q.valid_until;
  if present is null and p_guardian is null then perform case_refuse('case_nothing_present'); end if;
  perform case_begin(
    r, p_id, p_student, p_guardian, p_claims, p_changed, present, p_on, p_on, p_actor);
end
$$;

-- One member's vote. More than half of all members, three or more, agreeing decides; as soon as that
-- cannot be reached any more, the case goes back to be assessed anew. That a pupil is no longer
-- recognised is a decision like another, with a notice and a filing of its own.
create or replace function case_cast_vote(
  p_case uuid, p_agrees boolean, p_on date, p_actor uuid
)
returns text
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(p_case, '{assessed}', p_on);
  members bigint;
  for_it bigint;
  against bigint;
  result text := 'assessed';
begin
  select count(*) into members from leading_group g
  where g.district_id = c.district_id and g.school_id = c.school_id and g.since <= p_on
    and (g.until is null or g.until >= p_on);
  if members < 3 then perform case_refuse('case_group_small'); end if;
  if not exists (
    select from leading_group g
    where g.district_id = c.district_id and g.school_id = c.school_id and g.user_id = p_actor
      and g.since <= p_on and (g.until is null or g.until >= p_on)
  ) then
    perform case_refuse('case_not_member');
  end if;
  if c.proposed_by = p_actor then perform case_refuse('case_proposer_votes'); end if;
  insert into case_vote (district_id, case_id, attempt, user_id, agrees, voted_on)
  values (c.district_id, c.id, c.attempt, p_actor, p_agrees, p_on);
  select count(*) filter (where v.agrees), count(*) filter (where not v.agrees)
  into for_it, against from case_vote v
  where v.district_id = c.district_id and v.case_id = c.id and v.attempt = c.attempt;
  if for_it * 2 > members then
    result := case when c.tier is null and c.reassesses is null then 'rejected' else 'decided' end;
    perform case_move(c, result, c.attempt, p_on, p_actor);
  elsif against * 2 >= members then
    result := 'nominated';
    perform case_move(c, result, c.attempt + 1, p_on, p_actor);
  end if;
  return result;
end
$$;

-- Posts these cases, each with the name as it is shown, in this order. tier 'none': no longer
-- recognised.
create or replace function notice_post(
  p_id uuid, p_round uuid, p_posted_on date, p_ends_on date, p_cases uuid[], p_names text[],
  p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  r recognition_round;
  c recognition_case;
  posted record;
begin
  select * into r from recognition_round q
  where q.district_id = current_district() and q.id = p_round
    and (current_school() is null or q.school_id = current_school())
  for share;
  if not found then perform case_refuse('case_round_known'); end if;
  if cardinality(p_cases) = 0 then perform case_refuse('notice_empty'); end if;
  insert into notice (district_id, id, school_id, round_id, posted_on, ends_on, actor_id)
  values (r.district_id, p_id, r.school_id, r.id, p_posted_on, p_ends_on, p_actor);
  for posted in
    select p.id, p.name, p.line
    from unnest(p_cases, p_names) with ordinality as p (id, name, line)
    order by p.id
  loop
    c := case_lock(posted.id, '{decided}', p_posted_on);
    if c.round_id <> r.id then perform case_refuse('case_known'); end if;
    insert into notice_line (
      district_id, notice_id, line, case_id, masked_name, grade, class_name, tier
    )
    select c.district_id, p_id, posted.line, c.id, posted.name, s.grade, s.class_name,
      coalesce(c.tier, 'none')
    from student s
    where s.district_id = c.district_id and s.id = c.student_id;
    perform case_move(c, 'on_notice', c.attempt, p_posted_on, p_actor);
  end loop;
end
$$;

-- Files a case after its notice, unless an objection to it or to the notice is open. The yearly
-- recognition holds from the day of filing, an adjustment from the first day of the next semester;
-- both until the school year ends.
create or replace function case_file(
  p_case uuid, p_recognition uuid, p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(p_case, '{on_notice}', p_on);
  r recognition_round;
  n notice;
  year integer;
  begins date;
  ends date;
begin
  -- An objection that is being filed holds the notice.
  select q.* into n from notice q
  join notice_line l on l.district_id = q.district_id and l.notice_id = q.id
  where l.district_id = c.district_id and l.case_id = c.id and l.taken_off_on is null
  for update of q;
  if p_on <= n.ends_on then perform case_refuse('case_notice_ended'); end if;
  if exists (
    select from objection o
    where o.district_id = c.district_id and o.notice_id = n.id and o.answered_on is null
      and (o.case_id is null or o.case_id = c.id)
  ) then
    perform case_refuse('case_objection_open');
  end if;
  select * into r from recognition_round q
  where q.district_id = c.district_id and q.id = c.round_id;
  if r.adjusts is null then
    year := r.school_year;
    begins := greatest(p_on, semester_begins(year * 2));
  else
    year := (r.adjusts + 1) / 2;
    select greatest(p_on, s.starts_on) into begins from semester s
    where s.district_id = c.district_id and s.semester = r.adjusts + 1;
    if not found then perform case_refuse('case_next_semester'); end if;
  end if;
  ends := recognition_ends(year);
  if begins > ends then perform case_refuse('case_year_over'); end if;
  perform case_move(c, 'filed', c.attempt, p_on, p_actor);
  perform recognition_clear(array[c.student_id], begins, ends);
  if c.tier is null then return; end if;
  insert into recognition (
    district_id, id, school_id, student_id, school_year, tier, category, rule_set, rule_version,
    state, filed_on, source, reasons, actor_id, valid_from, valid_until, case_id
  )
  values (
    c.district_id, p_recognition, c.school_id, c.student_id, year, c.tier, c.category,
    r.rule_set, r.rule_version, 'filed', p_on, 'case ' || c.id, coalesce(c.reasons, '{}'), p_actor,
    begins, ends, c.id
  );
end
$$;

-- Locks a batch, the one that it follows first, and refuses other states than these. The refusal's
-- constraint names the state that it is in. Not against whoever refers to a batch: a batch that follows
-- another refers to it before it locks it.
create or replace function payment_batch_lock(p_batch uuid, p_states text[]) returns payment_batch
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
  for no key update;
  select * into b from payment_batch
  where district_id = current_district() and id = p_batch
    and (current_school() is null or school_id = current_school())
  for no key update;
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

-- Refuses a batch of which a pupil is not, or no longer, recognised (plans: stop the money). A
-- revocation that is under way is waited for, and waits for what is under way here.
create or replace function payment_require_recognition(b payment_batch) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  day date := recognition_day(b.semester);
begin
  if not b.needs_recognition then return; end if;
  perform from payment_line l
  join recognition r
    on r.district_id = l.district_id and r.student_id = l.student_id and r.state = 'filed'
    and day between r.valid_from and r.valid_until
  where l.district_id = b.district_id and l.batch_id = b.id
  order by r.id
  for share of r;
  if exists (
    select from payment_line l
    left join recognition r
      on r.district_id = l.district_id and r.student_id = l.student_id and r.state = 'filed'
      and day between r.valid_from and r.valid_until
    where l.district_id = b.district_id and l.batch_id = b.id and r.id is null
  ) then
    raise check_violation using message = 'a pupil is not recognised',
      constraint = 'payment_recognised', table = 'payment_line';
  end if;
end
$$;

-- A pupil on the way from one school to another: proposed by the old school and accepted by the new,
-- or both by the district.
create table student_move (
  district_id text not null,
  id uuid not null,
  student_id uuid not null,
  from_school uuid not null,
  to_school uuid not null,
  moves_on date not null,
  state text not null default 'proposed' check (state in ('proposed', 'done', 'cancelled')),
  proposed_by uuid not null,
  proposed_at timestamptz not null default clock_timestamp(),
  accepted_by uuid,
  accepted_at timestamptz,
  primary key (district_id, id),
  foreign key (district_id, student_id) references student (district_id, id),
  foreign key (district_id, from_school) references school (district_id, id),
  foreign key (district_id, to_school) references school (district_id, id),
  foreign key (district_id, proposed_by) references app_user (district_id, id),
  foreign key (district_id, accepted_by) references app_user (district_id, id),
  constraint student_move_elsewhere check (to_school <> from_school),
  constraint student_move_accepted check (
    (state = 'done') = (accepted_by is not null)
    and (accepted_by is null) = (accepted_at is null)
  )
);
create unique index student_move_once
on student_move (district_id, student_id) where state = 'proposed';
create index student_move_by_student on student_move (district_id, student_id, moves_on);

-- p_to: the new school's code, since a school does not see another's row.
create function move_propose(
  p_id uuid, p_student uuid, p_to text, p_on date, p_today date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  pupil student;
  target uuid;
begin
  select * into pupil from student s
  where s.district_id = current_district() and s.id = p_student
    and (current_school() is null or s.school_id = current_school())
  for no key update;
  if not found then perform case_refuse('move_pupil'); end if;
  select s.id into target from school s
  where s.district_id = pupil.district_id and s.code = p_to;
  if not found then perform case_refuse('move_school'); end if;
  if p_on > p_today then perform case_refuse('move_not_yet'); end if;
  if exists (
    select from student_move m
    where m.district_id = pupil.district_id and m.student_id = pupil.id and m.state = 'done'
      and m.moves_on > p_on
  ) then
    perform case_refuse('move_before');
  end if;
  insert into student_move (
    district_id, id, student_id, from_school, to_school, moves_on, proposed_by
  )
  values (pupil.district_id, p_id, pupil.id, pupil.school_id, target, p_on, p_actor);
end
$$;

create function move_lock(p_move uuid) returns student_move
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  m student_move;
begin
  select * into m from student_move q
  where q.district_id = current_district() and q.id = p_move
    and (current_school() is null or current_school() in (q.from_school, q.to_school))
  for update;
  if not found then perform case_refuse('move_known'); end if;
  if m.state <> 'proposed' then perform case_refuse('move_state_' || m.state); end if;
  return m;
end
$$;
revoke all on function move_lock(uuid) from public;

create function move_cancel(p_move uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  m student_move := move_lock(p_move);
begin
  update student_move set state = 'cancelled'
  where district_id = m.district_id and id = m.id;
end
$$;

-- The new school takes the pupil: guardians, consents, recognition, pairing and goods follow. An open
-- case ends here, and begins anew in the round of the same kind there, if one is open: its
-- application was in time. Lines of payment batches stay, since the old school still owes them.
-- Returns the pupil, and how many cases ended and went on: 0 or 1.
create function move_accept(p_move uuid, p_case uuid, p_today date, p_actor uuid)
returns table (student_id uuid, withdrawn bigint, continued bigint)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  m student_move := move_lock(p_move);
  c recognition_case;
  r recognition_round;
begin
  if current_school() is not null and current_school() <> m.to_school then
    perform case_refuse('move_other_side');
  end if;
  if m.moves_on > p_today then perform case_refuse('move_not_yet'); end if;
  -- In the order in which a filing locks them.
  select * into c from recognition_case q
  where q.district_id = m.district_id and q.student_id = m.student_id and case_is_open(q.state)
  for update;
  withdrawn := 0;
  continued := 0;
  student_id := m.student_id;
  if c.id is not null then
    update notice_line set taken_off_on = m.moves_on
    where district_id = c.district_id and case_id = c.id and taken_off_on is null;
    update recognition_case set state = 'withdrawn', step_since = greatest(m.moves_on, step_since)
    where district_id = c.district_id and id = c.id;
    insert into recognition_step (district_id, case_id, attempt, state, on_date, actor_id, reason)
    values (
      c.district_id, c.id, c.attempt, 'withdrawn', greatest(m.moves_on, c.step_since), p_actor,
      'transferred'
    );
    withdrawn := 1;
  end if;
  update student s
  set school_id = m.to_school, class_name = null, head_teacher = null, updated_at = now()
  where s.district_id = m.district_id and s.id = m.student_id and s.school_id = m.from_school;
  if not found then perform case_refuse('move_gone'); end if;
  update student_move set state = 'done', accepted_by = p_actor, accepted_at = clock_timestamp()
  where district_id = m.district_id and id = m.id;
  if withdrawn = 1 then
    select t.* into r from recognition_round f
    join recognition_round t
      on t.district_id = f.district_id and t.school_id = m.to_school
      and t.school_year = f.school_year and t.adjusts is not distinct from f.adjusts
    where f.district_id = c.district_id and f.id = c.round_id and t.decide_by >= m.moves_on
      and not exists (
        select from recognition_case k
        where k.district_id = t.district_id and k.round_id = t.id and k.student_id = m.student_id
      )
    for share of t;
    if r.id is not null then
      perform case_begin(
        r, p_case, m.student_id, c.guardian_id, c.claims, null, c.reassesses, c.applied_on,
        greatest(m.moves_on, c.applied_on), p_actor);
      continued := 1;
    end if;
  end if;
  return next;
end
$$;

-- Moves from or to the caller's school, and those of its present pupils: names are for the caller to
-- mask.
create function student_moves(p_student uuid, p_open boolean)
returns table (
  id uuid, student_id uuid, name text, grade text, from_school text, to_school text, moves_on date,
  state text, incoming boolean
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select m.id, m.student_id, s.name, s.grade, f.name, t.name, m.moves_on, m.state,
    m.to_school is not distinct from current_school()
  from student_move m
  join student s on s.district_id = m.district_id and s.id = m.student_id
  join school f on f.district_id = m.district_id and f.id = m.from_school
  join school t on t.district_id = m.district_id and t.id = m.to_school
  where m.district_id = current_district() and (p_student is null or m.student_id = p_student)
    and (not p_open or m.state = 'proposed')
    and (
      current_school() is null or current_school() in (m.from_school, m.to_school, s.school_id)
    )
  order by m.moves_on, m.proposed_at;
end;

alter table student_move enable row level security;
create policy tenant on student_move using (
  district_id = (select current_district())
  and (
    (select current_school()) is null or (select current_school()) in (from_school, to_school)
  )
);
grant select on student_move to yibang_app;
