-- The ledger's arrays tell the planner nothing, so a plan for given arrays is the plan for any: by
-- index, account by account. Planning it anew each time was a third of the cost of a posting.
alter function ledger_post(
  uuid [], uuid [], uuid [], bigint [], integer, text, text, date [], uuid [], uuid, text, uuid
) set plan_cache_mode = force_generic_plan;

-- An import that fills small tables calls this after its first chunk: plans made while a table was
-- empty read it whole for every row. Tables that another is about to analyse are passed over; large
-- ones autovacuum keeps track of.
create or replace function analyze_small_tables()
returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  small text;
begin
  for small in
    select c.oid::regclass::text from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.reltuples < 10000
      and pg_relation_size(c.oid) > 0
  loop
    execute format('analyze (skip_locked) %s', small);
  end loop;
end
$$;
