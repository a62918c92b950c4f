import Foundation
import Yibang

extension Call {
  /// The bytes of what an operation writes to a path. The file lies in a private folder, and no longer
  /// than it takes to read it.
  /// - Parameter ending: of the file's name, which says its format: `xlsx`.
  /// - Throws: `UploadError` if there is no place for it; what `write` throws.
  func file(_ ending: String, _ write: (String) async throws -> Void) async throws -> [UInt8] {
    let folder = NSTemporaryDirectory() + "yibang-\(UUID().uuidString.lowercased())"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw UploadError.notKept
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/answer.\(ending)"
    try await write(path)
    guard let data = FileManager.default.contents(atPath: path) else { throw UploadError.notKept }
    return [UInt8](data)
  }
}
