import CCurl
import Crypto
import Foundation
import Logging
import Postgres

/// Sends events to webhooks: any number of servers at once, each delivery by one of them at a time.
package struct WebhookSender: Sendable {
  /// The last one is about a day after the first.
  static let mostAttempts = 14
  private static let atOnce = 16
  private static let poll = Duration.seconds(2)

  private let platform: Platform
  /// Nil: all.
  private let district: String?
  private let timeoutSeconds: Int
  /// Longer than an attempt takes.
  private var leaseSeconds: Int32 { Int32(timeoutSeconds) + 60 }

  package init(platform: Platform, district: String? = nil, timeoutSeconds: Int = 10) {
    self.platform = platform
    self.district = district
    self.timeoutSeconds = timeoutSeconds
  }

  private struct Claim: Sendable {
    let webhook: UUID
    let url: String
    let secret: [UInt8]
    let event: UUID
    let attempt: Int
    let body: [UInt8]
  }

  /// What is sent of an event.
  private struct Payload: Encodable {
    struct Subject: Encodable {
      let type: String
      let id: String?
    }

    let type: String
    /// ISO 8601, UTC.
    let timestamp: String
    let district: String
    let school: String?
    let subject: Subject
  }

  private static let districts: SQL = "select webhook_districts()"
  private static let fanOut: SQL = "select webhook_fan_out($1)"
  private static let claim: SQL = """
    select webhook_id, url, secret_sealed, event_id, attempt, at, action, subject, subject_id,
      school_id
    from webhook_claim($1, $2)
    """
  private static let settle: SQL = "select webhook_settle($1, $2, $3, $4, $5)"

  /// Sends until the task is cancelled.
  package func serve() async {
    while !Task.isCancelled {
      do {
        try await drain()
      } catch {
        platform.logger.warning("webhooks wait", metadata: ["error": "\(type(of: error))"])
      }
      guard (try? await Task.sleep(for: Self.poll)) != nil else { return }
    }
  }

  /// Sends what is due, or as much of it until it is told to stop.
  /// - Returns: how many were taken, and how many attempts failed.
  @discardableResult
  package func drain(
    while goesOn: @Sendable () -> Bool = { true }
  ) async throws -> (delivered: Int, failed: Int) {
    var (delivered, failed) = (0, 0)
    let districts: [String] = try await platform.database.transaction(readOnly: true) { session in
      try session.query(Self.districts).map { try $0.get(0) }
    }
    for district in districts where self.district == nil || district == self.district {
      let settings = Context.settings(ofDistrict: district)
      while !Task.isCancelled, goesOn() {
        let claims = try await claims(district, settings)
        if claims.isEmpty { break }
        let outcomes = await withTaskGroup(of: (Claim, String?).self) { group in
          for claim in claims { group.addTask { (claim, await send(claim)) } }
          return await group.reduce(into: []) { $0.append($1) }
        }
        for (claim, error) in outcomes {
          if error == nil { delivered += 1 } else { failed += 1 }
          try await settle(claim, error, settings)
        }
      }
    }
    return (delivered, failed)
  }

  private func claims(_ district: String, _ settings: [(String, String)]) async throws -> [Claim] {
    let (vault, leaseSeconds) = (platform.vault, leaseSeconds)
    return try await platform.database.transaction(settings: settings) { session in
      while try session.query(Self.fanOut, Int32(1_000))[0].get(0) {}
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return try session.query(Self.claim, Int32(Self.atOnce), leaseSeconds).map { row in
        let webhook: UUID = try row.get(0)
        let at: PostgresTimestamp = try row.get(5)
        let payload = Payload(
          type: try row.get(6), timestamp: at.date.formatted(.iso8601), district: district,
          school: (try row.optional(9) as UUID?)?.lowercase,
          subject: .init(type: try row.get(7), id: (try row.optional(8) as UUID?)?.lowercase))
        return Claim(
          webhook: webhook, url: try row.get(1),
          secret: try vault.open(try row.get(2), at: Webhooks.secretPlace(webhook)),
          event: try row.get(3), attempt: Int(try row.get(4) as Int32),
          body: [UInt8](try encoder.encode(payload)))
      }
    }
  }

  private func settle(
    _ claim: Claim, _ error: String?, _ settings: [(String, String)]
  ) async throws {
    let wait =
      claim.attempt >= Self.mostAttempts
      ? nil : Int32(BackOff.seconds(after: claim.attempt, of: claim.event))
    try await platform.database.transaction(settings: settings) { session in
      _ = try session.query(
        Self.settle, claim.webhook, claim.event, Int32(claim.attempt), error,
        error == nil ? nil : wait)
    }
  }

  /// - Returns: nil if it was taken, else a stable code of why not.
  private func send(_ claim: Claim) async -> String? {
    let stamp = Int(Date.now.timeIntervalSince1970)
    let id = "evt_\(claim.event.lowercase)"
    let signature = Self.sign(claim.body, id: id, stamp: stamp, secret: claim.secret)
    let headers = [
      "Content-Type: application/json", "User-Agent: yibang", "webhook-id: \(id)",
      "webhook-timestamp: \(stamp)", "webhook-signature: v1,\(signature)",
      // Without it libcurl would wait for a 100 Continue.
      "Expect:",
    ]
    let outcome = try? await onThread { [timeoutSeconds] in
      Self.post(claim.url, headers, claim.body, timeoutSeconds)
    }
    guard let outcome, outcome.code == CURLE_OK.rawValue else {
      return "webhook.curl_\(outcome?.code ?? 0)"
    }
    return (200...299).contains(outcome.reply) ? nil : "webhook.status_\(outcome.reply)"
  }

  /// HMAC-SHA256 over `id.timestamp.body`, in base64.
  static func sign(_ body: [UInt8], id: String, stamp: Int, secret: [UInt8]) -> String {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("\(id).\(stamp).".utf8) + Data(body), using: SymmetricKey(data: secret))
    return Data(code).base64EncodedString()
  }

  private static func post(
    _ url: String, _ headers: [String], _ body: [UInt8], _ timeoutSeconds: Int
  ) -> ccurl_outcome {
    var list: UnsafeMutablePointer<curl_slist>?
    for header in headers { list = curl_slist_append(list, header) }
    defer { curl_slist_free_all(list) }
    return body.withUnsafeBytes { bytes in
      ccurl_post(
        url, list, bytes.baseAddress, bytes.count, CLong(timeoutSeconds) * 1_000)
    }
  }
}
