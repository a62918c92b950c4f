/// What may be published about a child: a value of its own type, never a bare text.
///
/// Nothing but the types of this file conforms. A published record is made of such values alone
/// (``Published``), so that a notice, page or export with anything else does not compile.
package protocol Publishable: Sendable, Encodable {
  /// What a column of such values is called.
  static var labels: (zh: String, en: String) { get }
  func published(inEnglish: Bool) -> String
}

extension Publishable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(published(inEnglish: false))
  }
}

/// The number of a line of a list, by which an objection names it.
package struct LineNumber: Publishable, Hashable {
  package static let labels = (zh: "序号", en: "number")
  package let number: Int

  package init(_ number: Int) {
    self.number = number
  }

  package func published(inEnglish: Bool) -> String { "\(number)" }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }
}

/// A pupil's name with stars, such as 张*明: the full name cannot be had back from it.
package struct MaskedName: Publishable, Hashable, Codable, CustomStringConvertible {
  package static let labels = (zh: "姓名", en: "name")
  package let description: String

  package init(masking name: String) {
    description = maskedName(name)
  }

  package func published(inEnglish: Bool) -> String { description }

  package init(from decoder: any Decoder) throws {
    self.init(masking: try decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

package struct SchoolName: Publishable, Hashable {
  package static let labels = (zh: "学校", en: "school")
  private let text: String

  package init(_ text: String) {
    self.text = text
  }

  package func published(inEnglish: Bool) -> String { text }
}

package struct GradeName: Publishable, Hashable {
  package static let labels = (zh: "年级", en: "grade")
  private let text: String

  package init(_ text: String) {
    self.text = text
  }

  package func published(inEnglish: Bool) -> String { text }
}

package struct ClassName: Publishable, Hashable {
  package static let labels = (zh: "班级", en: "class")
  private let text: String

  package init(_ text: String) {
    self.text = text
  }

  package func published(inEnglish: Bool) -> String { text }
}

/// The tier by its name; never the category on which it rests.
package struct TierName: Publishable, Hashable {
  package static let labels = (zh: "认定等级", en: "tier")
  private let zh: String
  private let en: String

  /// What an adjustment says of a pupil whose recognition ends.
  package static let noLongerRecognised = TierName(zh: "不再认定", en: "no longer recognised")

  package init(zh: String, en: String) {
    self.zh = zh
    self.en = en
  }

  package func published(inEnglish: Bool) -> String { inEnglish ? en : zh }
}

package struct SemesterName: Publishable, Hashable {
  package static let labels = (zh: "学期", en: "semester")
  private let zh: String
  private let en: String

  package init(zh: String, en: String) {
    self.zh = zh
    self.en = en
  }

  package func published(inEnglish: Bool) -> String { inEnglish ? en : zh }
}

/// That support has ended, and never why.
package struct SupportEnded: Publishable, Hashable {
  package static let labels = (zh: "情况", en: "state")

  package init() {}

  package func published(inEnglish: Bool) -> String {
    inEnglish ? "The support has ended." : "对该学生的帮扶已经结束。"
  }
}

/// What a value is: the title of its column.
package protocol PublishedTitle: Sendable {
  static var labels: (zh: String, en: String) { get }
}

/// An amount: of whatever it is given, figures alone.
package struct PublishedMoney<Title: PublishedTitle>: Publishable, Hashable {
  package static var labels: (zh: String, en: String) { Title.labels }
  private let figures: String

  package init(_ amount: String) {
    figures = amount.filter { "¥0123456789,.".contains($0) }
  }

  package func published(inEnglish: Bool) -> String { figures }
}

/// A day, as 2026-09-30: of whatever it is given, digits and dashes alone.
package struct PublishedDay<Title: PublishedTitle>: Publishable, Hashable {
  package static var labels: (zh: String, en: String) { Title.labels }
  private let text: String

  package init(_ day: String) {
    text = day.filter { "0123456789-".contains($0) }
  }

  package func published(inEnglish: Bool) -> String { text }
}

/// What came in from a sponsor and was not paid out.
package typealias MoneyKept = PublishedMoney<KeptTitle>
package typealias MoneyPromised = PublishedMoney<PromisedTitle>
package typealias MoneyAwaited = PublishedMoney<AwaitedTitle>
package typealias MoneyReceived = PublishedMoney<ReceivedTitle>
/// What the child is known to have received.
package typealias MoneyReached = PublishedMoney<ReachedTitle>
package typealias DueDay = PublishedDay<DueTitle>
package typealias EventDay = PublishedDay<EventTitle>

package enum KeptTitle: PublishedTitle {
  package static let labels = (zh: "已收到尚未发放", en: "received, not paid out")
}

package enum PromisedTitle: PublishedTitle {
  package static let labels = (zh: "承诺金额", en: "promised")
}

package enum AwaitedTitle: PublishedTitle {
  package static let labels = (zh: "待到账金额", en: "awaited")
}

package enum ReceivedTitle: PublishedTitle {
  package static let labels = (zh: "已到账金额", en: "received")
}

package enum ReachedTitle: PublishedTitle {
  package static let labels = (zh: "学生已领取金额", en: "reached the pupil")
}

package enum DueTitle: PublishedTitle {
  package static let labels = (zh: "应到账日期", en: "due on")
}

package enum EventTitle: PublishedTitle {
  package static let labels = (zh: "日期", en: "date")
}

/// A pupil as its sponsor may know it: by its full name only where that is consented to.
package struct SponsorsPupil: Publishable, Hashable {
  package static let labels = (zh: "学生", en: "pupil")
  private let text: String

  package init(_ name: String, isNamed: Bool) {
    text = isNamed ? name : maskedName(name)
  }

  package func published(inEnglish: Bool) -> String { text }
}

/// Which of a commitment's six instalments.
package struct InstalmentNumber: Publishable, Hashable {
  package static let labels = (zh: "期数", en: "instalment")
  private let number: Int

  package init(_ number: Int) {
    self.number = number
  }

  package func published(inEnglish: Bool) -> String { inEnglish ? "\(number)" : "第 \(number) 期" }
}

/// What an activity was called.
package struct ActivityTitle: Publishable, Hashable {
  package static let labels = (zh: "活动", en: "activity")
  private let text: String

  package init(_ text: String) {
    self.text = text
  }

  package func published(inEnglish: Bool) -> String { text }
}

/// A record that may be published, because each of its fields may.
package struct Published<each Field: Publishable>: Sendable {
  package let fields: (repeat each Field)

  package init(_ field: repeat each Field) {
    fields = (repeat each field)
  }

  package static func labels(inEnglish: Bool) -> [String] {
    var labels: [String] = []
    for type in repeat (each Field).self {
      labels.append(inEnglish ? type.labels.en : type.labels.zh)
    }
    return labels
  }

  package func values(inEnglish: Bool) -> [String] {
    var values: [String] = []
    for field in repeat each fields { values.append(field.published(inEnglish: inEnglish)) }
    return values
  }

  /// Each value with its title.
  package func facts(inEnglish: Bool) -> [(title: String, value: String)] {
    zip(Self.labels(inEnglish: inEnglish), values(inEnglish: inEnglish)).map { ($0, $1) }
  }

  /// The record as a letter tells it, a field a line.
  package func lines(inEnglish: Bool) -> [String] {
    facts(inEnglish: inEnglish).map {
      inEnglish ? "\($0.title): \($0.value)" : "\($0.title)：\($0.value)"
    }
  }

  /// The record as a line of a list.
  package func row(inEnglish: Bool) -> String {
    values(inEnglish: inEnglish).joined(separator: "  ")
  }
}

extension Published: Encodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
      self.stringValue = stringValue
    }

    init?(intValue: Int) { nil }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for value in repeat each fields { try Self.encode(value, &container) }
  }

  private static func encode<Value: Publishable>(
    _ value: Value, _ container: inout KeyedEncodingContainer<Key>
  ) throws {
    try container.encode(value, forKey: Key(stringValue: Value.labels.en))
  }
}
