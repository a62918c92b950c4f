import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let fundRoutes: [Endpoint] = funds + fundMoney

  private static let funds: [Endpoint] = [
    .list(
      "/funds", "fund.show",
      Text("一学期各基金的期初、收入、支出、期末", "A semester's opening, income, spending, closing"),
      .needs([.read])
    ) { (input: AtSchoolInSemester, call) in
      try await Funds.statements(
        try await call.semester(input.semester), school: try await call.school(input.school),
        in: call.context)
    }.cached(),
    .create(
      "/funds", "fund.open", Text("设立专项基金", "Open a restricted fund"), .needs([.manageFunds])
    ) { (input: NewFund, call) in
      Identified(
        id: try await Funds.open(
          name: input.name, kind: input.designated == true ? .designated : .other,
          purposes: input.purposes.map { Purpose(word: $0) },
          school: try await call.school(input.school), in: call.context))
    },
    .post(
      "/funds/{id}/purposes", "fund.allow",
      Text("允许基金用于一项用途", "Let a fund pay for one more purpose"), .needs([.manageFunds])
    ) { (input: AllowedPurpose, call) in
      try await Funds.allow(Purpose(word: input.purpose), fund: input.id, in: call.context)
    },
    .list("/purposes", "fund.purposes", Text("用途", "Purposes"), .needs([.read])) {
      (_: NoInput, call) in try await Funds.purposes(in: call.context)
    }.cached(),
    .post(
      "/purposes", "fund.add_purpose", Text("增加一项用途", "Add a purpose"), .needs([.manageFunds])
    ) { (input: NewPurpose, call) in
      try await Funds.addPurpose(
        code: input.code, name: Text(input.name, input.english ?? input.code), in: call.context)
    },
  ]

  private static let fundMoney: [Endpoint] = [
    .pages(
      "/funds/{id}/transfers", "fund.transfers",
      Text("一学期的每一笔收支，新的在前", "Every transfer of a semester, newest first"),
      .needs([.read])
    ) { (input: TransferPage, page, call) in
      let semester = try await call.semester(input.semester)
      return try await page.page(by: \.id) { after, limit in
        try await Funds.transfers(
          fund: input.id, semester, after: after, limit: limit, in: call.context)
      }
    },
    .create(
      "/funds/{id}/allocations", "fund.allocate", Text("登记财政拨款", "Book public money"),
      .needs([.manageFunds])
    ) { (input: Allocation, call) in
      let day = try call.day(input.date)
      return Identified(
        id: try await Funds.allocate(
          fund: input.id, amount: input.amount, on: day,
          semester: try await call.semester(input.semester, on: day), document: input.document,
          in: call.context))
    },
    .create(
      "/funds/{id}/payments", "fund.pay", Text("从基金支出", "Pay out of a fund"), .needs([.payOut])
    ) { (input: FundPayment, call) in
      let day = try call.day(input.date)
      return Identified(
        id: try await Payments.pay(
          Payments.Payment(
            fund: input.id, purpose: Purpose(word: input.purpose), amount: input.amount, date: day,
            semester: try await call.semester(input.semester, on: day), note: input.note),
          in: call.context))
    },
  ]

  struct AtSchoolInSemester: Codable, Sendable {
    let school: SchoolCode?
    let semester: Semester?
  }

  struct NewFund: Codable, Sendable {
    let name: String
    let purposes: [String]
    let designated: Bool?
    let school: SchoolCode?
  }

  struct AllowedPurpose: Codable, Sendable {
    let id: UUID
    let purpose: String
  }

  struct NewPurpose: Codable, Sendable {
    let code: String
    let name: String
    let english: String?
  }

  struct TransferPage: Paged, Sendable {
    let id: UUID
    let semester: Semester?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct Allocation: Codable, Sendable {
    let id: UUID
    let amount: Money
    let document: String
    let date: CalendarDate?
    let semester: Semester?
  }

  struct FundPayment: Codable, Sendable {
    let id: UUID
    let amount: Money
    let purpose: String
    let note: String
    let date: CalendarDate?
    let semester: Semester?
  }
}
