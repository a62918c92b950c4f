-- Privacy: the keys that seal, the erasure of one child's data, and how long what is kept for its use
-- alone stays.
-- Runs before the program serves, so no client waits for its locks. The constraint dropped is added
-- again, wider, in the next statement.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint, adding-not-nullable-field

-- made_at: null for a key from before keys could be rotated. retired_at: since when it is in no key
-- file any more. The hashes come from the first key for good, of which the digest stays.
alter table key_check add column made_at timestamptz, add column retired_at timestamptz;
alter table key_check alter column made_at set default clock_timestamp();
revoke insert on key_check from yibang_app;
grant insert (key_id, digest) on key_check to yibang_app;

-- How many values each key seals, column by column, in a district or (null) in all. A value begins with
-- its key's id; an empty one was erased.
create function sealed_key_counts(p_district text)
returns table (place text, key_id bigint, number bigint)
language plpgsql stable
set search_path = public, pg_temp
as $$
declare
  col record;
begin
  for col in
    select r.relname::text as tab, a.attname::text as name from pg_attribute a
    join pg_class r on r.oid = a.attrelid
    where r.relnamespace = 'public'::regnamespace and r.relkind in ('r', 'p')
      and a.attname like '%\_sealed' and not a.attisdropped
    order by 1, 2
  loop
    return query execute format(
      'select %L, k.id, count(*) from ('
      '  select (''x'' || encode(substring(t.%I from 1 for 4), ''hex''))::bit(32)::bigint as id'
      '  from %I t where ($1 is null or t.district_id = $1) and octet_length(t.%I) > 0'
      ') k group by k.id',
      col.tab || '.' || col.name, col.name, col.tab, col.name)
    using p_district;
  end loop;
end
$$;
revoke all on function sealed_key_counts(text) from public;

-- The same of the district at hand.
create function sealed_keys() returns table (place text, key_id bigint, number bigint)
language sql stable security definer
set search_path = public, pg_temp
as $$
  select c.place, c.key_id, c.number from sealed_key_counts(coalesce(current_district(), '')) c
$$;
