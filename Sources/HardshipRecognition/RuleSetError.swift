/// Why a rule set was refused. It names no person: rule sets hold none.
public struct RuleSetError: Error, Hashable, Sendable {
  /// Stable.
  public enum Code: String, Hashable, Sendable, CaseIterable {
    /// It is no JSON.
    case syntax
    case duplicateKey = "duplicate-key"
    case unknownKey = "unknown-key"
    case missingKey = "missing-key"
    case wrongType = "wrong-type"
    /// The type is right, and the value is none of those allowed.
    case invalidValue = "invalid-value"
  }

  public let code: Code
  /// The place, as in `$.categories[3].proofs[0].department`.
  public let path: String
  public let zh: String
  public let en: String

  init(_ code: Code, at path: String, zh: String, en: String) {
    self.code = code
    self.path = path
    self.zh = zh
    self.en = en
  }
}

extension RuleSetError: CustomStringConvertible {
  public var description: String { "\(path): \(zh) · \(en)" }
}
