-- Offers, match proposals, pairings, commitments and instalments.

create table offer (
  district_id text not null,
  id uuid not null,
  donor_id uuid not null,
  first_semester integer not null,
  amount_fen bigint not null check (amount_fen > 0),
  places integer not null check (places between 1 and 1000),
  wish_school uuid,
  wish_grade text,
  wish_gender text check (wish_gender in ('male', 'female')),
  state text not null default 'open' check (state in ('open', 'withdrawn')),
  note text,
  line_hash bytea,
  import_id uuid,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (district_id, id),
  unique (district_id, id, places),
  constraint offer_line unique (district_id, line_hash),
  foreign key (district_id, donor_id) references donor (district_id, id),
  foreign key (district_id, wish_school) references school (district_id, id)
);
create index offer_by_state on offer (district_id, state, first_semester);
-- A sponsor is found by phone and name where no identity number is known.
create index donor_by_phone on donor (district_id, phone_hash) where phone_hash is not null;

-- The places of an offer, one row each: a pairing takes one, so no offer can be overdrawn.
create table offer_place (
  district_id text not null,
  offer_id uuid not null,
  place integer not null check (place >= 1),
  places integer not null,
  primary key (district_id, offer_id, place),
  foreign key (district_id, offer_id, places)
  references offer (district_id, id, places) on update cascade,
  constraint offer_place_within check (place <= places)
);

create table proposal (
  district_id text not null,
  id uuid not null,
  semester integer not null,
  state text not null check (state in ('proposed', 'approved', 'accepted', 'withdrawn')),
  -- decides between pupils in equal need: with it the lots can be drawn again
  seed text not null,
  -- pupils who had a sponsor already
  already_paired integer not null default 0,
  proposed_by uuid not null,
  proposed_at timestamptz not null default now(),
  approved_by uuid,
  approved_at timestamptz,
  primary key (district_id, id),
  foreign key (district_id, semester) references semester (district_id, semester),
  foreign key (district_id, proposed_by) references app_user (district_id, id),
  foreign key (district_id, approved_by) references app_user (district_id, id),
  constraint proposal_second_person check (approved_by <> proposed_by),
  constraint proposal_approved check ((state in ('approved', 'accepted')) <= (approved_by is not null))
);

-- rank: the pupil's place in the order of need, 1 first.
-- reason: {"code": …, "zh": …, "en": …}.
create table proposal_pair (
  district_id text not null,
  proposal_id uuid not null,
  id uuid not null,
  rank integer not null,
  school_id uuid not null,
  student_id uuid not null,
  offer_id uuid not null,
  place integer not null,
  state text not null check (state in ('proposed', 'accepted', 'declined', 'lapsed')),
  reason jsonb not null,
  primary key (district_id, id),
  unique (district_id, proposal_id, student_id),
  unique (district_id, proposal_id, offer_id, place),
  foreign key (district_id, proposal_id) references proposal (district_id, id),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  foreign key (district_id, offer_id, place)
  references offer_place (district_id, offer_id, place)
);
create index proposal_pair_open_by_student
on proposal_pair (district_id, student_id) where state = 'proposed';
create index proposal_pair_open_by_place
on proposal_pair (district_id, offer_id, place) where state = 'proposed';

-- A pupil or an offer that the proposal leaves over, and why.
create table proposal_left (
  district_id text not null,
  proposal_id uuid not null,
  id uuid not null,
  school_id uuid,
  student_id uuid,
  offer_id uuid,
  places integer,
  reason jsonb not null,
  primary key (district_id, id),
  foreign key (district_id, proposal_id) references proposal (district_id, id),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  foreign key (district_id, offer_id) references offer (district_id, id),
  constraint proposal_left_one check ((student_id is null) <> (offer_id is null))
);
create index proposal_left_by_proposal on proposal_left (district_id, proposal_id);

