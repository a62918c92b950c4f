package import Foundation

/// Something that is not as it was sealed. What was altered first comes first.
package enum SealFinding: Sendable, Equatable {
  /// A transfer's row says something else than what was sealed.
  case alteredTransfer(UUID, leaf: Int, seal: Int?)
  /// The row of a sealed transfer is gone.
  case removedTransfer(UUID, leaf: Int, seal: Int?)
  /// The transfer is as it was sealed, but the stored hash of its leaf is not.
  case alteredLeaf(UUID, leaf: Int, seal: Int?)
  /// The row that holds a leaf's place is gone.
  case missingLeaf(Int, seal: Int?)
  /// A leaf stands behind the last seal's, where none belongs.
  case addedLeaf(UUID, leaf: Int)
  /// Transfers and the hashes of their leaves were altered to fit each other, or change places.
  case alteredTogether(first: Int, last: Int, seal: Int)
  /// Recorded before the last seal's horizon and yet in no seal: it was put in afterwards.
  case insertedTransfer(UUID)
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
    case .alteredTransfer: "altered_transfer"
    case .removedTransfer: "removed_transfer"
    case .alteredLeaf: "altered_leaf"
    case .missingLeaf: "missing_leaf"
    case .addedLeaf: "added_leaf"
    case .alteredTogether: "altered_together"
    case .insertedTransfer: "inserted_transfer"
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

  package var transfer: UUID? {
    switch self {
    case .alteredTransfer(let id, _, _), .removedTransfer(let id, _, _), .alteredLeaf(let id, _, _),
      .addedLeaf(let id, _), .insertedTransfer(let id):
      id
    default: nil
    }
  }

  /// Its place in the tree, from 0.
  package var leaf: Int? {
    switch self {
    case .alteredTransfer(_, let leaf, _), .removedTransfer(_, let leaf, _),
      .alteredLeaf(_, let leaf, _), .missingLeaf(let leaf, _), .addedLeaf(_, let leaf),
      .alteredTogether(let leaf, _, _):
      leaf
    default: nil
    }
  }

  package var seal: Int? {
    switch self {
    case .alteredTransfer(_, _, let seal), .removedTransfer(_, _, let seal),
      .alteredLeaf(_, _, let seal), .missingLeaf(_, let seal):
      seal
    case .alteredTogether(_, _, let seal), .missingSeal(let seal), .forgedCheckpoint(let seal, _),
      .alteredSeal(let seal), .brokenChain(let seal):
      seal
    default: nil
    }
  }

  package var text: Text {
    switch self {
    case .alteredTransfer:
      Text("转账记录被改动：与封存时不同", "the transfer was altered: it is not what was sealed")
    case .removedTransfer: Text("已封存的转账被删除", "the sealed transfer was removed")
    case .alteredLeaf:
      Text("封存的叶哈希被改动，转账本身无误", "the stored hash was altered; the transfer itself is as sealed")
    case .missingLeaf: Text("封存的叶被删除", "the leaf was removed")
    case .addedLeaf: Text("末次封存之后多出一片叶", "a leaf was added behind the last seal")
    case .alteredTogether(let first, let last, _):
      Text(
        "第 \(first) 至 \(last) 片叶的转账与哈希被一并改动或调换",
        "transfers and hashes of the leaves \(first) to \(last) were altered together or change places"
      )
    case .insertedTransfer:
      Text(
        "早于末次封存却未被封存：是事后插入的转账",
        "recorded before the last seal, yet in none: it was put in afterwards")
    case .alteredNode(let level, let index):
      Text("中间节点 \(level)/\(index) 被改动", "the inner node \(level)/\(index) was altered")
    default: textOfSeals
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
    case code, transfer, leaf, seal, text
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encodeIfPresent(transfer?.uuidString.lowercased(), forKey: .transfer)
    try container.encodeIfPresent(leaf, forKey: .leaf)
    try container.encodeIfPresent(seal, forKey: .seal)
    try container.encode(text, forKey: .text)
  }
}
