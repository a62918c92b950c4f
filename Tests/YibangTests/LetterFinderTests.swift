import Foundation
import Testing

@testable import Yibang

@Suite("What is found in a pupil's letter")
struct LetterFinderTests {
  private static let finder = LetterFinder(school: "测试县第一小学", pupil: "样小例")

  private static func kinds(_ text: String) -> Set<LetterFinding.Kind> {
    Set(finder.findings(in: text).map(\.kind))
  }

  @Test(
    "contact data in any spelling",
    arguments: [
      ("我的电话是19900000001", .phone), ("打给我：199 0000 0001", .phone),
      ("１９９００００００００１", .phone), ("一九九零零零零零零零一", .phone), ("幺九九-0000-零零零1", .phone),
      ("①⑨⑨⓪⓪⓪⓪⓪⓪⓪①", .phone), ("1️⃣9️⃣9️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣", .phone),
      ("199\u{200B}0000\u{200B}0001", .phone), ("壹玖玖零零零零零零零壹", .phone),
      ("1.9.9.0.0.0.0.0.0.0.1", .phone), ("199\n0000\n0001", .phone), ("𝟏𝟗𝟗𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟏", .phone),
      ("电话前面是199，然后是0000，最后0001", .phone), ("座机0871-6300000", .phone),
      ("身份证990000201503010017", .identity), ("99000020170520002Ｘ", .identity),
      ("九九零零零零二零一五零三零一零零一七", .identity), ("卡号6222 0000 0000 0000 000", .card),
      ("写信到 yang@example.cn 吧", .mail), ("yang＠example。cn 或 yang (at) example.cn", .mail),
      ("我的QQ是 12345", .messenger), ("加我微信：yang_xiao99", .messenger),
      ("薇信 y a n g 9 9", .messenger), ("wxid_ab12cd", .messenger), ("扣扣一二三四五六", .messenger),
      ("云南省测试市某某县", .address), ("测试县样例镇小河村", .address), ("我家住在样例小区", .address),
      ("样例路12号", .address), ("样例路十二号", .address), ("3栋2单元401", .address),
      ("小河村3组", .address), ("邮编 650000", .address),
    ] as [(String, LetterFinding.Kind)])
  func found(text: String, kind: LetterFinding.Kind) {
    #expect(Self.kinds(text).contains(kind), "\(text): \(Self.kinds(text))")
  }

  @Test(
    "harmless words are not held",
    arguments: [
      "敬爱的叔叔阿姨，您好！", "这学期我语文考了98分，数学考了100分。", "今天是2026年9月1日，开学了。",
      "2026-09-01，晴。", "我在测试县第一小学三年级2班读书。", "我最喜欢打球和打扫卫生。",
      "妈妈用微信和爸爸视频。", "我有一个妹妹，她五岁了。", "爷爷今年七十三岁。", "我排第12名。",
      "早上6:30起床，7:10到学校。", "一、二、三，大家一起跑。", "谢谢您寄来的1000元。", "我长高了3厘米，现在142厘米。",
    ])
  func harmless(text: String) {
    #expect(Self.finder.findings(in: text).isEmpty, "\(Self.finder.findings(in: text))")
  }

  @Test(
    "distress", arguments: ["爸爸喝了酒就打我", "我害怕回家", "有时候我不想活了", "他不给饭吃", "同学欺负我"])
  func distress(text: String) {
    #expect(Self.kinds(text) == [.distress])
  }

  @Test("the pupil's own name is told apart, and a finding stands where it was")
  func places() throws {
    let text = "我叫样小例，电话一九九 0000 0001。👨‍👩‍👧谢谢！"
    let findings = Self.finder.findings(in: text)
    let characters = Array(text)
    let name = try #require(findings.first { $0.kind == .name })
    #expect(String(characters[name.range]) == "样小例")
    let phone = try #require(findings.first { $0.kind == .phone })
    #expect(String(characters[phone.range]).hasSuffix("一九九 0000 0001"))
    let redacted = Self.finder.redacted(text)
    #expect(redacted.hasPrefix("我叫样小例，") && redacted.hasSuffix("。👨‍👩‍👧谢谢！"))
    #expect(redacted.count == text.count && !redacted.contains("0001"))
  }

  @Test(
    "ten thousand letters with a number planted in some spelling: each is found, and redacted away")
  func planted() {
    for seed in 0..<10_000 {
      var letter = InventedLetter(seed: UInt64(seed))
      let text = letter.withNumber()
      let contacts = Self.finder.findings(in: text).filter(\.kind.isContact)
      #expect(!contacts.isEmpty, "seed \(seed): \(text)")
      if seed % 20 == 0 {
        let rest = Self.finder.findings(in: Self.finder.redacted(text))
        #expect(!rest.contains { $0.kind.isContact }, "seed \(seed): \(text)")
      }
    }
  }

