-- Recognition as a case for each pupil and school year: application, nomination, assessment by a
-- panel, decision by the leading group, notice, objections, filing. A case changes its state only
-- through these functions, so that no step is left out, whatever a program asks for.
-- Runs before the program serves, so no client waits for its locks. The two constraints dropped are
-- added again, wider, in the next statement.
-- squawk-ignore-file constraint-missing-not-valid, prefer-text-field, ban-drop-constraint

alter table app_user drop constraint app_user_role_check;
alter table app_user add constraint app_user_role_check check (
  role in (
    'district_admin', 'matcher', 'finance', 'school_officer', 'principal', 'assessor', 'auditor'
  )
);
alter table app_user drop constraint app_user_school_role;
alter table app_user add constraint app_user_school_role check (
  (role in ('school_officer', 'principal', 'assessor')) <= (school_id is not null)
);

-- One school's yearly recognition. school_year: its first calendar year.
create table recognition_round (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  school_year integer not null,
  rule_set text not null,
  rule_version integer not null check (rule_version > 0),
  -- 宣传告知: when and how families were told, and where the proof of it lies
  announced_on date not null,
  reach text not null check (reach <> ''),
  apply_by date not null,
  nominate_by date not null,
  assess_by date not null,
  decide_by date not null,
  notice_working_days integer not null check (notice_working_days > 0),
  answer_working_days integer not null check (answer_working_days > 0),
  actor_id uuid not null,
  primary key (district_id, id),
  unique (district_id, school_id, id),
  constraint recognition_round_once unique (district_id, school_id, school_year),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id),
  constraint recognition_round_dates check (
    announced_on <= apply_by and apply_by <= nominate_by and nominate_by <= assess_by
    and assess_by <= decide_by
  )
);

-- Who decides at a school (认定工作领导小组).
create table leading_group (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  user_id uuid not null,
  since date not null,
  until date,
  primary key (district_id, id),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, user_id) references app_user (district_id, id),
  constraint leading_group_dates check (until >= since)
);
create unique index leading_group_once
on leading_group (district_id, school_id, user_id) where until is null;

-- claims: the categories that the family names, as the rule set codes them. What was found and why it
-- was decided is sealed (AAD recognition_case:id:private). attempt: counts assessments of the case.
create table recognition_case (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  round_id uuid not null,
  guardian_id uuid not null,
  applied_on date not null,
  claims text [] not null,
  state text not null default 'applied' check (
    state in (
      'applied', 'not_nominated', 'nominated', 'assessed', 'rejected', 'decided', 'on_notice',
      'filed', 'withdrawn'
    )
  ),
  attempt integer not null default 1,
  -- when its present step began
  step_since date not null,
  tier text check (tier in ('special', 'difficult', 'general')),
  category text,
  reasons jsonb,
  private_sealed bytea,
  proposed_by uuid,
  primary key (district_id, id),
  unique (district_id, school_id, id),
  constraint recognition_case_once unique (district_id, round_id, student_id),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  foreign key (district_id, round_id) references recognition_round (district_id, id),
  foreign key (district_id, guardian_id) references guardian (district_id, id),
  foreign key (district_id, proposed_by) references app_user (district_id, id)
);
create index recognition_case_by_state on recognition_case (district_id, round_id, state);

-- What happened to a case, in order.
create table recognition_step (
  district_id text not null,
  id uuid not null default gen_random_uuid(),
  case_id uuid not null,
  attempt integer not null,
  state text not null,
  on_date date not null,
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  foreign key (district_id, case_id) references recognition_case (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id)
);
create index recognition_step_of_case on recognition_step (district_id, case_id, at);

create table case_assessor (
  district_id text not null,
  case_id uuid not null,
  attempt integer not null,
  user_id uuid not null,
  primary key (district_id, case_id, attempt, user_id),
  foreign key (district_id, case_id) references recognition_case (district_id, id),
  foreign key (district_id, user_id) references app_user (district_id, id)
);

