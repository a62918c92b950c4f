/// A sentence for people, in both languages of the product.
package struct Text: Sendable, Hashable, Codable {
  package var zh: String
  package var en: String

  package init(_ zh: String, _ en: String) {
    self.zh = zh
    self.en = en
  }

  package init(zh: String, en: String) {
    self.init(zh, en)
  }

  package func callAsFunction(_ language: Language) -> String {
    language == .zh ? zh : en
  }
}

/// The language in which a person reads: Chinese unless English is asked for.
package enum Language: String, Sendable, CaseIterable, Codable {
  case zh, en

  /// From `LANG`-like text: `en_US.UTF-8` is English, everything else Chinese.
  package init(locale: String?) {
    self = locale?.lowercased().hasPrefix("en") == true ? .en : .zh
  }
}
