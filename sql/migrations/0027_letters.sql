-- Letters of pupils to their sponsors (感恩信): written, reviewed at the pupil's own school, released by
-- consent, handed over. Nobody outside the review opens one (未成年人保护法 63): a letter is seen by its
-- school alone, its content by no role at all, except through letter_open(), which leaves a row in the
-- trail. A letter changes only through these functions.

-- version: of its content. submitted_by, released_by: two people. received_by: who confirmed receipt.
create table letter (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  pairing_id uuid not null,
  donor_id uuid not null,
  form text not null check (form in ('text', 'scan')),
  state text not null default 'draft' check (
    state in (
      'draft', 'in_review', 'returned', 'held', 'released', 'delivered', 'withdrawn'
    )
  ),
  version integer not null default 1 check (version > 0),
  written_on date not null,
  made_by uuid not null,
  submitted_by uuid,
  submitted_on date,
  released_by uuid,
  released_on date,
  received_by text check (received_by in ('sponsor', 'school')),
  received_on date,
  primary key (district_id, id),
  unique (district_id, school_id, id),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  foreign key (district_id, pairing_id) references pairing (district_id, id),
  foreign key (district_id, donor_id) references donor (district_id, id),
  foreign key (district_id, made_by) references app_user (district_id, id),
  constraint letter_second_person check (released_by <> submitted_by),
  constraint letter_submitted check (
    (state in ('in_review', 'held', 'released', 'delivered')) <= (submitted_by is not null)
  ),
  constraint letter_released check (
    (state in ('released', 'delivered')) <= (released_by is not null)
  ),
  constraint letter_received check ((state = 'delivered') <= (received_by is not null))
);
create index letter_of_student on letter (district_id, student_id);
create index letter_open_state on letter (district_id, school_id, state);

-- content_sealed: text or file (AAD letter_content:letter_id:content.version). sha256: of a file.
create table letter_content (
  district_id text not null,
  letter_id uuid not null,
  school_id uuid not null,
  version integer not null,
  content_sealed bytea not null check (octet_length(content_sealed) <= 10485760 + 32),
  sha256 bytea check (octet_length(sha256) = 32),
  actor_id uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (district_id, letter_id, version),
  foreign key (district_id, school_id, letter_id)
  references letter (district_id, school_id, id) on update cascade
);

-- What was found in a version: the kind and where, never the words. All but distress and the pupil's
-- own name is contact, and blocks the release of that version for good.
create table letter_issue (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  letter_id uuid not null,
  version integer not null,
  kind text not null check (
    kind in (
      'phone', 'identity', 'card', 'mail', 'messenger', 'address', 'name', 'distress', 'other'
    )
  ),
  first_character integer not null check (first_character >= 0),
  characters integer not null check (characters >= 0),
  actor_id uuid not null,
  primary key (district_id, id),
  foreign key (district_id, school_id, letter_id)
  references letter (district_id, school_id, id) on update cascade
);
create index letter_issue_of_letter on letter_issue (district_id, letter_id, version);

create function letter_refuse(p_constraint text) returns void
language plpgsql
as $$
begin
  raise check_violation using message = 'refused: ' || p_constraint, constraint = p_constraint,
    table = 'letter';
end
$$;

-- Whether the sponsor may have a letter: a withdrawn consent to the pairing stops it as well.
create function letter_covered(p_student uuid, p_donor uuid, p_on date) returns boolean
language sql stable security definer
set search_path = public, pg_temp
return consent_covers(p_student, 'letter', p_donor, p_on)
  and sponsor_sees(p_student, p_donor, p_on) <> 'nothing';

-- The letter, locked, of the actor's own school and in one of these states.
create function letter_lock(p_id uuid, p_states text[], p_actor uuid) returns letter
language plpgsql
set search_path = public, pg_temp
as $$
declare
  l letter;
begin
  select * into l from letter
  where district_id = current_district() and id = p_id and school_id = current_school()
  for update;
  if not found then perform letter_refuse('letter_known'); end if;
  if not exists (
    select from app_user u
    where u.district_id = l.district_id and u.id = p_actor and u.school_id = l.school_id
      and u.role in ('school_officer', 'principal')
  ) then
    perform letter_refuse('letter_reviewer');
  end if;
  if not l.state = any (p_states) then perform letter_refuse('letter_steps'); end if;
  return l;
end
$$;
revoke all on function letter_lock(uuid, text[], uuid) from public;

