package import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet

extension BankAccounts {
  /// Imports a bank statement into an account.
  ///
  /// A line read before changes nothing, so statements may overlap: it is known by the bank's serial
  /// number, or else by its whole content and its place among equal lines. Where the sheet has a
  /// balance, each line is held against the one before it. Lines of any open semester are taken.
  /// - Throws: `TableFileError`, `ImportError`, `SchoolError`, `ReconciliationError.unknownAccount`,
  ///   `AccessError`.
  package static func importStatement(
    _ asked: ImportRequest, account id: UUID, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.reconcile)
    let owner = try await context.read { try find(id, $0, actor).schoolID }
    var request = asked
    request.school = try await Schools.list(in: context).first { $0.id == owner }
    let progress = request.progress
    return try await Import.run(request, kind: "bank", in: context) {
      file, importID, session, report in
      let account = try find(id, session, actor)
      if let school = account.schoolID { try actor.require(school: school) }
      try BankImport.takeTurn(account, session, actor)
      var lines = BankImport(
        account: account, actor: actor, vault: context.platform.vault, importID: importID,
        semesters: try BankImport.semesters(session, actor))
      try SheetScan<BankColumn>.scan(file, progress: progress) { event in
        lines.take(event, &report)
      }
      try lines.write(session, &report)
    }
  }
}

/// The lines of one statement on their way into the database.
struct BankImport {
  static let chunkRows = 1_000

  let account: BankAccounts.Account
  let actor: Actor
  let vault: Vault
  let importID: UUID
  let semesters: [(dates: ClosedRange<CalendarDate>, isOpen: Bool)]

  private let reader = BankReader()
  private var balance = BankBalance()
  private var lines: [(row: BankRow, hash: [UInt8])] = []
  /// How often an equal line was read.
  private var occurrences: [String: Int] = [:]

  init(
    account: BankAccounts.Account, actor: Actor, vault: Vault, importID: UUID,
    semesters: [(dates: ClosedRange<CalendarDate>, isOpen: Bool)]
  ) {
    self.account = account
    self.actor = actor
    self.vault = vault
    self.importID = importID
    self.semesters = semesters
  }

  // Two statements of one account take turns: the second sees what the first recorded.
  private static let lock: SQL = """
    select pg_advisory_xact_lock(hashtextextended('bank ' || $1 || ' ' || $2, 0))
    """
  private static let allSemesters: SQL = """
    select starts_on, ends_on, state = 'open' from semester where district_id = $1
    """
  private static let recorded: SQL = """
    select line_hash, booked_on, amount_fen from bank_line
    where district_id = $1 and account_id = $2 and line_hash = any ($3)
    """
  private static let insert: SQL = """
    insert into bank_line (
      district_id, school_id, account_id, import_id, id, booked_on, amount_fen, balance_fen, serial,
      voucher, private_sealed, line_hash
    )
    select $1, $2, $3, $4, u.*
    from unnest(
      $5::uuid[], $6::date[], $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::bytea[],
      $12::bytea[]
    ) as u
    """
  private static let insertStatement: SQL = """
    insert into bank_statement (district_id, id, school_id, account_id, first_on, last_on)
    values ($1, $2, $3, $4, $5, $6)
    """

  private static let analyze: SQL = "select analyze_bank_tables()"

  static func takeTurn(
    _ account: BankAccounts.Account, _ session: borrowing Session, _ actor: Actor
  ) throws {
    _ = try session.query(lock, actor.districtID, account.id.uuidString)
  }

  static func semesters(
    _ session: borrowing Session, _ actor: Actor
  ) throws -> [(dates: ClosedRange<CalendarDate>, isOpen: Bool)] {
    try session.query(allSemesters, actor.districtID).map { row in
      let first: CalendarDate = try row.get(0)
      return (first...(try row.get(1)), try row.get(2))
    }
  }

  mutating func take(_ event: SheetEvent<BankColumn>, _ report: inout ImportReport) {
    switch event {
    case .row(let data):
      var warnings: [ImportWarning] = []
      switch reader.read(data, &warnings) {
      case .line(let row):
        balance.add(row)
        lines.append((row, lineHash(row)))
      case .opening(let opening):
        balance.open(opening)
        report.skip(sheet: data.sheet, row: data.number, why: Text("期初余额", "opening balance"))
      case .noLine(let why): report.skip(sheet: data.sheet, row: data.number, why: why)
      case .refused(let refusals):
        balance.addGap()
        report.refuse(refusals)
      }
      for warning in warnings { report.warn(warning) }
    case .total, .skipped: report.passOver(event)
    case .endOfSheet(let sheet):
      for warning in balance.endSheet(sheet) { report.warn(warning) }
    }
  }

