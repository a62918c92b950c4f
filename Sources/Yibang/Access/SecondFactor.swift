package import Foundation
import Postgres

/// Codes of an authenticator beside the password, and what gets in who lost it.
package enum SecondFactor {
  /// What to put into an authenticator. Shown this once.
  package struct Enrolment: Sendable {
    /// Base32.
    package let secret: String
    /// `otpauth://totp/…`, for a QR code.
    package let uri: String
  }

  /// By what somebody was let in beside the password.
  enum Way: String, Sendable {
    case none, code
    case recoveryCode = "recovery_code"
  }

  package static let recoveryCodes = 10

  private static let begin: SQL = """
    update credential set totp_sealed = $3, totp_last_step = null
    where district_id = $1 and user_id = $2 and totp_confirmed_at is null
    """

  /// Begins to set up one's own second factor; it holds once confirmed. Begun anew, the earlier secret
  /// is void.
  /// - Throws: `AccountError.noPassword`, `.secondFactorThere`, `.confined` for a token.
  package static func enrol(now: Date, in context: Context) async throws -> Enrolment {
    let actor = context.actor
    if !actor.isWaiting { try actor.requireAccount() }
    let secret = randomBytes(OneTimeCode.secretBytes)
    let sealed = try context.platform.vault.seal(secret, at: place(actor.userID))
    try await context.onAccounts { session in
      let user = try AccountUser.find(nil, actor, session)
      guard user.passwordHash != nil else { throw AccountError.noPassword }
      let begun = try session.execute(begin, actor.districtID, user.id, sealed)
      guard begun == 1 else { throw AccountError.secondFactorThere }
      _ = try session.batch([
        Audit.statement(actor, "user.totp_begin", subject: "user", id: user.id)
      ])
    }
    return Enrolment(
      secret: base32(secret),
      uri: OneTimeCode.uri(secret: secret, login: actor.login, district: actor.districtID))
  }

  private static let pending: SQL = """
    select totp_sealed from credential
    where district_id = $1 and user_id = $2 and totp_confirmed_at is null
      and totp_sealed is not null
    for update
    """
  private static let confirm: SQL = """
    update credential set totp_confirmed_at = $3, totp_last_step = $4
    where district_id = $1 and user_id = $2
    """
  private static let completeSession: SQL = """
    update login_session set second_factor = true
    where district_id = $1 and user_id = $2 and id = $3
    """
  private static let addCodes: SQL = """
    insert into recovery_code (district_id, user_id, code_hash)
    select $1, $2, h from unnest($3::bytea[]) as h
    """

  /// Puts a second factor in force by its first code. The session at hand is complete with it; other
  /// sessions wait for a code from now on.
  /// - Parameter session: the one at hand; nil: none.
  /// - Returns: codes that each get in once without the authenticator. Shown this once.
  /// - Throws: `AccountError.wrongCode`, `.noSecondFactor`, `.tooManyFailures`, `.confined`.
  package static func confirm(
    code: String, session current: UUID?, now: Date, in context: Context
  ) async throws -> [String] {
    let actor = context.actor
    if !actor.isWaiting { try actor.requireAccount() }
    let vault = context.platform.vault
    let limit = try await countInside(now: now, in: context)
    let codes = (0..<recoveryCodes).map { _ in recoveryCode() }
    return try await context.onAccounts { session in
      let user = try AccountUser.find(nil, actor, session)
      guard let row = try session.query(pending, actor.districtID, user.id).first else {
        throw AccountError.noSecondFactor
      }
      let secret = try vault.open(try row.get(0), at: place(user.id))
      guard let step = OneTimeCode.step(of: plain(code), secret: secret, now: now, after: nil)
      else { throw AccountError.wrongCode }
      _ = try session.batch([
        Bound(confirm, actor.districtID, user.id, PostgresTimestamp(now), step),
        Bound(removeCodes, actor.districtID, user.id),
        Bound(
          addCodes, actor.districtID, user.id, codes.map { hash($0, of: user.id, vault) }),
        Bound(completeSession, actor.districtID, user.id, current),
        GuessLimit.forget([limit], district: actor.districtID, now: now),
        Audit.statement(actor, "user.totp_confirm", subject: "user", id: user.id),
      ])
      return codes
    }
  }

  private static let remove: SQL = """
    update credential set totp_sealed = null, totp_confirmed_at = null, totp_last_step = null
    where district_id = $1 and user_id = $2
    """
  private static let removeCodes: SQL = """
    delete from recovery_code where district_id = $1 and user_id = $2
    """

  /// A district admin removes another person's second factor, who lost it; the person's sessions and
  /// tokens end.
  /// - Throws: `AccountError.ownSecondFactor`, `.noSecondFactor`, `.reason`, `AccessError`.
  package static func remove(
    of login: String, reason: String, now: Date, in context: Context
  ) async throws {
    let actor = context.actor
    try actor.requireAccount()
    try actor.require(.administer)
    guard login != actor.login else { throw AccountError.ownSecondFactor }
    let reason = normalizeText(reason)
    guard !reason.isEmpty else { throw AccountError.reason }
    try await context.onAccounts { session in
      _ = try Users.lockAdmins(for: actor, session)
      let user = try AccountUser.find(login, actor, session)
      guard user.hasSecondFactor else { throw AccountError.noSecondFactor }
      _ = try session.batch(
        [
          Bound(remove, actor.districtID, user.id), Bound(removeCodes, actor.districtID, user.id),
          Audit.statement(
            actor, "user.totp_remove", subject: "user", id: user.id, after: ["reason": reason]),
        ] + Accounts.endEverything(of: user.id, now: now, actor))
    }
  }

  /// Removes one's own, with a code of it.
  /// - Throws: `AccountError.secondFactorNeeded` if the role needs one, `.wrongCode`,
  ///   `.noSecondFactor`, `.tooManyFailures`, `.confined`.
  package static func removeOwn(code: String, now: Date, in context: Context) async throws {
    let actor = context.actor
    try actor.requireAccount()
    guard !actor.role.needsSecondFactor else { throw AccountError.secondFactorNeeded(actor.role) }
    let vault = context.platform.vault
    let limit = try await countInside(now: now, in: context)
    try await context.onAccounts { session in
      let user = try AccountUser.find(nil, actor, session)
      guard user.hasSecondFactor else { throw AccountError.noSecondFactor }
      guard !user.role.needsSecondFactor else { throw AccountError.secondFactorNeeded(user.role) }
      guard try take(code, of: actor, now: now, vault, session) != nil else {
        throw AccountError.wrongCode
      }
      _ = try session.batch([
        Bound(remove, actor.districtID, user.id), Bound(removeCodes, actor.districtID, user.id),
        GuessLimit.forget([limit], district: actor.districtID, now: now),
        Audit.statement(actor, "user.totp_remove", subject: "user", id: user.id),
      ])
    }
  }

  private static let find: SQL = """
    select totp_sealed, totp_last_step from credential
    where district_id = $1 and user_id = $2 and totp_confirmed_at is not null
    """
  private static let useStep: SQL = """
    update credential set totp_last_step = $3
    where district_id = $1 and user_id = $2 and totp_confirmed_at is not null
      and coalesce(totp_last_step, -1) < $3
    """
  private static let useCode: SQL = """
    update recovery_code set used_at = $4
    where district_id = $1 and user_id = $2 and code_hash = $3 and used_at is null
    """

  /// Uses a code up, whichever of the two kinds it is.
  /// - Returns: nil if it is wrong, too old, or was used.
  static func take(
    _ code: String, of actor: Actor, now: Date, _ vault: Vault, _ session: borrowing Session
  ) throws -> Way? {
    let (district, user) = (actor.districtID, actor.userID)
    let code = plain(code)
    guard code.utf8.count == 6 else {
      let used = try session.execute(
        useCode, district, user, hash(code, of: user, vault), PostgresTimestamp(now))
      return used == 1 ? .recoveryCode : nil
    }
    guard let row = try session.query(find, district, user).first else { return nil }
    let secret = try vault.open(try row.get(0), at: place(user))
    guard
      let step = OneTimeCode.step(of: code, secret: secret, now: now, after: try row.optional(1))
    else { return nil }
    return try session.execute(useStep, district, user, step) == 1 ? .code : nil
  }

  /// Counts an attempt of a person who is signed in, before it is tried.
  static func countInside(now: Date, in context: Context) async throws -> GuessLimit.Bucket {
    let actor = context.actor
    let limit = GuessLimit.inside(actor.userID, context.platform.vault)
    try await context.onAccounts { session in
      try GuessLimit.claim([limit], district: actor.districtID, now: now, session)
    }
    return limit
  }

  /// 80 bits in base32, in groups of four.
  private static func recoveryCode() -> String {
    let text = Array(base32(randomBytes(10)))
    return stride(from: 0, to: text.count, by: 4)
      .map { String(text[$0..<$0 + 4]) }.joined(separator: "-")
  }

  /// As it is compared: without spaces and dashes, in capitals.
  private static func plain(_ code: String) -> String {
    normalizeText(String(code.prefix(80))).uppercased().filter { $0 != " " && $0 != "-" }
  }

  private static func hash(_ code: String, of user: UUID, _ vault: Vault) -> [UInt8] {
    vault.hash("\(user.lowercase)|\(plain(code))", domain: "recovery-code")
  }

  private static func place(_ user: UUID) -> SealedPlace { SealedPlace("credential", user, "totp") }
}
