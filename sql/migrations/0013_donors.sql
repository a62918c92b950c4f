-- One donor is one person or company: identity, merging, anonymity, what a donor asked for.
-- Runs before the program serves, so no client waits for its locks or assumes what it drops.
-- squawk-ignore-file adding-field-with-default, adding-foreign-key-constraint
-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-deletion

-- A name as it is compared: half-width, without case, spaces, dots and brackets, and without the
-- words for a company's legal form.
create function donor_key(p_name text) returns text
language sql immutable parallel safe
return regexp_replace(
  regexp_replace(lower(normalize(p_name, nfkc)), '[[:space:]·•‧・.()]', '', 'g'),
  '(股份有限公司|有限责任公司|有限公司|公司)$', ''
);

-- merged_into: the donor that this record belongs to; null for a donor of its own. One level only:
-- the foreign key admits no record as target that itself belongs to another, so there is no cycle.
-- anonymous: whether the donor is unnamed now; the same for all records of a donor.
-- anonymous_first: what it was before the first decision or merge; null where there was none.
-- entity_hash: of the organisation code within a credit code, which stays when the code changes.
alter table donor
add column merged_into uuid,
add column survives boolean generated always as (merged_into is null) stored,
add column into_survivor boolean generated always as (
  case when merged_into is not null then true end
) stored,
add column anonymous_first boolean,
add column entity_hash bytea,
add column name_key text generated always as (donor_key(name)) stored,
add constraint donor_survivor unique (district_id, id, survives),
add constraint donor_merged_into foreign key (district_id, merged_into, into_survivor)
references donor (district_id, id, survives),
add constraint donor_merged_into_other check (merged_into <> id);
create index donor_by_survivor on donor (district_id, merged_into) where merged_into is not null;
create index donor_by_name_key on donor (district_id, name_key);
create index donor_by_entity on donor (district_id, entity_hash) where entity_hash is not null;
create index donor_unnamed on donor (district_id) where anonymous and name <> '匿名';
drop index donation_by_donor;
create index donation_by_donor on donation (district_id, donor_id, received_on desc, id desc);

-- Schools that know a donor whom another school, or the district, keeps.
create table donor_school (
  district_id text not null,
  donor_id uuid not null,
  school_id uuid not null,
  known_since timestamptz not null default clock_timestamp(),
  primary key (district_id, donor_id, school_id),
  foreign key (district_id, donor_id) references donor (district_id, id),
  foreign key (district_id, school_id) references school (district_id, id)
);

-- Two records of one donor brought together. Gifts, offers and pairings keep their record; what
-- belongs together follows from the merges in force. The sums are those found at the merge.
create table donor_merge (
  district_id text not null,
  id uuid not null,
  from_donor uuid not null,
  into_donor uuid not null,
  reason text not null check (reason <> ''),
  gifts bigint not null,
  given_fen bigint not null,
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  undone_at timestamptz,
  undone_by uuid,
  undo_reason text,
  primary key (district_id, id),
  foreign key (district_id, from_donor) references donor (district_id, id),
  foreign key (district_id, into_donor) references donor (district_id, id),
  constraint donor_merge_two check (from_donor <> into_donor),
  constraint donor_merge_undone check (
    (undone_at is null) = (undone_by is null) and (undone_at is null) = (undo_reason is null)
  )
);
create unique index donor_merged_once on donor_merge (district_id, from_donor)
where undone_at is null;
create index donor_merge_by_into on donor_merge (district_id, into_donor) where undone_at is null;

-- Whether a donor is to be named, as the donor said: being named needs recorded consent (慈善法 82).
create table donor_anonymity (
  district_id text not null,
  id uuid not null,
  donor_id uuid not null,
  anonymous boolean not null,
  consent text check (consent <> ''),
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  foreign key (district_id, donor_id) references donor (district_id, id),
  constraint donor_named_by_consent check (anonymous or consent is not null)
);
create index donor_anonymity_by_donor on donor_anonymity (district_id, donor_id);

