import Foundation
package import MerkleLog
import Postgres
import SchoolCalendar

extension Seals {
  private static let ascending: SQL = """
    select number::int8, size, root, sealed_on, checkpoint, previous, frontier, horizon,
      audit_size, audit_root, audit_frontier
    from seal
    where district_id = $1 and number > $2::int8
    order by number
    limit $3
    """
  private static let one: SQL = """
    select number::int8, size, root, sealed_on, checkpoint, previous, frontier, horizon,
      audit_size, audit_root, audit_frontier
    from seal
    where district_id = $1 and number = $2::int8
    """
  private static let latest: SQL = """
    select number::int8, size, root, sealed_on, checkpoint, previous, frontier, horizon,
      audit_size, audit_root, audit_frontier
    from seal
    where district_id = $1 and number < $2::int8
    order by number desc
    limit $3
    """

  /// The latest seals, newest first.
  /// - Parameter before: only those before this one.
  package static func list(
    before: Int? = nil, limit: Int = 1000, in context: Context
  ) async throws -> [SealRecord] {
    try context.actor.require(.read)
    return try await context.read { session in
      try session.query(latest, context.actor.districtID, before ?? .max, limit).map(
        SealRecord.init)
    }
  }

  /// Calls `body` with every seal, the first one first.
  static func forEach(
    _ session: borrowing Session, district: String, _ body: (SealRecord) throws -> Void
  ) throws {
    var number = 0
    while true {
      let rows = try session.query(ascending, district, number, 1000)
      for row in rows {
        let seal = try SealRecord(row)
        try body(seal)
        number = seal.number
      }
      if rows.count < 1000 { return }
    }
  }

  /// The key under which the district's seals are verified, to be published. It is made if there was
  /// none yet.
  /// - Throws: `SealError`, `AccessError`, `VaultError`.
  package static func verifierKey(in context: Context) async throws -> NoteKey {
    let actor = context.actor
    try actor.require(.read)
    let known = try await context.read { session in
      try SealKey.recorded(session, district: actor.districtID)
    }
    if let known { return try NoteKey(parsing: known) }
    try requireDistrict(actor, .seal)
    let platform = context.platform
    return try await context.readTraced { session in
      _ = try session.query(lock, actor.districtID)
      return try SealKey.signer(session, district: actor.districtID, on: platform).publicKey
    }
  }

  /// A proof that the tree of one seal is the beginning of a later one's, with both checkpoints.
  package struct Consistency: Sendable, Encodable {
    package let from: SealRecord
    package let to: SealRecord
    package let proof: ConsistencyProof

    /// The proof's hashes in base64, in order.
    package var hashes: [String] { proof.hashes.map(\.base64) }

    private enum CodingKeys: String, CodingKey {
      case from, to, proof
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(from, forKey: .from)
      try container.encode(to, forKey: .to)
      try container.encode(hashes, forKey: .proof)
    }
  }

  /// - Throws: `SealError.unknownSeal`, `.sealsReversed`; `.damaged` if the stored tree does not give
  ///   the proof.
  package static func consistency(
    from: Int, to: Int, in context: Context
  ) async throws -> Consistency {
    try context.actor.require(.read)
    guard from < to else { throw SealError.sealsReversed(from: from, to: to) }
    let district = context.actor.districtID
    return try await context.read { session in
      let (old, new) = (
        try seal(session, district, number: from), try seal(session, district, number: to)
      )
      let plan = ConsistencyProof.plan(from: old.size, to: new.size)
      let hashes = try SealTree.hashes(session, district: district, plan, edges: [old, new])
      let proof = ConsistencyProof(from: old.size, to: new.size, hashes: hashes)
      guard proof.proves(old.root, new.root) else {
        throw SealError.damaged(
          Text("第 \(from) 次封存不是第 \(to) 次的开头", "seal \(from) is not the beginning of seal \(to)"))
      }
      return Consistency(from: old, to: new, proof: proof)
    }
  }

  private static func seal(
    _ session: borrowing Session, _ district: String, number: Int
  ) throws -> SealRecord {
    guard let row = try session.query(one, district, number).first else {
      throw SealError.unknownSeal(number)
    }
    return try SealRecord(row)
  }

