-- Receipts of the district's and the schools' own books. The official 公益事业捐赠统一票据 is issued
-- elsewhere: its number is only recorded. What a receipt says of its gift is read from the ledger,
-- so only the amount that it was issued over is kept.

-- One book a school, and one for gifts to the district, each numbered anew from 1 every calendar
-- year. last_number is counted in the transaction that issues, so no number is skipped or used twice.
create table receipt_counter (
  district_id text not null references district (district_id),
  -- the school's code, or the district's
  book text not null check (book ~ '^([0-9]{6}|[0-9]{10})$'),
  fiscal_year integer not null check (fiscal_year between 2000 and 2200),
  school_id uuid,
  last_number integer not null
  constraint receipt_book_full check (last_number between 1 and 999999),
  primary key (district_id, book, fiscal_year),
  foreign key (district_id, school_id) references school (district_id, id)
) with (fillfactor = 70);

create table receipt (
  district_id text not null,
  id uuid not null,
  school_id uuid,
  book text not null,
  fiscal_year integer not null,
  number integer not null check (number between 1 and 999999),
  kind text not null check (kind in ('money', 'goods')),
  donation_id uuid,
  -- one voucher for all lines of a collection
  campaign_id uuid,
  goods_lot_id uuid,
  subject_id uuid not null
  generated always as (coalesce(donation_id, campaign_id, goods_lot_id)) stored,
  -- what was left of the gift when this was issued; of goods their fair value, where known
  amount_fen bigint check (amount_fen > 0),
  handler text not null check (handler <> ''),
  official_number text constraint receipt_official_form check (
    official_number ~ '^[0-9A-Za-z][0-9A-Za-z-]{3,31}$'
  ),
  -- the voided receipt in whose place this one stands
  replaces uuid,
  issued_on date not null,
  issued_by uuid not null,
  issued_at timestamptz not null default clock_timestamp(),
  voided_on date,
  voided_by uuid,
  void_reason text check (void_reason <> ''),
  primary key (district_id, id),
  constraint receipt_number_once unique (district_id, book, fiscal_year, number),
  constraint receipt_official_once unique (district_id, official_number),
  constraint receipt_replaced_once unique (district_id, replaces),
  foreign key (district_id, book, fiscal_year)
  references receipt_counter (district_id, book, fiscal_year),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, donation_id) references donation (district_id, id),
  foreign key (district_id, campaign_id) references campaign (district_id, id),
  foreign key (district_id, goods_lot_id) references goods_lot (district_id, id),
  foreign key (district_id, replaces) references receipt (district_id, id),
  foreign key (district_id, issued_by) references app_user (district_id, id),
  foreign key (district_id, voided_by) references app_user (district_id, id),
  -- money and goods never share a receipt
  constraint receipt_one_subject check (
    num_nonnulls(donation_id, campaign_id, goods_lot_id) = 1
    and (kind = 'goods') = (goods_lot_id is not null)
    and (kind = 'goods' or amount_fen is not null)
  ),
  constraint receipt_year check (fiscal_year = extract(year from issued_on)),
  constraint receipt_void_whole check (
    num_nonnulls(voided_on, voided_by, void_reason) in (0, 3) and voided_on >= issued_on
  )
);
create unique index receipt_running on receipt (district_id, subject_id)
where voided_on is null;
create index receipt_by_subject on receipt (district_id, subject_id, issued_at);

-- 慈善法 38: a donor who stays anonymous or wants no receipt is recorded as such.
create table receipt_waiver (
  district_id text not null,
  id uuid not null,
  school_id uuid,
  donation_id uuid,
  goods_lot_id uuid,
  subject_id uuid not null
  generated always as (coalesce(donation_id, goods_lot_id)) stored,
  cause text not null check (cause in ('declined', 'anonymous')),
  waived_on date not null,
  actor_id uuid not null,
  withdrawn_on date,
  withdrawn_by uuid,
  primary key (district_id, id),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, donation_id) references donation (district_id, id),
  foreign key (district_id, actor_id) references app_user (district_id, id),
  foreign key (district_id, withdrawn_by) references app_user (district_id, id),
  constraint receipt_waiver_subject check (num_nonnulls(donation_id, goods_lot_id) = 1),
  constraint receipt_waiver_withdrawn check (
    (withdrawn_on is null) = (withdrawn_by is null) and withdrawn_on >= waived_on
  )
);
create index receipt_waiver_by_day on receipt_waiver (district_id, waived_on, id);
create unique index receipt_waived_once on receipt_waiver (district_id, subject_id)
where withdrawn_on is null;

