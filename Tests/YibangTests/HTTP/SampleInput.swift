import Foundation

@testable import YibangHTTP

/// Input that an endpoint's document allows, for asking what it answers to whom.
enum SampleInput {
  /// The path with its parameters, and a query where one is needed.
  static func path(_ endpoint: Endpoint) -> String {
    var path = endpoint.path
    for parameter in endpoint.pathParameters {
      path = path.replacingOccurrences(
        of: "{\(parameter.name)}", with: text(value(parameter.schema)))
    }
    let query = endpoint.queryParameters.filter(\.isNeeded).map {
      "\($0.name)=\(text(value($0.schema)))"
    }
    return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
  }

  static func body(_ endpoint: Endpoint) -> (bytes: [UInt8], type: String)? {
    switch endpoint.body {
    case .none: nil
    case .sheet: (Array("a,b\n1,2\n".utf8), "text/csv")
    case .file(let types): (Array("样例".utf8), types.first ?? "text/plain")
    case .json(let fields):
      (
        JSONValue.object(fields.filter(\.isNeeded).map { .init($0.name, value($0.schema)) }).bytes,
        "application/json"
      )
    }
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .array(let items): items.first.map(text) ?? ""
    default: value.text ?? String(decoding: value.bytes, as: UTF8.self)
    }
  }

  /// A value of a schema, with what it needs and nothing else.
  static func value(_ schema: JSONValue) -> JSONValue {
    if let reference = schema["$ref"]?.text {
      return DocumentCheck.resolve(reference).map(value) ?? .null
    }
    if let first = schema["enum"]?.items?.first { return first }
    switch schema["type"]?.text {
    case "string": return .string(string(schema))
    case "integer": return schema["minimum"] ?? 1
    case "number": return 1
    case "boolean": return true
    case "array": return .array([schema["items"].map(value) ?? .null])
    case "object":
      let needed = Set((schema["required"]?.items ?? []).compactMap(\.text))
      guard case .object(let properties) = schema["properties"] ?? .object([]) else { return [:] }
      return .object(
        properties.filter { needed.contains($0.name) }.map { .init($0.name, value($0.value)) })
    default: return .null
    }
  }

  private static func string(_ schema: JSONValue) -> String {
    switch schema["format"]?.text {
    case "uuid": return UUID().uuidString.lowercased()
    case "date": return "2026-11-01"
    case "date-time": return "2026-11-01T08:00:00Z"
    default: break
    }
    let candidates = [
      "样例", "2026-2027-1", "2026-2027", "2199000001", "990000", "G990000201503010017",
      "990000201503010017", "13900000000",
    ]
    guard let pattern = schema["pattern"]?.text else { return candidates[0] }
    return candidates.first { $0.range(of: pattern, options: .regularExpression) != nil } ?? "?"
  }
}
