import ArgumentParser
import Foundation
import Glibc
import Postgres
import Yibang

struct DatabasePsql: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "psql", abstract: "以属主身份打开 psql · Open psql as the database's owner",
    discussion: "全局选项写在 db psql 之前 · Global options stand before db psql")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions
  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("psql 的参数 · Arguments of psql", valueName: "psql-args"))
  var arguments: [String] = []

  func run() async throws {
    let settings = try Settings(global)
    let words = arguments.first == "--" ? Array(arguments.dropFirst()) : arguments
    try await Site.use(settings) { site in
      let conninfo = site.conninfo
      let status = try await onThread { try Psql.run(conninfo: conninfo, words) }
      if status != ExitStatus.ok { throw ExitCode(status) }
    }
  }
}

/// psql as a child that owns the terminal, while this process keeps the server leased.
enum Psql {
  /// - Returns: psql's exit status; 128 and the signal's number if one ended it.
  /// - Throws: `PsqlError.notFound`.
  static func run(conninfo: String, _ arguments: [String]) throws(PsqlError) -> Int32 {
    // Ctrl-C is for psql, which ends a query by it; the child takes the defaults back.
    let interrupt = signal(SIGINT, SIG_IGN)
    defer { signal(SIGINT, interrupt) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGINT)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

    var words = (["psql", "--dbname", conninfo] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    guard posix_spawnp(&child, "psql", nil, &attributes, words, environ) == 0 else {
      throw .notFound
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    let signalled = status & 0x7F
    return signalled == 0 ? (status >> 8) & 0xFF : 128 + signalled
  }
}

enum PsqlError: YibangError {
  case notFound

  var code: String { "psql.not_found" }
  var category: ErrorCategory { .unavailable }
  var text: Text {
    Text(
      "没有找到 psql。请安装（Debian：apt-get install postgresql-client）。",
      "There is no psql. Install it (Debian: apt-get install postgresql-client).")
  }
}
