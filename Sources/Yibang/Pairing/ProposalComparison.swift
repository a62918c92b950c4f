package import Foundation
package import HardshipRecognition
import Postgres

extension Proposals {
  /// Two proposals side by side.
  package struct Comparison: Sendable, Codable {
    /// What a proposal comes to.
    package struct Side: Sendable, Codable {
      package let summary: Summary
      /// Pupils who are served, by their tier's code.
      package let served: [String: Int]
      /// What the sponsors would give a semester.
      package let amount: Money
    }

    /// A pupil whom both serve differently, or one alone.
    package struct Difference: Sendable, Codable {
      package enum Kind: String, CaseIterable, Sendable, Codable {
        case changed
        case onlyFirst = "only_first"
        case onlySecond = "only_second"

        package var name: Text {
          switch self {
          case .changed: Text("换了资助人", "another sponsor")
          case .onlyFirst: Text("只在前一份", "only in the first")
          case .onlySecond: Text("只在后一份", "only in the second")
          }
        }
      }

      package let kind: Kind
      package let student: UUID
      /// Masked.
      package let pupil: String
      package let school: String
      package let tier: Tier?
      /// The sponsors, by their display names.
      package let first: String?
      package let second: String?
    }

    package let first: Side
    package let second: Side
    /// Pairs of one pupil and one offer in both.
    package let same: Int
    /// In the order of need of the first, then of the second.
    package let differences: [Difference]
  }

  /// Compares the pairs of two proposals, whatever became of them.
  /// - Throws: `PairingError.unknownProposal`, `AccessError`.
  package static func compare(
    _ one: UUID, _ two: UUID, in context: Context
  ) async throws -> Comparison {
    let first = try await show(one, in: context)
    let second = try await show(two, in: context)
    let before = Dictionary(uniqueKeysWithValues: first.pairs.map { ($0.student, $0) })
    let after = Dictionary(uniqueKeysWithValues: second.pairs.map { ($0.student, $0) })
    var differences: [Comparison.Difference] = []
    for pair in first.pairs where after[pair.student]?.offer != pair.offer {
      let other = after[pair.student]
      differences.append(
        .init(
          kind: other == nil ? .onlyFirst : .changed, student: pair.student, pupil: pair.pupil,
          school: pair.school, tier: pair.tier, first: pair.sponsor, second: other?.sponsor))
    }
    for pair in second.pairs where before[pair.student] == nil {
      differences.append(
        .init(
          kind: .onlySecond, student: pair.student, pupil: pair.pupil, school: pair.school,
          tier: pair.tier, first: nil, second: pair.sponsor))
    }
    return Comparison(
      first: try side(first), second: try side(second),
      same: first.pairs.count { after[$0.student]?.offer == $0.offer }, differences: differences)
  }

  private static func side(_ detail: Detail) throws -> Comparison.Side {
    Comparison.Side(
      summary: detail.summary,
      served: Dictionary(detail.pairs.compactMap { pair in pair.tier.map { ($0.rawValue, 1) } }) {
        $0 + $1
      },
      amount: try detail.pairs.map(\.amount).total())
  }
}
