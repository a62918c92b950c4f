import Foundation
import Testing

@testable import Yibang

@Suite("Money")
struct MoneyTests {
  @Test(
    "an amount is read as people write it",
    arguments: [
      ("1000", 100_000), ("¥1,000", 100_000), ("￥1,000.00", 100_000), ("1000元", 100_000),
      ("１０００．５０", 100_050), ("1 000.00", 100_000), ("1,234.5", 123_450),
      ("RMB 1,234.56", 123_456), ("1234.56 CNY", 123_456), ("rmb500", 50_000),
      ("人民币1000元整", 100_000), ("1000.000", 100_000), ("0", 0), ("0.00元", 0), ("-0.00", 0),
      ("0.01", 1), ("312.5", 31_250), ("007", 700), ("1000 元", 100_000), ("50块", 5000),
      ("1.2万", 1_200_000), ("1000  万", 1_000_000_000), ("1.2万元", 1_200_000),
      ("1.23456万", 1_234_560), ("3千", 300_000),
      ("2百元", 20_000), ("1,234万", 1_234_000_000), ("0.5亿", 5_000_000_000),
      ("12元5角", 1250), ("12元5角6分", 1256), ("5角", 50), ("8分", 8), ("12元零5分", 1205),
      ("\u{FEFF}　500　", 50_000), ("92233720368547758.07", Int64.max),
    ] as [(String, Int64)])
  func digits(text: String, fen: Int64) throws {
    #expect(try Money(parsing: text).fen == fen)
  }

  @Test(
    "an amount in Chinese numerals is read",
    arguments: [
      ("五百元", 50_000), ("两千", 200_000), ("一千二百元", 120_000), ("十五元", 1500),
      ("壹拾伍元整", 1500), ("拾伍元整", 1500), ("二十元", 2000), ("一百一十元", 11_000),
      ("三千零五元", 300_500), ("一万零五元", 1_000_500), ("一万五千元", 1_500_000),
      ("一亿五千万元", 15_000_000_000), ("三亿零五万元", 30_005_000_000), ("零元整", 0),
      ("壹仟贰佰叁拾肆元伍角陆分", 123_456), ("人民币壹仟元整", 100_000),
      ("人民币（大写）：伍佰元正", 50_000), ("壹佰圆整", 10_000), ("陆拾元零伍分", 6005),
      ("叁拾元伍角整", 3050), ("叁拾元零角零分", 3000), ("五元五角", 550), ("贰角", 20),
      ("一万亿元", 100_000_000_000_000), ("伍 佰 元 整", 50_000), ("萬元", nil), ("貳萬元", 2_000_000),
    ] as [(String, Int64?)])
  func numerals(text: String, fen: Int64?) {
    #expect((try? Money(parsing: text))?.fen == fen)
  }

  @Test(
    "what is no exact amount is refused by its reason",
    arguments: [
      ("", .empty), ("　\u{FEFF} ", .empty), ("-5", .negative), ("¥-5", .negative),
      ("−5元", .negative), ("负五元", .negative), ("(1,000.00)", .negative),
      ("1.001", .tooManyDecimals), ("0.005元", .tooManyDecimals), ("1.2345678万", .tooManyDecimals),
      ("312.49999999999994", .tooManyDecimals), ("1,00,0", .badGrouping), ("12,34", .badGrouping),
      ("1,0000", .badGrouping), (",100", .unreadable), ("1,", .badGrouping),
      ("0,123", .badGrouping),
      ("1.234,56", .badGrouping), ("1,234 567", .badGrouping), ("1 00", .badGrouping),
      ("1'000", .badGrouping), ("1000,00", .badGrouping), ("约1000", .approximate),
      ("1000左右", .approximate), ("1000多元", .approximate), ("几百元", .approximate),
      ("1000+", .approximate), ("1000-2000", .range), ("1000～2000元", .range),
      ("一百至二百元", .range), ("1e3", .scientific), ("1.5E+5", .scientific), ("1e-3", .scientific),
      ("三千五", .ambiguous), ("三千五元", .ambiguous), ("叁仟伍元整", .ambiguous),
      ("一万五", .ambiguous), ("三千五万", .ambiguous), ("一亿二亿", .ambiguous),
      ("92233720368547758.08", .overflow), ("999999999999999999999", .overflow),
      ("九亿亿亿元", .overflow), ("1000000000000万亿", .overflow), ("元", .unreadable),
      ("¥", .unreadable), ("-", .unreadable), (".5", .unreadable), ("5.", .unreadable),
      ("1.2.3", .unreadable), ("一千元书籍", .unreadable), ("书包", .unreadable), ("一二三", .unreadable),
      ("五百零", .unreadable), ("零零", .unreadable), ("百元", .unreadable), ("五百千元", .unreadable),
      ("五分三角", .unreadable), ("1元55", .unreadable), ("1.5元5角", .unreadable),
      ("100美元", .unreadable), ("$100", .unreadable), ("1元2元", .unreadable), ("--5", .unreadable),
      ("1000元/年", .unreadable), ("١٠٠", .unreadable),
      (String(repeating: "9", count: 1000), .unreadable),
    ] as [(String, MoneyError)])
  func refused(text: String, error: MoneyError) {
    #expect(throws: error) { try Money(parsing: text) }
  }

