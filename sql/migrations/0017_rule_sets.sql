-- Rule sets of recognition as data: a district's own beside the shipped ones, and which of them holds
-- from which school year. A version, once stored, never changes: decisions rest on it.
-- Runs before the program serves, so no client waits for its locks.
-- squawk-ignore-file adding-required-field, prefer-text-field, ban-drop-function

create table rule_set (
  district_id text not null references district (district_id),
  rule_set text not null check (rule_set <> ''),
  version integer not null check (version > 0),
  -- the canonical JSON, byte for byte
  document bytea not null,
  actor_id uuid not null,
  at timestamptz not null default now(),
  primary key (district_id, rule_set, version),
  foreign key (district_id, actor_id) references app_user (district_id, id)
);

-- The latest row for a school year holds, until a later year has one.
create table rule_set_use (
  district_id text not null references district (district_id),
  id uuid not null,
  -- its first calendar year
  school_year integer not null,
  rule_set text not null,
  version integer not null,
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id)
);

-- What an assessor's finding speaks of, as the rule set codes its factors; and what was answered on
-- the score card, as {"item": "option"}.
alter table case_assessment add column factors text [] not null default '{}';
alter table case_assessment add column answers jsonb;
-- Facts that exclude from recognition, as the rule set codes them, found by the school.
alter table recognition_case add column disqualifiers text [] not null default '{}';

drop function case_assess(uuid, uuid, text, boolean, integer, bytea, date, uuid);
drop function case_findings(uuid, uuid);

create function case_assess(
  p_id uuid, p_case uuid, p_method text, p_shows_hardship boolean, p_score integer,
  p_factors text[], p_answers jsonb, p_sealed bytea, p_on date, p_actor uuid
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
    factors, answers, private_sealed
  )
  values (
    c.district_id, p_id, c.id, c.attempt, p_method, p_actor, p_on, p_shows_hardship, p_score,
    p_factors, p_answers, p_sealed
  );
end
$$;

-- The findings of a case's present attempt. Until all are in, each assessor sees its own alone.
create function case_findings(p_case uuid, p_reader uuid)
returns table (
  id uuid, method text, assessor text, assessed_on date, shows_hardship boolean, score integer,
  private_sealed bytea, factors text[], answers jsonb
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select a.id, a.method, u.login, a.assessed_on,
    case when v.visible then a.shows_hardship end, case when v.visible then a.score end,
    case when v.visible then a.private_sealed end, case when v.visible then a.factors end,
    case when v.visible then a.answers end
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
returns table (shows_hardship boolean, score integer, factors text[], answers jsonb)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select a.shows_hardship, a.score, a.factors, a.answers
  from recognition_case c
  join case_assessment a
    on a.district_id = c.district_id and a.case_id = c.id and a.attempt = c.attempt
  where c.district_id = current_district() and c.id = p_case
    and (current_school() is null or c.school_id = current_school())
    and case_panel_is_in(c.id, c.attempt)
  order by a.id;
end;

-- Records what excludes from recognition, while a case is assessed.
create function case_set_disqualifiers(p_case uuid, p_codes text[], p_on date) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(p_case, '{nominated}', p_on);
begin
  update recognition_case set disqualifiers = p_codes
  where district_id = c.district_id and id = c.id;
end
$$;

drop function notices_on(date);
-- What anybody may read: the notices of a day, without what identifies a child.
create function notices_on(p_day date)
returns table (
  id uuid, school text, school_year integer, posted_on date, ends_on date, line integer,
  masked_name text, grade text, class_name text, tier text, rule_set text, rule_version integer
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select n.id, s.name, r.school_year, n.posted_on, n.ends_on, l.line, l.masked_name, l.grade,
    l.class_name, l.tier, r.rule_set, r.rule_version
  from notice n
  join recognition_round r on r.district_id = n.district_id and r.id = n.round_id
  join school s on s.district_id = n.district_id and s.id = n.school_id
  join notice_line l on l.district_id = n.district_id and l.notice_id = n.id
  where n.district_id = current_district() and n.ends_on >= p_day and n.posted_on <= p_day
    and l.taken_off_on is null
  order by s.code, n.posted_on, n.id, l.line;
end;

alter table rule_set enable row level security;
alter table rule_set_use enable row level security;

-- A district's schools all work by the same rules.
create policy tenant on rule_set using (district_id = (select current_district()))
with check (district_id = (select current_district()) and (select current_school()) is null);
create policy tenant on rule_set_use using (district_id = (select current_district()))
with check (district_id = (select current_district()) and (select current_school()) is null);

grant select, insert on rule_set, rule_set_use to yibang_app;
