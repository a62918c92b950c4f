/// What a log says of itself at one moment, in the form of c2sp.org/tlog-checkpoint: its name, its
/// size, its root, and lines of the log's own.
package struct Checkpoint: Sendable, Equatable {
  /// The log's name, unique among all logs.
  package let origin: String
  package let size: Int
  package let root: MerkleHash
  package let extensions: [String]

  package init(origin: String, size: Int, root: MerkleHash, extensions: [String] = []) {
    self.origin = origin
    self.size = size
    self.root = root
    self.extensions = extensions
  }

  /// - Throws: ``NoteError/badCheckpoint`` unless the text is one to the byte.
  package init(parsing text: String) throws(NoteError) {
    // By bytes: to Swift CR LF is one character, which is no line break here.
    let lines = Array(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard lines.count >= 4, lines.last == "", lines.dropLast().allSatisfy({ !$0.isEmpty }),
      let size = Int(lines[1]), size >= 0, "\(size)".utf8.elementsEqual(lines[1].utf8),
      let root = MerkleHash(base64: lines[2])
    else { throw .badCheckpoint }
    self.init(
      origin: lines[0], size: size, root: root, extensions: Array(lines[3..<lines.count - 1]))
  }

  package var text: String {
    ([origin, "\(size)", root.base64] + extensions).map { $0 + "\n" }.joined()
  }
}
