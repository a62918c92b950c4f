-- Who has withdrawn the consent to data matching is compared with no list from that moment on. Without
-- any consent on record the family's application is the ground, and a pupil is compared.
-- Runs before the program serves, so no client waits for its locks.
-- The check dropped is added again, wider, in the next statement.
-- squawk-ignore-file require-concurrent-index-creation, ban-drop-constraint
-- squawk-ignore-file constraint-missing-not-valid, renaming-object

create index consent_match_withdrawn on consent (district_id, student_id)
where scope = 'data_match' and withdrawn_on is not null;

-- objection: none was ever given, and the processing rests on the application; a row that counts as
-- withdrawn from the first.
alter table consent drop constraint consent_proof_kind_check;
alter table consent add constraint consent_proof_kind_check check (
  proof_kind in ('earlier', 'sheet', 'paper', 'file', 'in_person', 'objection')
),
add constraint consent_objection check (
  proof_kind <> 'objection' or (scope = 'data_match' and withdrawn_at is not null)
);

-- Pupils (p_student: this one) who withdrew it and have not given it again.
create function data_match_withdrawn(p_student uuid) returns table (student_id uuid)
language plpgsql stable security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  gone uuid[];
begin
  select array_agg(distinct c.student_id) into gone from consent c
  where c.district_id = current_district() and c.scope = 'data_match'
    and c.withdrawn_on is not null and (p_student is null or c.student_id = p_student);
  if gone is null then return; end if;
  return query
  select g from unnest(gone) as g
  except
  select w.student_id from consents_covering('data_match', null, gone, current_date, null) w;
end
$$;

-- Objects to data matching on behalf of a pupil of whom no consent to it runs; it is in force at once.
-- Null: it is withdrawn already. Asked after consent_withdraw(), which has locked the pupil.
create function consent_object(
  p_student uuid, p_giver text, p_guardian uuid, p_how text, p_on date, p_actor uuid
) returns uuid
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  made uuid := gen_random_uuid();
begin
  if exists (select from data_match_withdrawn(p_student)) or exists (
    select from consent c
    where c.district_id = current_district() and c.student_id = p_student
      and c.scope = 'data_match' and c.withdrawn_on is null
  ) then
    return null;
  end if;
  insert into consent (
    district_id, id, school_id, student_id, scope, giver, given_by, guardian_id, relation, given_on,
    proof_kind, proof, actor_id, withdrawn_on, withdrawn_at, withdrawn_giver, withdrawn_guardian,
    withdrawn_how, withdrawn_actor
  )
  select s.district_id, made, s.school_id, s.id, 'data_match', p_giver,
    case when p_giver = 'pupil' then s.name else coalesce(g.name, '') end, g.id, g.relation, p_on,
    'objection', p_how, p_actor, p_on, clock_timestamp(), p_giver, g.id, p_how, p_actor
  from student s
  left join guardian g on g.district_id = s.district_id and g.id = p_guardian
  where s.district_id = current_district() and s.id = p_student
    and (current_school() is null or s.school_id = current_school());
  return made;
end
$$;

-- Cases proposed and not filed that rest on a data match alone, of pupils who withdrew from it since:
-- they are proven otherwise.
create function match_proofs_withdrawn(p_school uuid)
returns table (case_id uuid, student_id uuid, category text)
language sql stable security definer
set search_path = public, pg_temp
as $$
  select distinct c.id, c.student_id, p.category
  from data_match_withdrawn(null) w
  join recognition_case c
    on c.district_id = current_district() and c.student_id = w.student_id
    and c.state in ('assessed', 'decided', 'on_notice')
    and c.school_id = coalesce(current_school(), p_school, c.school_id)
  join case_proof p
    on p.district_id = c.district_id and p.case_id = c.id and p.attempt = c.attempt
    and p.form = 'dataMatch'
  where not exists (
    select from case_proof o
    where o.district_id = c.district_id and o.case_id = c.id and o.attempt = c.attempt
      and o.category = p.category and o.form <> 'dataMatch'
  )
$$;

-- Adds people to a list; which of them were not on it yet, in the order given. Nobody is taken off it.
create function comparison_add(p_list uuid, p_residents bytea[], p_names bytea[]) returns boolean[]
language sql security definer
set search_path = public, pg_temp
as $$
  with added as (
    insert into comparison_entry (district_id, list_id, resident_hash, name_hash)
    select l.district_id, l.id, u.resident_hash, u.name_hash
    from comparison_list l
    cross join unnest(p_residents, p_names) as u (resident_hash, name_hash)
    where l.district_id = current_district() and current_school() is null and l.id = p_list
    on conflict do nothing
    returning resident_hash
  )
  select array_agg(a.resident_hash is not null order by u.place)
  from unnest(p_residents) with ordinality as u (resident_hash, place)
  left join added a on a.resident_hash = u.resident_hash
$$;
revoke insert on comparison_entry from yibang_app;

-- Those of 0016 without whoever withdrew.
alter function comparison_hits(uuid, uuid) rename to comparison_hits_of_all;
revoke all on function comparison_hits_of_all(uuid, uuid) from public;
create function comparison_hits(p_school uuid, p_student uuid) returns table (
  student_id uuid, list_id uuid, list_name text, category text, department text, as_of date,
  is_guardian boolean, person_name text, name_hash bytea
)
language sql stable security definer
set search_path = public, pg_temp
as $$
  select h.* from comparison_hits_of_all(p_school, p_student) h
  where not (h.student_id = any (array(select w.student_id from data_match_withdrawn(p_student) w)))
$$;

-- That of 0016. A match that was found before a withdrawal and would be recorded after it is
-- not: the serialization failure has the program read the lists again.
alter function case_record_proofs(uuid, text [], text [], text [], uuid [], date, uuid)
rename to case_record_all_proofs;
revoke all on function case_record_all_proofs(
  uuid, text [], text [], text [], uuid [], date, uuid
) from public;
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
  perform from consent w
  where w.district_id = c.district_id and w.student_id = c.student_id and w.scope = 'data_match'
    and w.withdrawn_on is null
  order by w.id
  for share;
  if cardinality(array_remove(p_lists, null)) > 0
    and exists (select from data_match_withdrawn(c.student_id)) then
    raise serialization_failure using message = 'consent to data matching withdrawn';
  end if;
  perform case_record_all_proofs(
    p_case, p_categories, p_departments, p_forms, p_lists, p_on, p_actor);
end
$$;