-- What a receipt can be issued over, as the ledger has it now. Exactly one of the three is given.
-- title: what stands in place of one donor; description: what goods they are.
create function receipt_subject(
  p_district text, p_donation uuid, p_campaign uuid, p_goods_lot uuid
) returns table (
  school_id uuid, donor_id uuid, fund_id uuid, received_on date, given_fen bigint, net_fen bigint,
  method text, designation text, handler text, title text, description text
)
language sql stable
begin atomic
  select g.school_id, g.donor_id, g.fund_id, g.received_on, g.amount_fen,
    g.amount_fen - gift_reversed(g.district_id, g.id, g.transfer_id), g.method, g.designation,
    g.handler, null::text, null::text
  from donation g
  where g.district_id = p_district and g.id = p_donation
    and p_campaign is null and p_goods_lot is null
  union all
  select c.school_id, null, null, max(g.received_on), sum(g.amount_fen)::bigint,
    sum(n.net_fen)::bigint, null, c.designation, c.handler,
    c.name || '（' || count(*) filter (where n.net_fen > 0) || ' 笔，名单附后）', null
  from campaign c
  join donation g on g.district_id = c.district_id and g.campaign_id = c.id
  join donation_net n on n.district_id = g.district_id and n.donation_id = g.id
  where c.district_id = p_district and c.id = p_campaign
    and p_donation is null and p_goods_lot is null
  group by c.district_id, c.id
  union all
  select l.school_id, l.donor_id, null, l.received_on, l.value_fen,
    case
      when s.net_quantity = 0 then 0 when l.value_fen is not null then s.net_value_fen
    end, null, null, null, null, i.name || ' ' || s.net_quantity || ' ' || i.unit
  from goods_lot l
  join goods_item i on i.district_id = l.district_id and i.id = l.item_id
  join stock_line s
    on s.district_id = l.district_id and s.event_id = l.event_id and s.lot_id = l.id
  where l.district_id = p_district and l.id = p_goods_lot and l.origin = 'received'
    and p_donation is null and p_campaign is null;
end;

-- The gifts of which something was taken back or reinstated, with the lists that they stand on: only their receipts can say another
-- amount than is left, and a year's receipts are many more.
create function receipt_touched(p_district text) returns setof uuid
language sql stable
begin atomic
  with gift as (
    select t.source_id as id from transfer_reversed v
    join transfer t on t.district_id = v.district_id and t.id = v.transfer_id
    where v.district_id = p_district and t.kind = 'donation'
    union
    select c.donation_id from transfer_reversed v
    join change_of_use c on c.district_id = v.district_id and c.in_transfer = v.transfer_id
    where v.district_id = p_district
  )
  select id from gift
  union
  select g.campaign_id from gift
  join donation g on g.district_id = p_district and g.id = gift.id
  where g.campaign_id is not null
  union
  select s.lot_id from goods_event e
  join stock_line s on s.district_id = e.district_id and s.event_id = e.reverses
  where e.district_id = p_district and e.kind = 'reversal';
end;

-- Whoever issues, voids or waives for one gift waits for whoever does so before. To an actor who is
-- confined to a school the functions below know no gift of another.
create function receipt_lock(p_subject uuid) returns void
language sql
return pg_advisory_xact_lock(hashtextextended('receipt ' || current_district() || p_subject, 0));

-- The next number of a book. Its row stays locked until the caller's transaction ends, and a
-- transaction that fails gives the number back.
create function receipt_number(p_book text, p_school uuid, p_year integer) returns integer
language sql
begin atomic
  insert into receipt_counter as c (district_id, book, fiscal_year, school_id, last_number)
  values (current_district(), p_book, p_year, p_school, 1)
  on conflict (district_id, book, fiscal_year) do update set last_number = c.last_number + 1
  returning last_number;
end;