-- 慈善法 42: a donor may query and copy the records of the gifts.
create table donor_request (
  district_id text not null,
  id uuid not null,
  donor_id uuid not null,
  kind text not null check (kind in ('copy')),
  reason text not null check (reason <> ''),
  asked_on date not null,
  answered_on date not null,
  gifts integer not null check (gifts >= 0),
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  foreign key (district_id, donor_id) references donor (district_id, id),
  constraint donor_request_days check (answered_on >= asked_on)
);
create index donor_request_by_donor on donor_request (district_id, donor_id, id);

-- The records of a donor, by any one of them.
create function donor_records(p_donor uuid) returns uuid[]
language sql stable security definer
set search_path = public, pg_temp
return (
  select array_agg(r.id order by r.id) from donor d
  join donor r on r.district_id = d.district_id
    and (
      r.id = coalesce(d.merged_into, d.id) or r.merged_into = coalesce(d.merged_into, d.id)
    )
  where d.district_id = current_district() and d.id = p_donor
);

create function donor_survivor_name(p_donor uuid) returns text
language sql stable security definer
set search_path = public, pg_temp
return (select d.name from donor d where d.district_id = current_district() and d.id = p_donor);

-- The name under which a list shows a donor.
create function donor_shown(p_anonymous boolean, p_name text, p_merged_into uuid) returns text
language sql stable
return case
  when p_anonymous then '匿名'
  when p_merged_into is null then p_name
  else coalesce(donor_survivor_name(p_merged_into), p_name)
end;

-- Finds a name in text, also with spaces or dots between its characters, and a company's without
-- the words for its legal form.
create function donor_pattern(p_name text, p_key text) returns text
language sql immutable parallel safe
return (
  select string_agg(
      case when strpos('.*+?()[]{}|^$\-', c.letter) > 0 then '\' || c.letter else c.letter end,
      '[[:space:]·•‧・.()]*' order by c.place
    )
  from regexp_split_to_table(
    case when length(p_key) >= 2 then p_key else lower(normalize(p_name, nfkc)) end, ''
  ) with ordinality as c (letter, place)
) || case
  when length(p_key) >= 2 then '([[:space:]]*(股份有限公司|有限责任公司|有限公司|公司))?'
  else ''
end;

-- Text without the names of an unnamed donor.
create function donor_clean(p_text text, p_donor uuid) returns text
language plpgsql stable security definer
set search_path = public, pg_temp
as $$
declare
  cleaned text := p_text;
  pattern text;
begin
  for pattern in
    select donor_pattern(r.name, r.name_key) from donor r
    where r.district_id = current_district() and r.id = any (donor_records(p_donor))
      and r.anonymous and r.name <> '匿名'
    order by length(r.name) desc, r.id
  loop
    if normalize(cleaned, nfkc) ~* pattern then
      cleaned := regexp_replace(normalize(cleaned, nfkc), pattern, '匿名', 'gi');
    end if;
  end loop;
  return cleaned;
end
$$;

-- What people wrote beside a gift or offer, as a list shows it.
create function donor_text(p_text text, p_anonymous boolean, p_donor uuid) returns text
language sql stable
return case
  when p_anonymous and p_text is not null then donor_clean(p_text, p_donor) else p_text
end;

-- The same for what several donors have a part in; null: nobody unnamed has.
create function donors_clean(p_text text, p_donors uuid[]) returns text
language plpgsql stable
set search_path = public, pg_temp
as $$
declare
  cleaned text := p_text;
  donor_id uuid;
begin
  foreach donor_id in array p_donors loop
    cleaned := donor_clean(cleaned, donor_id);
  end loop;
  return cleaned;
end
$$;

create function donors_text(p_text text, p_donors uuid[]) returns text
language sql stable
return case when p_donors is null then p_text else donors_clean(p_text, p_donors) end;

