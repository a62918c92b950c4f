/// Why a text is no amount of money, or a calculation has none.
package enum MoneyError: ValueError, CaseIterable {
  /// Beyond ±92,233,720,368,547,758.07 yuan.
  case overflow
  case empty
  /// Below zero where only amounts from zero up are meant.
  case negative
  /// A part of a fen.
  case tooManyDecimals
  /// Separators that do not part groups of three digits.
  case badGrouping
  /// 约, 左右, 多, 余, 几: no exact amount.
  case approximate
  /// Two amounts, as in 1000-2000.
  case range
  /// 1e3: a spreadsheet's short form, which may have lost digits.
  case scientific
  /// 三千五, which may mean 3500 or, with a zero left out, 3005.
  case ambiguous
  case unreadable

  package var problem: Text {
    switch self {
    case .overflow:
      Text(zh: "金额超出可表示的范围", en: "the amount is too large")
    case .empty:
      Text(zh: "金额为空", en: "the amount is empty")
    case .negative:
      Text(zh: "金额为负数", en: "the amount is negative")
    case .tooManyDecimals:
      Text(zh: "金额精确到分以下", en: "the amount has parts of a fen")
    case .badGrouping:
      Text(zh: "千位分隔符的位置不对", en: "the thousands separators are misplaced")
    case .approximate:
      Text(zh: "金额不确定（约、左右、多、余、几）", en: "the amount is only approximate")
    case .range:
      Text(zh: "填写的是金额范围", en: "this is a range of amounts")
    case .scientific:
      Text(
        zh: "金额是科学计数法，可能已丢失数字",
        en: "the amount is in scientific notation and may have lost digits")
    case .ambiguous:
      Text(
        zh: "金额有两种读法（如“三千五”可指3500或3005）",
        en: "the amount can be read in two ways (三千五: 3500 or 3005)")
    case .unreadable:
      Text(zh: "无法识别的金额", en: "this is not an amount of money")
    }
  }

  package var advice: Text {
    switch self {
    case .overflow:
      Text(zh: "请核对金额", en: "check the amount")
    case .negative:
      Text(
        zh: "请填写正数；退款或更正请用冲正",
        en: "write a positive amount; refunds and corrections are made by reversal")
    case .tooManyDecimals:
      Text(zh: "请最多保留两位小数", en: "write at most two decimals")
    case .badGrouping:
      Text(zh: "请写成1,234.50或1234.50", en: "write 1,234.50 or 1234.50")
    case .approximate, .range:
      Text(zh: "请填写实际的准确金额", en: "write the one exact amount")
    case .scientific:
      Text(
        zh: "请把该列设为“数值”或“文本”格式后重新填写",
        en: "format the column as numbers or text and write the amount again")
    case .ambiguous:
      Text(
        zh: "请写全（三千五百或三千零五），或用数字填写",
        en: "write it in full (三千五百 or 三千零五), or in digits")
    case .empty, .unreadable:
      Text(
        zh: "请填写如1000、1,234.50、五百元的金额",
        en: "write an amount such as 1000, 1,234.50 or 五百元")
    }
  }
}
