/// An address for electronic mail, in the form in which servers take it: ASCII, one line.
package struct MailAddress: Sendable, Hashable {
  package let text: String

  /// - Throws: `MailError.address`.
  package init(_ text: String) throws(MailError) {
    let text = normalizeText(text)
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...64).contains(parts[0].utf8.count),
      (3...190).contains(parts[1].utf8.count), text.utf8.allSatisfy(Self.mayStand),
      parts[1].contains("."),
      parts.allSatisfy({ !$0.hasPrefix(".") && !$0.hasSuffix(".") && !$0.contains("..") })
    else { throw .address }
    self.text = text
  }

  private static func mayStand(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && !"()<>[],;:\\\"".utf8.contains(byte)
  }

  /// Behind the @.
  var domain: Substring { text[(text.firstIndex(of: "@") ?? text.startIndex)...].dropFirst() }

  /// `z***@example.cn`.
  package var masked: String { "\(text.prefix(1))***@\(domain)" }
}
