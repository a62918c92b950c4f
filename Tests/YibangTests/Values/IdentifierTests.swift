import Testing

@testable import SchoolCalendar
@testable import Yibang

private typealias Reason = IdentifierError.Reason

@Suite("Identifiers")
struct IdentifierTests {
  private func reason(_ read: () throws(IdentifierError) -> Void) -> Reason? {
    do throws(IdentifierError) {
      try read()
      return nil
    } catch {
      return error.reason
    }
  }

  @Test(
    "a resident ID is read in every usual writing",
    arguments: [
      ("990000201503010017", "2015-03-01", ResidentID.Gender.male),
      ("990000201609150026", "2016-09-15", .female),
      ("99000020170520002X", "2017-05-20", .female), ("99000020170520002x", "2017-05-20", .female),
      ("９９００００２０１７０５２０００２Ｘ", "2017-05-20", .female),
      (" 990000 20150301 0017 ", "2015-03-01", .male), ("'990000201503010017", "2015-03-01", .male),
    ])
  func residentID(text: String, birthDate: String, gender: ResidentID.Gender) throws {
    let id = try ResidentID(text)
    #expect(id.birthDate.description == birthDate)
    #expect(id.gender == gender)
    #expect(id.region == "990000")
    #expect(id.text.count == 18 && id.text == id.text.uppercased())
    #expect(id.warnings == [.syntheticRegion])
  }

  @Test(
    "a wrong resident ID is refused by its reason",
    arguments: [
      ("990000201503010018", .wrongCheckCharacter), ("5.30103E+17", .digitsLost),
      ("5.30103E17", .digitsLost), ("5.3010320150301005e17", .digitsLost),
      ("５．３０１０３Ｅ＋１７", .digitsLost), ("9.9E+17", .digitsLost), ("9E17", .digitsLost),
      ("990000201503010000", .digitsLost), ("990000150301001", .oldResidentID),
      ("99000020150301001", .wrongLength(expected: "18", found: 17)),
      ("9900002015030100170", .wrongLength(expected: "18", found: 19)), ("", .empty), ("　", .empty),
      ("99000020150301O017", .illegalCharacter), ("99000020150301001Y", .illegalCharacter),
      ("X90000201503010017", .illegalCharacter), ("身份证号遗失", .illegalCharacter),
      ("990000189912310011", .impossibleBirthDate), ("990000201502300012", .impossibleBirthDate),
      ("990000201513010010", .impossibleBirthDate),
    ] as [(String, IdentifierError.Reason)])
  func wrongResidentID(text: String, expected: IdentifierError.Reason) {
    #expect(reason { () throws(IdentifierError) in _ = try ResidentID(text) } == expected)
  }

  @Test(
    "a region of a credit code is looked at, and the whole country is one",
    arguments: [
      ("53100000500000000", []), ("91990000MA0AAAA1X", [.syntheticRegion]),
      ("53530103MJ0000018", []), ("53160000MJ0000018", [.unknownRegion]),
    ] as [(String, [IdentifierWarning])])
  func creditCodeRegion(body: String, warnings: [IdentifierWarning]) throws {
    let codes = "0123456789ABCDEFGHJKLMNPQRTUWXY".compactMap { try? CreditCode(body + String($0)) }
    #expect(codes.map(\.warnings) == [warnings])
  }