-- A fund's name is often the words of a designation: the unnamed donors whose name stands in it and
-- who gave to it; null where there is none.
create function fund_hides(p_fund uuid, p_name text) returns uuid[]
language sql stable security definer
set search_path = public, pg_temp
return (
  select array_agg(d.id order by d.id) from donor d
  where d.district_id = current_district() and d.anonymous and d.name <> '匿名'
    and d.name_key <> '' and strpos(donor_key(p_name), d.name_key) > 0
    and exists (
      select from donation g
      where g.district_id = d.district_id and g.fund_id = p_fund
        and g.donor_id = any (donor_records(d.id))
    )
);

create function fund_shown(p_fund uuid, p_kind text, p_name text) returns text
language sql stable
return case
  when p_kind in ('designated', 'other') then donors_text(p_name, fund_hides(p_fund, p_name))
  else p_name
end;

-- What stands under some records of donors: gifts, offers, pairings and what came in of them.
create function donor_sums(
  p_records uuid[], out gifts bigint, out given_fen bigint, out back_fen bigint,
  out offers bigint, out pairings bigint, out receipts bigint, out received_fen bigint,
  out received_back_fen bigint
)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select g.gifts, g.given_fen, g.back_fen + c.back_fen, o.offers, p.pairings, r.receipts,
    r.received_fen, r.back_fen
  from (
    select count(*) as gifts, coalesce(sum(g.amount_fen), 0)::bigint as given_fen,
      coalesce(sum(b.reversed_fen), 0)::bigint as back_fen
    from donation g
    left join transfer_reversed b
      on b.district_id = g.district_id and b.transfer_id = g.transfer_id
    where g.district_id = current_district() and g.donor_id = any (p_records)
  ) as g, (
    select coalesce(sum(b.reversed_fen), 0)::bigint as back_fen
    from donation g
    join change_of_use c on c.district_id = g.district_id and c.donation_id = g.id
    join transfer_reversed b
      on b.district_id = c.district_id and b.transfer_id = c.in_transfer
    where g.district_id = current_district() and g.donor_id = any (p_records)
  ) as c, (
    select count(*) as offers from offer o
    where o.district_id = current_district() and o.donor_id = any (p_records)
  ) as o, (
    select count(*) as pairings from pairing p
    where p.district_id = current_district() and p.donor_id = any (p_records)
  ) as p, (
    select count(*) as receipts, coalesce(sum(i.amount_fen), 0)::bigint as received_fen,
      coalesce(sum(b.reversed_fen), 0)::bigint as back_fen
    from pairing p
    join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
    join instalment n on n.district_id = k.district_id and n.commitment_id = k.id
    join instalment_receipt i on i.district_id = n.district_id and i.instalment_id = n.id
    left join transfer_reversed b
      on b.district_id = i.district_id and b.transfer_id = i.transfer_id
    where p.district_id = current_district() and p.donor_id = any (p_records)
  ) as r;
end;

-- Whether a donor of its own is unnamed: what was decided last, and where records were joined since,
-- also what they wished. Follows from decisions and merges in force alone, so an undone merge
-- leaves nothing behind.
create function donor_unnamed(p_donor uuid) returns boolean
language plpgsql stable
set search_path = public, pg_temp
as $$
declare
  unnamed boolean;
  event record;
begin
  select coalesce(d.anonymous_first, d.anonymous) into unnamed from donor d
  where d.district_id = current_district() and d.id = p_donor;
  for event in
    select a.at, a.id, a.anonymous, null::uuid as joined from donor_anonymity a
    where a.district_id = current_district() and a.donor_id = p_donor
    union all
    select m.at, m.id, null, m.from_donor from donor_merge m
    where m.district_id = current_district() and m.into_donor = p_donor and m.undone_at is null
    order by 1, 2
  loop
    if event.joined is null then
      unnamed := event.anonymous;
    else
      unnamed := unnamed or donor_unnamed(event.joined);
    end if;
  end loop;
  return unnamed;
end
$$;

