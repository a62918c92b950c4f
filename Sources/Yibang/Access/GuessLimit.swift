import Foundation
import Glibc
import Postgres

/// Holds guessing back: failures in a row are counted in buckets, and from some number on each makes
/// the next attempt wait twice as long.
///
/// An attempt is counted before it is tried and given back when it succeeds, so that a hundred at once
/// are no way around it. A refused attempt is not counted. A bucket is a keyed hash of what it counts.
enum GuessLimit {
  struct Bucket: Sendable {
    let hash: [UInt8]
    /// Failures that cost nothing.
    let free: Int
    /// Seconds after the first that does.
    let first: Int
    let longest: Int
  }

  /// A quiet time after which failures are forgotten: a day, in seconds.
  static let memory: TimeInterval = 86_400

  /// Of one login from one address: it stops nobody else.
  static func pair(_ login: String, _ address: String, _ vault: Vault) -> Bucket {
    Bucket(
      hash: vault.hash("\(login)\u{0}\(address)", domain: "guess-pair"), free: 5, first: 4,
      longest: 3_600)
  }

  /// Of an address, whatever the login. A school's staff share one, so it bears more and waits less.
  static func address(_ address: String, _ vault: Vault) -> Bucket {
    Bucket(hash: vault.hash(address, domain: "guess-address"), free: 20, first: 1, longest: 900)
  }

  /// Of a login, whatever the address: slow guessing by many. It never waits for more than a minute,
  /// and devices that were signed in with before do not wait for it.
  static func login(_ login: String, _ vault: Vault) -> Bucket {
    Bucket(hash: vault.hash(login, domain: "guess-login"), free: 50, first: 1, longest: 60)
  }

  /// Of a device that its user signed in with before, in place of the three above.
  static func device(_ nonce: String, _ vault: Vault) -> Bucket {
    Bucket(hash: vault.hash(nonce, domain: "guess-device"), free: 5, first: 4, longest: 3_600)
  }

  /// Of codes, and of the present password where it is asked for: only who knows the password, or is
  /// signed in, comes to it.
  static func inside(_ user: UUID, _ vault: Vault) -> Bucket {
    Bucket(
      hash: vault.hash(user.lowercase, domain: "guess-inside"), free: 10, first: 30, longest: 900)
  }

  /// Seconds to wait after so many failures, the last of them counted.
  static func wait(after failures: Int, _ bucket: Bucket) -> Int {
    guard failures >= bucket.free else { return 0 }
    return min(bucket.first << min(failures - bucket.free, 20), bucket.longest)
  }

  private static let open: SQL = """
    insert into sign_in_failure (district_id, bucket, count, last_at)
    select $1, b, 0, $3 from unnest($2::bytea[]) as b
    order by b
    on conflict do nothing
    """
  private static let lock: SQL = """
    select bucket, case when last_at < $3 then 0 else count end, last_at from sign_in_failure
    where district_id = $1 and bucket = any ($2)
    order by bucket
    for update
    """
  private static let count: SQL = """
    update sign_in_failure set count = case when last_at < $4 then 1 else count + 1 end, last_at = $3
    where district_id = $1 and bucket = any ($2)
    """

  /// Counts an attempt in every bucket, in a transaction of its own that ends before the attempt.
  /// - Throws: `AccountError.tooManyFailures`, which counts nothing.
  static func claim(
    _ buckets: [Bucket], district: String, now: Date, _ session: borrowing Session
  ) throws {
    let hashes = buckets.map(\.hash)
    let at = PostgresTimestamp(now)
    let forgotten = PostgresTimestamp(now - memory)
    let rows = try session.batch([
      Bound(open, district, hashes, at), Bound(lock, district, hashes, forgotten),
    ])[1]
    var wait = 0
    for row in rows {
      let hash: [UInt8] = try row.get(0)
      guard let bucket = buckets.first(where: { $0.hash == hash }) else { continue }
      let last: PostgresTimestamp = try row.get(2)
      let failures: Int = try row.get(1)
      let passed = max(now.timeIntervalSince(last.date), 0)
      let left = Double(Self.wait(after: failures, bucket)) - passed
      wait = max(wait, Int(left.rounded(.up)))
    }
    guard wait <= 0 else { throw AccountError.tooManyFailures(retryAfter: wait) }
    try session.execute(count, district, hashes, at, forgotten)
  }

  private static let lower: SQL = """
    update sign_in_failure set count = greatest(count - 1, 0)
    where district_id = $1 and bucket = any ($2)
    """
  private static let clear: SQL = """
    delete from sign_in_failure where district_id = $1 and (bucket = any ($2) or last_at < $3)
    """

  /// Takes an attempt back that was no failure: those before it stay counted.
  static func giveBack(_ buckets: [Bucket], district: String) -> Bound {
    Bound(lower, district, buckets.map(\.hash))
  }

  /// Forgets what was counted in these buckets, and whatever is a day old.
  static func forget(_ buckets: [Bucket], district: String, now: Date) -> Bound {
    Bound(clear, district, buckets.map(\.hash), PostgresTimestamp(now - memory))
  }

  /// What of a client's address counts as one: of IPv6 the first 64 bits, which one household has.
  static func network(_ address: String) -> String {
    var four = in_addr()
    if inet_pton(AF_INET, address, &four) == 1 { return address }
    var six = in6_addr()
    let plain = String(address.prefix { $0 != "%" })
    guard inet_pton(AF_INET6, plain, &six) == 1 else { return address }
    let bytes = withUnsafeBytes(of: six) { [UInt8]($0) }
    if bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255] {
      return bytes.suffix(4).map(String.init).joined(separator: ".")
    }
    return base64URL(Array(bytes.prefix(8)))
  }
}
