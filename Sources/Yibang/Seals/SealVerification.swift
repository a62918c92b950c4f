import Foundation
package import MerkleLog
import Postgres
package import SchoolCalendar

/// What `Seals.verify` came to.
package struct SealVerification: Sendable, Encodable {
  package fileprivate(set) var seals = 0
  /// Transfers that the tree holds and that were computed anew.
  package fileprivate(set) var transfers = 0
  /// The day of the last seal.
  package fileprivate(set) var sealedOn: CalendarDate?
  /// The key by which the signatures were checked.
  package fileprivate(set) var key: String?
  /// Empty: nothing was altered.
  package fileprivate(set) var findings: [SealFinding] = []

  private enum CodingKeys: String, CodingKey {
    case seals, transfers
    case sealedOn = "sealed_on"
    case key, findings
  }
}

extension Seals {
  /// What is known from outside of the database, which its owner cannot have altered.
  package struct Outside: Sendable {
    package var key: NoteKey?
    /// The checkpoint of a seal as it was published.
    package var published: Checkpoint?

    package init() {}

    /// - Parameters:
    ///   - key: a verifier key or a file that holds it.
    ///   - checkpoint: a file with a published checkpoint.
    /// - Throws: `SealError` if they cannot be read, or the key did not sign the checkpoint.
    package static func read(key: String?, checkpoint: String?, in context: Context) throws
      -> Outside
    {
      var outside = Outside()
      let district = context.actor.districtID
      outside.key = try key.map { try SealKey.read($0) }
      if outside.key == nil { outside.key = try SealKey.ofFile(district, on: context.platform) }
      if let checkpoint {
        try outside.take(checkpoint: try SealFile.text(checkpoint), of: checkpoint)
      }
      return outside
    }

    /// The same of what is given as texts: nothing is read from a file that they name.
    /// - Throws: `SealError` where they are none, or the key did not sign the checkpoint.
    package static func parse(key: String?, checkpoint: String?, in context: Context) throws
      -> Outside
    {
      var outside = Outside()
      if let key {
        guard let parsed = try? NoteKey(parsing: key) else { throw SealError.notAKey(key) }
        outside.key = parsed
      } else {
        outside.key = try SealKey.ofFile(context.actor.districtID, on: context.platform)
      }
      if let checkpoint { try outside.take(checkpoint: checkpoint, of: "checkpoint") }
      return outside
    }

    private mutating func take(checkpoint: String, of name: String) throws {
      guard let key else { throw SealError.noKeyGiven }
      do throws(NoteError) {
        let note = try SignedNote(parsing: checkpoint)
        published = try Checkpoint(parsing: try note.verified(by: key))
      } catch {
        throw SealError.notACheckpoint(path: name, error.text)
      }
    }
  }

  /// Computes everything anew from the rows as they are now: each leaf from the columns of its
  /// transfer, the tree, its root at every seal, the signatures, the chain; and looks for transfers
  /// that were put in behind the seals' back. Rows are read in chunks, all of one snapshot.
  /// - Throws: `AccessError`, `SealError`.
  package static func verify(
    _ outside: Outside = Outside(), in context: Context
  ) async throws -> SealVerification {
    try requireDistrict(context.actor, .readAudit)
    let district = context.actor.districtID
    return try await context.platform.database.transaction(
      isolation: .repeatableRead, readOnly: true, settings: context.settings + alongTheIndex
    ) { session in
      try verify(session, district: district, outside)
    }
  }

  /// As above, in the session of whoever may read the rows.
  static func verify(
    _ session: borrowing Session, district: String, _ outside: Outside = Outside()
  ) throws -> SealVerification {
    var result = SealVerification()
    let recorded = try SealKey.recorded(session, district: district)
    let recordedKey = recorded.flatMap { try? NoteKey(parsing: $0) }
    var check = SealCheck(
      origin: SealKey.origin(district), key: outside.key ?? recordedKey)
    try forEach(session, district: district) { check.take($0) }
    result.key = check.key?.description
    result.seals = check.count
    result.sealedOn = check.last?.date
    if check.count > 0 || outside.published != nil {
      if recorded == nil { result.findings.append(.noKey) }
      if let recorded, let given = outside.key?.description, recorded != given {
        result.findings.append(.otherKey)
      }
    }
    result.findings += check.findings
    var marks = check.marks
    if let published = outside.published {
      marks.append(.init(size: published.size, root: published.root, seal: nil, edge: nil))
    }
    var tree = SealTreeCheck(marks: marks)
    try tree.run(session, district: district, unsigned: check.last?.size ?? 0)
    result.transfers = tree.size
    result.findings += tree.findings
    if let horizon = check.last?.horizon {
      result.findings += try inserted(session, district, before: horizon)
    }
    return result
  }

  // A few name the matter; nobody reads a million.
  private static let findingLimit = 1000

  private static let neverSealed: SQL = """
    select t.id from transfer t
    where t.district_id = $1 and t.recorded_at < $2
      and not exists (
        select from seal_leaf l where l.district_id = t.district_id and l.transfer_id = t.id
      )
    order by t.recorded_at, t.id
    limit $3
    """

  private static func inserted(
    _ session: borrowing Session, _ district: String, before horizon: PostgresTimestamp
  ) throws -> [SealFinding] {
    try session.query(neverSealed, district, horizon, findingLimit).map {
      .insertedTransfer(try $0.get(0))
    }
  }
}

/// A size at which the tree's root is known for certain, from a signed checkpoint.
struct SealMark {
  let size: Int
  let root: MerkleHash
  /// Nil: known from a published checkpoint.
  let seal: Int?
  /// The right edge, where the seal's row has the one that gives the root.
  let edge: MerkleFrontier?
}

/// Checks the rows of the seals one after the other, against their signatures and each other.
struct SealCheck {
  private let origin: String
  let key: NoteKey?
  private(set) var findings: [SealFinding] = []
  private(set) var marks: [SealMark] = []
  private(set) var last: SealRecord?
  private(set) var count = 0

  init(origin: String, key: NoteKey?) {
    self.origin = origin
    self.key = key
  }

  mutating func take(_ seal: SealRecord) {
    count += 1
    let expected = (last?.number ?? 0) + 1
    if seal.number > expected {
      findings += (expected..<seal.number).prefix(1000).map { .missingSeal($0) }
    } else if seal.previous != last?.digest {
      findings.append(.brokenChain(seal: seal.number))
    }
    last = seal
    guard let key else { return }
    do throws(NoteError) {
      let text = try SignedNote(parsing: seal.checkpoint).verified(by: key)
      let checkpoint = try Checkpoint(parsing: text)
      guard checkpoint.origin == origin else { throw .badCheckpoint }
      let isRow =
        checkpoint.size == seal.size && checkpoint.root == seal.root
        && checkpoint.extensions == seal.lines && seal.edge != nil
      if !isRow { findings.append(.alteredSeal(seal.number)) }
      // The signature counts, not the row.
      let edge = seal.edge.flatMap {
        $0.size == checkpoint.size && $0.root == checkpoint.root ? $0 : nil
      }
      marks.append(
        SealMark(size: checkpoint.size, root: checkpoint.root, seal: seal.number, edge: edge))
    } catch {
      findings.append(.forgedCheckpoint(seal: seal.number, reason: error.text))
    }
  }
}
