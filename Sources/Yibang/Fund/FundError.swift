package import Foundation

package enum FundError: YibangError {
  case unknownFund(String)
  case insufficient
  case purposeNotAllowed(Purpose?)
  case dateOutsideSemester
  case semesterClosed
  case reversedBefore
  case moreThanLeft
  case notReversible
  case beforeOriginal
  case overBudget
  case notHeld
  case restrictedFund
  case amountNotPositive
  case unknownTransfer(UUID)
  case unknownPurpose(String)
  case purposeExists(String)
  case fundExists(String)
  case noPurpose
  case sameFund
  case noConsent

  package var code: String {
    switch self {
    case .unknownFund: "fund.unknown"
    case .insufficient: "fund.insufficient"
    case .purposeNotAllowed: "fund.purpose_not_allowed"
    case .dateOutsideSemester: "fund.date_outside_semester"
    case .semesterClosed: "fund.semester_closed"
    case .reversedBefore: "fund.reversed_before"
    case .moreThanLeft: "fund.more_than_left"
    case .notReversible: "fund.not_reversible"
    case .beforeOriginal: "fund.before_original"
    case .overBudget: "fund.over_budget"
    case .notHeld: "fund.not_held"
    case .restrictedFund: "fund.restricted"
    case .amountNotPositive: "fund.amount_not_positive"
    case .unknownTransfer: "fund.unknown_transfer"
    case .unknownPurpose: "fund.unknown_purpose"
    case .purposeExists: "fund.purpose_exists"
    case .fundExists: "fund.exists"
    case .noPurpose: "fund.no_purpose"
    case .sameFund: "fund.same_fund"
    case .noConsent: "fund.no_consent"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownFund, .unknownTransfer, .unknownPurpose: .notFound
    case .dateOutsideSemester, .amountNotPositive, .beforeOriginal, .noPurpose, .noConsent: .badData
    case .insufficient, .purposeNotAllowed, .semesterClosed, .reversedBefore, .moreThanLeft,
      .notReversible, .overBudget, .notHeld, .restrictedFund, .purposeExists, .fundExists,
      .sameFund:
      .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknownFund(let name):
      Text(
        "没有名为“\(name)”的基金。可用 yibang fund show 查看。",
        "There is no fund “\(name)”. See yibang fund show.")
    case .insufficient:
      Text(
        "基金可用余额不足：专项基金不能透支，已批准未支付的款项也不能动用。请减少金额，或先入账。",
        "The fund has not enough free money: it cannot go below zero, and what is approved but unpaid "
          + "is kept. Lower the amount or book income first."
      )
    case .purposeNotAllowed(let purpose):
      Text(
        "该基金不能用于“\(purpose?.name.zh ?? "该用途")”（专款专用）。",
        "This fund may not pay for \(purpose?.name.en ?? "this purpose") (restricted purpose).")
    case .dateOutsideSemester:
      Text(
        "日期不在该学期内。请核对日期或学期。",
        "The date is not in that semester. Check the date or the semester.")
    case .semesterClosed:
      Text(
        "该学期已结账或未开设，不能记账。请记入开放的学期。",
        "That semester is closed or was never opened: nothing posts to it. Use an open one.")
    case .reversedBefore:
      Text("这笔款项已经冲正过。", "This amount was reversed before.")
    case .moreThanLeft:
      Text(
        "超过可冲回的金额：退款、冲正和追回合计不能超过原金额，恢复不能超过已冲回的金额。",
        "More than is left: what is taken back of an amount never exceeds it, and no more is "
          + "reinstated than was taken back.")
    case .notReversible:
      Text(
        "只能对原始款项冲正：捐款可冲正、退款、改变用途，支出可冲正、追回。",
        "Only an original can be taken back: a gift by reversal, refund or change of use, a payment "
          + "by reversal or recovery.")
    case .beforeOriginal:
      Text(
        "冲回日期早于原款项的日期，请核对日期。",
        "The day is before that of the original amount. Check the date.")
    case .overBudget:
      Text(
        "超出本学期预算：已批准与已支出之和不能超过预算。请减少金额，或先调整预算（budget plan）。",
        "Over the semester's budget: approved plus spent cannot exceed what was planned. Lower the "
          + "amount or change the plan first (budget plan).")
    case .notHeld:
      Text("没有这么多已批准未支付的款项。", "There is not so much approved and unpaid money.")
    case .restrictedFund:
      Text(
        "寄宿生生活补助和营养改善资金专款专用：不得转作他用，也不得混入其他资金。",
        "Boarding and nutrition money is kept apart: it goes to no other use, and no other money "
          + "joins it.")
    case .amountNotPositive:
      Text("金额必须大于零。", "The amount is more than zero.")
    case .unknownTransfer(let id):
      Text(
        "没有编号为 \(id.lowercase) 的款项。可用 yibang fund transfers 查看。",
        "There is no transfer \(id.lowercase). See yibang fund transfers.")
    case .unknownPurpose(let code):
      Text(
        "没有用途“\(code)”。可用 yibang fund purposes 查看。",
        "There is no purpose “\(code)”. See yibang fund purposes.")
    case .purposeExists(let code):
      Text("用途“\(code)”已经存在。", "The purpose “\(code)” is there already.")
    case .fundExists(let name):
      Text("基金“\(name)”已经存在。", "The fund “\(name)” is there already.")
    case .noPurpose:
      Text("请至少指定一个用途。", "Name at least one purpose.")
    case .noConsent:
      Text(
        "改变捐赠用途须征得捐赠人同意：请写明同意日期（不晚于办理日期）和同意书的存放处。",
        "Another use needs the donor's consent: give its day, not after the change, and where the "
          + "document is kept.")
    case .sameFund:
      Text("这笔款项本来就在该基金内。", "The money is in that fund already.")
    }
  }
}