  @Test(
    "a negative amount is read where it is meant",
    arguments: [
      ("-5", -500), ("-¥1,234.56", -123_456), ("¥-5.00", -500), ("(1,000.00)", -100_000),
      ("负五元", -500), ("5", 500), ("-92233720368547758.08", Int64.min),
    ] as [(String, Int64)])
  func negative(text: String, fen: Int64) throws {
    #expect(try Money(parsing: text, allowNegative: true).fen == fen)
  }

  @Test(
    "an amount is printed with groups, plainly and in 大写",
    arguments: [
      (123_456, "¥1,234.56", "1234.56", "壹仟贰佰叁拾肆元伍角陆分"),
      (0, "¥0.00", "0.00", "零元整"), (5, "¥0.05", "0.05", "伍分"), (50, "¥0.50", "0.50", "伍角整"),
      (15, "¥0.15", "0.15", "壹角伍分"), (100, "¥1.00", "1.00", "壹元整"),
      (105, "¥1.05", "1.05", "壹元零伍分"), (31_250, "¥312.50", "312.50", "叁佰壹拾贰元伍角整"),
      (-1000, "-¥10.00", "-10.00", "负壹拾元整"),
      (100_000_000, "¥1,000,000.00", "1000000.00", "壹佰万元整"),
      (
        Int64.max, "¥92,233,720,368,547,758.07", "92233720368547758.07",
        "玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分"
      ),
      (
        Int64.min, "-¥92,233,720,368,547,758.08", "-92233720368547758.08",
        "负玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零捌分"
      ),
    ] as [(Int64, String, String, String)])
  func printed(fen: Int64, grouped: String, plain: String, uppercase: String) {
    let money = Money(fen: fen)
    #expect("\(money)" == grouped)
    #expect(money.plain == plain)
    #expect(money.uppercase == uppercase)
  }

  @Test(
    "大写 has its zeros where the rules want them",
    arguments: [
      (140_950, "壹仟肆佰零玖元伍角整"), (600_714, "陆仟零柒元壹角肆分"),
      (168_032, "壹仟陆佰捌拾元叁角贰分"), (10_700_053, "壹拾万柒仟元伍角叁分"),
      (1_640_902, "壹万陆仟肆佰零玖元零贰分"), (32_504, "叁佰贰拾伍元零肆分"),
      (1_000_100, "壹万零壹元整"), (1_001_000, "壹万零壹拾元整"), (100_000_100, "壹佰万零壹元整"),
      (100_100_000_000, "壹拾亿零壹佰万元整"), (10_000_000_000, "壹亿元整"),
      (10_000_100_000, "壹亿零壹仟元整"), (1_000_000_000_000_100, "壹拾万亿零壹元整"),
      (1_000_000_000_000_000_000, "壹亿亿元整"), (1_050_000, "壹万零伍佰元整"),
    ] as [(Int64, String)])
  func zeros(fen: Int64, uppercase: String) {
    #expect(Money(fen: fen).uppercase == uppercase)
  }