create function letter_write_version(
  p_letter letter, p_version integer, p_sealed bytea, p_sha256 bytea, p_kinds text[],
  p_first integer[], p_characters integer[], p_actor uuid
) returns void
language plpgsql
set search_path = public, pg_temp
as $$
begin
  insert into letter_content (
    district_id, letter_id, school_id, version, content_sealed, sha256, actor_id
  )
  values (
    p_letter.district_id, p_letter.id, p_letter.school_id, p_version, p_sealed, p_sha256, p_actor
  );
  insert into letter_issue (
    district_id, id, school_id, letter_id, version, kind, first_character, characters, actor_id
  )
  select p_letter.district_id, gen_random_uuid(), p_letter.school_id, p_letter.id, p_version, u.kind,
    u.first, u.characters, p_actor
  from unnest(p_kinds, p_first, p_characters) as u (kind, first, characters);
end
$$;
revoke all on function letter_write_version(
  letter, integer, bytea, bytea, text[], integer[], integer[], uuid
) from public;

-- A new letter of a pupil with a running pairing, to its sponsor.
create function letter_add(
  p_id uuid, p_student uuid, p_form text, p_written_on date, p_sealed bytea, p_sha256 bytea,
  p_kinds text[], p_first integer[], p_characters integer[], p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  p pairing;
  l letter;
begin
  select * into p from pairing
  where district_id = current_district() and student_id = p_student and state = 'running'
    and school_id = current_school();
  if not found then perform letter_refuse('letter_pairing'); end if;
  insert into letter (
    district_id, id, school_id, student_id, pairing_id, donor_id, form, written_on, made_by
  )
  values (
    p.district_id, p_id, p.school_id, p.student_id, p.id, p.donor_id, p_form, p_written_on, p_actor
  );
  l := letter_lock(p_id, '{draft}', p_actor);
  perform letter_write_version(
    l, 1, p_sealed, p_sha256, p_kinds, p_first, p_characters, p_actor
  );
end
$$;

-- Another text or scan of a letter that is not yet submitted, or was returned; a reviewer's
-- redaction of one in review.
create function letter_amend(
  p_id uuid, p_version integer, p_redacts boolean, p_sealed bytea, p_sha256 bytea, p_kinds text[],
  p_first integer[], p_characters integer[], p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  l letter := letter_lock(
    p_id, case when p_redacts then '{in_review,held}' else '{draft,returned}' end::text[], p_actor
  );
begin
  if p_version <> l.version + 1 then
    raise serialization_failure using message = 'another version was written';
  end if;
  update letter set version = p_version where district_id = l.district_id and id = l.id;
  perform letter_write_version(
    l, p_version, p_sealed, p_sha256, p_kinds, p_first, p_characters, p_actor
  );
end
$$;

-- Into review, by consent; what sounds of distress is held for the principal. Gives the new state.
create function letter_submit(p_id uuid, p_on date, p_actor uuid) returns text
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  l letter := letter_lock(p_id, '{draft,returned}', p_actor);
  next_state text;
begin
  if not letter_covered(l.student_id, l.donor_id, p_on) then
    perform letter_refuse('consent_needed');
  end if;
  next_state := case when exists (
    select from letter_issue i
    where i.district_id = l.district_id and i.letter_id = l.id and i.version = l.version
      and i.kind = 'distress'
  ) then 'held' else 'in_review' end;
  update letter set state = next_state, submitted_by = p_actor, submitted_on = p_on
  where district_id = l.district_id and id = l.id;
  return next_state;
end
$$;

-- A reviewer returns a letter, holds it, or, as principal, lets a held one go on. p_kind: of an issue
-- that the reviewer saw, such as a number in a scan.
create function letter_review(p_id uuid, p_to text, p_kind text, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  l letter := letter_lock(p_id, '{in_review,held}', p_actor);
begin
  if p_to not in ('returned', 'held', 'in_review') or p_to = l.state then
    perform letter_refuse('letter_steps');
  end if;
  if l.state = 'held' and not exists (
    select from app_user u
    where u.district_id = l.district_id and u.id = p_actor and u.role = 'principal'
  ) then
    perform letter_refuse('letter_principal');
  end if;
  if p_kind is not null then
    insert into letter_issue (
      district_id, id, school_id, letter_id, version, kind, first_character, characters, actor_id
    )
    values (
      l.district_id, gen_random_uuid(), l.school_id, l.id, l.version, p_kind, 0, 0, p_actor
    );
  end if;
  update letter set state = p_to where district_id = l.district_id and id = l.id;
end
$$;

-- Releases a letter to its sponsor: by somebody else than who submitted it, who has opened this
-- version, with no contact in it, and by consent, which is put on record as used.
create function letter_release(p_id uuid, p_use uuid, p_on date, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  l letter := letter_lock(p_id, '{in_review}', p_actor);
begin
  if l.submitted_by = p_actor then perform letter_refuse('letter_second_person'); end if;
  if not exists (
    select from audit a
    where a.district_id = l.district_id and a.subject_id = l.id and a.action = 'letter.open'
      and a.actor_id = p_actor and a.after ->> 'version' = l.version::text
  ) then
    perform letter_refuse('letter_opened');
  end if;
  if exists (
    select from letter_issue i
    where i.district_id = l.district_id and i.letter_id = l.id and i.version = l.version
      and i.kind not in ('distress', 'name')
  ) then
    perform letter_refuse('letter_contact');
  end if;
  if exists (
    select from letter_issue i
    where i.district_id = l.district_id and i.letter_id = l.id and i.version = l.version
      and i.kind = 'name'
  ) and not consent_covers(l.student_id, 'sponsor_identity', l.donor_id, p_on) then
    perform letter_refuse('letter_name');
  end if;
  -- A withdrawal under way is waited for.
  perform from consent c
  where c.district_id = l.district_id and c.student_id = l.student_id
    and c.scope in ('pairing', 'letter') and c.withdrawn_on is null
  order by c.id
  for share;
  if not letter_covered(l.student_id, l.donor_id, p_on) then
    perform letter_refuse('consent_needed');
  end if;
  perform consent_share(p_use, l.student_id, 'letter', l.donor_id, '感恩信', p_on, p_actor);
  update letter set state = 'released', released_by = p_actor, released_on = p_on
  where district_id = l.district_id and id = l.id;
end
$$;

-- The sponsor, or the school for it, confirms that the letter was received.
create function letter_deliver(p_id uuid, p_by text, p_on date, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  l letter := letter_lock(p_id, '{released}', p_actor);
begin
  if not letter_covered(l.student_id, l.donor_id, p_on) then
    perform letter_refuse('consent_needed');
  end if;
  update letter set state = 'delivered', received_by = p_by, received_on = p_on
  where district_id = l.district_id and id = l.id;
end
$$;

create function letter_withdraw(p_id uuid, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  l letter := letter_lock(
    p_id, '{draft,in_review,returned,held,released,delivered}', p_actor
  );
begin
  update letter set state = 'withdrawn' where district_id = l.district_id and id = l.id;
end
$$;

-- The only way to the content of a letter: for a reviewer of its school, with a reason, in the trail.
-- One that was released is not opened once its consent was withdrawn.
create function letter_open(
  p_id uuid, p_audit uuid, p_reason text, p_on date, p_actor uuid
) returns table (form text, version integer, content_sealed bytea, state text)
language plpgsql security definer
set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
  l letter := letter_lock(
    p_id, '{draft,in_review,returned,held,released,delivered}', p_actor
  );
begin
  if coalesce(p_reason, '') = '' then perform letter_refuse('letter_reason'); end if;
  if l.state in ('released', 'delivered')
    and not letter_covered(l.student_id, l.donor_id, p_on) then
    perform letter_refuse('consent_needed');
  end if;
  insert into audit (district_id, id, school_id, actor_id, action, subject, subject_id, after)
  values (
    l.district_id, p_audit, l.school_id, p_actor, 'letter.open', 'letter', l.id,
    jsonb_build_object('reason', p_reason, 'version', l.version::text)
  );
  return query
  select l.form, l.version, c.content_sealed, l.state from letter_content c
  where c.district_id = l.district_id and c.letter_id = l.id and c.version = l.version;
end
$$;

alter table letter enable row level security;
alter table letter_content enable row level security;
alter table letter_issue enable row level security;
-- Not the district's: a letter is its school's alone.
create policy tenant on letter using (
  district_id = (select current_district()) and school_id = (select current_school())
);
create policy tenant on letter_content using (
  district_id = (select current_district()) and school_id = (select current_school())
);
create policy tenant on letter_issue using (
  district_id = (select current_district()) and school_id = (select current_school())
);
grant select on letter, letter_issue to yibang_app;
