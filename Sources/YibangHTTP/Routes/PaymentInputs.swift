import Foundation
import HardshipRecognition
import SchoolCalendar
import Yibang

/// What a batch is made of, however its amounts are said.
protocol BatchInput {
  var school: SchoolCode { get }
  var fund: UUID { get }
  var purpose: String { get }
  var semester: Semester? { get }
  var title: String { get }
  var leaveOutPaid: Bool? { get }
}

extension BatchInput {
  func batch(_ call: Call) async throws -> NewPaymentBatch {
    var batch = NewPaymentBatch(
      school: try await Schools.find(code: school.text, in: call.context), fund: fund,
      purpose: Purpose(word: purpose), semester: try await call.semester(semester), title: title)
    batch.leavesOutPaid = leaveOutPaid ?? false
    return batch
  }
}

extension API {
  struct BatchPage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let state: PaymentState?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct BatchLinePage: Paged, Sendable {
    let id: UUID
    let after: Cursor?
    let limit: PageLimit?
  }

  /// Pupils of a tier without an amount are not in the batch.
  struct AmountsByTier: Codable, Sendable {
    let special: Money?
    let difficult: Money?
    let general: Money?

    var amounts: [Tier: Money] {
      var amounts: [Tier: Money] = [:]
      amounts[.special] = special
      amounts[.difficult] = difficult
      amounts[.general] = general
      return amounts
    }
  }

  struct NewBatch: Codable, Sendable, BatchInput {
    let title: String
    let school: SchoolCode
    let fund: UUID
    let purpose: String
    let semester: Semester?
    let amount: Money?
    let tiers: AmountsByTier?
    let leaveOutPaid: Bool?

    /// One amount for each, or amounts by tier.
    var rule: PayeeRule {
      get throws {
        switch (amount, tiers) {
        case (let amount?, nil): return .fixed(amount)
        case (nil, let tiers?): return .byTier(tiers.amounts)
        default:
          throw InputError.value(
            field: "amount", Text("amount 与 tiers 二选一。", "either amount or tiers."))
        }
      }
    }
  }

  struct BatchSheet: Codable, Sendable, BatchInput {
    let title: String
    let school: SchoolCode
    let fund: UUID
    let purpose: String
    let semester: Semester?
    let leaveOutPaid: Bool?
    let dryRun: Bool?
    let skipRefused: Bool?
  }

  struct BatchOfSheet: Codable, Sendable {
    /// Nil where nothing was written.
    let batch: UUID?
    let report: ImportReport.Document
  }

  struct ShownBatch: Codable, Sendable {
    let batch: PaymentBatch
    let maker: String
    let approvalsNeeded: Int?
    let approvals: [PaymentBatches.Approval]
    let differences: [PaymentBatches.Difference]
    /// Due is paid and explained differences.
    let paidInFull: Bool

    init(detail: PaymentBatches.Detail, paidInFull: Bool) {
      batch = detail.batch
      maker = detail.maker
      approvalsNeeded = detail.approvalsNeeded
      approvals = detail.approvals
      differences = detail.differences
      self.paidInFull = paidInFull
    }
  }

  struct ChangedLine: Codable, Sendable {
    let id: UUID
    let number: Int
    let amount: Money
  }

  struct BatchLine: Codable, Sendable {
    let id: UUID
    let number: Int
  }

  struct BatchState: Codable, Sendable {
    let state: PaymentState
  }

  struct OnDay: Codable, Sendable {
    let id: UUID
    let date: CalendarDate?
  }

  struct PaidBatch: Codable, Sendable {
    /// False: it was paid before.
    let paidNow: Bool
    let figures: PaymentFigures
  }

  struct Confirmation: Codable, Sendable {
    enum Outcome: String, CaseIterable, Codable, Sendable {
      case received
      case notReceived = "not_received"
      case issue
    }

    let id: UUID
    let lines: [Int]?
    let all: Bool?
    let outcome: Outcome?
    let received: Money?
    let note: String?
    let date: CalendarDate?

    /// Nil: all that wait for it.
    var numbers: [Int]? {
      get throws {
        let named = lines ?? []
        guard named.isEmpty == (all ?? false) else {
          throw InputError.value(
            field: "lines", Text("lines 与 all 二选一。", "either lines or all."))
        }
        return named.isEmpty ? nil : named
      }
    }

    var told: PaymentOutcome {
      get throws {
        guard received == nil || outcome == .issue else {
          throw InputError.value(
            field: "received", Text("须与 issue 同用。", "it goes with an issue."))
        }
        return switch outcome ?? .received {
        case .received: .received
        case .notReceived: .notReceived(note: note ?? "")
        case .issue: .issue(received: received, note: note ?? "")
        }
      }
    }
  }

  struct ConfirmedBatch: Codable, Sendable {
    let lines: Int
    let figures: PaymentFigures
  }

  struct ExplainedLine: Codable, Sendable {
    let id: UUID
    let number: Int
    let reason: String
  }

  struct FollowUp: Codable, Sendable {
    let id: UUID
    let title: String?
  }

  struct SignedSheet: Codable, Sendable {
    let id: UUID
    let dryRun: Bool?
    let skipRefused: Bool?
  }

  struct NewLimits: Codable, Sendable {
    let school: SchoolCode?
    let thirdAbove: Money?
    let direct: Money?
  }
}