  @Test("every printed form is read back as the same amount", arguments: [UInt64(1), 20_260_901])
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      // Shifting gives small and large amounts alike, and masking makes runs of zeros.
      let shift = Int64.random(in: 0...62, using: &random)
      let digits = Int64.random(in: 0...Int64.max, using: &random) >> shift
      let units: [Int64] = [1, 10, 1000, 1_000_000]
      let unit = units.randomElement(using: &random) ?? 1
      let sign: Int64 = Bool.random(using: &random) ? 1 : -1
      let money = Money(fen: digits / unit * unit * sign)
      for text in [money.description, money.plain, money.uppercase, "人民币" + money.uppercase] {
        let read = try Money(parsing: text, allowNegative: true)
        #expect(read == money, "\(text), seed \(seed)")
      }
    }
  }

  @Test("every amount below ten thousand yuan, to the jiao, is read back from 大写")
  func allSmall() throws {
    for fen in stride(from: Int64(0), through: 1_000_000, by: 10) {
      let money = Money(fen: fen)
      let read = try Money(parsing: money.uppercase)
      #expect(read == money, "\(money.uppercase)")
    }
  }

  @Test("no text makes the reader crash, and what it reads it prints as itself", arguments: [3, 4])
  func anyText(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("0123456789.,-¥()元角分整万亿千百十零一二五两伍佰拾E+ 约至负人民币")
    for _ in 0..<8000 {
      let length = Int.random(in: 0...12, using: &random)
      let text = String((0..<length).compactMap { _ in alphabet.randomElement(using: &random) })
      guard let money = try? Money(parsing: text) else { continue }
      #expect(money.fen >= 0 && (try? Money(parsing: money.uppercase)) == money, "\(text)")
    }
  }
}

@Suite("Calculating with money")
struct MoneyArithmeticTests {
  @Test("amounts add, subtract, multiply and compare to the fen")
  func exact() throws {
    let (first, second) = (Money(fen: 61_123), Money(fen: 26_195))
    #expect(try first + second == Money(fen: 87_318))
    #expect(try second - first == Money(fen: -34_928))
    #expect(try Money(fen: 31_250) * 2 == Money(fen: 62_500))
    #expect(try -first == Money(fen: -61_123))
    #expect(second < first)
  }

  @Test("what does not fit is an error and neither trap nor wrap")
  func overflow() {
    let (largest, smallest) = (Money(fen: .max), Money(fen: .min))
    #expect(throws: MoneyError.overflow) { try largest + Money(fen: 1) }
    #expect(throws: MoneyError.overflow) { try smallest - Money(fen: 1) }
    #expect(throws: MoneyError.overflow) { try largest * 2 }
    #expect(throws: MoneyError.overflow) { try -smallest }
    #expect(throws: MoneyError.overflow) { try [largest, Money(fen: 1)].total() }
  }

  @Test("a sum depends on no order, even where sums on the way would not fit")
  func total() throws {
    let amounts = [Money(fen: .max), Money(fen: .max), Money(fen: -.max), Money(fen: -.max)]
    #expect(try amounts.total() == .zero)
    #expect(try [Money]().total() == .zero)
  }

  @Test(
    "instalments add up exactly and the last takes the remainder",
    arguments: [
      (100_000, 3, [33_333, 33_333, 33_334]), (600_000, 6, Array(repeating: 100_000, count: 6)),
      (62_500, 2, [31_250, 31_250]), (5, 6, [0, 0, 0, 0, 0, 5]), (7, 1, [7]), (0, 2, [0, 0]),
      (-100, 3, [-33, -33, -34]),
    ] as [(Int64, Int, [Int64])])
  func split(fen: Int64, count: Int, shares: [Int64]) throws {
    let instalments = Money(fen: fen).split(into: count)
    #expect(instalments.map(\.fen) == shares)
    #expect(try instalments.total().fen == fen)
  }

  @Test("money is coded as fen with a text for people, and read from fen alone")
  func coding() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let coded = try encoder.encode(Money(fen: 123_456))
    #expect(String(decoding: coded, as: UTF8.self) == #"{"fen":123456,"text":"¥1,234.56"}"#)
    let read = try JSONDecoder().decode(Money.self, from: Data(#"{"fen":5,"text":"¥9"}"#.utf8))
    #expect(read == Money(fen: 5))
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Money.self, from: Data(#"{"fen":1.5}"#.utf8))
    }
  }

  @Test("every error says what is wrong and what to do, in both languages")
  func wording() {
    for error in MoneyError.allCases {
      #expect(error.text.zh.contains("；") && error.text.en.contains("; "))
    }
  }
}
