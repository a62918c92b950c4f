/// Holds the running balance of a statement against its lines: what stood before, and what came in
/// or went out, make what stands after. A break means that a line is missing, or was altered.
struct BankBalance {
  private struct Place {
    let row: Int
    let amount: Money
    let balance: Money
  }

  private var places: [Place] = []
  private var opening: Money?
  /// Places before which a line could not be read.
  private var afterGap: Set<Int> = []

  mutating func open(_ balance: Money) {
    if places.isEmpty { opening = balance }
  }

  mutating func add(_ line: BankRow) {
    guard let balance = line.balance else { return addGap() }
    places.append(Place(row: line.number, amount: line.amount, balance: balance))
  }

  mutating func addGap() {
    afterGap.insert(places.count)
  }

  /// More breaks than this share, and the lines are in no order of time.
  private static let orderless = 3

  /// The rows at which the balance does not follow, for statements that begin with the oldest line
  /// or with the newest; and begins anew for the next sheet.
  mutating func endSheet(_ sheet: String) -> [ImportWarning] {
    defer { self = BankBalance() }
    let forward = breaks(isForward: true)
    let backward = breaks(isForward: false)
    let breaks = backward.count < forward.count ? backward : forward
    if places.count >= 6, breaks.count * Self.orderless > places.count {
      return [
        ImportWarning(
          .mismatch, sheet: sheet, row: places[0].row,
          Text(
            "余额与发生额对不上（\(breaks.count) 处），各行可能不按时间排列，无法核对余额",
            "the balance does not follow the amounts at \(breaks.count) places: the lines may not be in "
              + "order of time, so it cannot be checked"))
      ]
    }
    return breaks.map { index, expected in
      ImportWarning(
        .mismatch, sheet: sheet, row: places[index].row,
        Text(
          "余额不连续：应为 \(expected)，表中是 \(places[index].balance)；可能缺行或被改动",
          "the balance does not follow: \(expected) expected, the sheet says "
            + "\(places[index].balance); a line may be missing or altered"))
    }
  }

  private func breaks(isForward: Bool) -> [(index: Int, expected: Money)] {
    var breaks: [(index: Int, expected: Money)] = []
    if isForward, let opening, let first = places.first, !afterGap.contains(0),
      let expected = try? opening + first.amount, expected != first.balance
    {
      breaks.append((0, expected))
    }
    for index in places.indices.dropFirst() where !afterGap.contains(index) {
      let (above, here) = (places[index - 1], places[index])
      let expected =
        isForward ? try? above.balance + here.amount : try? above.balance - above.amount
      if let expected, expected != here.balance { breaks.append((index, expected)) }
    }
    return breaks
  }
}
