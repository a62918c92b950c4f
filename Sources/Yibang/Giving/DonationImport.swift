package import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

extension Giving {
  /// Imports a 捐款情况表: each line is a donation, booked into the fund that its designation means.
  ///
  /// A line read before (the same gift by date, donor, amount, receipt and designation, and its place
  /// among equal lines) changes nothing, so a file can be imported again after lines were added. The
  /// 合计 is held against the sum of the lines.
  /// - Parameters:
  ///   - dateOfAll: the day of lines without a date; else that of a campaign of one day.
  ///   - campaign: the collection that the sheet is the list of. A gift recorded before, outside any
  ///     campaign, joins it and is not booked again.
  /// - Throws: `TableFileError`, `ImportError`, `SchoolError`, `CampaignError`, `AccessError`.
  package static func importSheet(
    _ request: ImportRequest, school: Schools.School, dateOfAll: CalendarDate? = nil,
    campaign id: UUID? = nil, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.recordDonations)
    try actor.require(school: school.id)
    return try await Import.run(request, kind: "donation", in: context) {
      file, importID, session, report in
      let term = try Semesters.record(request.semester, session, actor.districtID)
      let campaign = try id.map { try Campaigns.open($0, to: school.id, session, actor) }
      let reader = DonationReader(
        semester: request.semester, dates: term.dates, dateOfAll: dateOfAll ?? campaign?.onlyDay)
      var lines = DonationImport(
        school: school.id, semester: request.semester, actor: actor,
        vault: context.platform.vault, importID: importID, reader: reader, campaign: campaign)
      report.total = .zero
      try SheetScan<DonationColumn>.scan(file, progress: request.progress) { event in
        try lines.take(event, session, &report)
      }
      try lines.write(session, &report)
    }
  }
}

/// The lines of one donation sheet on their way into the database, in chunks.
struct DonationImport {
  static let chunkRows = 1_000

  let school: UUID
  let semester: Semester
  let actor: Actor
  let vault: Vault
  let importID: UUID
  let reader: DonationReader
  let campaign: Campaigns.Campaign?

  private var totals = DonationTotals()
  private var chunksWritten = 0
  private var chunk: [(row: DonationRow, hash: [UInt8])] = []
  /// How often an equal line was read: two pupils may give the same on the same day.
  private var occurrences: [Int: Int] = [:]
  /// How many gifts recorded by hand were already found in this file, by identity.
  private var foundByHand: [String: Int] = [:]
  /// Gifts recorded before that join the campaign.
  private var joining: [UUID] = []
  private var donors: [DonorDetails: UUID] = [:]
  private var funds: [String: UUID] = [:]
  private var accounts: [AccountKey: UUID] = [:]

  private struct AccountKey: Hashable {
    let fund: UUID
    /// Nil: the fund's balance.
    let source: DonorKind?
  }

  init(
    school: UUID, semester: Semester, actor: Actor, vault: Vault, importID: UUID,
    reader: DonationReader, campaign: Campaigns.Campaign?
  ) {
    self.school = school
    self.semester = semester
    self.actor = actor
    self.vault = vault
    self.importID = importID
    self.reader = reader
    self.campaign = campaign
  }

  private static let recorded: SQL = """
    select line_hash, id, campaign_id from donation
    where district_id = $1 and line_hash = any ($2)
    """
  private static let receipts: SQL = """
    select g.receipt_number, d.name from donation g
    join donor d on d.district_id = g.district_id and d.id = g.donor_id
    where g.district_id = $1 and g.school_id = $2 and g.receipt_number = any ($3)
      and not exists (
        select from transfer r where r.district_id = g.district_id and r.reverses = g.transfer_id
      )
    """
  // Gifts recorded by hand, or by a program, on the days of these lines.
  private static let byHand: SQL = """
    select g.received_on, d.kind, d.name, coalesce(g.class_name, d.class_name, ''), g.amount_fen,
      coalesce(g.receipt_number, ''), coalesce(g.designation, ''), g.id, g.campaign_id
    from donation g
    join donor d on d.district_id = g.district_id and d.id = g.donor_id
    where g.district_id = $1 and g.school_id = $2 and g.semester = $3 and g.line_hash is null
      and g.received_on = any ($4)
    order by g.id
    """
  private static let join: SQL = """
    update donation set campaign_id = $2
    where district_id = $1 and id = any ($3) and campaign_id is null
    """
  private static let insert: SQL = """
    insert into donation (
      district_id, school_id, semester, import_id, id, transfer_id, donor_id, fund_id, amount_fen,
      received_on, method, designation, class_name, handler, receipt_number, note, line_hash,
      campaign_id
    )
    select $1, $2, $3, $4, u.*, $18::uuid
    from unnest(
      $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::bigint[], $10::date[], $11::text[],
      $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::bytea[]
    ) as u
    """

