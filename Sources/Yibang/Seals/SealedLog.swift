import Postgres

/// A table whose rows are sealed: how they become the leaves of a tree of their own, and where that is
/// kept. Every seal signs the roots of both logs.
struct SealedLog: Sendable {
  /// The first bytes of a leaf: the table, and the version of its form.
  let header: [UInt8]
  /// In the order in which they stand in the bytes, and in which the statements select them.
  let columns: [String]
  /// The places of the row's id and of the instant of recording among the columns.
  let id: Int
  let instant: Int

  /// The next unsealed rows after ($2, $3) in the order of the tree. $4: nothing is sealed yet, so that
  /// no leaf need be looked for. $5 limit.
  let unsealed: SQL
  /// $2 index of the first, $3 rows, $4 hashes
  let addLeaves: SQL
  /// Nil where no subtrees are kept, since nobody proves single rows of the log to others.
  let addNodes: SQL?

  /// Leaves from $2 to before $3: index, row, hash, whether the row is there, its columns, and whether
  /// an erasure took words of it.
  let leaves: SQL
  /// Leaves from $2 on: index, row. $3 limit.
  let leavesFrom: SQL
  let lastLeaf: SQL
  let nodes: SQL?
  /// Rows that were recorded before $2 and have no leaf. $3 limit.
  let neverSealed: SQL

  /// A finding in one of its rows or leaves.
  let finding: @Sendable (SealFinding) -> SealFinding

  static let transfers = SealedLog(
    header: Array("yibang/transfer/1\n".utf8),
    columns: [
      "district_id", "id", "fund_id", "debit_account", "credit_account", "amount_fen", "semester",
      "kind", "purpose", "occurred_on", "source_id", "reverses", "note", "actor_id", "recorded_at",
    ],
    id: 1, instant: 14,
    unsealed: """
      select t.district_id, t.id, t.fund_id, t.debit_account, t.credit_account, t.amount_fen,
        t.semester, t.kind, t.purpose, t.occurred_on, t.source_id, t.reverses,
        sha256(convert_to(t.note, 'UTF8')), t.actor_id, t.recorded_at
      from transfer t
      where t.district_id = $1 and (t.recorded_at, t.id) > ($2, $3)
        and (
          $4 or (
            select l.leaf_index from seal_leaf l
            where l.district_id = t.district_id and l.transfer_id = t.id
          ) is null
        )
      order by t.recorded_at, t.id
      limit $5
      """,
    addLeaves: """
      insert into seal_leaf (district_id, leaf_index, transfer_id, hash)
      select $1, $2 + u.place - 1, u.transfer_id, u.hash
      from unnest($3::uuid[], $4::bytea[]) with ordinality as u (transfer_id, hash, place)
      """,
    addNodes: """
      insert into seal_node (district_id, level, node_index, hash)
      select $1, u.level, u.node_index, u.hash
      from unnest($2::int2[], $3::int8[], $4::bytea[]) as u (level, node_index, hash)
      """,
    leaves: """
      select l.leaf_index, l.transfer_id, l.hash, t.id is not null,
        t.district_id, t.id, t.fund_id, t.debit_account, t.credit_account, t.amount_fen,
        t.semester, t.kind, t.purpose, t.occurred_on, t.source_id, t.reverses,
        sha256(convert_to(t.note, 'UTF8')), t.actor_id, t.recorded_at, false
      from seal_leaf l
      left join transfer t on t.district_id = l.district_id and t.id = l.transfer_id
      where l.district_id = $1 and l.leaf_index >= $2 and l.leaf_index < $3
      order by l.leaf_index
      """,
    leavesFrom: """
      select leaf_index, transfer_id from seal_leaf
      where district_id = $1 and leaf_index >= $2
      order by leaf_index
      limit $3
      """,
    lastLeaf: "select max(leaf_index) from seal_leaf where district_id = $1",
    nodes: """
      select level::int8, node_index, hash from seal_node
      where district_id = $1
      order by level, node_index
      """,
    neverSealed: """
      select t.id from transfer t
      where t.district_id = $1 and t.recorded_at < $2
        and not exists (
          select from seal_leaf l where l.district_id = t.district_id and l.transfer_id = t.id
        )
      order by t.recorded_at, t.id
      limit $3
      """,
    finding: { $0 })

  static let trail = SealedLog(
    header: Array("yibang/audit/1\n".utf8),
    columns: [
      "district_id", "id", "school_id", "at", "actor_id", "action", "subject", "subject_id",
      "before",
      "after",
    ],
    id: 1, instant: 3,
    unsealed: """
      select a.district_id, a.id, a.school_id, a.at, a.actor_id, a.action, a.subject, a.subject_id,
        a.before::text, a.after::text
      from audit a
      where a.district_id = $1 and (a.at, a.id) > ($2, $3)
        and (
          $4 or (
            select l.leaf_index from audit_leaf l
            where l.district_id = a.district_id and l.audit_id = a.id
          ) is null
        )
      order by a.at, a.id
      limit $5
      """,
    addLeaves: """
      insert into audit_leaf (district_id, leaf_index, audit_id, hash)
      select $1, $2 + u.place - 1, u.audit_id, u.hash
      from unnest($3::uuid[], $4::bytea[]) with ordinality as u (audit_id, hash, place)
      """,
    addNodes: nil,
    leaves: """
      select l.leaf_index, l.audit_id, l.hash, a.id is not null,
        a.district_id, a.id, a.school_id, a.at, a.actor_id, a.action, a.subject, a.subject_id,
        a.before::text, a.after::text, e.audit_id is not null
      from audit_leaf l
      left join audit a on a.district_id = l.district_id and a.id = l.audit_id
      left join audit_erased e on e.district_id = l.district_id and e.audit_id = l.audit_id
      where l.district_id = $1 and l.leaf_index >= $2 and l.leaf_index < $3
      order by l.leaf_index
      """,
    leavesFrom: """
      select leaf_index, audit_id from audit_leaf
      where district_id = $1 and leaf_index >= $2
      order by leaf_index
      limit $3
      """,
    lastLeaf: "select max(leaf_index) from audit_leaf where district_id = $1",
    nodes: nil,
    neverSealed: """
      select a.id from audit a
      where a.district_id = $1 and a.at < $2
        and not exists (
          select from audit_leaf l where l.district_id = a.district_id and l.audit_id = a.id
        )
      order by a.at, a.id
      limit $3
      """,
    finding: { .trail($0) })
}
