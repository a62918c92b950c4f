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
  /// What a personal access token is confined to; nil: all that the role may do.
  package let scope: Set<Permission>?

  package init(
    districtID: String, userID: UUID, login: String, role: Role, schoolID: UUID?,
    isUnnamed: Bool = false, scope: Set<Permission>? = nil
  ) {
    self.isUnnamed = isUnnamed
    self.scope = scope
    self.districtID = districtID
    self.userID = userID
    self.login = login
    self.role = role
    self.schoolID = schoolID
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
    }
  }

  package var belongsToSchool: Bool { [.schoolOfficer, .principal, .assessor].contains(self) }
}

/// What a role may do. Row-level security confines where; this says what.
package enum Permission: String, Sendable, CaseIterable {
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
  case seal

  private static let granted: [Role: Set<Permission>] = [
    .districtAdmin: Set(Permission.allCases),
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
      .readBank, .readIdentities, .readAudit,
    ],
    .assessor: [.assess],
    .auditor: [.read, .readBank, .readAudit],
    .system: [.remind, .match, .manageFunds, .read],
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
    case .seal: Text("封存账目", "seal the ledger")
    }
  }

  package func isGranted(to role: Role) -> Bool {
    Permission.granted[role]?.contains(self) == true
  }
}

extension Actor {
  /// - Throws: `AccessError.forbidden` if the actor's role may not do this.
  package func require(_ permission: Permission) throws(AccessError) {
    guard permission.isGranted(to: role) else {
      throw .forbidden(login: login, role: role, permission: permission)
    }
  }

  /// - Throws: `AccessError.forbidden`, naming the first, if the actor's role may do neither.
  package func require(_ permission: Permission, or other: Permission) throws(AccessError) {
    if !other.isGranted(to: role) { try require(permission) }
  }

  /// - Throws: `AccessError.otherSchool` if the actor is confined to another school.
  package func require(school: UUID) throws(AccessError) {
    if let schoolID, schoolID != school { throw .otherSchool(login: login) }
  }
}

package enum AccessError: YibangError {
  case forbidden(login: String, role: Role, permission: Permission)
  case otherSchool(login: String)
  case unknownUser(login: String, district: String)
  case userExists(login: String)
  case schoolRole(Role)
  case noPerson(Role)
  case lastAdmin(login: String)

  package var code: String {
    switch self {
    case .forbidden: "access.forbidden"
    case .otherSchool: "access.other_school"
    case .unknownUser: "access.unknown_user"
    case .userExists: "access.user_exists"
    case .schoolRole: "access.school_role"
    case .noPerson: "access.no_person"
    case .lastAdmin: "access.last_admin"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .forbidden, .otherSchool: .forbidden
    case .unknownUser: .unknownUser
    case .userExists, .lastAdmin: .conflict
    case .schoolRole, .noPerson: .usage
    }
  }

  package var text: Text {
    switch self {
    case .forbidden(let login, let role, let permission):
      Text(
        "用户 \(login)（\(role.name.zh)）没有权限：\(permission.name.zh)。请换用有权限的用户（--as）。",
        "User \(login) (\(role.name.en)) may not \(permission.name.en). "
          + "Act as a user who has it (--as).")
    case .otherSchool(let login):
      Text("用户 \(login) 只能办理本校的事务。", "User \(login) works for another school only.")
    case .unknownUser(let login, let district):
      Text(
        "区 \(district) 没有用户 \(login)。请用 --as 指定用户，或先 yibang user add \(login)。",
        "District \(district) has no user \(login). Name another with --as, or first "
          + "yibang user add \(login).")
    case .userExists(let login):
      Text(
        "用户 \(login) 已经登记。改角色请用 yibang user role \(login) --role 角色。",
        "User \(login) is registered already. To change the role: yibang user role \(login) --role "
          + "ROLE.")
    case .lastAdmin(let login):
      Text(
        "\(login) 是区里唯一的管理员，角色不能改。请先登记另一位管理员：yibang user add。",
        "\(login) is the district's only admin and stays one. Add another first: yibang user add.")
    case .schoolRole(let role):
      Text(
        "\(role.name.zh)属于一所学校，请用 --school 指定；其他角色不属于学校。",
        "A \(role.name.en) belongs to a school: name it with --school. Other roles do not.")
    case .noPerson(let role):
      Text(
        "\(role.name.zh)不是人，不能登记。请选别的角色。",
        "No person is \(role.name.en). Choose another role.")
    }
  }
}
