import CoreFoundation
import Foundation
import Glibc
import Yibang

/// The directory of an installation: the key, and the embedded cluster's data.
struct Home: Sendable {
  let path: String

  init(path: String) {
    self.path = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
  }

  var keyFile: String { (path as NSString).appendingPathComponent("key") }
  /// Of settings, where no other is named; need not be there.
  var configurationFile: String { (path as NSString).appendingPathComponent("config.yaml") }

  /// A system directory for root, whose own home the server's user cannot reach; else the user's
  /// data directory.
  static func usual(_ environment: [String: String]) -> String {
    if geteuid() == 0 { return "/var/lib/yibang" }
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/yibang" }
    let own = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? NSHomeDirectory()
    return "\(own)/.local/share/yibang"
  }

  /// Makes the directory where there is none: private, but for root passable, because the server
  /// runs as another user there. The key in it is private in either case.
  /// - Throws: `HomeError`.
  func make() throws(HomeError) {
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
      guard isDirectory.boolValue else { throw .notADirectory(path) }
      if geteuid() == 0 { openFreshDirectory() }
      return
    }
    let parent = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: parent, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path)
    }
    guard mkdir(path, geteuid() == 0 ? 0o711 : 0o700) == 0 || errno == EEXIST else {
      throw .unwritable(path)
    }
  }

  /// An empty private directory of root, as `mktemp -d` makes one, becomes passable for the
  /// server's user. One with content is left as it is.
  private func openFreshDirectory() {
    var information = stat()
    guard stat(path, &information) == 0, information.st_uid == 0,
      information.st_mode & 0o777 == 0o700,
      (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty == true
    else { return }
    chmod(path, 0o711)
  }
}

enum HomeError: YibangError {
  case notADirectory(String)
  case unwritable(String)

  var code: String {
    switch self {
    case .notADirectory: "home.not_a_directory"
    case .unwritable: "home.unwritable"
    }
  }

  var category: ErrorCategory { .configuration }

  var text: Text {
    switch self {
    case .notADirectory(let path):
      Text(
        "\(path) 不是目录，请用 --home 指定另一个数据目录。",
        "\(path) is not a directory. Name another home with --home.")
    case .unwritable(let path):
      Text(
        "无法建立数据目录 \(path)。请检查上级目录的权限，或用 --home 指定另一个。",
        "The home \(path) cannot be made. Check the permissions of the directories above it, or "
          + "name another with --home.")
    }
  }
}
