package import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

/// The columns of a 发放表 that came back signed.
enum ReceiptColumn: SheetColumn {
  case number, name, due, received, signature, date, note

  static let required: [ReceiptColumn] = [.number, .name, .signature]

  var headings: [String] {
    switch self {
    case .number: ["序号", "编号", "number"]
    case .name: ["姓名", "学生姓名", "name"]
    case .due: ["应发", "应发金额", "due"]
    case .received: ["实发", "实发金额", "实领", "实领金额", "received"]
    case .signature: ["领款人签字", "领款人签名", "领款人", "签字", "签名", "签领", "领取人签字", "signature"]
    case .date: ["日期", "领款日期", "签字日期", "领取日期", "date"]
    case .note: ["备注", "note"]
    }
  }
}

extension PaymentSheet {
  /// A line as it stands, for a row to be held against.
  fileprivate struct Known {
    let id: UUID
    let name: String
    let due: Money
    let state: PaymentLineState
    let received: Money?
    let note: String?
    let isSuperseded: Bool
  }

  private static let known: SQL = """
    select number, id, payee_sealed, amount_fen, state, received_fen, note, superseded
    from payment_line where district_id = $1 and batch_id = $2
    """
  private static let batchOf: SQL = """
    select b.semester, b.paid_on, s.id, s.code, s.name from payment_batch b
    join school s on s.district_id = b.district_id and s.id = b.school_id
    where b.district_id = $1 and b.id = $2
    """

  /// What an import of a signed sheet is given.
  package struct Return: Sendable {
    package let batch: UUID
    package let path: String
    /// The day of lines without one.
    package let today: CalendarDate
    package var dryRun = false
    package var skipRefused = false

    package init(
      batch: UUID, path: String, today: CalendarDate, dryRun: Bool = false,
      skipRefused: Bool = false
    ) {
      self.batch = batch
      self.path = path
      self.today = today
      self.dryRun = dryRun
      self.skipRefused = skipRefused
    }
  }

  /// Imports the sheet of a paid batch as it came back: a signed row is received, one with another 实发
  /// than 应发 has an issue and the rest comes back to the fund, one without a signature still waits.
  /// The same sheet again changes nothing.
  /// - Throws: `PaymentError.unknownBatch`, `.otherSheet` for the sheet of another batch, `.state`;
  ///   `TableFileError`, `ImportError`, `FundError`.
  package static func importSigned(
    _ sheet: Return, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.preparePayments)
    let vault = context.platform.vault
    let (semester, paidOn, school) = try await context.read { session in
      guard let row = try session.query(batchOf, actor.districtID, sheet.batch).first else {
        throw PaymentError.unknownBatch
      }
      let school = Schools.School(id: try row.get(2), code: try row.get(3), name: try row.get(4))
      return (try row.semester(0), try row.optional(1) as CalendarDate?, school)
    }
    var request = ImportRequest(
      path: sheet.path, school: school, semester: semester, today: sheet.today)
    request.dryRun = sheet.dryRun
    request.skipRefused = sheet.skipRefused
    return try await Import.run(request, kind: "payment_receipt", in: context) {
      file, _, session, report in
      let code = PaymentBatch.sheetCode(of: sheet.batch)
      guard try isSheet(file, of: code) else { throw PaymentError.otherSheet(code: code) }
      var lines: [Int: Known] = [:]
      for row in try session.query(known, actor.districtID, sheet.batch) {
        let (number, line) = try known(row, vault)
        lines[number] = line
      }
      var reader = ReceiptReader(
        lines: lines, today: sheet.today, earliest: paidOn ?? sheet.today)
      try SheetScan<ReceiptColumn>.scan(file, progress: nil) { event in
        if case .row(let data) = event { reader.read(data, &report) }
        report.passOver(event)
      }
      guard !reader.confirmations.isEmpty else { return }
      try PaymentBatches.record(reader.confirmations, of: sheet.batch, session, actor)
    }
  }

  private static func known(_ row: Row, _ vault: Vault) throws -> (Int, Known) {
    let id: UUID = try row.get(1)
    let fields = SealedFields(bytes: try vault.open(try row.get(2), at: Payee.place(id)))
    let received: Int64? = try row.optional(5)
    return (
      Int(try row.get(0) as Int32),
      Known(
        id: id, name: fields["name"] ?? "", due: Money(fen: try row.get(3)),
        state: PaymentLineState(rawValue: try row.get(4)) ?? .planned,
        received: received.map(Money.init(fen:)), note: try row.optional(6),
        isSuperseded: try row.get(7))
    )
  }

  private struct Found: Error {}

  /// Whether the batch's code stands above the header of the first sheet.
  private static func isSheet(_ file: TableFile, of code: String) throws -> Bool {
    do {
      var rows = 0
      try file.rows(sheet: 0) { row, _ in
        rows += 1
        guard rows <= SheetScan<ReceiptColumn>.headerRows else { throw CancellationError() }
        let isThere = row.cells.contains { normalizeText($0.text).uppercased().contains(code) }
        if isThere { throw Found() }
      }
      return false
    } catch is Found {
      return true
    } catch is CancellationError {
      return false
    }
  }
}

/// Reads the rows of a signed sheet against the lines of its batch.
private struct ReceiptReader {
  let lines: [Int: PaymentSheet.Known]
  let today: CalendarDate
  /// The day of the payment: nobody signs before it.
  let earliest: CalendarDate
  private(set) var confirmations: [PaymentBatches.Confirmation] = []
  private var places: [Int: Int] = [:]

