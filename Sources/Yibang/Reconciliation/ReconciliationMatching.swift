package import Foundation
package import SchoolCalendar

/// Which bank lines and transfers of one school belong together. Pure: the same lines and entries
/// give the same answer in whatever order they come.
///
/// The evidence is tried from the strongest to the weakest. At each step only pairs that are the only
/// ones on both sides are taken, so that nothing depends on which is looked at first; what has
/// several answers is left to a person, with its candidates. Amounts are looked up, never compared
/// one by one: the cost is that of sorting.
package enum ReconciliationMatching {
  package struct Line: Sendable {
    package let id: UUID
    package let day: CalendarDate
    /// Positive came in, negative went out.
    package let amount: Money
    package let counterparty: String?
    /// 摘要, 用途, 附言 and 备注 as one text.
    package let text: String
    /// The bank's own numbers.
    package let numbers: [String]

    package init(
      id: UUID, day: CalendarDate, amount: Money, counterparty: String? = nil, text: String = "",
      numbers: [String] = []
    ) {
      self.id = id
      self.day = day
      self.amount = amount
      self.counterparty = counterparty
      self.text = text
      self.numbers = numbers
    }
  }

  /// A transfer of the books.
  package struct Entry: Sendable {
    package let id: UUID
    package let day: CalendarDate
    /// Signed as a line's.
    package let amount: Money
    /// Who gave; nil where the books name nobody.
    package let payer: (name: String, kind: DonorKind)?
    /// Receipt number and ids.
    package let numbers: [String]
    /// The batches and lists that it is part of, which the bank may book as one amount.
    package let batches: [String]

    package init(
      id: UUID, day: CalendarDate, amount: Money, payer: (name: String, kind: DonorKind)? = nil,
      numbers: [String] = [], batches: [String] = []
    ) {
      self.id = id
      self.day = day
      self.amount = amount
      self.payer = payer
      self.numbers = numbers
      self.batches = batches
    }
  }

  package struct Match: Sendable, Equatable {
    package let line: UUID
    /// By day, then id.
    package let entries: [UUID]
    package let reason: ReconciliationReason
  }

  /// A line with several answers, or one that a person has to confirm.
  package struct Question: Sendable, Equatable {
    package let line: UUID
    /// At most `listed`, nearest day first; each is the entries that would make up the line.
    package let candidates: [[UUID]]
    package let candidateCount: Int
  }

  package struct Result: Sendable {
    package var matches: [Match] = []
    package var questions: [Question] = []
  }

  /// At most this many candidates of a line are listed; all are counted.
  package static let listed = 10

  /// - Parameter days: how far the days of line and transfer may be apart, except where a number
  ///   ties them together.
  package static func propose(_ lines: [Line], _ entries: [Entry], days: Int = 5) -> Result {
    var search = MatchSearch(lines, entries, days: days)
    search.byNumber()
    search.byName(days: 0, .nameAndDay)
    search.byName(days: days, .nameNearDay)
    search.byBatch()
    search.byAmount()
    return search.result
  }
}
