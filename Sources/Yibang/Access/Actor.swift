package import Foundation

/// Who acts: every operation takes one, and every write records it.
package struct Actor: Sendable, Hashable {
  package let districtID: String
  package let userID: UUID
  package let login: String
  package let role: Role
  /// The school that the actor is confined to; nil means the whole district.
  package let schoolID: UUID?
  /// Not on record yet: the actor's first write puts it there.
  package let isUnnamed: Bool
  /// The donor as whom a sponsor reads; nil for everybody else.
  package let donorID: UUID?
  /// What of the role the actor may do here; nil: all of it, and what a person does with the own
  /// account. Nothing at all: a session that waits for its second factor.
  package let scope: Set<Permission>?

  package init(
    districtID: String, userID: UUID, login: String, role: Role, schoolID: UUID?,
    isUnnamed: Bool = false, donorID: UUID? = nil, scope: Set<Permission>? = nil
  ) {
    self.isUnnamed = isUnnamed
    self.donorID = donorID
    self.scope = scope
    self.districtID = districtID
    self.userID = userID
    self.login = login
    self.role = role
    self.schoolID = schoolID
  }

  /// The same person, who may do this much.
  func within(_ scope: Set<Permission>?) -> Actor {
    Actor(
      districtID: districtID, userID: userID, login: login, role: role, schoolID: schoolID,
      isUnnamed: isUnnamed, donorID: donorID, scope: scope)
  }
}

package enum Role: String, Sendable, CaseIterable, Codable {
  case districtAdmin = "district_admin"
  case matcher
  case finance
  case schoolOfficer = "school_officer"
  case principal
  /// Who assesses and decides on recognition, such as a class teacher.
  case assessor
  case auditor
  /// Background work: no person, and not to be acted as.
  case system
  /// A donor with an account: sees what is the donor's own, and comes in by invitation only.
  case sponsor

  package var name: Text {
    switch self {
    case .districtAdmin: Text("区资助中心管理员", "district admin")
    case .matcher: Text("结对员", "matcher")
    case .finance: Text("财务", "finance")
    case .schoolOfficer: Text("学校资助专干", "school aid officer")
    case .principal: Text("校长", "principal")
    case .assessor: Text("认定评议人", "assessor")
    case .auditor: Text("审计", "auditor")
    case .system: Text("后台任务", "background work")
    case .sponsor: Text("资助人", "sponsor")
    }
  }

  package var belongsToSchool: Bool { [.schoolOfficer, .principal, .assessor].contains(self) }
  /// Signs in with a second factor, or only to set one up.
  package var needsSecondFactor: Bool { [.districtAdmin, .finance].contains(self) }
}

