/// Why a text is not the identifier that it should be. It does not hold the text.
package struct IdentifierError: ValueError {
  package enum Reason: Hashable, Sendable {
    case empty
    /// A spreadsheet made a number of it, in the form 5.30103E+17 or with zeros for the last
    /// digits: it cannot be restored.
    case digitsLost
    /// Another number of characters than the rule says, such as `18`.
    case wrongLength(expected: String, found: Int)
    case illegalCharacter
    /// The last character does not agree with the others: one of them is mistyped.
    case wrongCheckCharacter
    /// The birth date in it is no date, or before 1900.
    case impossibleBirthDate
    /// The first-generation number of 15 digits, without a check character.
    case oldResidentID
    /// The first characters are none that this identifier begins with.
    case wrongPrefix
    /// The first two digits are no province of GB/T 2260.
    case unknownProvince
  }

  package let kind: IdentifierKind
  package let reason: Reason

  package var problem: Text {
    let (zh, en) = (kind.name.zh, kind.name.en)
    return switch reason {
    case .empty:
      Text(zh: "\(zh)为空", en: "the \(en) is empty")
    case .digitsLost:
      Text(
        zh: "\(zh)被表格软件转成了数字，末尾数字已丢失",
        en: "a spreadsheet turned the \(en) into a number and its last digits are lost")
    case .wrongLength(let expected, let found):
      Text(
        zh: "\(zh)应为\(expected)位，此处为\(found)位",
        en: "the \(en) has \(found) characters and should have \(expected)")
    case .illegalCharacter:
      Text(
        zh: "\(zh)含有不允许的字符", en: "the \(en) has a character that does not belong there")
    case .wrongCheckCharacter:
      Text(
        zh: "\(zh)校验位不符，至少有一位填错",
        en: "the check character of the \(en) does not match: a character is wrong")
    case .impossibleBirthDate:
      Text(zh: "\(zh)中的出生日期不存在", en: "the birth date in the \(en) does not exist")
    case .oldResidentID:
      Text(
        zh: "15位旧身份证号已停用", en: "resident ID numbers of 15 digits are no longer valid")
    case .wrongPrefix:
      Text(zh: "\(zh)的开头不对", en: "the \(en) begins wrongly")
    case .unknownProvince:
      Text(
        zh: "\(zh)的省级代码不存在", en: "the \(en) begins with a province that does not exist")
    }
  }

  package var advice: Text {
    switch (reason, kind) {
    case (.digitsLost, _):
      Text(
        zh: "把该列设为文本格式后重新填写",
        en: "format the column as text and write the numbers again")
    case (.oldResidentID, _):
      Text(zh: "请填写18位身份证号", en: "write the number of 18 characters")
    case (.empty, _):
      Text(zh: "请填写\(kind.name.zh)", en: "write the \(kind.name.en)")
    case (.wrongPrefix, .studentCode):
      Text(
        zh: "学籍号以G、J或L开头，后接18位",
        en: "a student code is G, J or L and 18 characters")
    case (_, .mobile):
      Text(
        zh: "请填写一个11位手机号，以13至19开头",
        en: "write one mobile number of 11 digits that begins with 13 to 19")
    case (_, .districtCode):
      Text(
        zh: "请填写6位代码，如530103（盘龙区）",
        en: "write the code of six digits, such as 530103 for 盘龙区")
    case (_, .schoolCode):
      Text(
        zh: "请填写10位学校标识码", en: "write the school code of ten digits")
    case (_, .creditCode):
      Text(
        zh: "请对照登记证书重新填写", en: "compare it with the certificate and write it again")
    case (_, .bankCard):
      Text(zh: "请对照银行卡重新填写", en: "compare it with the card and write it again")
    default:
      Text(
        zh: "请对照户口簿或证件重新填写",
        en: "compare it with the household register or card and write it again")
    }
  }
}

/// What is odd about an identifier that is accepted.
package enum IdentifierWarning: String, Hashable, Sendable, CaseIterable {
  /// Begins with no province that the product knows.
  case unknownRegion
  /// Begins with 99, which no place has: invented, as in samples and tests.
  case syntheticRegion
  /// Begins with a school type that the product does not know.
  case unknownSchoolType
  /// Fails the Luhn check, as some passbooks do and mistyped cards nearly always.
  case failsLuhnCheck
  /// Ends in the zeros that a spreadsheet writes for lost digits, though its check agrees.
  case mayHaveLostDigits

  package var message: Text {
    switch self {
    case .unknownRegion:
      Text(zh: "地区代码不在已知范围，请核对", en: "unknown region code; please check")
    case .syntheticRegion:
      Text(zh: "地区代码以99开头，是虚构的", en: "the region code begins with 99 and is invented")
    case .unknownSchoolType:
      Text(zh: "学校类型代码不在已知范围，请核对", en: "unknown school type; please check")
    case .failsLuhnCheck:
      Text(
        zh: "卡号未通过校验（存折号可能如此），请核对",
        en: "the card number fails its check (some passbooks do); please check")
    case .mayHaveLostDigits:
      Text(
        zh: "末尾都是0，可能是表格软件丢失了数字，请核对",
        en: "it ends in zeros, perhaps digits that a spreadsheet lost; please check")
    }
  }
}