-- Issues a receipt over what is left of a gift; in place of the last voided one, where there is one.
create function receipt_issue(
  p_id uuid, p_donation uuid, p_campaign uuid, p_goods_lot uuid, p_issued_on date, p_handler text,
  p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  subject uuid := coalesce(p_donation, p_campaign, p_goods_lot);
  gift record;
  issuing_book text;
  voided uuid;
begin
  perform receipt_lock(subject);
  select * into gift from receipt_subject(district, p_donation, p_campaign, p_goods_lot) as s
  where current_school() is null or s.school_id = current_school();
  if not found then
    raise foreign_key_violation using message = 'there is no such gift',
      constraint = 'receipt_subject_known', table = 'receipt';
  end if;
  if exists (
    select from receipt_waiver w
    where w.district_id = district and w.subject_id = subject and w.withdrawn_on is null
  ) then
    raise check_violation using message = 'the donor waived the receipt',
      constraint = 'receipt_waived', table = 'receipt';
  end if;
  -- A gift stands on one receipt: its own, or that of the list it came with.
  if p_donation is not null then
    perform receipt_lock(g.campaign_id) from donation g
    where g.district_id = district and g.id = p_donation and g.campaign_id is not null;
  end if;
  if exists (
    select from donation g
    join receipt r on r.district_id = g.district_id and r.voided_on is null
      and r.subject_id = case when p_donation is null then g.id else g.campaign_id end
    where g.district_id = district and (g.id = p_donation or g.campaign_id = p_campaign)
  ) then
    raise check_violation using message = 'the gift stands on another receipt',
      constraint = 'receipt_of_list', table = 'receipt';
  end if;
  if gift.net_fen = 0 then
    raise check_violation using message = 'nothing is left of the gift',
      constraint = 'receipt_nothing_left', table = 'receipt';
  end if;
  if p_issued_on < gift.received_on then
    raise check_violation using message = 'a receipt is not earlier than its gift',
      constraint = 'receipt_after_gift', table = 'receipt';
  end if;
  select r.id into voided from receipt r
  where r.district_id = district and r.subject_id = subject and r.voided_on is not null
    and not exists (
      select from receipt n where n.district_id = district and n.replaces = r.id
    )
  order by r.issued_at desc
  limit 1;
  select s.code into issuing_book from school s
  where s.district_id = district and s.id = gift.school_id;
  issuing_book := coalesce(issuing_book, district);
  insert into receipt (
    district_id, id, school_id, book, fiscal_year, number, kind, donation_id, campaign_id,
    goods_lot_id, amount_fen, handler, replaces, issued_on, issued_by
  )
  select district, p_id, gift.school_id, issuing_book, y.fiscal_year,
    receipt_number(issuing_book, gift.school_id, y.fiscal_year),
    case when p_goods_lot is null then 'money' else 'goods' end, p_donation, p_campaign,
    p_goods_lot, gift.net_fen,
    coalesce(
      p_handler, nullif(gift.handler, ''),
      (select u.name from app_user u where u.district_id = district and u.id = p_actor)
    ), voided, p_issued_on, p_actor
  from (select extract(year from p_issued_on)::integer as fiscal_year) as y;
end
$$;

-- Voids a running receipt. It stays with its number, which is never used again.
create function receipt_void(p_id uuid, p_voided_on date, p_reason text, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  voided receipt;
begin
  select * into voided from receipt r
  where r.district_id = district and r.id = p_id
    and (current_school() is null or r.school_id = current_school());
  if not found then
    raise foreign_key_violation using message = 'there is no such receipt',
      constraint = 'receipt_known', table = 'receipt';
  end if;
  perform receipt_lock(voided.subject_id);
  update receipt set voided_on = p_voided_on, void_reason = p_reason, voided_by = p_actor
  where district_id = district and id = p_id and voided_on is null;
  if not found then
    raise check_violation using message = 'the receipt is void already',
      constraint = 'receipt_void_once', table = 'receipt';
  end if;
end
$$;

-- Voids a receipt and issues another over what is left of its gift.
create function receipt_reissue(
  p_id uuid, p_new uuid, p_on date, p_reason text, p_handler text, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  old receipt;
begin
  perform receipt_void(p_id, p_on, p_reason, p_actor);
  select * into old from receipt where district_id = current_district() and id = p_id;
  perform receipt_issue(
    p_new, old.donation_id, old.campaign_id, old.goods_lot_id, p_on,
    coalesce(p_handler, old.handler), p_actor);
end
$$;

-- Records that the donor of a gift stays anonymous or wants no receipt.
create function receipt_waive(
  p_id uuid, p_donation uuid, p_goods_lot uuid, p_cause text, p_on date, p_actor uuid
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  gift record;
begin
  perform receipt_lock(coalesce(p_donation, p_goods_lot));
  select * into gift from receipt_subject(district, p_donation, null, p_goods_lot) as s
  where current_school() is null or s.school_id = current_school();
  if not found then
    raise foreign_key_violation using message = 'there is no such gift',
      constraint = 'receipt_subject_known', table = 'receipt_waiver';
  end if;
  if p_cause = 'anonymous' and not exists (
    select from donor d
    where d.district_id = district and d.id = gift.donor_id and d.anonymous
  ) then
    raise check_violation using message = 'the donor is not anonymous',
      constraint = 'receipt_waiver_anonymous', table = 'receipt_waiver';
  end if;
  if exists (
    select from receipt r
    where r.district_id = district and r.voided_on is null
      and r.subject_id = coalesce(p_donation, p_goods_lot)
  ) then
    raise check_violation using message = 'the gift has a receipt',
      constraint = 'receipt_waived_unreceipted', table = 'receipt_waiver';
  end if;
  insert into receipt_waiver (
    district_id, id, school_id, donation_id, goods_lot_id, cause, waived_on, actor_id
  )
  values (district, p_id, gift.school_id, p_donation, p_goods_lot, p_cause, p_on, p_actor);
end
$$;

-- The donor wants a receipt after all. Returns the waiver that ends; null where there is none.
create function receipt_waiver_withdraw(
  p_donation uuid, p_goods_lot uuid, p_on date, p_actor uuid
) returns uuid
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  ended receipt_waiver;
begin
  perform receipt_lock(coalesce(p_donation, p_goods_lot));
  update receipt_waiver w set withdrawn_on = p_on, withdrawn_by = p_actor
  where w.district_id = current_district() and w.withdrawn_on is null
    and w.subject_id = coalesce(p_donation, p_goods_lot)
    and (current_school() is null or w.school_id = current_school())
  returning * into ended;
  return ended.id;
end
$$;

revoke all on function receipt_number(text, uuid, integer) from public;

-- Receipts beside what their gifts are now. The one place that says who stands on a receipt: the
-- name of a donor who stays anonymous is in none of its columns, whatever people wrote.
create view receipt_register with (security_invoker = true) as
select r.district_id, r.id, r.school_id, r.book, r.fiscal_year, r.number, r.kind, r.donation_id,
  r.campaign_id, r.goods_lot_id, r.subject_id, coalesce(s.name, t.name) as unit,
  case when d.anonymous then '匿名' else coalesce(d.name, g.title) end as donor,
  d.kind as donor_kind, r.amount_fen, g.given_fen, g.net_fen, g.received_on, g.method,
  f.name as fund, masked.designation, g.description, masked.handler, r.official_number,
  r.issued_on, i.login as issued_by, r.voided_on, v.login as voided_by, masked.void_reason,
  earlier.fiscal_year as replaces_year, earlier.number as replaces_number,
  later.fiscal_year as replaced_by_year, later.number as replaced_by_number,
  case
    when r.voided_on is not null then 'void'
    when g.net_fen = 0 then 'to_be_voided'
    when coalesce(g.net_fen, r.amount_fen) is distinct from r.amount_fen then 'to_be_replaced'
    else 'valid'
  end as state
from receipt r
join district t on t.district_id = r.district_id
left join school s on s.district_id = r.district_id and s.id = r.school_id
left join lateral receipt_subject(
  r.district_id, r.donation_id, r.campaign_id, r.goods_lot_id) as g on true
left join donor d on d.district_id = r.district_id and d.id = g.donor_id
left join fund f on f.district_id = r.district_id and f.id = g.fund_id
cross join lateral (
  select
    case when d.anonymous then replace(g.designation, d.name, '匿名') else g.designation end
      as designation,
    case when d.anonymous and strpos(r.handler, d.name) > 0 then null else r.handler end
      as handler,
    case when d.anonymous then replace(r.void_reason, d.name, '匿名') else r.void_reason end
      as void_reason
) as masked
left join app_user i on i.district_id = r.district_id and i.id = r.issued_by
left join app_user v on v.district_id = r.district_id and v.id = r.voided_by
left join receipt earlier on earlier.district_id = r.district_id and earlier.id = r.replaces
left join receipt later on later.district_id = r.district_id and later.replaces = r.id;

alter table receipt_counter enable row level security;
alter table receipt enable row level security;
alter table receipt_waiver enable row level security;

create policy tenant on receipt_counter using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on receipt using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on receipt_waiver using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);

grant select on receipt_counter, receipt, receipt_waiver, receipt_register to yibang_app;
grant update (official_number) on receipt to yibang_app;
