import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let sealRoutes: [Endpoint] = [
    .pages("/seals", "seal.list", Text("历次封存，新的在前", "The seals, newest first"), .needs([.read])) {
      (input: JustPage, page, call) in
      let before: Int64? = try page.place(Int64.self)
      let found = try await Seals.list(
        before: before.map { Int($0) }, limit: page.limit + 1, in: call.context)
      return Page(Page(found, page) { Cursor("\($0.number)") }) { Seal($0) }
    },
    .post(
      "/seals", "seal.make", Text("封存尚未封存的转账和操作记录", "Seal what is not sealed yet"), .needs([.seal])
    ) { (input: SealDay, call) in
      let made = try await Seals.seal(on: try call.day(input.date), in: call.context)
      return MadeSeal(
        seal: made.seal.map { Seal($0) }, added: made.added, entries: made.entries)
    },
    .get(
      "/seals/key", "seal.key", Text("验证公钥，供公布", "The verifier key, to be published"),
      .needs([.read])
    ) {
      (_: NoInput, call) in
      VerifierKey(key: "\(try await Seals.verifierKey(in: call.context))")
    },
    .pages(
      "/seals/publication", "seal.publication",
      Text("供公布的文件：公钥和检查点，不含个人信息", "The files to be published: key and checkpoints"),
      .needs([.read])
    ) { (_: JustPage, page, call) in try await Seals.publication(page, in: call.context) },
    .get(
      "/seals/{from}/consistency/{to}", "seal.consistency",
      Text("证明账目只增不改（RFC 6962）", "Proof that the ledger only grew between two seals"),
      .needs([.read])
    ) { (input: TwoSeals, call) in
      let proof = try await Seals.consistency(from: input.from, to: input.to, in: call.context)
      return Consistency(from: Seal(proof.from), to: Seal(proof.to), proof: proof.hashes)
    },
    .lookUp(
      "/seals/verify", "audit.verify",
      Text("从每一行重新计算，核对全部封存", "Compute all seals anew from the rows"), .needs([.readAudit])
    ) { (input: Published, call) in
      let outside = try Seals.Outside.parse(
        key: input.key, checkpoint: input.checkpoint, in: call.context)
      return Verification(try await Seals.verify(outside, in: call.context))
    },
    .get(
      "/audit/verification", "audit.verification",
      Text(
        "从每一行重新计算，核对账目和操作记录的全部封存",
        "Compute the seals of ledger and trail anew from the rows"), .needs([.readAudit])
    ) { (_: NoInput, call) in
      let outside = try Seals.Outside.parse(key: nil, checkpoint: nil, in: call.context)
      return Verification(try await Seals.verify(outside, in: call.context))
    },
  ]

  struct JustPage: Paged, Sendable {
    let after: Cursor?
    let limit: PageLimit?
  }

  struct SealDay: Codable, Sendable {
    let date: CalendarDate?
  }

  struct Seal: Codable, Sendable {
    let number: Int
    /// Transfers in the tree.
    let size: Int
    let root: String
    /// Rows of the audit trail in its own tree; nil: it was not sealed then.
    let entries: Int?
    let date: CalendarDate
    let previous: String?
    let checkpoint: String

    init(_ record: SealRecord) {
      number = record.number
      size = record.size
      root = "\(record.root)"
      entries = record.entries
      date = record.date
      previous = record.previous.map { "\($0)" }
      checkpoint = record.checkpoint
    }
  }

  struct MadeSeal: Codable, Sendable {
    /// Nil where nothing was ever recorded.
    let seal: Seal?
    /// Transfers.
    let added: Int
    /// Rows of the audit trail.
    let entries: Int
  }

  struct VerifierKey: Codable, Sendable {
    let key: String
  }

  struct TwoSeals: Codable, Sendable {
    let from: Int
    let to: Int
  }

  struct Consistency: Codable, Sendable {
    let from: Seal
    let to: Seal
    let proof: [String]
  }

  /// What was published, as texts.
  struct Published: Codable, Sendable {
    let key: String?
    let checkpoint: String?
  }

  struct Verification: Codable, Sendable {
    struct Difference: Codable, Sendable {
      let code: String
      let transfer: UUID?
      /// A row of the audit trail.
      let entry: UUID?
      let leaf: Int?
      let seal: Int?
      /// Of the seal.
      let day: CalendarDate?
      let text: Text
    }

    let seals: Int
    let transfers: Int
    /// Rows of the audit trail.
    let entries: Int
    /// Of these, the ones of which an erasure took words.
    let erased: Int
    let sealedOn: CalendarDate?
    let key: String?
    /// Empty: nothing was altered.
    let findings: [Difference]

    init(_ result: SealVerification) {
      seals = result.seals
      transfers = result.transfers
      entries = result.entries
      erased = result.erased
      sealedOn = result.sealedOn
      key = result.key
      findings = result.findings.map {
        Difference(
          code: $0.code, transfer: $0.transfer, entry: $0.entry, leaf: $0.leaf, seal: $0.seal,
          day: result.day(of: $0), text: $0.text)
      }
    }
  }
}
