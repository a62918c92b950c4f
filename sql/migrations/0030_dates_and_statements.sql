-- A payment's day and its approval's.
-- Runs before the program serves, so no client waits for its locks.
-- squawk-ignore-file constraint-missing-not-valid

-- The day of the last approval that a batch needed: no payment is dated before it. Where the day was not
-- kept, it is that on which the approval was recorded, or of the payment if that stands on an earlier one.
alter table payment_batch add column approved_on date;
update payment_batch b
set approved_on = least(
  coalesce(
    (
      select max(a.at) from payment_approval a
      where a.district_id = b.district_id and a.batch_id = b.id and a.round = b.round
    ), b.made_at
  ) at time zone 'Asia/Shanghai', b.paid_on
)::date
where b.state in ('approved', 'paid', 'closed');
alter table payment_batch
add constraint payment_batch_approved check (
  case
    when state in ('approved', 'paid', 'closed') then approved_on is not null
    when state in ('draft', 'submitted') then approved_on is null
    else true
  end
),
add constraint payment_before_approval check (paid_on >= approved_on);

-- That of 0011, with the day.
create or replace function payment_batch_approve(
  p_batch uuid, p_approval uuid, p_actor uuid, p_today date
) returns text
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{submitted}');
  approvals bigint;
begin
  perform payment_require_open(b);
  if exists (
    select from semester s
    where s.district_id = b.district_id and s.semester = b.semester and s.starts_on > p_today
  ) then
    raise check_violation using message = 'the semester has not begun',
      constraint = 'payment_not_begun', table = 'payment_batch';
  end if;
  perform payment_require_recognition(b);
  insert into payment_approval (
    district_id, id, batch_id, round, maker_id, person_id, total_fen
  )
  values (b.district_id, p_approval, b.id, b.round, b.maker_id, p_actor, b.total_fen);
  select count(*) into approvals from payment_approval a
  where a.district_id = b.district_id and a.batch_id = b.id and a.round = b.round;
  if approvals < b.approvals_needed then return 'submitted'; end if;
  perform ledger_hold(b.fund_id, b.semester, b.total_fen);
  update payment_batch set state = 'approved', approved_on = p_today
  where district_id = b.district_id and id = b.id;
  return 'approved';
end
$$;

