/// Why private data is not shown.
package enum RevealError: YibangError {
  case tooMany(seconds: Int)
  /// The reason names the person; it would stay in the trail.
  case reasonNames
  case periodReversed
  case periodTooLong(days: Int)
  case askedByMissing

  package var code: String {
    switch self {
    case .tooMany: "reveal.too_many"
    case .reasonNames: "reveal.reason_names"
    case .periodReversed: "access.period_reversed"
    case .periodTooLong: "access.period_too_long"
    case .askedByMissing: "access.asked_by_missing"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .tooMany(let seconds): .tooMany(retryAfter: seconds)
    case .reasonNames: .badData
    case .periodReversed, .periodTooLong, .askedByMissing: .usage
    }
  }

  package var text: Text {
    switch self {
    case .tooMany(let seconds):
      Text(
        "查看身份信息过于频繁：每人每小时最多 \(Reveals.hourly) 次、24 小时最多 \(Reveals.daily) 次。"
          + "请 \((seconds + 59) / 60) 分钟后再试；需要整份名单时请导出报表。",
        "Identities were looked up too often: \(Reveals.hourly) an hour and \(Reveals.daily) in 24 "
          + "hours at most. Try again in \((seconds + 59) / 60) minutes; for a whole list make its "
          + "report.")
    case .reasonNames:
      Text(
        "理由中写了本人姓名。理由会记入审计，请删去姓名。",
        "The reason names the person. It is kept in the audit trail: take the name out.")
    case .periodReversed:
      Text("起始日期晚于截止日期，请核对。", "The first day is after the last one. Check them.")
    case .periodTooLong(let days):
      Text("一次最多查 \(days) 天，请缩短日期范围。", "\(days) days at most at a time: choose fewer.")
    case .askedByMissing:
      Text(
        "请写明是谁申请查询，如“母亲”（不写号码）。",
        "Say who asked for it, such as “mother”, without any number.")
    }
  }
}
