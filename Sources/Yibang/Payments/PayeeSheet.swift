package import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet

/// The columns of a list of payees (受助学生花名册, 发放表).
enum PayeeColumn: SheetColumn {
  case school, className, grade, name, residentID, studentCode, amount, due, guardian, bank, card

  static let required: [PayeeColumn] = [.name]

  var headings: [String] {
    switch self {
    case .school: ["学校", "学校名称", "school"]
    case .className: ["班级", "所在班级", "class"]
    case .grade: ["年级", "所在年级", "grade"]
    case .name: ["姓名", "学生姓名", "受助学生姓名", "name"]
    case .residentID: ["身份证号", "身份证号码", "身份证", "公民身份号码", "学生身份证号", "residentid"]
    case .studentCode: ["学籍号", "全国学籍号", "学籍号码", "studentcode"]
    case .amount: ["金额", "补助金额", "资助金额", "发放金额", "amount"]
    case .due: ["应发", "应发金额", "due"]
    case .guardian: ["监护人", "监护人姓名", "家长姓名", "家长", "guardian"]
    case .bank: ["开户行", "开户银行", "银行", "bank"]
    case .card: ["卡号", "银行卡号", "账号", "银行账号", "帐号", "card"]
    }
  }
}

extension PaymentBatches {
  /// Makes a draft from a sheet that says who is due how much. A row is refused if its pupil is not
  /// known, not recognised where that is needed, in another batch already, or due nothing.
  /// - Returns: what became of the rows, and the batch, nil if nothing was written.
  /// - Throws: `TableFileError`, `ImportError`, `PaymentError`, `FundError`, `AccessError`.
  package static func make(
    _ batch: NewPaymentBatch, sheet request: ImportRequest, in context: Context
  ) async throws -> (report: ImportReport, batch: UUID?) {
    let actor = context.actor
    try actor.require(.preparePayments)
    try actor.require(school: batch.school.id)
    let vault = context.platform.vault
    let id = UUID.v7()
    let report = try await Import.run(request, kind: "payment", in: context) {
      file, _, session, report in
      var reader = PayeeReader(batch: batch)
      try SheetScan<PayeeColumn>.scan(file, progress: request.progress) { event in
        try reader.take(event, &report)
      }
      let payees = try reader.payees(session, actor, vault, &report)
      report.total = try payees.map(\.amount).total()
      guard !payees.isEmpty else { return }
      try open(batch, id: id, session, actor)
      try Payees.add(payees, to: id, session, actor, vault)
      try note(id, batch, lines: payees.count, session, actor)
      report.accepted = payees.count
    }
    return (report, report.written ? id : nil)
  }
}

/// Reads a list of payees, and finds its pupils.
private struct PayeeReader {
  let batch: NewPaymentBatch
  private var rows: [PayeeRow] = []
  /// Of all rows whose amount can be read, for the total.
  private var sum = Money.zero
  private var canBeSummed = true

  init(batch: NewPaymentBatch) {
    self.batch = batch
  }

  private struct PayeeRow {
    let pupil: NamedPupil<PayeeColumn>
    let amount: Money
    let card: BankCard?
  }

  mutating func take(_ event: SheetEvent<PayeeColumn>, _ report: inout ImportReport) throws {
    switch event {
    case .row(let data): read(data, &report)
    case .total(let data, isSubtotal: false):
      let column = amountColumn(data)
      if canBeSummed, let stated = try? Money(parsing: data.text(column)), stated != sum {
        report.refuse([
          data.refusal(
            column, problem: Text("合计与各行之和 \(sum) 不符", "the rows add up to \(sum)"),
            advice: Text("核对各行金额与合计", "check the rows and the total"))
        ])
      }
      sum = .zero
    case .total, .skipped, .endOfSheet: break
    }
    report.passOver(event)
  }

  private func amountColumn(_ data: DataRow<PayeeColumn>) -> PayeeColumn {
    data.has(.due) ? .due : .amount
  }

