-- Working with a proposal: what an offer is limited to, what is decided of pairs beforehand, and holds
-- that keep a pupil for a sponsor until a day.
-- Runs before the program serves, so no client waits for its locks. The check dropped is added again,
-- wider, in the next statement.
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint
-- squawk-ignore-file adding-not-nullable-field, adding-field-with-default, ban-drop-constraint

-- minimum_fen: what the school asks of a sponsor for a pupil and semester. region: the code of its
-- county or, nine digits, of its town (GB/T 2260, 10114).
alter table school
add column minimum_fen bigint check (minimum_fen > 0),
add column region text check (region ~ '^[0-9]{6}([0-9]{3})?$');
grant update (minimum_fen, region) on school to yibang_app;

-- How long a pupil is kept for a sponsor who was told of it.
alter table district
add column hold_days integer not null default 14 check (hold_days between 1 and 90);
grant update (hold_days) on district to yibang_app;

-- limits: of the wishes, those that the sponsor insists on. weights: of region, school, grade, gender;
-- null: 1 each. renews: the pairing that it carries on, for the same pupil.
alter table offer
add column wish_region text check (wish_region ~ '^[0-9]{6}([0-9]{3})?$'),
add column limits text[] not null default '{}',
add column weights integer[],
add column named_student uuid,
add column renews uuid,
add foreign key (district_id, named_student) references student (district_id, id),
add foreign key (district_id, renews) references pairing (district_id, id),
add constraint offer_limits check (
  limits <@ '{region,school,grade,gender}'
  and ('region' = any (limits)) <= (wish_region is not null)
  and ('school' = any (limits)) <= (wish_school is not null)
  and ('grade' = any (limits)) <= (wish_grade is not null)
  and ('gender' = any (limits)) <= (wish_gender is not null)
),
add constraint offer_weights check (
  cardinality(weights) = 4 and 1 <= all (weights) and 100 >= all (weights)
),
add constraint offer_renewal check (renews is null or named_student is not null);
create unique index offer_one_renewal
on offer (district_id, renews) where renews is not null and state = 'open';

-- Schools that do as well as wish_school.
create table offer_school (
  district_id text not null,
  offer_id uuid not null,
  school_id uuid not null,
  primary key (district_id, offer_id, school_id),
  foreign key (district_id, offer_id) references offer (district_id, id),
  foreign key (district_id, school_id) references school (district_id, id)
);
alter table offer_school enable row level security;
create policy tenant on offer_school using (
  district_id = (select current_district()) and (select current_school()) is null
);
grant select, insert on offer_school to yibang_app;

-- Pairs that are to be made, or not to be made, whatever else. origin: a person decided it; the sponsor
-- declined the pupil, or is found to be in conflict of interest with it, which both hold for all that
-- this sponsor offers; an offer renews a pairing.
create table match_choice (
  district_id text not null,
  id uuid not null,
  kind text not null check (kind in ('pinned', 'forbidden')),
  origin text not null check (origin in ('person', 'declined', 'renewal', 'conflict')),
  student_id uuid not null,
  offer_id uuid not null,
  proposal_pair_id uuid,
  reason text check (reason <> ''),
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  ended_by uuid,
  ended_at timestamptz,
  primary key (district_id, id),
  foreign key (district_id, student_id) references student (district_id, id),
  foreign key (district_id, offer_id) references offer (district_id, id),
  foreign key (district_id, proposal_pair_id) references proposal_pair (district_id, id),
  foreign key (district_id, made_by) references app_user (district_id, id),
  foreign key (district_id, ended_by) references app_user (district_id, id),
  constraint match_choice_origin check (
    (origin = 'declined') = (proposal_pair_id is not null)
    and (origin not in ('declined', 'conflict') or kind = 'forbidden')
    and (origin <> 'renewal' or kind = 'pinned')
    and (origin <> 'person' or kind = 'pinned' or reason is not null)
  ),
  constraint match_choice_end check ((ended_at is null) = (ended_by is null))
);
create unique index match_choice_one_pin
on match_choice (district_id, student_id) where kind = 'pinned' and ended_at is null;
create unique index match_choice_one_a_pair
on match_choice (district_id, student_id, offer_id) where ended_at is null;

