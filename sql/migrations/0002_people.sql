-- Students, guardians, consents, recognitions, and the files they were imported from.
-- Identity numbers, phones and addresses are sealed (AES-GCM) and looked up by keyed hash.
-- Rows that belong to a pupil carry its school; they follow it by ON UPDATE CASCADE.

create table import_file (
  district_id text not null references district (district_id),
  id uuid not null,
  school_id uuid,
  kind text not null check (kind in ('student', 'donation', 'offer', 'activity')),
  semester integer not null,
  name text not null,
  sha256 bytea not null,
  accepted integer not null,
  unchanged integer not null,
  refused integer not null,
  actor_id uuid not null,
  at timestamptz not null default now(),
  primary key (district_id, id),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, semester) references semester (district_id, semester)
);

create table student (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  name text not null check (name <> ''),
  gender text check (gender in ('male', 'female')),
  ethnicity text,
  birth_month date,
  grade text,
  class_name text,
  head_teacher text,
  boarding boolean,
  -- resident ID, 学籍号, phone, address, as one sealed record (AAD student:id:private)
  private_sealed bytea,
  resident_hash bytea,
  code_hash bytea,
  import_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (district_id, id),
  unique (district_id, school_id, id),
  constraint student_resident_id unique (district_id, resident_hash),
  foreign key (district_id, school_id) references school (district_id, id)
);
-- Most codes are made of the resident ID, which identifies by itself: they have no hash.
create unique index student_code on student (district_id, code_hash) where code_hash is not null;
create index student_by_name on student (district_id, school_id, name, class_name);

create table guardian (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  name text not null check (name <> ''),
  relation text,
  private_sealed bytea,
  phone_hash bytea,
  resident_hash bytea,
  primary key (district_id, id),
  unique (district_id, student_id, name),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade
);
create index guardian_by_phone on guardian (district_id, phone_hash) where phone_hash is not null;

create table consent (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  scope text not null check (scope in ('pairing')),
  given_by text not null,
  given_on date not null,
  proof text not null,
  withdrawn_on date,
  actor_id uuid not null,
  primary key (district_id, id),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  constraint consent_dates check (withdrawn_on >= given_on)
);
create unique index consent_one_running
on consent (district_id, student_id, scope) where withdrawn_on is null;

-- school_year: its first calendar year; 2026 is 2026-2027.
create table recognition (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  school_year integer not null,
  tier text not null check (tier in ('special', 'difficult', 'general')),
  category text,
  rule_set text not null,
  rule_version integer not null,
  state text not null check (state in ('filed', 'revoked')),
  filed_on date not null,
  source text not null,
  reasons jsonb not null,
  actor_id uuid not null,
  primary key (district_id, id),
  constraint recognition_once_a_year unique (district_id, student_id, school_year),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade
);
create index recognition_by_year on recognition (district_id, school_year, school_id);

-- Where in the district a pupil is enrolled, whatever school the caller is confined to: a second
-- enrolment has to be refused with its reason. Tells the school, nothing of the pupil.
create function locate_students(resident_hashes bytea[], code_hashes bytea[])
returns table (resident_hash bytea, code_hash bytea, school_id uuid, student_id uuid)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select s.resident_hash, s.code_hash, s.school_id, s.id from student s
  where s.district_id = current_district()
    and (s.resident_hash = any (resident_hashes) or s.code_hash = any (code_hashes));
end;

alter table import_file enable row level security;
alter table student enable row level security;
alter table guardian enable row level security;
alter table consent enable row level security;
alter table recognition enable row level security;

create policy tenant on import_file using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on student using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on guardian using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on consent using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on recognition using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);

grant select, insert on import_file to yibang_app;
grant select, insert, update on student, guardian, consent, recognition to yibang_app;
