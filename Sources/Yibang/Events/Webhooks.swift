import Crypto
package import Foundation
import Postgres

/// Addresses of other systems that are told of events as they happen, by POST, signed as Standard
/// Webhooks (standardwebhooks.com) has it. The events of one record arrive in order.
package enum Webhooks {
  package enum State: String, Sendable, CaseIterable, Codable {
    case active, paused

    package var name: Text {
      switch self {
      case .active: Text("启用", "active")
      case .paused: Text("暂停", "paused")
      }
    }
  }

  package enum DeliveryState: String, Sendable, CaseIterable, Codable {
    case waiting, delivered
    /// Tried often enough: a person looks at it.
    case dead

    package var name: Text {
      switch self {
      case .waiting: Text("等待", "waiting")
      case .delivered: Text("已送达", "delivered")
      case .dead: Text("失败待处理", "given up")
      }
    }
  }

  package struct Entry: Sendable, Codable {
    package let id: UUID
    package let url: String
    /// What is sent; nil: all events.
    package let actions: [String]?
    package let state: State
    package let waiting: Int
    package let dead: Int
  }

  /// A webhook just made. Its secret is shown this once.
  package struct Made: Sendable, Codable {
    package let id: UUID
    package let secret: String
  }

  package struct Delivery: Sendable, Codable {
    package let event: UUID
    package let action: String
    package let state: DeliveryState
    package let attempts: Int
    /// Why the last attempt failed.
    package let error: String?
    /// In China.
    package let at: String
  }

  private static let insert: SQL = """
    insert into webhook (
      district_id, id, url, secret_sealed, actions, at_xact, at_id, made_by
    )
    select $1, $2, $3, $4, $5, feed_horizon() - 1, 'ffffffff-ffff-ffff-ffff-ffffffffffff', $6
    """

  /// Has an address told of what happens from now on.
  /// - Parameters:
  ///   - url: of https, or of http on this machine.
  ///   - actions: `entity.verb`; nil: all.
  /// - Throws: `EventError.url`, `.action`, `AccessError`.
  package static func add(
    _ url: String, actions: [String]?, in context: Context
  ) async throws -> Made {
    let actor = context.actor
    try requireDistrict(actor)
    let url = try WebhookURL(url).text
    let actions = actions.map { $0.map { normalizeText($0) } }
    if let actions {
      guard !actions.isEmpty, actions.count <= 100 else { throw EventError.action("") }
      for action in actions where action.wholeMatch(of: #/[a-z_]+\.[a-z_]+/#) == nil {
        throw EventError.action(action)
      }
    }
    let id = UUID.v7()
    let secret = SymmetricKey(size: .bits256).withUnsafeBytes { [UInt8]($0) }
    let sealed = try context.platform.vault.seal(secret, at: secretPlace(id))
    return try await context.write { session in
      _ = try session.batch([
        Bound(insert, actor.districtID, id, url, sealed, actions, actor.userID),
        Audit.statement(
          actor, "webhook.add", subject: "webhook", id: id,
          after: ["url": url, "actions": actions?.joined(separator: " ")]),
      ])
      return Made(id: id, secret: "whsec_" + Data(secret).base64EncodedString())
    }
  }

  static func secretPlace(_ id: UUID) -> SealedPlace { SealedPlace("webhook", id, "secret") }

  private static let list: SQL = """
    select w.id, w.url, w.actions, w.state,
      (
        select count(*) from webhook_delivery d
        where d.district_id = w.district_id and d.webhook_id = w.id and d.state = 'waiting'
      )::int8,
      (
        select count(*) from webhook_delivery d
        where d.district_id = w.district_id and d.webhook_id = w.id and d.state = 'dead'
      )::int8
    from webhook w
    where w.district_id = $1
    order by w.id
    """

  package static func list(in context: Context) async throws -> [Entry] {
    try requireDistrict(context.actor)
    return try await context.read { session in
      try session.query(list, context.actor.districtID).map { row in
        guard let state = State(rawValue: try row.get(3)) else {
          throw PostgresError.decoding("webhook")
        }
        return Entry(
          id: try row.get(0), url: try row.get(1), actions: try row.optional(2), state: state,
          waiting: Int(try row.get(4) as Int64), dead: Int(try row.get(5) as Int64))
      }
    }
  }

  private static let setState: SQL = """
    update webhook set state = $3 where district_id = $1 and id = $2 and state <> $3
    """
  private static let delete: SQL = "delete from webhook where district_id = $1 and id = $2"
  private static let exists: SQL = "select from webhook where district_id = $1 and id = $2"

  /// Stops sending, or goes on with what has happened since.
  /// - Throws: `EventError.unknown`, `AccessError`.
  package static func set(_ id: UUID, _ state: State, in context: Context) async throws {
    let actor = context.actor
    try requireDistrict(actor)
    try await context.write { session in
      try require(id, session, actor)
      guard try session.execute(setState, actor.districtID, id, state.rawValue) > 0 else { return }
      _ = try session.batch([
        Audit.statement(
          actor, "webhook.\(state.rawValue)", subject: "webhook", id: id,
          after: ["state": state.rawValue])
      ])
    }
  }

  /// Takes a webhook away with all its deliveries.
  /// - Throws: `EventError.unknown`, `AccessError`.
  package static func remove(_ id: UUID, in context: Context) async throws {
    let actor = context.actor
    try requireDistrict(actor)
    try await context.write { session in
      guard try session.execute(delete, actor.districtID, id) > 0 else { throw EventError.unknown }
      _ = try session.batch([
        Audit.statement(actor, "webhook.remove", subject: "webhook", id: id)
      ])
    }
  }

  // $1 district, $2 webhook, $3 state (null: all), $4 before this event, $5 limit
  private static let deliveries: SQL = """
    select d.event_id, a.action, d.state, d.attempts, d.error_code,
      to_char(a.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')
    from webhook_delivery d
    join audit a on a.district_id = d.district_id and a.id = d.event_id
    where d.district_id = $1 and d.webhook_id = $2 and ($3::text is null or d.state = $3)
      and d.event_id < $4
    order by d.event_id desc
    limit $5
    """

  /// What is and was to be sent, the newest first.
  /// - Parameter after: the last one of the page before.
  package static func deliveries(
    of id: UUID, state: DeliveryState? = nil, after: UUID? = nil, limit: Int = 100,
    in context: Context
  ) async throws -> [Delivery] {
    let actor = context.actor
    try requireDistrict(actor)
    return try await context.read { session in
      try require(id, session, actor)
      return try session.query(
        deliveries, actor.districtID, id, state?.rawValue, after ?? .afterAll, limit
      ).map { row in
        guard let state = DeliveryState(rawValue: try row.get(2)) else {
          throw PostgresError.decoding("webhook_delivery")
        }
        return Delivery(
          event: try row.get(0), action: try row.get(1), state: state,
          attempts: Int(try row.get(3) as Int32), error: try row.optional(4), at: try row.get(5))
      }
    }
  }

  // $1 district, $2 webhook, $3 event (null: all that are dead)
  private static let replay: SQL = """
    update webhook_delivery
    set state = 'waiting', attempts = 0, run_at = clock_timestamp(), leased_until = null,
      ended_at = null
    where district_id = $1 and webhook_id = $2
      and case when $3::uuid is null then state = 'dead' else event_id = $3 and state <> 'waiting' end
    """

  /// Has what was given up sent anew, or one event, also one that was delivered.
  /// - Returns: how many are sent again.
  /// - Throws: `EventError.unknown`, `.nothingToReplay`, `AccessError`.
  package static func replay(
    _ id: UUID, event: UUID? = nil, in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try requireDistrict(actor)
    return try await context.write { session in
      try require(id, session, actor)
      let count = try session.execute(replay, actor.districtID, id, event)
      if event != nil, count == 0 { throw EventError.nothingToReplay }
      _ = try session.batch([
        Audit.statement(
          actor, "webhook.replay", subject: "webhook", id: id,
          after: ["count": "\(count)", "event": event?.lowercase])
      ])
      return count
    }
  }

  // $1 district, $2 webhook, $3 event (null: all that are dead)
  private static let discard: SQL = """
    delete from webhook_delivery
    where district_id = $1 and webhook_id = $2 and state = 'dead'
      and ($3::uuid is null or event_id = $3)
    """

  /// Lets go of what was given up, or of one event of it: it is not sent any more.
  /// - Returns: how many.
  /// - Throws: `EventError.unknown`, `.nothingToDiscard`, `AccessError`.
  package static func discard(
    _ id: UUID, event: UUID? = nil, in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try requireDistrict(actor)
    return try await context.write { session in
      try require(id, session, actor)
      let count = try session.execute(discard, actor.districtID, id, event)
      if event != nil, count == 0 { throw EventError.nothingToDiscard }
      _ = try session.batch([
        Audit.statement(
          actor, "webhook.discard", subject: "webhook", id: id,
          after: ["count": "\(count)", "event": event?.lowercase])
      ])
      return count
    }
  }

  private static func require(
    _ id: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws {
    guard try session.query(exists, actor.districtID, id).first != nil else {
      throw EventError.unknown
    }
  }

  private static func requireDistrict(_ actor: Actor) throws(AccessError) {
    try actor.require(.administer)
    guard actor.schoolID == nil else { throw .otherSchool(login: actor.login) }
  }
}

/// Where events may be sent.
struct WebhookURL {
  let text: String

  /// - Throws: `EventError.url`.
  init(_ given: String) throws(EventError) {
    let text = normalizeText(given)
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      text.utf8.count <= 500, parts.user == nil, parts.password == nil, parts.fragment == nil,
      parts.scheme == "https"
        || (parts.scheme == "http" && ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host))
    else { throw .url }
    self.text = text
  }
}