  @Test("an unknown region of a resident ID is a warning, a known one is none")
  func regions() throws {
    #expect(try ResidentID("530103201503010016").warnings.isEmpty)
    #expect(
      try ResidentID("990000201501020000").warnings == [.syntheticRegion, .mayHaveLostDigits])
    #expect(try ResidentID("000000201503010018").warnings == [.unknownRegion])
  }

  @Test(
    "one changed digit of a resident ID is always noticed",
    arguments: ["990000201503010017", "99000020170520002X"])
  func singleDigit(valid: String) {
    for index in valid.indices.dropLast() {
      for digit in "0123456789" where digit != valid[index] {
        let changed = valid[..<index] + String(digit) + valid[valid.index(after: index)...]
        #expect(throws: IdentifierError.self) { try ResidentID(String(changed)) }
      }
    }
  }

  @Test(
    "a unified social credit code is read",
    arguments: [
      "91990000MA0AAAA1XB", "53990000MJ0000018G", "129900000000000197", "91990000ma0aaaa1xb",
      "９１９９００００ＭＡ０ＡＡＡＡ１ＸＢ", " 91990000 MA0AAAA1XB",
    ])
  func creditCode(text: String) throws {
    #expect(try CreditCode(text).text.count == 18)
  }

  @Test(
    "a wrong credit code is refused by its reason",
    arguments: [
      ("91990000MA0AAAA1XC", .wrongCheckCharacter),
      ("91990000MA0AAAA1X", .wrongLength(expected: "18", found: 17)),
      ("91990000MA0AAAA1XI", .illegalCharacter), ("919900A0MA0AAAA1XB", .illegalCharacter),
      ("1.299E+17", .digitsLost), ("129900000000000000", .digitsLost), ("", .empty),
    ] as [(String, IdentifierError.Reason)])
  func wrongCreditCode(text: String, expected: IdentifierError.Reason) {
    #expect(reason { () throws(IdentifierError) in _ = try CreditCode(text) } == expected)
  }

  @Test(
    "a student code is read in its three forms",
    arguments: [
      ("G990000201503010017", StudentCode.Form.fromResidentID),
      ("g99000020170520002x", .fromResidentID), ("J990000201503010018", .withoutResidentID),
      ("L990000201503010018", .temporary), ("Ｌ９９００００２０１５０３０１０００Ｘ", .temporary),
    ])
  func studentCode(text: String, form: StudentCode.Form) throws {
    let code = try StudentCode(text)
    #expect(code.form == form)
    #expect((code.residentID != nil) == (form == .fromResidentID))
  }

  @Test(
    "a wrong student code is refused by its reason and under its own name",
    arguments: [
      ("G990000201503010018", .wrongCheckCharacter), ("990000201503010017", .wrongPrefix),
      ("G99000020150301001", .wrongLength(expected: "19", found: 18)),
      ("X990000201503010017", .wrongPrefix), ("L99000020150301A018", .illegalCharacter),
      ("9.9E+17", .digitsLost), ("", .empty),
    ] as [(String, IdentifierError.Reason)])
  func wrongStudentCode(text: String, expected: IdentifierError.Reason) {
    let error = #expect(throws: IdentifierError.self) { try StudentCode(text) }
    #expect(error?.reason == expected)
    #expect(error?.kind == .studentCode)
    #expect(error?.text.zh.contains("学籍号") == true)
  }

  @Test(
    "a school code is read with its type",
    arguments: [
      ("2199000001", SchoolCode.SchoolType.primary, [IdentifierWarning.syntheticRegion]),
      ("3153000001", .junior, []), ("５１５３０００００１", .special, []),
      ("4153000001", nil, [.unknownSchoolType]), ("2100000001", .primary, [.unknownRegion]),
    ])
  func schoolCode(
    text: String, type: SchoolCode.SchoolType?, warnings: [IdentifierWarning]
  ) throws {
    let code = try SchoolCode(text)
    #expect(code.type == type)
    #expect(code.warnings == warnings)
  }

  @Test(
    "a wrong school or district code is refused by its reason",
    arguments: [
      ("219900000", .wrongLength(expected: "10", found: 9)), ("21990000O1", .illegalCharacter),
      ("2.199E+9", .digitsLost), ("", .empty),
    ] as [(String, IdentifierError.Reason)])
  func wrongSchoolCode(text: String, expected: IdentifierError.Reason) {
    #expect(reason { () throws(IdentifierError) in _ = try SchoolCode(text) } == expected)
  }

  @Test("a district code is read, an invented one too", arguments: ["530103", "９９００００", "990001"])
  func districtCode(text: String) throws {
    #expect(try DistrictCode(text).text.count == 6)
    #expect(try DistrictCode("530103").warnings.isEmpty)
    #expect(try DistrictCode("990000").warnings == [.syntheticRegion])
  }

  @Test(
    "a wrong district code is refused by its reason",
    arguments: [
      ("000000", .unknownProvince), ("5301", .wrongLength(expected: "6", found: 4)),
      ("53010a", .illegalCharacter), ("盘龙区", .illegalCharacter),
    ] as [(String, IdentifierError.Reason)])
  func wrongDistrictCode(text: String, expected: IdentifierError.Reason) {
    #expect(reason { () throws(IdentifierError) in _ = try DistrictCode(text) } == expected)
  }

  @Test(
    "a mobile number is read in every usual writing",
    arguments: [
      "13800001234", "+86 138 0000 1234", "+86-138-0000-1234", "008613800001234", "8613800001234",
      "１３８００００１２３４", "(+86)13800001234",
    ])
  func mobile(text: String) throws {
    #expect(try Mobile(text).text == "13800001234")
  }

  @Test(
    "a wrong mobile number is refused by its reason",
    arguments: [
      ("12800001234", .wrongPrefix), ("23800001234", .wrongPrefix),
      ("1380000123", .wrongLength(expected: "11", found: 10)), ("1.38E+10", .digitsLost),
      ("13800001234/13900001234", .illegalCharacter), ("无", .illegalCharacter), ("", .empty),
      ("0871-6500000", .wrongPrefix),
      ("0871-65000000", .wrongLength(expected: "11", found: 12)),
    ] as [(String, IdentifierError.Reason)])
  func wrongMobile(text: String, expected: IdentifierError.Reason) {
    #expect(reason { () throws(IdentifierError) in _ = try Mobile(text) } == expected)
  }

  @Test(
    "a bank card is read, and a failed Luhn check is a warning",
    arguments: [
      ("6222 0000 0000 0000 004", []), ("6222000000000000-004", []),
      ("6222000000000000005", [.failsLuhnCheck]), ("4111111111111111", []),
    ] as [(String, [IdentifierWarning])])
  func bankCard(text: String, warnings: [IdentifierWarning]) throws {
    #expect(try BankCard(text).warnings == warnings)
  }

  @Test(
    "a wrong bank card is refused by its reason",
    arguments: [
      ("6.22E+18", .digitsLost), ("6222021234567890000", .digitsLost),
      ("622200000000000", .wrongLength(expected: "16–19", found: 15)),
      ("62220000000000000000", .wrongLength(expected: "16–19", found: 20)),
      ("622200000000000a", .illegalCharacter), ("", .empty),
    ] as [(String, IdentifierError.Reason)])
  func wrongBankCard(text: String, expected: IdentifierError.Reason) {
    #expect(reason { () throws(IdentifierError) in _ = try BankCard(text) } == expected)
  }

  @Test("lost digits are refused with the advice to format the column as text")
  func adviceForLostDigits() {
    let error = #expect(throws: IdentifierError.self) { try ResidentID("5.30103E+17") }
    #expect(error?.advice.zh == "把该列设为文本格式后重新填写")
    #expect(error?.text.en.contains("as text") == true)
  }
}

