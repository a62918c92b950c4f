package import Foundation
import Postgres

package enum MailError: YibangError {
  case address
  case setting(String)
  case unknown(UUID)
  case notOpen(UUID)
  case later(code: String)
  case nothingToPrint
  case fileName(String)
  case unknownDonor(UUID)

  package var code: String {
    switch self {
    case .address: "mail.address"
    case .setting: "mail.setting"
    case .unknown: "mail.unknown"
    case .notOpen: "mail.not_open"
    case .later(let code): code
    case .nothingToPrint: "mail.nothing_to_print"
    case .fileName: "mail.file_name"
    case .unknownDonor: "mail.unknown_donor"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .address: .badData
    case .setting: .configuration
    case .unknown, .unknownDonor: .notFound
    case .notOpen, .nothingToPrint: .conflict
    case .later: .unavailable
    case .fileName: .usage
    }
  }

  package var text: Text {
    switch self {
    case .address:
      Text(
        "邮箱地址写法不对，应形如 name@example.cn，只用英文字母、数字和常用符号。",
        "The mail address is not written as one: name@example.cn, in ASCII.")
    case .setting(let name):
      Text(
        "环境变量 \(name) 缺少或不可用。发信需要 YIBANG_SMTP_URL（smtp:// 或 smtps://）和 YIBANG_SMTP_FROM。",
        "The environment variable \(name) is missing or not usable. Mail needs YIBANG_SMTP_URL "
          + "(smtp:// or smtps://) and YIBANG_SMTP_FROM.")
    case .unknown(let id):
      Text(
        "没有通知 \(id.lowercase)。可用 yibang mail list 查看。",
        "There is no message \(id.lowercase). See yibang mail list.")
    case .notOpen(let id):
      Text(
        "通知 \(id.lowercase) 的状态不允许这一步。“已发出”只用于结果不明的通知，“再发”用于失败或结果不明的。",
        "The message \(id.lowercase) is not in a state for this. --sent is for an uncertain one, "
          + "--again for one that failed or is uncertain.")
    case .later(let code):
      Text(
        "邮件服务器没有接收（\(code)），稍后自动再试。",
        "The mail server did not take it (\(code)); it is tried again later.")
    case .nothingToPrint:
      Text("没有等待打印的信。", "No letter waits to be printed.")
    case .fileName(let name):
      Text("请写入 .xlsx 文件，而不是 \(name)。", "Write to an .xlsx file, not \(name).")
    case .unknownDonor(let id):
      Text(
        "没有捐赠人 \(id.lowercase)。可用 yibang donor list 查看。",
        "There is no donor \(id.lowercase). See yibang donor list.")
    }
  }

  /// What the database refused of a message.
  static func refusal(_ error: PostgresError, message id: UUID) -> any Error {
    switch error.detail?.constraint {
    case "message_steps": MailError.notOpen(id)
    case "message_known": MailError.unknown(id)
    default: error
    }
  }
}
