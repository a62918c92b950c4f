import Foundation
import Yibang

extension API {
  /// Within which no further job is begun: well below the time of an answer.
  static let longestRun = Duration.seconds(30)

  static let jobRoutes: [Endpoint] = [
    .pages("/jobs", "job.list", Text("后台任务，新的在前", "Jobs, newest first"), .needs([.read])) {
      (input: JobPage, page, call) in
      try await Jobs.page(page, state: input.state, kind: input.kind, in: call.context)
    },
    .post(
      "/jobs/run", "job.run",
      Text("办理到期的后台任务，至多半分钟", "Do the jobs that are due, for half a minute at most"),
      .needs([.administer])
    ) { (_: NoInput, call) in
      try await Jobs.run(on: call.today, smtp: call.smtp, within: longestRun, in: call.context)
    },
    .post(
      "/jobs/{id}/retry", "job.retry", Text("重新办理失败的任务", "Have a failed job tried anew"),
      .needs([.administer])
    ) { (input: Identified, call) in try await Jobs.retry(input.id, in: call.context) },
    .post(
      "/jobs/{id}/cancel", "job.cancel", Text("取消还没有办理的任务", "Give a job up"),
      .needs([.administer])
    ) { (input: Identified, call) in try await Jobs.cancel(input.id, in: call.context) },
  ]

  struct JobPage: Paged, Sendable {
    let state: Jobs.State?
    let kind: Jobs.Kind?
    let after: Cursor?
    let limit: PageLimit?
  }
}
