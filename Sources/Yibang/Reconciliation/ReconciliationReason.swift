/// Why a bank line and transfers belong together, or why one of them needs no other side.
package enum ReconciliationReason: String, Sendable, Codable, CaseIterable {
  case number
  case nameAndDay = "name_and_day"
  case nameNearDay = "name_near_day"
  case batch
  case amountAndDate = "amount_and_date"
  case byHand = "by_hand"
  case fee, interest, personal
  case ownTransfer = "own_transfer"
  case cashKept = "cash_kept"
  case inTransit = "in_transit"
  case other

  /// How sure it is, 0 to 100.
  package var score: Int {
    switch self {
    case .number: 100
    case .nameAndDay: 95
    case .nameNearDay: 90
    case .batch: 80
    case .amountAndDate: 70
    default: 100
    }
  }

  package var name: Text {
    switch self {
    case .number: Text("票据号或编号相同", "the receipt number or id is the same")
    case .nameAndDay: Text("金额、户名、日期都相同", "amount, name and day are the same")
    case .nameNearDay: Text("金额、户名相同，日期相近", "amount and name are the same, the days are near")
    case .batch: Text("整批合计等于流水金额", "the whole batch adds up to the line")
    case .amountAndDate:
      Text("金额相同、日期相近，且双方都只有这一笔", "amount and near days, the only such pair on both sides")
    case .byHand: Text("人工核对", "matched by hand")
    case .fee: Text("银行手续费", "bank fee")
    case .interest: Text("利息", "interest")
    case .personal: Text("公私混用", "a private amount on this account")
    case .ownTransfer: Text("本单位账户间划转", "moved between own accounts")
    case .cashKept: Text("现金留存，未存银行", "cash kept, not paid in")
    case .inTransit: Text("在途，银行尚未记账", "in transit, not yet on a statement")
    case .other: Text("其他", "other")
    }
  }

  /// What a clerk may explain a bank line with that no transfer stands for.
  package static let ofLines: [ReconciliationReason] = [
    .fee, .interest, .personal, .ownTransfer, .other,
  ]
  /// What a clerk may explain a transfer with that no bank line stands for.
  package static let ofTransfers: [ReconciliationReason] = [.cashKept, .inTransit, .other]

  /// From its code or its Chinese name.
  package init?(word: String) {
    guard
      let reason = Self.allCases.first(where: { $0.rawValue == word || $0.name.zh == word })
    else { return nil }
    self = reason
  }
}
