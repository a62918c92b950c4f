import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

extension TestAPI.Answer {
  /// Of what was made.
  var id: String { json["id"]?.text ?? "" }

  /// The member at the end of the names.
  func at(_ names: String...) -> JSONValue? {
    names.reduce(json as JSONValue?) { $0?[$1] }
  }

  /// Records an issue where the answer is another.
  @discardableResult
  func expect(
    _ status: Int, _ code: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Self {
    #expect(self.status == status, "\(text)", sourceLocation: sourceLocation)
    if let code { #expect(self.code == code, "\(text)", sourceLocation: sourceLocation) }
    return self
  }
}

extension JSONValue {
  static func fen(_ fen: Int64) -> JSONValue { ["fen": .integer(fen)] }
  static func id(_ id: UUID) -> JSONValue { .string(id.lowercase) }
}

extension TestAPI {
  /// Sends a sheet of CSV.
  func upload(
    _ path: String, _ lines: String, as login: String? = "admin", key: String = UUID().uuidString
  ) async throws -> Answer {
    try await send(
      .post, "/api/v1" + path, as: login,
      headers: ["Content-Type": "text/csv", "Idempotency-Key": key], bytes: Array(lines.utf8))
  }

  /// Every item of a list, two at a time.
  func all(_ path: String, as login: String? = "admin") async throws -> [JSONValue] {
    var items: [JSONValue] = []
    var after = ""
    repeat {
      let page = try await get(
        "\(path)\(path.contains("?") ? "&" : "?")limit=2\(after)", as: login)
      #expect(page.status == 200 && page.items.count <= 2, "\(page.text)")
      items += page.items
      after = page.json["next"]?.text.map { "&after=\($0)" } ?? ""
    } while !after.isEmpty
    return items
  }
}

extension UUID {
  /// Of nothing.
  static let unknown = UUID(uuidString: "01990000-0000-7000-8000-000000000000")!
}
