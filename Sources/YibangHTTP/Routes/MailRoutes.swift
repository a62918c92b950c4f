import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let mailRoutes: [Endpoint] = [
    .pages("/messages", "mail.list", Text("给资助人的通知", "Messages to sponsors"), .needs([.read])) {
      (input: MessagePage, page, call) in
      try await Mail.page(
        page, state: input.state, kind: input.kind, pairing: input.pairing, in: call.context)
    },
    .lookUpFile(
      "/messages/print", "mail.print",
      Text(
        "打印等待的信函 .xlsx，随即记为已打印", "The letters that wait, as .xlsx; they are then marked printed"),
      .needs([.remind]), type: SheetType.xlsx.mediaType
    ) { (_: NoInput, call) in
      let bytes = try await call.file("xlsx") { path in
        _ = try await Mail.print(to: path, on: call.today, in: call.context)
      }
      return (bytes, "信函.xlsx")
    },
    .post(
      "/messages/{id}/resolve", "mail.resolve",
      Text("处理结果不明或失败的邮件", "Settle a mail that failed or is uncertain"), .needs([.remind])
    ) { (input: Resolution, call) in
      try await Mail.resolve(input.id, wasSent: input.sent, in: call.context)
    },
  ]

  struct MessagePage: Paged, Sendable {
    let state: Mail.State?
    let kind: Mail.Kind?
    let pairing: UUID?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct Resolution: Codable, Sendable {
    let id: UUID
    /// It arrived; else it is sent again.
    let sent: Bool
  }
}
