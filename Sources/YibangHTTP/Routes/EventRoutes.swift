import Foundation
import Yibang

extension API {
  static let eventRoutes: [Endpoint] = [
    .get(
      "/events", "event.list",
      Text("变更，旧的在前；以 next 接着读", "Changes, oldest first; read on from next"), .needs([.read])
    ) { (input: EventPage, call) in
      let read = try await ChangeFeed.read(
        after: input.after, limit: input.limit?.count ?? 100, in: call.context)
      return Events(items: read.events, next: read.next)
    },
    .list("/webhooks", "webhook.list", Text("推送地址", "Webhooks"), .needs([.administer])) {
      (_: NoInput, call) in
      try await Webhooks.list(in: call.context)
    },
    .create(
      "/webhooks", "webhook.add",
      Text("添加推送地址；密钥只显示这一次", "Add a webhook; its secret is shown this once"),
      .needs([.administer])
    ) { (input: NewWebhook, call) in
      try await Webhooks.add(input.url, actions: input.actions, in: call.context)
    }
    .secret(),
    .post(
      "/webhooks/{id}/pause", "webhook.pause", Text("暂停推送", "Pause a webhook"),
      .needs([.administer])
    ) { (input: WebhookOfID, call) in
      try await Webhooks.set(input.id, .paused, in: call.context)
    },
    .post(
      "/webhooks/{id}/resume", "webhook.resume", Text("恢复推送", "Go on with a webhook"),
      .needs([.administer])
    ) { (input: WebhookOfID, call) in
      try await Webhooks.set(input.id, .active, in: call.context)
    },
    .delete(
      "/webhooks/{id}", "webhook.remove", Text("删除推送地址", "Remove a webhook"),
      .needs([.administer])
    ) { (input: WebhookOfID, call) in
      try await Webhooks.remove(input.id, in: call.context)
    },
    .pages(
      "/webhooks/{id}/deliveries", "webhook.deliveries",
      Text("推送记录，新的在前", "What was sent, newest first"), .needs([.administer])
    ) { (input: DeliveryPage, page, call) in
      try await page.page(by: \.event) { after, limit in
        try await Webhooks.deliveries(
          of: input.id, state: input.state, after: after, limit: limit, in: call.context)
      }
    },
    .post(
      "/webhooks/{id}/replay", "webhook.replay",
      Text("重新推送失败的，或一条", "Send anew what was given up, or one event"),
      .needs([.administer])
    ) { (input: WebhookReplay, call) in
      Replayed(
        count: try await Webhooks.replay(input.id, event: input.event, in: call.context))
    },
    .post(
      "/webhooks/send", "webhook.send",
      Text("推送到期的，至多半分钟", "Send what is due, for half a minute at most"),
      .needs([.administer])
    ) { (_: NoInput, call) in try await Webhooks.send(within: longestRun, in: call.context) },
    .post(
      "/webhooks/{id}/discard", "webhook.discard",
      Text("不再推送失败的，或其中一条", "Let go of what was given up, or of one event"),
      .needs([.administer])
    ) { (input: WebhookReplay, call) in
      Replayed(
        count: try await Webhooks.discard(input.id, event: input.event, in: call.context))
    },
  ]

  struct EventPage: Codable, Sendable {
    let after: Cursor?
    let limit: PageLimit?
  }

  struct Events: Codable, Sendable {
    let items: [ChangeFeed.Event]
    /// From where to read on, also when nothing was new.
    let next: Cursor
  }

  struct NewWebhook: Codable, Sendable {
    let url: String
    /// `entity.verb`; without them, all.
    let actions: [String]?
  }

  struct WebhookOfID: Codable, Sendable {
    let id: UUID
  }

  struct DeliveryPage: Paged, Sendable {
    let id: UUID
    let state: Webhooks.DeliveryState?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct WebhookReplay: Codable, Sendable {
    let id: UUID
    let event: UUID?
  }

  struct Replayed: Codable, Sendable {
    let count: Int
  }
}
