/// The columns of a bank statement, as Chinese banks and payment platforms head them.
package enum BankColumn: SheetColumn {
  case day, time, posted, income, expense, amount, flag, balance, counterparty, counterAccount
  case serial, voucher, summary, use, remark, note

  package static let required: [BankColumn] = []
  package static let oneOf: [[BankColumn]] = [
    [.day, .time, .posted], [.income, .expense, .amount],
  ]

  package var headings: [String] {
    switch self {
    case .day: ["交易日期", "日期", "交易日", "发生日期", "交易发生日期", "date"]
    case .time: ["交易时间", "时间", "交易日期时间", "交易创建时间", "支付时间", "time"]
    case .posted: ["记账日期", "入账日期", "会计日期", "记账日", "入账日", "记账时间", "入账时间", "起息日"]
    case .income:
      [
        "收入", "收入金额", "贷方发生额", "贷方发生额/元", "贷方金额", "贷方", "存入金额", "存入", "转入金额", "贷方(收入)", "income",
        "credit",
      ]
    case .expense:
      [
        "支出", "支出金额", "借方发生额", "借方发生额/元", "借方金额", "借方", "支取金额", "支取", "取出金额", "转出金额", "expense",
        "debit",
      ]
    case .amount: ["金额", "交易金额", "发生额", "交易发生额", "交易额", "amount"]
    case .flag:
      ["借贷标志", "借贷标识", "借贷方向", "借贷", "借/贷", "收/支", "收支", "收支类型", "收支标志", "收付标志", "方向"]
    case .balance: ["余额", "账户余额", "当前余额", "本次余额", "交易后余额", "账户余额/元", "balance"]
    case .counterparty:
      [
        "对方户名", "对方名称", "对方账户名称", "对方账户名", "对方单位", "对方单位名称", "对方姓名", "交易对方", "交易对方名称", "对方户名/商户名称",
        "收/付方名称", "counterparty",
      ]
    case .counterAccount:
      ["对方账号", "对方账户", "对方卡号", "对方账号/卡号", "交易对方账号", "对方账户号", "收/付方账号"]
    case .serial:
      [
        "流水号", "交易流水号", "银行流水号", "业务流水号", "核心流水号", "交易流水", "账户明细编号-交易流水号", "交易单号", "交易号", "serial",
      ]
    case .voucher: ["凭证号", "凭证号码", "凭证编号", "企业流水号"]
    case .summary: ["摘要", "交易摘要", "摘要说明", "交易类型", "summary"]
    case .use: ["用途", "交易用途", "款项用途"]
    case .remark: ["附言", "交易附言", "客户附言", "留言", "转账附言"]
    case .note: ["备注", "说明", "交易备注", "note"]
    }
  }
}
