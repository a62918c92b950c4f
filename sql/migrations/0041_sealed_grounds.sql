-- What a family's case rests on is sealed; refused looks, a sponsor's payments in another's place and old
-- deliveries of webhooks follow below. Sealed: what a family claims, what the panel found and answered, why the
-- rules decided so and what excludes. A step of the program, which holds the key, seals what older
-- versions wrote in clear and then takes the clear columns away: they are there no longer once it ended.
-- Runs before the program serves, so no client waits for its locks.
-- squawk-ignore-file ban-drop-function, ban-drop-not-null, constraint-missing-not-valid, ban-drop-constraint, adding-not-nullable-field

-- AAD recognition_case:id:claims and :grounds, case_assessment:id:grounds; each a JSON value. Empty once
-- erased.
alter table recognition_case add column claims_sealed bytea, add column grounds_sealed bytea;
alter table recognition_case alter column claims set default '{}';
alter table case_assessment add column grounds_sealed bytea;

drop function case_begin(
  recognition_round, uuid, uuid, uuid, text[], bytea, uuid, date, date, uuid
);
drop function case_apply(uuid, uuid, uuid, uuid, boolean, text[], date, uuid);
drop function case_apply_change(uuid, uuid, uuid, uuid, boolean, text[], bytea, date, uuid);
drop function case_assess(
  uuid, uuid, text, boolean, integer, text[], jsonb, bytea, date, uuid
);
drop function case_findings(uuid, uuid);
drop function case_panel_facts(uuid);
drop function case_set_disqualifiers(uuid, text[], date);
drop function case_propose(uuid, text, text, jsonb, bytea, date, uuid);
drop function recognition_facts(integer, uuid);
drop function student_findings(uuid);
drop function move_accept(uuid, uuid, date, uuid);

-- Writes a case and its first step. A pupil has one open case at a time.
create function case_begin(
  r recognition_round, p_id uuid, p_student uuid, p_guardian uuid, p_claims bytea,
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
    district_id, id, school_id, student_id, round_id, guardian_id, applied_on, claims_sealed,
    step_since, started_by, reassesses, changed_sealed
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
  recognition_round, uuid, uuid, uuid, bytea, bytea, uuid, date, date, uuid
) from public;

