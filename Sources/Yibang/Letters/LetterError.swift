package import Foundation
import Postgres

package enum LetterError: YibangError {
  case schoolOnly
  case unknown(UUID)
  case noPairing
  case notInState
  case empty
  case tooLong
  case notAFile(path: String)
  case fileKind
  case fileTooLarge
  case noConsent
  case samePerson
  case contact
  case names
  case notOpened
  case principalOnly
  case noReason
  case scanNotRedacted

  package var code: String {
    switch self {
    case .schoolOnly: "letter.school_only"
    case .unknown: "letter.unknown"
    case .noPairing: "letter.no_pairing"
    case .notInState: "letter.not_in_state"
    case .empty: "letter.empty"
    case .tooLong: "letter.too_long"
    case .notAFile: "letter.not_a_file"
    case .fileKind: "letter.file_kind"
    case .fileTooLarge: "letter.file_too_large"
    case .noConsent: "letter.no_consent"
    case .samePerson: "letter.same_person"
    case .contact: "letter.contact"
    case .names: "letter.names"
    case .notOpened: "letter.not_opened"
    case .principalOnly: "letter.principal_only"
    case .noReason: "letter.no_reason"
    case .scanNotRedacted: "letter.scan_not_redacted"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .schoolOnly, .samePerson, .principalOnly: .forbidden
    case .unknown: .notFound
    case .noPairing, .notInState, .noConsent, .contact, .names, .notOpened, .scanNotRedacted:
      .conflict
    case .empty, .tooLong, .fileKind, .fileTooLarge, .noReason: .badData
    case .notAFile: .unreadable
    }
  }

  package var text: Text {
    switch self {
    case .schoolOnly:
      Text(
        "信件只由学生本校的资助专干或校长办理，请用 --as 指定。",
        "Letters are for the aid officer or the principal of the pupil's own school (--as).")
    case .unknown(let id):
      Text(
        "本校没有信件 \(id.lowercase)。可用 yibang letter list 查看。",
        "This school has no letter \(id.lowercase). See yibang letter list.")
    case .noPairing:
      Text(
        "该学生没有在进行的结对，没有收信的资助人。", "The pupil has no running pairing, so no sponsor to write to.")
    case .notInState:
      Text(
        "信件的状态不允许这一步。可用 yibang letter list 查看。",
        "The letter is not in a state for this. See yibang letter list.")
    case .empty: Text("信是空的。", "The letter is empty.")
    case .tooLong:
      Text(
        "信太长，最多 \(Letters.textLimit) 字。",
        "The letter is too long: \(Letters.textLimit) characters at most.")
    case .notAFile(let path):
      Text("无法读取文件 \(path)。", "The file \(path) cannot be read.")
    case .fileKind: Text("扫描件应为 PDF、JPEG 或 PNG。", "A scan is a PDF, JPEG or PNG file.")
    case .fileTooLarge: Text("扫描件最大 10 MB。", "A scan has 10 MB at most.")
    case .noConsent:
      Text(
        "没有对寄送信件的同意（letter）：监护人，满 14 周岁还有学生本人。登记：yibang consent give。",
        "Nothing covers this letter: the guardian's consent (letter) and, from fourteen on, the "
          + "pupil's. Record it: yibang consent give.")
    case .samePerson:
      Text(
        "提交的人不能放行，请由本校另一位审核人办理。",
        "Who submitted a letter does not release it. Let another reviewer do so.")
    case .contact:
      Text(
        "信中有联系方式，不能放行。请退回修改（letter review --return）或遮盖（letter redact）。",
        "The letter holds contact data and is not released. Return it (letter review --return) or "
          + "redact it (letter redact).")
    case .names:
      Text(
        "信中有学生姓名，而资助人尚不能知道姓名（sponsor_identity）。请退回修改或登记同意。",
        "The letter names the pupil, whom the sponsor may not know by name (sponsor_identity). "
          + "Return it, or record the consent.")
    case .notOpened:
      Text("放行之前请先打开这一版：letter open。", "Open this version before you release it: letter open.")
    case .principalOnly:
      Text("暂扣的信由校长处理。", "A letter on hold is the principal's.")
    case .noReason: Text("请写明打开信件的理由（--reason）。", "Say why the letter is opened (--reason).")
    case .scanNotRedacted:
      Text(
        "扫描件不能遮盖，请退回重写（letter review --return）。",
        "A scan is not redacted here: return it (letter review --return).")
    }
  }

  /// What the database refused.
  static func refusal(_ error: PostgresError, letter id: UUID) -> any Error {
    switch error.detail?.constraint {
    case "letter_known": LetterError.unknown(id)
    case "letter_reviewer": LetterError.schoolOnly
    case "letter_steps": LetterError.notInState
    case "letter_pairing": LetterError.noPairing
    case "consent_needed": LetterError.noConsent
    case "letter_second_person": LetterError.samePerson
    case "letter_contact": LetterError.contact
    case "letter_name": LetterError.names
    case "letter_opened": LetterError.notOpened
    case "letter_principal": LetterError.principalOnly
    case "letter_reason": LetterError.noReason
    default: error
    }
  }
}
