import SchoolCalendar
import Spreadsheet

/// What one line of a bank statement says.
struct BankRow: Sendable {
  let sheet: String
  let number: Int
  var day: CalendarDate
  /// As the sheet writes it; tells apart what else is equal.
  var time: String
  /// Positive came in, negative went out.
  var amount: Money
  var balance: Money?
  var serial: String?
  var voucher: String?
  var counterparty: String?
  var counterAccount: String?
  var text: String

  /// What makes it the same line when it is read again, where the bank gives it no serial number.
  var identity: String {
    let parts = [
      "\(day)", time, "\(amount.fen)", balance.map { "\($0.fen)" } ?? "", voucher ?? "",
      counterparty ?? "", counterAccount ?? "", text,
    ]
    return parts.joined(separator: "\u{1F}")
  }
}

/// Reads the lines of one bank statement.
struct BankReader {
  enum Reading {
    case line(BankRow)
    /// The balance before the first line.
    case opening(Money)
    case noLine(Text)
    case refused([Refusal])
  }

  /// - Parameter warnings: told of what is doubtful and does not stop the line.
  func read(_ data: DataRow<BankColumn>, _ warnings: inout [ImportWarning]) -> Reading {
    if isSum(data) { return .noLine(Text("合计", "total")) }
    var refusals: [Refusal] = []
    let balance = money(data, .balance, &refusals)
    let amount = amount(data, &refusals)
    if refusals.isEmpty, amount == nil || amount == .zero {
      if let balance, isOpening(data) { return .opening(balance) }
      if amount == nil, data.text(.counterparty).isEmpty, data.text(.serial).isEmpty {
        return .noLine(Text("没有金额", "no amount"))
      }
      refusals.append(
        data.refusal(
          amountColumn(data), problem: Text("没有发生额", "there is no amount"),
          advice: Text("补上收入或支出金额，或删除这一行", "write what came in or went out, or delete the row")))
    }
    let day = day(data, &refusals)
    let serial = serial(data, &refusals)
    guard refusals.isEmpty, let day, let amount else { return .refused(refusals) }
    return .line(
      BankRow(
        sheet: data.sheet, number: data.number, day: day, time: clock(data), amount: amount,
        balance: balance, serial: serial, voucher: data.meaning(.voucher),
        counterparty: data.meaning(.counterparty).map(normalizeName),
        counterAccount: account(data, &warnings), text: text(data)))
  }

  /// 借方合计, 贷方笔数: sums under another heading than 合计.
  private func isSum(_ data: DataRow<BankColumn>) -> Bool {
    let hasNoDay = [BankColumn.day, .time, .posted].allSatisfy { column in
      parseChineseDate(compactDay(data.text(column))) == nil
    }
    return hasNoDay
      && data.row.cells.contains { cell in
        ["合计", "总计", "累计", "笔数", "本页", "承前"].contains(where: cell.text.contains)
          && !isOpening(data)
      }
  }

  private func isOpening(_ data: DataRow<BankColumn>) -> Bool {
    data.row.cells.contains { cell in
      ["期初", "上期余额", "上日余额", "承前", "上页余额", "上月余额"].contains(where: cell.text.contains)
    }
  }

  private func amountColumn(_ data: DataRow<BankColumn>) -> BankColumn {
    data.has(.amount) ? .amount : data.has(.income) ? .income : .expense
  }

  /// The signed amount: income less expense, or the amount with its flag or sign.
  private func amount(_ data: DataRow<BankColumn>, _ refusals: inout [Refusal]) -> Money? {
    let income = money(data, .income, &refusals)
    let expense = money(data, .expense, &refusals)
    if data.has(.income) || data.has(.expense) {
      if let income, let expense, income != .zero, expense != .zero {
        refusals.append(
          data.refusal(
            .income, problem: Text("收入和支出同时有金额", "there is both income and expense"),
            advice: Text(
              "一行只能有一个方向，请按银行原始流水改正", "a line has one direction: correct it as the bank has it")))
        return nil
      }
      // A negative income is the bank's own correction (红字): it went out.
      if let income, income != .zero { return income }
      if let expense, expense != .zero { return try? -expense }
      if income != nil || expense != nil { return .zero }
    }
    guard let amount = money(data, .amount, &refusals) else { return nil }
    let word = data.text(.flag)
    if word.isEmpty { return amount }
    guard let comesIn = Self.direction(word) else {
      refusals.append(
        data.refusal(
          .flag, problem: Text("不认识的借贷标志", "this mark of direction is not known"),
          advice: Text("写：贷（收入）或借（支出）", "write 贷 (in) or 借 (out)")))
      return nil
    }
    // Many banks mark money that went out twice, by 借 and a minus; a minus with 贷 is a correction.
    return comesIn ? amount : Money(fen: -Int64(clamping: amount.fen.magnitude))
  }

