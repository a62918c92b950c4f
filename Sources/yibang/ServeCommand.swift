import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals
import Yibang
import YibangHTTP

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "启动网络服务（目前只有健康检查）和后台任务 · Serve HTTP (health only for now) and do jobs",
    discussion: """
      /healthz：进程在运行 · the process is alive
      /readyz：数据库可用且结构最新，否则 503 · the database answers and its schema is up to date
      发信的设置见 yibang job run --help · How mail is set up: yibang job run --help
      """)

  @Option(help: "监听地址 · Address to listen on") var host = "127.0.0.1"
  @Option(help: "端口，0 为任选 · Port; 0 takes a free one") var port = 8080
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func validate() throws {
    guard (0...65_535).contains(port) else {
      throw ValidationError("--port 应为 0 到 65535 · --port is 0 to 65535.")
    }
  }

  /// Ends in order: requests and the job at hand are drained, then the pool closes, then the cluster is given back.
  func run() async throws {
    let settings = try Settings(global)
    let smtp = try SMTP.from(environment: ProcessInfo.processInfo.environment)
    try await Site.use(settings) { site in
      let logger = Site.logger(settings, level: .info)
      let platform = try await site.platform(poolSize: 16)
      let worker = JobWorker(platform: platform, smtp: smtp) { Settings.chinaToday }
      let health = Health(platform: platform, conninfo: site.conninfo)
      let api = API(platform: platform, today: { Settings.chinaToday }) {
        try await Caller.find($0, now: Date(), on: platform)
      }
      let server = HTTPServer(health, api, host: host, port: port, logger: logger) { port in
        settings.printer.notice(
          Text("正在监听 http://\(host):\(port)", "Listening on http://\(host):\(port)"))
      }
      let group = ServiceGroup(
        configuration: .init(
          services: [server, JobService(worker: worker)],
          gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
      do {
        try await group.run()
      } catch {
        await platform.close()
        throw ServeError.cannotListen(host: host, port: port)
      }
      await platform.close()
      settings.printer.notice(Text("已停止服务。", "The server has stopped."))
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
