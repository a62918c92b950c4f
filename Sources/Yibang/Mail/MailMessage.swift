import Foundation

/// A mail as it travels: plain text in UTF-8, all of it in ASCII lines.
struct MailMessage: Sendable {
  /// The same at every attempt, so that a server that took it twice can tell.
  let id: UUID
  let to: MailAddress
  let subject: String
  let lines: [String]
  let at: Date

  func bytes(from: MailAddress) -> [UInt8] {
    let headers = [
      "From: <\(from.text)>", "To: <\(to.text)>", "Subject: \(Self.encodedWords(subject))",
      "Date: \(Self.date(at))", "Message-ID: <\(id.lowercase)@\(from.domain)>",
      "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
    ]
    let body = Data(lines.joined(separator: "\r\n").utf8)
      .base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn])
      .replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\n", with: "\r\n")
    return Array((headers + ["", body, ""]).joined(separator: "\r\n").utf8)
  }

  /// RFC 2047: words of at most 75 characters, none of which parts a character.
  static func encodedWords(_ text: String) -> String {
    var words: [String] = []
    var word = ""
    for character in text where !character.isNewline {
      if word.utf8.count + String(character).utf8.count > 45 {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    return (words + [word]).map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }
      .joined(separator: "\r\n ")
  }

  /// RFC 5322, in China.
  static func date(_ date: Date) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(secondsFromGMT: 8 * 3_600)
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
    return format.string(from: date)
  }
}
