import SchoolCalendar
import Spreadsheet

/// What one line of a 捐款情况表 says.
struct DonationRow: Sendable {
  let sheet: String
  let number: Int
  var donor: DonorDetails
  /// Zero where the line gives goods alone.
  var amount: Money
  /// Gifts in kind of the same line, booked apart from the money.
  var goods: [GoodsText.Piece] = []
  var date: CalendarDate
  var method: Giving.Method
  var designation: String?
  var receipt: String?
  var handler: String?
  var note: String?

  /// What makes it the same line when it is read again.
  var lineIdentity: String {
    let goods = goods.map { "\($0.name)/\($0.unit)/\($0.quantity)" }
    return ([identity] + goods).joined(separator: "\u{1F}")
  }

  /// What makes it the same gift of money when it is read again: a corrected remark is no second gift.
  var identity: String {
    let parts = [
      "\(date)", donor.kind.rawValue, donor.name, donor.className ?? "", "\(amount.fen)",
      receipt ?? "", designation ?? "",
    ]
    return parts.joined(separator: "\u{1F}")
  }
}

/// Reads the lines of one 捐款情况表.
struct DonationReader {
  let semester: Semester
  let dates: ClosedRange<CalendarDate>
  /// The day of lines without one, where the caller gives it.
  let dateOfAll: CalendarDate?

  /// What a line's amount cell says, whatever else is wrong with the line.
  enum Amount {
    case money(Money)
    case goods(GoodsText)
    case refused(Refusal)
  }

  func amount(_ data: DataRow<DonationColumn>) -> Amount {
    let text = data.text(.amount)
    if case .number(_, lostDigits: true) = data.cell(.amount).value {
      return .refused(
        data.refusal(
          .amount, problem: Text("金额丢失了位数", "digits of the amount are lost"),
          advice: Text("按原始单据重新填写", "write it again from the original slip")))
    }
    if text.isEmpty {
      return .refused(
        data.refusal(
          .amount, problem: Text("金额为空", "the amount is empty"),
          advice: Text("补上金额，或删除这一行", "write the amount, or delete the row")))
    }
    do {
      let money = try Money(parsing: text)
      guard money.fen > 0 else {
        return .refused(
          data.refusal(
            .amount, problem: Text("金额必须大于零", "an amount is more than zero"),
            advice: Text("核对金额；退款请用冲正", "check the amount; a refund is a reversal")))
      }
      return .money(money)
    } catch {
      if let goods = GoodsText(text) { return .goods(goods) }
      return .refused(
        GoodsText.mayBeGoods(text) ? unclearGoods(data) : data.refusal(.amount, error))
    }
  }

  private func unclearGoods(_ data: DataRow<DonationColumn>) -> Refusal {
    data.refusal(
      .amount, problem: Text("物品写得不清楚", "these goods are not written clearly"),
      advice: Text(
        "写成“书包20个、铅笔10支”，价值写在括号里，如“大米5袋(约500元)”",
        "write them like 书包20个、铅笔10支, and a value in brackets, as 大米5袋(约500元)"))
  }

  /// - Returns: the line, or the reasons why it is refused.
  func read(
    _ data: DataRow<DonationColumn>, amount: Amount
  ) -> (row: DonationRow?, refusals: [Refusal]) {
    var refusals: [Refusal] = []
    var money = Money.zero
    var pieces: [GoodsText.Piece] = []
    switch amount {
    case .money(let value): money = value
    case .goods(let goods):
      money = goods.money ?? .zero
      pieces = goods.pieces
    case .refused(let refusal): refusals.append(refusal)
    }
    let donor = donor(data, &refusals)
    let date = date(data, &refusals)
    let method = Giving.Method(word: data.text(.method))
    if method == nil {
      refusals.append(
        data.refusal(
          .method, problem: Text("不认识的方式", "this method is not known"),
          advice: Text("写：现金、转账、微信或支付宝", "write 现金, 转账, 微信 or 支付宝")))
    }
    guard refusals.isEmpty, let donor, let date, let method else { return (nil, refusals) }
    let row = DonationRow(
      sheet: data.sheet, number: data.number, donor: donor, amount: money, goods: pieces,
      date: date, method: method, designation: data.meaning(.designation),
      receipt: data.meaning(.receipt), handler: normalizeName(data.text(.handler)).nonEmpty,
      note: data.meaning(.note))
    return (row, [])
  }

