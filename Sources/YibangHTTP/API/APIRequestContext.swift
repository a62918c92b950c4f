import Foundation
package import Hummingbird
import NIOCore
import Synchronization

/// What a request carries besides itself: who calls from where, and by which id it is found again.
package struct APIRequestContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// The address of the connection; nil in tests that have none.
  package let peer: String?
  let trace: RequestTrace

  package init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress?.ipAddress
    trace = RequestTrace()
  }

  /// Of a request that came over no connection.
  init(source: some RequestContextSource, peer: String? = nil) {
    coreContext = .init(source: source)
    self.peer = peer
    trace = RequestTrace()
  }
}

/// What is learnt of a request on its way, for the log and the counters.
final class RequestTrace: Sendable {
  private let name = Mutex<String?>(nil)

  /// The name of the endpoint that took it; nil if none did.
  var endpoint: String? {
    get { name.withLock { $0 } }
    set { name.withLock { $0 = newValue } }
  }
}

/// The W3C trace that a request belongs to.
struct TraceParent: Sendable, Equatable {
  let traceID: String
  let parentID: String

  /// - Returns: nil for what the header's format does not have.
  init?(_ header: String?) {
    guard let parts = header?.split(separator: "-", omittingEmptySubsequences: false),
      parts.count >= 4, parts[0].count == 2, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
      parts[1].count == 32, parts[2].count == 16, parts[3].count == 2,
      parts[..<4].allSatisfy({ $0.utf8.allSatisfy(Self.isLowerHex) }),
      parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
    else { return nil }
    traceID = String(parts[1])
    parentID = String(parts[2])
  }

  private static func isLowerHex(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
