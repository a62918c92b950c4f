import Foundation
import Postgres
package import SchoolCalendar

/// What stands in the way of a pairing's end, change, payout or cover.
package enum LifecycleError: YibangError {
  case unknownPairing
  case ended
  case unknownReason(String)
  case endBeforeStart
  case notCompleted
  case balanceToDecide(Money)
  case consentMissing
  case noTarget
  case unknownInstalment
  case nothingOpen
  case notItsSemester(Semester)
  case paidAlready
  case paidOut
  case spentOnChild(left: Money)
  case notFunded(unfunded: Int, notRecognised: Int)
  case unknownPayout
  case payoutState
  case payoutInBatch
  case reasonMissing
  case noFund
  case noSemester(CalendarDate)
  case setting
  case surplus(Money)

  package var code: String {
    switch self {
    case .unknownPairing: "pairing.unknown"
    case .ended: "pairing.ended"
    case .unknownReason: "pairing.unknown_reason"
    case .endBeforeStart: "pairing.end_before_start"
    case .notCompleted: "pairing.not_completed"
    case .balanceToDecide: "pairing.balance_to_decide"
    case .consentMissing: "pairing.consent_missing"
    case .noTarget: "pairing.no_target"
    case .unknownInstalment: "instalment.not_known"
    case .nothingOpen: "instalment.nothing_open"
    case .notItsSemester: "commitment.not_its_semester"
    case .paidAlready: "commitment.paid_already"
    case .paidOut: "commitment.paid_out"
    case .spentOnChild: "instalment.spent"
    case .notFunded: "payout.not_funded"
    case .unknownPayout: "payout.unknown"
    case .payoutState: "payout.state"
    case .payoutInBatch: "payout.in_batch"
    case .reasonMissing: "pairing.reason_missing"
    case .noFund: "pairing.no_fund"
    case .noSemester: "pairing.no_semester"
    case .setting: "pairing.setting"
    case .surplus: "instalment.surplus"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownPairing, .unknownInstalment, .unknownPayout: .notFound
    case .paidOut, .spentOnChild, .notFunded, .ended, .nothingOpen, .paidAlready, .payoutState,
      .payoutInBatch, .notCompleted, .noFund,
      .balanceToDecide, .surplus:
      .conflict
    case .unknownReason, .endBeforeStart, .consentMissing, .noTarget, .notItsSemester,
      .reasonMissing, .noSemester, .setting:
      .badData
    }
  }

  package var text: Text {
    switch self {
    case .unknownPairing:
      Text(
        "没有这一结对。可用 yibang pairing list 查看。", "There is no such pairing. See yibang pairing list.")
    case .ended: Text("该结对已结束，不能再办理。", "The pairing has ended: nothing of it changes.")
    case .unknownReason(let word):
      Text(
        "没有“\(word)”这一结束原因。可用 yibang pairing reasons 查看。",
        "“\(word)” is no reason to end a pairing. See yibang pairing reasons.")
    case .endBeforeStart:
      Text("结束日期早于结对开始日期，请核对。", "The day is before the pairing began. Check it.")
    case .notCompleted:
      Text(
        "第六个学期尚未开始，不能按期满结束。请选择其他原因：yibang pairing reasons。",
        "The sixth semester has not begun: it is not completed. Choose another reason: "
          + "yibang pairing reasons.")
    case .balanceToDecide(let amount):
      Text(
        "资助人有 \(amount) 尚未用于该生。请说明去向（--balance）：return 退还，"
          + "general 转入爱心基金，pupil 转给另一名学生；后两种须有资助人同意。",
        "\(amount) of the sponsor's money is unspent. Say where it goes (--balance): return, general "
          + "(the general fund) or pupil (another one); the last two need the sponsor's consent.")
    case .consentMissing:
      Text(
        "转作他用须有资助人同意：请写明同意日期（--consent-on）和凭据（--consent）。",
        "Another use needs the sponsor's consent: give its day (--consent-on) and its document "
          + "(--consent).")
    case .noTarget:
      Text(
        "请指明该资助人的另一结对（--to），且其未到账款项足够。",
        "Name another running pairing of the sponsor (--to) with as much outstanding.")
    case .unknownInstalment:
      Text(
        "没有这一期资助款。可用 yibang instalment list 查看。",
        "There is no such instalment. See yibang instalment list.")
    case .nothingOpen: Text("这一期没有未到账的款项。", "Nothing of the instalment is open.")
    case .notItsSemester(let semester):
      Text(
        "\(semester) 不在该结对的六个学期之内。", "\(semester) is none of the pairing's six semesters.")
    case .paidAlready:
      Text(
        "该学期起有一期到账已多于新金额。请从其后的学期开始调整，或先退还。",
        "More than that came in for one of these semesters. Begin later, or return money first.")
    case .paidOut:
      Text(
        "其中有学期已编入发放批次。请从其后的学期开始调整。",
        "One of these semesters is in a payment batch. Begin with a later one.")
    case .spentOnChild(let left):
      Text(
        "这笔款已用于该生或归还了兜底，可退还的只有 \(left)。登记有误的请用冲正（不加 --refund）。",
        "This money went to the child, or repaid cover: \(left) of it can be returned. Reverse it "
          + "without --refund if it was booked by mistake.")
    case .notFunded(let unfunded, let notRecognised):
      Text(
        "没有可编入批次的学生：款未到位 \(unfunded) 名（可兜底：yibang pairing cover），"
          + "未认定 \(notRecognised) 名，其余已在批次中。",
        "Nobody can be paid: \(unfunded) not funded (yibang pairing cover), \(notRecognised) not "
          + "recognised, the others are in a batch.")
    case .unknownPayout:
      Text("没有这一发放计划。可用 yibang payout list 查看。", "There is no such payout. See yibang payout list.")
    case .payoutState: Text("该发放计划当前状态不能这样办理。", "The payout is in another state.")
    case .payoutInBatch:
      Text(
        "该生已在发放批次中。请先从批次中取出：yibang payment change。",
        "The pupil is in a payment batch. Take it out first: yibang payment change.")
    case .reasonMissing: Text("请写明原因（--reason）。", "Say why (--reason).")
    case .noFund:
      Text(
        "该校没有一帮一基金。可用 yibang fund open 建立。",
        "The school has no sponsorship fund. See yibang fund open.")
    case .noSemester(let day):
      Text(
        "\(day) 不在任何已登记的学期内。可用 yibang semester list 查看。",
        "\(day) is in no semester on record. See yibang semester list.")
    case .setting:
      Text(
        "天数或次数超出范围：宽限 0–120 天，发放 0–150 天，兜底 1–6 期。",
        "Out of range: grace 0–120 days, payout 0–150 days, cover 1–6 instalments.")
    case .surplus(let amount):
      Text(
        "六期之外多出 \(amount)。请退还，或经资助人同意转入爱心基金：--surplus-consent 凭据。",
        "\(amount) is beyond all six instalments. Return it or, with the sponsor's consent, give it to "
          + "the general fund: --surplus-consent document.")
    }
  }

  private static let refusals: [String: LifecycleError] = [
    "pairing_known": .unknownPairing, "pairing_ended": .ended,
    "pairing_end_date": .endBeforeStart, "pairing_not_completed": .notCompleted,
    "pairing_end_reason": .unknownReason("?"), "instalment_known": .unknownInstalment,
    "instalment_nothing_open": .nothingOpen, "commitment_paid": .paidAlready,
    "commitment_paid_out": .paidOut,
    "payout_known": .unknownPayout, "payout_in_batch": .payoutInBatch, "pairing_no_fund": .noFund,
    "pairing_setting_grace_days_check": .setting, "pairing_setting_payout_days_check": .setting,
    "pairing_setting_cover_limit_check": .setting,
  ]

  /// What the database's refusal means; the ledger's own stay as they are.
  static func refusal(_ error: PostgresError) -> any Error {
    let constraint = error.detail?.constraint ?? ""
    if let known = refusals[constraint] { return known }
    if constraint.hasPrefix("payout_state_") { return payoutState }
    return Ledger.refusal(error)
  }

  /// Runs statements, with refusals in the user's language.
  static func run(_ session: borrowing Session, _ statements: Bound...) throws -> [Rows] {
    do throws(PostgresError) {
      return try session.batch(statements)
    } catch {
      throw refusal(error)
    }
  }
}
