import ArgumentParser
import Foundation
import ServiceLifecycle
import Spreadsheet
import Yibang

struct EventFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event", abstract: "供其他系统读取的变更 · Changes, for other systems",
    subcommands: [EventList.self])
}

struct EventList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "变更，旧的在前 · Changes, oldest first",
    discussion: "接着读的位置显示在最后，json 中为 next · Where to read on is told at the end; in json, next")

  @Option(help: ArgumentHelp("从上次的 next 接着读 · Read on from an earlier next", valueName: "next"))
  var after: String?
  @Option(help: ArgumentHelp("最多几条 · At most so many", valueName: "count")) var limit = 100
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  private struct Answer: Encodable {
    let items: [ChangeFeed.Event]
    let next: String
  }

  func validate() throws {
    guard (1...100_000).contains(limit) else {
      throw ValidationError("--limit 应为 1 到 100000 · --limit is 1 to 100000.")
    }
  }

  func run(_ work: Work) async throws {
    let after = try after.map { text in
      guard let cursor = Cursor(text) else { throw CursorError() }
      return cursor
    }
    let read = try await ChangeFeed.read(after: after, limit: limit, in: work.context())
    let next = read.next.description
    try work.printer.list(
      read.events,
      [
        Column("时间", "at") { .text($0.at) },
        Column("操作", "action") { .text($0.action) },
        Column("对象", "subject") { .text($0.subject) },
        Column("编号", "id") { $0.subjectID.map { .id($0) } ?? .empty },
      ], json: Answer(items: read.events, next: next))
    work.printer.notice(Text("接着读：--after \(next)", "Read on with --after \(next)"))
  }
}

struct WebhookFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "webhook", abstract: "把变更推送给其他系统 · Push changes to other systems",
    discussion: """
      按 Standard Webhooks 签名；同一记录的变更依次送达，送不到的重试约一天
      Signed as Standard Webhooks has it; in order for each record; tried for about a day
      """,
    subcommands: [
      WebhookAdd.self, WebhookList.self, WebhookPause.self, WebhookResume.self, WebhookRemove.self,
      WebhookDeliveries.self, WebhookReplay.self, WebhookDiscard.self, WebhookSend.self,
    ])
}

struct WebhookAdd: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "添加推送地址 · Add a webhook",
    discussion: "密钥只显示这一次 · The secret is shown this once.")

  @Argument(help: "https:// 网址 · Address, of https") var url: String
  @Option(
    help: ArgumentHelp(
      "只推送这些操作，用逗号分开，如 donation.record · Only these actions", valueName: "list"))
  var actions: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let made = try await Webhooks.add(
      url, actions: actions?.split(separator: ",").map(String.init), in: work.context())
    try work.printer.outcome(
      Text(
        "已添加。密钥：\(made.secret)，只显示这一次。", "Added. Secret: \(made.secret), shown this once."),
      [("id", .id(made.id)), ("secret", .text(made.secret))])
  }
}

struct WebhookList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出推送地址 · List the webhooks")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Webhooks.list(in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("地址", "address") { .text($0.url) },
        Column("状态", "state") { .text($0.state.name($1)) },
        Column("操作", "actions") { .optional($0.actions?.joined(separator: " ")) },
        Column("等待", "waiting", right: true) { .count($0.waiting) },
        Column("失败", "given up", right: true) { .count($0.dead) },
      ])
  }
}

struct WebhookPause: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "暂停推送 · Pause a webhook")

  @Argument(help: "推送地址编号 · Webhook's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Webhooks.set(id, .paused, in: work.context())
    try work.printer.outcome(Text("已暂停。", "It is paused."), [("id", .id(id))])
  }
}

struct WebhookResume: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "恢复推送，补送其间的变更 · Go on, with what has happened since")

  @Argument(help: "推送地址编号 · Webhook's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Webhooks.set(id, .active, in: work.context())
    try work.printer.outcome(Text("已恢复。", "It goes on."), [("id", .id(id))])
  }
}

struct WebhookRemove: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "删除推送地址 · Remove a webhook")

  @Argument(help: "推送地址编号 · Webhook's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Webhooks.remove(id, in: work.context())
    try work.printer.outcome(Text("已删除。", "It is removed."), [("id", .id(id))])
  }
}

struct WebhookDeliveries: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliveries", abstract: "推送记录，新的在前 · What was sent, newest first")

  @Argument(help: "推送地址编号 · Webhook's id") var id: String
  @Option(help: ArgumentHelp("只看这种状态 · In this state only", valueName: "state"))
  var state: String?
  @Option(help: ArgumentHelp("最多几条 · At most so many", valueName: "count")) var limit = 100
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let state: Webhooks.DeliveryState? = try state.map { try readChoice($0, option: "--state") }
    try work.printer.list(
      await Webhooks.deliveries(of: readID(id), state: state, limit: limit, in: work.context()),
      [
        Column("时间", "at") { .text($0.at) },
        Column("操作", "action") { .text($0.action) },
        Column("编号", "event") { .id($0.event) },
        Column("状态", "state") { .text($0.state.name($1)) },
        Column("已试", "attempts", right: true) { .count($0.attempts) },
        Column("原因", "error") { .optional($0.error) },
      ])
  }
}

struct WebhookReplay: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "重新推送失败的，或一条 · Send anew what was given up, or one event")

  @Argument(help: "推送地址编号 · Webhook's id") var id: String
  @Option(help: ArgumentHelp("只推送这一条 · Only this event", valueName: "id")) var event: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let event = try event.map { try readID($0) }
    let count = try await Webhooks.replay(readID(id), event: event, in: work.context())
    try work.printer.outcome(
      Text("将重新推送 \(count) 条。", "\(count) are sent anew."), [("count", .number(Int64(count)))])
  }
}

struct WebhookDiscard: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard",
    abstract: "不再推送失败的，或其中一条 · Let go of what was given up, or of one event")

  @Argument(help: "推送地址编号 · Webhook's id") var id: String
  @Option(help: ArgumentHelp("只是这一条 · Only this event", valueName: "id")) var event: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let event = try event.map { try readID($0) }
    let count = try await Webhooks.discard(readID(id), event: event, in: work.context())
    try work.printer.outcome(
      Text("不再推送 \(count) 条。", "\(count) are not sent any more."),
      [("count", .number(Int64(count)))])
  }
}

struct WebhookSend: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "推送到期的即结束，供 cron 使用 · Send what is due, then end",
    discussion: "yibang serve 运行时自动推送；退出状态 75：有没送到的 · serve does it by itself; 75: some failed")

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let sending = try await Webhooks.send(in: work.context())
    let (delivered, failed) = (sending.delivered, sending.failed)
    try work.printer.outcome(
      Text(
        "送达 \(delivered) 条，\(failed) 次没有送到。", "Delivered \(delivered); \(failed) attempts failed."),
      [("delivered", .number(Int64(delivered))), ("failed", .number(Int64(failed)))])
    if failed > 0 { throw ExitCode(ExitStatus.tryAgain) }
  }
}

/// Pushing within `serve`.
struct WebhookService: Service {
  let sender: WebhookSender

  func run() async throws {
    await cancelWhenGracefulShutdown { await sender.serve() }
  }
}
