import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCertificateReloading
import NIOCore
import NIOSSL
import Postgres
import ServiceLifecycle
import Yibang

/// The HTTP server. On graceful shutdown it takes no new connections and lets requests end.
package struct HTTPServer: Service {
  package struct Options: Sendable {
    package var host: String
    /// 0 takes a free one.
    package var port: Int
    package var certificate: Certificate?
    /// Requests at work at once; the next is asked to come again.
    package var requests = 512
    /// In which a request has to arrive.
    package var receiveSeconds = 60
    /// Who may read `/metrics`.
    package var metricsFrom: [IPNetwork] = []

    package init(host: String, port: Int) {
      self.host = host
      self.port = port
    }
  }

  private let health: Health
  private let api: API
  private let options: Options
  private let logger: Logger
  private let onListening: @Sendable (Int) -> Void

  /// - Parameter onListening: told the port as soon as connections are taken.
  package init(
    _ health: Health, _ api: API, _ options: Options, logger: Logger,
    onListening: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.health = health
    self.api = api
    self.options = options
    self.logger = logger
    self.onListening = onListening
  }

  /// Serves until the surrounding service group shuts down.
  /// - Throws: where it cannot listen; `CertificateError`.
  package func run() async throws {
    let (onListening, receiveSeconds) = (onListening, Int64(options.receiveSeconds))
    let plain = HTTPServerBuilder.http1(
      configuration: .init(
        additionalChannelHandlers: [RequestDeadline(limit: .seconds(receiveSeconds))],
        idleTimeout: .seconds(receiveSeconds),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
    var server = plain
    var services: [any Service] = []
    if let certificate = options.certificate {
      let reloader = try certificate.reloader(logger)
      server = try .tls(plain, tlsConfiguration: Certificate.configuration(reloader))
      services.append(reloader)
    }
    let application = Application(
      router: Self.router(health, api, options), server: server,
      configuration: .init(
        address: .hostname(options.host, port: options.port), serverName: "yibang"),
      services: services,
      onServerRunning: { onListening($0.localAddress?.port ?? 0) },
      logger: logger)
    try await application.run()
  }

  static func router(
    _ health: Health, _ api: API, _ options: Options = Options(host: "", port: 0)
  ) -> Router<APIRequestContext> {
    let router = Router(context: APIRequestContext.self)
    let metrics = Metrics(limit: options.requests)
    router.add(middleware: Gate(api: api, metrics: metrics))
    addHealthRoutes(to: router, health)
    router.get("metrics") { request, context in
      guard let client = api.clients.of(request, context),
        options.metricsFrom.contains(where: { $0.contains(client) })
      else { throw HTTPError(.notFound) }
      context.trace.endpoint = "metrics"
      return Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: ResponseBody(
          byteBuffer: ByteBuffer(string: metrics.text(api.platform.database.statistics))))
    }
    api.addRoutes(to: router)
    return router
  }
}
