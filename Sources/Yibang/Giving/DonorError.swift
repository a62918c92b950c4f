package import Foundation
import Postgres

package enum DonorError: YibangError {
  case unknownDonor(UUID)
  case noName
  case otherName
  case identityOfOtherKind(DonorKind)
  case noNumber
  case reasonMissing
  case reasonIdentifies(IdentityTrace)
  /// The reason names the donor; it would stay in the audit trail.
  case reasonNames
  case noConsent
  /// 匿名 stands for many who gave without a name.
  case noOneDonor
  case sameDonor
  /// A record that belongs to another donor.
  case mergedBefore(UUID, into: UUID)
  case otherIdentity
  case sumsDiffer
  case unknownMerge(UUID)
  case undoneBefore(UUID)
  case unknownLine(UUID)

  package var code: String {
    switch self {
    case .unknownDonor: "donor.unknown"
    case .noName: "donor.no_name"
    case .otherName: "donor.other_name"
    case .identityOfOtherKind: "donor.identity_of_other_kind"
    case .noNumber: "donor.no_number"
    case .reasonMissing: "donor.reason_missing"
    case .reasonIdentifies: "donor.reason_identifies"
    case .reasonNames: "donor.reason_names"
    case .noConsent: "donor.no_consent"
    case .noOneDonor: "donor.no_one_donor"
    case .sameDonor: "donor.same"
    case .mergedBefore: "donor.merged_before"
    case .otherIdentity: "donor.other_identity"
    case .sumsDiffer: "donor.sums_differ"
    case .unknownMerge: "donor.unknown_merge"
    case .undoneBefore: "donor.undone_before"
    case .unknownLine: "donor.unknown_line"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownDonor, .unknownMerge, .unknownLine: .notFound
    case .noName, .identityOfOtherKind, .reasonIdentifies, .reasonNames: .badData
    case .noNumber, .reasonMissing, .noConsent, .sameDonor: .usage
    case .otherName, .noOneDonor, .mergedBefore, .otherIdentity, .sumsDiffer, .undoneBefore:
      .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknownDonor(let id):
      Text(
        "没有捐赠人 \(id.lowercase)。可用 yibang donor list 查看。",
        "There is no donor \(id.lowercase). See yibang donor list.")
    case .noName:
      Text(
        "请写捐赠人的姓名或单位；有证件号或手机号的不能写“匿名”，不公开姓名请用 --anonymous。",
        "Write the donor's name. With a number it is not 匿名: to keep it unnamed, use --anonymous.")
    case .otherName:
      Text(
        "这个证件号已登记在另一个名称下。请核对证件号和名称。",
        "This identity number is on record under another name. Check the number and the name.")
    case .identityOfOtherKind(let kind):
      kind.isOrganisation
        ? Text(
          "\(kind.name.zh)用统一社会信用代码登记，不用身份证号。",
          "A donor of the kind \(kind.name.en) is known by a credit code, not by a resident ID.")
        : Text(
          "\(kind.name.zh)用身份证号登记，不用统一社会信用代码。",
          "A donor of the kind \(kind.name.en) is known by a resident ID, not by a credit code.")
    case .noNumber:
      Text(
        "请给出身份证号、统一社会信用代码或手机号之一。",
        "Give one of: resident ID, credit code, mobile number.")
    case .reasonMissing:
      Text(
        "请写明理由（至少两个字），理由会记入审计。",
        "Give a reason of two characters or more; it is kept in the audit trail.")
    case .reasonIdentifies(let trace):
      Text(
        "文字中有像\(trace.name.zh)的数字，会留在记录中，请删去这个数字。",
        "The text holds a number that may identify a person (\(trace.name.en)) and would stay on "
          + "record: take the number out.")
    case .reasonNames:
      Text(
        "理由中有捐赠人的姓名，会留在审计中，请删去姓名。",
        "The reason holds the donor's name, which would stay in the audit trail: take it out.")
    case .noConsent:
      Text(
        "公开姓名须有捐赠人的同意：请用 --consent 写明同意书所在。",
        "To be named needs the donor's consent: say with --consent where it is kept.")
    case .noOneDonor:
      Text(
        "“匿名”下可能有多位捐赠人，不能当作一位办理。",
        "“匿名” may stand for several givers: it cannot be treated as one donor.")
    default: mergeText
    }
  }

  private var mergeText: Text {
    switch self {
    case .sameDonor:
      Text("这是同一条记录，请给出两条不同的记录。", "This is one record. Name two different ones.")
    case .mergedBefore(let id, let survivor):
      Text(
        "捐赠人 \(id.lowercase) 已并入 \(survivor.lowercase)，请改用后者，或先撤销那次合并。",
        "The donor \(id.lowercase) was merged into \(survivor.lowercase). Use that one, or undo "
          + "that merge first.")
    case .otherIdentity:
      Text(
        "两条记录的证件号不同，不是同一位捐赠人，不能合并。",
        "The two records have different identity numbers: they are not one donor.")
    case .sumsDiffer:
      Text(
        "合并前后的金额或笔数不一致，没有合并。请用 yibang doctor 检查后再试。",
        "The sums before and after differ: nothing was merged. Run yibang doctor and try again.")
    case .unknownMerge(let id):
      Text(
        "没有合并记录 \(id.lowercase)。可用 yibang donor merges 查看。",
        "There is no merge \(id.lowercase). See yibang donor merges.")
    case .undoneBefore(let id):
      Text("合并 \(id.lowercase) 早已撤销。", "The merge \(id.lowercase) was undone before.")
    case .unknownLine(let id):
      Text(
        "这位捐赠人没有记录 \(id.lowercase)。--after 取上一页最后一条的编号。",
        "This donor has no line \(id.lowercase). --after takes the last id of the page before.")
    default: Text("捐赠人办理失败。", "The work on donors failed.")
    }
  }

  /// What the database's refusal means.
  static func refusal(_ error: PostgresError, _ merge: UUID? = nil) -> any Error {
    guard case .check(let detail) = error else { return error }
    switch detail.constraint {
    case "donor_merge_identities": return DonorError.otherIdentity
    case "donor_merge_sums": return DonorError.sumsDiffer
    case "donor_merge_in_force": return merge.map { DonorError.undoneBefore($0) } ?? error
    default: return error
    }
  }

  /// A reason as it is kept.
  static func reason(_ text: String) throws(DonorError) -> String {
    let reason = normalizeText(text)
    guard reason.count >= 2 else { throw .reasonMissing }
    if let trace = IdentityTrace.first(in: reason) { throw .reasonIdentifies(trace) }
    return reason
  }
}