/// What a role may do. Row-level security confines where; this says what.
package enum Permission: String, Sendable, CaseIterable, Codable {
  case administer
  case importStudents = "import_students"
  /// Rounds, applications, nominations, proposals, notices and filing.
  case recognise
  /// Findings on a panel, and votes in the leading group.
  case assess
  case reviewObjections = "review_objections"
  /// Revokes a recognition that somebody else proposes to revoke, and undoes it.
  case decideRevocations = "decide_revocations"
  case recordDonations = "record_donations"
  case manageDonors = "manage_donors"
  case mergeDonors = "merge_donors"
  case issueReceipts = "issue_receipts"
  case preparePayments = "prepare_payments"
  case approvePayments = "approve_payments"
  case payOut = "pay_out"
  case manageFunds = "manage_funds"
  case closeSemesters = "close_semesters"
  case reconcile
  /// The counterparties of bank lines, and what they wrote.
  case readBank = "read_bank"
  case recordOffers = "record_offers"
  case match
  case logActivities = "log_activities"
  case manageGoods = "manage_goods"
  /// Reminders, thanks and reports to sponsors: has them made, sent and printed.
  case remind
  /// Pupils' letters, of one's own school alone.
  case reviewLetters = "review_letters"
  case read
  case readIdentities = "read_identities"
  case readAudit = "read_audit"
  /// Erases a child's data that somebody else asks to erase.
  case decideErasures = "decide_erasures"
  /// Has what nobody needs any more deleted, and erasures proposed.
  case applyRetention = "apply_retention"
  case seal
  /// A sponsor's: the own gifts and pairing, and nothing else.
  case readOwn = "read_own"

  private static let granted: [Role: Set<Permission>] = [
    .districtAdmin: Set(Permission.allCases).subtracting([.readOwn]),
    .matcher: [.recordOffers, .match, .remind, .read],
    .finance: [
      .recordDonations, .manageDonors, .mergeDonors, .issueReceipts, .preparePayments,
      .approvePayments, .payOut, .manageFunds, .closeSemesters, .reconcile, .readBank, .seal, .read,
    ],
    .schoolOfficer: [
      .importStudents, .recognise, .assess, .reviewObjections, .recordDonations, .manageDonors,
      .issueReceipts, .preparePayments,
      .logActivities,
      .manageGoods, .remind, .reviewLetters, .read, .readIdentities,
    ],
    .principal: [
      .assess, .reviewObjections, .decideRevocations, .approvePayments, .reviewLetters, .read,
      .readBank, .readIdentities, .readAudit, .decideErasures,
    ],
    .assessor: [.assess],
    .auditor: [.read, .readBank, .readAudit],
    .system: [.remind, .match, .manageFunds, .applyRetention, .read],
    .sponsor: [.readOwn],
  ]

  package var name: Text {
    switch self {
    case .administer: Text("管理学校、学期和用户", "manage schools, semesters and users")
    case .importStudents: Text("导入学生、登记同意", "import pupils and record consents")
    case .recognise: Text("办理困难认定", "run recognition")
    case .assess: Text("评议和表决困难认定", "assess and vote on recognition")
    case .reviewObjections: Text("复核异议", "review objections")
    case .decideRevocations: Text("决定撤销困难认定", "decide to revoke recognitions")
    case .recordDonations: Text("登记捐款和到账", "record donations and receipts")
    case .manageDonors: Text("办理捐赠人的匿名与查询", "keep donors' wishes and answer their requests")
    case .mergeDonors: Text("合并捐赠人", "merge donors")
    case .issueReceipts: Text("开具、作废捐赠收据", "issue and void receipts of gifts")
    case .preparePayments: Text("编制发放批次、登记签收", "prepare payment batches and record receipts")
    case .approvePayments: Text("审批发放批次", "approve payment batches")
    case .payOut: Text("支出基金", "pay out of a fund")
    case .manageFunds: Text("管理基金、用途和预算", "manage funds, purposes and budgets")
    case .closeSemesters: Text("学期结账", "close semesters")
    case .reconcile: Text("对账", "reconcile with the bank")
    case .readBank: Text("查看银行流水的对方户名", "read the counterparties of bank lines")
    case .recordOffers: Text("登记帮扶意向", "record offers")
    case .match: Text("配对", "match")
    case .logActivities: Text("登记活动", "log activities")
    case .manageGoods: Text("收发和盘点物资", "receive, hand out and count goods")
    case .remind: Text("提醒和通知资助人", "remind and notify sponsors")
    case .reviewLetters: Text("审核学生信件", "review pupils' letters")
    case .read: Text("查看", "read")
    case .readIdentities: Text("查看身份信息", "read identities")
    case .readAudit: Text("查看操作记录", "read the audit trail")
    case .decideErasures: Text("决定删除学生信息", "decide to erase pupils' data")
    case .applyRetention: Text("清理到期信息", "delete what is kept no longer")
    case .seal: Text("封存账目", "seal the ledger")
    case .readOwn: Text("查看本人的捐赠和结对", "see one's own gifts and pairing")
    }
  }

  package func isGranted(to role: Role) -> Bool {
    Permission.granted[role]?.contains(self) == true
  }
}

extension Actor {
  /// Whether role and scope allow it.
  package func may(_ permission: Permission) -> Bool {
    permission.isGranted(to: role) && scope?.contains(permission) != false
  }

  /// - Throws: `AccessError.forbidden` if the actor's role may not do this, `.outOfScope` if the actor
  ///   may not do it here.
  package func require(_ permission: Permission) throws(AccessError) {
    guard permission.isGranted(to: role) else {
      throw .forbidden(login: login, role: role, permission: permission)
    }
    guard may(permission) else { throw .outOfScope(permission) }
  }

  /// - Throws: `AccessError.forbidden`, naming the first, if the actor's role may do neither.
  package func require(_ permission: Permission, or other: Permission) throws(AccessError) {
    if !may(other) { try require(permission) }
  }

  /// - Throws: `AccessError.otherSchool` if the actor is confined to another school.
  package func require(school: UUID) throws(AccessError) {
    if let schoolID, schoolID != school { throw .otherSchool(login: login) }
  }
}
