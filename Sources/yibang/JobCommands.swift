import ArgumentParser
import Foundation
import ServiceLifecycle
import Spreadsheet
import Yibang

struct JobFamily: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "后台任务 · Background work",
    discussion: """
      yibang serve 随时办理；没有常驻服务的，用 cron 定时运行 yibang job run · \
      yibang serve does it as it comes; without a server let cron run yibang job run
      """,
    subcommands: [JobList.self, JobRun.self, JobRetry.self, JobCancel.self])
}

struct JobList: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "列出后台任务 · List the jobs")

  @Option(
    help: ArgumentHelp("状态 · State", valueName: "state"),
    completion: .list(Jobs.State.allCases.map(\.rawValue)))
  var state: String?
  @Option(
    help: ArgumentHelp("种类 · Kind", valueName: "kind"),
    completion: .list(Jobs.Kind.allCases.map(\.rawValue)))
  var kind: String?
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    try work.printer.list(
      await Jobs.list(
        state: state.map { try readChoice($0, option: "--state") },
        kind: kind.map { try readChoice($0, option: "--kind") }, in: work.context()),
      [
        Column("编号", "id") { .id($0.id) },
        Column("任务", "job") { .text($0.kind.name($1)) },
        Column("状态", "state") { .text($0.state.name($1)) },
        Column("对象", "subject") { $0.subject.map { .id($0) } ?? .empty },
        Column("日期", "day") { $0.day.map { .date($0) } ?? .empty },
        Column("已试", "attempts", right: true) { .count($0.attempts) },
        Column("时间", "run at") { .text($0.runAt) },
        Column("原因", "error") { .optional($0.error) },
      ])
  }
}

struct JobRun: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "办完到期的后台任务即结束，供 cron 使用 · Do what is due, then end",
    discussion: """
      发信需要 YIBANG_SMTP_URL、YIBANG_SMTP_FROM，登录用 YIBANG_SMTP_USER 和 YIBANG_SMTP_PASSWORD_FILE \
      或 YIBANG_SMTP_PASSWORD；没有设置的，邮件留待以后 · Without these, mail waits
      退出状态 75：有任务没有成功 · Exit status 75: an attempt failed
      """)

  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let today = work.settings.today
    let smtp = try SMTP.from(environment: work.settings.configuration.mailEnvironment)
    let context = try await work.context()
    let run = try await Jobs.run(on: today, smtp: smtp, in: context)
    let (done, failed) = (run.done, run.failed)
    try work.printer.outcome(
      Text(
        "完成 \(done) 个后台任务，\(failed) 次没有成功。", "Did \(done) jobs; \(failed) attempts failed."),
      [("done", .number(Int64(done))), ("failed", .number(Int64(failed)))])
    if failed > 0 { throw ExitCode(ExitStatus.tryAgain) }
  }
}

struct JobRetry: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "重新办理失败的任务 · Have a failed job tried anew")

  @Argument(help: "任务编号，见 job list · Job's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Jobs.retry(id, in: work.context())
    try work.printer.outcome(Text("将重新办理。", "It is tried anew."), [("id", .id(id))])
  }
}

struct JobCancel: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "取消还没有办理的任务 · Give a job up")

  @Argument(help: "任务编号，见 job list · Job's id") var id: String
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  func run(_ work: Work) async throws {
    let id = try readID(id)
    try await Jobs.cancel(id, in: work.context())
    try work.printer.outcome(Text("已取消。", "It is cancelled."), [("id", .id(id))])
  }
}

/// The worker within `serve`. On graceful shutdown it takes no new job and finishes the one at hand.
struct JobService: Service {
  let worker: JobWorker

  func run() async throws {
    let stop = JobStop()
    await withGracefulShutdownHandler {
      await worker.serve(stop)
    } onGracefulShutdown: {
      stop.stop()
    }
  }
}