-- What one assessor found. Sealed words: AAD case_assessment:id:private.
create table case_assessment (
  district_id text not null,
  id uuid not null,
  case_id uuid not null,
  attempt integer not null,
  method text not null check (
    method in ('home_visit', 'interview', 'letter', 'data_match', 'score', 'appraisal')
  ),
  assessor_id uuid not null,
  assessed_on date not null,
  shows_hardship boolean not null,
  score integer,
  private_sealed bytea,
  primary key (district_id, id),
  constraint case_assessment_once unique (district_id, case_id, attempt, method, assessor_id),
  foreign key (district_id, case_id, attempt, assessor_id)
  references case_assessor (district_id, case_id, attempt, user_id),
  constraint case_assessment_score check ((method = 'score') = (score is not null))
);

create table case_vote (
  district_id text not null,
  case_id uuid not null,
  attempt integer not null,
  user_id uuid not null,
  agrees boolean not null,
  voted_on date not null,
  primary key (district_id, case_id, attempt, user_id),
  foreign key (district_id, case_id) references recognition_case (district_id, id),
  foreign key (district_id, user_id) references app_user (district_id, id)
);

-- A list for everybody to read. It ends by itself after ends_on.
create table notice (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  round_id uuid not null,
  posted_on date not null,
  ends_on date not null,
  actor_id uuid not null,
  primary key (district_id, id),
  unique (district_id, school_id, id),
  foreign key (district_id, round_id) references recognition_round (district_id, id),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id),
  constraint notice_dates check (ends_on > posted_on)
);
create index notice_running on notice (district_id, ends_on);

-- masked_name, grade, class_name and tier are all that is published.
create table notice_line (
  district_id text not null,
  notice_id uuid not null,
  line integer not null,
  case_id uuid not null,
  masked_name text not null,
  grade text,
  class_name text,
  tier text not null,
  -- set when the case leaves the notice before its end
  taken_off_on date,
  primary key (district_id, notice_id, line),
  foreign key (district_id, notice_id) references notice (district_id, id),
  foreign key (district_id, case_id) references recognition_case (district_id, id)
);
create unique index notice_line_of_case
on notice_line (district_id, case_id) where taken_off_on is null;

-- case_id is null for an objection to the notice as a whole, such as a pupil left out. Words and
-- contact are sealed (AAD objection:id:private, objection:id:answer).
create table objection (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  number text not null,
  notice_id uuid not null,
  case_id uuid,
  received_on date not null,
  answer_by date not null,
  anonymous boolean not null,
  private_sealed bytea not null,
  reviewer_id uuid,
  upheld boolean,
  answered_on date,
  answer_sealed bytea,
  primary key (district_id, id),
  constraint objection_number unique (district_id, number),
  foreign key (district_id, school_id, notice_id) references notice (district_id, school_id, id),
  foreign key (district_id, case_id) references recognition_case (district_id, id),
  foreign key (district_id, reviewer_id) references app_user (district_id, id),
  constraint objection_answer check (
    (answered_on is null) = (upheld is null) and (answered_on is null) = (reviewer_id is null)
    and (answered_on is null) = (answer_sealed is null)
    and answered_on >= received_on
  )
);
create index objection_open on objection (district_id, notice_id) where answered_on is null;

create function case_refuse(p_constraint text) returns void
language plpgsql
as $$
begin
  raise check_violation using message = 'refused: ' || p_constraint, constraint = p_constraint,
    table = 'recognition_case';
end
$$;

-- Locks a case that is in one of these states and whose step began no later than that day.
create function case_lock(p_case uuid, p_states text[], p_on date) returns recognition_case
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case;
begin
  select * into c from recognition_case r
  where r.district_id = current_district() and r.id = p_case
    and (current_school() is null or r.school_id = current_school())
  for update;
  if not found then perform case_refuse('case_known'); end if;
  if not c.state = any (p_states) then perform case_refuse('case_state_' || c.state); end if;
  if p_on < c.step_since then perform case_refuse('case_date'); end if;
  return c;
end
$$;
revoke all on function case_lock(uuid, text[], date) from public;