alter table match_choice enable row level security;
create policy tenant on match_choice using (
  district_id = (select current_district()) and (select current_school()) is null
);
grant select, insert on match_choice to yibang_app;
grant update (ended_by, ended_at) on match_choice to yibang_app;

-- A pairing ended for conflict of interest: its sponsor, under whatever record, is not proposed for the
-- pupil again, and no pin or renewal asks for it.
create function match_exclude(g pairing, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
begin
  update match_choice c set ended_by = p_actor, ended_at = clock_timestamp()
  where c.district_id = g.district_id and c.student_id = g.student_id and c.ended_at is null
    and (
      c.offer_id = g.offer_id
      or c.kind = 'pinned' and exists (
        select from offer o
        join donor d on d.district_id = o.district_id and d.id = o.donor_id
        join donor e on e.district_id = g.district_id and e.id = g.donor_id
        where o.district_id = c.district_id and o.id = c.offer_id
          and coalesce(d.merged_into, d.id) = coalesce(e.merged_into, e.id)
      )
    );
  insert into match_choice (district_id, id, kind, origin, student_id, offer_id, made_by)
  values (
    g.district_id, gen_random_uuid(), 'forbidden', 'conflict', g.student_id, g.offer_id, p_actor
  );
end
$$;
revoke all on function match_exclude(pairing, uuid) from public;
create policy without_conflict on offer as restrictive for insert with check (
  renews is null
  or not exists (
    select from pairing p
    where p.district_id = offer.district_id and p.id = offer.renews
      and p.end_reason = 'conflict_of_interest'
  )
);

-- replaces, kept, changed, added: the proposal in whose place it came, how many of its pairs stayed and
-- did not, and how many pupils are paired who were not in it. follows: the one whose declined and
-- expired pairs it makes good. score: the wishes' sum.
alter table proposal
add column replaces uuid,
add column kept integer,
add column changed integer,
add column added integer,
add column follows uuid,
add column score bigint,
add foreign key (district_id, replaces) references proposal (district_id, id),
add foreign key (district_id, follows) references proposal (district_id, id),
add constraint proposal_replaced check (
  (replaces is null) = (kept is null) and (replaces is null) = (changed is null)
  and (replaces is null) = (added is null)
);

-- Before the day of its approval nobody is told of a proposal, and none of its pairings starts.
alter table proposal add column approved_on date;
update proposal set approved_on = (approved_at at time zone 'Asia/Shanghai')::date
where approved_by is not null;
alter table proposal add constraint proposal_approved_on check (
  (approved_on is null) = (approved_by is null)
);
grant update (approved_on) on proposal to yibang_app;

-- An open pair is held from the day on which its sponsor was told, until another.
alter table proposal_pair drop constraint proposal_pair_state_check;
alter table proposal_pair
add constraint proposal_pair_state_check check (
  state in ('proposed', 'accepted', 'declined', 'lapsed', 'expired')
),
add column sent_on date,
add column held_until date,
add column extensions integer not null default 0,
add constraint proposal_pair_extensions check (extensions between 0 and 2),
add constraint proposal_pair_hold check (
  (sent_on is null) = (held_until is null) and held_until between sent_on and sent_on + 365
  and (held_until is not null or (extensions = 0 and state <> 'expired'))
);
create index proposal_pair_held
on proposal_pair (district_id, held_until) where state = 'proposed' and held_until is not null;

-- Only hold_begin and hold_extend write a hold.
revoke insert on proposal_pair from yibang_app;
grant insert (
  district_id, proposal_id, id, rank, school_id, student_id, offer_id, place, state, reason
) on proposal_pair to yibang_app;

-- What was decided of a pair stays.
create policy decided on proposal_pair as restrictive for update
using (state = 'proposed') with check (true);
-- A pairing does not begin after the hold has ended.
create policy within_hold on pairing as restrictive for insert with check (
  not exists (
    select from proposal_pair r
    where r.district_id = pairing.district_id and r.id = pairing.proposal_pair_id
      and r.held_until < pairing.started_on
  )
);

-- The first day on which a pairing may start: not before the approval, nor before the pupil's pairing
-- of before has ended. One that still runs gives the day on which it started.
create function pairing_starts_from(p_pair uuid, p_student uuid) returns date
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select greatest(
    (
      select p.approved_on from proposal_pair r
      join proposal p on p.district_id = r.district_id and p.id = r.proposal_id
      where r.district_id = current_district() and r.id = p_pair
    ), (
      select max(coalesce(e.ended_on, e.started_on)) from pairing e
      where e.district_id = current_district() and e.student_id = p_student
    )
  );
end;
create policy not_before on pairing as restrictive for insert with check (
  proposal_pair_id is null
  or started_on >= coalesce(pairing_starts_from(proposal_pair_id, student_id), started_on)
);

create function hold_refuse(p_constraint text) returns void
language plpgsql
as $$
begin
  raise check_violation using message = 'refused: ' || p_constraint, constraint = p_constraint,
    table = 'proposal_pair';
end
$$;

-- Locks the approved proposal with this id, or the one that has the pair with this id.
create function hold_lock(p_id uuid) returns uuid
language plpgsql
as $$
declare
  p proposal;
begin
  select o.* into p from proposal o
  where o.district_id = current_district() and current_school() is null
    and o.id in (
      select p_id
      union all
      select r.proposal_id from proposal_pair r
      where r.district_id = current_district() and r.id = p_id
    )
  for update;
  if not found then perform hold_refuse('hold_known'); end if;
  if p.state <> 'approved' then perform hold_refuse('hold_approved'); end if;
  return p.id;
end
$$;
revoke all on function hold_lock(uuid) from public;

-- Holds each open pair of an approved proposal for its sponsor, if it is not held and the consent to
-- pairing covers the day. Gives the pairs that are held from now on.
create function hold_begin(p_proposal uuid, p_on date, p_until date) returns setof uuid
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  students uuid[];
begin
  perform hold_lock(p_proposal);
  if exists (
    select from proposal p
    where p.district_id = current_district() and p.id = p_proposal and p.approved_on > p_on
  ) then
    perform hold_refuse('hold_before_approval');
  end if;
  select array_agg(r.student_id) into students from proposal_pair r
  where r.district_id = current_district() and r.proposal_id = p_proposal
    and r.state = 'proposed' and r.held_until is null;
  return query
  update proposal_pair r set sent_on = p_on, held_until = p_until
  from consents_covering('pairing', null, students, p_on, null) k
  where r.district_id = current_district() and r.proposal_id = p_proposal
    and r.state = 'proposed' and r.held_until is null and r.student_id = k.student_id
  returning r.id;
end
$$;

-- Holds a pair longer: twice at most, and not once the hold is over. Gives the last day.
create function hold_extend(p_pair uuid, p_on date, p_until date) returns date
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  r proposal_pair;
begin
  perform hold_lock(p_pair);
  select o.* into r from proposal_pair o
  where o.district_id = current_district() and o.id = p_pair;
  if r.state is distinct from 'proposed' or r.held_until is null then
    perform hold_refuse('hold_open');
  end if;
  if r.held_until < p_on then perform hold_refuse('hold_over'); end if;
  if p_until <= r.held_until then perform hold_refuse('hold_longer'); end if;
  update proposal_pair o set held_until = p_until, extensions = o.extensions + 1
  where o.district_id = r.district_id and o.id = r.id;
  return p_until;
end
$$;
