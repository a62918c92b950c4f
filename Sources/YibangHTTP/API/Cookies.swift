import Foundation
import Hummingbird
import Yibang

/// The cookies of a browser. `__Host-` makes it keep them for this host and path alone, over TLS.
enum SessionCookie {
  static let name = "__Host-yibang"
  /// Kept after signing out: it spares this device the waits that others' failures cause.
  static let device = "__Host-yibang-device"

  static func session(_ token: String) -> String {
    "\(name)=\(token); Path=/; Secure; HttpOnly; SameSite=Lax"
  }

  static func device(_ token: String) -> String {
    "\(device)=\(token); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000"
  }

  static let ended = "\(name)=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
}

/// An answer that sets cookies, which are not in its JSON.
protocol SetsCookies {
  var cookies: [String] { get }
}

/// From where a request comes, and by which session.
struct Client: Sendable {
  var address = "unknown"
  var userAgent: String?
  var device: String?
  /// The session's token, where a cookie was sent.
  var token: String?
  var sessionID: UUID?
  /// What a write of the session must repeat.
  var csrf: String?

  var signIn: SignIn.Client {
    SignIn.Client(address: address, userAgent: userAgent, device: device)
  }
}
