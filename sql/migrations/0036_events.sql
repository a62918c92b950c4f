-- The change feed, and webhooks that push it. An event is a line of the audit trail without its values:
-- what was done to which record, so nothing of a person.
-- Runs before the program serves, so no client waits for its locks.
-- squawk-ignore-file adding-field-with-default, prefer-bigint-over-int

-- The transaction that wrote the line. In order of it and the id the feed is read as far as every
-- transaction has ended, so nothing ever appears behind a place that was read.
alter table audit
add column xact bigint not null default (pg_current_xact_id()::text::bigint);
create index audit_feed on audit (district_id, xact, id);

-- Another one wherever a backup is restored, whose transactions are counted anew.
alter table district add column feed_epoch uuid not null default gen_random_uuid();

-- Accounts, tokens and who looked at whom are nobody's business but the trail's.
create function is_event(p_action text) returns boolean
language sql immutable
return p_action !~ '^(user|session|token|identity|access|account|key|webhook)[._]';

-- Below it every transaction has ended.
create function feed_horizon() returns bigint
language sql stable
return pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

-- secret_sealed: signs what is sent (AAD webhook:id:secret). actions: what is sent; null: all events.
-- at_xact, at_id: the place in the feed up to which deliveries are made.
create table webhook (
  district_id text not null references district (district_id),
  id uuid not null,
  url text not null check (url ~ '^https?://' and length(url) <= 500),
  secret_sealed bytea not null,
  actions text[] check (cardinality(actions) > 0),
  state text not null default 'active' check (state in ('active', 'paused')),
  at_xact bigint not null,
  at_id uuid not null,
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  foreign key (district_id, made_by) references app_user (district_id, id)
);

-- A delivery of an event. dead: tried often enough; it holds up its subject no longer.
create table webhook_delivery (
  district_id text not null,
  webhook_id uuid not null,
  event_id uuid not null,
  xact bigint not null,
  subject_id uuid not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  attempts integer not null default 0,
  run_at timestamptz not null default clock_timestamp(),
  leased_until timestamptz,
  error_code text check (error_code ~ '^[a-z0-9_.]{1,60}$'),
  ended_at timestamptz,
  primary key (district_id, webhook_id, event_id),
  foreign key (district_id, webhook_id) references webhook (district_id, id) on delete cascade,
  foreign key (district_id, event_id) references audit (district_id, id),
  constraint webhook_delivery_end check ((state = 'waiting') = (ended_at is null))
);
create index webhook_delivery_waiting
on webhook_delivery (district_id, webhook_id, subject_id, xact, event_id)
where state = 'waiting';
create index webhook_delivery_by_state on webhook_delivery (district_id, webhook_id, state, event_id);

alter table webhook enable row level security;
alter table webhook_delivery enable row level security;
create policy tenant on webhook using (
  district_id = (select current_district())
  and case when (select current_school()) is null then true else false end
);
create policy tenant on webhook_delivery using (
  district_id = (select current_district())
  and case when (select current_school()) is null then true else false end
);
grant select, insert, update, delete on webhook to yibang_app;
grant select, insert, update on webhook_delivery to yibang_app;

-- Districts where something may have to be sent.
create function webhook_districts() returns setof text
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select distinct w.district_id from webhook w where w.state = 'active';
end;

-- Makes deliveries of what has happened since, for every active webhook of the district, from so many
-- lines of the trail at a time. Returns whether there may be more.
create function webhook_fan_out(p_limit integer) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  w webhook;
  last record;
  more boolean := false;
begin
  for w in
    select * from webhook q
    where q.district_id = current_district() and q.state = 'active'
    order by q.id
    for update skip locked
  loop
    select f.xact, f.id, f.place into last
    from (
      select a.xact, a.id, row_number() over (order by a.xact, a.id) as place from audit a
      where a.district_id = w.district_id and (a.xact, a.id) > (w.at_xact, w.at_id)
        and a.xact < feed_horizon()
      order by a.xact, a.id
      limit p_limit
    ) as f
    order by f.place desc
    limit 1;
    continue when not found;
    insert into webhook_delivery (district_id, webhook_id, event_id, xact, subject_id)
    select a.district_id, w.id, a.id, a.xact, coalesce(a.subject_id, a.id) from audit a
    where a.district_id = w.district_id and (a.xact, a.id) > (w.at_xact, w.at_id)
      and (a.xact, a.id) <= (last.xact, last.id) and is_event(a.action)
      and (w.actions is null or a.action = any (w.actions))
    on conflict do nothing;
    more := more or last.place = p_limit;
    update webhook q set at_xact = last.xact, at_id = last.id
    where q.district_id = w.district_id and q.id = w.id;
  end loop;
  return more;
end
$$;

-- Takes deliveries that are due, the first one of each subject that is still open, until the lease ends.
create function webhook_claim(p_limit integer, p_lease_seconds integer)
returns table (
  webhook_id uuid, url text, secret_sealed bytea, event_id uuid, attempt integer, at timestamptz,
  action text, subject text, subject_id uuid, school_id uuid
)
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  return query
  with due as (
    select d.webhook_id, d.event_id from webhook_delivery d
    join webhook w on w.district_id = d.district_id and w.id = d.webhook_id
    where d.district_id = current_district() and w.state = 'active' and d.state = 'waiting'
      and d.run_at <= clock_timestamp()
      and (d.leased_until is null or d.leased_until < clock_timestamp())
      and not exists (
        select from webhook_delivery e
        where e.district_id = d.district_id and e.webhook_id = d.webhook_id
          and e.subject_id = d.subject_id and e.state = 'waiting'
          and (e.xact, e.event_id) < (d.xact, d.event_id)
      )
    order by d.xact, d.event_id
    limit p_limit
    for update of d skip locked
  ), taken as (
    update webhook_delivery d
    set attempts = d.attempts + 1,
      leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from due
    where d.district_id = current_district() and d.webhook_id = due.webhook_id
      and d.event_id = due.event_id
    returning d.webhook_id, d.event_id, d.attempts
  )
  select t.webhook_id, w.url, w.secret_sealed, t.event_id, t.attempts, a.at, a.action, a.subject,
    a.subject_id, a.school_id
  from taken t
  join webhook w on w.district_id = current_district() and w.id = t.webhook_id
  join audit a on a.district_id = current_district() and a.id = t.event_id
  order by a.xact, a.id;
end
$$;

-- What became of an attempt. p_error null: it was taken; else tried again after p_wait_seconds, or,
-- without any, given up.
create function webhook_settle(
  p_webhook uuid, p_event uuid, p_attempt integer, p_error text, p_wait_seconds integer
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  update webhook_delivery d
  set leased_until = null, error_code = p_error,
    state = case
      when p_error is null then 'delivered'
      when p_wait_seconds is null then 'dead'
      else 'waiting'
    end,
    run_at = clock_timestamp() + make_interval(secs => coalesce(p_wait_seconds, 0)),
    ended_at = case
      when p_error is null or p_wait_seconds is null then clock_timestamp()
    end
  where d.district_id = current_district() and d.webhook_id = p_webhook and d.event_id = p_event
    and d.attempts = p_attempt and d.state = 'waiting';
end
$$;

revoke all on function webhook_districts(), webhook_fan_out(integer),
  webhook_claim(integer, integer), webhook_settle(uuid, uuid, integer, text, integer) from public;
grant execute on function webhook_districts(), webhook_fan_out(integer),
  webhook_claim(integer, integer), webhook_settle(uuid, uuid, integer, text, integer) to yibang_app;
