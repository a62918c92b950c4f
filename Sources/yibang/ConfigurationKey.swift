import Yibang
import YibangHTTP

/// Every setting. In the file the dots are levels; in the environment `http.host` is YIBANG_HTTP_HOST.
enum ConfigurationKey: String, CaseIterable, Sendable {
  case databaseURL = "database.url"
  case databasePool = "database.pool"
  case databaseQueue = "database.queue"
  case httpHost = "http.host"
  case httpPort = "http.port"
  case httpCertificate = "http.certificate"
  case httpKey = "http.key"
  case httpProxies = "http.proxies"
  case httpMetricsFrom = "http.metricsFrom"
  case httpRequests = "http.requests"
  case httpReceiveSeconds = "http.receiveSeconds"
  case httpAnswerSeconds = "http.answerSeconds"
  case httpDrainSeconds = "http.drainSeconds"
  case smtpURL = "smtp.url"
  case smtpFrom = "smtp.from"
  case smtpUser = "smtp.user"
  case smtpPassword = "smtp.password"
  case smtpPasswordFile = "smtp.passwordFile"
  case smtpCAFile = "smtp.caFile"
  case logLevel = "log.level"
  case logFormat = "log.format"

  enum Kind {
    case text
    /// Shown to nobody.
    case secret
    /// The address of a database, which may hold a password.
    case database
    case number(ClosedRange<Int>)
    case choice([String])
    case networks

    func accepts(_ text: String) -> Bool {
      switch self {
      case .text, .secret, .database: !text.isEmpty
      case .number(let range): Int(text).map(range.contains) ?? false
      case .choice(let words): words.contains(text)
      case .networks: ConfigurationKey.parts(text).allSatisfy { IPNetwork($0) != nil }
      }
    }

    /// What a value should be, to stand after the setting's name.
    var expectation: Text {
      switch self {
      case .text, .secret, .database: Text("不能为空", "must not be empty")
      case .number(let range):
        Text(
          "应为 \(range.lowerBound) 到 \(range.upperBound) 的整数",
          "has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
      case .choice(let words):
        Text(
          "应为 \(words.joined(separator: "、")) 之一",
          "has to be one of \(words.joined(separator: ", "))")
      case .networks:
        Text(
          "应为以逗号分隔的 IP 地址或网段，如 10.0.0.0/8",
          "has to be IP addresses or networks, as 10.0.0.0/8, separated by commas")
      }
    }
  }

  static func parts(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimming(while: \.isWhitespace) }.filter { !$0.isEmpty }
  }

  var kind: Kind {
    switch self {
    case .databaseURL: .database
    case .databasePool: .number(1...256)
    case .databaseQueue: .number(1...1_000_000)
    case .httpPort: .number(0...65_535)
    case .httpProxies, .httpMetricsFrom: .networks
    case .httpRequests: .number(1...100_000)
    case .httpReceiveSeconds, .httpAnswerSeconds, .httpDrainSeconds: .number(1...3_600)
    case .smtpPassword: .secret
    case .logLevel: .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"])
    case .logFormat: .choice(["text", "json"])
    default: .text
    }
  }

  /// What counts where nothing is said; nil: there is none.
  var standard: String? {
    switch self {
    case .databasePool: "16"
    case .databaseQueue: "1024"
    case .httpHost: "127.0.0.1"
    case .httpPort: "8080"
    case .httpMetricsFrom: "127.0.0.0/8,::1"
    case .httpRequests: "512"
    case .httpReceiveSeconds: "60"
    case .httpAnswerSeconds: "300"
    case .httpDrainSeconds: "30"
    case .logLevel: "info"
    case .logFormat: "text"
    default: nil
    }
  }

  var meaning: Text {
    switch self {
    case .databaseURL:
      Text("PostgreSQL 的地址；没有则用内置的", "PostgreSQL's address; without one, the embedded one")
    case .databasePool: Text("服务的数据库连接数", "connections of the server to the database")
    case .databaseQueue:
      Text("最多等待的工作，超过则答 503", "pieces of work that may wait; beyond, 503")
    case .httpHost: Text("监听地址", "address to listen on")
    case .httpPort: Text("端口，0 为任选", "port; 0 takes a free one")
    case .httpCertificate:
      Text("证书链文件（PEM），更换后自动重新读取", "certificate chain (PEM), read anew when it changes")
    case .httpKey: Text("证书私钥文件（PEM）", "the certificate's key (PEM)")
    case .httpProxies:
      Text("可信的反向代理，其 X-Forwarded-For 有效", "proxies whose X-Forwarded-For is believed")
    case .httpMetricsFrom: Text("可以读取 /metrics 的地址", "who may read /metrics")
    case .httpRequests: Text("同时处理的请求，超过则答 503", "requests at work at once; beyond, 503")
    case .httpReceiveSeconds: Text("收完一个请求的秒数上限", "seconds in which a request has to arrive")
    case .httpAnswerSeconds: Text("办理一个请求的秒数上限", "seconds in which a request has to be answered")
    case .httpDrainSeconds: Text("停止服务时等待请求办完的秒数", "seconds that requests are given when it stops")
    case .smtpURL: Text("发信服务器", "server that takes mail")
    case .smtpFrom: Text("发信人", "sender of mail")
    case .smtpUser: Text("发信登录名", "login for mail")
    case .smtpPassword: Text("发信密码", "password for mail")
    case .smtpPasswordFile: Text("存放发信密码的文件", "file that holds the password for mail")
    case .smtpCAFile: Text("发信服务器的证书机构", "authorities of the mail server's certificate")
    case .logLevel: Text("记录的详细程度", "how much is logged")
    case .logFormat: Text("日志格式", "form of the log")
    }
  }
}

extension StringProtocol {
  fileprivate func trimming(while isLeftOut: (Character) -> Bool) -> String {
    String(drop(while: isLeftOut).reversed().drop(while: isLeftOut).reversed())
  }
}