package enum EventError: YibangError {
  case unknown
  case url
  case action(String)
  case outdated
  case nothingToReplay
  case nothingToDiscard

  package var code: String {
    switch self {
    case .unknown: "webhook.unknown"
    case .url: "webhook.url"
    case .action: "webhook.action"
    case .outdated: "event.outdated"
    case .nothingToReplay: "webhook.nothing_to_replay"
    case .nothingToDiscard: "webhook.nothing_to_discard"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknown, .nothingToReplay, .nothingToDiscard: .notFound
    case .url, .action: .badData
    case .outdated: .changed
    }
  }

  package var text: Text {
    switch self {
    case .unknown: Text("没有这个推送地址。", "There is no such webhook.")
    case .url:
      Text(
        "推送地址应是 https:// 开头的网址，不含用户名和密码；本机的可用 http://。",
        "A webhook's address begins with https:// and has no login; on this machine http:// will do."
      )
    case .action(let word):
      Text(
        "“\(word)”不是操作名，应如 donation.record；不填则推送全部。",
        "\"\(word)\" is no action, as donation.record is one. Without any, all are sent.")
    case .outdated:
      Text(
        "这个位置来自恢复之前的数据库。请从头读取变更。",
        "This place is from before the database was restored. Read the events from the beginning.")
    case .nothingToReplay:
      Text(
        "这条变更没有推送过，正在等待推送，或记录已过保存期限。",
        "This event was not sent there, waits to be sent, or its record was kept long enough.")
    case .nothingToDiscard:
      Text("这条变更没有推送失败。", "This event was not given up.")
    }
  }
}