-- Each of these records with the donor that it belongs to by the merges in force.
create function donor_survivors(p_records uuid[]) returns table (id uuid, survivor uuid)
language sql stable
set search_path = public, pg_temp
begin atomic
  with recursive step as (
    select r.id, r.id as survivor from unnest(p_records) as r (id)
    union all
    select s.id, m.into_donor from step s
    join donor_merge m
      on m.district_id = current_district() and m.from_donor = s.survivor and m.undone_at is null
  )
  select s.id, s.survivor from step s
  where not exists (
    select from donor_merge m
    where m.district_id = current_district() and m.from_donor = s.survivor and m.undone_at is null
  );
end;

-- Writes what follows from merges and decisions into the records.
create function donor_settle(p_records uuid[]) returns void
language plpgsql
set search_path = public, pg_temp
as $$
begin
  update donor d
  set merged_into = nullif(s.survivor, d.id), anonymous = donor_unnamed(s.survivor)
  from donor_survivors(p_records) as s
  where d.district_id = current_district() and d.id = s.id
    and (d.merged_into, d.anonymous) is distinct from (
      nullif(s.survivor, d.id), donor_unnamed(s.survivor)
    );
end
$$;

-- Takes the turn of whoever changes what belongs together in the district, and locks the records in
-- order of id, so that gifts and offers under way are finished first.
create function donor_lock(p_records uuid[]) returns void
language plpgsql
set search_path = public, pg_temp
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('donor ' || current_district(), 0));
  perform from donor d
  where d.district_id = current_district()
    and (d.id = any (p_records) or d.merged_into = any (p_records))
  order by d.id
  for update;
  update donor set anonymous_first = anonymous
  where district_id = current_district() and id = any (p_records) and anonymous_first is null;
end
$$;

