import Foundation
package import MerkleLog
import Postgres
package import SchoolCalendar

/// A seal as it is stored: the state of a district's two trees on a day.
package struct SealRecord: Sendable {
  package let number: Int
  /// Of the transfers.
  let tree: SealedTree
  /// Of the audit trail; nil in a seal that was made before the trail was sealed.
  let trail: SealedTree?
  package let date: CalendarDate
  /// The signed note.
  package let checkpoint: String
  /// SHA-256 of the checkpoint before; nil for the first.
  package let previous: MerkleHash?
  let horizon: PostgresTimestamp

  /// number, size, root, sealed_on, checkpoint, previous, frontier, horizon, audit_size, audit_root,
  /// audit_frontier
  init(_ row: Row) throws {
    number = try row.get(0)
    tree = SealedTree(size: try row.get(1), root: try row.get(2), frontier: try row.get(6))
    date = try row.get(3)
    checkpoint = try row.get(4)
    previous = try row.optional(5)
    horizon = try row.get(7)
    if let size: Int = try row.optional(8) {
      trail = SealedTree(size: size, root: try row.get(9), frontier: try row.get(10))
    } else {
      trail = nil
    }
  }

  init(
    number: Int, tree: MerkleFrontier, trail: MerkleFrontier, date: CalendarDate,
    previous: MerkleHash?, horizon: PostgresTimestamp, signer: NoteSigner
  ) throws {
    self.number = number
    self.tree = SealedTree(tree)
    self.trail = SealedTree(trail)
    self.date = date
    self.previous = previous
    self.horizon = horizon
    let lines = Self.lines(
      number: number, date: date, horizon: horizon, previous: previous, trail: self.trail)
    let body = Checkpoint(
      origin: signer.name, size: tree.size, root: tree.root, extensions: lines)
    checkpoint = try signer.sign(body.text)
  }

  /// Transfers in the tree.
  package var size: Int { tree.size }
  package var root: MerkleHash { tree.root }
  /// Rows of the audit trail in its tree; nil: as ``trail``.
  package var entries: Int? { trail?.size }

  /// The checkpoint's own lines: they bind what the row says beside size and root.
  var lines: [String] {
    Self.lines(number: number, date: date, horizon: horizon, previous: previous, trail: trail)
  }

  private static func lines(
    number: Int, date: CalendarDate, horizon: PostgresTimestamp, previous: MerkleHash?,
    trail: SealedTree?
  ) -> [String] {
    let lines = [
      "seal \(number)", "date \(date)", "horizon \(horizon.microseconds)",
      "previous \(previous?.description ?? "none")",
    ]
    return lines + [trail.map { "audit \($0.size) \($0.root)" }].compactMap { $0 }
  }

  /// What the next seal names as its previous one.
  var digest: MerkleHash { .digest(Data(checkpoint.utf8)) }

  /// The right edge of the transfers' tree, if it is whole and gives the root.
  var edge: MerkleFrontier? { tree.edge }
}

/// A tree as a seal holds it: its size, root, and the hashes of its right edge.
struct SealedTree: Sendable {
  let size: Int
  let root: MerkleHash
  let frontier: [UInt8]

  init(size: Int, root: MerkleHash, frontier: [UInt8]) {
    self.size = size
    self.root = root
    self.frontier = frontier
  }

  init(_ frontier: MerkleFrontier) {
    self.init(
      size: frontier.size, root: frontier.root, frontier: frontier.hashes.flatMap(\.bytes))
  }

  /// The right edge, if it is whole and gives the root.
  var edge: MerkleFrontier? {
    let hashes = stride(from: 0, to: frontier.count, by: MerkleHash.size).compactMap {
      MerkleHash(frontier[$0..<min($0 + MerkleHash.size, frontier.count)])
    }
    guard let edge = MerkleFrontier(size: size, hashes: hashes), edge.root == root else {
      return nil
    }
    return edge
  }
}

extension SealRecord: Encodable {
  private enum CodingKeys: String, CodingKey {
    case number, size, root, entries, date, previous, checkpoint
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(number, forKey: .number)
    try container.encode(size, forKey: .size)
    try container.encode(root.description, forKey: .root)
    try container.encodeIfPresent(entries, forKey: .entries)
    try container.encode(date, forKey: .date)
    try container.encodeIfPresent(previous?.description, forKey: .previous)
    try container.encode(checkpoint, forKey: .checkpoint)
  }
}
