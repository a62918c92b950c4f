package import Foundation
import Postgres
package import SchoolCalendar

/// Holds bank lines against the books: promised (承诺) is not received (到账), and received is not
/// reconciled (已对账).
package enum Reconciliation {
  /// A bank line and what it may be, or is, in the books.
  package struct Finding: Sendable, Codable {
    package let line: UUID
    package let day: CalendarDate
    package let amount: Money
    package let reason: ReconciliationReason?
    package let score: Int?
    /// One for a match; the possible ones where a person has to choose.
    package let candidates: [[BookEntry]]
    package let candidateCount: Int

    enum CodingKeys: String, CodingKey {
      case line, day, amount, reason, score, candidates
      case candidateCount = "candidate_count"
    }
  }

  /// A transfer as it is shown beside a bank line. An anonymous donor has no name here.
  package struct BookEntry: Sendable, Codable {
    package let transfer: UUID
    package let day: CalendarDate
    package let amount: Money
    package let kind: String
    package let payer: String?
  }

  /// What a run of matching found.
  package struct Outcome: Sendable, Codable {
    package let semester: Semester
    package let dryRun: Bool
    package let matched: [Finding]
    package let ambiguous: [Finding]
    /// Lines of the semester that nothing in the books can be.
    package let linesWithoutEntry: Int
    /// Transfers of the semester that are still open.
    package let openTransfers: Int

    enum CodingKeys: String, CodingKey {
      case semester
      case dryRun = "dry_run"
      case matched, ambiguous
      case linesWithoutEntry = "lines_without_entry"
      case openTransfers = "open_transfers"
    }
  }

  // Matching, by program or by hand, takes turns within one school's books.
  private static let lock: SQL = """
    select pg_advisory_xact_lock(hashtextextended('reconcile ' || $1 || ' ' || $2, 0))
    """

  static func takeTurn(school: UUID?, _ session: borrowing Session, _ actor: Actor) throws {
    _ = try session.query(lock, actor.districtID, school?.uuidString ?? "")
  }

  // $1 district, $2 school (null: the district's own), $3 first day, $4 last day
  private static let openLines: SQL = """
    select l.id, l.booked_on, l.amount_fen, l.private_sealed, l.serial, l.voucher
    from bank_account a
    join bank_line l on l.district_id = a.district_id and l.account_id = a.id
    where a.district_id = $1 and a.school_id is not distinct from $2
      and l.booked_on between $3 and $4
      and not exists (
        select from reconciliation r
        where r.district_id = l.district_id and r.line_id = l.id and r.state = 'standing'
      )
    """
  private static let semesters: SQL = """
    select array_agg(semester) from semester
    where district_id = $1 and starts_on <= $3 and ends_on >= $2
    """
  // $1 district, $2 school (null: the district's own), $3 semesters, $4 first day, $5 last day
  private static let openEntries: SQL = """
    select e.transfer_id, e.occurred_on, e.amount_fen, e.kind, e.source_id,
      coalesce(d.name, o.name), coalesce(d.kind, o.kind), coalesce(d.anonymous, o.anonymous),
      g.receipt_number, c.id, c.voucher_number, e.method
    from bank_entries($3, $2, false) as e
    left join donation g
      on g.district_id = $1 and g.id = e.source_id and e.kind in ('donation', 'refund')
    left join campaign c on c.district_id = g.district_id and c.id = g.campaign_id
    left join instalment_receipt i
      on i.district_id = $1 and i.id = e.source_id and e.kind = 'instalment'
    left join instalment n on n.district_id = i.district_id and n.id = i.instalment_id
    left join commitment k on k.district_id = n.district_id and k.id = n.commitment_id
    left join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
    left join donor d on d.district_id = g.district_id and d.id = g.donor_id
    left join donor o on o.district_id = p.district_id and o.id = coalesce(i.payer_id, p.donor_id)
    where e.occurred_on between $4 and $5 and e.amount_fen <> 0 and e.cleared is null
    """
  // kind, manual, ids, lines, scores, reasons, owners, transfers, note, actor
  private static let record: SQL = """
    select reconciliation_record($1, $2, $3, $4, $5, $6, $7, $8, $9::text, $10)
    """

  /// Matches the open bank lines of a school in a semester with the open transfers of its books, and
  /// lists the lines that may be several.
  /// - Parameters:
  ///   - school: nil for the district's own accounts and funds.
  ///   - days: how far the days of a line and a transfer may be apart, 0 to 60.
  ///   - dryRun: finds and records nothing.
  /// - Throws: `SchoolError.unknownSemester`, `AccessError`.
  package static func match(
    school: UUID?, _ semester: Semester, days: Int = 5, dryRun: Bool = false, in context: Context
  ) async throws -> Outcome {
    let actor = context.actor
    try actor.require(.reconcile)
    if let school { try actor.require(school: school) }
    let days = min(max(days, 0), 60)
    let vault = context.platform.vault
    return try await context.write { session in
      try takeTurn(school: school, session, actor)
      let dates = try Semesters.record(semester, session, actor.districtID).dates
      // Lines so far outside that they cannot reach an entry that a line of the semester reaches.
      let lines = try openLines(
        school, dates.widened(by: 2 * days), session, actor, vault)
      let entries = try openEntries(school, dates.widened(by: days), session, actor)
      let inside = Set(lines.filter { dates.contains($0.day) }.map(\.id))
      let result = ReconciliationMatching.propose(lines, entries.map(\.entry), days: days)
      let matches = result.matches.filter { inside.contains($0.line) }
      let questions = result.questions.filter { inside.contains($0.line) }
      if !dryRun { try write(matches, school: school, semester, session, actor) }
      let story = Story(lines, entries)
      let taken = Set(matches.flatMap(\.entries))
      return Outcome(
        semester: semester, dryRun: dryRun, matched: matches.compactMap(story.finding),
        ambiguous: questions.compactMap(story.finding),
        linesWithoutEntry: inside.count - matches.count - questions.count,
        openTransfers: entries.count {
          dates.contains($0.entry.day) && !taken.contains($0.entry.id)
        })
    }
  }

  private static func openLines(
    _ school: UUID?, _ dates: ClosedRange<CalendarDate>, _ session: borrowing Session,
    _ actor: Actor, _ vault: Vault
  ) throws -> [ReconciliationMatching.Line] {
    let rows = try session.query(
      openLines, actor.districtID, school, dates.lowerBound, dates.upperBound)
    return try rows.map { row in
      let id: UUID = try row.get(0)
      let known = try BankPrivate(try row.optional(3), line: id, vault)
      let numbers: [String?] = [try row.optional(4), try row.optional(5)]
      return ReconciliationMatching.Line(
        id: id, day: try row.get(1), amount: Money(fen: try row.get(2)),
        counterparty: known.counterparty, text: known.text, numbers: numbers.compactMap { $0 })
    }
  }

  /// A transfer to be matched, and how it is shown.
  struct OpenEntry {
    let entry: ReconciliationMatching.Entry
    let shown: BookEntry
  }

  private static func openEntries(
    _ school: UUID?, _ dates: ClosedRange<CalendarDate>, _ session: borrowing Session,
    _ actor: Actor
  ) throws -> [OpenEntry] {
    let known: [Int32]? = try session.query(
      semesters, actor.districtID, dates.lowerBound, dates.upperBound
    ).first?.optional(0)
    let rows = try session.query(
      openEntries, actor.districtID, school, known ?? [], dates.lowerBound, dates.upperBound)
    return try rows.map(openEntry)
  }

  private static func openEntry(_ row: Row) throws -> OpenEntry {
    let id: UUID = try row.get(0)
    let (day, amount): (CalendarDate, Money) = (try row.get(1), Money(fen: try row.get(2)))
    let kind: String = try row.get(3)
    let source: UUID = try row.get(4)
    let name: String? = try row.optional(5)
    let isAnonymous: Bool = try row.optional(7) ?? false
    var batches = ["source \(source.lowercase)"]
    if let campaign: UUID = try row.optional(9) {
      let method: String = try row.optional(11) ?? ""
      batches += ["campaign \(campaign.lowercase)", "campaign \(campaign.lowercase) \(method)"]
    }
    var payer: (name: String, kind: DonorKind)?
    if let name, let donorKind = DonorKind(rawValue: try row.optional(6) ?? "") {
      payer = (name, donorKind)
    }
    let written: [String?] = [try row.optional(8), try row.optional(10)]
    let numbers = written.compactMap { $0 } + [id.lowercase, source.lowercase]
    return OpenEntry(
      entry: .init(
        id: id, day: day, amount: amount, payer: payer, numbers: numbers, batches: batches),
      shown: BookEntry(
        transfer: id, day: day, amount: amount, kind: kind,
        payer: isAnonymous ? "匿名" : name))
  }

  private static func write(
    _ matches: [ReconciliationMatching.Match], school: UUID?, _ semester: Semester,
    _ session: borrowing Session, _ actor: Actor
  ) throws {
    guard !matches.isEmpty else { return }
    let ids = matches.map { _ in UUID.v7() }
    let owners = zip(ids, matches).flatMap { id, match in match.entries.map { _ in id } }
    try record(
      kind: "match", manual: false, ids: ids, lines: matches.map(\.line),
      reasons: matches.map(\.reason), owners: owners, transfers: matches.flatMap(\.entries),
      note: nil, session, actor)
    _ = try session.batch([
      Audit.statement(
        actor, "bank.match", subject: "reconciliation", id: nil, school: school,
        after: [
          "semester": "\(semester)", "matched": "\(matches.count)",
          "transfers": "\(owners.count)",
        ])
    ])
  }

  /// Records matches or explanations, all or none, in the caller's transaction.
  /// - Throws: `ReconciliationError`.
  static func record(
    kind: String, manual: Bool, ids: [UUID], lines: [UUID?], reasons: [ReconciliationReason],
    owners: [UUID], transfers: [UUID], note: String?, _ session: borrowing Session, _ actor: Actor
  ) throws {
    let statement = Bound(
      record, kind, manual, ids, lines, reasons.map { Int32($0.score) },
      reasons.map { Audit.json(["code": $0.rawValue, "zh": $0.name.zh, "en": $0.name.en]) },
      owners, transfers, note, actor.userID)
    do {
      _ = try session.batch([statement])
    } catch {
      throw ReconciliationError.refusal(error)
    }
  }

  /// Turns ids back into what people read.
  private struct Story {
    let lines: [UUID: ReconciliationMatching.Line]
    let entries: [UUID: BookEntry]

    init(_ lines: [ReconciliationMatching.Line], _ entries: [OpenEntry]) {
      self.lines = Dictionary(uniqueKeysWithValues: lines.map { ($0.id, $0) })
      self.entries = Dictionary(uniqueKeysWithValues: entries.map { ($0.entry.id, $0.shown) })
    }

    func finding(_ match: ReconciliationMatching.Match) -> Finding? {
      lines[match.line].map { line in
        Finding(
          line: line.id, day: line.day, amount: line.amount, reason: match.reason,
          score: match.reason.score, candidates: [match.entries.compactMap { entries[$0] }],
          candidateCount: 1)
      }
    }

    func finding(_ question: ReconciliationMatching.Question) -> Finding? {
      lines[question.line].map { line in
        Finding(
          line: line.id, day: line.day, amount: line.amount, reason: nil, score: nil,
          candidates: question.candidates.map { $0.compactMap { entries[$0] } },
          candidateCount: question.candidateCount)
      }
    }
  }
}

extension ClosedRange<CalendarDate> {
  fileprivate func widened(by days: Int) -> ClosedRange<CalendarDate> {
    lowerBound.adding(days: -days)...upperBound.adding(days: days)
  }
}
