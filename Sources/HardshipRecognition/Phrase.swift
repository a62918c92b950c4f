/// A text in both languages of this library.
public struct Phrase: Hashable, Sendable, Codable {
  public let zh: String
  public let en: String

  public init(zh: String, en: String) {
    self.zh = zh
    self.en = en
  }
}
