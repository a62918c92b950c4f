package import Foundation
import Postgres
package import SchoolCalendar

package enum ReceiptError: YibangError {
  case unknownReceipt(String)
  case unknownGift(UUID)
  case running(UUID)
  case onList(UUID)
  case waived(UUID)
  case notWaived(UUID)
  case waivedBefore(UUID)
  case withdrawnBeforeWaiver
  case notAnonymous
  case nothingLeft
  case beforeGift(CalendarDate)
  case voidedBefore
  case voidedBeforeIssue
  case noReason
  case officialForm(String)
  case officialTaken
  case bookFull
  case fileName(String)

  package var code: String {
    switch self {
    case .unknownReceipt: "receipt.unknown"
    case .unknownGift: "receipt.unknown_gift"
    case .running: "receipt.running"
    case .onList: "receipt.on_list"
    case .waived: "receipt.waived"
    case .notWaived: "receipt.not_waived"
    case .waivedBefore: "receipt.waived_before"
    case .withdrawnBeforeWaiver: "receipt.withdrawn_before_waiver"
    case .notAnonymous: "receipt.not_anonymous"
    case .nothingLeft: "receipt.nothing_left"
    case .beforeGift: "receipt.before_gift"
    case .voidedBefore: "receipt.voided_before"
    case .voidedBeforeIssue: "receipt.voided_before_issue"
    case .noReason: "receipt.no_reason"
    case .officialForm: "receipt.official_form"
    case .officialTaken: "receipt.official_taken"
    case .bookFull: "receipt.book_full"
    case .fileName: "receipt.file_name"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownReceipt, .unknownGift, .notWaived: .notFound
    case .running, .onList, .waived, .waivedBefore, .notAnonymous, .nothingLeft, .voidedBefore,
      .officialTaken, .bookFull:
      .conflict
    case .beforeGift, .voidedBeforeIssue, .withdrawnBeforeWaiver, .noReason, .officialForm: .badData
    case .fileName: .usage
    }
  }

  package var text: Text {
    switch self {
    case .unknownReceipt(let name):
      Text(
        "没有收据 \(name)。可用 yibang receipt list 查看。",
        "There is no receipt \(name). See yibang receipt list.")
    case .unknownGift(let id):
      Text(
        "没有捐赠 \(id.lowercase)。可用 yibang donation list 查看。",
        "There is no gift \(id.lowercase). See yibang donation list.")
    case .running(let id):
      Text(
        "捐赠 \(id.lowercase) 已有未作废的收据，一笔捐赠只开一张。需要换开时用 yibang receipt reissue。",
        "The gift \(id.lowercase) has a receipt that is not void, and one gift has one. To replace it: "
          + "yibang receipt reissue.")
    case .onList(let id):
      Text(
        "捐赠 \(id.lowercase) 已在另一张收据上：一笔捐款或开个人收据，或列入募捐名单的收据，不能两者都开。",
        "The gift \(id.lowercase) stands on another receipt: a gift has its own or that of its campaign's list, "
          + "not both.")
    case .waived(let id):
      Text(
        "捐赠 \(id.lowercase) 已登记为不要收据。捐赠人改变主意的，先 yibang receipt waive \(id.lowercase) --withdraw。",
        "The donor of the gift \(id.lowercase) waived the receipt. If they want one after all, first "
          + "yibang receipt waive \(id.lowercase) --withdraw.")
    case .notWaived(let id):
      Text(
        "捐赠 \(id.lowercase) 没有放弃收据的登记。", "No waiver is on record for the gift \(id.lowercase).")
    case .waivedBefore(let id):
      Text(
        "捐赠 \(id.lowercase) 早已登记为不要收据。",
        "The receipt of the gift \(id.lowercase) was waived before.")
    case .withdrawnBeforeWaiver:
      Text("撤销日期早于登记日期，请核对。", "The withdrawal is dated before the waiver. Check the date.")
    case .notAnonymous:
      Text(
        "捐赠人不是匿名的。捐赠人不要收据的，用 --cause declined。",
        "The donor is not anonymous. If they want no receipt, use --cause declined.")
    case .nothingLeft:
      Text(
        "这笔捐赠已全部冲回或退还，不能开收据。已有的收据请作废（receipt void）。",
        "Nothing is left of this gift, so it gets no receipt. Void one that it has (receipt void).")
    case .beforeGift(let date):
      Text(
        "收据日期 \(date) 早于捐赠日期，请核对。",
        "The receipt's day, \(date), is before that of the gift. Check the date.")
    case .voidedBefore: Text("这张收据早已作废。", "This receipt is void already.")
    case .voidedBeforeIssue:
      Text("作废日期早于开具日期，请核对。", "The day of voiding is before that of issue. Check the date.")
    case .noReason: Text("请写明原因（--reason）。", "Give a reason (--reason).")
    case .officialForm(let text):
      Text(
        "“\(text)”不是票据号码：应为 4 至 32 位数字或字母，可含“-”。",
        "“\(text)” is no number of an official receipt: 4 to 32 digits or letters, also “-”.")
    case .officialTaken:
      Text(
        "这个票据号码已登记在另一张收据上，请核对。",
        "Another receipt has this official number. Check it.")
    case .bookFull:
      Text("本年度的编号已用完（999999）。", "The year's numbers are used up (999999).")
    case .fileName(let path):
      Text("文件 \(path) 应以 .xlsx 或 .csv 结尾。", "The file \(path) has to end in .xlsx or .csv.")
    }
  }
}

extension ReceiptError {
  /// What the database's refusal of a receipt means.
  static func refusal(
    _ error: PostgresError, gift: UUID, receipt: String = "", on date: CalendarDate
  ) -> any Error {
    switch error.detail?.constraint {
    case "receipt_known": ReceiptError.unknownReceipt(receipt)
    case "receipt_subject_known": ReceiptError.unknownGift(gift)
    case "receipt_running", "receipt_waived_unreceipted": ReceiptError.running(gift)
    case "receipt_waived": ReceiptError.waived(gift)
    case "receipt_of_list": ReceiptError.onList(gift)
    case "receipt_waived_once": ReceiptError.waivedBefore(gift)
    case "receipt_waiver_withdrawn": ReceiptError.withdrawnBeforeWaiver
    case "receipt_waiver_anonymous": ReceiptError.notAnonymous
    case "receipt_nothing_left": ReceiptError.nothingLeft
    case "receipt_after_gift": ReceiptError.beforeGift(date)
    case "receipt_void_once": ReceiptError.voidedBefore
    case "receipt_void_whole": ReceiptError.voidedBeforeIssue
    case "receipt_official_once": ReceiptError.officialTaken
    case "receipt_book_full": ReceiptError.bookFull
    default: error
    }
  }
}
