import Foundation
package import MerkleLog
import Postgres
package import SchoolCalendar

/// A seal as it is stored: the state of a district's tree on a day.
package struct SealRecord: Sendable {
  package let number: Int
  /// Transfers in the tree.
  package let size: Int
  package let root: MerkleHash
  package let date: CalendarDate
  /// The signed note.
  package let checkpoint: String
  /// SHA-256 of the checkpoint before; nil for the first.
  package let previous: MerkleHash?
  let frontier: [UInt8]
  let horizon: PostgresTimestamp

  /// number, size, root, sealed_on, checkpoint, previous, frontier, horizon
  init(_ row: Row) throws {
    number = try row.get(0)
    size = try row.get(1)
    root = try row.get(2)
    date = try row.get(3)
    checkpoint = try row.get(4)
    previous = try row.optional(5)
    frontier = try row.get(6)
    horizon = try row.get(7)
  }

  init(
    number: Int, frontier: MerkleFrontier, date: CalendarDate, previous: MerkleHash?,
    horizon: PostgresTimestamp, signer: NoteSigner
  ) throws {
    self.number = number
    size = frontier.size
    root = frontier.root
    self.date = date
    self.previous = previous
    self.frontier = frontier.hashes.flatMap(\.bytes)
    self.horizon = horizon
    let lines = Self.lines(number: number, date: date, horizon: horizon, previous: previous)
    let body = Checkpoint(origin: signer.name, size: size, root: root, extensions: lines)
    checkpoint = try signer.sign(body.text)
  }

  /// The checkpoint's own lines: they bind what the row says beside size and root.
  var lines: [String] {
    Self.lines(number: number, date: date, horizon: horizon, previous: previous)
  }

  private static func lines(
    number: Int, date: CalendarDate, horizon: PostgresTimestamp, previous: MerkleHash?
  ) -> [String] {
    [
      "seal \(number)", "date \(date)", "horizon \(horizon.microseconds)",
      "previous \(previous?.description ?? "none")",
    ]
  }

  /// What the next seal names as its previous one.
  var digest: MerkleHash { .digest(Data(checkpoint.utf8)) }

  /// The tree's right edge, if it is whole and gives the root.
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
    case number, size, root, date, previous, checkpoint
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(number, forKey: .number)
    try container.encode(size, forKey: .size)
    try container.encode(root.description, forKey: .root)
    try container.encode(date, forKey: .date)
    try container.encodeIfPresent(previous?.description, forKey: .previous)
    try container.encode(checkpoint, forKey: .checkpoint)
  }
}
