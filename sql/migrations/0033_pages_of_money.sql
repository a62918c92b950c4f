-- What lists of money, its papers and its trail are read along, a page at a time.
-- Runs before the program serves, so no client waits for its locks.
-- squawk-ignore-file require-concurrent-index-deletion

create index donor_by_shown on donor (
  district_id, kind, (case when anonymous then '匿名' else name end) collate "zh-x-icu", id
);

drop index audit_by_subject;
create index audit_by_subject on audit (district_id, subject_id, id);

create index message_by_time on message (district_id, made_at, id);
create index job_by_time on job (district_id, run_at, id);
create index letter_by_day on letter (district_id, written_on, id);

-- The version of a record that changes through functions alone, held until the transaction ends: who
-- may not update a row may not lock it either. Null where the caller sees no such record.
create function record_version(p_record text, p_id uuid) returns text
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  version text;
begin
  case p_record
  when 'payment_batch' then
    select xmin::text into version from payment_batch
    where district_id = current_district() and id = p_id
      and (current_school() is null or school_id = current_school())
    for update;
  when 'letter' then
    select xmin::text into version from letter
    where district_id = current_district() and id = p_id and school_id = current_school()
    for update;
  when 'commitment' then
    select xmin::text into version from commitment
    where district_id = current_district() and id = p_id
      and (current_school() is null or school_id = current_school())
    for update;
  when 'recognition_case' then
    select xmin::text into version from recognition_case
    where district_id = current_district() and id = p_id
      and (current_school() is null or school_id = current_school())
    for update;
  when 'fund' then
    select xmin::text into version from fund
    where district_id = current_district() and id = p_id
      and (current_school() is null or school_id = current_school())
    for update;
  end case;
  return version;
end
$$;
