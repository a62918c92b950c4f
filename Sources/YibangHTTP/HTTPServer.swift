import Hummingbird
package import Logging
import ServiceLifecycle

/// The HTTP server. On graceful shutdown it takes no new connections and lets requests end.
package struct HTTPServer: Service {
  private let health: Health
  private let api: API
  private let host: String
  private let port: Int
  private let logger: Logger
  private let onListening: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - port: 0 takes a free one.
  ///   - onListening: told the port as soon as connections are taken.
  package init(
    _ health: Health, _ api: API, host: String, port: Int, logger: Logger,
    onListening: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.health = health
    self.api = api
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
      router: Self.router(health, api),
      server: .http1(
        configuration: .init(
          idleTimeout: .seconds(60),
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
      configuration: .init(address: .hostname(host, port: port), serverName: "yibang"),
      onServerRunning: { onListening($0.localAddress?.port ?? 0) },
      logger: logger)
    try await application.run()
  }

  static func router(_ health: Health, _ api: API) -> Router<APIRequestContext> {
    let router = Router(context: APIRequestContext.self)
    router.add(middleware: Gate(api: api, limit: 512))
    addHealthRoutes(to: router, health)
    api.addRoutes(to: router)
    return router
  }
}
