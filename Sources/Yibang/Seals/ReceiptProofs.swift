package import Foundation
import MerkleLog
import Postgres
import SchoolCalendar

extension Seals {
  // The columns of `SealedLog.transfers`, then the leaf's place and what the donor reads. An anonymous
  // donor's name never leaves the database.
  private static let gift: SQL = """
    select t.district_id, t.id, t.fund_id, t.debit_account, t.credit_account, t.amount_fen,
      t.semester, t.kind, t.purpose, t.occurred_on, t.source_id, t.reverses,
      sha256(convert_to(t.note, 'UTF8')), t.actor_id, t.recorded_at,
      l.leaf_index, l.hash, f.name, case when d.anonymous then '匿名' else d.name end, d.anonymous,
      d.kind
    from donation g
    join transfer t on t.district_id = g.district_id and t.id = g.transfer_id
    join fund f on f.district_id = t.district_id and f.id = t.fund_id
    join donor d on d.district_id = g.district_id and d.id = g.donor_id
    left join seal_leaf l on l.district_id = t.district_id and l.transfer_id = t.id
    where g.district_id = $1 and g.id = $2
    """

  /// The proof that a donation stands in the ledger as it is sealed at the latest seal.
  /// - Throws: `GivingError.unknownDonation`; `SealError.notSealedYet`; `.damaged` if the transfer is
  ///   not what was sealed; `.keyLost`.
  package static func receipt(
    of donation: UUID, in context: Context
  ) async throws -> ReceiptProof {
    try context.actor.require(.read)
    let district = context.actor.districtID
    let platform = context.platform
    return try await platform.database.transaction(
      isolation: .repeatableRead, readOnly: true, settings: context.settings
    ) { session in
      guard let row = try session.query(gift, district, donation).first else {
        throw GivingError.unknownDonation(donation)
      }
      guard let seal = try session.query(last, district).first.map(SealRecord.init),
        let index: Int = try row.optional(15)
      else { throw SealError.notSealedYet(donation: donation) }
      var leaf = LeafBytes(of: .transfers)
      leaf.load(row, from: 0)
      let plan = InclusionProof.plan(index: index, size: seal.size)
      let hashes = try SealTree.hashes(session, district: district, plan, edges: [seal])
      let proof = InclusionProof(index: index, size: seal.size, hashes: hashes)
      guard proof.proves(leaf.hash, in: seal.root), let transfer = SealedTransfer(leaf: leaf.bytes)
      else {
        throw SealError.damaged(
          Text(
            "捐款 \(donation.uuidString.lowercased()) 与封存不符", "the donation is not what was sealed"))
      }
      let shown = words(transfer, fund: try row.get(17), donor: try donor(row))
      let signer = try SealKey.signer(session, district: district, on: platform)
      return ReceiptProof(
        gift: shown, leaf: .init(index: index, bytes: Data(leaf.bytes).base64EncodedString()),
        inclusion: hashes.map(\.base64), checkpoint: seal.checkpoint,
        statement: try signer.sign(ReceiptProof.statement(of: shown, leaf: leaf.hash)),
        key: signer.publicKey.description)
    }
  }

  private static func donor(_ row: Row) throws -> String {
    let name: String = try row.get(18)
    if try row.get(19) { return name }
    let kind = DonorKind(rawValue: try row.get(20))
    return maskedName(name, isOrganisation: kind == .company || kind == .organisation)
  }

  private static func words(
    _ transfer: SealedTransfer, fund: String, donor: String
  ) -> ReceiptProof.Gift {
    ReceiptProof.Gift(
      district: transfer.district, transfer: transfer.id, amountFen: transfer.amount.fen,
      amount: "\(transfer.amount)", date: transfer.date, semester: transfer.semester,
      fundID: transfer.fund, fund: fund, donor: donor,
      sentence: Text(
        "\(donor)于\(transfer.date.chinese)捐赠\(transfer.amount)（\(transfer.amount.uppercase)），"
          + "计入“\(fund)”，\(transfer.semester.zh)。",
        "\(donor) gave \(transfer.amount) on \(transfer.date) to the fund “\(fund)”, "
          + "\(transfer.semester)."))
  }
}
