import Foundation
import Postgres
package import SchoolCalendar

package enum PaymentError: YibangError {
  case aboveDirectLimit(Money)
  case unknownBatch
  case unknownLine
  case state(PaymentState)
  case onlyMaker
  case makerApproves
  case approvedBefore
  case notBegun
  /// The day of the approval, where it is known.
  case beforeApproval(CalendarDate?)
  case empty
  case noPayee
  case alreadyPaid(Int?)
  case notRecognised
  case otherSchool
  case otherPlace
  case nothingFailed
  case superseded
  case noDifference
  case unsettled
  case noteMissing
  case noteIdentifies(IdentityTrace)
  case tooMuchReceived
  case otherSheet(code: String)

  package var code: String {
    switch self {
    case .aboveDirectLimit: "payment.above_direct_limit"
    case .unknownBatch: "payment.unknown_batch"
    case .unknownLine: "payment.unknown_line"
    case .state: "payment.state"
    case .onlyMaker: "payment.only_maker"
    case .makerApproves: "payment.maker_approves"
    case .approvedBefore: "payment.approved_before"
    case .notBegun: "payment.not_begun"
    case .beforeApproval: "payment.before_approval"
    case .empty: "payment.empty"
    case .noPayee: "payment.no_payee"
    case .alreadyPaid: "payment.already_paid"
    case .notRecognised: "payment.not_recognised"
    case .otherSchool: "payment.other_school"
    case .otherPlace: "payment.other_place"
    case .nothingFailed: "payment.nothing_failed"
    case .superseded: "payment.superseded"
    case .noDifference: "payment.no_difference"
    case .unsettled: "payment.unsettled"
    case .noteMissing: "payment.note_missing"
    case .noteIdentifies: "payment.note_identifies"
    case .tooMuchReceived: "payment.too_much_received"
    case .otherSheet: "payment.other_sheet"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownBatch, .unknownLine: .notFound
    case .onlyMaker, .makerApproves, .otherPlace: .forbidden
    case .noteMissing: .usage
    case .empty, .noPayee, .noteIdentifies, .tooMuchReceived, .otherSheet, .beforeApproval: .badData
    default: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .aboveDirectLimit(let limit):
      Text(
        "一人直接支出不得超过 \(limit)。更大的支出请编制发放批次并由第二人审批（payment batch）。",
        "One person alone pays out at most \(limit). Above it, make a batch that a second person "
          + "approves (payment batch).")
    case .unknownBatch:
      Text("没有这个批次。可用 yibang payment list 查看。", "There is no such batch. See yibang payment list.")
    case .unknownLine:
      Text(
        "批次中没有这一行。可用 yibang payment show --lines 查看。",
        "The batch has no such line. See yibang payment show --lines.")
    case .state(let state):
      Text(
        "批次现为“\(state.name.zh)”，不能这样办理。", "The batch is \(state.name.en): this cannot be done now.")
    case .onlyMaker:
      Text("草稿只能由编制人修改和提交。", "Only its maker changes and submits a draft.")
    case .makerApproves:
      Text("编制人不能审批自己的批次，请由第二人办理。", "A maker cannot approve the own batch: a second person has to.")
    case .approvedBefore:
      Text("您已审批过该批次，还需另一人审批。", "You approved this batch before; another person has to.")
    case .notBegun:
      Text("学期尚未开始，不能审批发放。", "The semester has not begun: nothing is approved for it yet.")
    case .beforeApproval(let day):
      Text(
        "批次\(day.map { "在 \($0) " } ?? "")才批准，支付日期不能早于批准日期。请用 --date 更正。",
        "The batch was approved\(day.map { " on \($0)" } ?? " later than that"): no payment of it is "
          + "dated before. Correct --date.")
    case .empty:
      Text("批次中没有学生。", "The batch has no pupils.")
    case .noPayee:
      Text(
        "没有可发放的学生：须已认定，且本学期该用途未发放过。",
        "There is nobody to pay: pupils have to be recognised and not paid for this purpose yet.")
    case .alreadyPaid(let count):
      Text(
        "有\(count.map { " \($0) 名" } ?? "")学生本学期该用途已在其他批次中（一人一次）。可用 --leave-out-paid 略去。",
        "\(count.map { "\($0)" } ?? "Some") pupils are in another batch for this purpose and semester "
          + "already. Leave them out with --leave-out-paid.")
    case .notRecognised:
      Text(
        "有学生本学年未认定或认定已撤销，不能发放。请退回草稿后移出（payment withdraw、payment change）。",
        "A pupil is not, or no longer, recognised for the school year. Withdraw the batch and take the "
          + "line out (payment withdraw, payment change).")
    case .otherSchool:
      Text("有学生不在该校。", "A pupil is not of that school.")
    case .otherPlace:
      Text(
        "基金属于区或其他学校，此项须由其管理者办理。",
        "The fund is the district's or another school's: its own staff has to do this.")
    case .nothingFailed:
      Text("没有需要补发的行。", "No line has to be paid again.")
    case .superseded:
      Text("该行不属于该批次，或已转入补发批次。", "The line is of another batch, or is paid again in a later one.")
    case .noDifference:
      Text("该行没有差额需要说明。", "The line has no difference to explain.")
    case .unsettled:
      Text(
        "还有未签收或差额未说明的行，可用 payment show 查看。",
        "Lines are unconfirmed or differ without an explanation: see payment show.")
    case .noteMissing:
      Text("请写明原因（--note）。", "Say why (--note).")
    case .noteIdentifies(let trace):
      Text(
        "说明中有像\(trace.name.zh)的数字，请删去。",
        "The text holds a number that may identify a person (\(trace.name.en)): take it out.")
    case .tooMuchReceived:
      Text("实发不能为负或超过应发。", "What was received is not negative and not more than was due.")
    case .otherSheet(let code):
      Text(
        "这不是该批次的发放表：标题中应有批次码 \(code)。请用 payment sheet 重新导出。",
        "This is not the sheet of that batch, whose title holds the code \(code). Export it anew "
          + "with payment sheet.")
    }
  }

  /// A text that many people read, without numbers that identify a person.
  /// - Throws: `PaymentError.noteMissing`, `.noteIdentifies`.
  static func checked(_ text: String) throws -> String {
    guard !normalizeText(text).isEmpty else { throw PaymentError.noteMissing }
    if let trace = IdentityTrace.first(in: text) { throw PaymentError.noteIdentifies(trace) }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

extension Payments {
  /// Runs statements of this capability.
  /// - Throws: what the database's refusal means.
  @discardableResult
  static func run(_ session: borrowing Session, _ statements: Bound...) throws -> [Rows] {
    do {
      return try session.batch(statements)
    } catch {
      throw refusal(error)
    }
  }

  static func refusal(_ error: PostgresError) -> any Error {
    if case .privilege = error { return PaymentError.otherPlace }
    let constraint = error.detail?.constraint ?? ""
    let prefix = "payment_state_"
    if constraint.hasPrefix(prefix) {
      return PaymentError.state(
        PaymentState(rawValue: String(constraint.dropFirst(prefix.count))) ?? .cancelled)
    }
    return refusals[constraint] ?? Ledger.refusal(error)
  }

  private static let refusals: [String: any Error] = [
    "payment_batch_known": PaymentError.unknownBatch,
    "payment_line_known": PaymentError.unknownLine,
    "payment_only_maker": PaymentError.onlyMaker,
    "payment_approval_not_maker": PaymentError.makerApproves,
    "payment_approval_once": PaymentError.approvedBefore,
    "payment_not_begun": PaymentError.notBegun,
    "payment_before_approval": PaymentError.beforeApproval(nil),
    "payment_batch_empty": PaymentError.empty,
    "payment_line_once": PaymentError.alreadyPaid(nil),
    "payment_recognised": PaymentError.notRecognised,
    "payment_pupil_of_school": PaymentError.otherSchool,
    "payment_replaces_failed": PaymentError.nothingFailed,
    "payment_line_replaced_once": PaymentError.nothingFailed,
    "payment_line_superseded": PaymentError.superseded,
    "payment_line_differs": PaymentError.noDifference,
    "payment_unsettled": PaymentError.unsettled,
    "payment_line_received": PaymentError.tooMuchReceived,
    "payment_line_amount": FundError.amountNotPositive,
    "payment_purpose_allowed": FundError.purposeNotAllowed(nil),
    "clawback_amount": FundError.amountNotPositive,
    "clawback_known": ClawbackError.unknown,
    "clawback_of_payment": ClawbackError.notAPayment,
    "clawback_within": ClawbackError.moreThanPaid,
    "clawback_left": ClawbackError.moreThanLeft,
    "clawback_undo_within": ClawbackError.moreThanRecovered,
    "clawback_second_person": ClawbackError.samePerson,
  ]
}
