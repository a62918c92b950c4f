import Foundation

/// A password as it is hashed: in one form of Unicode, so that keyboards do not matter.
package struct Password: Sendable {
  package static let fewestCharacters = 12
  /// Of UTF-8, normalised.
  package static let mostBytes = 256

  /// NFKC.
  let bytes: [UInt8]

  /// What somebody types to sign in, whatever it is.
  package init(typed text: String) {
    bytes = [UInt8](Password.normal(text).utf8)
  }

  /// A new password of a person.
  /// - Throws: `AccountError.password`, with the reason that it is refused for.
  package init(new text: String, login: String, name: String) throws(AccountError) {
    let normal = Password.normal(text)
    guard normal.utf8.count <= Password.mostBytes else { throw .password(.long) }
    guard normal.unicodeScalars.count >= Password.fewestCharacters else { throw .password(.short) }
    let plain = normal.lowercased()
    // What is left without the names must still be something to guess.
    var rest = plain
    for known in [login, name].map({ Password.normal($0).lowercased() }) where known.count >= 2 {
      rest = rest.replacingOccurrences(of: known, with: "")
    }
    guard rest.unicodeScalars.count >= 6 else { throw .password(.named) }
    guard !Password.isCommon(plain) else { throw .password(.common) }
    bytes = [UInt8](normal.utf8)
  }

  /// Whether it is too long to be anybody's.
  var isTooLong: Bool { bytes.count > Password.mostBytes }

  private static func normal(_ text: String) -> String {
    // Normalising is work for the length of the text: what is far too long is not worth it.
    text.utf8.count > 4 * mostBytes ? text : text.precomposedStringWithCompatibilityMapping
  }

  /// One of the commonest of this length, or a short piece over and over.
  private static func isCommon(_ plain: String) -> Bool {
    if common.contains(plain) || Set(plain.unicodeScalars).count < 5 { return true }
    let scalars = Array(plain.unicodeScalars)
    return (1...4).contains { period in
      scalars.indices.dropFirst(period).allSatisfy { scalars[$0] == scalars[$0 - period] }
    }
  }

  /// What people make of the commonest passwords when twelve characters are asked for.
  private static let common: Set<String> = [
    "1234567890123", "123456789012", "12345678910", "123456789101112", "012345678910",
    "1234567890-=", "123456789abc", "1234567890ab", "1234567890qwe", "123456abcdef",
    "abcdef123456", "abcdefghijkl", "abcdefg12345", "abcd1234abcd", "abcd12345678", "abc123456789",
    "a12345678910", "a123456789012", "aa1234567890", "qwertyuiopas", "qwertyuiop[]", "qwertyuiop12",
    "qwertyuiop123", "qwertyuiop1234567890", "qwerty123456", "qwerty1234567", "qwerty123456789",
    "asdfghjkl123", "asdfghjkl123456", "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "qazwsxedcrfv",
    "zaq12wsxcde3", "q1w2e3r4t5y6", "1q2w3e4r5t6y", "1q2w3e4r5t6y7u8i", "1qazxsw23edc",
    "password1234", "password12345", "password123456", "passw0rd1234", "p@ssw0rd1234",
    "p@ssword1234", "mypassword123", "administrator", "admin1234567", "admin12345678",
    "admin123456789", "adminadmin123", "welcome12345", "welcome123456", "letmein12345",
    "iloveyou1234", "iloveyou5201314", "iloveyou1314", "changeme1234", "changeme12345",
    "woaini1314520", "woaini5201314", "woaini123456", "woaini520520", "woaiwojia123",
    "5201314woaini", "520131414520", "wodemima1234", "wodemima123456", "mima12345678",
    "xuesheng1234", "laoshi123456", "xuexiao12345", "zhongguo1234", "zhongguo1949",
    "china1234567", "beijing123456", "yibang123456", "yibang12345678", "yibangyibang",
  ]
}
