package import Foundation
import Postgres
package import SchoolCalendar

/// An instalment of a commitment: the sponsor's money for one semester.
package struct Instalment: Sendable, Codable {
  /// On the day it is looked at. What is promised is not received.
  package enum State: String, Sendable, CaseIterable, Codable {
    case due
    case overdue
    case partlyReceived = "partly_received"
    case received
    /// Let go: the sponsor's finances, say.
    case excused
    /// The pairing has ended: what did not come in is awaited no more.
    case noLongerDue = "no_longer_due"

    package var name: Text {
      switch self {
      case .due: Text("待收", "due")
      case .overdue: Text("逾期", "overdue")
      case .partlyReceived: Text("部分到账", "partly received")
      case .received: Text("已到账", "received")
      case .excused: Text("已豁免", "excused")
      case .noLongerDue: Text("不再收取", "no longer due")
      }
    }
  }

  package let id: UUID
  package let pairing: UUID
  /// 1 to 6.
  package let number: Int
  package let semester: Semester
  package let dueOn: CalendarDate
  package let amount: Money
  /// With what came in, and went to the child, before these books began.
  package let received: Money
  package let excused: Money
  /// Nothing once the pairing has ended.
  package let outstanding: Money
  package let state: State

  enum CodingKeys: String, CodingKey {
    case id, pairing, number, semester
    case dueOn = "due_on"
    case amount, received, excused, outstanding, state
  }

  /// Overdue from the day after it was due, also where a part came in.
  static func state(
    amount: Money, received: Money, dueOn: CalendarDate, today: CalendarDate,
    excused: Money = .zero, hasEnded: Bool = false
  ) -> State {
    if received >= amount { return .received }
    if hasEnded { return .noLongerDue }
    if received.fen + excused.fen >= amount.fen { return .excused }
    if today > dueOn { return .overdue }
    return received > .zero ? .partlyReceived : .due
  }

  /// From the columns id, pairing, number, semester, due date, amount, received, whether the pairing
  /// has ended, excused, carried.
  init(_ row: Row, today: CalendarDate) throws {
    id = try row.get(0)
    pairing = try row.get(1)
    number = try row.get(2)
    semester = try row.semester(3)
    dueOn = try row.get(4)
    amount = Money(fen: try row.get(5))
    received = Money(fen: try row.get(6) + row.get(9))
    let hasEnded: Bool = try row.get(7)
    excused = Money(fen: try row.get(8))
    outstanding = hasEnded ? .zero : try amount - received - excused
    state = Instalment.state(
      amount: amount, received: received, dueOn: dueOn, today: today,
      excused: excused, hasEnded: hasEnded)
  }
}
