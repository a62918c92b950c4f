import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let accessRoutes: [Endpoint] = [
    .pages(
      "/accesses", "access.list",
      Text("谁查看过谁的身份信息，新的在前", "Who saw whose private data, newest first"),
      .needs([.readAudit])
    ) { (input: AccessPage, page, call) in
      try await page.page(by: \.id) { after, limit in
        try await AccessLog.list(
          AccessLog.Filter(
            person: input.person, by: input.by, from: input.from, to: input.to), after: after,
          limit: limit, in: call.context)
      }
    },
    .pages(
      "/accesses/refused", "access.refused",
      Text("被拒绝的查看，新的在前", "Looks that were refused, newest first"), .needs([.readAudit])
    ) { (input: RefusedPage, page, call) in
      try await page.page(by: \.id) { after, limit in
        try await RefusedLooks.list(
          by: input.by, from: input.from, to: input.to, after: after, limit: limit,
          in: call.context)
      }
    },
    .list(
      "/accesses/flags", "access.flags",
      Text("异常的查看，缺省为最近三十天", "Unusual looks, of the last thirty days if none are named"),
      .needs([.readAudit])
    ) { (input: AccessDays, call) in
      let flags = try await AccessLog.flags(
        from: input.from, to: input.to ?? call.today, in: call.context)
      return flags.map { ToldFlag($0) }
    },
    .lookUp(
      "/students/{id}/accesses", "access.statement",
      Text(
        "应监护人要求告知：谁因何查看过该学生的信息",
        "For the guardian who asks: what was seen of a pupil, and why"), .needs([.readAudit])
    ) { (input: AskedStatement, call) in
      try await AccessLog.statement(of: input.id, askedBy: input.askedBy, in: call.context)
    },
  ]

  struct AccessPage: Paged, Sendable {
    /// A pupil or a donor.
    let person: UUID?
    /// A login.
    let by: String?
    let from: CalendarDate?
    let to: CalendarDate?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct RefusedPage: Paged, Sendable {
    /// A login.
    let by: String?
    let from: CalendarDate?
    let to: CalendarDate?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct AccessDays: Codable, Sendable {
    let from: CalendarDate?
    let to: CalendarDate?
  }

  struct ToldFlag: Codable, Sendable {
    let flag: AccessLog.Flag
    let text: Text

    init(_ flag: AccessLog.Flag) {
      self.flag = flag
      text = flag.rule.name
    }
  }

  struct AskedStatement: Codable, Sendable {
    let id: UUID
    /// As 母亲.
    let askedBy: String
  }
}
