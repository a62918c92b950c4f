package import Foundation
package import HardshipRecognition
package import SchoolCalendar

/// Where a batch stands.
package enum PaymentState: String, Sendable, CaseIterable, Codable {
  case draft, submitted, approved, paid, closed, cancelled

  package var name: Text {
    switch self {
    case .draft: Text("草稿", "a draft")
    case .submitted: Text("待审批", "submitted")
    case .approved: Text("已批准待支付", "approved")
    case .paid: Text("已支付", "paid")
    case .closed: Text("已办结", "closed")
    case .cancelled: Text("已撤销", "cancelled")
    }
  }
}

/// Where the money of one pupil stands. Paid is not received: that takes a confirmation.
package enum PaymentLineState: String, Sendable, CaseIterable, Codable {
  case planned, waiting, received
  case notReceived = "not_received"
  case issue, cancelled

  package var name: Text {
    switch self {
    case .planned: Text("未支付", "not paid")
    case .waiting: Text("已支付待签收", "paid, unconfirmed")
    case .received: Text("已签收", "received")
    case .notReceived: Text("未收到", "not received")
    case .issue: Text("有问题", "issue")
    case .cancelled: Text("已撤销", "cancelled")
    }
  }
}

/// Why a line has its amount.
package enum PaymentRule: String, Sendable, CaseIterable, Codable {
  case fixed, tier, sheet, payout
  case followUp = "follow_up"

  package var name: Text {
    switch self {
    case .fixed: Text("统一标准", "the same for each")
    case .tier: Text("按困难等级", "by tier")
    case .sheet: Text("按名单", "as the sheet says")
    case .payout: Text("按一帮一发放计划", "as its pairing promises")
    case .followUp: Text("补发差额", "what was still due")
    }
  }
}

/// The three figures that must never be mixed up, and what was clawed back.
package struct PaymentFigures: Sendable, Hashable, Codable {
  /// What was to be paid.
  package let due: Money
  /// What left the fund, less what came back undelivered.
  package let paid: Money
  /// What payees are known to have received.
  package let confirmed: Money
  /// What was clawed back of it.
  package let recovered: Money
}

/// A batch as it is listed.
package struct PaymentBatch: Sendable, Codable {
  package let id: UUID
  package let title: String
  package let school: String
  /// Nil where the fund is the district's and the actor sees one school only.
  package let fund: String?
  package let purpose: Purpose
  package let semester: Semester
  package let state: PaymentState
  package let lines: Int
  /// Lines that are neither received nor settled otherwise; nothing is before the payment.
  package let unsettled: Int
  package let figures: PaymentFigures
  package let paidOn: CalendarDate?
  package let follows: UUID?

  enum CodingKeys: String, CodingKey {
    case id, title, school, fund, purpose, semester, state, lines, unsettled, figures
    case paidOn = "paid_on"
    case follows
  }

  /// By which a printed sheet names its batch.
  package var sheetCode: String { Self.sheetCode(of: id) }

  static func sheetCode(of id: UUID) -> String {
    "FF" + id.uuidString.suffix(12).uppercased()
  }
}

/// One pupil's payment, with what was true when the batch was made.
package struct PaymentLine: Sendable, Codable {
  package let id: UUID
  package let number: Int
  package let student: UUID
  /// Masked where the actor has no right to identities.
  package let name: String
  package let grade: String?
  package let className: String?
  package let gender: String?
  package let tier: Tier?
  package let boarding: Bool?
  /// Masked like the name.
  package let guardian: String?
  package let bank: String?
  /// The last four digits.
  package let card: String?
  /// Masked unless they were asked for with a reason.
  package let residentID: String?
  package let rule: PaymentRule
  package let state: PaymentLineState
  package let figures: PaymentFigures
  package let confirmedOn: CalendarDate?
  package let note: String?
  package let explanation: String?
  /// The line that pays this one again.
  package let followedBy: UUID?
  /// What makes the figures: the payment first, then what came back.
  package let transfers: [UUID]

  enum CodingKeys: String, CodingKey {
    case id, number, student, name, grade
    case className = "class"
    case gender, tier, boarding, guardian, bank, card
    case residentID = "resident_id"
    case rule, state, figures
    case confirmedOn = "confirmed_on"
    case note, explanation
    case followedBy = "followed_by"
    case transfers
  }
}

/// What is to be made a batch of.
package struct NewPaymentBatch: Sendable {
  package let school: Schools.School
  package let fund: UUID
  package let purpose: Purpose
  package let semester: Semester
  package let title: String
  /// Leaves out pupils who are in another batch for the purpose and semester, instead of refusing.
  package var leavesOutPaid = false

  package init(
    school: Schools.School, fund: UUID, purpose: Purpose, semester: Semester, title: String
  ) {
    self.school = school
    self.fund = fund
    self.purpose = purpose
    self.semester = semester
    self.title = title
  }
}

/// What each recognised pupil of a school is due.
package enum PayeeRule: Sendable, Hashable {
  case fixed(Money)
  /// Pupils of a tier that has no amount are not in the batch.
  case byTier([Tier: Money])

  func amount(for tier: Tier) -> Money? {
    switch self {
    case .fixed(let money): money
    case .byTier(let amounts): amounts[tier]
    }
  }

  var rule: PaymentRule {
    switch self {
    case .fixed: .fixed
    case .byTier: .tier
    }
  }

  var amounts: [Money] {
    switch self {
    case .fixed(let money): [money]
    case .byTier(let amounts): Array(amounts.values)
    }
  }

  var request: String {
    switch self {
    case .fixed(let money): "fixed \(money.fen)"
    case .byTier(let amounts):
      amounts.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \($0.value.fen)" }
        .joined(separator: " ")
    }
  }
}

extension Purpose {
  /// Aid for pupils in hardship: they have to be recognised for the school year (教财〔2018〕16号).
  /// Emergency relief comes before any recognition can; the others are not bound to hardship.
  package var needsRecognition: Bool {
    [.living, .study, .sponsorship, .boarding].contains(self)
  }
}
