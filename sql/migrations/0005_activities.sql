-- Moral-education and gratitude activities. Attendance never conditions aid: no pupil is named here,
-- only the pairings or donors that an activity concerns.

create table activity (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  semester integer not null,
  held_on date not null,
  kind text not null check (
    kind in (
      'class_meeting', 'essay', 'campaign_month', 'home_visit', 'gratitude', 'policy', 'other'
    )
  ),
  theme text not null check (theme <> ''),
  host text,
  participants integer check (participants >= 0),
  place text,
  outcome text,
  note text,
  line_hash bytea,
  import_id uuid,
  actor_id uuid not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  unique (district_id, school_id, id),
  constraint activity_line unique (district_id, line_hash),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, semester) references semester (district_id, semester)
);
create index activity_by_semester on activity (district_id, school_id, semester, held_on);

create table activity_link (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  activity_id uuid not null,
  pairing_id uuid,
  donor_id uuid,
  primary key (district_id, id),
  foreign key (district_id, school_id, activity_id)
  references activity (district_id, school_id, id),
  foreign key (district_id, pairing_id) references pairing (district_id, id),
  foreign key (district_id, donor_id) references donor (district_id, id),
  constraint activity_link_one check ((pairing_id is null) <> (donor_id is null)),
  constraint activity_link_once unique nulls not distinct (
    district_id, activity_id, pairing_id, donor_id
  )
);

alter table activity enable row level security;
alter table activity_link enable row level security;

create policy tenant on activity using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on activity_link using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);

grant select, insert on activity, activity_link to yibang_app;

-- Plans made while a table was empty read it whole for every row, those of foreign keys among them.
-- An import that fills small tables calls this after its first chunk. Tables that another import is
-- about to analyse are passed over, and so are those that autovacuum keeps track of.
create function analyze_small_tables()
returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  small text;
begin
  for small in
    select c.oid::regclass::text from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.reltuples < 10000
      and c.relname in (
        'student', 'guardian', 'consent', 'recognition', 'donor', 'donation', 'transfer', 'account',
        'offer', 'offer_place'
      )
  loop
    execute format('analyze (skip_locked) %s', small);
  end loop;
end
$$;
