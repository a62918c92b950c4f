-- Requests of the API that may be sent again. What each transaction of a request gave is kept in it,
-- so that a repetition gives the same and has no second effect; the answer is kept before it is sent.
create table api_request (
  district_id text not null references district (district_id),
  user_id uuid not null,
  key text not null check (length(key) between 1 and 200),
  operation text not null,
  request_sha256 bytea not null,
  results jsonb [] not null default '{}',
  status integer,
  answer bytea,
  created_at timestamptz not null default now(),
  primary key (district_id, user_id, key)
);
create index api_request_by_age on api_request (district_id, created_at);

alter table api_request enable row level security;
create policy tenant on api_request using (district_id = (select current_district()));
grant select, insert, delete on api_request to yibang_app;
grant update (results, status, answer) on api_request to yibang_app;

-- A district's gifts a page at a time.
create index donation_by_day on donation (district_id, semester, received_on, id);