  mutating func take(
    _ event: SheetEvent<DonationColumn>, _ session: borrowing Session,
    _ report: inout ImportReport
  ) throws {
    switch event {
    case .row(let data):
      let amount = reader.amount(data)
      totals.add(amount)
      let (row, refusals) = reader.read(data, amount: amount)
      report.refuse(refusals)
      guard let row else { return }
      chunk.append((row, lineHash(row)))
      if chunk.count >= Self.chunkRows { try write(session, &report) }
    case .total(let data, let isSubtotal):
      let (refusal, warning) = totals.check(data, isSubtotal: isSubtotal)
      if let refusal { report.refuse([refusal]) }
      if let warning { report.warn(warning) }
      report.passOver(event)
    case .skipped:
      report.passOver(event)
    case .endOfSheet:
      totals.endSheet()
    }
  }

  private mutating func lineHash(_ row: DonationRow) -> [UInt8] {
    let identity = row.lineIdentity
    let occurrence = occurrences[identity.hashValue, default: 0]
    occurrences[identity.hashValue] = occurrence + 1
    let line = "\(school.uuidString)\u{1F}\(semester)\u{1F}\(identity)\u{1F}\(occurrence)"
    return vault.hash(line, domain: "donation-line")
  }

  /// Books the lines collected so far.
  mutating func write(_ session: borrowing Session, _ report: inout ImportReport) throws {
    guard !chunk.isEmpty else { return }
    let lines = chunk
    chunk.removeAll(keepingCapacity: true)
    var recorded: [[UInt8]: Earlier] = [:]
    for row in try session.query(Self.recorded, actor.districtID, lines.map(\.hash)) {
      recorded[try row.get(0)] = Earlier(id: try row.get(1), campaign: try row.optional(2))
    }
    let byHand = try recordedByHand(lines.map(\.row.date), session)
    let used = try usedReceipts(lines.compactMap(\.row.receipt), session)
    var batch = Columns()
    var kind: [GiftInKind] = []
    for (row, hash) in lines {
      if row.amount == .zero {
        kind.append(GiftInKind(row: row, hash: hash, isCounted: true))
      } else if let earlier = recorded[hash] ?? foundByHand(row, byHand) {
        try join(earlier, row, &report)
      } else if let receipt = row.receipt, receipt != campaign?.voucherNumber,
        used.contains("\(receipt)\u{1F}\(row.donor.name)")
      {
        report.refuse([usedReceipt(row, receipt)])
        continue
      } else {
        try add(row, hash, to: &batch, session)
        report.accepted += 1
        report.total = try (report.total ?? .zero) + row.amount
      }
      if row.amount != .zero, !row.goods.isEmpty {
        kind.append(GiftInKind(row: row, hash: hash, isCounted: false))
      }
    }
    try post(batch, session)
    if let campaign, !joining.isEmpty {
      try session.execute(Self.join, actor.districtID, campaign.id, joining)
      joining.removeAll()
    }
    try receive(kind, session, &report)
    chunksWritten += 1
    if chunksWritten == 1, lines.count == Self.chunkRows { try Import.firstChunkWritten(session) }
  }

  private struct GiftInKind {
    let row: DonationRow
    let hash: [UInt8]
    /// Whether the report counts the line by its goods: there is no money in it.
    let isCounted: Bool
  }

  /// Receives goods: never on one record with the money of their line.
  private mutating func receive(
    _ gifts: [GiftInKind], _ session: borrowing Session, _ report: inout ImportReport
  ) throws {
    let found = try gifts.map { gift in
      Goods.SheetGift(
        pieces: gift.row.goods, donor: try donor(gift.row.donor, session), date: gift.row.date,
        hashes: gift.row.goods.indices.map { index in
          let line = gift.hash.map { "\($0)" }.joined(separator: ",")
          return vault.hash("\(line)\u{1F}\(index)", domain: "donation-line-goods")
        })
    }
    let fresh = try Goods.receive(
      found, school: school, semester: semester, importID: importID, session, actor)
    for (gift, isFresh) in zip(gifts, fresh) where gift.isCounted {
      if isFresh { report.accepted += 1 } else { report.unchanged += 1 }
    }
  }

  /// A gift recorded before.
  private struct Earlier {
    let id: UUID
    let campaign: UUID?
  }

  /// Lets a gift recorded before join the campaign; where there is none, or it is in one, nothing
  /// changes.
  private mutating func join(
    _ earlier: Earlier, _ row: DonationRow, _ report: inout ImportReport
  ) throws {
    if campaign != nil, earlier.campaign == nil {
      joining.append(earlier.id)
      report.accepted += 1
      report.updated += 1
      report.total = try (report.total ?? .zero) + row.amount
      return
    }
    report.unchanged += 1
    if let campaign, earlier.campaign != campaign.id {
      report.warn(
        ImportWarning(
          .likelyDuplicate, sheet: row.sheet, row: row.number,
          Text(
            "同样的捐款已登记在另一次募捐中，没有再登记；如果是另一笔，请用 yibang donation record --campaign 登记",
            "an equal gift is recorded in another campaign, so this one is not booked; if it is another "
              + "gift, record it with yibang donation record --campaign")))
    }
  }