  init(lines: [Int: PaymentSheet.Known], today: CalendarDate, earliest: CalendarDate) {
    self.lines = lines
    self.today = today
    self.earliest = earliest
  }

  mutating func read(_ data: DataRow<ReceiptColumn>, _ report: inout ImportReport) {
    guard let (number, line) = line(data, &report) else { return }
    if let earlier = places.updateValue(data.number, forKey: number) {
      report.refuse([
        data.refusal(
          .number, problem: Text("与第 \(earlier) 行重复", "the same line as row \(earlier)"),
          advice: Text("删除其中一行", "delete one of the two rows"))
      ])
      return
    }
    var refusals: [Refusal] = []
    let received = amount(.received, data, &refusals)
    if let due = amount(.due, data, &refusals), due != line.due {
      refusals.append(
        data.refusal(
          .due, problem: Text("与批次的应发 \(line.due) 不符", "the batch says \(line.due)"),
          advice: Text("应发不能在表中改动", "what is due cannot be changed in the sheet")))
    }
    if let received, received > line.due {
      refusals.append(
        data.refusal(
          .received, problem: Text("实发超过应发", "more than was due"),
          advice: Text("核对实发金额", "check the amount")))
    }
    let isSigned = data.meaning(.signature) != nil
    if isSigned, received == .zero {
      refusals.append(
        data.refusal(
          .received, problem: Text("实发为零却有签字", "signed for nothing"),
          advice: Text("核对实发，或去掉签字", "check the amount, or take the signature out")))
    }
    let date = date(data, &refusals)
    let note = data.meaning(.note)
    if let note, let trace = IdentityTrace.first(in: note) {
      refusals.append(
        data.refusal(
          .note,
          problem: Text(
            "含有像\(trace.name.zh)的数字", "it holds a number that may identify a person"),
          advice: Text("删去这个数字", "take the number out")))
    }
    guard refusals.isEmpty, let date else { return report.refuse(refusals) }
    guard isSigned else {
      if received != nil {
        report.warn(
          ImportWarning(
            .unverified, sheet: data.sheet, row: data.number,
            Text("填了实发但没有签字，仍待签收", "an amount without a signature: still unconfirmed")))
      }
      report.unchanged += 1
      return
    }
    take(line, received: received ?? line.due, note: note, date, data, &report)
  }

  private mutating func take(
    _ line: PaymentSheet.Known, received: Money, note: String?, _ date: CalendarDate,
    _ data: DataRow<ReceiptColumn>, _ report: inout ImportReport
  ) {
    let outcome: PaymentOutcome =
      received == line.due
      ? .received
      : .issue(received: received, note: note ?? "实发 \(received) 应发 \(line.due)")
    if line.state == outcome.state, line.received == received,
      line.note.map(normalizeText) == (outcome.note ?? note)
    {
      report.unchanged += 1
      return
    }
    guard !line.isSuperseded, line.state != .planned, line.state != .cancelled else {
      report.refuse([
        data.refusal(
          .number,
          problem: Text("该行尚未支付，或已转入补发", "not paid yet, or paid again in a later batch"),
          advice: Text("从本表删去这一行", "delete the row"))
      ])
      return
    }
    confirmations.append(
      PaymentBatches.Confirmation(
        line: line.id, due: line.due, outcome: outcome, note: outcome.note ?? note, date: date))
    report.accepted += 1
    if line.state != .waiting { report.updated += 1 }
  }

  /// The line of the batch that a row names by number and name.
  private func line(
    _ data: DataRow<ReceiptColumn>, _ report: inout ImportReport
  ) -> (Int, PaymentSheet.Known)? {
    guard let number = Int(data.text(.number)), let line = lines[number] else {
      report.refuse([
        data.refusal(
          .number, problem: Text("批次中没有这个序号", "the batch has no such number"),
          advice: Text("序号和姓名保持导出时的样子", "leave number and name as they were exported"))
      ])
      return nil
    }
    let name = normalizeName(data.text(.name))
    guard name == line.name || name == maskedName(line.name) else {
      report.refuse([
        data.refusal(
          .name,
          problem: Text("与批次中该序号的学生不是同一人", "another pupil has this number in the batch"),
          advice: Text("序号和姓名保持导出时的样子", "leave number and name as they were exported"))
      ])
      return nil
    }
    return (number, line)
  }

  private func amount(
    _ column: ReceiptColumn, _ data: DataRow<ReceiptColumn>, _ refusals: inout [Refusal]
  ) -> Money? {
    let text = data.text(column)
    guard !text.isEmpty else { return nil }
    do {
      return try Money(parsing: text)
    } catch {
      refusals.append(data.refusal(column, error))
      return nil
    }
  }

  private func date(
    _ data: DataRow<ReceiptColumn>, _ refusals: inout [Refusal]
  ) -> CalendarDate? {
    let text = data.text(.date)
    if text.isEmpty { return today }
    guard let date = parseChineseDate(text)?.date else {
      refusals.append(
        data.refusal(
          .date, problem: Text("不是存在的日期", "there is no such date"),
          advice: Text("写成 2026-09-10 这样", "write it like 2026-09-10")))
      return nil
    }
    guard date >= earliest, date <= today else {
      refusals.append(
        data.refusal(
          .date, problem: Text("早于支付日期或晚于今天", "before the payment, or after today"),
          advice: Text("核对日期", "check the date")))
      return nil
    }
    return date
  }
}
