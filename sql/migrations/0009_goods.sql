-- Gifts in kind: items, places, lots, events and stock. Everything that changes a quantity is a line
-- of an event, written by stock_post() alone; a correction is another event.

-- An import's kind is named by the capability that reads the sheet. The table has one row a file.
-- squawk-ignore ban-drop-constraint
alter table import_file drop constraint import_file_kind_check,
-- squawk-ignore constraint-missing-not-valid
add constraint import_file_kind_check check (kind ~ '^[a-z]+(_[a-z]+)*$');

-- school_id null: the district's, which its schools may use too.
create table goods_item (
  district_id text not null references district (district_id),
  id uuid not null,
  school_id uuid,
  name text not null check (name <> ''),
  unit text not null check (unit <> ''),
  kind text not null check (
    kind in ('books', 'stationery', 'daily', 'clothing', 'kit', 'other')
  ),
  created_at timestamptz not null default now(),
  primary key (district_id, id),
  constraint goods_item_name unique nulls not distinct (district_id, school_id, name, unit),
  foreign key (district_id, school_id) references school (district_id, id)
);

-- school_id null: a store of the district.
create table goods_place (
  district_id text not null references district (district_id),
  id uuid not null,
  school_id uuid,
  name text not null check (name <> ''),
  created_at timestamptz not null default now(),
  primary key (district_id, id),
  constraint goods_place_name unique nulls not distinct (district_id, school_id, name),
  foreign key (district_id, school_id) references school (district_id, id)
);

-- What one kit holds. A change is a new version; what was assembled keeps its own.
create table goods_kit (
  district_id text not null,
  id uuid not null,
  school_id uuid,
  item_id uuid not null,
  version integer not null check (version >= 1),
  actor_id uuid not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  constraint goods_kit_version unique (district_id, item_id, version),
  foreign key (district_id, item_id) references goods_item (district_id, id),
  foreign key (district_id, school_id) references school (district_id, id)
);

create table goods_kit_component (
  district_id text not null,
  kit_id uuid not null,
  item_id uuid not null,
  quantity bigint not null check (quantity between 1 and 1000),
  primary key (district_id, kit_id, item_id),
  foreign key (district_id, kit_id) references goods_kit (district_id, id),
  foreign key (district_id, item_id) references goods_item (district_id, id)
);

create table goods_event (
  district_id text not null references district (district_id),
  id uuid not null,
  school_id uuid,
  kind text not null check (
    kind in (
      'receive', 'move', 'hand_out', 'write_off', 'count', 'assemble', 'appraise', 'reversal',
      'return', 'disassemble'
    )
  ),
  semester integer not null,
  occurred_on date not null,
  reason text,
  source text,
  reverses uuid,
  actor_id uuid not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, semester) references semester (district_id, semester),
  foreign key (district_id, reverses) references goods_event (district_id, id),
  constraint goods_event_reverses check (
    (kind in ('reversal', 'return', 'disassemble')) = (reverses is not null)
  ),
  constraint goods_event_reason check (
    kind not in ('write_off', 'count', 'appraise', 'reversal', 'return') or reason <> ''
  )
);
create index goods_event_by_semester
on goods_event (district_id, school_id, semester, occurred_on, id);
create index goods_event_by_reversed
on goods_event (district_id, reverses) where reverses is not null;

