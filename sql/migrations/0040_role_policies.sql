-- A second line behind the permissions of the two roles that are to see least, for whatever an
-- operation forgets: a sponsor finds the rows of the own gifts and pairings and no others, an assessor
-- nothing of money. Whoever acts as neither sends neither setting, and nothing changes.
create function acting_role() returns text
language sql stable parallel safe
return nullif(current_setting('yibang.role', true), '');

-- The records of the donor as whom a sponsor reads; null (and so no row) where none is named.
create function own_donors() returns uuid []
language sql stable parallel safe
return donor_records(nullif(current_setting('yibang.donor', true), '')::uuid);

-- One case, as in 0032: with another condition beside it each table would be estimated at half again.
do $$
declare
  p record;
  head constant text := '((district_id = ( SELECT current_district() AS current_district)) AND';
  own text;
  money constant text[] := array[
    'account', 'account_semester', 'bank_account', 'bank_line', 'bank_statement', 'budget',
    'campaign', 'change_of_use', 'clawback', 'clawback_entry', 'clawback_waiver',
    'closing_balance', 'commitment', 'commitment_change', 'cover', 'cover_repayment', 'donation',
    'donor', 'donor_anonymity', 'donor_contact', 'donor_merge', 'donor_request', 'donor_school',
    'fund', 'fund_purpose', 'instalment', 'instalment_receipt', 'message', 'offer', 'pairing',
    'pairing_balance', 'payment_approval', 'payment_batch', 'payment_line', 'payout', 'receipt',
    'receipt_waiver', 'reconciliation', 'reconciliation_transfer', 'reconciliation_undone',
    'transfer', 'transfer_reversed'
  ];
begin
  for p in
    select c.relname::text as relname, o.polname, pg_get_expr(o.polqual, o.polrelid) as uses
    from pg_policy o
    join pg_class c on c.oid = o.polrelid
    where c.relnamespace = 'public'::regnamespace and o.polname = 'tenant'
      and o.polqual is not null
  loop
    -- What belongs to no school, such as semesters and rule sets, is the whole district's.
    if not starts_with(p.uses, head) then continue; end if;
    own := case p.relname
      when 'school' then 'true'
      when 'donor' then 'id = any ((select own_donors())::uuid[])'
      when 'donation' then 'donor_id = any ((select own_donors())::uuid[])'
      when 'offer' then 'donor_id = any ((select own_donors())::uuid[])'
      when 'pairing' then 'donor_id = any ((select own_donors())::uuid[])'
      when 'commitment' then 'pairing_id in (select g.id from pairing g)'
      when 'instalment' then 'commitment_id in (select m.id from commitment m)'
      when 'instalment_receipt' then 'instalment_id in (select i.id from instalment i)'
      when 'receipt' then 'donation_id in (select g.id from donation g)'
      when 'change_of_use' then 'donation_id in (select g.id from donation g)'
      when 'pairing_balance' then 'pairing_id in (select g.id from pairing g)'
      when 'student' then 'id in (select g.student_id from pairing g)'
      when 'fund' then 'true'
      when 'transfer' then
        'case when reverses is null then id else reverses end in '
        '(select g.transfer_id from donation g '
        'union all select r.transfer_id from instalment_receipt r '
        'union all select u.in_transfer from change_of_use u)'
      when 'transfer_reversed' then
        'transfer_id in (select g.transfer_id from donation g '
        'union all select r.transfer_id from instalment_receipt r '
        'union all select u.in_transfer from change_of_use u)'
      else 'false'
    end;
    execute format(
      'alter policy %I on %I using (district_id = (select current_district()) and '
      'case (select acting_role()) when ''sponsor'' then %s %s else %s end)',
      p.polname, p.relname, own,
      case when p.relname = any (money) then 'when ''assessor'' then false' else '' end,
      left(substr(p.uses, length(head) + 1), -1));
  end loop;
end
$$;