  private mutating func lineHash(_ row: BankRow) -> [UInt8] {
    if let serial = row.serial {
      return vault.hash("serial\u{1F}\(account.id.uuidString)\u{1F}\(serial)", domain: "bank-line")
    }
    let occurrence = occurrences[row.identity, default: 0]
    occurrences[row.identity] = occurrence + 1
    return vault.hash(
      "line\u{1F}\(account.id.uuidString)\u{1F}\(row.identity)\u{1F}\(occurrence)",
      domain: "bank-line")
  }

  /// Writes what is new of the lines, and the days that the statement covers.
  mutating func write(_ session: borrowing Session, _ report: inout ImportReport) throws {
    var known: [[UInt8]: (day: CalendarDate, amount: Money)] = [:]
    for start in stride(from: 0, to: lines.count, by: Self.chunkRows) {
      let chunk = lines[start..<min(start + Self.chunkRows, lines.count)]
      for row in try session.query(
        Self.recorded, actor.districtID, account.id, chunk.map(\.hash))
      {
        known[try row.get(0)] = (try row.get(1), Money(fen: try row.get(2)))
      }
      var fresh: [(row: BankRow, hash: [UInt8])] = []
      for line in chunk {
        if let earlier = known[line.hash] {
          if earlier == (line.row.day, line.row.amount) {
            report.unchanged += 1
          } else {
            report.refuse([contradiction(line.row)])
          }
        } else if let refusal = refusal(ofDay: line.row) {
          report.refuse([refusal])
        } else {
          known[line.hash] = (line.row.day, line.row.amount)
          fresh.append(line)
        }
      }
      try insert(fresh, session)
      report.accepted += fresh.count
      if start == 0, chunk.count == Self.chunkRows { try session.execute(Self.analyze) }
    }
    guard report.accepted > 0, let first = lines.map(\.row.day).min(),
      let last = lines.map(\.row.day).max()
    else { return }
    try session.execute(
      Self.insertStatement, actor.districtID, importID, account.schoolID, account.id, first, last)
  }

  private func insert(
    _ lines: [(row: BankRow, hash: [UInt8])], _ session: borrowing Session
  ) throws {
    guard !lines.isEmpty else { return }
    let ids = lines.map { _ in UUID.v7() }
    let sealed = try zip(ids, lines).map { id, line in
      try BankPrivate(line.row).sealed(vault, line: id)
    }
    let rows = lines.map(\.row)
    try session.execute(
      Self.insert, actor.districtID, account.schoolID, account.id, importID, ids, rows.map(\.day),
      rows.map(\.amount.fen), rows.map { $0.balance?.fen }, rows.map(\.serial),
      rows.map(\.voucher), sealed, lines.map(\.hash))
  }

  private func contradiction(_ row: BankRow) -> Refusal {
    refusal(
      row, "流水号", row.serial ?? "",
      Text("这个流水号已有另一笔（日期或金额不同）", "another line has this serial number: its day or amount differs"),
      Text("与银行核对，按原始流水改正", "check with the bank and correct the sheet"))
  }

  /// A new line of a closed semester would change what was closed.
  private func refusal(ofDay row: BankRow) -> Refusal? {
    guard let semester = semesters.first(where: { $0.dates.contains(row.day) }) else {
      return refusal(
        row, "日期", "\(row.day)",
        Text("不在任何已开设的学期内", "the day is in no semester that was opened"),
        Text("先开设该学期（yibang semester open）", "open that semester first (yibang semester open)"))
    }
    guard !semester.isOpen else { return nil }
    return refusal(
      row, "日期", "\(row.day)", Text("所属学期已结账", "its semester is closed"),
      Text("用 --skip-refused 跳过已结账学期的行", "skip the lines of closed semesters (--skip-refused)"))
  }

  private func refusal(
    _ row: BankRow, _ column: String, _ value: String, _ problem: Text, _ advice: Text
  ) -> Refusal {
    Refusal(
      sheet: row.sheet, row: row.number, column: column, cell: nil, value: value, problem: problem,
      advice: advice)
  }
}
