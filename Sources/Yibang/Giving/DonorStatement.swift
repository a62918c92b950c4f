package import Foundation
package import SchoolCalendar

/// What a donor gave, by date, each amount with the transfers that make it.
package struct DonorStatement: Sendable, Codable {
  /// What was taken back of a line, or given again.
  package struct Adjustment: Sendable, Codable {
    /// `reversal`, `refund` or `reinstatement`.
    package let kind: Ledger.Kind
    package let date: CalendarDate
    /// Less than nothing where it was taken back.
    package let amount: Money
    package let transfer: UUID
    /// Taken to another line: another pupil's, another school's, or the general fund's.
    package let isMoved: Bool

    enum CodingKeys: String, CodingKey {
      case kind, date, amount, transfer
      case isMoved = "moved"
    }
  }

  /// A gift, or what the donor paid of an instalment: of an own pupil, or in a sponsor's place. What
  /// somebody else paid of an own pupil's stands in that one's statement.
  package struct Line: Sendable, Codable {
    package enum Kind: String, CaseIterable, Sendable, Codable {
      case gift, instalment
      case paidForAnother = "paid_for_another"

      package var name: Text {
        switch self {
        case .gift: Text("捐款", "gift")
        case .instalment: Text("资助款", "instalment")
        case .paidForAnother: Text("代付资助款", "instalment paid for another")
        }
      }
    }

    /// The donation or receipt: what the next page begins after.
    package let id: UUID
    package let kind: Kind
    package let date: CalendarDate
    package let amount: Money
    /// What is left of it after all adjustments.
    package let net: Money
    package let transfer: UUID
    package let fund: String
    package let school: String?
    package let method: Giving.Method
    package let designation: String?
    package let receiptNumber: String?
    package let note: String?
    /// Of an instalment of the own pupil: its name, masked; nil once the consent to the pairing was
    /// withdrawn.
    package let pupil: String?
    /// Of an instalment: what it is for.
    package let semester: Semester?
    /// Taken over from another line: no gift of its own.
    package let isMoved: Bool
    package let adjustments: [Adjustment]

    enum CodingKeys: String, CodingKey {
      case id, kind, date, amount, net, transfer, fund, school, method, designation
      case receiptNumber = "receipt_number"
      case note, pupil, semester
      case isMoved = "moved"
      case adjustments
    }
  }

  /// Of all lines in the period, not of the page alone. Equal to the ledger. Each gift counts once, on
  /// the day on which it came, wherever it went since.
  package struct Totals: Sendable, Codable, Equatable {
    package let gifts: Int
    package let given: Money
    package let receipts: Int
    package let received: Money
    /// Of both, after the reversals, refunds and reinstatements until now.
    package let takenBack: Money
    /// What came from lines outside the period, less what went to such; nothing for all time.
    package let moved: Money
    package let net: Money
    /// Of the own pupils' instalments, what somebody else paid and is no gift of this donor.
    package let paidByOthers: Money

    enum CodingKeys: String, CodingKey {
      case gifts, given, receipts, received
      case takenBack = "taken_back"
      case moved, net
      case paidByOthers = "paid_by_others"
    }
  }

  package let donor: UUID
  /// “匿名” for an unnamed donor, except to who may read identities.
  package let name: String
  package let kind: DonorKind
  /// The newest first.
  package let lines: [Line]
  /// The last line, if there are more.
  package let next: UUID?
  /// Nil unless asked for: they cost as much as there are gifts, the lines only what is shown.
  package let totals: Totals?
}

extension DonorStatement {
  /// One movement of the statement: a line, or an adjustment of one, with its own day and transfer.
  package struct Entry: Sendable {
    package let date: CalendarDate
    package let name: Text
    package let amount: Money
    package let transfer: UUID
    package let line: Line
    package let isAdjustment: Bool
  }

  /// Each line, followed by its adjustments.
  package var entries: [Entry] {
    lines.flatMap { line in
      [
        Entry(
          date: line.date, name: line.isMoved ? Text("转入", "moved in") : line.kind.name,
          amount: line.amount, transfer: line.transfer,
          line: line, isAdjustment: false)
      ]
        + line.adjustments.map {
          Entry(
            date: $0.date, name: $0.isMoved ? Text("转出", "moved out") : $0.kind.name,
            amount: $0.amount, transfer: $0.transfer, line: line, isAdjustment: true)
        }
    }
  }
}
