import Foundation

/// Standard output takes no more.
struct OutputError: Error {}

/// - Throws: `OutputError`.
func standardOutput(_ text: String) throws {
  do {
    try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  } catch {
    throw OutputError()
  }
}

/// Where nobody reads the standard error, there is nobody to tell.
func standardError(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
}
