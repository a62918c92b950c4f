package import Foundation
package import Postgres

package enum DonorKind: String, Sendable, CaseIterable, Codable {
  case teacher, student, company, organisation, individual
  case partyMember = "party_member"

  package var name: Text {
    switch self {
    case .teacher: Text("教师", "teacher")
    case .student: Text("学生", "pupil")
    case .company: Text("企业", "company")
    case .organisation: Text("社会组织", "organisation")
    case .individual: Text("个人", "individual")
    case .partyMember: Text("党员", "party member")
    }
  }

  private static let synonyms: [String: DonorKind] = [
    "教师": .teacher, "老师": .teacher, "教职工": .teacher, "教职员工": .teacher, "teacher": .teacher,
    "学生": .student, "pupil": .student, "student": .student, "班级": .student,
    "企业": .company, "公司": .company, "单位": .company, "商户": .company, "company": .company,
    "社会组织": .organisation, "组织": .organisation, "社会团体": .organisation, "基金会": .organisation,
    "团体": .organisation, "organisation": .organisation, "organization": .organisation,
    "个人": .individual, "社会人士": .individual, "爱心人士": .individual, "校友": .individual,
    "家长": .individual, "individual": .individual,
    "党员": .partyMember, "party_member": .partyMember,
  ]

  /// The kind that a sheet's word means; nil for a word it does not know.
  package init?(word: String) {
    guard let kind = DonorKind.synonyms[word.lowercased()] else { return nil }
    self = kind
  }
}

/// One person or company that gives.
package struct DonorDetails: Sendable, Hashable {
  package var kind: DonorKind
  package var name: String
  package var anonymous: Bool
  package var className: String?

  package init(kind: DonorKind, name: String, anonymous: Bool, className: String? = nil) {
    self.kind = kind
    self.name = name
    self.anonymous = anonymous
    self.className = className
  }

  /// What a sheet writes instead of a name when the donor stays unnamed.
  package static let unnamed: Set<String> = [
    "匿名", "匿名捐款", "匿名捐赠", "佚名", "无名氏", "不具名", "爱心人士", "好心人", "anonymous",
  ]
}

package enum Donors {
  package struct Donor: Sendable, Codable {
    package let id: UUID
    package let kind: DonorKind
    /// “匿名” where the donor asked to stay unnamed.
    package let name: String
    package let anonymous: Bool
    /// Nil also for an unnamed donor, whom it might tell.
    package let className: String?
    /// The donor that this record belongs to; nil for a donor of its own.
    package let mergedInto: UUID?

    enum CodingKeys: String, CodingKey {
      case id, kind, name, anonymous
      case className = "class"
      case mergedInto = "merged_into"
    }
  }

  private static let find: SQL = """
    select id, anonymous from donor
    where district_id = $1 and school_id is not distinct from $2 and kind = $3 and name = $4
      and class_name is not distinct from $5 and identity_hash is null
    order by id
    limit 1
    """
  private static let insert: SQL = """
    insert into donor (district_id, id, school_id, kind, name, anonymous, class_name)
    values ($1, $2, $3, $4, $5, $6, $7)
    """

  /// The statement that reads who is known by this kind, name and class; `known` takes its rows.
  static func reading(_ details: DonorDetails, school: UUID?, _ district: String) -> Bound {
    Bound(
      find, district, school, details.kind.rawValue, details.name, details.className)
  }

  /// - Returns: nil where there is something to write: a new donor, or one who asks to stay unnamed now.
  static func known(_ details: DonorDetails, _ rows: Rows) throws -> UUID? {
    guard let row = rows.first, try !details.anonymous || row.get(1) else { return nil }
    return try row.get(0)
  }

  /// The donor that a school knows by this kind, name and class, or a new one; in the caller's
  /// transaction.
  package static func donor(
    _ details: DonorDetails, school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> UUID {
    try recorded(details, school: school, session, actor).id
  }

  // Two first gifts of one donor at once make one record: or a repetition would find the other.
  private static let takeTurn: SQL = """
    select pg_advisory_xact_lock(hashtextextended('donor ' || array_to_string($1::text[], ' '), 0))
    """

  private static func known(
    _ details: DonorDetails, school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> UUID? {
    let known = try session.query(
      find, actor.districtID, school, details.kind.rawValue, details.name, details.className)
    guard let row = known.first else { return nil }
    let id: UUID = try row.get(0)
    if try details.anonymous && !row.get(1) {
      try decide(id, anonymous: true, consent: nil, session, actor)
    }
    return id
  }

  /// - Returns: false for a donor that was on record. Who asks to stay unnamed now is so from now on.
  static func recorded(
    _ details: DonorDetails, school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> (id: UUID, added: Bool) {
    if let known = try known(details, school: school, session, actor) { return (known, false) }
    _ = try session.query(
      takeTurn,
      [
        actor.districtID, school?.lowercase ?? "", details.kind.rawValue, details.name,
        details.className ?? "",
      ])
    if let known = try known(details, school: school, session, actor) { return (known, false) }
    let id = UUID.v7()
    _ = try session.batch([
      Bound(
        insert, actor.districtID, id, school, details.kind.rawValue, details.name,
        details.anonymous, details.className),
      Audit.statement(
        actor, "donor.add", subject: "donor", id: id, school: school,
        after: ["kind": details.kind.rawValue]),
    ])
    return (id, true)
  }

  package static func donor(
    _ details: DonorDetails, school: UUID?, in context: Context
  ) async throws -> UUID {
    try context.actor.require(.recordDonations)
    return try await context.write { try donor(details, school: school, $0, context.actor) }
  }
}
