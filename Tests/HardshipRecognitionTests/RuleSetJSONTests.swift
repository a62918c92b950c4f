import Foundation
import Testing

@testable import HardshipRecognition

@Suite("Rule sets from JSON")
struct RuleSetJSONTests {
  @Test("the JSON of a rule set is the rule set, with sorted keys", arguments: PropertyTests.rules)
  func canonical(rules: RuleSet) throws {
    #expect(try RuleSet(json: rules.json) == rules)
    #expect(try RuleSet(json: rules.json).json == rules.json)
    let object = try JSONSerialization.jsonObject(with: Data(rules.json))
    let sorted = try JSONSerialization.data(
      withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    #expect([UInt8](sorted) == rules.json)
  }

  @Test("rule sets with one difference differ")
  func different() throws {
    let other = try RuleSet.yunnan.replacing(#""workingDays":5"#, with: #""workingDays":6"#)
    #expect(other != .yunnan && other.json != RuleSet.yunnan.json)
    #expect(Set([other, .yunnan, .yunnan]).count == 2)
  }

  @Test(
    "what is not as the schema says is refused, with its place in both languages",
    arguments: [
      (#""version":1"#, #""version":0"#, "invalid-value", "$.version", "≥ 1"),
      (#""version":1"#, #""version":"1""#, "wrong-type", "$.version", "whole number"),
      (#""version":1"#, #""version":1.5"#, "wrong-type", "$.version", "1.5"),
      (#""version":1"#, #""version":1,"version":2"#, "duplicate-key", "$.version", "twice"),
      (#""version":1"#, #""version":1,"verison":1"#, "unknown-key", "$.verison", "verison"),
      (#","version":1"#, "", "missing-key", "$.version", "missing"),
      (#""format":1"#, #""format":2"#, "invalid-value", "$.format", "2"),
      (#""mode":"category""#, #""mode":"lottery""#, "invalid-value", "$.mode", "category"),
      (#""region":{"code":"53""#, #""region":{"code":"5""#, "invalid-value", "$.region.code", "5"),
      (#""effectiveTo":null"#, #""effectiveTo":"soon""#, "invalid-value", "$.effectiveTo", "soon"),
      (
        #""effectiveTo":null"#, #""effectiveTo":"2023-02-29""#, "invalid-value", "$.effectiveTo",
        "2023-02-29"
      ),
      (
        #""department":"veterans","forms":["#, #""department":"veterans","forms":["rumour"],"x":["#,
        "invalid-value", "$.categories[3].proofs[0].forms[0]", "rumour"
      ),
      (#""scoreCard":null"#, #""scoreCard":[]"#, "wrong-type", "$.scoreCard", "object"),
      (
        #""levels":["school"]"#, #""levels":[]"#, "invalid-value", "$.notice.levels",
        "number of entries"
      ),
      (#""en":"Yunnan""#, #""en":"""#, "invalid-value", "$.region.label.en", "length"),
      (#""id":"yunnan""#, #""id":"Yun Nan""#, "invalid-value", "$.id", "Yun Nan"),
      (#""id":"yunnan""#, #""id":yunnan"#, "syntax", "$.id", "line 1"),
      (#""id":"yunnan""#, #""id":"yun\qnan""#, "syntax", "$.id", "escape"),
    ])
  func refused(part: String, replacement: String, code: String, path: String, told: String) throws {
    let error = try #require(throws: RuleSetError.self) {
      try RuleSet.yunnan.replacing(part, with: replacement)
    }
    #expect(error.code.rawValue == code && error.path == path, "\(error)")
    #expect(error.en.contains(told) && !error.zh.isEmpty, "\(error)")
  }

  @Test(
    "what is no JSON, or no object, is refused",
    arguments: [
      "", "{", "{}}", "[1,]", "nul", #"{"a" 1}"#, "\"\u{1}\"", #""\ud800""#, "[]", "7", "\"x",
    ])
  func noJSON(text: String) {
    #expect(throws: RuleSetError.self) { try RuleSet(json: Array(text.utf8)) }
  }

  @Test("bytes that are no UTF-8, and JSON that is nested without end, are refused")
  func hostile() {
    #expect(throws: RuleSetError.self) { try RuleSet(json: [0x22, 0xFF, 0x22]) }
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    #expect(throws: RuleSetError.self) { try RuleSet(json: deep) }
  }

  @Test("escapes and spaces in JSON mean what they mean elsewhere")
  func escapes() throws {
    let spaced = String(decoding: RuleSet.yunnan.json, as: UTF8.self)
      .replacing("云南省", with: #"\u4e91\u5357\uD83D\uDE00\/\n\"\\"#)
      .replacing(#","version""#, with: " ,\r\n\t\"version\" ")
    #expect(try RuleSet(json: Array(spaced.utf8)).region.label.zh == "云南😀/\n\"\\")
  }

  /// Each key of the schema and only those: every object that it describes is there in some rules.
  @Test("the schema has the keys of the coded form, and only those")
  func schemaKeys() throws {
    let schema = try #require(
      try JSONSerialization.jsonObject(with: Data(RuleSet.schema)) as? JSONObject)
    let definitions = try #require(schema["$defs"] as? JSONObject)
    var seen: Set<String> = []
    func compare(_ value: Any, _ node: JSONObject, _ name: String) {
      if let reference = node["$ref"] as? String {
        let target = reference.split(separator: "/").last.map(String.init) ?? ""
        return compare(value, definitions[target] as? JSONObject ?? [:], target)
      }
      if let choices = node["anyOf"] as? [JSONObject], !(value is NSNull) {
        return compare(value, choices[0], name)
      }
      if let properties = node["properties"] as? JSONObject {
        let object = value as? JSONObject ?? [:]
        seen.insert(name)
        #expect(Set(object.keys) == Set(properties.keys), "\(name)")
        for (key, inner) in properties {
          compare(object[key] as Any, inner as? JSONObject ?? [:], "\(name).\(key)")
        }
      }
      for element in value as? [Any] ?? [] {
        compare(element, node["items"] as? JSONObject ?? [:], name)
      }
    }
    for rules in RuleSet.shipped {
      compare(try JSONSerialization.jsonObject(with: Data(rules.json)), schema, "$")
    }
    let described = definitions.filter { ($0.value as? JSONObject)?["properties"] != nil }
    #expect(Set(described.keys).isSubset(of: seen), "\(seen)")
  }

  @Test(
    "a schema that asks for more than is enforced is refused",
    arguments: [
      #"{"type":"string","format":"date"}"#, #"{"type":"object","properties":{}}"#,
      #"{"type":"array","items":{"type":"boolean"},"uniqueItems":true}"#, #"{"$ref":"other.json"}"#,
      "true",
    ])
  func schemaKeywords(text: String) {
    #expect(throws: RuleSetError.self) { try JSONSchema(parsing: Array(text.utf8)) }
  }

  @Test("days are days of the calendar")
  func days() throws {
    #expect(RuleDate("2024-02-29")?.description == "2024-02-29")
    #expect(RuleDate("2024-02-29")?.next == RuleDate("2024-03-01"))
    #expect(RuleDate("2024-12-31")?.next == RuleDate("2025-01-01"))
    for text in [
      "2023-02-29", "1900-02-29", "2024-13-01", "2024-1-01", "24-01-01", "+024-01-01", "",
    ] {
      #expect(RuleDate(text) == nil)
    }
    let rules = try RuleSet.scoredExample.edited { $0["effectiveTo"] = "2027-08-31" }
    let days = ["2024-08-31", "2024-09-01", "2027-08-31", "2027-09-01"].compactMap { RuleDate($0) }
    #expect(days.map(rules.isInForce) == [false, true, true, false])
  }
}
