import Foundation
import Spreadsheet
import Yibang

/// An input that asks for a page: the place after which it begins, and its length.
protocol Paged: Decodable {
  /// The `next` of the page before; nil for the first page.
  var after: Cursor? { get }
  /// 100 where none is given.
  var limit: PageLimit? { get }
}

/// How many items a page has at most.
struct PageLimit: Described, Sendable {
  let count: Int

  init(from decoder: any Decoder) throws {
    count = try decoder.singleValueContainer().decode(Int.self)
    guard (1...PageRequest.largest).contains(count) else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: ""))
    }
  }

  private init(count: Int) {
    self.count = count
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(count)
  }

  static var schema: JSONValue {
    ["type": "integer", "minimum": 1, "maximum": .integer(Int64(PageRequest.largest))]
  }
  static var example: PageLimit { PageLimit(count: 100) }
  static var expected: Text {
    Text("1 到 \(PageRequest.largest) 的整数", "a whole number from 1 to \(PageRequest.largest)")
  }
}

extension Cursor: Described {
  package init(from decoder: any Decoder) throws {
    guard let cursor = Cursor(try decoder.singleValueContainer().decode(String.self)) else {
      throw CursorError()
    }
    self = cursor
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  static var schema: JSONValue { ["type": "string", "maxLength": 1000] }
  static var example: Cursor { Cursor("1") }
  static var expected: Text { Text("上一页答复里的 next", "the next of the page before") }
}

/// A sheet that was sent, in a private file as long as it is read.
struct SheetUpload: Sendable {
  let path: String

  /// - Throws: `UploadError`.
  /// - Parameter mediaType: of NDJSON, whose lines become rows; a sheet is known by its beginning.
  init(_ given: [UInt8], _ mediaType: String?) throws {
    guard !given.isEmpty else { throw UploadError.empty }
    let bytes =
      mediaType == ListFormat.ndjson.mediaType ? try ListTable.csv(ndjson: given) : given
    let type = bytes.starts(with: Array("PK".utf8)) ? SheetType.xlsx : .csv
    path = NSTemporaryDirectory() + "yibang-\(UUID().uuidString.lowercased()).\(type.rawValue)"
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
    else { throw UploadError.notKept }
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// A file that was sent, and what it is said to be.
struct FileUpload: Sendable {
  let bytes: [UInt8]
  let mediaType: String
}

enum UploadError: YibangError {
  case empty
  case notKept

  var code: String {
    switch self {
    case .empty: "input.empty_sheet"
    case .notKept: "input.not_kept"
    }
  }

  var category: ErrorCategory {
    switch self {
    case .empty: .badData
    case .notKept: .unavailable
    }
  }

  var text: Text {
    switch self {
    case .empty:
      Text("请求内容应是一张 .xlsx 或 .csv 表，现在是空的。", "The body is a sheet, .xlsx or .csv. It is empty.")
    case .notKept:
      Text(
        "服务器无法暂存上传的文件，请稍后再试。",
        "The server cannot keep the file that was sent. Try again shortly.")
    }
  }
}
