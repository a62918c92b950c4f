extension Webhooks {
  /// What a sending came to.
  package struct Sending: Sendable, Codable {
    package let delivered: Int
    /// Attempts; they are made again later.
    package let failed: Int
    /// The time was over first: ask again.
    package let more: Bool
  }

  /// Sends what is due in the district, as `WebhookSender` does everywhere.
  /// - Parameter time: after which nothing further is begun; nil: as long as it takes.
  /// - Throws: `AccessError`.
  package static func send(
    within time: Duration? = nil, in context: Context
  ) async throws -> Sending {
    try context.actor.require(.administer)
    let sender = WebhookSender(
      platform: context.platform, district: context.actor.districtID)
    let end = time.map { ContinuousClock.now + $0 }
    let (delivered, failed) = try await sender.drain { end.map { .now < $0 } ?? true }
    return Sending(
      delivered: delivered, failed: failed, more: end.map { .now >= $0 } ?? false)
  }
}
