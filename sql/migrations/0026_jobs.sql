-- Background work, the outbox of messages to sponsors, and how a donor wants to be reached. Neither a
-- job nor a message holds anything of a person: ids, days and codes; what a message says is made when
-- it is sent or printed.
-- Runs before the program serves, so no client waits for its locks. The constraint dropped is added
-- again, wider, in the next statement.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint

alter table app_user drop constraint app_user_role_check;
alter table app_user add constraint app_user_role_check check (
  role in (
    'district_admin', 'matcher', 'finance', 'school_officer', 'principal', 'assessor', 'auditor',
    'system'
  )
);
create unique index app_user_one_system on app_user (district_id) where role = 'system';

-- key: an event makes one job of a kind, whoever asks for it and how often. worker, leased_until: who
-- works on it and until when it is taken for alive. error_code: of the last attempt.
create table job (
  district_id text not null references district (district_id),
  id uuid not null,
  kind text not null check (kind ~ '^[a-z][a-z.]{0,39}$'),
  key text not null check (length(key) between 1 and 100),
  subject_id uuid,
  on_day date,
  state text not null default 'queued' check (
    state in ('queued', 'running', 'done', 'failed', 'cancelled')
  ),
  run_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  max_attempts integer not null default 8 check (max_attempts between 1 and 100),
  worker uuid,
  leased_until timestamptz,
  error_code text check (error_code ~ '^[a-z0-9_.]{1,60}$'),
  made_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (district_id, id),
  constraint job_once unique (district_id, kind, key),
  constraint job_attempts check (attempts between 0 and max_attempts),
  constraint job_lease check (
    (state = 'running') = (worker is not null) and (state = 'running') = (leased_until is not null)
  ),
  constraint job_end check ((state in ('done', 'failed', 'cancelled')) = (ended_at is not null))
);
create index job_due on job (district_id, run_at) where state in ('queued', 'running');

-- In the transaction of what it follows from. False: it is there already.
create function job_enqueue(
  p_kind text, p_key text, p_subject uuid, p_day date, p_run_at timestamptz
) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  insert into job (district_id, id, kind, key, subject_id, on_day, run_at)
  values (
    current_district(), gen_random_uuid(), p_kind, p_key, p_subject, p_day,
    coalesce(p_run_at, clock_timestamp())
  )
  on conflict on constraint job_once do nothing;
  if not found then return false; end if;
  perform pg_notify('yibang_job', '');
  return true;
end
$$;

-- Takes one job that is due, in whatever district (null) or in one, and gives it to a worker until
-- the lease ends. A job whose worker let its lease pass is taken up again; after its last attempt it
-- waits for a person.
create function job_claim(
  p_district text, p_kinds text[], p_worker uuid, p_lease_seconds integer
) returns table (
  district_id text, id uuid, kind text, subject_id uuid, on_day date, attempts integer,
  max_attempts integer
)
language plpgsql security definer
set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
  due job;
begin
  loop
    select * into due from job j
    where (p_district is null or j.district_id = p_district) and j.kind = any (p_kinds)
      and (
        (j.state = 'queued' and j.run_at <= clock_timestamp())
        or (j.state = 'running' and j.leased_until < clock_timestamp())
      )
    order by j.run_at, j.id
    limit 1
    for update skip locked;
    if not found then return; end if;
    exit when due.attempts < due.max_attempts;
    update job j
    set state = 'failed', worker = null, leased_until = null, error_code = 'job.worker_lost',
      ended_at = clock_timestamp()
    where j.district_id = due.district_id and j.id = due.id;
  end loop;
  return query
  update job j
  set state = 'running', attempts = j.attempts + 1, worker = p_worker,
    leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where j.district_id = due.district_id and j.id = due.id
  returning j.district_id, j.id, j.kind, j.subject_id, j.on_day, j.attempts, j.max_attempts;
end
$$;

-- What became of an attempt. False where the lease has passed to another worker, whose word counts.
-- p_error null: done; else tried again after p_wait_seconds, or, without any, left to a person.
create function job_settle(
  p_id uuid, p_worker uuid, p_error text, p_wait_seconds integer
) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  update job j
  set worker = null, leased_until = null, error_code = p_error,
    state = case
      when p_error is null then 'done'
      when p_wait_seconds is null then 'failed'
      else 'queued'
    end,
    run_at = case
      when p_wait_seconds is null then j.run_at
      else clock_timestamp() + make_interval(secs => p_wait_seconds)
    end,
    ended_at = case
      when p_error is null or p_wait_seconds is null then clock_timestamp()
    end
  where j.district_id = current_district() and j.id = p_id and j.state = 'running'
    and j.worker = p_worker;
  return found;
end
$$;

