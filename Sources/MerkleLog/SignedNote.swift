import Crypto
package import FoundationEssentials

/// A text with signatures under it, in the form of c2sp.org/signed-note: the text, an empty line, and
/// a line `— name base64(key id ‖ signature)` for each signature.
package struct SignedNote: Sendable, Equatable {
  package struct Signature: Sendable, Equatable {
    package let name: String
    package let keyID: [UInt8]
    package let signature: [UInt8]
  }

  /// What is signed; ends with a line break.
  package let text: String
  package let signatures: [Signature]

  /// Bytes of a note at most, and signatures under it.
  package static let sizeLimit = 1_000_000
  package static let signatureLimit = 100

  /// - Throws: ``NoteError`` unless the note is well-formed to the byte.
  package init(parsing note: String) throws(NoteError) {
    let bytes = Array(note.utf8)
    guard bytes.count <= Self.sizeLimit else { throw .tooLong }
    guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }) else { throw .controlCharacter }
    guard
      let gap = bytes.indices.dropLast().last(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A })
    else { throw .noSignature }
    let block = bytes[(gap + 2)...]
    guard block.last == 0x0A else { throw .noSignature }
    var signatures: [Signature] = []
    for line in block.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false) {
      guard signatures.count < Self.signatureLimit else { throw .tooLong }
      signatures.append(try Self.signature(String(decoding: line, as: UTF8.self)))
    }
    text = String(decoding: bytes[...gap], as: UTF8.self)
    self.signatures = signatures
  }

  private static func signature(_ line: String) throws(NoteError) -> Signature {
    let words = line.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
      .map { String($0) }
    guard words.count == 3, words[0] == "—", isKeyName(words[1]), let data = decodeBase64(words[2]),
      data.count > 4
    else { throw .badSignatureLine }
    return Signature(
      name: words[1], keyID: Array(data.prefix(4)), signature: Array(data.dropFirst(4)))
  }

  /// The text, if this key signed it.
  /// - Throws: ``NoteError/unknownKey(_:)`` if it did not sign, ``NoteError/wrongSignature(_:)`` if
  ///   what stands there is not its signature of this text.
  package func verified(by key: NoteKey) throws(NoteError) -> String {
    let own = signatures.filter { $0.name.utf8.elementsEqual(key.name.utf8) && $0.keyID == key.id }
    guard !own.isEmpty else { throw .unknownKey(key.description) }
    for signature in own {
      guard key.isSignature(signature.signature, of: text) else {
        throw .wrongSignature(key.description)
      }
    }
    return text
  }
}

/// Whether a name can stand in a signature line: not empty, no space and no plus.
func isKeyName(_ name: String) -> Bool {
  !name.isEmpty && !name.unicodeScalars.contains { $0 == "+" || $0.properties.isWhitespace }
}

/// The public half of a key, written `name+key id+base64(0x01 ‖ Ed25519 public key)`.
package struct NoteKey: Sendable, CustomStringConvertible {
  package let name: String
  private let publicKey: Curve25519.Signing.PublicKey

  private static let ed25519: UInt8 = 1

  /// - Throws: ``NoteError/badKey``.
  package init(parsing text: String) throws(NoteError) {
    let words = text.unicodeScalars.split(
      separator: "+", maxSplits: 2, omittingEmptySubsequences: false
    ).map { String($0) }
    guard words.count == 3, isKeyName(words[0]), let data = decodeBase64(words[2]),
      data.count == 33, data.first == Self.ed25519,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: Data(data.dropFirst()))
    else { throw .badKey }
    self.init(name: words[0], publicKey: key)
    guard words[1].utf8.elementsEqual(hex(id).utf8) else { throw .badKey }
  }

  init(name: String, publicKey: Curve25519.Signing.PublicKey) {
    self.name = name
    self.publicKey = publicKey
  }

  /// The first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key).
  package var id: [UInt8] {
    var hashed = Data(name.utf8)
    hashed.append(0x0A)
    hashed.append(Self.ed25519)
    hashed.append(publicKey.rawRepresentation)
    return Array(MerkleHash.digest(hashed).bytes.prefix(4))
  }

  package var description: String {
    let key = Data([Self.ed25519]) + publicKey.rawRepresentation
    return "\(name)+\(hex(id))+\(key.base64EncodedString())"
  }

  func isSignature(_ signature: [UInt8], of text: String) -> Bool {
    publicKey.isValidSignature(Data(signature), for: Data(text.utf8))
  }
}

/// A private key with its name.
package struct NoteSigner: Sendable {
  package let name: String
  private let key: Curve25519.Signing.PrivateKey

  /// - Parameter seed: the 32 bytes of an Ed25519 private key.
  /// - Throws: ``NoteError/badKey``.
  package init(name: String, seed: some ContiguousBytes) throws(NoteError) {
    guard isKeyName(name), let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    else { throw .badKey }
    self.name = name
    self.key = key
  }

  package var publicKey: NoteKey { NoteKey(name: name, publicKey: key.publicKey) }

  /// The note of a text.
  /// - Throws: ``NoteError/badText`` unless the text ends with a line break and holds no other
  ///   control character.
  package func sign(_ text: String) throws(NoteError) -> String {
    let isClean = text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A }
    guard isClean, text.utf8.last == 0x0A, let signature = try? key.signature(for: Data(text.utf8))
    else { throw .badText }
    let line = (Data(publicKey.id) + signature).base64EncodedString()
    return "\(text)\n— \(name) \(line)\n"
  }
}
