-- Seals: one append-only Merkle tree a district over its transfers, and a signed checkpoint of it for
-- each seal. The rows say nothing of persons. Nobody but the owner of the schema can change one.
-- Levels of a tree are small.
-- squawk-ignore-file prefer-bigint-over-smallint

-- Unsealed transfers are looked for among the latest ones only.
create index transfer_by_recorded on transfer (district_id, recorded_at, id);

-- The public key under which a district's checkpoints are signed, kept at its first seal.
create table seal_key (
  district_id text not null references district (district_id),
  verifier_key text not null check (verifier_key <> ''),
  primary key (district_id)
);

-- frontier: the hashes of the tree's right edge at this size, 32 bytes each. horizon: whatever was
-- recorded before it and committed in time is sealed. previous: SHA-256 of the checkpoint before.
-- The signed checkpoint says all of it again; who sealed and when stands in the audit trail.
create table seal (
  district_id text not null,
  number integer not null check (number > 0),
  size bigint not null check (size > 0),
  root bytea not null check (length(root) = 32),
  sealed_on date not null,
  checkpoint text not null,
  previous bytea check (length(previous) = 32),
  frontier bytea not null check (length(frontier) % 32 = 0),
  horizon timestamptz not null,
  primary key (district_id, number),
  constraint seal_size unique (district_id, size),
  constraint seal_chain check ((number = 1) = (previous is null)),
  foreign key (district_id) references seal_key (district_id)
);

-- The place of each sealed transfer and the hash of its leaf. No foreign key: it would double the time
-- of sealing, nobody who is bound by it may remove a transfer, and whoever is not is found out by
-- verifying.
create table seal_leaf (
  district_id text not null,
  leaf_index bigint not null check (leaf_index >= 0),
  transfer_id uuid not null,
  hash bytea not null check (length(hash) = 32),
  primary key (district_id, leaf_index),
  constraint seal_leaf_transfer unique (district_id, transfer_id)
);

-- The complete subtrees of 256, 65,536 … leaves: a proof reads a few hundred hashes and no more.
create table seal_node (
  district_id text not null,
  level smallint not null check (level > 0 and level % 8 = 0),
  node_index bigint not null check (node_index >= 0),
  hash bytea not null check (length(hash) = 32),
  primary key (district_id, level, node_index),
  foreign key (district_id) references district (district_id)
);

alter table seal_key enable row level security;
alter table seal enable row level security;
alter table seal_leaf enable row level security;
alter table seal_node enable row level security;

create policy tenant on seal_key using (district_id = (select current_district()));
create policy tenant on seal using (district_id = (select current_district()));
create policy tenant on seal_leaf using (district_id = (select current_district()));
create policy tenant on seal_node using (district_id = (select current_district()));

grant select, insert on seal_key, seal, seal_leaf, seal_node to yibang_app;
