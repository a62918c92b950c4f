-- Row-level security that the planner can estimate. Of "school_id = coalesce(current_school(),
-- school_id)" and of "current_school() is null or …" it takes half a percent to hold, of each table
-- again, so that joins of thousands of rows were planned for one: the check of 10,000 pairings' payouts
-- took 256 s. A case it takes to hold for half of the rows; it took 0.09 s. The meaning is the same.
do $$
declare
  p record;
  head constant text := '((district_id = ( SELECT current_district() AS current_district)) AND ';
  none constant text := '(( SELECT current_school() AS current_school) IS NULL)';
  rest text;
  otherwise text;
begin
  for p in
    select c.relname, o.polname, pg_get_expr(o.polqual, o.polrelid) as uses
    from pg_policy o
    join pg_class c on c.oid = o.polrelid
    where c.relnamespace = 'public'::regnamespace and o.polqual is not null
  loop
    if not starts_with(p.uses, head) then continue; end if;
    -- Without the parenthesis that closes the whole.
    rest := left(substr(p.uses, length(head) + 1), -1);
    if rest = none then
      otherwise := 'false';
    elsif starts_with(rest, '(' || none || ' OR ') then
      otherwise := left(substr(rest, length(none) + 6), -1);
    elsif rest ~ '^\(\w+ = COALESCE\(\( SELECT current_school\(\) AS current_school\), \w+\)\)$' then
      otherwise := substring(rest from '^\((\w+)') || ' = (select current_school())';
    else
      continue;
    end if;
    execute format(
      'alter policy %I on %I using (district_id = (select current_district()) and '
      'case when (select current_school()) is null then true else %s end)',
      p.polname, p.relname, otherwise);
  end loop;
end
$$;
