import Foundation

/// A request and its answer, as the document shows them. In their order they are a story that begins with
/// an empty district on 2026-11-20; ids stand for one another throughout it.
struct Example {
  let operation: String
  let path: [String: String]
  let query: [(name: String, value: String)]
  let body: JSONValue?
  /// Nil: none.
  let answer: JSONValue?

  static let all: [Example] = {
    guard let stories = try? JSONReader.read(PackageResources.examples_json).items else {
      preconditionFailure("examples.json is no list")
    }
    return stories.map { Example($0) }
  }()

  static func of(_ operation: String) -> Example? { all.first { $0.operation == operation } }

  private init(_ story: JSONValue) {
    operation = story["operation"]?.text ?? ""
    path = Self.texts(story["path"]).reduce(into: [:]) { $0[$1.name] = $1.value }
    query = Self.texts(story["query"])
    body = story["body"]
    answer = story["answer"]
  }

  private static func texts(_ value: JSONValue?) -> [(name: String, value: String)] {
    guard case .object(let members) = value ?? .null else { return [] }
    return members.map { ($0.name, $0.value.text ?? "") }
  }
}
