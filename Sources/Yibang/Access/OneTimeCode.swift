import Crypto
package import Foundation

/// Codes by time, RFC 6238: HMAC-SHA-1 over steps of 30 seconds, as authenticator apps make them.
package enum OneTimeCode {
  package static let stepSeconds: Int64 = 30
  static let secretBytes = 20
  /// Steps by which a telephone's clock may differ, either way.
  static let tolerance: Int64 = 1

  package static func step(at now: Date) -> Int64 {
    Int64(now.timeIntervalSince1970.rounded(.down)) / stepSeconds
  }

  /// The code of a step (RFC 4226 §5.3).
  package static func code(_ secret: [UInt8], step: Int64, digits: Int = 6) -> String {
    var mac = HMAC<Insecure.SHA1>(key: SymmetricKey(data: secret))
    withUnsafeBytes(of: step.bigEndian) { mac.update(data: $0) }
    let bytes = [UInt8](mac.finalize())
    let offset = Int(bytes[19] & 0x0F)
    let number = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
    var modulus: UInt32 = 1
    for _ in 0..<digits { modulus *= 10 }
    let text = String(number % modulus)
    return String(repeating: "0", count: digits - text.utf8.count) + text
  }

  /// The step that a code is of, near now and after the last one that was used.
  static func step(
    of code: String, secret: [UInt8], now: Date, after last: Int64?
  ) -> Int64? {
    let current = step(at: now)
    return (current - tolerance...current + tolerance).first { step in
      step > last ?? -1 && isSame([UInt8](self.code(secret, step: step).utf8), [UInt8](code.utf8))
    }
  }

  /// What an authenticator app reads from a QR code.
  static func uri(secret: [UInt8], login: String, district: String) -> String {
    let account = login.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? district
    let issuer = "Yibang%20\(district)"
    return "otpauth://totp/\(issuer):\(account)?secret=\(base32(secret))&issuer=\(issuer)"
      + "&algorithm=SHA1&digits=6&period=30"
  }
}

/// RFC 4648 §6, without padding.
func base32(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".unicodeScalars)
  var text = String.UnicodeScalarView()
  var pool: UInt32 = 0
  var bits = 0
  for byte in bytes {
    pool = pool << 8 | UInt32(byte)
    bits += 8
    while bits >= 5 {
      bits -= 5
      text.append(alphabet[Int(pool >> UInt32(bits) & 31)])
    }
    pool &= (1 << UInt32(bits)) - 1
  }
  if bits > 0 { text.append(alphabet[Int(pool << UInt32(5 - bits) & 31)]) }
  return String(text)
}
