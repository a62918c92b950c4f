import Foundation
package import HardshipRecognition
import Postgres
package import SchoolCalendar

/// A district's own rule sets, and which set holds from which school year.
package enum RuleSets {
  /// - Throws: `AccessError`.
  package static func book(in context: Context) async throws -> RuleBook {
    let actor = context.actor
    return try await context.read { try RuleBook($0, district: actor.districtID) }
  }

  /// Reads a rule set from a file without storing it.
  /// - Throws: `RuleSetFailure.unreadable`, `.malformed`.
  package static func read(_ path: String) throws -> RuleSet {
    let file = (path as NSString).lastPathComponent
    guard let data = FileManager.default.contents(atPath: path) else {
      throw RuleSetFailure.unreadable(file)
    }
    return try read([UInt8](data), from: file)
  }

  /// The same, of what was read.
  /// - Parameter file: what an error calls it.
  package static func read(_ json: [UInt8], from file: String) throws -> RuleSet {
    do throws(RuleSetError) {
      return try RuleSet(json: json)
    } catch {
      throw RuleSetFailure.malformed(
        file, Text("\(error.path)：\(error.zh)", "\(error.path): \(error.en)"))
    }
  }

  /// What is wrong with rule sets, each by itself and together.
  package static func findings(in sets: [RuleSet]) -> [RuleFinding] {
    sets.flatMap(\.findings) + RuleSet.findings(in: sets)
  }

  private static let insert: SQL = """
    insert into rule_set (district_id, rule_set, version, document, actor_id)
    values ($1, $2, $3, $4, $5)
    on conflict on constraint rule_set_pkey do nothing
    """

  /// Stores a rule set for the district. A version that is stored never changes.
  /// - Returns: false if it is there already, byte for byte.
  /// - Throws: `RuleSetFailure.versionExists`, `.unsound`, `.districtOnly`, `AccessError`.
  package static func store(_ rules: RuleSet, in context: Context) async throws -> Bool {
    let actor = context.actor
    try actor.require(.administer)
    guard actor.schoolID == nil else { throw RuleSetFailure.districtOnly }
    let faults = rules.findings.filter { $0.severity == .error }
    guard faults.isEmpty else {
      throw RuleSetFailure.unsound(
        Text(
          faults.map(\.zh).joined(separator: "；"),
          faults.map(\.en).joined(separator: "; ")))
    }
    return try await context.write { session in
      let added = try session.execute(
        insert, actor.districtID, rules.id, Int32(rules.version), rules.json, actor.userID)
      let book = try RuleBook(session, district: actor.districtID)
      // A shipped set of this name is found first.
      guard try book.rules(rules.id, version: rules.version) == rules else {
        throw RuleSetFailure.versionExists(rules.id, rules.version)
      }
      guard added == 1 else { return false }
      _ = try session.batch([
        Audit.statement(
          actor, "rules.import", subject: "rule_set", id: nil,
          after: ["rule_set": rules.id, "version": "\(rules.version)"])
      ])
      return true
    }
  }

  private static let insertUse: SQL = """
    insert into rule_set_use (district_id, id, school_year, rule_set, version, actor_id)
    values ($1, $2, $3, $4, $5, $6)
    """

  /// Makes a rule set hold from a school year on. Recognitions that have begun keep theirs.
  /// - Returns: the set, and false if it held from that year before.
  /// - Throws: `RuleSetFailure.unknown`, `.notInForce`, `.districtOnly`, `AccessError`.
  package static func use(
    _ id: String, version: Int?, from year: SchoolYear, in context: Context
  ) async throws -> (rules: RuleSet, changed: Bool) {
    let actor = context.actor
    try actor.require(.administer)
    guard actor.schoolID == nil else { throw RuleSetFailure.districtOnly }
    return try await context.write { session in
      let book = try RuleBook(session, district: actor.districtID)
      let rules = try book.rules(id, version: version)
      guard rules.isInForce(schoolYearBeginning: year.firstYear) else {
        throw RuleSetFailure.notInForce(rules.id, rules.version, year)
      }
      let use = RuleBook.Use(firstYear: year.firstYear, id: rules.id, version: rules.version)
      if book.uses.last(where: { $0.firstYear == year.firstYear }) == use { return (rules, false) }
      _ = try session.batch([
        Bound(
          insertUse, actor.districtID, UUID.v7(), year.firstYear, rules.id, Int32(rules.version),
          actor.userID),
        Audit.statement(
          actor, "rules.use", subject: "rule_set", id: nil,
          after: [
            "rule_set": rules.id, "version": "\(rules.version)", "from": "\(year)",
          ]),
      ])
      return (rules, true)
    }
  }
}

package enum RuleSetFailure: YibangError {
  case unreadable(String)
  case malformed(String, Text)
  case unsound(Text)
  case unknown(String, Int)
  case versionExists(String, Int)
  case notInForce(String, Int, SchoolYear)
  case districtOnly

  package var code: String {
    switch self {
    case .unreadable: "rules.unreadable"
    case .malformed: "rules.malformed"
    case .unsound: "rules.unsound"
    case .unknown: "rules.unknown"
    case .versionExists: "rules.version_exists"
    case .notInForce: "rules.not_in_force"
    case .districtOnly: "rules.district_only"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unreadable: .unreadable
    case .malformed, .unsound: .badData
    case .unknown: .notFound
    case .versionExists, .notInForce: .conflict
    case .districtOnly: .forbidden
    }
  }

  package var text: Text {
    switch self {
    case .unreadable(let file):
      Text("读不了文件 \(file)。请核对路径和权限。", "The file \(file) cannot be read. Check its path and rights.")
    case .malformed(let file, let what):
      Text("\(file) 不是认定办法：\(what.zh)", "\(file) is no rule set: \(what.en)")
    case .unsound(let what):
      Text("认定办法有错，不能使用：\(what.zh)", "The rule set cannot be used: \(what.en)")
    case .unknown(let id, let version):
      Text(
        "没有认定办法 \(id)\(version > 0 ? " 第 \(version) 版" : "")。可用 yibang rules list 查看。",
        "There is no rule set \(id)\(version > 0 ? " version \(version)" : ""). "
          + "See yibang rules list.")
    case .versionExists(let id, let version):
      Text(
        "\(id) 第 \(version) 版已有，内容不同。改动请用新的版本号。",
        "Version \(version) of \(id) is there with other content. Give a change a new version.")
    case .notInForce(let id, let version, let year):
      Text(
        "\(id) 第 \(version) 版在\(year.zh)不适用。",
        "Version \(version) of \(id) is not in force in \(year).")
    case .districtOnly:
      Text("认定办法由区里选定。", "The district chooses the rules.")
    }
  }
}
