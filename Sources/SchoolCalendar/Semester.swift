/// One of the two terms of a school year, written `2026-2027-1` (autumn) or `2026-2027-2` (spring).
///
/// Semesters are ordered and countable: three years are six consecutive semesters.
package struct Semester: Hashable, Sendable {
  package enum Term: Int, Sendable, CaseIterable {
    /// 第一学期, from September.
    case autumn = 1
    /// 第二学期, from February.
    case spring = 2
  }

  package let schoolYear: SchoolYear
  package let term: Term

  package init(_ schoolYear: SchoolYear, _ term: Term) {
    self.schoolYear = schoolYear
    self.term = term
  }

  /// Makes a semester from its ordinal.
  ///
  /// - Returns: nil if its school year does not begin in the years 0 to 9998.
  package init?(ordinal: Int) {
    guard let year = SchoolYear(firstYear: ordinal.flooredQuotient(by: 2)) else { return nil }
    self.init(year, ordinal.isMultiple(of: 2) ? .autumn : .spring)
  }

  /// Twice the year in which the school year begins, plus 1 in spring: consecutive semesters have
  /// consecutive ordinals.
  package var ordinal: Int { schoolYear.firstYear * 2 + term.rawValue - 1 }

  /// The next semester.
  package var successor: Semester { advanced(by: 1) }

  /// The semester before.
  package var predecessor: Semester { advanced(by: -1) }

  /// How many semesters later `other` is; negative if earlier.
  package func distance(to other: Semester) -> Int { other.ordinal - ordinal }

  /// The semester that many semesters later, or earlier if negative.
  ///
  /// - Precondition: its school year begins in the years 0 to 9998.
  package func advanced(by count: Int) -> Semester {
    let (sum, overflow) = ordinal.addingReportingOverflow(count)
    guard !overflow, let semester = Semester(ordinal: sum) else {
      preconditionFailure("a semester outside the years 0 to 9998")
    }
    return semester
  }

  /// The dates of the semester where a district has not set its own: autumn from 1 September to
  /// 31 January, spring from 1 February to 31 August. Every date lies in exactly one semester.
  package var defaultDates: ClosedRange<CalendarDate> {
    let (first, second) = (schoolYear.firstYear, schoolYear.firstYear + 1)
    switch term {
    case .autumn:
      return CalendarDate(
        existingYear: first, month: 9, day: 1)...CalendarDate(
          existingYear: second, month: 1, day: 31)
    case .spring:
      return CalendarDate(
        existingYear: second, month: 2, day: 1)...CalendarDate(
          existingYear: second, month: 8, day: 31)
    }
  }

  /// The semester in whose default dates a day lies.
  package static func of(_ date: CalendarDate) -> Semester {
    let (year, month, _) = date.parts
    let schoolYear = SchoolYear(existingFirstYear: month >= 9 ? year : year - 1)
    return Semester(schoolYear, month >= 9 || month == 1 ? .autumn : .spring)
  }

  /// `2026-2027学年第一学期`.
  package var zh: String { "\(schoolYear.zh)第\(term == .autumn ? "一" : "二")学期" }

  /// `first semester of 2026-2027`.
  package var en: String { "\(term == .autumn ? "first" : "second") semester of \(schoolYear)" }
}

extension Semester: Comparable {
  package static func < (left: Semester, right: Semester) -> Bool { left.ordinal < right.ordinal }
}

extension Semester: LosslessStringConvertible, Codable {
  /// Reads exactly `2026-2027-1`; for what people write, see ``init(parsing:)``.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 11, bytes[9] == 0x2D, let number = decimal(bytes[10...]),
      let term = Term(rawValue: number),
      let year = SchoolYear(String(decoding: bytes[..<9], as: UTF8.self))
    else { return nil }
    self.init(year, term)
  }

  /// `2026-2027-1`.
  package var description: String { "\(schoolYear)-\(term.rawValue)" }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let semester = Semester(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a semester is written like 2026-2027-1")
    }
    self = semester
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A school year, September to August, written `2026-2027`.
package struct SchoolYear: Hashable, Sendable {
  /// The calendar year in which it begins.
  package let firstYear: Int

  /// - Returns: nil unless the year is 0 to 9998, so that four digits can write both years.
  package init?(firstYear: Int) {
    guard (0...9998).contains(firstYear) else { return nil }
    self.init(existingFirstYear: firstYear)
  }

  /// Trusts its caller, so that every date has a school year, the last days of 9999 too.
  init(existingFirstYear: Int) {
    firstYear = existingFirstYear
  }

  package var autumn: Semester { Semester(self, .autumn) }
  package var spring: Semester { Semester(self, .spring) }

  /// `2026-2027学年`.
  package var zh: String { "\(self)学年" }
}

extension SchoolYear: Comparable {
  package static func < (left: SchoolYear, right: SchoolYear) -> Bool {
    left.firstYear < right.firstYear
  }
}

extension SchoolYear: LosslessStringConvertible, Codable {
  /// Reads exactly `2026-2027`.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 9, bytes[4] == 0x2D, let first = decimal(bytes[..<4]),
      let second = decimal(bytes[5...]), second == first + 1
    else { return nil }
    self.init(firstYear: first)
  }

  /// `2026-2027`.
  package var description: String { "\(padded(firstYear, to: 4))-\(padded(firstYear + 1, to: 4))" }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let year = SchoolYear(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a school year is written like 2026-2027")
    }
    self = year
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
