package import Foundation
package import Postgres
package import SchoolCalendar

/// Accounts and transfers: the only place that moves money. A transfer moves one amount between two
/// accounts of one fund; corrections are reversing transfers; nothing is updated or deleted.
package enum Ledger {
  package enum Kind: String, Sendable, CaseIterable, Codable {
    case donation, instalment, payment
    /// Public money that a fund is given.
    case allocation
    /// It was wrong: as if it had not been.
    case reversal
    /// Went back to the donor.
    case refund
    /// Clawed back from the payee.
    case recovery
    /// Takes a reversal, refund or recovery back, in part or whole.
    case reinstatement
    /// A gift goes on in another fund with its donor's consent.
    case changeOfUse = "change_of_use"
    /// A general fund bridges what a sponsor has not paid, a transfer in each fund.
    case cover
    case coverRepayment = "cover_repayment"

    package var name: Text {
      switch self {
      case .donation: Text("捐款", "donation")
      case .instalment: Text("资助款", "instalment")
      case .payment: Text("支出", "payment")
      case .allocation: Text("财政拨款", "public money")
      case .reversal: Text("冲正", "reversal")
      case .refund: Text("退款", "refund")
      case .recovery: Text("追回", "recovery")
      case .reinstatement: Text("恢复", "reinstatement")
      case .changeOfUse: Text("改变用途", "change of use")
      case .cover: Text("兜底", "cover")
      case .coverRepayment: Text("归还兜底", "cover repaid")
      }
    }
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

  private static let hold: SQL = "select ledger_hold($1, $2::int, $3::bigint)"
  private static let account: SQL = "select ledger_account($1, $2, $3)"
  private static let lock: SQL = "select ledger_lock($1)"
  private static let lockPairings: SQL = "select pairing_ledger_lock($1, $2)"

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
    do {
      return try session.query(account, fund, kind.kind, kind.label)[0].get(0)
    } catch PostgresError.server(let detail) where detail.sqlstate == "P0002" {
      throw FundError.unknownFund(fund.lowercase)
    }
  }

  package enum AccountKind: Sendable {
    case balance
    case source(DonorKind)
    /// Where public money comes from.
    case treasury
    case use(Purpose)

    var kind: String {
      switch self {
      case .balance: "balance"
      case .source, .treasury: "source"
      case .use: "use"
      }
    }

    var label: String {
      switch self {
      case .balance: ""
      case .source(let donor): donor.rawValue
      case .treasury: "treasury"
      case .use(let purpose): purpose.rawValue
      }
    }
  }

  /// Locks the accounts of funds in the order in which every posting locks them. A transaction that
  /// posts in several funds calls this before the first, so that two of them never deadlock.
  static func lock(_ funds: [UUID], _ session: borrowing Session) throws {
    _ = try session.query(lock, funds)
  }

  /// Holds the payouts of the pupils of pairings, and locks the funds that money of these pairings
  /// came into or was covered from and into, together with `funds`.
  static func lock(
    moneyOf pairings: [UUID], and funds: [UUID], _ session: borrowing Session
  ) throws {
    _ = try session.query(lockPairings, pairings, funds)
  }

  /// The statement that posts movements, for callers that send it in a pipeline of their own.
  package static func statement(
    _ movements: [Movement], kind: Kind, semester: Semester, purpose: Purpose? = nil,
    reverses: UUID? = nil, note: String? = nil, actor: Actor
  ) -> Bound {
    Bound(
      post, movements.map(\.transfer), movements.map(\.from), movements.map(\.to),
      movements.map(\.amount.fen), semester.ordinal, kind.rawValue, purpose?.rawValue,
      movements.map(\.date), movements.map(\.source), reverses, note, actor.userID)
  }

  /// Posts movements of one kind to one semester, all or none, in the caller's transaction.
  /// - Throws: `FundError` where the database refuses: amount, semester, date, balance, purpose.
  package static func post(
    _ session: borrowing Session, _ movements: [Movement], kind: Kind, semester: Semester,
    purpose: Purpose? = nil, reverses: UUID? = nil, note: String? = nil, actor: Actor
  ) throws {
    let statement = statement(
      movements, kind: kind, semester: semester, purpose: purpose, reverses: reverses, note: note,
      actor: actor)
    do {
      _ = try session.batch([statement])
    } catch {
      throw refusal(error, purpose: purpose)
    }
  }

  /// Sets money of a fund aside for what was approved, or releases it where `amount` is negative, in
  /// the caller's transaction. What is held can be neither spent nor taken back otherwise.
  /// - Throws: `FundError.insufficient`, `.overBudget`, `.semesterClosed`, `.notHeld`.
  package static func hold(
    _ session: borrowing Session, fund: UUID, semester: Semester, amount: Money
  ) throws {
    let statement = Bound(hold, fund, semester.ordinal, amount.fen)
    do {
      _ = try session.batch([statement])
    } catch {
      throw refusal(error)
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
    case "transfer_purpose_allowed", "transfer_cover", "payment_batch_cover":
      return FundError.purposeNotAllowed(purpose)
    case "reversal_within": return FundError.moreThanLeft
    case "transfer_reverses_original": return FundError.notReversible
    case "transfer_reverses_later": return FundError.beforeOriginal
    case "budget_not_exceeded": return FundError.overBudget
    case "account_held", "budget_committed": return FundError.notHeld
    case "fund_purpose_restricted", "change_of_use_restricted": return FundError.restrictedFund
    case "transfer_amount_positive": return FundError.amountNotPositive
    default: return error
    }
  }
}
