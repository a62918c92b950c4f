import Foundation
import SchoolCalendar
import Spreadsheet

/// Reads the lines of a 帮扶意向表.
struct OfferReader {
  let semester: Semester
  let schools: [Schools.School]

  /// - Returns: the offer, or the reasons why the line is refused.
  func read(_ data: DataRow<OfferColumn>) -> (offer: Offers.NewOffer?, refusals: [Refusal]) {
    var refusals: [Refusal] = []
    let sponsor = sponsor(data, &refusals)
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

  private func sponsor(
    _ data: DataRow<OfferColumn>, _ refusals: inout [Refusal]
  ) -> SponsorDetails? {
    let name = normalizeName(data.text(.sponsor))
    if name.isEmpty || DonorDetails.unnamed.contains(name.lowercased()) {
      refusals.append(
        data.refusal(
          .sponsor, problem: Text("没有写明帮扶人", "the sponsor is not named"),
          advice: Text(
            "写姓名或单位；不愿公开的在“是否匿名”写“是”",
            "write the name; a sponsor who stays unnamed in public has 是 under 是否匿名")))
      return nil
    }
    let word = data.text(.kind)
    let kind = word.isEmpty ? DonorKind.individual : DonorKind(word: word)
    if kind == nil {
      refusals.append(
        data.refusal(
          .kind, problem: Text("不认识的帮扶人类别", "this kind of sponsor is not known"),
          advice: Text(
            "写：\(DonorKind.allCases.map(\.name.zh).joined(separator: "、"))",
            "write one of: \(DonorKind.allCases.map(\.name.zh).joined(separator: ", "))")))
    }
    var details = SponsorDetails(
      kind: kind ?? .individual, name: name, anonymous: isAnonymous(data, &refusals),
      employer: data.meaning(.employer))
    readIdentity(data, &details, &refusals)
    details.mobile = data.identifier(.phone, Mobile.self, &refusals)
    return details
  }

  private func readIdentity(
    _ data: DataRow<OfferColumn>, _ details: inout SponsorDetails, _ refusals: inout [Refusal]
  ) {
    let isLegalPerson = details.kind == .company || details.kind == .organisation
    if isLegalPerson {
      details.creditCode =
        data.identifier(.creditCode, CreditCode.self, &refusals)
        ?? data.identifier(.identity, CreditCode.self, &refusals)
    } else {
      details.residentID =
        data.identifier(.residentID, ResidentID.self, &refusals)
        ?? data.identifier(.identity, ResidentID.self, &refusals)
    }
  }

  private func isAnonymous(
    _ data: DataRow<OfferColumn>, _ refusals: inout [Refusal]
  ) -> Bool {
    switch data.text(.anonymous) {
    case "是", "匿名", "√", "要": return true
    case "", "否", "不匿名", "×", "不", "公开", "无", "/": return false
    default:
      refusals.append(
        data.refusal(
          .anonymous, problem: Text("不是“是”或“否”", "this is neither 是 nor 否"),
          advice: Text("写“是”或“否”", "write 是 or 否")))
      return false
    }
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
