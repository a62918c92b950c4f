import CCurl
import Foundation

/// A server that takes mail, and how to reach it. Every conversation is encrypted, except one without
/// login with a server on this machine.
package struct SMTP: Sendable {
  package struct Login: Sendable {
    let user: String
    let password: String

    package init(user: String, password: String) {
      self.user = user
      self.password = password
    }
  }

  /// What became of one mail.
  package enum Outcome: Sendable, Hashable {
    case sent
    /// It will not take this mail, now or later.
    case refused(code: String)
    /// It did not take it, and another attempt may succeed.
    case later(code: String)
    /// It was given all or a part of it, and its answer did not come.
    case uncertain(code: String)
  }

  let url: String
  let from: MailAddress
  private let login: Login?
  private let caFile: String?
  private let isPlain: Bool
  private let timeoutMilliseconds: Int

  /// - Parameter url: `smtp://host:port`, encrypted from the beginning with `smtps://`.
  /// - Throws: `MailError.setting`.
  package init(
    url: String, from: MailAddress, login: Login? = nil, caFile: String? = nil,
    timeoutMilliseconds: Int = 120_000
  ) throws(MailError) {
    guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
      ["smtp", "smtps"].contains(parts.scheme), parts.user == nil, parts.password == nil,
      parts.path.isEmpty || parts.path == "/", parts.query == nil
    else { throw .setting("YIBANG_SMTP_URL") }
    self.url = url
    self.from = from
    self.login = login
    self.caFile = caFile
    isPlain = login == nil && ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
    self.timeoutMilliseconds = timeoutMilliseconds
  }

  /// From YIBANG_SMTP_URL, _FROM, _USER, _PASSWORD or _PASSWORD_FILE, and _CA_FILE.
  /// - Returns: nil where no server is set.
  /// - Throws: `MailError.setting`, naming the variable.
  package static func from(environment: [String: String]) throws(MailError) -> SMTP? {
    func value(_ name: String) -> String? {
      environment["YIBANG_SMTP_\(name)"].flatMap { $0.isEmpty ? nil : $0 }
    }
    guard let url = value("URL") else { return nil }
    guard let sender = value("FROM"), let from = try? MailAddress(sender) else {
      throw .setting("YIBANG_SMTP_FROM")
    }
    var login: Login?
    if let user = value("USER") {
      var password = value("PASSWORD")
      if let file = value("PASSWORD_FILE") {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
          throw .setting("YIBANG_SMTP_PASSWORD_FILE")
        }
        password = text.trimmingCharacters(in: .newlines)
      }
      guard let password else { throw .setting("YIBANG_SMTP_PASSWORD") }
      login = Login(user: user, password: password)
    }
    return try SMTP(url: url, from: from, login: login, caFile: value("CA_FILE"))
  }

  private static let isReady = ccurl_prepare() == 0

  /// Gives the server one mail. Blocks its thread.
  func send(_ mail: MailMessage) -> Outcome {
    guard Self.isReady else { return .later(code: "smtp.library") }
    let body = mail.bytes(from: from)
    let outcome = body.withUnsafeBufferPointer { bytes in
      converse(to: mail.to.text) { mail in
        mail.body = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
        mail.size = bytes.count
        return ccurl_send(&mail)
      }
    }
    return Self.judge(outcome)
  }

  private func converse(
    to recipient: String, _ body: (inout ccurl_mail) -> ccurl_outcome
  ) -> ccurl_outcome {
    let texts = [url, login?.user, login?.password, caFile, "<\(from.text)>", "<\(recipient)>"]
      .map { $0.map { strdup($0) } ?? nil }
    defer { for text in texts { free(text) } }
    var mail = ccurl_mail()
    mail.url = UnsafePointer(texts[0])
    mail.user = UnsafePointer(texts[1])
    mail.password = UnsafePointer(texts[2])
    mail.ca_file = UnsafePointer(texts[3])
    mail.from = UnsafePointer(texts[4])
    mail.to = UnsafePointer(texts[5])
    mail.requires_tls = isPlain ? 0 : 1
    mail.connect_timeout_ms = min(20_000, timeoutMilliseconds)
    mail.timeout_ms = timeoutMilliseconds
    return body(&mail)
  }

  static func judge(_ outcome: ccurl_outcome) -> Outcome {
    if outcome.code == CURLE_OK.rawValue { return .sent }
    let isRefusal = (400...599).contains(outcome.reply)
    let code = isRefusal ? "smtp.reply_\(outcome.reply)" : "smtp.curl_\(outcome.code)"
    switch outcome.stage {
    case ccurl_body:
      if !isRefusal { return .uncertain(code: code) }
      return outcome.reply >= 500 ? .refused(code: code) : .later(code: code)
    case ccurl_recipient where outcome.reply >= 500: return .refused(code: code)
    default: return .later(code: code)
    }
  }
}