-- That of 0011: what is a draft again is approved anew.
create or replace function payment_batch_withdraw(p_batch uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{submitted,approved}');
begin
  if b.state = 'approved' then
    perform ledger_hold(b.fund_id, b.semester, -b.total_fen);
  end if;
  update payment_batch
  set state = 'draft', total_fen = null, approvals_needed = null, approved_on = null
  where district_id = b.district_id and id = b.id;
end
$$;

-- That of 0019. What is paid after its semester, whose books are still open, keeps its own day and is
-- booked on the semester's last one: with an approval of after it, there is no earlier day to give.
create or replace function payment_batch_pay(
  p_batch uuid, p_transfers uuid[], p_date date, p_actor uuid
) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  b payment_batch := payment_batch_lock(p_batch, '{approved,paid,closed}');
  balance uuid;
  use_account uuid;
  booked_on date;
  lines uuid[];
  amounts bigint[];
  size integer;
begin
  if b.state <> 'approved' then return false; end if;
  if p_date < b.approved_on then
    raise check_violation using message = 'before the approval',
      constraint = 'payment_before_approval', table = 'payment_batch';
  end if;
  perform payment_require_open(b);
  perform payment_require_recognition(b);
  select least(p_date, s.ends_on) into booked_on from semester s
  where s.district_id = b.district_id and s.semester = b.semester;
  balance := ledger_account(b.fund_id, 'balance', '');
  use_account := ledger_account(b.fund_id, 'use', b.purpose);
  -- In the order in which every posting locks them.
  perform from account a
  where a.district_id = b.district_id and a.id in (balance, use_account)
  order by a.id
  for no key update;
  perform ledger_hold(b.fund_id, b.semester, -b.total_fen);
  select array_agg(l.id order by l.number), array_agg(l.amount_fen order by l.number)
  into lines, amounts
  from payment_line l
  where l.district_id = b.district_id and l.batch_id = b.id;
  size := cardinality(lines);
  if size > cardinality(p_transfers) then
    raise check_violation using message = 'one transfer a line', constraint = 'payment_batch_lines';
  end if;
  p_transfers := p_transfers[1:size];
  perform ledger_post(
    p_transfers, array_fill(balance, array[size]), array_fill(use_account, array[size]), amounts,
    b.semester, 'payment', b.purpose, array_fill(booked_on, array[size]), lines, null, b.title,
    p_actor);
  update payment_line l set state = 'waiting', transfer_id = u.transfer_id
  from unnest(lines, p_transfers) as u (line_id, transfer_id)
  where l.district_id = b.district_id and l.id = u.line_id;
  update payment_batch set state = 'paid', paid_on = p_date, paid_by = p_actor
  where district_id = b.district_id and id = b.id;
  return true;
end
$$;

-- A donor's statement tells what was moved from what was given, by either transfer and by the receipt.
create index pairing_balance_by_receipt on pairing_balance (district_id, receipt_id);
create index pairing_balance_by_out on pairing_balance (district_id, out_transfer);
create index pairing_balance_by_in on pairing_balance (district_id, in_transfer)
where in_transfer is not null;
create index instalment_receipt_by_payer on instalment_receipt (district_id, payer_id)
where payer_id is not null;

-- That of 0013: a school also sees who paid for its pupils in a sponsor's place.
alter policy tenant on donor using (
  district_id = (select current_district())
  and (
    (select current_school()) is null
    or school_id = (select current_school())
    or exists (
      select from donor_school k where k.district_id = donor.district_id and k.donor_id = donor.id
    )
    or exists (
      select from donation g where g.district_id = donor.district_id and g.donor_id = donor.id
    )
    or exists (
      select from pairing p where p.district_id = donor.district_id and p.donor_id = donor.id
    )
    or exists (
      select from instalment_receipt r
      where r.district_id = donor.district_id and r.payer_id = donor.id
    )
  )
);

-- That of 0026. Whoever paid is thanked; everything else goes to the sponsor.
create or replace function message_queue(
  p_pairing uuid, p_kind text, p_subject uuid, p_semester integer, p_key text, p_day date,
  p_actor uuid
) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  message_id uuid := gen_random_uuid();
  recipient uuid;
  via text;
  tongue text;
begin
  select coalesce(r.payer_id, p.donor_id) into recipient from pairing p
  left join instalment_receipt r
    on p_kind = 'thank_you' and r.district_id = p.district_id and r.id = p_subject
  where p.district_id = current_district() and p.id = p_pairing;
  select r.way, r.language into via, tongue from donor_reached(recipient) as r;
  via := coalesce(via, 'letter');
  if via = 'none' then return false; end if;
  insert into message (
    district_id, id, school_id, pairing_id, donor_id, kind, subject_id, semester, key, on_day, way,
    language, made_by
  )
  select p.district_id, message_id, p.school_id, p.id, recipient, p_kind, p_subject, p_semester,
    p_key, p_day, via, coalesce(tongue, 'zh'), p_actor
  from pairing p
  where p.district_id = current_district() and p.id = p_pairing
    and (current_school() is null or p.school_id = current_school())
  on conflict on constraint message_once do nothing;
  if not found then return false; end if;
  if via = 'mail' then
    perform job_enqueue('mail.send', message_id::text, message_id, null, null);
  end if;
  return true;
end
$$;

-- Lapses these pairs where they are open; a proposal that has none left is settled.
create function proposal_lapse_pairs(p_district text, p_pairs uuid[]) returns void
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  touched uuid[];
begin
  with lapsed as (
    update proposal_pair x set state = 'lapsed'
    where x.district_id = p_district and x.id = any (p_pairs) and x.state = 'proposed'
    returning x.proposal_id
  )
  select array_agg(distinct l.proposal_id) into touched from lapsed l;
  update proposal p
  set state = case when exists (
    select from proposal_pair x
    where x.district_id = p.district_id and x.proposal_id = p.id and x.state = 'accepted'
  ) then 'accepted' else 'withdrawn' end
  where p.district_id = p_district and p.id = any (touched) and p.state in ('proposed', 'approved')
    and not exists (
      select from proposal_pair x
      where x.district_id = p.district_id and x.proposal_id = p.id and x.state = 'proposed'
    );
end
$$;
revoke all on function proposal_lapse_pairs(text, uuid[]) from public;

-- That of 0024, by the function above.
create or replace function proposal_lapse(p_district text, p_student uuid, p_offer uuid) returns void
language sql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
  select proposal_lapse_pairs(
    p_district,
    array(
      select x.id from proposal_pair x
      where x.district_id = p_district and x.state = 'proposed'
        and (x.student_id = p_student or x.offer_id = p_offer)
    )
  )
$$;

-- That of 0025. Where the two stand open in a proposal, with whatever offer, that pair lapses.
create or replace function match_exclude(g pairing, p_actor uuid) returns void
language plpgsql security definer
set search_path = public, pg_temp
set yibang.school = ''
as $$
declare
  of_sponsor uuid[];
begin
  select array_agg(o.id) into of_sponsor from donor e
  join donor d
    on d.district_id = e.district_id
    and coalesce(d.merged_into, d.id) = coalesce(e.merged_into, e.id)
  join offer o on o.district_id = d.district_id and o.donor_id = d.id
  where e.district_id = g.district_id and e.id = g.donor_id;
  update match_choice c set ended_by = p_actor, ended_at = clock_timestamp()
  where c.district_id = g.district_id and c.student_id = g.student_id and c.ended_at is null
    and (c.offer_id = g.offer_id or c.kind = 'pinned' and c.offer_id = any (of_sponsor));
  insert into match_choice (district_id, id, kind, origin, student_id, offer_id, made_by)
  values (
    g.district_id, gen_random_uuid(), 'forbidden', 'conflict', g.student_id, g.offer_id, p_actor
  );
  perform proposal_lapse_pairs(
    g.district_id,
    array(
      select x.id from proposal_pair x
      where x.district_id = g.district_id and x.student_id = g.student_id
        and x.state = 'proposed' and x.offer_id = any (of_sponsor)
    )
  );
end
$$;