create table pairing (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  student_id uuid not null,
  donor_id uuid not null,
  offer_id uuid not null,
  place integer not null,
  proposal_pair_id uuid not null,
  -- the same for every pairing of a pupil that continues another
  lineage uuid not null,
  first_semester integer not null,
  state text not null check (state in ('running', 'ended')),
  started_on date not null,
  ended_on date,
  end_reason text,
  actor_id uuid not null,
  primary key (district_id, id),
  unique (district_id, school_id, id),
  foreign key (district_id, school_id, student_id)
  references student (district_id, school_id, id) on update cascade,
  foreign key (district_id, donor_id) references donor (district_id, id),
  foreign key (district_id, offer_id, place)
  references offer_place (district_id, offer_id, place),
  foreign key (district_id, proposal_pair_id) references proposal_pair (district_id, id),
  constraint pairing_once_a_proposal unique (district_id, proposal_pair_id),
  constraint pairing_end check ((state = 'ended') = (ended_on is not null))
);
create unique index pairing_one_running_per_pupil
on pairing (district_id, student_id) where state = 'running';
create unique index pairing_one_running_per_place
on pairing (district_id, offer_id, place) where state = 'running';
create index pairing_by_donor on pairing (district_id, donor_id);
create index pairing_by_student on pairing (district_id, student_id);
create index pairing_by_offer on pairing (district_id, offer_id);

create table commitment (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  pairing_id uuid not null,
  first_semester integer not null,
  last_semester integer not null,
  total_fen bigint not null check (total_fen > 0),
  primary key (district_id, id),
  unique (district_id, school_id, id),
  constraint commitment_one_per_pairing unique (district_id, pairing_id),
  constraint commitment_three_years check (last_semester = first_semester + 5),
  foreign key (district_id, school_id, pairing_id)
  references pairing (district_id, school_id, id) on update cascade
);

-- semester may lie years ahead, so it has no row in semester yet. due_on by the school calendar.
create table instalment (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  commitment_id uuid not null,
  number integer not null check (number between 1 and 6),
  semester integer not null,
  due_on date not null,
  amount_fen bigint not null check (amount_fen > 0),
  received_fen bigint not null default 0,
  primary key (district_id, id),
  unique (district_id, school_id, id),
  constraint instalment_once unique (district_id, commitment_id, number),
  constraint instalment_once_a_semester unique (district_id, commitment_id, semester),
  constraint instalment_received check (received_fen between 0 and amount_fen),
  foreign key (district_id, school_id, commitment_id)
  references commitment (district_id, school_id, id) on update cascade
);
create index instalment_by_due on instalment (district_id, semester, due_on);

create table instalment_receipt (
  district_id text not null,
  id uuid not null,
  school_id uuid not null,
  instalment_id uuid not null,
  transfer_id uuid not null,
  amount_fen bigint not null check (amount_fen > 0),
  received_on date not null,
  method text not null,
  primary key (district_id, id),
  foreign key (district_id, school_id, instalment_id)
  references instalment (district_id, school_id, id) on update cascade,
  foreign key (district_id, transfer_id) references transfer (district_id, id)
);
create index instalment_receipt_by_instalment on instalment_receipt (district_id, instalment_id);

alter table offer enable row level security;
alter table offer_place enable row level security;
alter table proposal enable row level security;
alter table proposal_pair enable row level security;
alter table proposal_left enable row level security;
alter table pairing enable row level security;
alter table commitment enable row level security;
alter table instalment enable row level security;
alter table instalment_receipt enable row level security;

-- Offers are the district's; a school sees those that one of its pairings rests on.
create policy tenant on offer using (
  district_id = (select current_district())
  and (
    (select current_school()) is null
    or exists (
      select from pairing p where p.district_id = offer.district_id and p.offer_id = offer.id
    )
  )
);
create policy tenant on offer_place using (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on proposal using (
  district_id = (select current_district()) and (select current_school()) is null
);
create policy tenant on proposal_pair using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on proposal_left using (
  district_id = (select current_district())
  and ((select current_school()) is null or school_id = (select current_school()))
);
create policy tenant on pairing using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on commitment using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on instalment using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
create policy tenant on instalment_receipt using (
  district_id = (select current_district())
  and school_id = coalesce((select current_school()), school_id)
);
-- A school sees the donors it keeps and the sponsors of its own pupils.
create policy tenant on donor using (
  district_id = (select current_district())
  and (
    (select current_school()) is null
    or school_id = (select current_school())
    or exists (
      select from pairing p where p.district_id = donor.district_id and p.donor_id = donor.id
    )
  )
);

grant select, insert on offer, offer_place, proposal, proposal_pair, proposal_left, pairing,
commitment, instalment, instalment_receipt to yibang_app;
grant update (state) on offer, proposal_pair to yibang_app;
grant update (places) on offer to yibang_app;
grant update (state, approved_by, approved_at) on proposal to yibang_app;
grant update (state, ended_on, end_reason) on pairing to yibang_app;
grant update (received_fen) on instalment to yibang_app;
