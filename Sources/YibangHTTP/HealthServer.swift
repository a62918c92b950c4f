import Hummingbird
package import Logging
import ServiceLifecycle

/// The HTTP server. On graceful shutdown it takes no new connections and lets requests end.
package struct HealthServer: Service {
  private let health: Health
  private let host: String
  private let port: Int
  private let logger: Logger
  private let onListening: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - port: 0 takes a free one.
  ///   - onListening: told the port as soon as connections are taken.
  package init(
    _ health: Health, host: String, port: Int, logger: Logger,
    onListening: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.health = health
    self.host = host
    self.port = port
    self.logger = logger
    self.onListening = onListening
  }

  /// Serves until the surrounding service group shuts down.
  /// - Throws: where it cannot listen.
  package func run() async throws {
    let onListening = onListening
    let application = Application(
      router: Self.router(health),
      configuration: .init(address: .hostname(host, port: port), serverName: "yibang"),
      onServerRunning: { onListening($0.localAddress?.port ?? 0) },
      logger: logger)
    try await application.run()
  }

  static func router(_ health: Health) -> Router<BasicRequestContext> {
    let router = Router()
    addHealthRoutes(to: router, health)
    return router
  }
}
