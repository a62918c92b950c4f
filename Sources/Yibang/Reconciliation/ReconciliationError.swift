package import Foundation
package import Postgres

package enum ReconciliationError: YibangError {
  case accountExists
  case accountNumber
  case unknownAccount(UUID)
  case unknownLine(UUID?)
  case unknownTransfer(UUID?)
  case amountsDiffer
  case otherSchool
  case taken
  case notCleared(UUID)
  case reasonMissing
  case noExplanation(ReconciliationReason)

  package var code: String {
    switch self {
    case .accountExists: "bank.account_exists"
    case .accountNumber: "bank.account_number"
    case .unknownAccount: "bank.unknown_account"
    case .unknownLine: "bank.unknown_line"
    case .unknownTransfer: "bank.unknown_transfer"
    case .amountsDiffer: "bank.amounts_differ"
    case .otherSchool: "bank.other_school"
    case .taken: "bank.taken"
    case .notCleared: "bank.not_cleared"
    case .reasonMissing: "bank.reason_missing"
    case .noExplanation: "bank.no_explanation"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownAccount, .unknownLine, .unknownTransfer, .notCleared: .notFound
    case .accountNumber, .reasonMissing, .noExplanation: .badData
    case .accountExists, .amountsDiffer, .otherSchool, .taken: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .accountExists:
      Text(
        "这个银行账户已经登记过。可用 yibang bank account list 查看。",
        "This bank account is registered already. See yibang bank account list.")
    case .accountNumber:
      Text(
        "请写账户名称，以及完整账号（8 至 32 位数字）或末四位。",
        "Give the account a name, and its number of 8 to 32 digits, or the last four.")
    case .unknownAccount(let id):
      Text(
        "没有银行账户 \(id.lowercase)。可用 yibang bank account list 查看。",
        "There is no bank account \(id.lowercase). See yibang bank account list.")
    case .unknownLine(let id):
      Text(
        "没有银行流水 \(id?.lowercase ?? "")。可用 yibang bank list 查看。",
        "There is no bank line \(id?.lowercase ?? ""). See yibang bank list.")
    case .unknownTransfer(let id):
      Text(
        "没有可对账的账目 \(id?.lowercase ?? "")：编号不对，或已全额冲正。可用 yibang donation list 查看。",
        "There is nothing in the books to reconcile as \(id?.lowercase ?? ""): no such id, or it is "
          + "reversed. See yibang donation list.")
    case .amountsDiffer:
      Text(
        "流水金额与所选账目的合计不相等，差一分也不能对账。请核对金额，或补选、减选账目。",
        "The line and the chosen transfers are not the same amount, to the fen. Check the amounts, or "
          + "choose other transfers.")
    case .otherSchool:
      Text(
        "流水和账目不属于同一所学校，不能对账。",
        "The line and the transfers belong to different schools: they cannot be matched.")
    case .taken:
      Text(
        "流水或账目已经对过账或已有说明。如需更改，先用 yibang bank unmatch 撤销。",
        "The line or a transfer is matched or explained already. To change it, undo that with "
          + "yibang bank unmatch first.")
    case .notCleared(let id):
      Text(
        "\(id.lowercase) 没有可撤销的对账或说明。可用 yibang bank list 查看。",
        "There is no match or explanation of \(id.lowercase) to undo. See yibang bank list.")
    case .reasonMissing:
      Text("请写明原因（--reason）。", "Say why (--reason).")
    case .noExplanation(let reason):
      Text(
        "“\(reason.name.zh)”不能用来说明这一笔。流水可用："
          + ReconciliationReason.ofLines.map(\.name.zh).joined(separator: "、") + "；账目可用："
          + ReconciliationReason.ofTransfers.map(\.name.zh).joined(separator: "、") + "。",
        "“\(reason.name.en)” does not explain this one. Lines: "
          + ReconciliationReason.ofLines.map(\.rawValue).joined(separator: ", ")
          + "; transfers: "
          + ReconciliationReason.ofTransfers.map(\.rawValue).joined(separator: ", ") + ".")
    }
  }

  /// What the database's refusal means.
  package static func refusal(_ error: PostgresError) -> any Error {
    let constraint: String?
    switch error {
    case .check(let detail), .foreignKey(let detail), .unique(let detail):
      constraint = detail.constraint
    default: constraint = nil
    }
    switch constraint {
    case "reconciliation_amount": return ReconciliationError.amountsDiffer
    case "reconciliation_school": return ReconciliationError.otherSchool
    case "reconciliation_line_known": return ReconciliationError.unknownLine(nil)
    case "reconciliation_transfer_known": return ReconciliationError.unknownTransfer(nil)
    case "reconciliation_line_once", "reconciliation_transfer_once":
      return ReconciliationError.taken
    default: return error
    }
  }
}
