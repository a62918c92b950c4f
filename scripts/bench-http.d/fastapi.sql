-- The peer's schema: what recording a donation and reading a fund need, as the server has it.
create table app_user (
  id uuid primary key,
  login text not null unique,
  role text not null,
  disabled_at timestamptz
);
create table access_token (
  token_sha256 bytea primary key,
  user_id uuid not null references app_user,
  scope text[] not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create table school (id uuid primary key, code text not null unique, name text not null);
create table semester (
  code text primary key,
  starts_on date not null,
  ends_on date not null,
  is_open boolean not null
);
create table fund (
  id uuid primary key,
  school_id uuid not null references school,
  kind text not null,
  name text not null,
  unique (school_id, kind)
);
create table account (
  id uuid primary key,
  fund_id uuid not null references fund,
  kind text not null check (kind in ('balance', 'source', 'use')),
  label text not null,
  debits bigint not null default 0 check (debits >= 0),
  credits bigint not null default 0 check (credits >= 0),
  unique (fund_id, kind, label),
  check (kind <> 'balance' or credits >= debits)
) with (fillfactor = 70);
create table account_semester (
  account_id uuid not null references account,
  semester text not null references semester,
  debits bigint not null default 0,
  credits bigint not null default 0,
  primary key (account_id, semester)
) with (fillfactor = 70);
create table donor (
  id uuid primary key,
  school_id uuid not null references school,
  kind text not null,
  name text not null,
  unique (school_id, kind, name)
);
create table transfer (
  id uuid primary key,
  debit_account uuid not null references account,
  credit_account uuid not null references account,
  amount_fen bigint not null check (amount_fen > 0),
  semester text not null references semester,
  occurred_on date not null,
  actor_id uuid not null references app_user,
  recorded_at timestamptz not null default clock_timestamp(),
  check (debit_account <> credit_account)
);
create index on transfer (debit_account, semester);
create index on transfer (credit_account, semester);
create table donation (
  id uuid primary key,
  school_id uuid not null references school,
  donor_id uuid not null references donor,
  fund_id uuid not null references fund,
  transfer_id uuid not null references transfer,
  semester text not null references semester,
  amount_fen bigint not null check (amount_fen > 0),
  received_on date not null,
  method text not null,
  recorded_at timestamptz not null default clock_timestamp()
);
create index on donation (school_id, semester, received_on, id);
create index on donation (donor_id, received_on);
create table idempotency (
  user_id uuid not null references app_user,
  key text not null,
  request_sha256 bytea not null,
  donation_id uuid not null,
  primary key (user_id, key)
);
create table audit (
  id uuid primary key,
  at timestamptz not null default clock_timestamp(),
  actor_id uuid not null references app_user,
  action text not null,
  subject_id uuid not null,
  after jsonb
);
create index on audit (subject_id);

insert into app_user values ('00000000-0000-7000-8000-000000000001', 'root', 'finance');
insert into access_token
select sha256(convert_to(:'token', 'UTF8')), id, '{record_donations,read}', now() + interval '90 days'
from app_user;
insert into school values ('00000000-0000-7000-8000-000000000002', '2199000001', '测量学校');
insert into semester values ('2025-2026-1', '2025-08-01', '2026-01-31', true);
insert into fund
select '00000000-0000-7000-8000-000000000003', id, 'general', '爱心基金' from school;
insert into account
select gen_random_uuid(), fund.id, a.kind, a.label
from fund, (values ('balance', ''), ('source', 'company'), ('use', 'living')) as a (kind, label);
