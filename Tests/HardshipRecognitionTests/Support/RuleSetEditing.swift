import Foundation
import HardshipRecognition

typealias JSONObject = [String: Any]

extension RuleSet {
  /// The rules with their JSON changed, read as strictly as a file.
  func edited(_ edit: (inout JSONObject) -> Void) throws -> RuleSet {
    try RuleSet(json: editedJSON(edit))
  }

  func editedJSON(_ edit: (inout JSONObject) -> Void) throws -> [UInt8] {
    var object = try JSONSerialization.jsonObject(with: Data(json)) as? JSONObject ?? [:]
    edit(&object)
    return [UInt8](try JSONSerialization.data(withJSONObject: object))
  }

  /// The rules with a part of their JSON text replaced.
  func replacing(_ part: String, with replacement: String) throws -> RuleSet {
    let text = String(decoding: json, as: UTF8.self)
    precondition(text.contains(part), "the rules do not contain \(part)")
    return try RuleSet(json: Array(text.replacing(part, with: replacement).utf8))
  }

  /// Yunnan's categories with the scored example's form: the mode in which both count.
  static let both: RuleSet = {
    do {
      let scored = try JSONSerialization.jsonObject(with: Data(RuleSet.scoredExample.json))
      let example = scored as? JSONObject ?? [:]
      return try RuleSet.yunnan.edited { rules in
        rules["id"] = "both"
        rules["mode"] = "both"
        rules["scoreCard"] = example["scoreCard"]
        for key in ["sources", "factors"] {
          let own = rules[key] as? [JSONObject] ?? []
          let codes = Set(own.compactMap { $0["code"] as? String })
          let more = (example[key] as? [JSONObject] ?? []).filter {
            !codes.contains($0["code"] as? String ?? "")
          }
          rules[key] = own + more
        }
      }
    } catch {
      fatalError("\(error)")
    }
  }()
}

/// A field of a JSON object, or an element of an array, reached by keys and numbers.
func set(_ value: Any, at path: [Any], in object: inout JSONObject) {
  object = changed(object, path[...], value) as? JSONObject ?? object
}

private func changed(_ node: Any, _ path: ArraySlice<Any>, _ value: Any) -> Any {
  guard let step = path.first else { return value }
  if let key = step as? String, var object = node as? JSONObject {
    object[key] = changed(object[key] ?? NSNull(), path.dropFirst(), value)
    return object
  }
  if let place = step as? Int, var array = node as? [Any] {
    array[place] = changed(array[place], path.dropFirst(), value)
    return array
  }
  fatalError("no \(step) in \(node)")
}
