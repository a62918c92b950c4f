package import Foundation
import Postgres
import SchoolCalendar

/// Messages to sponsors: an outbox, sent by mail or printed as letters. What a message says is made at
/// that moment, and stored nowhere.
package enum Mail {
  package enum Kind: String, Sendable, CaseIterable, Codable {
    case instalmentDue = "instalment_due"
    case instalmentOverdue = "instalment_overdue"
    case thankYou = "thank_you"
    case semesterReport = "semester_report"

    package var name: Text {
      switch self {
      case .instalmentDue: Text("到期提醒", "instalment due")
      case .instalmentOverdue: Text("逾期提醒", "instalment overdue")
      case .thankYou: Text("到账感谢", "thanks")
      case .semesterReport: Text("学期报告", "semester report")
      }
    }
  }

  package enum State: String, Sendable, CaseIterable, Codable {
    case queued
    /// From before the server is given it until its answer is on record.
    case sending
    case sent
    case failed
    /// It may have been sent: a person finds out.
    case uncertain
    case printed
    case cancelled

    package var name: Text {
      switch self {
      case .queued: Text("等待", "queued")
      case .sending: Text("发送中", "sending")
      case .sent: Text("已发出", "sent")
      case .failed: Text("失败待处理", "failed")
      case .uncertain: Text("结果不明待处理", "uncertain")
      case .printed: Text("已打印", "printed")
      case .cancelled: Text("已取消", "cancelled")
      }
    }
  }

  private static let step: SQL = "select message_step($1, $2, $3, $4)"

  static func step(
    _ id: UUID, to state: State, error: String? = nil, _ session: borrowing Session,
    _ actor: Actor
  ) throws {
    do throws(PostgresError) {
      _ = try session.query(step, id, state.rawValue, error, actor.userID)
    } catch {
      throw MailError.refusal(error, message: id)
    }
  }

  /// Sends a message by mail, never twice: it is `sending`, committed, before the server gets any of
  /// it. One that is found so was left by a worker that died, and is uncertain.
  /// - Parameters:
  ///   - isLast: no attempt follows; what the server does not take now has failed.
  ///   - day: decides what is consented to.
  /// - Throws: `MailError.later` if it is to be tried again.
  static func send(
    _ id: UUID, by smtp: SMTP, isLast: Bool, on day: CalendarDate, in context: Context
  ) async throws {
    let actor = context.actor
    guard let mail = try await prepare(id, on: day, in: context) else { return }
    let outcome = try await onThread { smtp.send(mail) }
    try await context.write { session in
      switch outcome {
      case .sent: try step(id, to: .sent, session, actor)
      case .refused(let code): try step(id, to: .failed, error: code, session, actor)
      case .uncertain(let code): try step(id, to: .uncertain, error: code, session, actor)
      case .later(let code):
        try step(id, to: isLast ? .failed : .queued, error: code, session, actor)
      }
      try session.batch([
        Audit.statement(
          actor, "message.send", subject: "message", id: id, after: ["outcome": outcome.word])
      ])
    }
    if case .later(let code) = outcome { throw MailError.later(code: code) }
  }

  /// Words the message and makes it `sending`.
  /// - Returns: nil where there is nothing to send.
  private static func prepare(
    _ id: UUID, on day: CalendarDate, in context: Context
  ) async throws -> MailMessage? {
    let actor = context.actor
    let vault = context.platform.vault
    let now = Date()
    return try await context.readTraced { session in
      let facts = try MessageFacts(id, on: day, session, actor)
      if facts.state == .sending {
        try step(id, to: .uncertain, error: "mail.worker_lost", session, actor)
        return nil
      }
      guard facts.state == .queued, facts.way == .mail else { return nil }
      guard case .mail(let address) = try DonorReach.find(facts.donor, session, vault) else {
        try step(id, to: .cancelled, error: "message.not_wanted", session, actor)
        return nil
      }
      guard let words = try facts.words(on: day, session, actor) else {
        try step(id, to: .cancelled, error: "message.no_longer", session, actor)
        return nil
      }
      try step(id, to: .sending, session, actor)
      return MailMessage(
        id: id, to: address, subject: words.subject, lines: words.lines, at: now)
    }
  }

  private static let again: SQL = "select message_again($1, $2)"

  /// A person says what became of a message whose outcome is not known, or has it sent again.
  /// - Parameter wasSent: it arrived; false: it is sent again, as is one that failed.
  /// - Throws: `MailError.unknown`, `.notOpen`; `AccessError`.
  package static func resolve(_ id: UUID, wasSent: Bool, in context: Context) async throws {
    let actor = context.actor
    try actor.require(.remind)
    try await context.write { session in
      if wasSent {
        try step(id, to: .sent, session, actor)
      } else {
        do throws(PostgresError) {
          _ = try session.query(again, id, actor.userID)
        } catch {
          throw MailError.refusal(error, message: id)
        }
      }
      try session.batch([
        Audit.statement(
          actor, "message.resolve", subject: "message", id: id,
          after: ["outcome": wasSent ? "sent" : "again"])
      ])
    }
  }
}

extension SMTP.Outcome {
  /// For the trail.
  fileprivate var word: String {
    switch self {
    case .sent: "sent"
    case .refused(let code): "refused \(code)"
    case .later(let code): "later \(code)"
    case .uncertain(let code): "uncertain \(code)"
    }
  }
}
