import Spreadsheet

/// Holds a sheet's 小计 and 合计 against the sum of its lines.
struct DonationTotals {
  private var sum = Money.zero
  private var sinceSubtotal = Money.zero
  /// Lines whose amount could not be read: a difference may come from them.
  private var unreadable = 0
  private var overflowed = false
  /// Totals found wrong: 合计 and its 大写 below are one fault.
  private var contradicted: Set<Money> = []

  mutating func add(_ amount: DonationReader.Amount) {
    switch amount {
    // A 合计 adds up money alone.
    case .goods(let goods): if let money = goods.money { add(.money(money)) }
    case .money(let money):
      if let total = try? sum + money, let part = try? sinceSubtotal + money {
        sum = total
        sinceSubtotal = part
      } else {
        overflowed = true
      }
    case .refused: unreadable += 1
    }
  }

  mutating func endSheet() {
    self = DonationTotals()
  }

  /// Compares a total row.
  /// - Returns: a refusal where it contradicts the lines, or a warning where that cannot be known.
  mutating func check(
    _ data: DataRow<DonationColumn>, isSubtotal: Bool
  ) -> (refusal: Refusal?, warning: ImportWarning?) {
    let expected = isSubtotal ? sinceSubtotal : sum
    if isSubtotal { sinceSubtotal = .zero }
    guard let stated = stated(data).first(where: { $0 != expected }),
      contradicted.insert(stated).inserted
    else { return (nil, nil) }
    let difference = Text(
      "合计写的是 \(stated)，各行相加是 \(expected)",
      "the total says \(stated), the lines add up to \(expected)")
    if unreadable > 0 || overflowed {
      let text = Text(
        "\(difference.zh)（有 \(unreadable) 行金额无法读取，无法核对）",
        "\(difference.en) (\(unreadable) amounts cannot be read, so it cannot be checked)")
      return (nil, ImportWarning(.mismatch, sheet: data.sheet, row: data.number, text))
    }
    let refusal = Refusal(
      sheet: data.sheet, row: data.number,
      column: data.layout.positions[.amount].flatMap { data.layout.titles[$0] } ?? "金额",
      cell: data.layout.positions[.amount].map { "\(columnName($0))\(data.number)" },
      value: "\(stated.plain)", problem: difference,
      advice: Text("核对各行金额与合计，改正后再导入", "check the lines and the total, correct and import again"))
    return (refusal, nil)
  }

  /// The amounts that a total row states, in figures and in words.
  private func stated(_ data: DataRow<DonationColumn>) -> [Money] {
    var amounts: [Money] = []
    for (position, cell) in data.row.cells.enumerated() where !cell.isEmpty {
      if data.row.isMergedContinuation?.contains(position) == true { continue }
      let text = normalizeText(cell.text)
      if position == data.layout.positions[.amount], let money = try? Money(parsing: text) {
        amounts.append(money)
      } else if text.contains("合计") || text.contains("大写") || text.contains("小计") {
        if let money = inWords(text) { amounts.append(money) }
      } else if let money = try? Money(parsing: text), text.contains(where: isUpperNumeral) {
        amounts.append(money)
      }
    }
    return amounts
  }

  private func inWords(_ text: String) -> Money? {
    let rest = text.split(separator: ":").last ?? text.split(separator: ")").last
    return rest.flatMap { try? Money(parsing: String($0)) }
  }

  private func isUpperNumeral(_ character: Character) -> Bool {
    "壹贰叁肆伍陆柒捌玖拾佰仟零整".contains(character)
  }
}
