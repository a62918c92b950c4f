import Foundation
import HardshipRecognition

/// What a 认定结果汇总表 gives as 认定依据: the category, and the cause in the family's words.
struct RecognitionBasis: Equatable {
  var category: String?
  var cause: String?

  private static let causeLabel = "原因："

  /// As our sheets write it: 孤儿；原因：父母双亡.
  var text: String? {
    [category, cause.map { Self.causeLabel + $0 }].compactMap { $0 }.joined(separator: "；").nonEmpty
  }

  init(category: String?, cause: String?) {
    self.category = category
    self.cause = cause
  }

  /// Reads ours, and those of schools: words that are categories of the rules are taken as such, all
  /// else as the cause.
  /// - Parameter text: normalised.
  init(reading text: String, under rules: RuleSet) {
    let label = normalizeText(Self.causeLabel)
    var words = text
    if let found = words.range(of: label) {
      cause = String(words[found.upperBound...]).nonEmpty
      words = String(words[..<found.lowerBound])
      while words.last == ";" || words.last == " " { words.removeLast() }
    }
    let reading = rules.categories(in: words)
    if !reading.matches.isEmpty && reading.unknown.isEmpty {
      category = words
    } else if !words.isEmpty {
      cause = text
    }
  }
}
