-- The audit trail is sealed with the ledger, and each look at private data is kept: who, whose, what, why.
-- Runs before the program serves, so no client waits for its locks. A seal of no transfers, or of no new
-- ones, seals the trail alone.
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint

-- The trail is read in the order in which it was recorded: all of it, or what one filter names.
create index audit_by_time on audit (district_id, at, id);
create index audit_by_school on audit (district_id, school_id, at, id);
create index audit_by_actor on audit (district_id, actor_id, at, id);
create index audit_by_action on audit (district_id, action, at, id);
drop index audit_by_subject;
create index audit_by_subject on audit (district_id, subject_id, at, id);

-- The place of each sealed row of the trail and the hash of its leaf, as seal_leaf has them of
-- transfers. Nobody proves single rows to others, so that inner nodes are not kept.
create table audit_leaf (
  district_id text not null,
  leaf_index bigint not null check (leaf_index >= 0),
  audit_id uuid not null,
  hash bytea not null check (length(hash) = 32),
  primary key (district_id, leaf_index),
  constraint audit_leaf_entry unique (district_id, audit_id)
);

-- The trail's tree at a seal, in its signed checkpoint too; null in seals from before.
alter table seal add column audit_size bigint check (audit_size >= 0);
alter table seal add column audit_root bytea check (length(audit_root) = 32);
alter table seal add column audit_frontier bytea check (length(audit_frontier) % 32 = 0);
alter table seal add constraint seal_audit check (
  (audit_size is null) = (audit_root is null) and (audit_size is null) = (audit_frontier is null)
);
alter table seal drop constraint seal_size;
alter table seal drop constraint seal_size_check;
alter table seal add constraint seal_size_check check (size >= 0);

-- One row a person whose private data somebody saw; the rows of one act share the entry of the trail
-- that says so. records: of the act. login and role: as they were, for whom the user is hidden. No
-- foreign key to pupils and donors: the log outlives them.
create table reveal (
  district_id text not null,
  id uuid not null,
  audit_id uuid not null,
  school_id uuid,
  at timestamptz not null default statement_timestamp(),
  actor_id uuid not null,
  login text not null,
  role text not null,
  way text not null check (
    way in (
      'pupil', 'donor', 'report', 'payment_sheet', 'application_form', 'national_export',
      'recognition'
    )
  ),
  subject text not null check (subject in ('student', 'donor')),
  subject_id uuid not null,
  what text[] not null check (cardinality(what) > 0),
  reason text not null check (length(reason) >= 2),
  records integer not null check (records > 0),
  primary key (district_id, id),
  constraint reveal_entry unique (district_id, audit_id, subject_id),
  foreign key (district_id, audit_id) references audit (district_id, id)
);
create index reveal_by_time on reveal (district_id, at, id);
create index reveal_by_school on reveal (district_id, school_id, at, id);
create index reveal_by_login on reveal (district_id, login, at, id);
create index reveal_by_subject on reveal (district_id, subject_id, at, id);
-- What the limit counts.
create index reveal_one_by_one on reveal (district_id, actor_id, at)
where way in ('pupil', 'donor');

alter table audit_leaf enable row level security;
alter table reveal enable row level security;
create policy tenant on audit_leaf using (district_id = (select current_district()));
create policy tenant on reveal using (
  district_id = (select current_district())
  and case when (select current_school()) is null then true
    else school_id = (select current_school()) end
);
grant select, insert on audit_leaf, reveal to yibang_app;

-- Every look at a pupil's data, whichever school the pupil was at: for the guardian. Nothing of a pupil
-- whom the caller does not see.
create function reveals_of(p_student uuid)
returns table (at timestamptz, role text, way text, what text[], reason text)
language sql stable security definer
set search_path = public, pg_temp
begin atomic
  select r.at, r.role, r.way, r.what, r.reason from reveal r
  join student s on s.district_id = r.district_id and s.id = r.subject_id
  where r.district_id = current_district() and r.subject_id = p_student
    and r.subject = 'student'
    and (current_school() is null or s.school_id = current_school())
  order by r.at, r.id;
end;
revoke all on function reveals_of(uuid) from public;
grant execute on function reveals_of(uuid) to yibang_app;
