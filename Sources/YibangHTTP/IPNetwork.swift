import Glibc
import HTTPTypes
import Hummingbird

/// An address or a network of addresses, IPv4 or IPv6: `10.0.0.0/8`, `::1`.
package struct IPNetwork: Sendable, Hashable {
  private let bytes: [UInt8]
  private let bits: Int

  /// - Returns: nil for what is none.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let bytes = Self.address(String(parts[0])) else { return nil }
    self.bytes = bytes
    if parts.count == 2 {
      guard let bits = Int(parts[1]), (0...bytes.count * 8).contains(bits) else { return nil }
      self.bits = bits
    } else {
      bits = bytes.count * 8
    }
  }

  package func contains(_ address: String) -> Bool {
    guard let other = Self.address(address), other.count == bytes.count else { return false }
    let whole = bits / 8
    guard bytes[..<whole] == other[..<whole] else { return false }
    let rest = bits % 8
    return rest == 0 || (bytes[whole] ^ other[whole]) >> (8 - rest) == 0
  }

  /// The bytes of an address; of one of IPv4 written as IPv6, its four.
  private static func address(_ text: String) -> [UInt8]? {
    var four = [UInt8](repeating: 0, count: 4)
    if inet_pton(AF_INET, text, &four) == 1 { return four }
    var sixteen = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
    return Array(sixteen.starts(with: mapped) ? sixteen[12...] : sixteen[...])
  }
}

/// Who stands at the other end: the connection's address, or behind a trusted proxy the one that it
/// names in X-Forwarded-For.
package struct ClientAddress: Sendable {
  package let proxies: [IPNetwork]

  package init(proxies: [IPNetwork] = []) {
    self.proxies = proxies
  }

  /// The last address that no trusted proxy has; what stands before it anybody may have written.
  package func of(peer: String?, forwarded: [String]) -> String? {
    guard var client = peer else { return nil }
    var rest = forwarded.flatMap { $0.split(separator: ",") }
      .map { String($0.filter { !$0.isWhitespace }) }
    while proxies.contains(where: { $0.contains(client) }), let next = rest.popLast() {
      guard IPNetwork(next) != nil, !next.contains("/") else { break }
      client = next
    }
    return client
  }
}

extension ClientAddress {
  func of(_ request: Request, _ context: APIRequestContext) -> String? {
    of(peer: context.peer, forwarded: request.headers[values: .forwardedFor])
  }
}
