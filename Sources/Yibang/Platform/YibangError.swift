/// An error that a person can act on. Each capability has one enum of them; the front ends map
/// `category` to an exit status or an HTTP status, in one table each.
package protocol YibangError: Error, CustomStringConvertible {
  /// Stable, for programs: `pairing.pupil_already_paired`.
  var code: String { get }
  /// What is wrong, where, and what to do.
  var text: Text { get }
  var category: ErrorCategory { get }
}

extension YibangError {
  package var description: String { "\(code): \(text.en)" }
}

package enum ErrorCategory: Sendable, Equatable {
  /// The call's words are off.
  case usage
  /// The data given cannot be taken as it is.
  case badData
  /// A file that cannot be read.
  case unreadable
  /// What was named does not exist.
  case notFound
  /// A rule or an earlier state forbids it.
  case conflict
  /// The record was changed since it was read.
  case changed
  /// The actor may not do this.
  case forbidden
  /// Nobody is signed in, or what was shown for it does not hold.
  case unauthenticated
  /// Too much at once or too often: it may be tried again after so many seconds.
  case tooMany(retryAfter: Int)
  /// Unknown user.
  case unknownUser
  /// The database or another part does not answer.
  case unavailable
  /// The settings of this installation do not work.
  case configuration
}
