/// What stands in the way of closing a semester.
package struct OpenItem: Sendable, Codable {
  package enum Kind: String, Sendable, Codable, CaseIterable {
    case earlierSemester = "earlier_semester"
    case notOver = "not_over"
    case paymentBatch = "payment_batch"
    case payout
    case committed
    case bankLine = "bank_line"
    case unreconciled
    case handOut = "hand_out"
    case stock

    package var name: Text {
      switch self {
      case .earlierSemester: Text("较早的学期未结账", "earlier semester open")
      case .notOver: Text("学期尚未结束", "semester not over")
      case .paymentBatch: Text("未办结的发放批次", "open payment batch")
      case .payout: Text("未发放的一帮一资助", "child not paid")
      case .committed: Text("已批准未支付", "approved, unpaid")
      case .bankLine: Text("未对账的银行流水", "unmatched bank line")
      case .unreconciled: Text("未对账的账面收支", "unreconciled transfer")
      case .handOut: Text("未签收的物品发放", "unsigned hand-out")
      case .stock: Text("库存为负", "negative stock")
      }
    }
  }

  package let kind: Kind
  /// Which one, and what to do.
  package let what: Text

  package init(_ kind: Kind, _ what: Text) {
    self.kind = kind
    self.what = what
  }
}
