-- Accounts: passwords, second factors, sessions, tokens, links, and what holds guessing back. No secret
-- stands here in clear: of tokens and codes only hashes, of a password its argon2id, and the secret of a
-- second factor sealed. Nothing of it can be seen from within a school's confinement, since accounts are
-- a matter of persons; the operations name the person.
-- Runs before the program serves, so no client waits for its locks. The constraint dropped is added
-- again, wider, in the next statement; the new column is empty, so its key holds.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint, adding-foreign-key-constraint

alter table app_user drop constraint app_user_role_check;
alter table app_user add constraint app_user_role_check check (
  role in (
    'district_admin', 'matcher', 'finance', 'school_officer', 'principal', 'assessor', 'auditor',
    'system', 'sponsor'
  )
);
-- disabled_at: since when the user can neither sign in nor act. donor_id: as whom a sponsor reads.
alter table app_user add column disabled_at timestamptz;
alter table app_user add column donor_id uuid;
alter table app_user add constraint app_user_donor
foreign key (district_id, donor_id) references donor (district_id, id);
alter table app_user add constraint app_user_sponsor check (
  (role = 'sponsor') = (donor_id is not null) and (role <> 'sponsor' or school_id is null)
);
create index app_user_of_donor on app_user (district_id, donor_id) where donor_id is not null;

-- password_hash: a PHC string. totp_sealed: the secret of the second factor (AAD credential:user:totp),
-- in force from totp_confirmed_at on. totp_last_step: of the last code taken; none up to it is again.
create table credential (
  district_id text not null,
  user_id uuid not null,
  password_hash text not null check (password_hash ~ '^\$argon2id\$v=19\$[ -~]{50,200}$'),
  changed_at timestamptz not null,
  totp_sealed bytea,
  totp_confirmed_at timestamptz,
  totp_last_step bigint,
  primary key (district_id, user_id),
  foreign key (district_id, user_id) references app_user (district_id, id),
  constraint credential_totp check (
    totp_sealed is not null or (totp_confirmed_at is null and totp_last_step is null)
  )
);

-- What gets a person in once who lost the second factor. code_hash: keyed.
create table recovery_code (
  district_id text not null,
  user_id uuid not null,
  code_hash bytea not null check (length(code_hash) = 32),
  used_at timestamptz,
  primary key (district_id, user_id, code_hash),
  foreign key (district_id, user_id) references credential (district_id, user_id)
);

-- second_factor: whether it was begun, or completed, with one. user_agent: shortened, to be recognised.
create table login_session (
  district_id text not null,
  id uuid not null,
  user_id uuid not null,
  token_sha256 bytea not null check (length(token_sha256) = 32),
  second_factor boolean not null,
  user_agent text check (length(user_agent) <= 120),
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (district_id, id),
  constraint login_session_token unique (district_id, token_sha256),
  foreign key (district_id, user_id) references app_user (district_id, id),
  constraint login_session_times check (created_at < expires_at)
);
create index login_session_of_user on login_session (district_id, user_id)
where revoked_at is null;

-- A token that a person's programs act with. scope: codes of permissions.
create table access_token (
  district_id text not null,
  id uuid not null,
  user_id uuid not null,
  name text not null check (length(name) between 1 and 80),
  token_sha256 bytea not null check (length(token_sha256) = 32),
  scope text[] not null check (cardinality(scope) > 0),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (district_id, id),
  constraint access_token_token unique (district_id, token_sha256),
  foreign key (district_id, user_id) references app_user (district_id, id),
  constraint access_token_times check (
    created_at < expires_at and expires_at <= created_at + interval '366 days'
  )
);
create index access_token_of_user on access_token (district_id, user_id) where revoked_at is null;

-- What a person sets a password with, once. A newer link of the same person ends an older one.
create table one_time_link (
  district_id text not null,
  id uuid not null,
  user_id uuid not null,
  kind text not null check (kind in ('invite', 'reset')),
  token_sha256 bytea not null check (length(token_sha256) = 32),
  made_by uuid not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (district_id, id),
  constraint one_time_link_token unique (district_id, token_sha256),
  foreign key (district_id, user_id) references app_user (district_id, id),
  foreign key (district_id, made_by) references app_user (district_id, id)
);
create unique index one_time_link_open on one_time_link (district_id, user_id)
where used_at is null;

-- How often in a row something was guessed wrong. bucket: a keyed hash of what is counted, a login, an
-- address or both: neither can be read from it.
create table sign_in_failure (
  district_id text not null references district (district_id),
  bucket bytea not null check (length(bucket) = 32),
  count integer not null check (count >= 0),
  last_at timestamptz not null,
  primary key (district_id, bucket)
);
create index sign_in_failure_by_age on sign_in_failure (district_id, last_at);

alter table credential enable row level security;
alter table recovery_code enable row level security;
alter table login_session enable row level security;
alter table access_token enable row level security;
alter table one_time_link enable row level security;
alter table sign_in_failure enable row level security;
create policy tenant on credential using (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on recovery_code using (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on login_session using (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on access_token using (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on one_time_link using (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on sign_in_failure using (
  district_id = (select current_district()) and (select current_school()) is null
);

-- Whose a row is, its token and when it was made stay as they were written.
grant select, insert on credential, recovery_code, login_session, access_token, one_time_link,
sign_in_failure to yibang_app;
grant update (password_hash, changed_at, totp_sealed, totp_confirmed_at, totp_last_step)
on credential to yibang_app;
grant update (used_at) on recovery_code to yibang_app;
grant update (second_factor, last_seen_at, revoked_at) on login_session to yibang_app;
grant update (last_used_at, revoked_at) on access_token to yibang_app;
grant update (used_at) on one_time_link to yibang_app;
grant update (count, last_at) on sign_in_failure to yibang_app;
-- Codes are replaced by new ones; a count that is over is forgotten; an open link that a newer one
-- replaces goes.
grant delete on recovery_code, sign_in_failure, one_time_link to yibang_app;