create function case_apply(
  p_id uuid, p_round uuid, p_student uuid, p_guardian uuid, p_signed boolean, p_claims bytea,
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
  p_id uuid, p_round uuid, p_student uuid, p_guardian uuid, p_signed boolean, p_claims bytea,
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

create function case_assess(
  p_id uuid, p_case uuid, p_method text, p_shows_hardship boolean, p_score integer,
  p_grounds bytea, p_sealed bytea, p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(p_case, '{nominated}', p_on);
begin
  if not exists (
    select from case_assessor a
    where a.district_id = c.district_id and a.case_id = c.id and a.attempt = c.attempt
      and a.user_id = p_actor
  ) then
    perform case_refuse('case_not_on_panel');
  end if;
  insert into case_assessment (
    district_id, id, case_id, attempt, method, assessor_id, assessed_on, shows_hardship, score,
    grounds_sealed, private_sealed
  )
  values (
    c.district_id, p_id, c.id, c.attempt, p_method, p_actor, p_on, p_shows_hardship, p_score,
    p_grounds, p_sealed
  );
end
$$;

-- The findings of a case's present attempt. Until all are in, each assessor sees its own alone.
create function case_findings(p_case uuid, p_reader uuid)
returns table (
  id uuid, method text, assessor text, assessed_on date, shows_hardship boolean, score integer,
  private_sealed bytea, grounds_sealed bytea
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select a.id, a.method, u.login, a.assessed_on,
    case when v.visible then a.shows_hardship end, case when v.visible then a.score end,
    case when v.visible then a.private_sealed end,
    case when v.visible then a.grounds_sealed end
  from recognition_case c
  join case_assessment a
    on a.district_id = c.district_id and a.case_id = c.id and a.attempt = c.attempt
  join app_user u on u.district_id = a.district_id and u.id = a.assessor_id
  cross join lateral (
    select a.assessor_id = p_reader or case_panel_is_in(c.id, c.attempt) as visible
  ) as v
  where c.district_id = current_district() and c.id = p_case
    and (current_school() is null or c.school_id = current_school())
  order by a.assessed_on, a.id;
end;

-- What the panel found, for the rules: only once all of it is in.
create function case_panel_facts(p_case uuid)
returns table (id uuid, shows_hardship boolean, score integer, grounds_sealed bytea)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select a.id, a.shows_hardship, a.score, a.grounds_sealed
  from recognition_case c
  join case_assessment a
    on a.district_id = c.district_id and a.case_id = c.id and a.attempt = c.attempt
  where c.district_id = current_district() and c.id = p_case
    and (current_school() is null or c.school_id = current_school())
    and case_panel_is_in(c.id, c.attempt)
  order by a.id;
end;

-- What the school proposes once all findings are in; a null tier proposes not to recognise.
create function case_propose(
  p_case uuid, p_tier text, p_category text, p_grounds bytea, p_sealed bytea, p_on date,
  p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(p_case, '{nominated}', p_on);
begin
  if not case_panel_is_in(c.id, c.attempt) then perform case_refuse('case_panel_in'); end if;
  update recognition_case
  set tier = p_tier, category = p_category, grounds_sealed = p_grounds,
    private_sealed = p_sealed, proposed_by = p_actor
  where district_id = c.district_id and id = c.id;
  perform case_move(c, 'assessed', c.attempt, p_on, p_actor);
end
$$;

-- Why it was decided stays with the case.
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
    r.rule_set, r.rule_version, 'filed', p_on, 'case ' || c.id, '{}', p_actor,
    begins, ends, c.id
  );
end
$$;

update recognition set reasons = '{}' where case_id is not null;

-- The new school takes the pupil: guardians, consents, recognition, pairing and goods follow. An open
-- case ends here, and begins anew in the round of the same kind there, if one is open: its
-- application was in time. Lines of payment batches stay, since the old school still owes them.
-- Returns the pupil, how many cases ended and went on, 0 or 1, and what the ended one claims: sealed for
-- its place, it is to be sealed anew for the new one.
create function move_accept(p_move uuid, p_case uuid, p_today date, p_actor uuid)
returns table (
  student_id uuid, withdrawn bigint, continued bigint, ended_case uuid, claims_sealed bytea
)
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
        r, p_case, m.student_id, c.guardian_id, '', null, c.reassesses, c.applied_on,
        greatest(m.moves_on, c.applied_on), p_actor);
      continued := 1;
      ended_case := c.id;
      claims_sealed := c.claims_sealed;
    end if;
  end if;
  return next;
end
$$;

-- What a case claims that began anew in another school.
create function case_claims_follow(p_case uuid, p_claims bytea) returns void
language sql security definer
set search_path = public, pg_temp
as $$
  update recognition_case c set claims_sealed = p_claims
  where c.district_id = current_district() and c.id = p_case and c.state = 'applied'
    and octet_length(c.claims_sealed) = 0
    and (current_school() is null or c.school_id = current_school())
$$;

-- What is known of each pupil whose recognition of a school year was decided, by which it can be
-- decided again under other rules: of the case that decided it last, or of the roster where there is
-- no case. Scores and findings come without whose they are.
create function recognition_facts(p_year integer, p_school uuid)
returns table (
  student_id uuid, school text, grade text, class_name text, name text, tier text, category text,
  rule_set text, rule_version integer, case_id uuid, claims_sealed bytea,
  grounds_sealed bytea, proof_categories text [], proof_departments text [], proof_forms text [],
  scores integer [], finding_ids uuid [], findings_show boolean [], findings_sealed bytea []
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select s.id, h.name, s.grade, s.class_name, s.name, r.tier, r.category,
    coalesce(c.rule_set, r.rule_set), coalesce(c.rule_version, r.rule_version), c.id,
    c.claims_sealed, c.grounds_sealed, p.categories, p.departments, p.forms, a.scores, f.ids,
    f.show, f.sealed
  from student s
  join school h on h.district_id = s.district_id and h.id = s.school_id
  left join lateral (
    select k.id, k.tier, k.category, k.rule_set, k.rule_version, k.case_id from recognition k
    where k.district_id = s.district_id and k.student_id = s.id and k.school_year = p_year
      and k.state = 'filed'
    order by k.valid_from desc
    limit 1
  ) as r on true
  left join lateral (
    select k.id, k.attempt, k.claims_sealed, k.grounds_sealed, q.rule_set, q.rule_version
    from recognition_case k
    join recognition_round q on q.district_id = k.district_id and q.id = k.round_id
    where k.district_id = s.district_id and k.student_id = s.id and q.school_year = p_year
      and (k.id = r.case_id or (r.id is null and k.state in ('filed', 'rejected')))
    order by k.step_since desc, k.id desc
    limit 1
  ) as c on true
  left join lateral (
    select array_agg(k.category order by k.id) as categories,
      array_agg(k.department order by k.id) as departments,
      array_agg(k.form order by k.id) as forms
    from case_proof k
    where k.district_id = s.district_id and k.case_id = c.id and k.attempt = c.attempt
  ) as p on true
  left join lateral (
    select array_agg(k.score order by k.id) as scores
    from case_assessment k
    where k.district_id = s.district_id and k.case_id = c.id and k.attempt = c.attempt
      and k.score is not null
  ) as a on true
  left join lateral (
    select array_agg(k.id order by k.id) as ids, array_agg(k.shows_hardship order by k.id) as show,
      array_agg(k.grounds_sealed order by k.id) as sealed
    from case_assessment k
    where k.district_id = s.district_id and k.case_id = c.id and k.attempt = c.attempt
      and k.grounds_sealed is not null
  ) as f on true
  where s.district_id = current_district()
    and (current_school() is null or s.school_id = current_school())
    and (p_school is null or s.school_id = p_school)
    and (r.id is not null or c.id is not null);
end;

-- For the copy that a child or its guardian asks for (个人信息保护法 45): what was found of the family,
-- without who found it.
create function student_findings(p_student uuid)
returns table (
  id uuid, assessed_on date, method text, shows_hardship boolean, score integer,
  grounds_sealed bytea, private_sealed bytea
)
language sql stable security definer
set search_path = public, pg_temp
as $$
  select a.id, a.assessed_on, a.method, a.shows_hardship, a.score, a.grounds_sealed,
    a.private_sealed
  from recognition_case c
  join case_assessment a on a.district_id = c.district_id and a.case_id = c.id
  where c.district_id = current_district() and c.student_id = p_student
    and (current_school() is null or c.school_id = current_school())
  order by a.assessed_on, a.id
$$;

-- The family's side of the recognition of a pupil, and what others wrote of it.
create or replace function erase_recognition(p_student uuid) returns void
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
  set claims_sealed = '', grounds_sealed = null, private_sealed = null, changed_sealed = null
  where district_id = district and id = any (cases);
  update case_assessment set private_sealed = null, grounds_sealed = null
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

-- Looks at private data that were refused. school_id: of who asked, else of whom it was about.
-- subject_id: as it was asked for; there need be no such person.
create table reveal_refused (
  district_id text not null,
  id uuid not null,
  school_id uuid,
  at timestamptz not null default statement_timestamp(),
  actor_id uuid not null,
  login text not null,
  role text not null,
  way text not null,
  subject text check (subject in ('student', 'donor')),
  subject_id uuid,
  code text not null,
  primary key (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id),
  constraint reveal_refused_subject check ((subject is null) = (subject_id is null))
);
create index reveal_refused_by_time on reveal_refused (district_id, at, id);
create index reveal_refused_by_login on reveal_refused (district_id, login, at, id);
alter table reveal_refused enable row level security;
create policy tenant on reveal_refused using (
  district_id = (select current_district())
  and case when (select current_school()) is null then true
    else school_id = (select current_school()) end
);
grant select, insert on reveal_refused to yibang_app;

-- A sponsor finds what it paid in another's place too, with the transfer: its day and amount, whose pupil
-- it was for is not to be found.
do $$
declare
  p record;
  wider text;
begin
  for p in
    select c.relname::text as relname, pg_get_expr(o.polqual, o.polrelid) as uses,
      case c.relname
        when 'instalment_receipt' then 'payer_id = any ((select own_donors())::uuid[])'
        else 'receipt_id in (select r.id from instalment_receipt r)'
      end as own
    from pg_policy o
    join pg_class c on c.oid = o.polrelid
    where c.relnamespace = 'public'::regnamespace and o.polname = 'tenant'
      and c.relname in ('instalment_receipt', 'pairing_balance')
  loop
    wider := regexp_replace(
      p.uses, '(WHEN ''sponsor''::text THEN )(.*?)(\s+WHEN ''assessor''::text)',
      '\1(\2 or ' || p.own || ')\3');
    if wider = p.uses then raise exception 'no sponsor in the policy of %', p.relname; end if;
    execute format('alter policy tenant on %I using %s', p.relname, wider);
  end loop;
end
$$;

-- For a sponsor's own statement: what these records of its own paid for others' pupils, and for which
-- semester. Whoever is no sponsor reads it where it stands.
create function sponsor_paid_for_others(p_records uuid [])
returns table (receipt_id uuid, semester integer)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select r.id, i.semester from instalment_receipt r
  join instalment i on i.district_id = r.district_id and i.id = r.instalment_id
  join commitment m on m.district_id = i.district_id and m.id = i.commitment_id
  join pairing g on g.district_id = m.district_id and g.id = m.pairing_id
  where acting_role() = 'sponsor' and r.district_id = current_district()
    and r.payer_id = any (p_records) and r.payer_id = any (own_donors())
    and g.donor_id <> all (own_donors());
end;

-- delivery_days: what webhooks delivered.
alter table retention_setting
add column delivery_days integer not null default 30 check (delivery_days between 30 and 3650);
create index webhook_delivery_delivered on webhook_delivery (district_id, ended_at)
where state = 'delivered';
grant delete on webhook_delivery to yibang_app;

drop function retention_settings();
create function retention_settings()
returns table (
  years_after_aid integer, request_days integer, session_days integer, delivery_days integer
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select coalesce(s.years_after_aid, 3), coalesce(s.request_days, 30), coalesce(s.session_days, 90),
    coalesce(s.delivery_days, 30)
  from (select current_district() as id) d
  left join retention_setting s on s.district_id = d.id;
end;

-- Deletes at most p_limit rows of each kind whose time is over. To be called until it deletes none.
create or replace function retention_sweep(p_limit integer) returns table (what text, number bigint)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district constant text := current_district();
  requests timestamptz;
  sessions timestamptz;
  deliveries timestamptz;
begin
  if current_school() is not null then return; end if;
  select clock_timestamp() - make_interval(days => s.request_days),
    clock_timestamp() - make_interval(days => s.session_days),
    clock_timestamp() - make_interval(days => s.delivery_days)
  into requests, sessions, deliveries from retention_settings() s;
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
  -- What was given up stays until somebody sends it anew or lets it go.
  return query
  with gone as (
    delete from webhook_delivery r
    where (r.district_id, r.webhook_id, r.event_id) in (
      select q.district_id, q.webhook_id, q.event_id from webhook_delivery q
      where q.district_id = district and q.state = 'delivered' and q.ended_at < deliveries
      limit p_limit
      for update skip locked
    )
    returning 1
  )
  select 'deliveries', count(*) from gone;
end
$$;
