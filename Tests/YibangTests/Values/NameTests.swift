import Testing

@testable import Yibang

@Suite("Names and text")
struct NameTests {
  @Test(
    "text is brought to half width, without invisible characters and spaces at its ends",
    arguments: [
      ("　Ａ１（２）　", "A1(2)"), ("\u{FEFF}张三\u{200B}", "张三"), ("￥１，０００", "¥1,000"),
      ("a\u{00A0}b", "a b"), ("\n甲\t", "甲"), ("", ""), ("　", ""), ("一班。", "一班。"),
    ])
  func text(text: String, expected: String) {
    #expect(normalizeText(text) == expected)
  }

  @Test(
    "a name is brought to its one form",
    arguments: [
      ("张三", "张三"), ("张  三", "张三"), ("张　伟", "张伟"), (" 张 小 明 ", "张小明"),
      ("阿依古丽·买买提", "阿依古丽·买买提"), ("阿依古丽•买买提", "阿依古丽·买买提"),
      ("阿依古丽.买买提", "阿依古丽·买买提"), ("阿依古丽．买买提", "阿依古丽·买买提"),
      ("阿依古丽 ・ 买买提", "阿依古丽·买买提"), ("阿依古丽‧买买提", "阿依古丽·买买提"),
      ("John   Smith", "John Smith"), ("Ｊ. Smith", "J. Smith"), ("𠮷 田", "𠮷田"),
      ("测试 ABC 公司", "测试 ABC 公司"), ("", ""), ("·", "·"),
    ])
  func name(text: String, expected: String) {
    #expect(normalizeName(text) == expected)
    #expect(normalizeName(expected) == expected)
  }

  @Test(
    "a name is masked as notices show it",
    arguments: [
      ("张三", "张*"), ("张小明", "张*明"), ("欧阳小明", "欧**明"), ("张", "*"), ("", ""),
      ("阿依古丽·买买提", "阿***·***"), ("阿依古丽•买买提", "阿***·***"), ("John Smith", "J*** *****"),
      ("张　三", "张*"), ("𠮷田明", "𠮷*明"), ("Madonna", "M*****a"),
    ])
  func masked(name: String, expected: String) {
    #expect(maskedName(name) == expected)
  }

  @Test("an organisation is not masked")
  func organisation() {
    #expect(maskedName("测试文具有限公司", isOrganisation: true) == "测试文具有限公司")
  }
}
