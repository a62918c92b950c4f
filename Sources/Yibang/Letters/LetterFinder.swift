import Foundation

/// What a reviewer is shown of a letter: contact data, the pupil's name, distress.
package struct LetterFinding: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, CaseIterable, Codable {
    case phone, identity, card, mail, messenger, address
    /// The pupil's own: for a sponsor who may know it.
    case name
    case distress
    /// Seen by a reviewer.
    case other

    /// Blocks the release of the text as it stands.
    package var isContact: Bool { self != .name && self != .distress }

    package var name: Text {
      switch self {
      case .phone: Text("电话号码", "phone number")
      case .identity: Text("证件号", "ID number")
      case .card: Text("卡号", "card number")
      case .mail: Text("邮箱", "mail address")
      case .messenger: Text("QQ、微信等账号", "messenger account")
      case .address: Text("住址", "address")
      case .name: Text("学生姓名", "pupil's name")
      case .distress: Text("可能的困境", "distress")
      case .other: Text("其他联系方式", "other contact")
      }
    }
  }

  package let kind: Kind
  /// In characters of the text.
  package let range: Range<Int>
}

/// Finds contact data in whatever spelling: full-width, Chinese, circled or spaced digits, dashes,
/// line breaks. It rather finds too much: what it finds is a person's to look at.
package struct LetterFinder: Sendable {
  /// What may stand between the digits of one number.
  private static let gap = #"[\s\-‐-―_.·・•,，、。/\\*~()（）+:：;；|'"“”]{0,3}"#
  private static let digit = "[0-9]"

  private struct Pattern {
    let kind: LetterFinding.Kind
    let expression: NSRegularExpression

    init(_ kind: LetterFinding.Kind, _ pattern: String) {
      self.kind = kind
      guard let expression = try? NSRegularExpression(pattern: pattern, options: .caseInsensitive)
      else { preconditionFailure("a pattern of the program is not one") }
      self.expression = expression
    }
  }

  private static let number = Pattern(.phone, "\(digit)(?:\(gap)\(digit)){6,}(?:\(gap)x)?")
  private static let date = Pattern(
    .phone, #"^(19|20)[0-9]{2}[-./](0?[1-9]|1[0-2])[-./](0?[1-9]|[12][0-9]|3[01])$"#)
  /// Read with Chinese digits as digits.
  private static let accounts: [Pattern] = [
    Pattern(
      .mail, #"[a-z0-9._%+-]+\s*(@|\(at\)|\[at\]|艾特|圈a)\s*[a-z0-9-]+\s*(\.|点|dot)\s*[a-z]{2,}"#),
    Pattern(
      .messenger,
      #"(qq|q号|扣扣|企鹅号|微信|薇信|威信|v信|vx|wx|weixin|wechat|抖音|快手|小红书)"#
        + #"[^a-z0-9\n]{0,8}[a-z0-9](?:[\s\-_.]{0,2}[a-z0-9_]){4,}"#),
    Pattern(.messenger, #"wxid_[a-z0-9]+"#),
    Pattern(
      .phone, #"(电话|手机|号码|打给我|联系我|联系方式|加我)[^0-9\n]{0,12}[0-9](?:[^0-9\n]{0,6}[0-9]){4,}"#),
    Pattern(.address, #"(邮编|邮政编码)[^0-9\n]{0,4}[0-9]{6}"#),
    Pattern(
      .address, #"[\p{Han}0-9]{1,10}(路|街|巷|弄|大道|胡同|村|里)\s*[0-9十百]+\s*(号|弄|栋|幢|附)"#),
    Pattern(.address, #"[0-9a-z]+\s*(栋|幢|号楼|单元)\s*[0-9a-z]*"#),
    Pattern(.address, #"村\s*[0-9]+\s*(组|社|队|号)"#),
    Pattern(.address, #"(门牌|房间|宿舍)号?[^0-9\n]{0,3}[0-9]{2,}"#),
  ]
  /// Read as it stands.
  private static let places: [Pattern] = [
    Pattern(.address, #"\p{Han}{2,6}(省|自治区|市)\p{Han}{1,8}(市|区|县|州|旗|镇|乡)"#),
    Pattern(.address, #"\p{Han}{2,7}(县|区|旗)\p{Han}{1,8}(乡|镇|街道|村|社区|小区)"#),
    Pattern(.address, #"\p{Han}{2,6}(乡|镇|街道)\p{Han}{1,6}(村|社区|组|屯|寨)"#),
    Pattern(
      .address, #"(我家|家住|住在|地址|住址)[^\n，。！？,.!?]{0,12}(村|镇|乡|小区|社区|路|街|巷|弄|屯|寨|号)"#),
  ]

  private static let distress: [String] = String(
    decoding: PackageResources.distress_txt, as: UTF8.self
  ).split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)

  private static let chineseDigits: [Unicode.Scalar: Unicode.Scalar] = {
    var digits: [Unicode.Scalar: Unicode.Scalar] = ["幺": "1", "洞": "0", "拐": "7", "勾": "9"]
    for row in ["〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "○壹貳參肆伍陸柒捌玖"] {
      for (value, scalar) in row.unicodeScalars.enumerated() {
        digits[scalar] = Unicode.Scalar(UInt8(48 + value))
      }
    }
    return digits
  }()

  /// A text folded for comparison, and which character of the original each of its units is of.
  private struct Folded {
    var plain = ""
    /// The same length, with Chinese digits as digits.
    var digits = ""
    var origin: [Int] = []

    init(_ text: String) {
      for (index, character) in text.enumerated() {
        for scalar in character.unicodeScalars {
          if scalar.properties.isDefaultIgnorableCodePoint { continue }
          if scalar.properties.generalCategory == .enclosingMark { continue }
          append(scalar, index)
        }
      }
    }

    private mutating func append(_ scalar: Unicode.Scalar, _ index: Int) {
      var folded = String(scalar).precomposedStringWithCompatibilityMapping.lowercased()
      if let value = scalar.properties.numericValue, (0...9).contains(value),
        value == value.rounded(),
        scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
      {
        folded = "\(Int(value))"
      }
      for part in folded.unicodeScalars {
        plain.unicodeScalars.append(part)
        digits.unicodeScalars.append(LetterFinder.chineseDigits[part] ?? part)
        for _ in 0..<(part.value > 0xFFFF ? 2 : 1) { origin.append(index) }
      }
    }
  }

  private let school: String
  private let pupil: String

  /// - Parameters:
  ///   - school: its name may stand in a letter: the sponsor knows it.
  ///   - pupil: its full name.
  package init(school: String, pupil: String) {
    self.school = school
    self.pupil = pupil
  }

  package func findings(in text: String) -> [LetterFinding] {
    let folded = Folded(text)
    // Unit for unit, so that what is found stands where it was.
    let masked = folded.plain.replacingOccurrences(
      of: school.precomposedStringWithCompatibilityMapping.lowercased(),
      with: String(repeating: "#", count: school.utf16.count))
    var findings = numbers(folded)
    for pattern in Self.accounts { findings += matches(pattern, folded.digits, folded) }
    for pattern in Self.places { findings += matches(pattern, masked, folded) }
    for word in Self.distress { findings += occurrences(of: word, .distress, folded) }
    if pupil.count > 1 { findings += occurrences(of: pupil, .name, folded) }
    return Set(findings).sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
  }

  private func numbers(_ folded: Folded) -> [LetterFinding] {
    let text = folded.digits as NSString
    return Self.ranges(Self.number, folded.digits).compactMap { range in
      let words = text.substring(with: range)
      if !Self.ranges(Self.date, words).isEmpty { return nil }
      let length = words.count { $0.isNumber || $0 == "x" }
      let kind: LetterFinding.Kind =
        switch length {
        case 15, 18: .identity
        case 16...: .card
        default: .phone
        }
      return Self.finding(kind, range, folded)
    }
  }

  private func matches(
    _ pattern: Pattern, _ text: String, _ folded: Folded
  ) -> [LetterFinding] {
    Self.ranges(pattern, text).compactMap { Self.finding(pattern.kind, $0, folded) }
  }

  private func occurrences(
    of word: String, _ kind: LetterFinding.Kind, _ folded: Folded
  ) -> [LetterFinding] {
    let text = folded.plain as NSString
    var found: [LetterFinding] = []
    var rest = NSRange(location: 0, length: text.length)
    while true {
      let range = text.range(of: word, options: .literal, range: rest)
      if range.location == NSNotFound { return found }
      if let finding = Self.finding(kind, range, folded) { found.append(finding) }
      let end = range.location + range.length
      rest = NSRange(location: end, length: text.length - end)
    }
  }

  private static func ranges(_ pattern: Pattern, _ text: String) -> [NSRange] {
    let whole = NSRange(location: 0, length: text.utf16.count)
    return pattern.expression.matches(in: text, range: whole).map(\.range)
  }

  private static func finding(
    _ kind: LetterFinding.Kind, _ range: NSRange, _ folded: Folded
  ) -> LetterFinding? {
    guard range.length > 0 else { return nil }
    let last = folded.origin[range.location + range.length - 1]
    return LetterFinding(kind: kind, range: folded.origin[range.location]..<last + 1)
  }

  /// The text with blocks in place of contact data; found again until there is none.
  package func redacted(_ text: String) -> String {
    var text = text
    while true {
      let contacts = findings(in: text).filter(\.kind.isContact)
      if contacts.isEmpty { return text }
      var characters = Array(text)
      for finding in contacts {
        for index in finding.range { characters[index] = "■" }
      }
      text = String(characters)
    }
  }
}