  private static func direction(_ word: String) -> Bool? {
    switch word.lowercased() {
    case "贷", "贷方", "收", "收入", "入账", "进", "转入", "存", "存入", "来账", "c", "cr", "credit", "+": true
    case "借", "借方", "支", "支出", "付", "出", "转出", "取", "支取", "往账", "d", "dr", "debit", "-": false
    default: nil
    }
  }

  private func money(
    _ data: DataRow<BankColumn>, _ column: BankColumn, _ refusals: inout [Refusal]
  ) -> Money? {
    guard let text = data.meaning(column) else { return nil }
    if case .number(_, lostDigits: true) = data.cell(column).value {
      refusals.append(
        data.refusal(
          column, problem: Text("金额丢失了位数", "digits of the amount are lost"),
          advice: Text("从银行重新导出", "export it from the bank again")))
      return nil
    }
    do {
      let plain = text.hasPrefix("+") ? String(text.dropFirst()) : text
      return try Money(parsing: plain, allowNegative: true)
    } catch {
      refusals.append(data.refusal(column, error))
      return nil
    }
  }

  /// The day: of the transaction, else of the bank's books.
  private func day(_ data: DataRow<BankColumn>, _ refusals: inout [Refusal]) -> CalendarDate? {
    let columns = [BankColumn.day, .time, .posted].filter { !data.text($0).isEmpty }
    for column in columns {
      if let date = parseChineseDate(compactDay(data.text(column)))?.date { return date }
    }
    let column = columns.first ?? [.day, .time, .posted].first { data.has($0) } ?? .day
    refusals.append(
      data.refusal(
        column,
        problem: columns.isEmpty
          ? Text("日期为空", "the date is empty") : Text("不是存在的日期", "there is no such date"),
        advice: Text("写成 2026-09-10 这样", "write it like 2026-09-10")))
    return nil
  }

  /// 20260910101112 without its time of day.
  private func compactDay(_ text: String) -> String {
    let isStamp = (12...17).contains(text.count) && text.allSatisfy { $0.isASCII && $0.isNumber }
    return isStamp ? String(text.prefix(8)) : text
  }

  /// The time of day as written, in its own column or with the date.
  private func clock(_ data: DataRow<BankColumn>) -> String {
    [BankColumn.time, .day, .posted].map(data.text).first { $0.contains(":") } ?? ""
  }

  private func serial(_ data: DataRow<BankColumn>, _ refusals: inout [Refusal]) -> String? {
    guard let text = data.meaning(.serial), text.contains(where: { $0 != "0" }) else { return nil }
    if hasLostDigits(data, .serial) {
      refusals.append(
        data.refusal(
          .serial, problem: Text("流水号丢失了位数", "digits of the serial number are lost"),
          advice: Text(
            "从银行重新导出，流水号列用文本格式", "export it again, with the serial number as text")))
      return nil
    }
    return text
  }

  private func hasLostDigits(_ data: DataRow<BankColumn>, _ column: BankColumn) -> Bool {
    if case .number(_, lostDigits: true) = data.cell(column).value { return true }
    return data.text(column).uppercased().wholeMatch(of: /[0-9.]+E\+[0-9]+/) != nil
  }

  /// The counterparty's account; one that lost its digits is dropped with a warning.
  private func account(
    _ data: DataRow<BankColumn>, _ warnings: inout [ImportWarning]
  ) -> String? {
    guard let text = data.meaning(.counterAccount) else { return nil }
    if hasLostDigits(data, .counterAccount) {
      warnings.append(
        ImportWarning(
          .unverified, sheet: data.sheet, row: data.number,
          Text(
            "对方账号丢失了位数，没有保存", "digits of the counterparty's account are lost: it is not kept")))
      return nil
    }
    return text.filter { !$0.isWhitespace }
  }

  /// 摘要, 用途, 附言 and 备注 in that order, each once.
  private func text(_ data: DataRow<BankColumn>) -> String {
    var parts: [String] = []
    for column in [BankColumn.summary, .use, .remark, .note] {
      if let part = data.meaning(column), !parts.contains(part) { parts.append(part) }
    }
    return parts.joined(separator: " ")
  }
}
