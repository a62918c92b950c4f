package import Foundation
package import Postgres
package import SchoolCalendar

/// Accounts and transfers: the only place that moves money. A transfer moves one amount between two
/// accounts of one fund; corrections are reversing transfers; nothing is updated or deleted.
package enum Ledger {
  package enum Kind: String, Sendable {
    case donation, instalment, payment, reversal
  }

  /// One movement of a posting.
  package struct Movement: Sendable {
    package let transfer: UUID
    package let from: UUID
    package let to: UUID
    package let amount: Money
    package let date: CalendarDate
    /// The donation, instalment receipt or payment that it stands for.
    package let source: UUID

    package init(
      transfer: UUID = UUID.v7(), from: UUID, to: UUID, amount: Money, date: CalendarDate,
      source: UUID
    ) {
      self.transfer = transfer
      self.from = from
      self.to = to
      self.amount = amount
      self.date = date
      self.source = source
    }
  }

  private static let account: SQL = "select ledger_account($1, $2, $3)"

  // ids, debits, credits, amounts, semester, kind, purpose, dates, sources, reverses, note, actor
  private static let post: SQL = """
    select ledger_post(
      $1, $2, $3, $4, $5::int, $6, $7::text, $8, $9, $10::uuid, $11::text, $12)
    """

  /// The account of a fund that money of this kind comes from (a kind of donor) or goes to (a
  /// purpose), or the fund's balance; opened at its first use.
  package static func account(
    _ session: borrowing Session, fund: UUID, _ kind: AccountKind
  ) throws -> UUID {
    guard let row = try session.query(account, fund, kind.kind, kind.label).first else {
      throw FundError.unknownFund(fund.uuidString)
    }
    return try row.get(0)
  }

  package enum AccountKind: Sendable {
    case balance
    case source(DonorKind)
    case use(Purpose)

    var kind: String {
      switch self {
      case .balance: "balance"
      case .source: "source"
      case .use: "use"
      }
    }

    var label: String {
      switch self {
      case .balance: ""
      case .source(let donor): donor.rawValue
      case .use(let purpose): purpose.rawValue
      }
    }
  }

  /// Posts movements of one kind to one semester, all or none, in the caller's transaction.
  /// - Throws: `FundError` where the database refuses: amount, semester, date, balance, purpose.
  package static func post(
    _ session: borrowing Session, _ movements: [Movement], kind: Kind, semester: Semester,
    purpose: Purpose? = nil, reverses: UUID? = nil, note: String? = nil, actor: Actor
  ) throws {
    let statement = Bound(
      post, movements.map(\.transfer), movements.map(\.from), movements.map(\.to),
      movements.map(\.amount.fen), semester.ordinal, kind.rawValue, purpose?.rawValue,
      movements.map(\.date), movements.map(\.source), reverses, note, actor.userID)
    do {
      _ = try session.batch([statement])
    } catch {
      throw refusal(error, purpose: purpose)
    }
  }

  /// What the database's refusal of a transfer means.
  package static func refusal(_ error: PostgresError, purpose: Purpose? = nil) -> any Error {
    let constraint: String?
    switch error {
    case .check(let detail), .foreignKey(let detail), .unique(let detail):
      constraint = detail.constraint
    default: constraint = nil
    }
    switch constraint {
    case "transfer_semester_open": return FundError.semesterClosed
    case "transfer_date_in_semester": return FundError.dateOutsideSemester
    case "fund_not_below_zero": return FundError.insufficient
    case "transfer_purpose_allowed": return FundError.purposeNotAllowed(purpose)
    case "transfer_reversed_once": return FundError.reversedBefore
    default: return error
    }
  }
}
