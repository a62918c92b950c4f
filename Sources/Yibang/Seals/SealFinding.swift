package import Foundation

/// Something that is not as it was sealed. What was altered first comes first.
package indirect enum SealFinding: Sendable, Equatable {
  /// A transfer's row says something else than what was sealed.
  case alteredRow(UUID, leaf: Int, seal: Int?)
  /// The row of a sealed transfer is gone.
  case removedRow(UUID, leaf: Int, seal: Int?)
  /// The transfer is as it was sealed, but the stored hash of its leaf is not.
  case alteredLeaf(UUID, leaf: Int, seal: Int?)
  /// The row that holds a leaf's place is gone.
  case missingLeaf(Int, seal: Int?)
  /// A leaf stands behind the last seal's, where none belongs.
  case addedLeaf(UUID, leaf: Int)
  /// Transfers and the hashes of their leaves were altered to fit each other, or change places.
  case alteredTogether(first: Int, last: Int, seal: Int)
  /// Recorded before the last seal's horizon and yet in no seal: it was put in afterwards.
  case insertedRow(UUID)
  /// The same of a row of the audit trail, or of its tree.
  case trail(SealFinding)
  /// A stored subtree is not the one that its leaves give.
  case alteredNode(level: Int, index: Int)
  case missingSeal(Int)
  /// The signature does not fit the checkpoint, or it is none.
  case forgedCheckpoint(seal: Int, reason: Text)
  /// The row says something else than its signed checkpoint.
  case alteredSeal(Int)
  /// The seal does not name the checkpoint before it.
  case brokenChain(seal: Int)
  case noKey
  case otherKey
  /// The database's tree is not the one of a checkpoint that was published.
  case notAsPublished(size: Int)

  package var code: String {
    switch self {
    case .alteredRow: "altered_transfer"
    case .removedRow: "removed_transfer"
    case .alteredLeaf: "altered_leaf"
    case .missingLeaf: "missing_leaf"
    case .addedLeaf: "added_leaf"
    case .alteredTogether: "altered_together"
    case .insertedRow: "inserted_transfer"
    case .trail(let inner): inner.codeInTrail
    case .alteredNode: "altered_node"
    case .missingSeal: "missing_seal"
    case .forgedCheckpoint: "forged_checkpoint"
    case .alteredSeal: "altered_seal"
    case .brokenChain: "broken_chain"
    case .noKey: "no_key"
    case .otherKey: "other_key"
    case .notAsPublished: "not_as_published"
    }
  }

  private var codeInTrail: String {
    switch self {
    case .alteredRow: "altered_entry"
    case .removedRow: "removed_entry"
    case .insertedRow: "inserted_entry"
    default: "trail_\(code)"
    }
  }

  /// Of the ledger.
  package var transfer: UUID? {
    switch self {
    case .alteredRow(let id, _, _), .removedRow(let id, _, _), .alteredLeaf(let id, _, _),
      .addedLeaf(let id, _), .insertedRow(let id):
      id
    default: nil
    }
  }

  /// Of the audit trail.
  package var entry: UUID? {
    if case .trail(let inner) = self { inner.transfer } else { nil }
  }

  /// Its place in the tree, from 0.
  package var leaf: Int? {
    switch self {
    case .alteredRow(_, let leaf, _), .removedRow(_, let leaf, _),
      .alteredLeaf(_, let leaf, _), .missingLeaf(let leaf, _), .addedLeaf(_, let leaf),
      .alteredTogether(let leaf, _, _):
      leaf
    case .trail(let inner): inner.leaf
    default: nil
    }
  }

  package var seal: Int? {
    switch self {
    case .alteredRow(_, _, let seal), .removedRow(_, _, let seal),
      .alteredLeaf(_, _, let seal), .missingLeaf(_, let seal):
      seal
    case .alteredTogether(_, _, let seal), .missingSeal(let seal), .forgedCheckpoint(let seal, _),
      .alteredSeal(let seal), .brokenChain(let seal):
      seal
    case .trail(let inner): inner.seal
    default: nil
    }
  }

  package var text: Text {
    switch self {
    case .alteredRow:
      Text("转账记录被改动：与封存时不同", "the transfer was altered: it is not what was sealed")
    case .removedRow: Text("已封存的转账被删除", "the sealed transfer was removed")
    case .alteredLeaf:
      Text("封存的叶哈希被改动，转账本身无误", "the stored hash was altered; the transfer itself is as sealed")
    case .missingLeaf: Text("封存的叶被删除", "the leaf was removed")
    case .addedLeaf: Text("末次封存之后多出一片叶", "a leaf was added behind the last seal")
    case .alteredTogether(let first, let last, _):
      Text(
        "第 \(first) 至 \(last) 片叶的转账与哈希被一并改动或调换",
        "transfers and hashes of the leaves \(first) to \(last) were altered together or change places"
      )
    case .insertedRow:
      Text(
        "早于末次封存却未被封存：是事后插入的转账",
        "recorded before the last seal, yet in none: it was put in afterwards")
    case .alteredNode(let level, let index):
      Text("中间节点 \(level)/\(index) 被改动", "the inner node \(level)/\(index) was altered")
    case .trail(let inner): inner.textInTrail
    default: textOfSeals
    }
  }

  private var textInTrail: Text {
    switch self {
    case .alteredRow:
      Text("操作记录被改动：与封存时不同", "the entry of the trail was altered: it is not what was sealed")
    case .removedRow: Text("已封存的操作记录被删除", "the sealed entry of the trail was removed")
    case .alteredLeaf:
      Text("封存的叶哈希被改动，操作记录本身无误", "the stored hash was altered; the entry itself is as sealed")
    case .alteredTogether(let first, let last, _):
      Text(
        "第 \(first) 至 \(last) 片叶的操作记录与哈希被一并改动或调换",
        "entries and hashes of the leaves \(first) to \(last) were altered together or change places"
      )
    case .insertedRow:
      Text(
        "早于末次封存却未被封存：是事后插入的操作记录",
        "recorded before the last seal, yet in none: the entry was put in afterwards")
    case .notAsPublished(let size):
      Text(
        "操作记录与已公布的检查点（\(size) 条）不符：被整体改写或截短",
        "not the trail of the published checkpoint, of \(size) entries: it was rewritten or cut")
    default:
      Text("操作记录：\(text.zh)", "of the audit trail: \(text.en)")
    }
  }

  private var textOfSeals: Text {
    switch self {
    case .missingSeal: Text("封存记录被删除", "the seal was removed")
    case .forgedCheckpoint(_, let reason):
      Text("检查点是伪造的：\(reason.zh)", "the checkpoint is forged: \(reason.en)")
    case .alteredSeal:
      Text("封存记录与其签名的检查点不符", "the seal's row is not what its signed checkpoint says")
    case .brokenChain: Text("没有接上前一次封存的检查点", "it does not follow the checkpoint before it")
    case .noKey: Text("数据库里没有验证公钥", "the database holds no verifier key")
    case .otherKey:
      Text("数据库里的公钥不是所给（或密钥文件）的公钥", "the database's key is not the one given, or of the key file")
    case .notAsPublished(let size):
      Text(
        "与已公布的检查点（\(size) 笔）不符：账目被整体改写或截短",
        "not the tree of the published checkpoint of \(size) transfers: it was rewritten or cut")
    default: Text("不符", "not as sealed")
    }
  }
}

extension SealFinding: Encodable {
  private enum CodingKeys: String, CodingKey {
    case code, transfer, entry, leaf, seal, text
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encodeIfPresent(transfer?.uuidString.lowercased(), forKey: .transfer)
    try container.encodeIfPresent(entry?.uuidString.lowercased(), forKey: .entry)
    try container.encodeIfPresent(leaf, forKey: .leaf)
    try container.encodeIfPresent(seal, forKey: .seal)
    try container.encode(text, forKey: .text)
  }
}
