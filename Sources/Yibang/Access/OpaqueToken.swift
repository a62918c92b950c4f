import Crypto
import Foundation

/// A secret that is handed out once; of it the database keeps the hash alone.
///
/// Written `ybs_<district>_<43 characters>`: the district tells where to look for the hash before
/// anybody is known.
package struct OpaqueToken: Sendable {
  package enum Kind: String, Sendable {
    case session = "ybs"
    case personal = "ybp"
    case link = "ybi"
  }

  package let kind: Kind
  package let district: String
  package let text: String

  /// 32 random bytes.
  static func make(_ kind: Kind, district: String) -> OpaqueToken {
    OpaqueToken(
      kind: kind, district: district,
      text: "\(kind.rawValue)_\(district)_\(base64URL(randomBytes(32)))")
  }

  private init(kind: Kind, district: String, text: String) {
    self.kind = kind
    self.district = district
    self.text = text
  }

  /// - Returns: nil for what cannot be a token of this kind; that there is such a one is not said.
  package init?(_ text: String, _ kind: Kind) {
    let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
    guard text.utf8.count == 54, parts.count == 3, parts[0] == kind.rawValue,
      parts[1].utf8.count == 6, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      parts[2].utf8.count == 43
    else { return nil }
    self.init(kind: kind, district: String(parts[1]), text: text)
  }

  var sha256: [UInt8] { [UInt8](SHA256.hash(data: Data(text.utf8))) }
}

/// Bytes from the system's generator.
func randomBytes(_ count: Int) -> [UInt8] {
  SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { [UInt8]($0) }
}

/// RFC 4648 §5, without padding.
func base64URL(_ bytes: [UInt8]) -> String {
  var text = Data(bytes).base64EncodedString()
  text.replace("+", with: "-")
  text.replace("/", with: "_")
  return String(text.prefix { $0 != "=" })
}

/// - Returns: nil for what is no base64url without padding.
func bytes(base64URL text: some StringProtocol) -> [UInt8]? {
  var text = String(text)
  text.replace("-", with: "+")
  text.replace("_", with: "/")
  text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
  return Data(base64Encoded: text).map { [UInt8]($0) }
}
