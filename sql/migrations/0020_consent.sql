-- Consents: what of a pupil is shared, with whom, from when until when, given by which guardian (and,
-- from fourteen on, by the pupil), how proven, withdrawn when (PIPL 15, 28, 29, 31). What was given is
-- never overwritten; a withdrawal goes through consent_withdraw(), which acts at once everywhere.
-- Runs before the program serves, so no client waits for its locks. The constraint dropped is added
-- again, wider, in the next statement.
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint
-- squawk-ignore-file disallowed-unique-constraint, ban-drop-constraint, adding-not-nullable-field
-- squawk-ignore-file adding-field-with-default, require-concurrent-index-deletion

alter table guardian add constraint guardian_of_student unique (district_id, student_id, id);

alter table consent drop constraint consent_scope_check;
alter table consent add constraint consent_scope_check check (
  scope in (
    'pairing', 'sponsor_identity', 'progress_report', 'letter', 'photo', 'story', 'data_match',
    'next_school'
  )
);
-- given_by, relation: as they stood on the day; guardian_id is null for a consent that was recorded
-- before guardians were asked for, for one of a sheet that names none, and for the pupil's own.
-- donor_id: this sponsor alone; null: whoever the scope is for. proof: the place in the archive, the
-- file's name, the witness, or the sheet. text_version: of the words that were consented to.
alter table consent
add column giver text not null default 'guardian' check (giver in ('guardian', 'pupil')),
add column guardian_id uuid,
add column relation text,
add column donor_id uuid,
add column valid_until date,
add column proof_kind text not null default 'earlier'
check (proof_kind in ('earlier', 'sheet', 'paper', 'file', 'in_person')),
add column proof_sha256 bytea check (octet_length(proof_sha256) = 32),
add column text_version integer check (text_version > 0),
add column recorded_at timestamptz not null default clock_timestamp(),
add column withdrawn_at timestamptz,
add column withdrawn_giver text check (withdrawn_giver in ('guardian', 'pupil')),
add column withdrawn_guardian uuid,
add column withdrawn_how text check (withdrawn_how <> ''),
add column withdrawn_actor uuid,
add foreign key (district_id, student_id, guardian_id)
references guardian (district_id, student_id, id),
add foreign key (district_id, student_id, withdrawn_guardian)
references guardian (district_id, student_id, id),
add foreign key (district_id, donor_id) references donor (district_id, id),
add constraint consent_until check (valid_until >= given_on),
add constraint consent_of_pupil check (giver = 'guardian' or guardian_id is null),
add constraint consent_for_sponsor check (
  donor_id is null
  or scope in ('sponsor_identity', 'progress_report', 'letter', 'photo')
),
add constraint consent_file check ((proof_kind = 'file') = (proof_sha256 is not null)),
add constraint consent_withdrawal check (
  (withdrawn_at is null) = (withdrawn_how is null)
  and (withdrawn_at is null) = (withdrawn_actor is null)
  and (withdrawn_at is null) = (withdrawn_giver is null)
  and (withdrawn_at is null or withdrawn_on is not null)
);
drop index consent_one_running;
-- One that has an end may be followed by another; the program sees to it that they do not overlap.
create unique index consent_one_running
on consent (district_id, student_id, scope, giver, donor_id) nulls not distinct
where withdrawn_on is null and valid_until is null;
create index consent_running on consent (district_id, student_id) where withdrawn_on is null;
create index consent_by_student on consent (district_id, student_id, recorded_at);
revoke update on consent from yibang_app;

-- What was shared or published on the ground of a consent, and when it was taken down again.
create table consent_use (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  scope text not null,
  donor_id uuid,
  what text not null check (what <> ''),
  shared_on date not null,
  ended_on date,
  actor_id uuid not null,
  primary key (district_id, id),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  foreign key (district_id, donor_id) references donor (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id),
  constraint consent_use_end check (ended_on >= shared_on)
);
create index consent_use_of_student on consent_use (district_id, student_id);

create function consent_refuse(p_constraint text) returns void
language plpgsql
as $$
begin
  raise check_violation using message = 'refused: ' || p_constraint, constraint = p_constraint,
    table = 'consent';
end
$$;

-- The one place that tells which of these pupils (null: all) consent to a scope, towards a sponsor
-- (null: whoever it is for), at some time from p_from to p_to (null: whenever). A consent that was
-- withdrawn covers nothing any more, whatever the day. From the month of its fourteenth birthday on a
-- pupil consents as well; where the month is not known, the guardian alone does.
create function consents_covering(
  p_scope text, p_donor uuid, p_students uuid[], p_from date, p_to date
) returns table (student_id uuid)
language plpgsql stable security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  return query
  select s.id from consent c
  join student s on s.district_id = c.district_id and s.id = c.student_id
  where c.district_id = current_district()
    and (current_school() is null or c.school_id = current_school())
    and (p_students is null or c.student_id = any (p_students))
    and c.scope = p_scope and c.withdrawn_on is null
    and c.given_on <= coalesce(p_to, 'infinity')
    and (c.valid_until is null or c.valid_until >= coalesce(p_from, '-infinity'))
    and (
      c.donor_id is null or c.donor_id = p_donor
      or (
        select coalesce(d.merged_into, d.id) = (
          select coalesce(e.merged_into, e.id) from donor e
          where e.district_id = d.district_id and e.id = p_donor
        )
        from donor d
        where d.district_id = c.district_id and d.id = c.donor_id
      )
    )
  group by s.id, s.birth_month
  having bool_or(c.giver = 'guardian')
    and (
      s.birth_month is null
      or s.birth_month + interval '14 years' > coalesce(p_from, '-infinity')
      or bool_or(c.giver = 'pupil')
    );
