#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension RuleSet {
  /// The JSON Schema (2020-12) of ``init(json:)``, which holds every file to it.
  public static var schema: [UInt8] { PackageResources.rule_set_schema_json }

  /// Reads a rule set from JSON as ``schema`` describes it.
  ///
  /// Strict: a key that is unknown, missing or there twice, a value of another type, and a day that
  /// does not exist are refused. Whether the rules make sense, ``findings`` tells.
  ///
  /// - Throws: what is wrong with the first place at which something is, and where that is.
  public init(json: [UInt8]) throws(RuleSetError) {
    let tree = try JSONTree(parsing: json)
    try JSONSchema.ruleSet.check(tree)
    do {
      self.init(try JSONDecoder().decode(RuleData.self, from: Data(json)))
    } catch let error as DecodingError {
      throw RuleSetError(error)
    } catch {
      throw RuleSetError(.syntax, at: "$", zh: "无法读取：\(error)", en: "cannot be read: \(error)")
    }
  }

  /// The rule set as JSON with sorted keys and without spaces: equal rule sets give equal bytes, so
  /// that a stored one can be hashed and compared.
  public var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(index.data))
    } catch {
      fatalError("a rule set holds nothing that JSON cannot: \(error)")
    }
  }
}

/// As in ``json``. Decoding does not refuse unknown keys: what comes from a file goes through
/// ``init(json:)``.
extension RuleSet: Codable {
  public init(from decoder: any Decoder) throws {
    self.init(try RuleData(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try index.data.encode(to: encoder)
  }
}

extension RuleSetError {
  fileprivate init(_ error: DecodingError) {
    let (context, zh): (DecodingError.Context, String) =
      switch error {
      case .typeMismatch(_, let context): (context, "类型不对")
      case .valueNotFound(_, let context): (context, "缺少值")
      case .keyNotFound(_, let context): (context, "缺少一项")
      case .dataCorrupted(let context): (context, "值无效")
      @unknown default: (.init(codingPath: [], debugDescription: "\(error)"), "值无效")
      }
    let path = context.codingPath.reduce("$") { path, key in
      path + (key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)")
    }
    self.init(.invalidValue, at: path, zh: zh, en: context.debugDescription)
  }
}
