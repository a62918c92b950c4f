/// Whether a bank line names a donor: by the whole name, never by a part of it.
///
/// 王伟 is not 王伟明, and a shared surname or given name says nothing (NPSP #7161).
struct PayerName: Hashable, Sendable {
  /// As `comparable(_:)` gives it.
  let text: String
  /// A company's or organisation's name may stand inside a longer one: with its branch or city.
  let isOrganisation: Bool

  /// - Returns: nil for a name that identifies nobody: 匿名, one character.
  init?(_ name: String, kind: DonorKind) {
    isOrganisation = kind == .company || kind == .organisation
    text = Self.comparable(name)
    guard text.count >= 2, !DonorDetails.unnamed.contains(name) else { return nil }
  }

  /// Shorter organisations' names are compared whole: 教育 stands in too many.
  static let shortestContained = 4

  /// What is compared of a name: no spaces, no brackets, no dots, lower case.
  static func comparable(_ name: String) -> String {
    var bare = ""
    for character in normalizeName(name).lowercased()
    where character.isLetter || character.isNumber {
      bare.append(character)
    }
    return bare
  }

  /// Words that stand beside a name in what people write with a transfer.
  private static let besides = [
    "爱心捐款", "爱心捐赠", "捐赠款", "捐款", "捐赠", "爱心款", "爱心", "资助款", "资助", "助学金", "助学款", "助学", "一帮一",
    "转账", "汇款", "付款", "转入", "来账", "收款", "老师", "教师", "同学", "先生", "女士", "家长", "同志", "来自", "备注",
    "姓名", "捐款人", "付款人", "汇款人",
  ].sorted { $0.count > $1.count }

  /// The words of a text that may be a person's name: what white space, punctuation and the words
  /// beside a name leave standing.
  static func words(of text: String) -> Set<String> {
    var words: Set<String> = []
    for run in normalizeText(text).lowercased().split(whereSeparator: { !isOfName($0) }) {
      words.insert(comparable(String(run)))
      var rest = String(run)
      for beside in besides where rest.contains(beside) {
        rest = rest.replacing(beside, with: " ")
      }
      for word in rest.split(separator: " ") { words.insert(comparable(String(word))) }
    }
    words.remove("")
    return words
  }

  private static func isOfName(_ character: Character) -> Bool {
    character.isLetter || character == "·" || character == "•"
  }

  /// Whether a text may be one person's name: two to four Chinese characters that name no
  /// institution. What banks put there for others (财付通, 支付宝, 待清算) is not contradicted by a donor.
  static func isPerson(_ text: String) -> Bool {
    let name = comparable(text)
    guard (2...4).contains(name.count), name.allSatisfy({ !$0.isASCII }) else { return false }
    let institutions = [
      "支付", "财付", "微信", "银行", "清算", "公司", "中心", "基金", "协会", "学校", "小学", "中学", "委员", "现金", "存款",
      "网银", "转账", "收款", "商户", "平台", "账户", "工会", "机构",
    ]
    return !institutions.contains { name.contains($0) }
  }
}
