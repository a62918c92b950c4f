import Foundation
import HTTPTypes
import Testing

@testable import Yibang
@testable import YibangHTTP

/// The document's examples, done in their order: every answer is the one that is shown.
@Suite("the examples of the document")
struct ExampleTests {
  @Test("each is answered as it is written")
  func story() async throws {
    let platform = try await TestPlatform.ready()
    let code = TestDistrict.nextCode()
    _ = try await Districts.add(code: code, name: "样例区", login: "admin", on: platform)
    let admin = try await Users.actor(login: "admin", district: code, on: platform)
    let api = try await TestAPI(try await TestAPI.make(callers: ["admin": admin]))
    var ids = Ids()
    for example in Example.all {
      let endpoint = try #require(API.allEndpoints.first { $0.id == example.operation })
      var path = endpoint.path
      for (name, value) in example.path {
        path = path.replacingOccurrences(of: "{\(name)}", with: ids.actual(of: value))
      }
      if !example.query.isEmpty {
        path +=
          "?"
          + example.query.map { "\($0.name)=\(ids.actual(of: $0.value))" }
          .joined(separator: "&")
      }
      let answer = try await api.write(
        endpoint.method, path, example.body.map { ids.actual(of: $0) },
        key: endpoint.takesKey ? UUID().uuidString : nil)
      #expect(answer.status == endpoint.successStatus.code, "\(example.operation): \(answer.text)")
      let shown = example.answer ?? .null
      let difference = ids.difference(answer.bytes.isEmpty ? .null : answer.json, shown)
      #expect(difference == nil, "\(example.operation): \(difference ?? "") in \(answer.text)")
    }
  }

  /// The ids of this run by those of the examples.
  private struct Ids {
    private var actual: [String: String] = [:]

    func actual(of shown: String) -> String { actual[shown] ?? shown }

    func actual(of shown: JSONValue) -> JSONValue {
      switch shown {
      case .string(let text): .string(actual(of: text))
      case .array(let items): .array(items.map { actual(of: $0) })
      case .object(let members):
        .object(members.map { .init($0.name, actual(of: $0.value)) })
      default: shown
      }
    }

    /// Where an answer is another than the one shown, which may have other ids, times and secrets.
    mutating func difference(_ answer: JSONValue, _ shown: JSONValue, at place: String = "")
      -> String?
    {
      switch (answer, shown) {
      case (.string(let one), .string(let other)):
        if one == other { return nil }
        if UUID(uuidString: one) != nil, UUID(uuidString: other) != nil {
          if let known = actual[other] { return known == one ? nil : "\(place): another id" }
          actual[other] = one
          return nil
        }
        let isFree = ["secret", "next", "at"].contains { place.hasSuffix(".\($0)") }
        return isFree ? nil : "\(place): \(one), not \(other)"
      case (.array(let one), .array(let other)):
        guard one.count == other.count else { return "\(place): \(one.count) items" }
        for (index, pair) in zip(one, other).enumerated() {
          if let found = difference(pair.0, pair.1, at: "\(place)[\(index)]") { return found }
        }
        return nil
      case (.object(let one), .object(let other)):
        guard Set(one.map(\.name)) == Set(other.map(\.name)) else {
          return "\(place): \(one.map(\.name)), not \(other.map(\.name))"
        }
        for member in other {
          if let found = difference(
            answer[member.name] ?? .null, member.value, at: "\(place).\(member.name)")
          {
            return found
          }
        }
        return nil
      default: return answer == shown ? nil : "\(place): \(answer), not \(shown)"
      }
    }
  }
}