-- What came at once: from a donor, out of the assembly of kits, or found at a count.
-- value_fen: fair value of the whole lot; null: nobody has appraised it yet.
create table goods_lot (
  district_id text not null,
  id uuid not null,
  school_id uuid,
  item_id uuid not null,
  origin text not null check (origin in ('received', 'assembled', 'found')),
  event_id uuid not null,
  donor_id uuid,
  kit_id uuid,
  received_on date not null,
  semester integer not null,
  condition text not null check (condition in ('new', 'good', 'worn')),
  quantity bigint not null check (quantity between 1 and 1000000000),
  value_fen bigint check (value_fen >= 0),
  value_basis text,
  -- digest of what the sheet's line says and its place among equal lines
  line_hash bytea,
  import_id uuid,
  primary key (district_id, id),
  unique (district_id, id, item_id),
  constraint goods_lot_line unique (district_id, line_hash),
  foreign key (district_id, school_id) references school (district_id, id),
  foreign key (district_id, item_id) references goods_item (district_id, id),
  foreign key (district_id, event_id) references goods_event (district_id, id)
  deferrable initially deferred,
  foreign key (district_id, donor_id) references donor (district_id, id),
  foreign key (district_id, kit_id) references goods_kit (district_id, id),
  foreign key (district_id, semester) references semester (district_id, semester),
  constraint goods_lot_origin check (
    (origin = 'received') = (donor_id is not null)
    and (origin = 'assembled') = (kit_id is not null)
  ),
  constraint goods_lot_appraised check (value_fen is null or value_basis <> '')
);
create index goods_lot_by_donor on goods_lot (district_id, donor_id) where donor_id is not null;
create index goods_lot_by_event on goods_lot (district_id, event_id);

-- What one pupil was given of one item at one event, and who signed for it. signed_on null: handed
-- out, not signed.
create table goods_hand_out (
  district_id text not null,
  id uuid not null,
  -- the pupil's
  school_id uuid not null,
  event_id uuid not null,
  semester integer not null,
  student_id uuid not null,
  item_id uuid not null,
  quantity bigint not null check (quantity between 1 and 1000000),
  handed_on date not null,
  signed_by text check (signed_by in ('pupil', 'guardian', 'other')),
  signer_relation text,
  signed_on date,
  proof text,
  line_hash bytea,
  import_id uuid,
  primary key (district_id, id),
  constraint goods_hand_out_once unique (district_id, event_id, student_id, item_id),
  constraint goods_hand_out_line unique (district_id, line_hash),
  foreign key (district_id, event_id) references goods_event (district_id, id)
  deferrable initially deferred,
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  foreign key (district_id, item_id) references goods_item (district_id, id),
  foreign key (district_id, semester) references semester (district_id, semester),
  constraint goods_hand_out_signature check (
    (signed_by is null) = (signed_on is null)
    and (signed_by is null or signed_by <> 'other' or signer_relation <> '')
    and (signed_on is not null or (signer_relation is null and proof is null))
    and (signed_on is null or signed_on >= handed_on)
  )
);
create index goods_hand_out_by_student on goods_hand_out (district_id, student_id);
create index goods_hand_out_unsigned
on goods_hand_out (district_id, school_id, semester) where signed_on is null;

-- All of an item at a place. Its row is locked before anything of the item moves there; version counts
-- the lines that moved it.
create table stock_item (
  district_id text not null,
  school_id uuid,
  place_id uuid not null,
  item_id uuid not null,
  quantity bigint not null default 0,
  version bigint not null default 0,
  primary key (district_id, place_id, item_id),
  foreign key (district_id, place_id) references goods_place (district_id, id),
  foreign key (district_id, item_id) references goods_item (district_id, id),
  constraint stock_item_not_below_zero check (quantity >= 0)
) with (fillfactor = 70);
create index stock_item_by_school on stock_item (district_id, school_id, item_id);

-- What came to and went from a place in a semester: a card's opening does not read what lies before.
create table stock_semester (
  district_id text not null,
  school_id uuid,
  place_id uuid not null,
  item_id uuid not null,
  semester integer not null,
  came bigint not null default 0 check (came >= 0),
  went bigint not null default 0 check (went >= 0),
  primary key (district_id, place_id, item_id, semester),
  foreign key (district_id, place_id, item_id)
  references stock_item (district_id, place_id, item_id),
  foreign key (district_id, semester) references semester (district_id, semester)
) with (fillfactor = 70);
create index stock_semester_by_item on stock_semester (district_id, item_id, semester);

