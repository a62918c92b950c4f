extension Money: CustomStringConvertible {
  /// `¥1,234.56`, and `-¥1,234.56` below zero.
  package var description: String {
    "\(sign)¥\(grouped(yuan)).\(twoDigits)"
  }

  /// `1234.56`, and `-1234.56` below zero: for files that other programs read.
  package var plain: String {
    "\(sign)\(yuan).\(twoDigits)"
  }

  /// The amount in 大写, as receipts and payment sheets write it: 壹仟贰佰叁拾肆元伍角陆分.
  ///
  /// Follows 会计基础工作规范 52 and 正确填写票据和结算凭证的基本规定: 整 after 元 or 角 and
  /// not after 分; one 零 for zeros between digits; no 零 where only the last digit before 元 or
  /// 万 is zero, which the rules leave open. Below zero it begins with 负.
  package var uppercase: String {
    let (jiao, fen) = (Int(cents / 10), Int(cents % 10))
    var text = isNegative ? "负" : ""
    if yuan > 0 || cents == 0 { text += Self.uppercase(yuan) + "元" }
    if jiao > 0 {
      text += Self.digits[jiao] + "角"
    } else if fen > 0 && yuan > 0 {
      text += "零"
    }
    return text + (fen > 0 ? Self.digits[fen] + "分" : "整")
  }
}

extension Money {
  private static let digits = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"]

  private var sign: String { isNegative ? "-" : "" }
  private var yuan: UInt64 { fen.magnitude / 100 }
  private var cents: UInt64 { fen.magnitude % 100 }

  private var twoDigits: String { cents < 10 ? "0\(cents)" : "\(cents)" }

  private func grouped(_ number: UInt64) -> String {
    var result = ""
    let text = String(number)
    for (index, digit) in text.enumerated() {
      if index > 0 && (text.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return result
  }

  /// A number in 大写. 亿 multiplies all that stands before it, so that 10¹² is 壹万亿.
  private static func uppercase(_ number: UInt64) -> String {
    for (unit, name) in [(UInt64(100_000_000), "亿"), (10_000, "万")] where number >= unit {
      let (high, low) = number.quotientAndRemainder(dividingBy: unit)
      let text = uppercase(high) + name
      if low == 0 { return text }
      return text + (low < unit / 10 ? "零" : "") + uppercase(low)
    }
    return number == 0 ? digits[0] : underTenThousand(Int(number))
  }

  private static func underTenThousand(_ number: Int) -> String {
    var text = ""
    var pendingZero = false
    for (unit, name) in [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
      let digit = number / unit % 10
      if digit == 0 {
        pendingZero = !text.isEmpty
      } else {
        text += (pendingZero ? "零" : "") + digits[digit] + name
        pendingZero = false
      }
    }
    return text
  }
}
