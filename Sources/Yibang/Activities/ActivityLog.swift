package import Foundation
import Postgres
import SchoolCalendar

extension Activities {
  private static let insert: SQL = """
    insert into activity (
      district_id, id, school_id, semester, held_on, kind, theme, host, participants, place,
      outcome, note, line_hash, actor_id
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    """
  private static let recorded: SQL = """
    select exists (select from activity where district_id = $1 and line_hash = $2)
    """
  // Equal lines are counted, so two writers for one school take turns.
  private static let takeTurn: SQL = """
    select pg_advisory_xact_lock(hashtextextended('activity ' || $1 || ' ' || $2::text, 0))
    """

  static func takeTurn(
    school: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws {
    _ = try session.query(takeTurn, actor.districtID, school)
  }

  /// Records one activity.
  /// - Parameter key: makes a repetition safe: the same key and activity give the same answer.
  /// - Returns: the activity, and whether it had been recorded before under this key.
  /// - Throws: `ActivityError`, `SchoolError.unknownSemester`, `AccessError`, `IdempotencyError`.
  package static func log(
    _ activity: NewActivity, key: String? = nil, in context: Context
  ) async throws -> (id: UUID, replayed: Bool) {
    let actor = context.actor
    try actor.require(.logActivities)
    try actor.require(school: activity.school)
    let content = activity.content
    try check(content)
    let claim = IdempotencyKey(
      key, operation: "activity.log", request: activity.digestParts)
    let vault = context.platform.vault
    return try await context.write { session in
      let id = UUID.v7()
      if let earlier = try claim?.claim(session, district: actor.districtID, result: id) {
        return (earlier, true)
      }
      let term = try Semesters.record(activity.semester, session, actor.districtID)
      guard term.isOpen else { throw ActivityError.semesterClosed(activity.semester) }
      guard term.dates.contains(content.heldOn) else {
        throw ActivityError.dateOutsideSemester(content.heldOn, activity.semester, term.dates)
      }
      try takeTurn(school: activity.school, session, actor)
      let hash = try freeHash(content, activity, vault, session, actor)
      _ = try session.batch([
        Bound(
          insert, actor.districtID, id, activity.school, activity.semester.ordinal,
          content.heldOn, content.kind.rawValue, content.theme, content.host,
          content.participants, content.place, content.outcome, content.note, hash,
          actor.userID),
        Audit.statement(
          actor, "activity.log", subject: "activity", id: id, school: activity.school,
          after: ["kind": content.kind.rawValue, "held_on": "\(content.heldOn)"]),
      ])
      _ = try link(
        id, school: activity.school, pairings: activity.pairings, donors: activity.donors, session,
        actor)
      return (id, false)
    }
  }

  /// The digest of the first occurrence that no equal activity has taken.
  private static func freeHash(
    _ content: ActivityContent, _ activity: NewActivity, _ vault: Vault,
    _ session: borrowing Session, _ actor: Actor
  ) throws -> [UInt8] {
    var occurrence = 0
    while true {
      let hash = content.lineHash(
        school: activity.school, semester: activity.semester, occurrence: occurrence, vault: vault)
      let isTaken: Bool? = try session.query(recorded, actor.districtID, hash).first?.get(0)
      if isTaken != true { return hash }
      occurrence += 1
    }
  }

  private static func check(_ content: ActivityContent) throws(ActivityError) {
    guard !content.theme.isEmpty else { throw .emptyTheme }
    if let participants = content.participants, participants < 0 { throw .negativeParticipants }
    for (field, text) in content.texts {
      if let trace = IdentityTrace.first(in: text) { throw .identifies(field: field, trace) }
    }
  }

  private static let schoolOf: SQL = """
    select school_id from activity where district_id = $1 and id = $2
    """

  /// Links an activity to pairings of its school and to donors.
  /// - Returns: how many links are new; those that were there stay.
  /// - Throws: `ActivityError.unknownActivity`, `.unknownPairing`, `.unknownDonor`, `AccessError`.
  package static func link(
    _ activity: UUID, pairings: [UUID] = [], donors: [UUID] = [], in context: Context
  ) async throws -> Int {
    let actor = context.actor
    try actor.require(.logActivities)
    return try await context.write { session in
      guard let row = try session.query(schoolOf, actor.districtID, activity).first else {
        throw ActivityError.unknownActivity(activity)
      }
      return try link(
        activity, school: try row.get(0), pairings: pairings, donors: donors, session, actor)
    }
  }

  // Foreign keys look past row-level security: what the caller cannot see is no target.
  private static let knownPairings: SQL = """
    select id from pairing where district_id = $1 and school_id = $2 and id = any ($3)
    """
  private static let knownDonors: SQL = """
    select id from donor where district_id = $1 and id = any ($2)
    """
  private static let insertLinks: SQL = """
    insert into activity_link (district_id, school_id, activity_id, id, pairing_id, donor_id)
    select $1, $2, $3, u.* from unnest($4::uuid[], $5::uuid[], $6::uuid[]) as u
    on conflict on constraint activity_link_once do nothing
    """

  private static func link(
    _ activity: UUID, school: UUID, pairings: [UUID], donors: [UUID],
    _ session: borrowing Session, _ actor: Actor
  ) throws -> Int {
    let district = actor.districtID
    guard !pairings.isEmpty || !donors.isEmpty else { return 0 }
    let visible: [UUID] = try session.query(knownPairings, district, school, pairings).map {
      try $0.get(0)
    }
    if let missing = pairings.first(where: { !visible.contains($0) }) {
      throw ActivityError.unknownPairing(missing)
    }
    let named: [UUID] = try session.query(knownDonors, district, donors).map { try $0.get(0) }
    if let missing = donors.first(where: { !named.contains($0) }) {
      throw ActivityError.unknownDonor(missing)
    }
    let linked = pairings.map(Optional.some) + donors.map { _ in nil as UUID? }
    let given = pairings.map { _ in nil as UUID? } + donors.map(Optional.some)
    let added = try session.execute(
      insertLinks, district, school, activity, linked.map { _ in UUID.v7() }, linked, given)
    guard added > 0 else { return 0 }
    _ = try session.batch([
      Audit.statement(
        actor, "activity.link", subject: "activity", id: activity, school: school,
        after: ["added": "\(added)"])
    ])
    return added
  }
}

extension ActivityContent {
  /// The texts that people write, each with its field.
  var texts: [(field: Text, text: String)] {
    [
      (Text("主题", "theme"), theme), (Text("主持人", "host"), host ?? ""),
      (Text("地点", "place"), place ?? ""), (Text("活动效果", "outcome"), outcome ?? ""),
      (Text("备注", "note"), note ?? ""),
    ]
  }
}
