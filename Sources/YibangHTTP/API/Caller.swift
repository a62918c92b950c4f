package import Foundation
import Hummingbird
package import Yibang

/// Who a request comes from.
package struct Caller: Sendable {
  package let actor: Actor
  /// What a write must repeat in X-CSRF-Token; nil where no cookie was used.
  package let csrf: String?
  /// Good for completing the sign-in alone: endpoints that are `worksConfined`.
  package let isConfined: Bool
  package let sessionID: UUID?
  /// Session or token, and what the district was when it was looked up; nil: not known.
  package let seen: Seen?

  package struct Seen: Sendable {
    let bearer: UUID
    let version: DistrictVersion
  }

  package init(
    actor: Actor, csrf: String? = nil, isConfined: Bool = false, sessionID: UUID? = nil,
    seen: Seen? = nil
  ) {
    self.actor = actor
    self.csrf = csrf
    self.isConfined = isConfined
    self.sessionID = sessionID
    self.seen = seen
  }
}

/// What a request shows to say who it comes from.
package enum Credential: Sendable, Equatable {
  /// `Authorization: Bearer …`
  case token(String)
  /// The session's cookie.
  case session(String)
}

extension Credential {
  init?(_ request: Request) {
    if let header = request.headers[.authorization] {
      let parts = header.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
      self = .token(String(parts[1]))
    } else if let cookie = request.cookies[SessionCookie.name] {
      self = .session(cookie.value)
    } else {
      return nil
    }
  }
}

/// Why a request is not taken, whatever it asks.
package enum CallerError: YibangError {
  case notSignedIn
  case csrf
  case confined

  package var code: String {
    switch self {
    case .notSignedIn: "access.not_signed_in"
    case .csrf: "access.csrf"
    case .confined: "access.second_factor_needed"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .notSignedIn: .unknownUser
    case .csrf, .confined: .forbidden
    }
  }

  package var text: Text {
    switch self {
    case .notSignedIn:
      Text(
        "请先登录，或在 Authorization 中给出有效的访问令牌。",
        "Sign in, or give a valid access token in Authorization.")
    case .csrf:
      Text(
        "写操作须在 X-CSRF-Token 中给出登录时得到的校验值。请重新登录。",
        "A write gives in X-CSRF-Token what signing in answered. Sign in again.")
    case .confined:
      Text(
        "您的角色须先启用两步验证，才能办理其他事务。",
        "Your role has to set up a second factor before it can do anything else.")
    }
  }
}

extension Caller {
  /// Whether a write of the session brought its value along; in a time that does not tell how much of it
  /// was right.
  func accepts(csrf given: String?) -> Bool {
    guard let csrf, let given, given.utf8.count == csrf.utf8.count else { return false }
    return zip(given.utf8, csrf.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// Whoever a credential belongs to, by the platform's accounts; nil if to nobody any more.
  package static func find(
    _ credential: Credential, now: Date, on platform: Platform
  ) async throws -> Caller? {
    do {
      let found =
        switch credential {
        case .token(let token):
          try await SignIn.actor(accessToken: token, now: now, on: platform)
        case .session(let token): try await SignIn.actor(session: token, now: now, on: platform)
        }
      return Caller(
        actor: found.actor, csrf: found.sessionID == nil ? nil : found.csrf,
        isConfined: found.isConfined, sessionID: found.sessionID,
        seen: Seen(bearer: found.id, version: found.version))
    } catch AccountError.signInNeeded {
      return nil
    }
  }
}
