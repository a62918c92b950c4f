-- Districts, schools, semesters, users; the application's role and its row-level security.
-- Every row belongs to one district: each key, unique, foreign and exclusion constraint starts with
-- district_id, so that the schema can be distributed by district without change.

create extension if not exists btree_gist;

do $$
begin
  if not exists (select from pg_roles where rolname = 'yibang_app') then
    create role yibang_app nologin;
  end if;
exception when duplicate_object or unique_violation then
  null; -- roles belong to the whole cluster: another database may have made it at the same moment
end
$$;

grant usage on schema public to yibang_app;

-- The district of the running transaction; null (and so no row) where none was set.
create function current_district() returns text
language sql stable parallel safe
return nullif(current_setting('yibang.district', true), '');

-- The school that the running transaction is confined to; null means the whole district.
create function current_school() returns uuid
language sql stable parallel safe
return nullif(current_setting('yibang.school', true), '')::uuid;

create table district (
  district_id text not null check (district_id ~ '^[0-9]{6}$'),
  name text not null check (name <> ''),
  created_at timestamptz not null default now(),
  primary key (district_id)
);

create table school (
  district_id text not null references district (district_id),
  id uuid not null,
  code text not null check (code ~ '^[0-9]{10}$'),
  name text not null check (name <> ''),
  created_at timestamptz not null default now(),
  primary key (district_id, id),
  unique (district_id, code)
);

-- semester: first year × 2, plus 1 in spring; 2026-2027-1 is 4052. Ordered and countable.
create table semester (
  district_id text not null references district (district_id),
  semester integer not null check (semester between 4000 and 4400),
  starts_on date not null,
  ends_on date not null,
  state text not null default 'open' check (state in ('open', 'closed')),
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (district_id, semester),
  constraint semester_dates check (starts_on < ends_on),
  constraint semester_no_overlap exclude using gist (
    district_id with =, daterange(starts_on, ends_on, '[]') with &&
  )
);

create table app_user (
  district_id text not null references district (district_id),
  id uuid not null,
  login text not null check (login <> ''),
  name text not null,
  role text not null check (
    role in ('district_admin', 'matcher', 'finance', 'school_officer', 'principal', 'auditor')
  ),
  school_id uuid,
  -- false: named by --as on the command line before anybody was registered
  registered boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (district_id, id),
  constraint app_user_login unique (district_id, login),
  foreign key (district_id, school_id) references school (district_id, id),
  constraint app_user_school_role check (
    (role in ('school_officer', 'principal')) <= (school_id is not null)
  )
);

-- One row a key: a repeated request has one effect and the same answer.
create table idempotency (
  district_id text not null references district (district_id),
  key text not null check (length(key) between 1 and 200),
  operation text not null,
  request_sha256 bytea not null,
  result_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (district_id, key)
);

-- Who, when, what, before, after. Insert only; holds no identity number, phone or address.
create table audit (
  district_id text not null references district (district_id),
  id uuid not null,
  school_id uuid,
  at timestamptz not null default clock_timestamp(),
  actor_id uuid not null,
  action text not null,
  subject text not null,
  subject_id uuid,
  before jsonb,
  after jsonb,
  primary key (district_id, id)
);
create index audit_by_subject on audit (district_id, subject_id);

-- Proof that the key file at hand is the one this database was sealed with.
create table key_check (
  key_id integer primary key,
  digest bytea not null
);

-- Finding the district of a school code is needed before a district can be set.
create function locate_school(school_code text)
returns table (district_id text, id uuid, name text)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select s.district_id, s.id, s.name from school s where s.code = school_code order by 1;
end;

create function list_districts()
returns table (district_id text, name text)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select d.district_id, d.name from district d order by 1;
end;

create index school_by_code on school (code);

alter table district enable row level security;
alter table school enable row level security;
alter table semester enable row level security;
alter table app_user enable row level security;
alter table idempotency enable row level security;
alter table audit enable row level security;

create policy tenant on district using (district_id = (select current_district()));
create policy tenant on school using (
  district_id = (select current_district())
  and id = coalesce((select current_school()), id)
);
create policy tenant on semester using (district_id = (select current_district()));
create policy tenant on app_user using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on idempotency using (district_id = (select current_district()));
create policy tenant on audit using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);

grant select, insert on district, school, idempotency, audit, key_check to yibang_app;
grant select, insert, update on semester, app_user to yibang_app;
grant update (name) on district, school to yibang_app;