-- A person has a job tried anew, or not done. False where it is not in a state for it.
create function job_decide(p_id uuid, p_again boolean) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  update job j
  set state = case when p_again then 'queued' else 'cancelled' end,
    attempts = case when p_again then 0 else j.attempts end,
    run_at = case when p_again then clock_timestamp() else j.run_at end,
    ended_at = case when not p_again then clock_timestamp() end
  where j.district_id = current_district() and current_school() is null and j.id = p_id
    and (j.state in ('queued', 'failed') or (p_again and j.state = 'cancelled'));
  if not found then return false; end if;
  perform pg_notify('yibang_job', '');
  return true;
end
$$;

-- How a donor wants to be told things. address_sealed: the mail or postal address (AAD
-- donor_contact:donor_id:address). Without a row, by letter.
create table donor_contact (
  district_id text not null,
  donor_id uuid not null,
  way text not null check (way in ('mail', 'letter', 'none')),
  language text not null check (language in ('zh', 'en')),
  address_sealed bytea,
  actor_id uuid not null,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (district_id, donor_id),
  foreign key (district_id, donor_id) references donor (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id),
  constraint donor_contact_address check (
    (way <> 'mail' or address_sealed is not null) and (way <> 'none' or address_sealed is null)
  )
);

-- A message to the sponsor of a pairing: the outbox. key: an event makes one message. subject_id: the
-- instalment, its receipt, or the pairing. sending: from before the server is given the message until
-- its answer is on record; uncertain: whether it took it is for a person to find out.
create table message (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  pairing_id uuid not null,
  donor_id uuid not null,
  kind text not null check (
    kind in ('instalment_due', 'instalment_overdue', 'thank_you', 'semester_report')
  ),
  subject_id uuid not null,
  semester integer not null,
  key text not null check (length(key) between 1 and 100),
  on_day date not null,
  way text not null check (way in ('mail', 'letter')),
  language text not null check (language in ('zh', 'en')),
  state text not null default 'queued' check (
    state in ('queued', 'sending', 'sent', 'failed', 'uncertain', 'printed', 'cancelled')
  ),
  attempts integer not null default 0,
  error_code text check (error_code ~ '^[a-z0-9_.]{1,60}$'),
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  settled_by uuid,
  settled_at timestamptz,
  primary key (district_id, id),
  constraint message_once unique (district_id, key),
  foreign key (district_id, school_id, pairing_id)
  references pairing (district_id, school_id, id) on update cascade,
  foreign key (district_id, donor_id) references donor (district_id, id),
  foreign key (district_id, made_by) references app_user (district_id, id),
  constraint message_way check (
    (way = 'mail' or state in ('queued', 'printed', 'cancelled'))
    and (way = 'letter' or state <> 'printed')
  )
);
create index message_of_subject on message (district_id, subject_id, kind);
create index message_of_donor on message (district_id, donor_id) where state = 'queued';
create index message_open on message (district_id, state)
where state in ('queued', 'sending', 'failed', 'uncertain');

-- How a donor is reached, with the address of the record that it stands in. What one record of a
-- donor wishes holds for all: nothing first, then what the donor itself says.
create function donor_reached(p_donor uuid)
returns table (way text, language text, address_of uuid, address_sealed bytea)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select c.way, c.language, c.donor_id, c.address_sealed from donor d
  join donor_contact c on c.district_id = d.district_id and c.donor_id = any (donor_records(d.id))
  where d.district_id = current_district() and d.id = p_donor
  order by c.way = 'none' desc, c.donor_id = coalesce(d.merged_into, d.id) desc, c.donor_id
  limit 1;
end;

-- Puts a message into the outbox, in the transaction of what it follows from. False: it is there
-- already, or the donor wants none.
create function message_queue(
  p_pairing uuid, p_kind text, p_subject uuid, p_semester integer, p_key text, p_day date,
  p_actor uuid
) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  message_id uuid := gen_random_uuid();
  via text;
  tongue text;
begin
  select r.way, r.language into via, tongue from pairing p
  cross join lateral donor_reached(p.donor_id) as r
  where p.district_id = current_district() and p.id = p_pairing;
  via := coalesce(via, 'letter');
  if via = 'none' then return false; end if;
  insert into message (
    district_id, id, school_id, pairing_id, donor_id, kind, subject_id, semester, key, on_day, way,
    language, made_by
  )
  select p.district_id, message_id, p.school_id, p.id, p.donor_id, p_kind, p_subject, p_semester,
    p_key, p_day, via, coalesce(tongue, 'zh'), p_actor
  from pairing p
  where p.district_id = current_district() and p.id = p_pairing
    and (current_school() is null or p.school_id = current_school())
  on conflict on constraint message_once do nothing;
  if not found then return false; end if;
  if via = 'mail' then
    perform job_enqueue('mail.send', message_id::text, message_id, null, null);
  end if;
  return true;
end
$$;

-- Keeps a message as it is until the end of the transaction. False: there is none.
create function message_lock(p_id uuid) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform from message
  where district_id = current_district() and id = p_id
    and (current_school() is null or school_id = current_school())
  for update;
  return found;
