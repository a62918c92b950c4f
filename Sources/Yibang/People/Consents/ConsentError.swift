package import Foundation
import Postgres

package enum ConsentError: YibangError {
  case notGuardian
  case pupilTooYoung
  case noProof
  case unreadable(path: String)
  case untilBeforeBegin
  case noSponsor(ConsentScope)
  case unknownSponsor
  case notRunning(ConsentScope)
  case needed(ConsentScope)
  case noHow
  case noWords
  case unknownUse(UUID)
  case unknown(UUID)

  package var code: String {
    switch self {
    case .notGuardian: "consent.not_guardian"
    case .pupilTooYoung: "consent.pupil_too_young"
    case .noProof: "consent.no_proof"
    case .unreadable: "consent.unreadable"
    case .untilBeforeBegin: "consent.until_before_begin"
    case .noSponsor: "consent.no_sponsor"
    case .unknownSponsor: "consent.unknown_sponsor"
    case .notRunning: "consent.not_running"
    case .needed: "consent.needed"
    case .noHow: "consent.no_how"
    case .noWords: "consent.no_words"
    case .unknownUse: "consent.unknown_use"
    case .unknown: "consent.unknown"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownSponsor, .unknownUse, .unknown: .notFound
    case .notRunning, .needed: .conflict
    case .unreadable: .unreadable
    default: .badData
    }
  }

  package var text: Text {
    switch self {
    case .notGuardian:
      Text(
        "没有登记该监护人。请先在花名册中补上监护人再导入。",
        "The guardian is not on record. Add the guardian to the roster and import it first.")
    case .pupilTooYoung:
      Text(
        "学生未满 14 周岁，由监护人同意或撤回（--by）。",
        "The pupil is under fourteen: the guardian consents or withdraws (--by).")
    case .noProof:
      Text(
        "请写明同意怎样证明：--paper 存放处、--file 文件或 --witness 见证人。",
        "Say how the consent is proven: --paper place, --file scan or --witness name.")
    case .unreadable(let path):
      Text("无法读取文件 \(path)，请核对路径。", "The file \(path) cannot be read. Check the path.")
    case .untilBeforeBegin:
      Text("截止日期早于同意日期，请核对。", "The last day is before the day of the consent. Check it.")
    case .noSponsor(let scope):
      Text(
        "“\(scope.name.zh)”不针对某一资助人，请去掉 --donor。",
        "“\(scope.name.en)” is not for one sponsor: leave --donor out.")
    case .unknownSponsor:
      Text(
        "没有这位资助人。可用 yibang donor list 查看。", "There is no such sponsor. See yibang donor list.")
    case .notRunning(let scope):
      Text(
        "没有可撤回的同意（\(scope.name.zh)）。可用 yibang consent list 查看；对所有资助人的同意不能只对一位撤回。",
        "There is no consent to withdraw (\(scope.name.en)). See yibang consent list. One for all "
          + "sponsors is not withdrawn for a single one.")
    case .needed(let scope):
      Text(
        "没有对“\(scope.name.zh)”的有效同意，不能提供。请先取得同意：yibang consent give。",
        "Nobody consents to “\(scope.name.en)”: it is not shared. First yibang consent give.")
    case .noHow:
      Text("请写明怎样撤回的（--how），如：书面、电话。", "Say how it was withdrawn (--how), as in writing.")
    case .noWords:
      Text("请写明提供了什么（--what）。", "Say what is shared (--what).")
    case .unknownUse(let id):
      Text(
        "没有待撤下的记录 \(id.lowercase)。可用 yibang consent tasks 查看。",
        "There is nothing to take down as \(id.lowercase). See yibang consent tasks.")
    case .unknown(let id):
      Text(
        "没有同意记录 \(id.lowercase)。可用 yibang consent list 查看。",
        "There is no consent \(id.lowercase). See yibang consent list.")
    }
  }

  /// What the database's refusal means.
  static func refusal(
    _ error: PostgresError, student: UUID, scope: ConsentScope
  ) -> any Error {
    switch error.detail?.constraint {
    case "consent_pupil_known": StudentError.unknown(student)
    case "consent_pupil_age": ConsentError.pupilTooYoung
    case "consent_needed": ConsentError.needed(scope)
    case "consent_until": ConsentError.untilBeforeBegin
    case "consent_district_id_donor_id_fkey", "consent_use_district_id_donor_id_fkey":
      ConsentError.unknownSponsor
    default: error
    }
  }
}
