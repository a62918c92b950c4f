/// The columns of a 捐款情况表.
package enum DonationColumn: SheetColumn {
  case donor, amount, date, kind, className, method, designation, receipt, handler, note

  package static let required: [DonationColumn] = [.donor, .amount]
  package static let summed: DonationColumn? = .amount

  package var headings: [String] {
    switch self {
    case .donor:
      [
        "捐款人", "捐款人/单位", "捐款单位", "捐款人姓名", "捐赠人", "捐赠人/单位", "捐赠单位", "捐赠者", "姓名", "单位/个人", "捐款单位/个人",
        "捐款人或单位", "捐赠单位或个人", "捐款者", "donor",
      ]
    case .amount:
      [
        "金额", "金额或物品", "捐款金额", "捐赠金额", "捐款数额", "捐款额", "金额/物品", "捐款金额或物品", "数额", "捐款数", "amount",
      ]
    case .date: ["日期", "捐款日期", "捐赠日期", "时间", "捐款时间", "捐赠时间", "到账日期", "收款日期", "date"]
    case .kind: ["类别", "捐款人类别", "捐赠人类别", "身份", "人员类别", "捐赠类别", "kind"]
    case .className: ["班级", "所在班级", "部门", "班级/部门", "class"]
    case .method: ["方式", "捐款方式", "捐赠方式", "支付方式", "付款方式", "缴款方式", "method"]
    case .designation: ["指定用途", "用途", "捐赠用途", "捐款用途", "定向用途", "designation"]
    case .receipt: ["票据号", "收据号", "票据编号", "收据编号", "票号", "receipt"]
    case .handler: ["经手人", "经办人", "收款人", "handler"]
    case .note: ["备注", "说明", "note"]
    }
  }
}
