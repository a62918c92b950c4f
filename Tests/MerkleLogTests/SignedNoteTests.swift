import FoundationEssentials
import Testing

@testable import MerkleLog

/// Key and note are those that golang.org/x/mod/sumdb/note publishes with its tests.
@Suite("Signed notes and checkpoints")
struct SignedNoteTests {
  static let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  static let seed = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
  static let text = """
    If you think cryptography is the answer to your problem,
    then you don't know what your problem is.

    """
  static let signature =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
  static let note = "\(text)\n\(signature)"

  private func verified(_ note: String, _ key: String = key) throws(NoteError) -> String {
    try SignedNote(parsing: note).verified(by: try NoteKey(parsing: key))
  }

  @Test("the published note verifies under the published key, and signing gives it to the byte")
  func publishedNote() throws {
    #expect(try verified(Self.note) == Self.text)
    let seed = try #require(Data(base64Encoded: Self.seed))
    let signer = try NoteSigner(name: "PeterNeumann", seed: Data(seed.dropFirst()))
    #expect(signer.publicKey.description == Self.key)
    #expect(try signer.sign(Self.text) == Self.note)
  }

  @Test("an altered byte anywhere in a note is noticed")
  func alteredNote() {
    var bytes = Array(Self.note.utf8)
    for place in bytes.indices {
      bytes[place] ^= 1
      if let altered = String(validating: bytes, as: UTF8.self) {
        #expect(throws: NoteError.self, "byte \(place)") { try verified(altered) }
      }
      bytes[place] ^= 1
    }
  }

  @Test("a key is not taken unless it is whole")
  func badKeys() {
    let bytes = Array(Self.key.utf8)
    for end in bytes.indices {
      let cut = String(decoding: bytes[..<end], as: UTF8.self)
      #expect(throws: NoteError.badKey) { try NoteKey(parsing: cut) }
      var altered = bytes
      altered[end] += 1
      let text = String(decoding: altered, as: UTF8.self)
      #expect(throws: NoteError.badKey) { try NoteKey(parsing: text) }
    }
    // Another algorithm, and a key that is too long, each with the id that fits.
    for key in [
      "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
    ] {
      #expect(throws: NoteError.badKey) { try NoteKey(parsing: key) }
    }
  }

  @Test(
    "a malformed note says what is wrong",
    arguments: [
      ("", NoteError.noSignature), (text, .noSignature), ("\(text)\n", .noSignature),
      ("\(text)\n\(signature.dropLast())", .noSignature),
      ("\(text)\(signature)", .noSignature),
      ("\(text)\n\(signature)\n", .noSignature),
      ("\(text)\n-\(signature.dropFirst())", .badSignatureLine),
      ("\(text)\n— PeterNeumann AAAA\n", .badSignatureLine),
      ("\(text)\n— Peter Neumann AAAAAAAA\n", .badSignatureLine),
      ("\(text)\n—  AAAAAAAA\n", .badSignatureLine),
      ("a\tb\n\n\(signature)", .controlCharacter), ("a\r\n\n\(signature)", .controlCharacter),
      (
        "\(text)\n" + String(repeating: signature, count: 101), .tooLong
      ),
    ])
  func malformed(note: String, error: NoteError) {
    #expect(throws: error) { try SignedNote(parsing: note) }
  }

  @Test("a signature of another key is passed over, and without ours the note is refused")
  func otherKeys() throws {
    let other = try NoteSigner(name: "other", seed: Data(repeating: 7, count: 32))
    let stranger = try other.sign(Self.text)
    let lines = stranger.dropFirst(Self.text.count + 1)
    #expect(try verified("\(Self.text)\n\(lines)\(Self.signature)") == Self.text)
    #expect(throws: NoteError.unknownKey(Self.key)) { try verified(stranger) }
    // The right name and id over another's signature.
    let forged = try #require(Data(base64Encoded: "x08gow==")) + Data(repeating: 1, count: 64)
    #expect(throws: NoteError.wrongSignature(Self.key)) {
      try verified("\(Self.text)\n— PeterNeumann \(forged.base64EncodedString())\n")
    }
  }

  @Test("what cannot be signed is refused", arguments: ["no line break", "a\u{7}\n", ""])
  func badText(text: String) throws {
    let signer = try NoteSigner(name: "k", seed: Data(repeating: 7, count: 32))
    #expect(throws: NoteError.badText) { try signer.sign(text) }
    #expect(throws: NoteError.badKey) {
      try NoteSigner(name: "a b", seed: Data(repeating: 7, count: 32))
    }
  }

  @Test("a checkpoint is read as it was written, and nothing else is one")
  func checkpoints() throws {
    let checkpoint = Checkpoint(
      origin: "example.com/log", size: 12, root: .leaf([1]), extensions: ["date 2026-11-20", "x"])
    #expect(try Checkpoint(parsing: checkpoint.text) == checkpoint)
    #expect(
      Checkpoint(origin: "o", size: 0, root: .emptyTree).text
        == "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
    let root = MerkleHash.emptyTree.base64
    let bad = [
      "", "o\n", "o\n1\n", "o\n1\n\(root)", "o\n01\n\(root)\n", "o\n-1\n\(root)\n",
      "o\n+1\n\(root)\n", "\n1\n\(root)\n", "o\n1\n\(root)\n\n", "o\n1\n\(root.dropLast(4))\n",
      "o\n1\n\(root)\n\nx\n", "o\n1 \n\(root)\n", "o\n99999999999999999999\n\(root)\n",
      "o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
    ]
    for text in bad {
      #expect(throws: NoteError.badCheckpoint, "\(text)") { try Checkpoint(parsing: text) }
    }
  }
}