  @Test("ten thousand harmless letters: fewer than one in two hundred is held back")
  func falseAlarms() {
    var held = 0
    for seed in 0..<10_000 {
      var letter = InventedLetter(seed: UInt64(seed) + 1_000_000)
      if !Self.finder.findings(in: letter.harmless()).isEmpty { held += 1 }
    }
    print("harmless letters held back: \(held) of 10000")
    #expect(held < 50)
  }
}

/// Letters made by a seed.
struct InventedLetter {
  private var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  private static let sentences = [
    "敬爱的叔叔阿姨，您好！", "谢谢您一直以来的关心和帮助。", "我在学校过得很好，老师和同学都很照顾我。",
    "我会努力学习，将来做一个对社会有用的人。", "家里的小狗也长大了，每天跟着我跑来跑去。", "我最喜欢体育课，尤其是打篮球。",
    "周末我帮奶奶做家务，还学会了做西红柿炒鸡蛋。", "我们班参加了合唱比赛，得了二等奖。", "祝您身体健康，工作顺利！",
    "我想当一名医生，给村里的老人看病。", "上个月我读完了《西游记》，最喜欢孙悟空。", "天气变冷了，请您注意保暖。",
    "妈妈在外地打工，我们常常用微信视频。", "老师说我的字写得越来越好了。", "操场边上的桂花开了，很香。",
    "我和弟弟一起种了向日葵。", "班主任带我们去参观了科技馆。", "我每天走路上学，路上要走半个小时。",
  ]

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  private mutating func chosen(_ words: [String]) -> String {
    words[number(0...words.count - 1)]
  }

  /// Sentences with ordinary numbers among them.
  private mutating func sentence() -> String {
    switch number(0...11) {
    case 0: "这次语文考了\(number(80...100))分，数学\(number(80...100))分，英语\(number(80...100))分。"
    case 1: "我今年\(number(7...17))岁，读\(chosen(["三", "四", "五", "六"]))年级\(number(1...8))班。"
    case 2: "\(number(2025...2026))年\(number(1...12))月\(number(1...28))日，我们开了运动会。"
    case 3: "我跑了\(number(50...1500))米，用了\(number(1...9))分\(number(10...59))秒。"
    case 4: "收到您寄来的\(number(2...20) * 100)元，我买了\(number(2...9))本书。"
    case 5: "早上\(number(6...7)):\(number(10...59))起床，晚上\(number(8...9)):\(number(10...59))睡觉。"
    case 6: "我的身高是\(number(110...175))厘米，体重\(number(40...99))斤。"
    default: chosen(Self.sentences)
    }
  }

  mutating func harmless() -> String {
    (0..<number(4...14)).map { _ in sentence() }.joined(separator: chosen(["", "\n", " "]))
  }

  mutating func withNumber() -> String {
    let text = harmless()
    let planted = chosen(["", "我的号码是", "您可以打", "记住："]) + spelled() + chosen(["", "。", "哦"])
    return number(0...1) == 0 ? text + planted : planted + text
  }

  /// A phone, ID or card number in a spelling.
  private mutating func spelled() -> String {
    let digits =
      switch number(0...3) {
      case 0: "990000201503010017"
      case 1: "6222" + (0..<number(12...15)).map { _ in "\(number(0...9))" }.joined()
      default: "1\(number(3...9))" + (0..<9).map { _ in "\(number(0...9))" }.joined()
      }
    let styles = [
      Array("0123456789"), Array("０１２３４５６７８９"), Array("〇一二三四五六七八九"), Array("零壹贰叁肆伍陆柒捌玖"),
      Array("⓪①②③④⑤⑥⑦⑧⑨"), Array("零幺二三四五六七八九"), Array("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
    ]
    let style = styles[number(0...styles.count - 1)]
    let mixed = number(0...3) == 0
    let gap = chosen(["", "", " ", "-", "—", "·", ".", "\u{200B}", "　", "、", "\n", "  "])
    let every = number(1...4)
    var spelled = ""
    for (index, digit) in digits.enumerated() {
      let value = digit.wholeNumberValue ?? 0
      let used = mixed ? styles[number(0...styles.count - 1)] : style
      spelled += (index > 0 && index % every == 0 ? gap : "") + String(used[value])
    }
    return spelled
  }
}
