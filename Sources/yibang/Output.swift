import Glibc

/// Standard output takes no more.
enum OutputError: Error {
  /// Whoever read it has gone, as `head` does when it has seen enough.
  case readerGone
  case failed
}

/// Writes all of a text to the standard output.
/// - Throws: `OutputError`.
func standardOutput(_ text: String) throws(OutputError) {
  try write(text, to: STDOUT_FILENO)
}

/// Where nobody reads the standard error, there is nobody to tell.
func standardError(_ text: String) {
  try? write(text, to: STDERR_FILENO)
}

private func write(_ text: String, to descriptor: Int32) throws(OutputError) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno == EPIPE {
      throw .readerGone
    } else if errno != EINTR {
      throw .failed
    }
  }
}