create function case_move(
  c recognition_case, p_state text, p_attempt integer, p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  update recognition_case set state = p_state, attempt = p_attempt, step_since = p_on
  where district_id = c.district_id and id = c.id;
  insert into recognition_step (district_id, case_id, attempt, state, on_date, actor_id)
  values (c.district_id, c.id, p_attempt, p_state, p_on, p_actor);
end
$$;
revoke all on function case_move(recognition_case, text, integer, date, uuid) from public;

-- A guardian applies, with a signed promise that the statements are true.
create function case_apply(
  p_id uuid, p_round uuid, p_student uuid, p_guardian uuid, p_signed boolean, p_claims text[],
  p_on date, p_actor uuid
) returns void
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
  if not p_signed then perform case_refuse('case_signed'); end if;
  if p_on < r.announced_on then perform case_refuse('case_announced'); end if;
  if p_on > r.apply_by then perform case_refuse('case_apply_by'); end if;
  if not exists (
    select from student s
    where s.district_id = r.district_id and s.id = p_student and s.school_id = r.school_id
  ) then
    perform case_refuse('case_pupil_of_school');
  end if;
  if not exists (
    select from guardian g
    where g.district_id = r.district_id and g.id = p_guardian and g.student_id = p_student
  ) then
    perform case_refuse('case_guardian');
  end if;
  insert into recognition_case (
    district_id, id, school_id, student_id, round_id, guardian_id, applied_on, claims, step_since
  )
  values (
    r.district_id, p_id, r.school_id, p_student, r.id, p_guardian, p_on, p_claims, p_on
  );
  insert into recognition_step (district_id, case_id, attempt, state, on_date, actor_id)
  values (r.district_id, p_id, 1, 'applied', p_on, p_actor);
end
$$;

-- The class nominates, or does not.
create function case_nominate(p_case uuid, p_nominated boolean, p_on date, p_actor uuid)
returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(p_case, '{applied}', p_on);
begin
  perform case_move(
    c, case when p_nominated then 'nominated' else 'not_nominated' end, c.attempt, p_on, p_actor);
end
$$;

-- Who assesses the case: at least two, chosen before the first finding is in.
create function case_set_panel(p_case uuid, p_users uuid[], p_on date) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(p_case, '{nominated}', p_on);
begin
  if (select count(distinct u.id) from unnest(p_users) as u (id)) < 2 then
    perform case_refuse('case_panel_small');
  end if;
  if exists (
    select from case_assessment a
    where a.district_id = c.district_id and a.case_id = c.id and a.attempt = c.attempt
  ) then
    perform case_refuse('case_panel_begun');
  end if;
  if exists (
    select from unnest(p_users) as u (id)
    where not exists (
      select from app_user p
      where p.district_id = c.district_id and p.id = u.id
        and (p.school_id is null or p.school_id = c.school_id)
    )
  ) then
    perform case_refuse('case_panel_known');
  end if;
  delete from case_assessor a
  where a.district_id = c.district_id and a.case_id = c.id and a.attempt = c.attempt;
  insert into case_assessor (district_id, case_id, attempt, user_id)
  select distinct c.district_id, c.id, c.attempt, u.id from unnest(p_users) as u (id);
end
$$;

create function case_assess(
  p_id uuid, p_case uuid, p_method text, p_shows_hardship boolean, p_score integer,
  p_sealed bytea, p_on date, p_actor uuid
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
    private_sealed
  )
  values (
    c.district_id, p_id, c.id, c.attempt, p_method, p_actor, p_on, p_shows_hardship, p_score,
    p_sealed
  );
end
$$;

-- Whether everybody on the panel has given a finding; nobody is on it: false.
create function case_panel_is_in(p_case uuid, p_attempt integer) returns boolean
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select coalesce(bool_and(exists (
    select from case_assessment a
    where a.district_id = p.district_id and a.case_id = p.case_id and a.attempt = p.attempt
      and a.assessor_id = p.user_id
  )), false)
  from case_assessor p
  where p.district_id = current_district() and p.case_id = p_case and p.attempt = p_attempt;
end;

-- The findings of a case's present attempt. Until all are in, each assessor sees its own alone.
create function case_findings(p_case uuid, p_reader uuid)
returns table (
  id uuid, method text, assessor text, assessed_on date, shows_hardship boolean, score integer,
  private_sealed bytea
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select a.id, a.method, u.login, a.assessed_on,
    case when v.visible then a.shows_hardship end, case when v.visible then a.score end,
    case when v.visible then a.private_sealed end
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

-- What the school proposes once all findings are in; a null tier proposes not to recognise.
create function case_propose(
  p_case uuid, p_tier text, p_category text, p_reasons jsonb, p_sealed bytea, p_on date,
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
  set tier = p_tier, category = p_category, reasons = p_reasons, private_sealed = p_sealed,
    proposed_by = p_actor
  where district_id = c.district_id and id = c.id;
  perform case_move(c, 'assessed', c.attempt, p_on, p_actor);
end
$$;

-- One member's vote. More than half of all members, three or more, agreeing decides; as soon as that
-- cannot be reached any more, the case goes back to be assessed anew.
create function case_cast_vote(p_case uuid, p_agrees boolean, p_on date, p_actor uuid)
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
    result := case when c.tier is null then 'rejected' else 'decided' end;
    perform case_move(c, result, c.attempt, p_on, p_actor);
  elsif against * 2 >= members then
    result := 'nominated';
    perform case_move(c, result, c.attempt + 1, p_on, p_actor);
  end if;
  return result;
end
$$;

create function case_withdraw(p_case uuid, p_on date, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(
    p_case, '{applied,not_nominated,nominated,assessed,rejected,decided,on_notice}', p_on);
begin
  update notice_line set taken_off_on = p_on
  where district_id = c.district_id and case_id = c.id and taken_off_on is null;
  perform case_move(c, 'withdrawn', c.attempt, p_on, p_actor);
end
$$;

-- Posts these cases, each with the name as it is shown, in this order.
create function notice_post(
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
    select c.district_id, p_id, posted.line, c.id, posted.name, s.grade, s.class_name, c.tier
    from student s
    where s.district_id = c.district_id and s.id = c.student_id;
    perform case_move(c, 'on_notice', c.attempt, p_posted_on, p_actor);
  end loop;
end
$$;

-- What anybody may read: the notices of a day, without what identifies a child.
create function notices_on(p_day date)
returns table (
  id uuid, school text, school_year integer, posted_on date, ends_on date, line integer,
  masked_name text, grade text, class_name text, tier text
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select n.id, s.name, r.school_year, n.posted_on, n.ends_on, l.line, l.masked_name, l.grade,
    l.class_name, l.tier
  from notice n
  join recognition_round r on r.district_id = n.district_id and r.id = n.round_id
  join school s on s.district_id = n.district_id and s.id = n.school_id
  join notice_line l on l.district_id = n.district_id and l.notice_id = n.id
  where n.district_id = current_district() and n.ends_on >= p_day and n.posted_on <= p_day
    and l.taken_off_on is null
  order by s.code, n.posted_on, n.id, l.line;
end;

-- Anybody objects, to one line or, without one, to the notice.
create function objection_file(
  p_id uuid, p_number text, p_notice uuid, p_line integer, p_anonymous boolean, p_sealed bytea,
  p_on date, p_answer_by date
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  n notice;
  target uuid;
begin
  -- A filing that is under way holds the notice.
  select * into n from notice q
  where q.district_id = current_district() and q.id = p_notice
  for share;
  if not found then perform case_refuse('notice_known'); end if;
  if p_on not between n.posted_on and n.ends_on then perform case_refuse('objection_period'); end if;
  if p_line is not null then
    select l.case_id into target from notice_line l
    where l.district_id = n.district_id and l.notice_id = n.id and l.line = p_line
      and l.taken_off_on is null;
    if not found then perform case_refuse('objection_line'); end if;
  end if;
  insert into objection (
    district_id, id, school_id, number, notice_id, case_id, received_on, answer_by, anonymous,
    private_sealed
  )
  values (
    n.district_id, p_id, n.school_id, p_number, n.id, target, p_on, p_answer_by, p_anonymous,
    p_sealed
  );
end
$$;

-- What becomes of an objection, for whoever has its number.
create function objection_status(p_number text)
returns table (
  id uuid, received_on date, answer_by date, answered_on date, upheld boolean, answer_sealed bytea
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select o.id, o.received_on, o.answer_by, o.answered_on, o.upheld, o.answer_sealed
  from objection o
  where o.district_id = current_district() and o.number = p_number;
end;

-- Answers an objection. Who proposed, assessed or voted on a case of the notice in question does not
-- review. An upheld one takes the case off the notice to be assessed anew.
create function objection_answer(
  p_number text, p_upheld boolean, p_sealed bytea, p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  o objection;
  c recognition_case;
begin
  select * into o from objection q
  where q.district_id = current_district() and q.number = p_number
    and (current_school() is null or q.school_id = current_school())
  for update;
  if not found then perform case_refuse('objection_known'); end if;
  if o.answered_on is not null then perform case_refuse('objection_answered'); end if;
  if p_on < o.received_on then perform case_refuse('case_date'); end if;
  if exists (
    select from notice_line l
    join recognition_case k on k.district_id = l.district_id and k.id = l.case_id
    where l.district_id = o.district_id and l.notice_id = o.notice_id
      and (o.case_id is null or l.case_id = o.case_id)
      and (
        k.proposed_by = p_actor
        or exists (
          select from case_vote v
          where v.district_id = k.district_id and v.case_id = k.id and v.user_id = p_actor
        )
        or exists (
          select from case_assessment a
          where a.district_id = k.district_id and a.case_id = k.id and a.assessor_id = p_actor
        )
      )
  ) then
    perform case_refuse('objection_reviewer');
  end if;
  update objection
  set reviewer_id = p_actor, upheld = p_upheld, answered_on = p_on, answer_sealed = p_sealed
  where district_id = o.district_id and id = o.id;
  if p_upheld and o.case_id is not null then
    select * into c from recognition_case q
    where q.district_id = o.district_id and q.id = o.case_id
    for update;
    if c.state = 'on_notice' then
      update notice_line set taken_off_on = p_on
      where district_id = c.district_id and case_id = c.id and taken_off_on is null;
      perform case_move(c, 'nominated', c.attempt + 1, greatest(p_on, c.step_since), p_actor);
    end if;
  end if;
end
$$;

-- Files a case after its notice, unless an objection to it or to the notice is open.
create function case_file(p_case uuid, p_recognition uuid, p_on date, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(p_case, '{on_notice}', p_on);
  r recognition_round;
  n notice;
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
  perform case_move(c, 'filed', c.attempt, p_on, p_actor);
  insert into recognition (
    district_id, id, school_id, student_id, school_year, tier, category, rule_set, rule_version,
    state, filed_on, source, reasons, actor_id
  )
  values (
    c.district_id, p_recognition, c.school_id, c.student_id, r.school_year, c.tier, c.category,
    r.rule_set, r.rule_version, 'filed', p_on, 'case ' || c.id, coalesce(c.reasons, '{}'), p_actor
  )
  on conflict on constraint recognition_once_a_year do update
  set tier = excluded.tier, category = excluded.category, rule_set = excluded.rule_set,
    rule_version = excluded.rule_version, state = 'filed', filed_on = excluded.filed_on,
    source = excluded.source, reasons = excluded.reasons, actor_id = excluded.actor_id;
end
$$;

alter table recognition_round enable row level security;
alter table leading_group enable row level security;
alter table recognition_case enable row level security;
alter table recognition_step enable row level security;
alter table case_assessor enable row level security;
alter table case_assessment enable row level security;
alter table case_vote enable row level security;
alter table notice enable row level security;
alter table notice_line enable row level security;
alter table objection enable row level security;

create policy tenant on recognition_round using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on leading_group using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on recognition_case using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on recognition_step using (
  district_id = (select current_district())
  and ((select current_school()) is null or case_id in (select c.id from recognition_case c))
);
create policy tenant on case_assessor using (
  district_id = (select current_district())
  and ((select current_school()) is null or case_id in (select c.id from recognition_case c))
);
create policy tenant on case_assessment using (
  district_id = (select current_district())
  and ((select current_school()) is null or case_id in (select c.id from recognition_case c))
);
create policy tenant on case_vote using (
  district_id = (select current_district())
  and ((select current_school()) is null or case_id in (select c.id from recognition_case c))
);
create policy tenant on notice using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on notice_line using (
  district_id = (select current_district())
  and ((select current_school()) is null or notice_id in (select n.id from notice n))
);
create policy tenant on objection using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);

grant select, insert on recognition_round, leading_group to yibang_app;
grant update (until) on leading_group to yibang_app;
grant select on recognition_case, recognition_step, case_assessor, case_vote, notice, notice_line,
objection to yibang_app;
-- What an assessor found is read by case_findings() alone.
grant select (district_id, id, case_id, attempt, method, assessor_id, assessed_on)
on case_assessment to yibang_app;
