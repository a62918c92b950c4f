import Foundation
import Postgres

/// Who a login is, with what is needed to let the person in.
struct SignInPerson: Sendable {
  let actor: Actor
  let isDisabled: Bool
  let passwordHash: String?
  let changedAt: PostgresTimestamp?
  let hasSecondFactor: Bool

  var userID: UUID { actor.userID }
  var mayEnter: Bool { !isDisabled && actor.role != .system }

  private static let district: SQL = "select from district where district_id = $1"
  private static let find: SQL = """
    select u.id, u.role, u.school_id, u.donor_id, u.disabled_at is not null, c.password_hash,
      c.changed_at, c.totp_confirmed_at is not null
    from app_user u
    left join credential c on c.district_id = u.district_id and c.user_id = u.id
    where u.district_id = $1 and u.login = $2
    """

  static func isKnown(district: String, _ session: borrowing Session) throws -> Bool {
    try !session.query(Self.district, district).isEmpty
  }

  static func find(
    login: String, district: String, _ session: borrowing Session
  ) throws -> SignInPerson? {
    guard let row = try session.query(find, district, login).first,
      let role = Role(rawValue: try row.get(1))
    else { return nil }
    return SignInPerson(
      actor: Actor(
        districtID: district, userID: try row.get(0), login: login, role: role,
        schoolID: try row.optional(2), donorID: try row.optional(3)),
      isDisabled: try row.get(4), passwordHash: try row.optional(5),
      changedAt: try row.optional(6), hasSecondFactor: try row.get(7))
  }

  private static let lock: SQL = """
    select u.disabled_at is null and u.role = $3 and c.changed_at = $4
      and (c.totp_confirmed_at is not null) = $5
    from app_user u
    join credential c on c.district_id = u.district_id and c.user_id = u.id
    where u.district_id = $1 and u.id = $2
    for update of u
    """

  /// Keeps the account as it is until the end of the transaction.
  /// - Throws: `AccountError.refused` if it changed since it was read.
  func lock(_ session: borrowing Session) throws {
    let isSame: Bool? = try session.query(
      Self.lock, actor.districtID, userID, actor.role.rawValue, changedAt, hasSecondFactor
    ).first?.get(0)
    guard isSame == true else { throw AccountError.refused }
  }

  private static let setHash: SQL = """
    update credential set password_hash = $3 where district_id = $1 and user_id = $2
    """

  /// The same password under the parameters of today: nothing changed that anybody decided.
  func rehash(_ hash: String?) -> [Bound] {
    hash.map { [Bound(Self.setHash, actor.districtID, userID, $0)] } ?? []
  }
}

/// An attempt to sign in, counted in its buckets.
struct SignInAttempt: Sendable {
  let district: String
  let person: SignInPerson?
  let client: SignIn.Client
  let now: Date
  private let vault: Vault
  /// The attempt's own: a success forgets their failures.
  private(set) var own: [GuessLimit.Bucket]
  /// Shared with others, whose failures a success does not forget.
  let shared: [GuessLimit.Bucket]

  var buckets: [GuessLimit.Bucket] { own + shared }

  init(
    district: String, login: String, person: SignInPerson?, client: SignIn.Client, now: Date,
    vault: Vault
  ) {
    self.district = district
    self.person = person
    self.client = client
    self.now = now
    self.vault = vault
    // A login of one district is another person in another.
    let key = "\(district)|\(login)"
    let network = GuessLimit.network(client.address)
    if let nonce = KnownDevice.nonce(of: client.device, person, vault) {
      own = [GuessLimit.device(nonce, vault)]
      shared = []
    } else {
      own = [GuessLimit.pair(key, network, vault)]
      shared = [GuessLimit.address(network, vault), GuessLimit.login(key, vault)]
    }
  }

  /// The attempt, counted also among those of who knows the password.
  func countingInside(
    _ person: SignInPerson, on platform: Platform
  ) async throws -> SignInAttempt {
    let inside = GuessLimit.inside(person.userID, vault)
    let (district, now) = (district, now)
    try await platform.onAccounts(of: district) { session in
      try GuessLimit.claim([inside], district: district, now: now, session)
    }
    var counted = self
    counted.own.append(inside)
    return counted
  }

  /// Runs what may fail for reasons that are nobody's failure: then nothing is counted.
  func givingBack<T>(
    on platform: Platform, _ body: () async throws -> T
  ) async throws -> T {
    do {
      return try await body()
    } catch {
      let (district, buckets) = (district, buckets)
      try? await platform.onAccounts(of: district) { session in
        _ = try session.batch([GuessLimit.giveBack(buckets, district: district)])
      }
      throw error
    }
  }
}

/// What a device shows that its user signed in with before: a nonce, and the mark of the vault on it,
/// the user and the user's password of then.
enum KnownDevice {
  private static let nonceBytes = 16

  static func token(of person: SignInPerson, _ vault: Vault) -> String {
    let nonce = randomBytes(nonceBytes)
    return "ybd_\(person.actor.districtID)_" + base64URL(nonce + mark(nonce, person, vault))
  }

  /// - Returns: nil if the token is none of this person's.
  static func nonce(of token: String?, _ person: SignInPerson?, _ vault: Vault) -> String? {
    guard let token, let person, token.utf8.count < 100,
      let text = token.wholeMatch(of: /ybd_[0-9]{6}_([A-Za-z0-9_-]{64})/)?.1,
      let bytes = bytes(base64URL: text), bytes.count == nonceBytes + 32
    else { return nil }
    let nonce = Array(bytes.prefix(nonceBytes))
    guard isSame(Array(bytes.dropFirst(nonceBytes)), mark(nonce, person, vault)) else { return nil }
    return base64URL(nonce)
  }

  private static func mark(_ nonce: [UInt8], _ person: SignInPerson, _ vault: Vault) -> [UInt8] {
    vault.hash(
      "\(person.actor.districtID)|\(person.userID.lowercase)|\(base64URL(nonce))|"
        + "\(person.changedAt?.microseconds ?? 0)",
      domain: "device")
  }
}

/// Compares in a time that does not tell where they differ.
func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
  one.count == other.count && zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
