import Foundation
import HTTPTypes
import Testing

@testable import YibangHTTP

/// Holds answers against the API's document.
enum DocumentCheck {
  static let document = OpenAPI.document(API.allEndpoints)

  /// Records an issue where the answer's status, type or content is not in the document.
  static func check(_ method: HTTPRequest.Method, _ path: String, _ answer: TestAPI.Answer) {
    guard let operation = operation(method, String(path.prefix { $0 != "?" })) else { return }
    let responses = operation["responses"]
    guard var response = responses?["\(answer.status)"] else {
      Issue.record("\(method) \(path): status \(answer.status) is not in the document")
      return
    }
    if let reference = response["$ref"]?.text { response = resolve(reference) ?? .null }
    let type = answer.headers[.contentType]?.prefix { $0 != ";" }
    guard let content = response["content"] else {
      if !answer.bytes.isEmpty { Issue.record("\(method) \(path): a body where none is told") }
      return
    }
    guard let type, let media = content[String(type)] else {
      Issue.record("\(method) \(path): type \(type ?? "none") is not in the document")
      return
    }
    guard type.hasSuffix("json"), !type.contains("ndjson"), let schema = media["schema"] else {
      return
    }
    for problem in problems(answer.json, schema, at: "$") {
      Issue.record("\(method) \(path) \(answer.status): \(problem)")
    }
  }

  private static func operation(_ method: HTTPRequest.Method, _ path: String) -> JSONValue? {
    guard case .object(let paths) = document["paths"] ?? .null else { return nil }
    let parts = path.split(separator: "/")
    let matching = paths.filter { template in
      let names = template.name.split(separator: "/")
      return names.count == parts.count
        && zip(names, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
    // A literal part wins over a parameter.
    let best = matching.min { $0.name.count { $0 == "{" } < $1.name.count { $0 == "{" } }
    return best?.value[method.rawValue.lowercased()]
  }

  static func resolve(_ reference: String) -> JSONValue? {
    reference.dropFirst(2).split(separator: "/").reduce(document) { $0?[String($1)] }
  }

  /// What in a value is not as the schema says; the keywords that our documents use.
  static func problems(_ value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
    if let reference = schema["$ref"]?.text {
      guard let target = resolve(reference) else { return ["\(path): no \(reference)"] }
      return problems(value, target, at: path)
    }
    if let choices = schema["enum"]?.items, !choices.contains(value) {
      return ["\(path): \(value) is none of the choices"]
    }
    switch (schema["type"]?.text, value) {
    case (nil, _): return []
    case ("object", .object(let members)): return memberProblems(members, schema, at: path)
    case ("array", .array(let items)):
      guard let item = schema["items"] else { return [] }
      return items.enumerated().flatMap { problems($1, item, at: "\(path)[\($0)]") }
    case ("string", .string(let text)):
      if let pattern = schema["pattern"]?.text,
        text.range(of: pattern, options: .regularExpression) == nil
      {
        return ["\(path): does not match \(pattern)"]
      }
      return format(text, schema["format"]?.text, at: path)
    case ("integer", .integer), ("number", .integer), ("number", .number), ("boolean", .bool):
      return []
    case (let type?, _): return ["\(path): is no \(type)"]
    }
  }

  private static func format(_ text: String, _ format: String?, at path: String) -> [String] {
    let isRight =
      switch format {
      case "uuid": UUID(uuidString: text) != nil && text == text.lowercased()
      case "date": text.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil
      case "date-time": (try? Date(text, strategy: .iso8601)) != nil
      default: true
      }
    return isRight ? [] : ["\(path): is no \(format ?? "")"]
  }

  private static func memberProblems(
    _ members: [JSONValue.Member], _ schema: JSONValue, at path: String
  ) -> [String] {
    var found: [String] = []
    for name in (schema["required"]?.items ?? []).compactMap(\.text)
    where !members.contains(where: { $0.name == name }) {
      found.append("\(path).\(name) is missing")
    }
    for member in members {
      if let property = schema["properties"]?[member.name] {
        found += problems(member.value, property, at: "\(path).\(member.name)")
      } else if let other = schema["additionalProperties"], other != false {
        found += problems(member.value, other, at: "\(path).\(member.name)")
      } else if schema["additionalProperties"] == false {
        found.append("\(path).\(member.name) is not told of")
      }
    }
    return found
  }
}