@Suite("Identifiers keep their secret")
struct IdentifierMaskTests {
  @Test("masked forms show no more than they should")
  func masked() throws {
    #expect(try ResidentID("990000201503010017").masked == "99***************7")
    #expect(try StudentCode("G990000201503010017").masked == "G99***************7")
    #expect(try Mobile("13800001234").masked == "138****1234")
    #expect(try BankCard("4111111111111111").masked == "************1111")
  }

  @Test("codes that are public are shown whole")
  func publicCodes() throws {
    #expect(try SchoolCode("2199000001").description == "2199000001")
    #expect(try DistrictCode("990000").description == "990000")
    #expect(try CreditCode("129900000000000197").description == "129900000000000197")
  }

  @Test("printing, describing, reflecting and dumping shows only the masked form")
  func noLeak() throws {
    struct Pupil {
      let id: ResidentID
      let code: StudentCode
      let phone: Mobile
      let card: BankCard
    }
    let pupil = Pupil(
      id: try ResidentID("990000201503010017"), code: try StudentCode("G990000201503010017"),
      phone: try Mobile("13800001234"), card: try BankCard("4111111111111111"))
    var dumped = ""
    dump(pupil, to: &dumped)
    for text in ["\(pupil)", String(reflecting: pupil), "\([pupil.id])", dumped] {
      #expect(!text.contains("20150301") && !text.contains("13800001234"))
      #expect(!text.contains("4111111111111111"))
      #expect(text.contains("99***************7"))
    }
  }

  @Test("an error about a value does not repeat it")
  func errorsAreSilent() {
    let error = #expect(throws: IdentifierError.self) { try ResidentID("990000201503010018") }
    let told = [error?.text.zh ?? "", error?.text.en ?? "", String(reflecting: error)].joined()
    #expect(!told.contains("20150301"))
    #expect(told.contains("身份证号"))
  }
}

@Suite("Any text in an identifier's place")
struct IdentifierTextTests {
  /// Reads a text and checks what every identifier promises.
  private func check<ID: Yibang.Identifier>(_ type: ID.Type, _ text: String) {
    do throws(IdentifierError) {
      let identifier = try ID(text)
      #expect((try? ID(identifier.text)) == identifier, "\(text)")
    } catch {
      #expect(error.kind == ID.kind && !error.text.zh.isEmpty && !error.text.en.isEmpty)
    }
  }

  @Test(
    "no text makes a reader crash, and what is accepted reads back the same", arguments: [5, 6])
  func anyText(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("0000111122223333445566778899GJLXxE+-. ABC'（）省９Ｘ\u{FEFF}é")
    for _ in 0..<3000 {
      let length = [0, 1, 6, 10, 11, 15, 16, 18, 19, 25].randomElement(using: &random) ?? 0
      let text = String((0..<length).compactMap { _ in alphabet.randomElement(using: &random) })
      check(ResidentID.self, text)
      check(CreditCode.self, text)
      check(StudentCode.self, text)
      check(SchoolCode.self, text)
      check(DistrictCode.self, text)
      check(Mobile.self, text)
      check(BankCard.self, text)
      #expect(normalizeName(normalizeName(text)) == normalizeName(text), "\(text)")
      #expect(normalizeText(normalizeText(text)) == normalizeText(text), "\(text)")
      #expect(maskedName(text).count == normalizeName(text).count, "\(text)")
    }
  }
}