end
$$;

-- Letters that wait to be printed and that nobody else is printing, kept so.
create function message_letters(p_limit integer) returns setof uuid
language sql volatile security definer
set search_path = public, pg_temp
begin atomic
  select id from message
  where district_id = current_district() and state = 'queued' and way = 'letter'
    and (current_school() is null or school_id = current_school())
  order by school_id, donor_id, made_at, id
  limit p_limit
  for update skip locked;
end;

-- The only ways from one state to another. p_error null keeps none.
create function message_step(p_id uuid, p_to text, p_error text, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  m message;
begin
  select * into m from message
  where district_id = current_district() and id = p_id
    and (current_school() is null or school_id = current_school())
  for update;
  if not found then
    raise check_violation using message = 'unknown', constraint = 'message_known', table = 'message';
  end if;
  if (m.state || ' ' || p_to) not in (
    'queued sending', 'queued printed', 'queued cancelled', 'sending queued', 'sending sent',
    'sending failed', 'sending uncertain', 'uncertain sent', 'uncertain queued', 'failed queued',
    'failed cancelled'
  ) or (p_to in ('sending', 'sent', 'failed', 'uncertain') and m.way <> 'mail') then
    raise check_violation using message = 'refused: ' || m.state || ' to ' || p_to,
      constraint = 'message_steps', table = 'message';
  end if;
  update message
  set state = p_to, error_code = p_error,
    attempts = attempts + case when p_to in ('sending', 'printed') then 1 else 0 end,
    settled_by = case when p_to not in ('queued', 'sending') then p_actor end,
    settled_at = case when p_to not in ('queued', 'sending') then clock_timestamp() end
  where district_id = m.district_id and id = m.id;
end
$$;

-- Has a message sent: by a job of its own, or by its old one, anew.
create function message_send(p_id uuid) returns void
language plpgsql
set search_path = public, pg_temp
as $$
begin
  if job_enqueue('mail.send', p_id::text, p_id, null, null) then return; end if;
  update job j
  set state = 'queued', attempts = 0, run_at = clock_timestamp(), worker = null,
    leased_until = null, ended_at = null
  where j.district_id = current_district() and j.kind = 'mail.send' and j.key = p_id::text;
  perform pg_notify('yibang_job', '');
end
$$;
revoke all on function message_send(uuid) from public;

-- Sends again what failed or is uncertain.
create function message_again(p_id uuid, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform message_step(p_id, 'queued', null, p_actor);
  perform message_send(p_id);
end
$$;

-- Records how a donor wants to be reached; what waits for the donor goes that way from now on.
create function donor_reach(
  p_donor uuid, p_way text, p_language text, p_sealed bytea, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  waiting message;
begin
  insert into donor_contact (
    district_id, donor_id, way, language, address_sealed, actor_id
  )
  values (current_district(), p_donor, p_way, p_language, p_sealed, p_actor)
  on conflict (district_id, donor_id) do update
  set way = excluded.way, language = excluded.language, address_sealed = excluded.address_sealed,
    actor_id = excluded.actor_id, changed_at = clock_timestamp();
  for waiting in
    select m.* from message m
    where m.district_id = current_district() and m.donor_id = any (donor_records(p_donor))
      and m.state = 'queued'
    order by m.id
    for update
  loop
    if p_way = 'none' then
      perform message_step(waiting.id, 'cancelled', 'message.not_wanted', p_actor);
    elsif p_way <> waiting.way then
      update message set way = p_way, language = p_language
      where district_id = waiting.district_id and id = waiting.id;
      if p_way = 'mail' then perform message_send(waiting.id); end if;
    end if;
  end loop;
end
$$;

-- Instalments of running pairings that fell due by a day, and whose money is still awaited. The one
-- place that tells who is reminded.
create function instalments_awaited(p_until date) returns table (
  instalment_id uuid, school_id uuid, pairing_id uuid, donor_id uuid, number integer,
  semester integer, due_on date, outstanding_fen bigint
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select i.id, i.school_id, p.id, p.donor_id, i.number, i.semester, i.due_on,
    i.amount_fen - i.received_fen - i.excused_fen - i.carried_fen
  from instalment i
  join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
  join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
  where i.district_id = current_district()
    and (current_school() is null or i.school_id = current_school())
    and p.state = 'running' and i.due_on <= p_until
    and i.received_fen + i.excused_fen + i.carried_fen < i.amount_fen;
end;

alter table job enable row level security;
alter table donor_contact enable row level security;
alter table message enable row level security;
create policy tenant on job using (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on donor_contact using (
  district_id = (select current_district())
  and exists (
    select from donor d
    where d.district_id = donor_contact.district_id and d.id = donor_contact.donor_id
  )
);
create policy tenant on message using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
grant select on job, donor_contact, message to yibang_app;
