/// An error about one value that a person wrote, said without repeating the value: a value may be
/// personal data, and whoever reports the error knows it.
package protocol ValueError: Error, Hashable, Sendable {
  /// What is wrong.
  var problem: Text { get }
  /// What to do about it.
  var advice: Text { get }
}

extension ValueError {
  /// Problem and advice in one sentence.
  package var text: Text {
    Text("\(problem.zh)；\(advice.zh)。", "\(problem.en); \(advice.en).")
  }
}
