import Crypto
package import Foundation
import Postgres

/// The people who work with the platform.
package enum Users {
  package struct User: Sendable, Codable {
    package let login: String
    package let name: String
    package let role: Role
    package let school: String?
    package let registered: Bool
    package let disabled: Bool
  }

  private static let find: SQL = """
    select id, role, school_id, donor_id, disabled_at is not null from app_user
    where district_id = $1 and login = $2
    """
  private static let anyRegistered: SQL = """
    select exists (select from app_user where district_id = $1 and registered)
    """
  private static let insert: SQL = """
    insert into app_user (district_id, id, login, name, role, school_id, registered)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict on constraint app_user_login do nothing
    """

  /// The actor behind a login of the command line, where the operating system vouches for the person.
  ///
  /// As long as nobody was registered with `user add`, a new name is taken as a district admin, and is on
  /// record from its first write on: reading leaves no trace of it. Afterwards an unknown name is
  /// refused.
  /// - Throws: `AccessError.unknownUser`, `.disabled`.
  package static func actor(
    login: String, district: String, on platform: Platform
  ) async throws -> Actor {
    let settings = [("yibang.district", district), ("yibang.school", "")]
    return try await platform.database.transaction(readOnly: true, settings: settings) { session in
      if let row = try session.query(find, district, login).first {
        if try row.get(4) { throw AccessError.disabled(login: login) }
        return try actor(row, login: login, district: district)
      }
      if try session.query(anyRegistered, district).first?.get(0) == true {
        throw AccessError.unknownUser(login: login, district: district)
      }
      return Actor(
        districtID: district, userID: unnamed(login, district), login: login, role: .districtAdmin,
        schoolID: nil, isUnnamed: true)
    }
  }

  /// The same in every process, so that two at once name one user.
  private static func unnamed(_ login: String, _ district: String) -> UUID {
    var bytes = Array(SHA256.hash(data: Data("yibang user|\(district)|\(login)".utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
  }

  /// Puts an actor on record with what it writes, in the caller's transaction.
  /// - Throws: `AccessError.unknownUser` if users were registered since, or the name is another's;
  ///   `.disabled`.
  static func name(_ actor: Actor, _ session: borrowing Session) throws {
    let district = actor.districtID
    if let row = try session.query(find, district, actor.login).first {
      if try row.get(4) { throw AccessError.disabled(login: actor.login) }
      if try row.get(0) == actor.userID, try row.get(1) == actor.role.rawValue { return }
      throw AccessError.unknownUser(login: actor.login, district: district)
    }
    if try session.query(anyRegistered, district)[0].get(0) == true {
      throw AccessError.unknownUser(login: actor.login, district: district)
    }
    let added = try session.execute(
      insert, district, actor.userID, actor.login, actor.login, actor.role.rawValue, nil as UUID?,
      false)
    guard added == 1 else { return }
    _ = try session.batch([
      Audit.statement(
        actor, "user.named", subject: "user", id: actor.userID,
        after: ["login": actor.login, "role": actor.role.rawValue])
    ])
  }

  private static func actor(_ row: Row, login: String, district: String) throws -> Actor {
    guard let role = Role(rawValue: try row.get(1)), role != .system else {
      throw AccessError.unknownUser(login: login, district: district)
    }
    return Actor(
      districtID: district, userID: try row.get(0), login: login, role: role,
      schoolID: try row.optional(2), donorID: try row.optional(3))
  }

  private static let systemLogin = "yibang-jobs"
  private static let findSystem: SQL = """
    select id, login from app_user where district_id = $1 and role = 'system'
    """

  /// The context of a district's background work: what the trail names as actor of it.
  package static func system(of district: String, on platform: Platform) async throws -> Context {
    let settings = [("yibang.district", district), ("yibang.school", "")]
    let actor = try await platform.database.transaction(settings: settings) { session in
      if try session.query(findSystem, district).isEmpty {
        try session.execute(
          insert, district, UUID.v7(), systemLogin, Role.system.name.zh, Role.system.rawValue,
          nil as UUID?, false)
      }
      guard let row = try session.query(findSystem, district).first else {
        throw AccessError.userExists(login: systemLogin)
      }
      return Actor(
        districtID: district, userID: try row.get(0), login: try row.get(1), role: .system,
        schoolID: nil)
    }
    return Context(platform: platform, actor: actor)
  }

  /// Registers a user. From the first one on, only registered or earlier named users can act.
  /// - Throws: `AccessError.userExists`, `.schoolRole`, `.noPerson`, `.sponsorRole`, `.forbidden`.
  package static func add(
    login: String, name: String, role: Role, school: UUID?, in context: Context
  ) async throws -> UUID {
    try context.actor.require(.administer)
    guard role != .system else { throw AccessError.noPerson(role) }
    guard role != .sponsor else { throw AccessError.sponsorRole }
    guard role.belongsToSchool == (school != nil) else { throw AccessError.schoolRole(role) }
    let actor = context.actor
    return try await context.write { session in
      let id = UUID.v7()
      let added = try session.execute(
        insert, actor.districtID, id, login, name, role.rawValue, school, true)
      guard added == 1 else { throw AccessError.userExists(login: login) }
      _ = try session.batch([
        Audit.statement(
          actor, "user.add", subject: "user", id: id,
          after: ["login": login, "role": role.rawValue])
      ])
      return id
    }
  }

  private static let lockAdmins: SQL = """
    select login from app_user
    where district_id = $1 and role = 'district_admin' and disabled_at is null
    order by id
    for update
    """

  /// The district's admins who are not disabled, kept so until the end of the transaction.
  /// - Throws: `AccessError.noLongerAdmin` if the actor is none of them any more.
  static func lockAdmins(for actor: Actor, _ session: borrowing Session) throws -> [String] {
    let admins = try session.query(lockAdmins, actor.districtID).map { try $0.get(0) as String }
    guard admins.contains(actor.login) else {
      throw AccessError.noLongerAdmin(login: actor.login)
    }
    return admins
  }

  private static let setRole: SQL = """
    update app_user set role = $3, school_id = $4, registered = true
    where district_id = $1 and id = $2
    """

  /// Gives a user another role or school, which ends the user's sessions and tokens, and registers one
  /// who was named by what it wrote.
  /// - Throws: `AccessError.unknownUser`, `.schoolRole`, `.noPerson`, `.sponsorRole`, `.lastAdmin`,
  ///   `.noLongerAdmin`, `.forbidden`.
  package static func setRole(
    login: String, role: Role, school: UUID?, now: Date = Date(), in context: Context
  ) async throws {
    try context.actor.require(.administer)
    guard role != .system else { throw AccessError.noPerson(role) }
    guard role != .sponsor else { throw AccessError.sponsorRole }
    guard role.belongsToSchool == (school != nil) else { throw AccessError.schoolRole(role) }
    let actor = context.actor
    try await context.onAccounts { session in
      let admins = try lockAdmins(for: actor, session)
      guard let row = try session.query(find, actor.districtID, login).first else {
        throw AccessError.unknownUser(login: login, district: actor.districtID)
      }
      let before = try Users.actor(row, login: login, district: actor.districtID)
      guard before.role != .sponsor else { throw AccessError.sponsorRole }
      if role != .districtAdmin, admins == [login] { throw AccessError.lastAdmin(login: login) }
      let isChange = before.role != role || before.schoolID != school
      _ = try session.batch(
        [
          Bound(setRole, actor.districtID, before.userID, role.rawValue, school),
          Audit.statement(
            actor, "user.role", subject: "user", id: before.userID,
            before: ["role": before.role.rawValue, "school": before.schoolID?.lowercase],
            after: ["role": role.rawValue, "school": school?.lowercase]),
        ] + (isChange ? Accounts.endEverything(of: before.userID, now: now, actor) : []))
    }
  }

  private static let list: SQL = """
    select u.login, case when d.anonymous then '匿名' else u.name end, u.role, s.name, u.registered,
      u.disabled_at is not null
    from app_user u
    left join donor d on d.district_id = u.district_id and d.id = u.donor_id
    left join school s on s.district_id = u.district_id and s.id = u.school_id
    where u.district_id = $1
    order by u.login
    """

  /// A sponsor who wants to stay unnamed as donor is unnamed here too.
  package static func list(in context: Context) async throws -> [User] {
    try await context.read { session in
      try session.query(list, context.actor.districtID).map { row in
        User(
          login: try row.get(0), name: try row.get(1),
          role: Role(rawValue: try row.get(2)) ?? .auditor, school: try row.optional(3),
          registered: try row.get(4), disabled: try row.get(5))
      }
    }
  }
}
