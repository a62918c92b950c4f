package import Foundation
import Postgres

/// How a person gets in: by password and, where one is set up, a second factor.
package enum SignIn {
  /// From where somebody signs in.
  package struct Client: Sendable {
    /// An IP address, or another name of where the request comes from.
    package let address: String
    package let userAgent: String?
    /// What an earlier sign-in on this device gave; see `SignIn.Session.device`.
    package let device: String?

    package init(address: String, userAgent: String? = nil, device: String? = nil) {
      self.address = address
      self.userAgent = userAgent
      self.device = device
    }
  }

  /// A session just begun. Its secrets are shown this once.
  package struct Session: Sendable {
    package let id: UUID
    package let token: String
    package let csrf: String
    /// The end, however busy the session is.
    package let expires: Date
    /// For a long-lived cookie of the device: it spares its user the waits that others' failures
    /// cause. It lets nobody in. Nil as long as a second factor is needed.
    package let device: String?
    /// The password was right; the session is good for `SignIn.confirm` alone, for ten minutes.
    package let needsSecondFactor: Bool
    /// The role needs a second factor and there is none: the session is good to set one up alone.
    package let mustEnrol: Bool

    package var isConfined: Bool { needsSecondFactor || mustEnrol }
  }

  /// A session's end however busy it is, in seconds.
  static let longest: TimeInterval = 12 * 3_600
  /// To find the telephone and type a code.
  static let longestWaitForCode: TimeInterval = 600

  /// A session where login, password and code are right.
  ///
  /// An unknown login costs the same work. A right password without a code begins a session that only
  /// `confirm` takes. Failures of others at other addresses never refuse a device that was signed in
  /// with before, and others for a minute at most.
  /// - Throws: `AccountError.refused`, whatever was wrong; `.tooManyFailures`; `.busy`.
  package static func signIn(
    district: String, login: String, password: String, code: String? = nil, client: Client,
    now: Date, on platform: Platform
  ) async throws -> Session {
    let attempt = try await begin(
      district: district, login: String(normalizeText(login).prefix(200)), client, now, platform)
    let typed = Password(typed: password)
    let (isRight, newHash) = try await attempt.givingBack(on: platform) {
      guard try await PasswordHash.verify(typed, attempt.person?.passwordHash),
        let hash = attempt.person?.passwordHash
      else { return (false, nil as String?) }
      return (true, PasswordHash.isCurrent(hash) ? nil : try await PasswordHash.make(typed))
    }
    guard isRight, let person = attempt.person, person.mayEnter else { throw AccountError.refused }
    guard person.hasSecondFactor else {
      return try await enter(person, attempt, now: now, newHash: newHash, on: platform)
    }
    guard let code else {
      return try await wait(person, attempt, now: now, newHash: newHash, on: platform)
    }
    let counted = try await attempt.countingInside(person, on: platform)
    return try await enter(person, counted, code: code, now: now, newHash: newHash, on: platform)
  }

  /// Completes a session that waits for its second factor: another one, whole, takes its place.
  /// - Parameter code: of the authenticator, or a recovery code.
  /// - Throws: `AccountError.signInNeeded` if the session does not wait for one, or ended; `.refused`;
  ///   `.tooManyFailures`.
  package static func confirm(
    session token: String, code: String, client: Client, now: Date, on platform: Platform
  ) async throws -> Session {
    let waiting = try await actor(session: token, now: now, on: platform)
    guard waiting.needsSecondFactor, let sessionID = waiting.sessionID else {
      throw AccountError.signInNeeded
    }
    let attempt = try await begin(
      district: waiting.actor.districtID, login: waiting.actor.login, client, now, platform)
    guard let person = attempt.person, person.mayEnter else { throw AccountError.refused }
    let counted = try await attempt.countingInside(person, on: platform)
    return try await enter(
      person, counted, code: code, replacing: sessionID, now: now, on: platform)
  }

  /// Counts an attempt before it is tried.
  private static func begin(
    district: String, login: String, _ client: Client, _ now: Date, _ platform: Platform
  ) async throws -> SignInAttempt {
    try await platform.onAccounts(of: district) { session in
      guard try SignInPerson.isKnown(district: district, session) else {
        throw AccountError.refused
      }
      let person = try SignInPerson.find(login: login, district: district, session)
      let attempt = SignInAttempt(
        district: district, login: login, person: person, client: client, now: now,
        vault: platform.vault)
      try GuessLimit.claim(attempt.buckets, district: district, now: now, session)
      return attempt
    }
  }

  /// A session after everything was right, as the database has the person now.
  private static func enter(
    _ person: SignInPerson, _ attempt: SignInAttempt, code: String? = nil,
    replacing waiting: UUID? = nil, now: Date, newHash: String? = nil, on platform: Platform
  ) async throws -> Session {
    let vault = platform.vault
    return try await platform.onAccounts(of: attempt.district) { session in
      try person.lock(session)
      var way = SecondFactor.Way.none
      if let code {
        guard let taken = try SecondFactor.take(code, of: person.actor, now: now, vault, session)
        else { throw AccountError.refused }
        way = taken
      }
      if let waiting {
        let ended = try session.execute(
          LoginSessions.endOne, attempt.district, person.userID, waiting, PostgresTimestamp(now))
        guard ended == 1 else { throw AccountError.signInNeeded }
      }
      let started = StartedSession(
        person, attempt.client, expires: now + longest, secondFactor: way != .none, now: now)
      _ = try session.batch(
        started.statements(way) + person.rehash(newHash) + [
          GuessLimit.giveBack(attempt.shared, district: attempt.district),
          GuessLimit.forget(attempt.own, district: attempt.district, now: now),
        ])
      return Session(
        id: started.id, token: started.token.text, csrf: csrf(started.token, vault),
        expires: started.expires, device: KnownDevice.token(of: person, vault),
        needsSecondFactor: false, mustEnrol: way == .none && person.actor.role.needsSecondFactor)
    }
  }

  /// A session that waits for the second factor. What was counted of earlier failures stays: a right
  /// password does not buy more guesses of codes.
  private static func wait(
    _ person: SignInPerson, _ attempt: SignInAttempt, now: Date, newHash: String?,
    on platform: Platform
  ) async throws -> Session {
    let vault = platform.vault
    return try await platform.onAccounts(of: attempt.district) { session in
      try person.lock(session)
      let started = StartedSession(
        person, attempt.client, expires: now + longestWaitForCode, secondFactor: false, now: now)
      _ = try session.batch(
        started.statements(nil) + person.rehash(newHash) + [
          GuessLimit.giveBack(attempt.buckets, district: attempt.district)
        ])
      return Session(
        id: started.id, token: started.token.text, csrf: csrf(started.token, vault),
        expires: started.expires, device: nil, needsSecondFactor: true, mustEnrol: false)
    }
  }

  /// What a form of this session must bring along: nobody makes it without the key.
  static func csrf(_ token: OpaqueToken, _ vault: Vault) -> String {
    base64URL(vault.hash(token.text, domain: "csrf"))
  }
}

extension Platform {
  /// One transaction on a district's accounts, before anybody is known.
  func onAccounts<T: Sendable>(
    of district: String, _ body: @escaping @Sendable (borrowing Session) throws -> T
  ) async throws -> T {
    try await database.transaction(settings: Context.settings(ofDistrict: district), body)
  }
}
