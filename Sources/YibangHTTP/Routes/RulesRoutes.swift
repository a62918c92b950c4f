import Foundation
import HardshipRecognition
import SchoolCalendar
import Synchronization
import Yibang

extension API {
  static let rulesRoutes: [Endpoint] = [
    .list("/rule-sets", "rules.list", Text("认定办法", "The rule sets"), .signedIn) {
      (_: NoInput, call) in
      let book = try await RuleSets.book(in: call.context)
      return book.sets.map { RuleSetEntry($0, usedFrom: book.years(from: $0)) }
    },
    .get(
      "/rule-sets/{id}", "rules.show",
      Text("一个认定办法的类别、证明、因素和排除情形", "What a rule set says"), .signedIn
    ) { (input: RuleSetPath, call) in
      let book = try await RuleSets.book(in: call.context)
      return RuleSetView(try book.rules(input.id, version: input.version))
    },
    .file(
      "/rule-sets/{id}/document", "rules.export",
      Text("认定办法的 JSON，可修改后导入", "A rule set as JSON, to change and import"), .signedIn,
      type: "application/json"
    ) { (input: RuleSetPath, call) in
      let book = try await RuleSets.book(in: call.context)
      let rules = try book.rules(input.id, version: input.version)
      return (rules.json, "\(rules.id)-\(rules.version).json")
    },
    .file(
      "/rule-set-schema", "rules.schema",
      Text("认定办法文件的 JSON Schema", "The JSON Schema of rule sets"), .signedIn,
      type: "application/schema+json"
    ) { (_: NoInput, _) in (RuleSet.schema, "rule-set.schema.json") },
    .lookUp(
      "/rule-sets/check", "rules.check",
      Text("检查认定办法，不写入", "Check rule sets; nothing is written"), .signedIn
    ) { (input: RuleSetDocuments, _) in
      let sets = try input.rules.enumerated().map { index, document in
        try RuleSets.read(document.value.bytes, from: "rules[\(index)]")
      }
      return RuleSetFindings(items: RuleSets.findings(in: sets))
    },
    .create(
      "/rule-sets", "rules.import", Text("导入本区的认定办法", "Import a rule set"),
      .needs([.administer])
    ) { (input: RuleSetDocument, call) in
      let rules = try RuleSets.read(input.rules.value.bytes, from: "rules")
      let added = try await RuleSets.store(rules, in: call.context)
      return RuleSetImported(
        id: rules.id, version: rules.version, added: added, findings: rules.findings)
    },
    .post(
      "/rule-sets/{id}/use", "rules.use",
      Text("本区从某学年起用哪个认定办法", "Choose the rules from a school year on"),
      .needs([.administer])
    ) { (input: RuleSetChoice, call) in
      let year = try await call.semester(input.semester).schoolYear
      let (rules, changed) = try await RuleSets.use(
        input.id, version: input.version, from: year, in: call.context)
      return RuleSetUsed(
        id: rules.id, version: rules.version, schoolYear: year, changed: changed)
    },
    .lookUp(
      "/rule-sets/{id}/compare", "rules.compare",
      Text("改用某认定办法，谁的等级会变；查看会被记录", "Who gains and loses; reading is recorded"),
      .needs([.recognise])
    ) { (input: RuleSetComparison, call) in
      let book = try await RuleSets.book(in: call.context)
      let changes = Mutex<[Reassessment.Change]>([])
      let totals = try await Reassessment.compare(
        school: call.school(input.school), year: call.semester(input.semester).schoolYear,
        with: book.rules(input.id, version: input.version), in: call.context
      ) { change in changes.withLock { $0.append(change) } }
      return RuleSetCompared(totals: totals, changes: changes.withLock { $0 })
    },
  ]

  struct RuleSetPath: Codable, Sendable {
    let id: String
    /// The latest where none is given.
    let version: Int?
  }

  struct RuleSetEntry: Codable, Sendable {
    let id: String
    let version: Int
    let region: Phrase
    let document: String
    let from: String?
    let to: String?
    let mode: RuleSet.Mode
    /// School years from which on the district chose it.
    let usedFrom: [SchoolYear]

    init(_ rules: RuleSet, usedFrom: [SchoolYear]) {
      id = rules.id
      version = rules.version
      region = rules.region.label
      document = rules.document
      from = rules.effectiveFrom.map { "\($0)" }
      to = rules.effectiveTo.map { "\($0)" }
      mode = rules.mode
      self.usedFrom = usedFrom
    }
  }

  struct RuleSetDocument: Codable, Sendable {
    /// As `/rule-set-schema` says.
    let rules: RawJSON
  }

  struct RuleSetDocuments: Codable, Sendable {
    let rules: [RawJSON]
  }

  struct RuleSetFindings: Codable, Sendable {
    let items: [RuleFinding]
  }

  struct RuleSetImported: Codable, Sendable {
    let id: String
    let version: Int
    /// False where it was there already.
    let added: Bool
    /// What is to be looked at.
    let findings: [RuleFinding]
  }

  struct RuleSetChoice: Codable, Sendable {
    let id: String
    let version: Int?
    /// Of its school year on.
    let semester: Semester?
  }

  struct RuleSetUsed: Codable, Sendable {
    let id: String
    let version: Int
    let schoolYear: SchoolYear
    let changed: Bool
  }

  struct RuleSetComparison: Codable, Sendable {
    let id: String
    let version: Int?
    let school: SchoolCode?
    let semester: Semester?
  }

  struct RuleSetCompared: Codable, Sendable {
    let totals: Reassessment.Totals
    let changes: [Reassessment.Change]
  }
}
