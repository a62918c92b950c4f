import Foundation
import Hummingbird
import Spreadsheet
import Yibang

/// The sheets that are taken.
enum SheetType: String, CaseIterable {
  case xlsx, csv

  var mediaType: String {
    switch self {
    case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    case .csv: "text/csv"
    }
  }
}

/// The forms in which a list is given.
enum ListFormat: CaseIterable {
  case json, ndjson, csv, xlsx

  var mediaType: String {
    switch self {
    case .json: "application/json"
    case .ndjson: "application/x-ndjson"
    case .csv: "text/csv"
    case .xlsx: SheetType.xlsx.mediaType
    }
  }

  /// The first one that an Accept header takes, in its order of preference; JSON where there is none.
  /// - Throws: `InputError.notAcceptable`.
  static func chosen(_ accept: String?, from offered: [ListFormat] = allCases) throws(InputError)
    -> ListFormat
  {
    guard let accept, !accept.isEmpty else { return .json }
    let wanted = accept.split(separator: ",").compactMap(Preference.init)
      .filter { $0.quality > 0 }
      .sorted { $0.quality > $1.quality }
    for preference in wanted {
      if let match = offered.first(where: { preference.takes($0.mediaType) }) { return match }
    }
    throw .notAcceptable(offered: offered.map(\.mediaType))
  }

  private struct Preference {
    let range: String
    let quality: Double

    init?(_ text: Substring) {
      let parts = text.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
      guard let range = parts.first else { return nil }
      self.range = range.lowercased()
      let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { $0.dropFirst(2) }
      self.quality = quality.flatMap { Double($0) } ?? 1
    }

    func takes(_ type: String) -> Bool {
      range == "*/*" || range == type
        || (range.hasSuffix("/*") && type.hasPrefix(range.dropLast()))
    }
  }
}

/// A list as a sheet: one column a field, nested fields as `amount.text`.
struct ListTable {
  private let names: [String]
  private let rows: [[String: TableCell]]

  init(_ items: [JSONValue]) {
    var names: [String] = []
    rows = items.map { item in
      var row: [String: TableCell] = [:]
      Self.flatten(item, "") { name, cell in
        if row.updateValue(cell, forKey: name) == nil, !names.contains(name) { names.append(name) }
      }
      return row
    }
    self.names = names
  }

  private static func flatten(
    _ value: JSONValue, _ name: String, _ found: (String, TableCell) -> Void
  ) {
    switch value {
    case .object(let members):
      if case .integer(let fen)? = value["fen"] {
        found(name, .money(fen: fen))
      } else {
        for member in members {
          flatten(member.value, name.isEmpty ? member.name : "\(name).\(member.name)", found)
        }
      }
    case .null: break
    case .bool(let flag): found(name, .text(flag ? "true" : "false"))
    case .integer(let number): found(name, .integer(number))
    case .number(let number): found(name, .text("\(number)"))
    case .string(let text): found(name, .text(text))
    case .array(let items):
      found(
        name,
        .text(
          items.map { $0.text ?? String(decoding: $0.bytes, as: UTF8.self) }
            .joined(separator: "; ")))
    }
  }

  private var document: TableDocument {
    TableDocument(
      columns: names.map { TableDocument.Column($0) },
      rows: rows.map { row in names.map { row[$0] ?? .empty } })
  }

  func csv() -> [UInt8] { csvBytes(document) }

  /// Lines of NDJSON as a sheet: the names are its first row, and line 1 its second.
  /// - Throws: `InputError`, by the line.
  static func csv(ndjson bytes: [UInt8]) throws -> [UInt8] {
    try ListTable(
      InputLines(bytes).chunks(of: 1).joined().map { line in
        guard let value = try? JSONReader.read(line.bytes), case .object = value else {
          throw InputError.value(
            field: "lines[\(line.number)]",
            Text("这一行应是一个 JSON 对象。", "this line should be one JSON object."))
        }
        return value
      }
    ).quoted
  }

  /// Every cell as it is, in quotes: to be read here, not by a spreadsheet.
  private var quoted: [UInt8] {
    let lines = [names] + rows.map { row in names.map { row[$0]?.text ?? "" } }
    return lines.flatMap { line in
      let cells = line.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }
      return Array((cells.joined(separator: ",") + "\r\n").utf8)
    }
  }

  func xlsx() throws -> [UInt8] {
    let path = NSTemporaryDirectory() + "yibang-\(UUID().uuidString).xlsx"
    defer { unlink(path) }
    try writeXlsx([(name: "list", table: document)], to: path)
    return [UInt8](try Data(contentsOf: URL(filePath: path)))
  }
}
