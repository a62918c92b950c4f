import Foundation
import HardshipRecognition
import Testing

/// Answers as they were given once, for ever. A file is written once, for a version that has none:
/// `YIBANG_GOLDEN=new scripts/test --filter GoldenTests`. It is never written again: rules that give
/// another answer are a new version.
@Suite("Golden answers")
struct GoldenTests {
  struct Golden: Codable {
    struct Case: Codable {
      let facts: HardshipFacts
      let assessment: Assessment
    }

    let rules: RuleSet
    let cases: [Case]

    init(_ rules: RuleSet, _ facts: [HardshipFacts]) {
      self.rules = rules
      cases = facts.map { Case(facts: $0, assessment: assess($0, under: rules)) }
    }

    /// Sorted keys, one case a line, so that a difference shows which case it is.
    var json: Data {
      get throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try cases.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        let rules = String(decoding: rules.json, as: UTF8.self)
        return Data(
          "{\"rules\":\(rules),\n\"cases\":[\n\(lines.joined(separator: ",\n"))\n]}\n".utf8)
      }
    }
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  static let files = {
    let found = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return (found ?? []).filter { $0.pathExtension == "json" }.map(\.lastPathComponent).sorted()
  }()

  private static func name(_ rules: RuleSet) -> String { "\(rules.id)-\(rules.version).json" }

  @Test(
    "the same facts under the same version give the same answer, byte for byte", arguments: files)
  func same(file: String) throws {
    let stored = try Data(contentsOf: Self.folder.appending(path: file))
    let golden = try JSONDecoder().decode(Golden.self, from: stored)
    #expect(Self.name(golden.rules) == file)
    #expect(golden.cases.count >= 40)
    #expect(Set(golden.cases.map(\.facts)).count == golden.cases.count)
    for example in golden.cases {
      #expect(assess(example.facts, under: golden.rules) == example.assessment)
    }
    let now = try Golden(golden.rules, golden.cases.map(\.facts)).json
    #expect(now == stored)
  }

  @Test("what is shipped is what the golden answers were given under", arguments: RuleSet.shipped)
  func shipped(rules: RuleSet) throws {
    let path = Self.folder.appending(path: Self.name(rules))
    let isNew = !FileManager.default.fileExists(atPath: path.path(percentEncoded: false))
    if isNew, ProcessInfo.processInfo.environment["YIBANG_GOLDEN"] == "new" {
      try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
      try Golden(rules, Self.examples(rules)).json.write(to: path)
    }
    let golden = try JSONDecoder().decode(Golden.self, from: try Data(contentsOf: path))
    #expect(golden.rules == rules, "a change to shipped rules is a new version")
  }

  /// Each category proven, unproven and decided on; each disqualifier; each cut-off; and what chance
  /// brings.
  private static func examples(_ rules: RuleSet) -> [HardshipFacts] {
    var facts = [HardshipFacts()]
    for category in rules.categories {
      let proofs = category.proofs.prefix(1).map { accepted in
        Proof(department: accepted.department, form: accepted.forms[0])
      }
      facts.append(HardshipFacts(claims: [Claim(category: category.code, proofs: proofs)]))
      facts.append(HardshipFacts(claims: [Claim(category: category.label.zh)]))
    }
    for disqualifier in rules.disqualifiers {
      facts.append(
        HardshipFacts(
          claims: [Claim(category: rules.categories[0].code)], disqualifiers: [disqualifier.code]))
    }
    for cutoff in rules.scoreCard?.cutoffs ?? [] {
      facts += [0, -1].map { HardshipFacts(score: cutoff.atLeast + $0) }
    }
    var random = RandomFacts(rules, seed: 1)
    while facts.count < 60 {
      let more = random.next()
      if !facts.contains(more) { facts.append(more) }
    }
    return facts
  }
}