  private func donor(
    _ data: DataRow<DonationColumn>, _ refusals: inout [Refusal]
  ) -> DonorDetails? {
    let name = normalizeName(data.text(.donor))
    guard !name.isEmpty else {
      refusals.append(
        data.refusal(
          .donor, problem: Text("捐款人为空", "the donor is empty"),
          advice: Text("写姓名或单位；不愿具名的写“匿名”", "write a name, or 匿名 for a donor who stays unnamed")))
      return nil
    }
    let className = data.text(.className).filter { $0 != " " }.nonEmpty
    let unnamed = DonorDetails.unnamed.contains(name.lowercased())
    let word = data.text(.kind)
    guard let kind = word.isEmpty ? guess(name, className) : DonorKind(word: word) else {
      refusals.append(
        data.refusal(
          .kind, problem: Text("不认识的捐款人类别", "this kind of donor is not known"),
          advice: Text(
            "写：\(DonorKind.allCases.map(\.name.zh).joined(separator: "、"))",
            "write one of: \(DonorKind.allCases.map(\.name.zh).joined(separator: ", "))")))
      return nil
    }
    return DonorDetails(
      kind: kind, name: unnamed ? "匿名" : name, anonymous: unnamed,
      className: unnamed ? nil : className)
  }

  /// The kind of a donor in a sheet without that column.
  private func guess(_ name: String, _ className: String?) -> DonorKind {
    let companies = ["公司", "集团", "厂", "银行", "超市", "酒店", "商行", "企业"]
    let organisations = ["基金会", "协会", "商会", "委员会", "社团", "联合会", "工会", "慈善会"]
    if companies.contains(where: name.contains) { return .company }
    if organisations.contains(where: name.contains) { return .organisation }
    if name.hasSuffix("老师") || name.hasSuffix("教师") { return .teacher }
    let isClass = name.contains("学生") || name.hasSuffix("班") || className?.contains("班") == true
    return isClass ? .student : .individual
  }

  private func date(
    _ data: DataRow<DonationColumn>, _ refusals: inout [Refusal]
  ) -> CalendarDate? {
    let text = data.text(.date)
    if text.isEmpty {
      if let dateOfAll { return dateOfAll }
      refusals.append(
        data.refusal(
          .date, problem: Text("日期为空", "the date is empty"),
          advice: Text(
            "补上日期，或用 --date 指定整表日期", "write the date, or give one for the sheet with --date")))
      return nil
    }
    let parsed = parseChineseDate(text)
    if let parsed, parsed.mayHaveLostAZero, case .number = data.cell(.date).value {
      refusals.append(
        data.refusal(
          .date, problem: Text("可能丢了一个零（1 月还是 10 月）", "a zero may be lost (January or October)"),
          advice: Text("把该列设为文本格式后重新填写", "set the column to text and write it again")))
      return nil
    }
    guard let date = parsed.flatMap(day) else {
      refusals.append(
        data.refusal(
          .date, problem: Text("不是存在的日期", "there is no such date"),
          advice: Text("写成 2026-09-10 这样", "write it like 2026-09-10")))
      return nil
    }
    guard dates.contains(date) else {
      refusals.append(data.refusal(.date, outside: semester, dates))
      return nil
    }
    return date
  }

  /// The day: of this semester where the year is missing, the first where the day is.
  private func day(_ parsed: ParsedDate) -> CalendarDate? {
    if let date = parsed.date(within: dates) { return date }
    guard let year = parsed.year, parsed.precision == .month else { return nil }
    return CalendarDate(year: year, month: parsed.month, day: 1)
  }
}