end
$$;

create function consent_covers(p_student uuid, p_scope text, p_donor uuid, p_day date)
returns boolean
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select exists (
    select from consents_covering(p_scope, p_donor, array[p_student], p_day, p_day)
  );
end;

-- What a sponsor may be told of its pupil: its name and class, its masked name and school, or nothing
-- from the moment in which the consent to the pairing was withdrawn.
create function sponsor_sees(p_student uuid, p_donor uuid, p_day date) returns text
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select case
    when not exists (
      select from consents_covering('pairing', p_donor, array[p_student], p_day, null)
    ) then 'nothing'
    when consent_covers(p_student, 'sponsor_identity', p_donor, p_day) then 'name'
    else 'masked'
  end;
end;

-- Withdraws a scope, towards one sponsor or, without one, towards all. Gives what it ended: consents,
-- pairs of open proposals, and proposals that have no undecided pair left.
create function consent_withdraw(
  p_student uuid, p_scope text, p_donor uuid, p_giver text, p_guardian uuid, p_how text, p_on date,
  p_actor uuid
) returns table (what text, id uuid)
language plpgsql security definer
set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
  born date;
  proposals uuid[];
begin
  select s.birth_month into born from student s
  where s.district_id = current_district() and s.id = p_student
    and (current_school() is null or s.school_id = current_school())
  for no key update;
  if not found then perform consent_refuse('consent_pupil_known'); end if;
  if p_giver = 'pupil' and (born is null or born + interval '14 years' > p_on) then
    perform consent_refuse('consent_pupil_age');
  end if;
  if p_scope = 'pairing' then
    -- Before the consents, and in the order of an acceptance: a pair is accepted before this or never.
    perform pg_advisory_xact_lock(hashtextextended('yibang.proposals ' || current_district(), 0));
    perform from proposal p
    where p.district_id = current_district()
      and p.id in (
        select r.proposal_id from proposal_pair r
        where r.district_id = current_district() and r.student_id = p_student
          and r.state = 'proposed'
      )
    order by p.id
    for update;
  end if;
  return query
  update consent c
  set withdrawn_on = greatest(p_on, c.given_on), withdrawn_at = clock_timestamp(),
    withdrawn_giver = p_giver, withdrawn_guardian = p_guardian, withdrawn_how = p_how,
    withdrawn_actor = p_actor
  where c.district_id = current_district() and c.student_id = p_student and c.scope = p_scope
    and c.withdrawn_on is null and (p_donor is null or c.donor_id = p_donor)
  returning 'consent', c.id;
  if not found or p_scope <> 'pairing' then return; end if;
  return query
  update proposal_pair r set state = 'lapsed'
  where r.district_id = current_district() and r.student_id = p_student and r.state = 'proposed'
  returning 'pair', r.id;
  select array_agg(r.proposal_id) into proposals from proposal_pair r
  where r.district_id = current_district() and r.student_id = p_student and r.state = 'lapsed';
  return query
  update proposal p
  set state = case when exists (
    select from proposal_pair r
    where r.district_id = p.district_id and r.proposal_id = p.id and r.state = 'accepted'
  ) then 'accepted' else 'withdrawn' end
  where p.district_id = current_district() and p.id = any (proposals)
    and p.state in ('proposed', 'approved')
    and not exists (
      select from proposal_pair r
      where r.district_id = p.district_id and r.proposal_id = p.id and r.state = 'proposed'
    )
  returning 'proposal', p.id;
end
$$;

-- Records what is shared, if a consent covers it; one that is being withdrawn is waited for.
create function consent_share(
  p_id uuid, p_student uuid, p_scope text, p_donor uuid, p_what text, p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  home uuid;
begin
  select s.school_id into home from student s
  where s.district_id = current_district() and s.id = p_student
    and (current_school() is null or s.school_id = current_school())
  for key share;
  if not found then perform consent_refuse('consent_pupil_known'); end if;
  perform from consent c
  where c.district_id = current_district() and c.student_id = p_student and c.scope = p_scope
    and c.withdrawn_on is null
  order by c.id
  for share;
  if not consent_covers(p_student, p_scope, p_donor, p_on) then
    perform consent_refuse('consent_needed');
  end if;
  insert into consent_use (
    district_id, id, school_id, student_id, scope, donor_id, what, shared_on, actor_id
  )
  values (
    current_district(), p_id, home, p_student, p_scope, p_donor, p_what, p_on, p_actor
  );
end
$$;

alter table consent_use enable row level security;
create policy tenant on consent_use using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
grant select on consent_use to yibang_app;
grant update (ended_on) on consent_use to yibang_app;
