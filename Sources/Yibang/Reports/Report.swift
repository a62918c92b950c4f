package import Foundation
package import SchoolCalendar
package import Spreadsheet

/// The sheets that schools keep and file, made from what is on record.
package enum Reports {
  package enum Kind: String, Sendable, CaseIterable, Codable {
    case hardship, summary, donations, fund, pairings, activities

    package var name: Text {
      switch self {
      case .hardship: Text("贫困生情况登记表", "register of pupils in hardship")
      case .summary: Text("认定结果汇总表", "summary of recognition")
      case .donations: Text("捐款情况表", "donation sheet")
      case .fund: Text("基金收支情况表", "fund statement")
      case .pairings: Text("一帮一结对名单", "pairing list")
      case .activities: Text("德育活动登记表", "activity register")
      }
    }

    /// Whether it lists recognised pupils, of a school year.
    var isOfPupils: Bool { self == .hardship || self == .summary }
  }

  package enum Format: String, Sendable, CaseIterable {
    case xlsx, csv, json

    /// The format that a file's name asks for; nil for another ending.
    package init?(path: String) {
      self.init(rawValue: (path as NSString).pathExtension.lowercased())
    }
  }

  package struct Request: Sendable {
    package var kind: Kind
    /// Its school year for the register of pupils.
    package var semester: Semester
    /// Nil: all that the actor may see, which is one school for those who belong to one.
    package var school: Schools.School?
    /// The day that stands on the sheet.
    package var date: CalendarDate
    /// Why the identities of pupils are to be shown; nil leaves them masked.
    package var reveal: String?
    /// Whether the register of pupils has columns for resident ID and 学籍号.
    package var withNumbers = false

    package init(
      _ kind: Kind, semester: Semester, school: Schools.School? = nil, date: CalendarDate,
      reveal: String? = nil
    ) {
      self.kind = kind
      self.semester = semester
      self.school = school
      self.date = date
      self.reveal = reveal
    }
  }

  /// A report as it is printed, and as programs read it.
  package struct Report: Sendable {
    package let kind: Kind
    package let table: TableDocument
    package let document: any Encodable & Sendable
    package let rowCount: Int
    /// Whether it shows the identities of pupils.
    package let isRevealed: Bool

    /// As JSON, with keys in order.
    package func json() throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(document)
    }
  }

  /// What programs read: the heading of the sheet, and its lines.
  package struct Document<Row: Codable & Sendable>: Codable, Sendable {
    package let report: Kind
    package let title: String
    package let unit: String
    package let semester: Semester
    package let date: CalendarDate
    /// Whether pupils are masked, in reports of pupils.
    package let masked: Bool?
    package let rows: [Row]
    /// The sum of the amounts, in reports of money.
    package var total: Money?
  }
}

/// What stands around the lines of a report: 学校名 + 学年/学期 + name, unit and date, signatures.
struct ReportFrame: Sendable {
  let kind: Reports.Kind
  /// The school's or district's name.
  let unit: String
  let semester: Semester
  let date: CalendarDate
  /// Whether lines of several schools stand together and have to name theirs.
  let coversDistrict: Bool

  var title: String {
    let period = kind.isOfPupils ? semester.schoolYear.zh : semester.zh
    return unit + period + kind.name.zh
  }

  private var subtitle: String {
    let gap = "\u{3000}\u{3000}\u{3000}\u{3000}"
    let line = "单位：\(unit)\(gap)日期：\(date.chinese)"
    let holdsMoney = !kind.isOfPupils && kind != .activities
    return holdsMoney ? "\(line)\(gap)金额单位：元" : line
  }

  private static let signatures: String = {
    let gap = "\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}"
    return ["制表：", "审核：", "校长：", "单位（盖章）："].joined(separator: gap)
  }()

  func table(
    _ columns: [TableDocument.Column], rows: [[TableCell]], totals: [TableCell]?,
    notes: [String] = []
  ) -> TableDocument {
    TableDocument(
      title: title, subtitle: subtitle, columns: columns, rows: rows, totals: totals,
      footer: notes + [Self.signatures])
  }

  func document<Row>(
    _ rows: [Row], masked: Bool? = nil, total: Money? = nil
  ) -> Reports.Document<Row> {
    Reports.Document(
      report: kind, title: title, unit: unit, semester: semester, date: date, masked: masked,
      rows: rows, total: total)
  }
}

extension TableCell {
  init(_ text: String?) {
    self = text.map(TableCell.text) ?? .empty
  }

  init(_ money: Money) {
    self = .money(fen: money.fen)
  }

  init(_ date: CalendarDate) {
    let (year, month, day) = date.parts
    self = .date(year: year, month: month, day: day)
  }

  /// A whole number as such, anything else as the text that it is.
  init(counting text: String?) {
    if let text, text.utf8.count <= 9, let number = Int64(text), String(number) == text {
      self = .integer(number)
    } else {
      self.init(text)
    }
  }
}
