import Spreadsheet

/// What the lines of a 帮扶意向表 come to a semester, so that its 合计 can be checked.
struct OfferTotals {
  private var sum = Money.zero
  private var places = 0
  /// A line whose amount or places cannot be read leaves nothing to compare.
  private var isKnown = true

  mutating func add(_ amount: Money?, places: Int?) {
    guard let amount, let places, let added = try? sum + (try amount * Int64(places)) else {
      isKnown = false
      return
    }
    sum = added
    self.places += places
  }

  /// - Returns: why the total row is refused; nothing if it fits.
  func check(_ data: DataRow<OfferColumn>) -> [Refusal] {
    guard isKnown else { return [] }
    var refusals: [Refusal] = []
    if let stated = try? Money(parsing: data.text(.amount)), stated != sum {
      refusals.append(
        data.refusal(
          .amount,
          problem: Text("合计与各行金额乘以名额之和 \(sum) 不符", "the amounts times places add up to \(sum)"),
          advice: Text("核对各行金额、名额与合计", "check the amounts, the places and the total")))
    }
    if let stated = Int(data.text(.places)), stated != places {
      refusals.append(
        data.refusal(
          .places, problem: Text("合计与各行名额之和 \(places) 不符", "the places add up to \(places)"),
          advice: Text("核对各行名额与合计", "check the places and the total")))
    }
    return refusals
  }
}
