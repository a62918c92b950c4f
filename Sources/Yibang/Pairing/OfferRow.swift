import Foundation
import SchoolCalendar
import Spreadsheet

/// Reads the lines of a 帮扶意向表.
struct OfferReader {
  let semester: Semester
  let schools: [Schools.School]

  private static let sponsor = SponsorColumns<OfferColumn>(
    sponsor: .sponsor, kind: .kind, identity: .identity, residentID: .residentID,
    creditCode: .creditCode, phone: .phone, employer: .employer, anonymous: .anonymous)

  /// - Returns: the offer, or the reasons why the line is refused.
  func read(_ data: DataRow<OfferColumn>) -> (offer: Offers.NewOffer?, refusals: [Refusal]) {
    var refusals: [Refusal] = []
    let sponsor = data.sponsor(Self.sponsor, &refusals)
    let amount = amount(data, &refusals)
    let places = places(data, &refusals)
    let wish = wish(data, &refusals)
    let named = data.identifier(.named, StudentCode.self, &refusals)
    guard refusals.isEmpty, let sponsor, let amount, let places else { return (nil, refusals) }
    let offer = Offers.NewOffer(
      sponsor: sponsor, firstSemester: semester, amount: amount, places: places, wish: wish,
      named: named, note: data.meaning(.note))
    return (offer, [])
  }

  /// Counts a line for the total, whatever else is wrong with it.
  func add(_ data: DataRow<OfferColumn>, to totals: inout OfferTotals) {
    var refusals: [Refusal] = []
    totals.add(amount(data, &refusals), places: places(data, &refusals))
  }

  func amount(_ data: DataRow<OfferColumn>, _ refusals: inout [Refusal]) -> Money? {
    do {
      let money = try Money(parsing: data.text(.amount))
      if money.fen > 0 { return money }
      refusals.append(
        data.refusal(
          .amount, problem: Text("金额必须大于零", "an amount is more than zero"),
          advice: Text("写每名学生每学期的金额", "write the amount for each pupil and semester")))
    } catch {
      refusals.append(data.refusal(.amount, error))
    }
    return nil
  }

  func places(_ data: DataRow<OfferColumn>, _ refusals: inout [Refusal]) -> Int? {
    var text = data.text(.places)
    if text.isEmpty { return 1 }
    while let last = text.last, "人名个位 ".contains(last) { text.removeLast() }
    if let places = Int(text), (1...1000).contains(places) { return places }
    refusals.append(
      data.refusal(
        .places, problem: Text("名额不是 1 到 1000 的整数", "the places are no number from 1 to 1000"),
        advice: Text("写能帮扶几名学生", "write how many pupils the sponsor takes on")))
    return nil
  }
}
