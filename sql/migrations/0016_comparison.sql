-- Comparison lists of the county's departments (脱贫, 低保, 特困, 残疾 …), for data matching. Of the
-- people on a list only keyed hashes are kept: most of them are no pupils here.

-- as_of: the day that the department gives for its list. A later list of the same name replaces it.
create table comparison_list (
  district_id text not null references district (district_id),
  id uuid not null,
  name text not null check (name <> ''),
  category text not null check (category <> ''),
  department text not null check (department <> ''),
  as_of date not null,
  import_id uuid not null,
  actor_id uuid not null,
  at timestamptz not null default now(),
  primary key (district_id, id),
  constraint comparison_list_once unique (district_id, name, as_of),
  foreign key (district_id, actor_id) references app_user (district_id, id)
);

create table comparison_entry (
  district_id text not null,
  list_id uuid not null,
  resident_hash bytea not null,
  -- null where the list gives no name
  name_hash bytea,
  primary key (district_id, resident_hash, list_id),
  foreign key (district_id, list_id) references comparison_list (district_id, id)
);

-- The departments' words that an assessment rests on. list_id: the list in which the pupil was found,
-- if the proof is a data match.
create table case_proof (
  district_id text not null,
  case_id uuid not null,
  attempt integer not null,
  category text not null,
  department text not null,
  form text not null check (form in ('certificate', 'dataMatch', 'screenshot')),
  list_id uuid,
  seen_on date not null,
  actor_id uuid not null,
  id uuid not null default gen_random_uuid(),
  primary key (district_id, id),
  foreign key (district_id, case_id) references recognition_case (district_id, id),
  foreign key (district_id, list_id) references comparison_list (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id),
  constraint case_proof_list check ((form = 'dataMatch') = (list_id is not null))
);
create unique index case_proof_once on case_proof (
  district_id, case_id, attempt, category, department, form, list_id
) nulls not distinct;

-- Records the proofs of a case that is being assessed, each once.
create function case_record_proofs(
  p_case uuid, p_categories text[], p_departments text[], p_forms text[], p_lists uuid[],
  p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  c recognition_case := case_lock(p_case, '{nominated}', p_on);
begin
  insert into case_proof (
    district_id, case_id, attempt, category, department, form, list_id, seen_on, actor_id
  )
  select c.district_id, c.id, c.attempt, u.category, u.department, u.form, u.list, p_on, p_actor
  from unnest(p_categories, p_departments, p_forms, p_lists)
    as u (category, department, form, list)
  on conflict do nothing;
end
$$;

-- Where pupils of these schools, or their guardians, stand on a current list. p_student: one pupil
-- only. Asked from the pupils' side, by index, so that a long list costs nothing.
create function comparison_hits(p_school uuid, p_student uuid) returns table (
  student_id uuid, list_id uuid, list_name text, category text, department text, as_of date,
  is_guardian boolean, person_name text, name_hash bytea
)
language sql stable security definer
set search_path = public, pg_temp
as $$
  with person as (
    select s.id as student_id, s.resident_hash, false as is_guardian, s.name
    from student s
    where s.district_id = current_district() and s.resident_hash is not null
      and (current_school() is null or s.school_id = current_school())
      and (p_school is null or s.school_id = p_school) and (p_student is null or s.id = p_student)
    union all
    select g.student_id, g.resident_hash, true, g.name
    from guardian g
    where g.district_id = current_district() and g.resident_hash is not null
      and (current_school() is null or g.school_id = current_school())
      and (p_school is null or g.school_id = p_school)
      and (p_student is null or g.student_id = p_student)
  ),
  current_list as materialized (
    select distinct on (l.name) l.id, l.name, l.category, l.department, l.as_of
    from comparison_list l
    where l.district_id = current_district()
    order by l.name, l.as_of desc
  )
  select p.student_id, l.id, l.name, l.category, l.department, l.as_of, p.is_guardian, p.name,
    e.name_hash
  from person p
  join comparison_entry e
    on e.district_id = current_district() and e.resident_hash = p.resident_hash
  join current_list l on l.id = e.list_id
$$;

alter table comparison_list enable row level security;
alter table comparison_entry enable row level security;
alter table case_proof enable row level security;

-- All schools see which lists there are; who is on them, comparison_hits() tells alone.
create policy tenant on comparison_list using (district_id = (select current_district()))
with check (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on comparison_entry using (district_id = (select current_district()))
with check (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on case_proof using (
  district_id = (select current_district())
  and ((select current_school()) is null or case_id in (select c.id from recognition_case c))
);

grant select, insert on comparison_list to yibang_app;
grant insert on comparison_entry to yibang_app;
grant select on case_proof to yibang_app;