  /// The gifts that no sheet brought, by identity.
  private func recordedByHand(
    _ dates: [CalendarDate], _ session: borrowing Session
  ) throws -> [String: [Earlier]] {
    var gifts: [String: [Earlier]] = [:]
    let rows = try session.query(
      Self.byHand, actor.districtID, school, semester.ordinal, Array(Set(dates)))
    for row in rows {
      let date: CalendarDate = try row.get(0)
      let amount: Int64 = try row.get(4)
      let parts: [String] = [
        "\(date)", try row.get(1), try row.get(2), try row.get(3), "\(amount)", try row.get(5),
        try row.get(6),
      ]
      gifts[parts.joined(separator: "\u{1F}"), default: []].append(
        Earlier(id: try row.get(7), campaign: try row.optional(8)))
    }
    return gifts
  }

  /// The gift that was recorded before the sheet came and is this line; each stands for one line.
  private mutating func foundByHand(
    _ row: DonationRow, _ recorded: [String: [Earlier]]
  ) -> Earlier? {
    // Recorded by hand, it may carry the campaign's designation, which its list does not repeat.
    var designated = row
    designated.designation = row.designation ?? campaign?.designation
    for identity in Set([row.identity, designated.identity]).sorted() {
      let found = foundByHand[identity, default: 0]
      guard let gifts = recorded[identity], found < gifts.count else { continue }
      foundByHand[identity] = found + 1
      return gifts[found]
    }
    return nil
  }

  private func usedReceipts(
    _ receipts: [String], _ session: borrowing Session
  ) throws -> Set<String> {
    guard !receipts.isEmpty else { return [] }
    let rows = try session.query(
      Self.receipts, actor.districtID, school, Array(Set(receipts)))
    return Set(try rows.map { "\(try $0.get(0) as String)\u{1F}\(try $0.get(1) as String)" })
  }

  private func usedReceipt(_ row: DonationRow, _ receipt: String) -> Refusal {
    Refusal(
      sheet: row.sheet, row: row.number, column: "票据号", cell: nil, value: receipt,
      problem: Text(
        "该捐款人的这张票据已登记过一笔不同的捐款", "a different gift of this donor is recorded under this receipt"),
      advice: Text(
        "如需更正，先冲正原捐款（yibang donation reverse）再导入",
        "to correct it, reverse the recorded gift first (yibang donation reverse)"))
  }

  private struct Columns {
    var movements: [Ledger.Movement] = []
    var donors: [UUID] = []
    var funds: [UUID] = []
    var methods: [String] = []
    var designations: [String?] = []
    var classes: [String?] = []
    var handlers: [String?] = []
    var receipts: [String?] = []
    var notes: [String?] = []
    var hashes: [[UInt8]] = []
  }

  private mutating func add(
    _ row: DonationRow, _ hash: [UInt8], to batch: inout Columns, _ session: borrowing Session
  ) throws {
    let donor = try donor(row.donor, session)
    // The campaign's words stand for lines without their own.
    let designation = row.designation ?? campaign?.designation
    let fund = try fund(designation, session)
    let source = try account(AccountKey(fund: fund, source: row.donor.kind), session)
    let balance = try account(AccountKey(fund: fund, source: nil), session)
    batch.movements.append(
      Ledger.Movement(
        from: source, to: balance, amount: row.amount, date: row.date, source: UUID.v7()))
    batch.donors.append(donor)
    batch.funds.append(fund)
    batch.methods.append(row.method.rawValue)
    batch.designations.append(designation)
    batch.classes.append(row.donor.className)
    batch.handlers.append(row.handler ?? campaign?.handler)
    batch.receipts.append(row.receipt)
    batch.notes.append(row.note)
    batch.hashes.append(hash)
  }

  private mutating func donor(
    _ details: DonorDetails, _ session: borrowing Session
  ) throws -> UUID {
    if let known = donors[details] { return known }
    let id = try Donors.donor(details, school: school, session, actor)
    donors[details] = id
    return id
  }

  private mutating func fund(
    _ designation: String?, _ session: borrowing Session
  ) throws -> UUID {
    if let known = funds[designation ?? ""] { return known }
    let id = try Funds.fund(for: designation, school: school, session, actor)
    funds[designation ?? ""] = id
    return id
  }

  private mutating func account(
    _ key: AccountKey, _ session: borrowing Session
  ) throws -> UUID {
    if let known = accounts[key] { return known }
    let kind = key.source.map(Ledger.AccountKind.source) ?? .balance
    let id = try Ledger.account(session, fund: key.fund, kind)
    accounts[key] = id
    return id
  }

  private func post(_ batch: Columns, _ session: borrowing Session) throws {
    guard !batch.movements.isEmpty else { return }
    try Ledger.post(
      session, batch.movements, kind: .donation, semester: semester, actor: actor)
    try session.execute(
      Self.insert, actor.districtID, school, semester.ordinal, importID,
      batch.movements.map(\.source), batch.movements.map(\.transfer), batch.donors, batch.funds,
      batch.movements.map(\.amount.fen), batch.movements.map(\.date), batch.methods,
      batch.designations, batch.classes, batch.handlers, batch.receipts, batch.notes, batch.hashes,
      campaign?.id)
  }
}
