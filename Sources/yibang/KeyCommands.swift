import ArgumentParser
import Foundation
import Spreadsheet
import Yibang

struct KeyFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "加密私密信息的密钥 · The keys that seal private values",
    discussion: """
      密钥文件在数据目录中，名为 key；请与数据库分开备份 · The key file lies in the home, named key; \
      back it up apart from the database
      """,
    subcommands: [KeyList.self, KeyRotate.self, KeyRetire.self])
}

struct KeyList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "各密钥及其加密的数量 · The keys, and how many values each seals")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let keys = try await work.keys { try await $0.list() }
    if work.settings.format == .json { return try work.printer.json(keys) }
    try work.printer.list(
      keys.flatMap(Line.lines),
      [
        Column("密钥", "key", right: true) { .integer(Int64($0.key.id)) },
        Column("建立时间", "made at") { .optional($0.key.madeAt) },
        Column("状态", "state") { .text($0.key.state($1)) },
        Column("列", "column") { .optional($0.column) },
        Column("数量", "values", right: true) { .integer($0.values) },
      ])
  }

  /// A key, and a column that it seals values of.
  private struct Line: Encodable {
    let key: Keys.Key
    let column: String?
    let values: Int64

    static func lines(_ key: Keys.Key) -> [Line] {
      if key.values.isEmpty { return [Line(key: key, column: nil, values: 0)] }
      return key.values.sorted { $0.key < $1.key }.map {
        Line(key: key, column: $0.key, values: $0.value)
      }
    }
  }
}

extension Keys.Key {
  fileprivate func state(_ language: Language) -> String {
    if current { return Text("使用中", "in use")(language) }
    return retiredAt == nil
      ? Text("仅用于解密", "opens only")(language) : Text("已停用", "retired")(language)
  }
}

struct KeyRotate: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "换用新密钥，并重新加密全部私密信息 · A new key, and everything sealed anew",
    discussion: """
      无需停止服务；中断后再次运行即接着办完。之后请备份新的密钥文件 · Nothing has to stop; run again after \
      an interruption, and it goes on. Back up the new key file afterwards
      退出状态 75：有值被占用，请再次运行 · Exit status 75: values were held by others, run it again
      """)

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let done = try await work.keys { try await $0.rotate() }
    try work.printer.outcome(
      done.isNew
        ? Text(
          "第 \(done.key) 号密钥已启用，重新加密 \(done.resealed) 个值。请备份新的密钥文件。",
          "Key \(done.key) is in use; \(done.resealed) values are sealed anew. "
            + "Back up the new key file.")
        : Text(
          "上次的轮换已办完：用第 \(done.key) 号密钥重新加密 \(done.resealed) 个值。",
          "The earlier rotation is finished: \(done.resealed) values are sealed anew with key "
            + "\(done.key)."),
      [
        ("key", .number(Int64(done.key))), ("new", .flag(done.isNew)),
        ("resealed", .number(Int64(done.resealed))), ("left", .number(Int64(done.left))),
      ])
    guard done.left == 0 else {
      work.printer.notice(
        Text(
          "还有 \(done.left) 个值正被占用，请再次运行。",
          "\(done.left) values were held by others: run it again."))
      throw ExitCode(ExitStatus.tryAgain)
    }
  }
}

struct KeyRetire: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire", abstract: "停用已无内容的旧密钥，并从密钥文件中去掉 · Take an old key out of the file",
    discussion: "用它加密的旧备份将不能再解密 · Older backups sealed by it do not open any more")

  @Argument(help: "密钥号 · Key's id") var key: Int
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let key = key
    try await work.keys { try await $0.retire(key) }
    try work.printer.outcome(
      Text("第 \(key) 号密钥已停用。", "Key \(key) is retired."), [("key", .number(Int64(key)))])
  }
}

extension Work {
  /// The keys, in the hands of whoever owns the database.
  fileprivate func keys<T: Sendable>(
    _ body: @Sendable (Keys) async throws -> T
  ) async throws -> T {
    try await Keys.using(conninfo: conninfo, login: settings.login, on: platform, body)
  }
}