  /// A file that is published.
  package struct PublishedFile: Sendable, Codable {
    package let name: String
    package let content: String

    fileprivate init(key: String) {
      name = "verifier-key.txt"
      content = key + "\n"
    }

    fileprivate init(_ seal: SealRecord) {
      let digits = "\(seal.number)"
      name = "checkpoint-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).txt"
      content = seal.checkpoint
    }
  }

  /// A page of the files that `publish` writes: the key, then the checkpoints, oldest first.
  /// - Throws: `SealError.noSealYet`, `CursorError`, `AccessError`.
  package static func publication(
    _ request: PageRequest, in context: Context
  ) async throws -> Page<PublishedFile> {
    try context.actor.require(.read)
    let district = context.actor.districtID
    let after: Int64 = try request.position(Int64.self)
    let start = Int(after)
    let found: [(number: Int, file: PublishedFile)] = try await context.read { session in
      guard let key = try SealKey.recorded(session, district: district) else {
        throw SealError.noSealYet
      }
      let first = start < 0 ? [(number: 0, file: PublishedFile(key: key))] : []
      let seals = try session.query(ascending, district, max(start, 0), request.limit + 1)
        .map(SealRecord.init)
      return first + seals.map { (number: $0.number, file: PublishedFile($0)) }
    }
    let places = Page(found, request) { Cursor("\($0.number)") }
    return Page(places) { $0.file }
  }

  /// Writes every checkpoint and the verifier key as files to be published. They hold nothing of
  /// persons. A file that is there already stays as it is.
  /// - Returns: the files that were written, and those that were there.
  /// - Throws: `SealError.publishedOtherwise` if a published checkpoint says something else.
  package static func publish(
    to folder: String, in context: Context
  ) async throws -> (written: [String], kept: Int) {
    try context.actor.require(.read)
    let district = context.actor.districtID
    let (key, seals) = try await context.read { session in
      guard let key = try SealKey.recorded(session, district: district) else {
        throw SealError.noSealYet
      }
      var seals: [SealRecord] = []
      try forEach(session, district: district) { seals.append($0) }
      return (key, seals)
    }
    let files = [PublishedFile(key: key)] + seals.map { PublishedFile($0) }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw SealError.unwritable(path: folder)
    }
    var written: [String] = []
    for file in files where try write(file.content, to: folder, file.name) {
      written.append(file.name)
    }
    return (written, files.count - written.count)
  }

  /// - Returns: false if the file was there with this content.
  private static func write(_ text: String, to folder: String, _ name: String) throws -> Bool {
    let path = (folder as NSString).appendingPathComponent(name)
    if FileManager.default.fileExists(atPath: path) {
      guard Data(try SealFile.text(path).utf8) == Data(text.utf8) else {
        throw SealError.publishedOtherwise(path: path)
      }
      return false
    }
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw SealError.unwritable(path: path)
    }
    return true
  }
}

/// The stored tree: leaves, the subtrees of every eighth level, and the right edges of the seals.
enum SealTree {
  private static let leaves: SQL = """
    select hash from seal_leaf
    where district_id = $1 and leaf_index >= $2 and leaf_index < $3
    order by leaf_index
    """
  private static let nodes: SQL = """
    select hash from seal_node
    where district_id = $1 and level = $2 and node_index >= $3 and node_index < $4
    order by node_index
    """

  /// The hashes of a proof, from a few hundred rows at most, in one round trip.
  /// - Parameter edges: the seals whose right edges are known.
  static func hashes(
    _ session: borrowing Session, district: String, _ plan: MerklePlan, edges: [SealRecord]
  ) throws -> [MerkleHash] {
    var known: [MerkleNode: MerkleHash] = [:]
    for seal in edges {
      for (node, hash) in seal.edge?.nodes ?? [] { known[node] = hash }
    }
    let missing = plan.nodes.filter { known[$0] == nil }
    let statements = missing.map { node in
      let base = node.level / SealNodes.step * SealNodes.step
      let low = node.index << (node.level - base)
      let high = (node.index + 1) << (node.level - base)
      return base == 0
        ? Bound(leaves, district, low, high) : Bound(nodes, district, Int16(base), low, high)
    }
    for (node, rows) in zip(missing, try session.batch(statements)) {
      var part = MerkleFrontier()
      for row in rows { part.append(try row.get(0)) }
      known[node] = part.root
    }
    return plan.hashes { known[$0] ?? .emptyTree }
  }
}
