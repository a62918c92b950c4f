import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let auditRoutes: [Endpoint] = [
    .pages(
      "/audit", "audit.list", Text("操作记录，新的在前", "The audit trail, newest first"),
      .needs([.readAudit])
    ) { (input: AuditPage, page, call) in
      try await page.page(by: \.id) { after, limit in
        try await Audit.list(input.filter, after: after, limit: limit, in: call.context)
      }
    },
    .list(
      "/doctor", "doctor.examine",
      Text("核对账目是否相符", "Prove on live data that the books agree"), .needs([.readAudit])
    ) { (_: NoInput, call) in
      let findings = try await Doctor.examine(in: call.context)
      return Doctor.checks.map { check in
        Examined(check, findings.first { $0.check == check.code })
      }
    },
  ]

  struct AuditPage: Paged, Sendable {
    /// The record that was written to.
    let subject: UUID?
    /// A login.
    let by: String?
    let action: String?
    let from: CalendarDate?
    let to: CalendarDate?
    let after: Cursor?
    let limit: PageLimit?

    var filter: Audit.Filter {
      Audit.Filter(subject: subject, by: by, action: action, from: from, to: to)
    }
  }

  struct Examined: Codable, Sendable {
    let check: String
    /// What holds.
    let text: Text
    let holds: Bool
    let broken: Int
    /// The first rows that break it, by id.
    let rows: [Finding.Row]

    init(_ check: Check, _ finding: Finding?) {
      self.check = check.code
      text = check.text
      holds = finding == nil
      broken = finding?.broken ?? 0
      rows = finding?.rows ?? []
    }
  }
}
