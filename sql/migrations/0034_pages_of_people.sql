-- Lists that are read a page at a time.
-- Runs before the program serves, so no client waits for its locks.
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion

create index consent_by_school on consent (district_id, school_id);
create index cover_by_day on cover (district_id, covered_on, id);

-- Instalments of a semester go on after a due date and an id.
drop index instalment_by_due;
create index instalment_by_due on instalment (district_id, semester, due_on, id);
