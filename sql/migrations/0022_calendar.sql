-- Holidays and make-up workdays that are published after the program, and a school's own closures.

-- school_id is null for a public holiday.
create table calendar_day (
  district_id text not null references district (district_id),
  id uuid not null,
  school_id uuid,
  day date not null,
  kind text not null check (kind in ('holiday', 'makeup')),
  name text not null check (name <> ''),
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  constraint calendar_day_once unique nulls not distinct (district_id, school_id, day),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id)
);

-- Years of which all public holidays are known.
create table calendar_year (
  district_id text not null references district (district_id),
  year integer not null check (year between 2018 and 2200),
  actor_id uuid not null,
  at timestamptz not null default clock_timestamp(),
  primary key (district_id, year),
  foreign key (district_id, actor_id) references app_user (district_id, id)
);

alter table calendar_day enable row level security;
alter table calendar_year enable row level security;

create policy tenant on calendar_day using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id is null or school_id = (select current_school()))
) with check (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on calendar_year using (district_id = (select current_district()))
with check (district_id = (select current_district()) and (select current_school()) is null);

grant select, insert on calendar_day, calendar_year to yibang_app;
grant update (kind, name, actor_id, at) on calendar_day to yibang_app;