-- Brings the records of one donor under another. Refuses what is no donor of its own, two different
-- identities, and any change of the sums.
create function donor_merge(
  p_id uuid, p_from uuid, p_into uuid, p_reason text, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  records uuid[];
  before record;
  after record;
begin
  if current_school() is not null then
    raise insufficient_privilege using message = 'donors are merged by the district';
  end if;
  perform donor_lock(array[p_from, p_into]);
  if (
    select count(*) from donor d
    where d.district_id = current_district() and d.id in (p_from, p_into) and d.survives
  ) <> 2 then
    raise check_violation using message = 'a record that belongs to another is not merged',
      constraint = 'donor_merge_survivors', table = 'donor_merge';
  end if;
  records := donor_records(p_from) || donor_records(p_into);
  if exists (
    select from donor a, donor b
    where a.district_id = current_district() and b.district_id = current_district()
      and a.id = any (donor_records(p_from)) and b.id = any (donor_records(p_into))
      and a.identity_hash <> b.identity_hash
      and not coalesce(a.entity_hash = b.entity_hash, false)
  ) then
    raise check_violation using message = 'the records have different identities',
      constraint = 'donor_merge_identities', table = 'donor_merge';
  end if;
  before := donor_sums(records);
  insert into donor_merge (
    district_id, id, from_donor, into_donor, reason, gifts, given_fen, actor_id
  )
  values (
    current_district(), p_id, p_from, p_into, p_reason, before.gifts, before.given_fen, p_actor
  );
  perform donor_settle(records);
  -- What came in or went back meanwhile changes both sides of the one statement alike.
  select n.gifts, n.given_fen, n.offers, n.pairings, n.* = o.* as whole into after
  from donor_sums(donor_records(p_into)) as n, donor_sums(records) as o;
  if not after.whole
    or (after.gifts, after.given_fen, after.offers, after.pairings)
    <> (before.gifts, before.given_fen, before.offers, before.pairings)
  then
    raise check_violation using message = 'the sums before and after differ',
      constraint = 'donor_merge_sums', table = 'donor_merge';
  end if;
end
$$;

-- Takes a merge back, whatever came after it: each gift stands again where it was recorded.
create function donor_unmerge(p_id uuid, p_reason text, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  merge donor_merge;
  records uuid[];
  before record;
  after record;
begin
  if current_school() is not null then
    raise insufficient_privilege using message = 'donors are merged by the district';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('donor ' || current_district(), 0));
  select * into merge from donor_merge m
  where m.district_id = current_district() and m.id = p_id and m.undone_at is null;
  if not found then
    raise check_violation using message = 'no such merge is in force',
      constraint = 'donor_merge_in_force', table = 'donor_merge';
  end if;
  records := donor_records(merge.from_donor);
  perform donor_lock(records);
  before := donor_sums(records);
  update donor_merge
  set undone_at = clock_timestamp(), undone_by = p_actor, undo_reason = p_reason
  where district_id = current_district() and id = p_id;
  perform donor_settle(records);
  select sum(s.gifts) as gifts, sum(s.given_fen) as given_fen, sum(s.offers) as offers,
    sum(s.pairings) as pairings
  into after
  from (
    select distinct coalesce(d.merged_into, d.id) as survivor from donor d
    where d.district_id = current_district() and d.id = any (records)
  ) as r
  cross join lateral donor_sums(donor_records(r.survivor)) as s;
  if (after.gifts, after.given_fen, after.offers, after.pairings)
    <> (before.gifts, before.given_fen, before.offers, before.pairings)
  then
    raise check_violation using message = 'the sums before and after differ',
      constraint = 'donor_merge_sums', table = 'donor_merge';
  end if;
end
$$;

-- Records whether a donor is to be named, for all its records.
create function donor_decide(
  p_id uuid, p_donor uuid, p_anonymous boolean, p_consent text, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  records uuid[];
begin
  perform pg_advisory_xact_lock(hashtextextended('donor ' || current_district(), 0));
  records := donor_records(p_donor);
  perform donor_lock(records);
  insert into donor_anonymity (district_id, id, donor_id, anonymous, consent, actor_id)
  select d.district_id, p_id, coalesce(d.merged_into, d.id), p_anonymous, p_consent, p_actor
  from donor d
  where d.district_id = current_district() and d.id = p_donor;
  perform donor_settle(records);
end
$$;

-- The donor with this identity, wherever it is kept; from now on known to the school as well.
create function donor_acquaint(p_identity bytea, p_school uuid) returns uuid
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  known donor;
begin
  select * into known from donor d
  where d.district_id = current_district() and d.identity_hash = p_identity;
  if found and p_school is not null and known.school_id is distinct from p_school then
    if current_school() is not null and p_school <> current_school() then
      raise insufficient_privilege using message = 'another school';
    end if;
    insert into donor_school (district_id, donor_id, school_id)
    values (current_district(), known.id, p_school)
    on conflict do nothing;
  end if;
  return known.id;
end
$$;

revoke all on function donor_settle(uuid[]), donor_lock(uuid[]) from public;

alter table donor_school enable row level security;
alter table donor_merge enable row level security;
alter table donor_anonymity enable row level security;
alter table donor_request enable row level security;

create policy tenant on donor_school using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on donor_merge using (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on donor_anonymity using (
  district_id = (select current_district())
  and ((select current_school()) is null or donor_id in (select d.id from donor d))
);
create policy tenant on donor_request using (
  district_id = (select current_district())
  and ((select current_school()) is null or donor_id in (select d.id from donor d))
);
-- A school sees the donors it keeps or knows, those who gave to it, and the sponsors of its pupils.
drop policy tenant on donor;
create policy tenant on donor using (
  district_id = (select current_district())
  and (
    (select current_school()) is null
    or school_id = (select current_school())
    or exists (
      select from donor_school k where k.district_id = donor.district_id and k.donor_id = donor.id
    )
    or exists (
      select from donation g where g.district_id = donor.district_id and g.donor_id = donor.id
    )
    or exists (
      select from pairing p where p.district_id = donor.district_id and p.donor_id = donor.id
    )
  )
);

grant select on donor_school, donor_merge, donor_anonymity to yibang_app;
grant select, insert on donor_request to yibang_app;
-- What belongs together and who is named is written by the functions above alone.
revoke update on donor from yibang_app;
grant update (employer, private_sealed, identity_hash, phone_hash, entity_hash) on donor
to yibang_app;