create table stock (
  district_id text not null,
  school_id uuid,
  place_id uuid not null,
  item_id uuid not null,
  lot_id uuid not null,
  quantity bigint not null,
  value_fen bigint not null,
  primary key (district_id, lot_id, place_id),
  foreign key (district_id, place_id, item_id)
  references stock_item (district_id, place_id, item_id),
  foreign key (district_id, lot_id, item_id) references goods_lot (district_id, id, item_id),
  constraint stock_not_below_zero check (quantity >= 0),
  constraint stock_value_not_below_zero check (value_fen >= 0),
  constraint stock_value_of_something check (quantity > 0 or value_fen = 0)
) with (fillfactor = 70);
-- Oldest lots first at a place; what is used up is passed over.
create index stock_present on stock (district_id, place_id, item_id) where quantity > 0;
create index stock_present_by_school
on stock (district_id, school_id, item_id) where quantity > 0;

-- of_event, of_number: the earlier line that this one takes back or values anew. net_*: what is left
-- of a line after such later ones; a line that itself takes back leaves nothing of its own.
-- into_lot: the kits that it went into.
create table stock_line (
  district_id text not null,
  school_id uuid,
  event_id uuid not null,
  number integer not null check (number >= 1),
  lot_id uuid not null,
  item_id uuid not null,
  place_id uuid not null,
  semester integer not null,
  quantity bigint not null,
  value_fen bigint not null,
  net_quantity bigint not null,
  net_value_fen bigint not null,
  into_lot uuid,
  hand_out_id uuid,
  of_event uuid,
  of_number integer,
  -- of stock_item, after this line
  version bigint not null,
  primary key (district_id, event_id, number),
  constraint stock_line_version unique (district_id, place_id, item_id, version),
  foreign key (district_id, event_id) references goods_event (district_id, id),
  foreign key (district_id, lot_id, item_id) references goods_lot (district_id, id, item_id),
  foreign key (district_id, place_id) references goods_place (district_id, id),
  foreign key (district_id, into_lot) references goods_lot (district_id, id),
  foreign key (district_id, hand_out_id) references goods_hand_out (district_id, id),
  foreign key (district_id, of_event, of_number)
  references stock_line (district_id, event_id, number),
  constraint stock_line_of check ((of_event is null) = (of_number is null)),
  constraint stock_line_moves check (quantity <> 0 or value_fen <> 0),
  constraint stock_line_taken_back check (
    of_event is not null or net_quantity between least(quantity, 0) and greatest(quantity, 0)
  )
);
create index stock_line_by_lot on stock_line (district_id, lot_id);
create index stock_line_by_into on stock_line (district_id, into_lot) where into_lot is not null;
create index stock_line_by_hand_out
on stock_line (district_id, hand_out_id) where hand_out_id is not null;
create index stock_line_by_item on stock_line (district_id, item_id, semester, event_id);

-- Locks items at places in a fixed order, so that two postings wait for each other and never
-- deadlock, and what is read afterwards stays true until the end of the transaction.
create function stock_lock(p_places uuid[], p_items uuid[])
returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  if current_school() is not null and exists (
    select from goods_place p
    where p.district_id = current_district() and p.id = any (p_places)
      and p.school_id is distinct from current_school()
  ) then
    raise insufficient_privilege using message = 'the place belongs to another school';
  end if;
  insert into stock_item (district_id, school_id, place_id, item_id)
  select distinct p.district_id, p.school_id, k.place_id, k.item_id
  from unnest(p_places, p_items) as k (place_id, item_id)
  join goods_place p on p.district_id = current_district() and p.id = k.place_id
  where not exists (
    select from stock_item s
    where s.district_id = p.district_id and s.place_id = k.place_id and s.item_id = k.item_id
  )
  order by k.place_id, k.item_id
  on conflict do nothing;

  perform from stock_item s
  where s.district_id = current_district()
    and (s.place_id, s.item_id) in (
      select k.place_id, k.item_id from unnest(p_places, p_items) as k (place_id, item_id)
    )
  order by s.place_id, s.item_id
  for no key update;
end
$$;

