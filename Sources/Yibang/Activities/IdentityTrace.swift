/// A number in free text that looks like one that identifies a person. Texts that many people read,
/// such as an activity's theme, must hold none.
package enum IdentityTrace: Sendable, Hashable {
  case mobile
  /// A resident ID, a 学籍号 or a bank card: any number of 15 digits or more.
  case longNumber

  package var name: Text {
    switch self {
    case .mobile: Text("手机号", "mobile number")
    case .longNumber: Text("证件号、学籍号或卡号", "ID, student code or card number")
    }
  }

  /// The first such number, also one that is written in groups: 138 0013 8000. Dates, amounts and
  /// numbers of documents are none.
  package static func first(in text: String) -> IdentityTrace? {
    var groups: [String] = []
    var group = ""
    let characters = Array(normalizeText(text).uppercased())
    for (index, character) in characters.enumerated() {
      if isASCIIDigit(character) || (character == "X" && !group.isEmpty) {
        group.append(character)
        continue
      }
      if !group.isEmpty { groups.append(group) }
      let joins = " -".contains(character) && !group.isEmpty
      group = ""
      let goesOn = index + 1 < characters.count && isASCIIDigit(characters[index + 1])
      if joins && goesOn { continue }
      if let trace = judge(groups) { return trace }
      groups = []
    }
    if !group.isEmpty { groups.append(group) }
    return judge(groups)
  }

  private static func isASCIIDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }

  private static func judge(_ groups: [String]) -> IdentityTrace? {
    for start in groups.indices {
      var joined = ""
      for end in start..<min(start + 5, groups.count) {
        joined += groups[end]
        let parts = groups[start...end].map(\.count)
        if let trace = judge(joined, parts) { return trace }
      }
    }
    return nil
  }

  private static func judge(_ number: String, _ parts: [Int]) -> IdentityTrace? {
    let isWhole = parts.count == 1
    if isWhole, number.filter(isASCIIDigit).count >= 15 { return .longNumber }
    if number.count == 18, (try? ResidentID(number)) != nil { return .longNumber }
    // Groups of a date are shorter than those of a phone number.
    if isWhole || parts.allSatisfy({ $0 >= 3 }), isMobile(number) { return .mobile }
    let isCard = (16...19).contains(number.count) && parts.dropLast().allSatisfy { $0 == 4 }
    return isCard && !isWhole ? .longNumber : nil
  }

  private static func isMobile(_ number: String) -> Bool {
    guard number.allSatisfy(isASCIIDigit) else { return false }
    return (try? Mobile(number)) != nil
  }
}
