-- What a sponsor may read of letters: that one was released to it, and, as long as the consents hold,
-- what it says. Each reading leaves a row in the trail.

create index letter_of_donor on letter (district_id, donor_id);

create function letters_released(p_donors uuid[], p_on date)
returns table (id uuid, pairing_id uuid, form text, written_on date, released_on date)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select l.id, l.pairing_id, l.form, l.written_on, l.released_on from letter l
  where l.district_id = current_district() and l.donor_id = any (p_donors)
    and l.state in ('released', 'delivered') and letter_covered(l.student_id, l.donor_id, p_on)
  order by l.released_on desc, l.id desc;
end;

create function letter_read(
  p_id uuid, p_donors uuid[], p_audit uuid, p_on date, p_actor uuid
) returns table (form text, version integer, content_sealed bytea)
language plpgsql security definer
set search_path = public, pg_temp
as $$
#variable_conflict use_column
declare
  l letter;
begin
  select * into l from letter q
  where q.district_id = current_district() and q.id = p_id and q.donor_id = any (p_donors)
    and q.state in ('released', 'delivered') and letter_covered(q.student_id, q.donor_id, p_on);
  if not found then return; end if;
  insert into audit (district_id, id, school_id, actor_id, action, subject, subject_id, after)
  values (
    l.district_id, p_audit, l.school_id, p_actor, 'letter.read', 'letter', l.id,
    jsonb_build_object('version', l.version::text)
  );
  return query
  select l.form, l.version, c.content_sealed from letter_content c
  where c.district_id = l.district_id and c.letter_id = l.id and c.version = l.version;
end
$$;

revoke all on function letters_released(uuid[], date),
  letter_read(uuid, uuid[], uuid, date, uuid) from public;
grant execute on function letters_released(uuid[], date),
  letter_read(uuid, uuid[], uuid, date, uuid) to yibang_app;
