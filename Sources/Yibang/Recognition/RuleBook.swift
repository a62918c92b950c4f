package import HardshipRecognition
import Postgres
package import SchoolCalendar

/// The rule sets that a district knows: the shipped ones and its own, and which holds from when.
package struct RuleBook: Sendable {
  /// From which school year on a set holds.
  package struct Use: Sendable, Hashable {
    package let firstYear: Int
    package let id: String
    package let version: Int
  }

  /// Shipped ones first.
  package let sets: [RuleSet]
  /// What the district chose, the latest choice last.
  package let uses: [Use]
  private let district: String

  private static let stored: SQL = """
    select document from rule_set where district_id = $1 order by rule_set, version
    """
  private static let chosen: SQL = """
    select school_year, rule_set, version from rule_set_use where district_id = $1
    order by school_year, at, id
    """

  init(_ session: borrowing Session, district: String) throws {
    let results = try session.batch([Bound(Self.stored, district), Bound(Self.chosen, district)])
    self.district = district
    sets =
      RuleSet.shipped
      + (try results[0].map { row in
        let document: [UInt8] = try row.get(0)
        return try RuleSet(json: document)
      })
    uses = try results[1].map { row in
      Use(
        firstYear: Int(try row.get(0) as Int32), id: try row.get(1),
        version: Int(try row.get(2) as Int32))
    }
  }

  /// The set that a decision names.
  /// - Throws: `RuleSetFailure.unknown`.
  package func rules(_ id: String, version: Int) throws -> RuleSet {
    guard let found = sets.first(where: { $0.id == id && $0.version == version }) else {
      throw RuleSetFailure.unknown(id, version)
    }
    return found
  }

  /// The same; without a version, the latest.
  /// - Throws: `RuleSetFailure.unknown`.
  package func rules(_ id: String, version: Int?) throws -> RuleSet {
    let latest = sets.filter { $0.id == id }.map(\.version).max()
    return try rules(id, version: version ?? latest ?? 0)
  }

  /// The school years from which on the district chose a set.
  package func years(from rules: RuleSet) -> [SchoolYear] {
    uses.filter { $0.id == rules.id && $0.version == rules.version }
      .compactMap { SchoolYear(firstYear: $0.firstYear) }
  }

  /// The set by which a school year's recognition begins: what the district chose; without a choice
  /// that of the nearest region which the district belongs to, and Yunnan's where none is known.
  package func chosen(for year: SchoolYear) throws -> RuleSet {
    if let use = uses.last(where: { $0.firstYear <= year.firstYear }) {
      return try rules(use.id, version: use.version)
    }
    // The example is the rule of no place.
    let regional = sets.filter {
      $0.id != RuleSet.scoredExample.id && district.hasPrefix($0.region.code)
        && $0.isInForce(schoolYearBeginning: year.firstYear)
    }
    return regional.max {
      ($0.region.code.count, $0.version) < ($1.region.code.count, $1.version)
    } ?? .yunnan
  }
}

extension RuleBook {
  /// What a category is called in the rule sets that have it; the code where none has.
  package func categoryName(_ code: String) -> Text {
    sets.lazy.compactMap { $0.category(code: code) }.first
      .map { Text($0.label.zh, $0.label.en) } ?? Text(code, code)
  }
}
