import Yibang

extension API {
  /// What may be published, as it is shown: a value with its title, in the caller's language.
  struct PublishedFact: Codable, Sendable {
    let title: String
    let value: String

    static func all(_ facts: [(title: String, value: String)]) -> [PublishedFact] {
      facts.map { PublishedFact(title: $0.title, value: $0.value) }
    }
  }
}