  private mutating func read(_ data: DataRow<PayeeColumn>, _ report: inout ImportReport) {
    var refusals: [Refusal] = []
    let amount = amount(data, &refusals)
    if let amount, let added = try? sum + amount { sum = added } else { canBeSummed = false }
    let name = normalizeName(data.text(.name))
    if name.isEmpty {
      refusals.append(
        data.refusal(
          .name, problem: Text("姓名为空", "the name is empty"),
          advice: Text("写学生姓名，或删除这一行", "write the pupil's name, or delete the row")))
    }
    if let school = data.meaning(.school), school != batch.school.name {
      refusals.append(
        data.refusal(
          .school, problem: Text("不是\(batch.school.name)的学生", "not of \(batch.school.name)"),
          advice: Text("一个批次只发一所学校", "a batch is of one school")))
    }
    let residentID: ResidentID? = identifier(.residentID, data, &refusals)
    let studentCode: StudentCode? = identifier(.studentCode, data, &refusals)
    let card: BankCard? = identifier(.card, data, &refusals)
    for warning in card?.warnings ?? [] {
      report.warn(
        ImportWarning(.unverified, sheet: data.sheet, row: data.number, warning.message))
    }
    guard refusals.isEmpty, let amount else { return report.refuse(refusals) }
    rows.append(
      PayeeRow(
        pupil: NamedPupil(
          data: data, column: .name, name: name, grade: data.meaning(.grade),
          className: data.text(.className).filter { $0 != " " }.nonEmpty,
          residentID: residentID ?? studentCode?.residentID, studentCode: studentCode),
        amount: amount, card: card))
  }

  private func amount(
    _ data: DataRow<PayeeColumn>, _ refusals: inout [Refusal]
  ) -> Money? {
    let column = amountColumn(data)
    do {
      let money = try Money(parsing: data.text(column))
      guard money > .zero else {
        refusals.append(
          data.refusal(
            column, problem: Text("金额为零", "nothing is due"),
            advice: Text("不发放的学生请从表中删去", "delete pupils who are not paid")))
        return nil
      }
      return money
    } catch {
      refusals.append(data.refusal(column, error))
      return nil
    }
  }

  /// The identifier of a cell; nil where it is empty. One with stars identifies nobody.
  private func identifier<ID: Identifier>(
    _ column: PayeeColumn, _ data: DataRow<PayeeColumn>, _ refusals: inout [Refusal]
  ) -> ID? {
    guard let text = data.meaning(column), !text.contains("*") else { return nil }
    do throws(IdentifierError) {
      return try ID(text)
    } catch {
      refusals.append(data.refusal(column, error))
      return nil
    }
  }

  /// The rows' pupils as payees, in the order of the sheet.
  mutating func payees(
    _ session: borrowing Session, _ actor: Actor, _ vault: Vault, _ report: inout ImportReport
  ) throws -> [Payee] {
    let found = try PupilFinder.find(
      rows.map(\.pupil), school: batch.school.id, session, actor, vault, &report)
    let candidates = try Payees.candidates(
      batch, students: found.compactMap { $0 }, recognisedOnly: false, session, actor, vault)
    let known = Dictionary(candidates.map { ($0.payee.student, $0) }) { first, _ in first }
    var places: [UUID: Int] = [:]
    var payees: [Payee] = []
    for (row, student) in zip(rows, found) {
      guard let student, let candidate = known[student] else { continue }
      let data = row.pupil.data
      if let earlier = places.updateValue(data.number, forKey: student) {
        report.refuse([
          data.refusal(
            .name, problem: Text("与第 \(earlier) 行是同一名学生", "the same pupil as row \(earlier)"),
            advice: Text("删除其中一行", "delete one of the two rows"))
        ])
      } else if batch.purpose.needsRecognition, candidate.tier == nil {
        report.refuse([
          data.refusal(
            .name, problem: Text("本学年未认定", "not recognised for the school year"),
            advice: Text("先完成认定，或从表中删去", "recognise the pupil first, or delete the row"))
        ])
      } else if candidate.isPaid {
        if batch.leavesOutPaid {
          report.unchanged += 1
        } else {
          report.refuse([
            data.refusal(
              .name,
              problem: Text("本学期该用途已在其他批次中", "in another batch for this purpose and semester"),
              advice: Text("从表中删去（一人一次）", "delete the row: one payment for each"))
          ])
        }
      } else {
        payees.append(payee(candidate.payee, row))
      }
    }
    return payees
  }

  private func payee(_ known: Payee, _ row: PayeeRow) -> Payee {
    var payee = known
    payee.amount = row.amount
    payee.rule = .sheet
    payee.guardian = normalizeName(row.pupil.data.text(.guardian)).nonEmpty ?? known.guardian
    payee.bank = row.pupil.data.meaning(.bank)
    payee.card = row.card?.text
    return payee
  }
}
