import ArgumentParser
import CMalloc
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals
import Yibang
import YibangHTTP

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "启动网络服务和后台任务 · Serve HTTP and do jobs",
    discussion: """
      /api/v1：接口，说明见 /api/v1/docs · the API; its pages are at /api/v1/docs
      /healthz：进程在运行 · the process is alive
      /readyz：可以工作，否则 503 · it can work, or 503: database, schema, disk, clock
      /metrics：运行指标（Prometheus） · counters for Prometheus
      全部设置见 yibang config · yibang config lists every setting
      """)

  @Option(help: "监听地址 · Address to listen on (YIBANG_HTTP_HOST, http.host)") var host: String?
  @Option(help: "端口，0 为任选 · Port; 0 takes a free one (YIBANG_HTTP_PORT, http.port)")
  var port: Int?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  /// Ends in order: requests and the job at hand are drained, then the pool closes, then the cluster is given back.
  func run() async throws {
    // A heap for each thread would keep from the others what is free in it.
    _ = mallopt(M_ARENA_MAX, 2)
    var flags: [ConfigurationKey: String] = [:]
    flags[.httpHost] = host
    flags[.httpPort] = port.map(String.init)
    let settings = try Settings(global, flags: flags)
    let configuration = settings.configuration
    let smtp = try SMTP.from(environment: configuration.mailEnvironment)
    try await Site.use(settings) { site in
      let logger = Site.logger(settings, level: configuration.logLevel)
      let platform = try await site.platform(
        poolSize: configuration.number(.databasePool),
        queueLimit: configuration.number(.databaseQueue))
      let worker = JobWorker(platform: platform, smtp: smtp) { Settings.chinaToday }
      let server = server(configuration, platform, smtp, site, logger, settings.printer)
      var group = ServiceGroupConfiguration(
        services: [
          server, JobService(worker: worker),
          WebhookService(sender: WebhookSender(platform: platform)),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
      group.maximumGracefulShutdownDuration = .seconds(configuration.number(.httpDrainSeconds))
      do {
        try await ServiceGroup(configuration: group).run()
      } catch let error as any YibangError {
        await platform.close()
        throw error
      } catch {
        await platform.close()
        throw ServeError.cannotListen(
          host: configuration.text(.httpHost) ?? "", port: configuration.number(.httpPort))
      }
      await platform.close()
      settings.printer.notice(Text("已停止服务。", "The server has stopped."))
    }
  }

  private func server(
    _ configuration: SiteConfiguration, _ platform: Platform, _ smtp: SMTP?, _ site: Site,
    _ logger: Logger, _ printer: Printer
  ) -> HTTPServer {
    var limits = API.Limits()
    limits.answerSeconds = configuration.number(.httpAnswerSeconds)
    let api = API(
      platform: platform, limits: limits,
      clients: ClientAddress(proxies: configuration.networks(.httpProxies)), smtp: smtp,
      today: { Settings.chinaToday },
      caller: { try await Caller.find($0, now: Date(), on: platform) })
    let host = configuration.text(.httpHost) ?? ""
    var options = HTTPServer.Options(host: host, port: configuration.number(.httpPort))
    options.requests = configuration.number(.httpRequests)
    options.receiveSeconds = configuration.number(.httpReceiveSeconds)
    options.metricsFrom = configuration.networks(.httpMetricsFrom)
    if let chain = configuration.text(.httpCertificate), let key = configuration.text(.httpKey) {
      options.certificate = Certificate(chain: chain, key: key)
    }
    let scheme = options.certificate == nil ? "http" : "https"
    let health = Health(platform: platform, conninfo: site.conninfo, folder: site.dataFolder)
    return HTTPServer(health, api, options, logger: logger) { port in
      printer.notice(
        Text(
          "正在监听 \(scheme)://\(host):\(port)", "Listening on \(scheme)://\(host):\(port)"))
    }
  }
}

enum ServeError: YibangError {
  case cannotListen(host: String, port: Int)

  var code: String { "serve.cannot_listen" }
  var category: ErrorCategory { .unavailable }
  var text: Text {
    switch self {
    case .cannotListen(let host, let port):
      Text(
        "无法在 \(host):\(port) 提供服务。端口可能已被占用，请用 --port 换一个。",
        "Cannot serve on \(host):\(port). The port may be taken: choose another with --port.")
    }
  }
}
