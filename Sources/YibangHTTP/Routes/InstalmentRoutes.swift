import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let instalmentRoutes: [Endpoint] = [
    .pages(
      "/instalments", "instalment.list",
      Text("一学期应收的资助款", "The instalments of a semester"), .needs([.read])
    ) { (input: InstalmentPage, page, call) in
      try await Instalments.page(
        page, call.semester(input.semester), school: call.school(input.school),
        state: input.state, today: call.today, in: call.context)
    },
    .create(
      "/instalments/{id}/receive", "instalment.receive",
      Text("登记到账的资助款，可分次", "Book money that came in for an instalment"),
      .needs([.recordDonations])
    ) { (input: InstalmentMoney, call) in
      let received = try await Instalments.receive(
        .id(input.id), amount: input.amount, on: call.day(input.date),
        method: input.method ?? .unknown, payer: input.payer, in: call.context)
      return Identified(id: received.receipt)
    },
    .create(
      "/pairings/{id}/instalments/{number}/receive", "instalment.receive_number",
      Text("登记一对的某一期到账", "Book money for an instalment of a pairing, by its number"),
      .needs([.recordDonations])
    ) { (input: NumberedMoney, call) in
      let received = try await Instalments.receive(
        .number(input.number, ofPairing: input.id), amount: input.amount,
        on: call.day(input.date), method: input.method ?? .unknown, payer: input.payer,
        in: call.context)
      return Identified(id: received.receipt)
    },
    .create(
      "/pairings/{id}/payments", "instalment.pay",
      Text("登记一笔资助款，先补前期再计后期", "Book a payment to the oldest open instalments and on"),
      .needs([.recordDonations])
    ) { (input: SponsorPayment, call) in
      try await Instalments.pay(
        pairing: input.id, amount: input.amount, on: call.day(input.date),
        method: input.method ?? .unknown, payer: input.payer,
        surplusConsent: input.surplusConsent, in: call.context)
    },
    .list(
      "/instalments/{id}/receipts", "instalment.receipts",
      Text("一期资助款的各次收款", "What came in for an instalment"), .needs([.read])
    ) { (input: Identified, call) in
      try await Instalments.receipts(of: input.id, in: call.context)
    },
    .post(
      "/instalment-receipts/{id}/reverse", "instalment.reverse",
      Text("冲正或退还收到的资助款，可部分", "Take back what came in, in part or whole"),
      .needs([.recordDonations])
    ) { (input: ReceiptReversal, call) in
      let day = try call.day(input.date)
      let transfer = try await Instalments.reverse(
        receipt: input.id, amount: input.amount,
        as: input.refund == true ? .refund : .reversal, on: day,
        semester: call.semester(input.semester, on: day), reason: input.reason, in: call.context)
      return ReceiptReversed(transfer: transfer)
    },
    .post(
      "/instalments/{id}/excuse", "instalment.excuse",
      Text("豁免一期未到账的部分", "Excuse what is open of an instalment"), .needs([.match])
    ) { (input: InstalmentExcuse, call) in
      InstalmentExcused(
        excused: try await Commitments.excuse(
          instalment: input.id, reason: input.reason, on: call.day(input.date),
          in: call.context))
    },
  ]

  struct InstalmentPage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let state: Instalment.State?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct InstalmentMoney: Codable, Sendable {
    let id: UUID
    let amount: Money
    let date: CalendarDate?
    let method: Giving.Method?
    /// Who paid, where it was not the sponsor.
    let payer: UUID?
  }

  struct NumberedMoney: Codable, Sendable {
    let id: UUID
    /// 1 to 6.
    let number: Int
    let amount: Money
    let date: CalendarDate?
    let method: Giving.Method?
    let payer: UUID?
  }

  struct SponsorPayment: Codable, Sendable {
    let id: UUID
    let amount: Money
    let date: CalendarDate?
    let method: Giving.Method?
    let payer: UUID?
    /// The document by which what is beyond all six is a gift.
    let surplusConsent: String?
  }

  struct ReceiptReversal: Codable, Sendable {
    let id: UUID
    let reason: String
    /// All that is left where none is given.
    let amount: Money?
    /// Whether the money went back to the sponsor.
    let refund: Bool?
    let date: CalendarDate?
    let semester: Semester?
  }

  struct ReceiptReversed: Codable, Sendable {
    let transfer: UUID
  }

  struct InstalmentExcuse: Codable, Sendable {
    let id: UUID
    let reason: String
    let date: CalendarDate?
  }

  struct InstalmentExcused: Codable, Sendable {
    let excused: Money
  }
}
