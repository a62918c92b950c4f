import Foundation
package import Hummingbird
import NIOCore

/// What a request carries besides itself: who calls from where, and by which id it is found again.
package struct APIRequestContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// The address of the connection; nil in tests that have none.
  package let peer: String?

  package init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress?.ipAddress
  }

  /// Of a request that came over no connection.
  init(source: some RequestContextSource) {
    coreContext = .init(source: source)
    peer = nil
  }
}
