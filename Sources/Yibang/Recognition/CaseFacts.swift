import Foundation
import HardshipRecognition
import Postgres

extension Cases {
  private static let panelFacts: SQL = """
    select shows_hardship, score, grounds_sealed, id from case_panel_facts($1)
    """

  /// What the whole panel found, as the rules take it: for each factor the findings that speak of it,
  /// and the scores of all assessors. Nothing until all findings are in.
  static func panelFacts(
    _ id: UUID, _ session: borrowing Session, _ vault: Vault
  ) throws -> HardshipFacts {
    var facts = HardshipFacts()
    for row in try session.query(panelFacts, id) {
      let showsHardship: Bool = try row.get(0)
      let found = try vault.openJSON(
        CaseGrounds.Finding.self, try row.optional(2), at: CaseGrounds.finding(try row.get(3)))
      facts.findings += (found?.factors ?? []).map {
        HardshipRecognition.Finding(factor: $0, showsHardship: showsHardship)
      }
      if let score: Int32 = try row.optional(1) { facts.assessorTotals.append(Int(score)) }
    }
    return facts
  }
}

extension RuleSet {
  /// The sum of what was chosen on the score card.
  /// - Throws: `RecognitionError.scoreCard` for an unknown item or option, or a missing item.
  func points(of answers: [String: String]) throws -> Int {
    let items = scoreCard?.items ?? []
    for code in answers.keys.sorted() where !items.contains(where: { $0.code == code }) {
      throw RecognitionError.scoreCard(code, known: items.map(\.code))
    }
    return try items.reduce(0) { sum, item in
      guard let option = item.options.first(where: { $0.code == answers[item.code] }) else {
        throw RecognitionError.scoreCard(
          item.code, known: item.options.map { "\(item.code)=\($0.code)" })
      }
      return sum + option.points
    }
  }
}
