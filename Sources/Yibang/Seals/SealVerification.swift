import Foundation
package import MerkleLog
import Postgres
package import SchoolCalendar

/// What `Seals.verify` came to.
package struct SealVerification: Sendable, Encodable {
  package fileprivate(set) var seals = 0
  /// Transfers that the tree holds and that were computed anew.
  package fileprivate(set) var transfers = 0
  /// The same of rows of the audit trail.
  package fileprivate(set) var entries = 0
  /// Of these, the ones of which an erasure took words: their leaves stand for them.
  package fileprivate(set) var erased = 0
  /// The day of the last seal.
  package fileprivate(set) var sealedOn: CalendarDate?
  /// The key by which the signatures were checked.
  package fileprivate(set) var key: String?
  /// Empty: nothing was altered.
  package fileprivate(set) var findings: [SealFinding] = []
  /// Of each seal.
  fileprivate var days: [Int: CalendarDate] = [:]

  /// The day of the seal that a finding is about.
  package func day(of finding: SealFinding) -> CalendarDate? {
    finding.seal.flatMap { days[$0] }
  }

  private enum CodingKeys: String, CodingKey {
    case seals, transfers, entries, erased
    case sealedOn = "sealed_on"
    case key, findings, day
  }

  private struct Dated: Encodable {
    let finding: SealFinding
    let day: CalendarDate?

    func encode(to encoder: any Encoder) throws {
      try finding.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(day, forKey: .day)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seals, forKey: .seals)
    try container.encode(transfers, forKey: .transfers)
    try container.encode(entries, forKey: .entries)
    try container.encode(erased, forKey: .erased)
    try container.encodeIfPresent(sealedOn, forKey: .sealedOn)
    try container.encodeIfPresent(key, forKey: .key)
    try container.encode(
      findings.map { Dated(finding: $0, day: day(of: $0)) }, forKey: .findings)
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

  /// Computes everything anew from the rows as they are now: each leaf from the columns of its transfer
  /// or entry of the trail, the trees, their roots at every seal, the signatures, the chain; and looks
  /// for rows that were put in behind the seals' back. Rows are read in chunks, all of one snapshot.
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
    result.days = check.days
    let (tree, trail) = (check.last?.tree, check.last?.trail)
    (result.transfers, _) = try verify(
      .transfers, marks: check.marks, published: outside.published.map { ($0.size, $0.root) },
      unsigned: tree?.size, horizon: tree == nil ? nil : check.last?.horizon, session, district,
      &result.findings)
    (result.entries, result.erased) = try verify(
      .trail, marks: check.trailMarks, published: outside.published.flatMap(\.trail),
      unsigned: trail?.size, horizon: trail == nil ? nil : check.last?.horizon, session, district,
      &result.findings)
    return result
  }

  /// - Parameters:
  ///   - unsigned: the size that the last seal's row says, signed or not.
  ///   - horizon: before which every row is sealed; nil where nothing is.
  /// - Returns: the leaves of the log's tree, and how many an erasure touched.
  private static func verify(
    _ log: SealedLog, marks: [SealMark], published: (size: Int, root: MerkleHash)?, unsigned: Int?,
    horizon: PostgresTimestamp?, _ session: borrowing Session, _ district: String,
    _ findings: inout [SealFinding]
  ) throws -> (size: Int, erased: Int) {
    let outside = published.map { SealMark(size: $0.size, root: $0.root, seal: nil, edge: nil) }
    var check = SealTreeCheck(of: log, marks: marks + [outside].compactMap { $0 })
    try check.run(session, district: district, unsigned: unsigned ?? 0)
    findings += check.findings
    if let horizon {
      findings += try session.query(log.neverSealed, district, horizon, findingLimit).map {
        log.finding(.insertedRow(try $0.get(0)))
      }
    }
    return (check.size, check.erased)
  }

  // A few name the matter; nobody reads a million.
  private static let findingLimit = 1000
}

extension Checkpoint {
  /// Size and root of the audit trail's tree, as its line says them.
  fileprivate var trail: (size: Int, root: MerkleHash)? {
    let words = (extensions.last ?? "").split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == "audit", let size = Int(words[1]), size >= 0,
      let root = MerkleHash(hex: words[2])
    else { return nil }
    return (size, root)
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
  /// The same of the audit trail's tree.
  private(set) var trailMarks: [SealMark] = []
  private(set) var days: [Int: CalendarDate] = [:]
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
    days[seal.number] = seal.date
    guard let key else { return }
    do throws(NoteError) {
      let text = try SignedNote(parsing: seal.checkpoint).verified(by: key)
      let checkpoint = try Checkpoint(parsing: text)
      guard checkpoint.origin == origin else { throw .badCheckpoint }
      let isRow =
        checkpoint.size == seal.size && checkpoint.root == seal.root
        && checkpoint.extensions == seal.lines && seal.edge != nil
        && (seal.trail == nil || seal.trail?.edge != nil)
      if !isRow { findings.append(.alteredSeal(seal.number)) }
      // The signature counts, not the row.
      marks.append(mark((checkpoint.size, checkpoint.root), seal.number, seal.edge))
      if let trail = checkpoint.trail {
        trailMarks.append(mark(trail, seal.number, seal.trail?.edge))
      }
    } catch {
      findings.append(.forgedCheckpoint(seal: seal.number, reason: error.text))
    }
  }

  private func mark(
    _ signed: (size: Int, root: MerkleHash), _ seal: Int, _ edge: MerkleFrontier?
  ) -> SealMark {
    let isSame = edge?.size == signed.size && edge?.root == signed.root
    return SealMark(size: signed.size, root: signed.root, seal: seal, edge: isSame ? edge : nil)
  }
}