-- Posts one event with its lines: the only way goods move. The application's role has no right to
-- write events, lines or stock. All lines stay with one school, or with the district's stores.
create function stock_post(
  p_event uuid, p_kind text, p_semester integer, p_date date, p_reason text, p_source text,
  p_reverses uuid, p_actor uuid, p_lots uuid[], p_places uuid[], p_quantities bigint[],
  p_values bigint[], p_into uuid[], p_hand_outs uuid[], p_of_events uuid[], p_of_numbers integer[]
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  district text := current_district();
  term record;
  body uuid;
  wrong text;
  complete boolean;
begin
  select s.state, s.starts_on, s.ends_on into term from semester s
  where s.district_id = district and s.semester = p_semester
  for share;
  if not found or term.state <> 'open' then
    raise check_violation using message = 'the semester is closed or unknown',
      constraint = 'goods_semester_open', table = 'goods_event';
  end if;
  if p_date not between term.starts_on and term.ends_on then
    raise check_violation using message = 'the date is not in the semester',
      constraint = 'goods_date_in_semester', table = 'goods_event';
  end if;

  perform stock_lock(
    array_agg(u.place_id order by u.n), array_agg(l.item_id order by u.n))
  from unnest(p_lots, p_places) with ordinality as u (lot_id, place_id, n)
  join goods_lot l on l.district_id = district and l.id = u.lot_id;

  select p.school_id into strict body from goods_place p
  where p.district_id = district and p.id = p_places[1];
  select case
    when l.id is null or p.id is null then 'stock_lot_known'
    when l.school_id is distinct from body or p.school_id is distinct from body
      then 'stock_of_one_school'
    else 'stock_not_before_receipt'
  end into wrong
  from unnest(p_lots, p_places) as u (lot_id, place_id)
  left join goods_lot l on l.district_id = district and l.id = u.lot_id
  left join goods_place p on p.district_id = district and p.id = u.place_id
  where l.id is null or p.id is null or l.school_id is distinct from body
    or p.school_id is distinct from body or l.received_on > p_date
  limit 1;
  if found then
    raise check_violation using message = 'these goods cannot move so', constraint = wrong,
      table = 'stock_line';
  end if;

  insert into goods_event (
    district_id, id, school_id, kind, semester, occurred_on, reason, source, reverses, actor_id
  )
  values (
    district, p_event, body, p_kind, p_semester, p_date, p_reason, p_source, p_reverses, p_actor
  );

  with moved as (
    select u.place_id, l.item_id, sum(u.quantity)::bigint as quantity, count(*) as lines,
      sum(greatest(u.quantity, 0))::bigint as came, sum(greatest(-u.quantity, 0))::bigint as went
    from unnest(p_lots, p_places, p_quantities) as u (lot_id, place_id, quantity)
    join goods_lot l on l.district_id = district and l.id = u.lot_id
    group by u.place_id, l.item_id
  ), updated as (
    update stock_item s set quantity = s.quantity + m.quantity, version = s.version + m.lines
    from moved m
    where s.district_id = district and s.place_id = m.place_id and s.item_id = m.item_id
    returning s.place_id, s.item_id, s.version - m.lines as version_before, m.came, m.went
  ), totalled as (
    insert into stock_semester as t (
      district_id, school_id, place_id, item_id, semester, came, went
    )
    select district, body, u.place_id, u.item_id, p_semester, u.came, u.went from updated u
    on conflict (district_id, place_id, item_id, semester) do update
    set came = t.came + excluded.came, went = t.went + excluded.went
  )
  insert into stock_line (
    district_id, school_id, event_id, number, lot_id, item_id, place_id, semester, quantity,
    value_fen, net_quantity, net_value_fen, into_lot, hand_out_id, of_event, of_number, version
  )
  select district, body, p_event, u.n, u.lot_id, l.item_id, u.place_id, p_semester, u.quantity,
    u.value_fen, case when u.of_event is null then u.quantity else 0 end,
    case when u.of_event is null then u.value_fen else 0 end, u.into_lot, u.hand_out_id,
    u.of_event, u.of_number,
    i.version_before + row_number() over (partition by u.place_id, l.item_id order by u.n)
  from unnest(
    p_lots, p_places, p_quantities, p_values, p_into, p_hand_outs, p_of_events, p_of_numbers
  ) with ordinality
    as u (lot_id, place_id, quantity, value_fen, into_lot, hand_out_id, of_event, of_number, n)
  join goods_lot l on l.district_id = district and l.id = u.lot_id
  join updated i on i.place_id = u.place_id and i.item_id = l.item_id;

  insert into stock (district_id, school_id, place_id, item_id, lot_id, quantity, value_fen)
  select distinct district, body, u.place_id, l.item_id, u.lot_id, 0, 0
  from unnest(p_lots, p_places) as u (lot_id, place_id)
  join goods_lot l on l.district_id = district and l.id = u.lot_id
  where not exists (
    select from stock s
    where s.district_id = district and s.lot_id = u.lot_id and s.place_id = u.place_id
  );

  update stock s
  set quantity = s.quantity + m.quantity, value_fen = s.value_fen + m.value_fen
  from (
    select u.lot_id, u.place_id, sum(u.quantity)::bigint as quantity,
      sum(u.value_fen)::bigint as value_fen
    from unnest(p_lots, p_places, p_quantities, p_values)
      as u (lot_id, place_id, quantity, value_fen)
    group by u.lot_id, u.place_id
  ) as m
  where s.district_id = district and s.lot_id = m.lot_id and s.place_id = m.place_id;

  with taken_back as (
    select u.of_event, u.of_number, u.lot_id, sum(u.quantity)::bigint as quantity,
      sum(u.value_fen)::bigint as value_fen
    from unnest(p_lots, p_quantities, p_values, p_of_events, p_of_numbers)
      as u (lot_id, quantity, value_fen, of_event, of_number)
    where u.of_event is not null
    group by u.of_event, u.of_number, u.lot_id
  ), updated as (
    update stock_line o
    set net_quantity = o.net_quantity + t.quantity, net_value_fen = o.net_value_fen + t.value_fen
    from taken_back t
    where o.district_id = district and o.event_id = t.of_event and o.number = t.of_number
      and o.lot_id = t.lot_id and o.of_event is null
    returning 1
  )
  select (select count(*) from taken_back) = (select count(*) from updated) into complete;
  if not complete then
    raise check_violation using message = 'there is no such line of this lot',
      constraint = 'stock_line_of', table = 'stock_line';
  end if;
end
$$;

alter table goods_item enable row level security;
alter table goods_place enable row level security;
alter table goods_kit enable row level security;
alter table goods_kit_component enable row level security;
alter table goods_event enable row level security;
alter table goods_lot enable row level security;
alter table goods_hand_out enable row level security;
alter table stock_item enable row level security;
alter table stock_semester enable row level security;
alter table stock enable row level security;
alter table stock_line enable row level security;

-- A school uses the district's items and kits, and makes only its own.
create policy tenant on goods_item using (
  district_id = (select current_district())
  and (
    (select current_school()) is null or school_id is null
    or school_id = (select current_school())
  )
) with check (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on goods_kit using (
  district_id = (select current_district())
  and (
    (select current_school()) is null or school_id is null
    or school_id = (select current_school())
  )
) with check (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on goods_kit_component using (
  district_id = (select current_district())
  and ((select current_school()) is null or kit_id in (select k.id from goods_kit k))
);
create policy tenant on goods_place using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on goods_event using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on goods_lot using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on goods_hand_out using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on stock_item using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on stock_semester using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on stock using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on stock_line using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);

grant select, insert on goods_item, goods_place, goods_kit, goods_kit_component, goods_lot,
goods_hand_out to yibang_app;
grant select on goods_event, stock_item, stock_semester, stock, stock_line to yibang_app;
grant update (value_fen, value_basis) on goods_lot to yibang_app;
grant update (signed_by, signer_relation, signed_on, proof) on goods_hand_out to yibang_app;
