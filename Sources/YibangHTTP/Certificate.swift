import Foundation
import Logging
import NIOCertificateReloading
import NIOSSL
package import Yibang

/// The files of the server's certificate, read anew when they change.
package struct Certificate: Sendable {
  /// The chain, the server's own first, in PEM.
  let chain: String
  /// Its key, in PEM.
  let key: String

  package init(chain: String, key: String) {
    self.chain = chain
    self.key = key
  }

  /// - Throws: `CertificateError`, if the files hold no certificate and its key now.
  func reloader(_ logger: Logger) throws(CertificateError) -> TimedCertificateReloader {
    do {
      return try TimedCertificateReloader.makeReloaderValidatingSources(
        configuration: .init(
          refreshInterval: .seconds(2),
          certificateSource: .init(location: .file(path: chain), format: .pem),
          privateKeySource: .init(location: .file(path: key), format: .pem)
        ) {
          // The one in use stays in use.
          $0.onCertificateLoadFailed = { _ in
            logger.error("the certificate's files do not hold a certificate and its key")
          }
        })
    } catch {
      throw CertificateError(chain: chain, key: key)
    }
  }

  /// TLS 1.2 and later.
  static func configuration(_ reloader: TimedCertificateReloader) throws -> TLSConfiguration {
    var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: reloader)
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    return configuration
  }
}

package struct CertificateError: YibangError {
  let chain: String
  let key: String

  package var code: String { "certificate.unusable" }
  package var category: ErrorCategory { .configuration }
  package var text: Text {
    Text(
      "\(chain) 和 \(key) 不是一张证书（PEM）及其私钥，请检查两个文件的内容和权限。",
      "\(chain) and \(key) are no certificate (PEM) and its key. Check both files and their "
        + "permissions.")
  }
}
