import Foundation
import SchoolCalendar
import Spreadsheet

/// A line of a 一帮一结对台账: a pairing that was running before it came here.
struct PairingRow {
  let pupil: NamedPupil<PairingColumn>
  let sponsor: SponsorDetails
  let amount: Money
  let first: Semester
  /// Of each of the six instalments.
  let received: [Money]
  /// How many of them the child has had.
  let given: Int
  let note: String?

  /// Came in, and went to the child, before these books began.
  var carried: [Money] { received.enumerated().map { $0 < given ? $1 : .zero } }
  /// Came in, and is still there.
  var held: [Money] { received.enumerated().map { $0 < given ? .zero : $1 } }
}

/// Reads the lines of a 一帮一结对台账.
struct PairingReader {
  /// The semester that the books begin with.
  let semester: Semester

  private static let sponsor = SponsorColumns<PairingColumn>(
    sponsor: .sponsor, kind: .kind, identity: .sponsorIdentity, phone: .sponsorPhone,
    employer: .employer, anonymous: .anonymous)

  /// - Returns: the pairing, or the reasons why the line is refused.
  func read(_ data: DataRow<PairingColumn>) -> (pairing: PairingRow?, refusals: [Refusal]) {
    var refusals: [Refusal] = []
    let pupil = pupil(data, &refusals)
    let sponsor = data.sponsor(Self.sponsor, &refusals)
    let amount = money(data, .amount, &refusals)
    let first = first(data, &refusals)
    guard refusals.isEmpty, let pupil, let sponsor, let amount, amount > .zero, let first else {
      if refusals.isEmpty {
        refusals.append(
          data.refusal(
            .amount, problem: Text("金额必须大于零", "an amount is more than zero"),
            advice: Text("写每学期的金额", "write the amount a semester")))
      }
      return (nil, refusals)
    }
    let received = received(data, amount, &refusals)
    let given = given(data, from: first, &refusals)
    guard refusals.isEmpty, let received, let given else { return (nil, refusals) }
    let row = PairingRow(
      pupil: pupil, sponsor: sponsor, amount: amount, first: first, received: received,
      given: given, note: data.meaning(.note))
    return (row, [])
  }

  private func pupil(
    _ data: DataRow<PairingColumn>, _ refusals: inout [Refusal]
  ) -> NamedPupil<PairingColumn>? {
    let name = normalizeName(data.text(.pupil))
    if name.isEmpty {
      refusals.append(
        data.refusal(
          .pupil, problem: Text("姓名为空", "the name is empty"),
          advice: Text("写学生姓名，或删除这一行", "write the pupil's name, or delete the row")))
    }
    let code = data.identifier(.studentCode, StudentCode.self, &refusals)
    let resident = data.identifier(.residentID, ResidentID.self, &refusals)
    return NamedPupil(
      data: data, column: .pupil, name: name, grade: data.meaning(.grade),
      className: data.meaning(.className)?.filter { $0 != " " },
      residentID: resident ?? code?.residentID, studentCode: code)
  }

  private func money(
    _ data: DataRow<PairingColumn>, _ column: PairingColumn, _ refusals: inout [Refusal]
  ) -> Money? {
    do {
      return try Money(parsing: data.text(column))
    } catch {
      refusals.append(data.refusal(column, error))
      return nil
    }
  }

  private func first(
    _ data: DataRow<PairingColumn>, _ refusals: inout [Refusal]
  ) -> Semester? {
    guard let first = try? Semester(parsing: data.text(.first)) else {
      refusals.append(
        data.refusal(
          .first, problem: Text("不是学期", "this is no semester"),
          advice: Text("写成 2025-2026-1", "write it as 2025-2026-1")))
      return nil
    }
    if first > semester {
      refusals.append(
        data.refusal(
          .first, problem: Text("尚未开始", "it has not begun"),
          advice: Text(
            "新的结对请登记意向并提出方案", "record an offer, and propose it, for a new pairing")))
    } else if first.advanced(by: InstalmentPlan.semesters - 1) < semester {
      refusals.append(
        data.refusal(
          .first, problem: Text("三年已满", "its three years are over"),
          advice: Text("期满的结对不必导入", "a completed pairing is not imported")))
    }
    return first
  }

  private func received(
    _ data: DataRow<PairingColumn>, _ amount: Money, _ refusals: inout [Refusal]
  ) -> [Money]? {
    guard let count = count(data, .received, &refusals) else { return nil }
    var all: [Money] = []
    for (index, column) in PairingColumn.parts.enumerated() {
      guard data.meaning(column) != nil else {
        all.append(index < count ? amount : .zero)
        continue
      }
      guard let money = money(data, column, &refusals) else { return nil }
      if money < .zero || money > amount {
        refusals.append(
          data.refusal(
            column, problem: Text("多于每学期金额", "more than the amount a semester"),
            advice: Text("多出的写在下一期", "write the rest under the next instalment")))
      }
      all.append(money)
    }
    return all
  }

  /// All before the semester, where nothing is written.
  private func given(
    _ data: DataRow<PairingColumn>, from first: Semester, _ refusals: inout [Refusal]
  ) -> Int? {
    let past = semester.ordinal - first.ordinal
    guard data.meaning(.given) != nil else { return past }
    guard let count = count(data, .given, &refusals) else { return nil }
    if count > past + 1 {
      refusals.append(
        data.refusal(
          .given, problem: Text("多于已开始的学期", "more than the semesters that have begun"),
          advice: Text("写已发给学生的期数", "write how many the child has had")))
    }
    return count
  }

  private func count(
    _ data: DataRow<PairingColumn>, _ column: PairingColumn, _ refusals: inout [Refusal]
  ) -> Int? {
    guard var text = data.meaning(column) else { return 0 }
    while let last = text.last, "期次 ".contains(last) { text.removeLast() }
    if let count = Int(text), (0...InstalmentPlan.semesters).contains(count) { return count }
    refusals.append(
      data.refusal(
        column, problem: Text("不是 0 到 6 的整数", "this is no number from 0 to 6"),
        advice: Text("写期数，或分别写在第1期至第6期", "write how many, or each under its own column")))
    return nil
  }
}
