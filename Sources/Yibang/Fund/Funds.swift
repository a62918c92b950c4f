package import Foundation
package import Postgres

/// Restricted purposes (专款专用): a school's and a district's funds.
package enum Funds {
  private static let insert: SQL = """
    insert into fund (district_id, id, school_id, kind, name) values ($1, $2, $3, $4, $5)
    on conflict on constraint fund_name do nothing
    """
  private static let insertPurpose: SQL = """
    insert into fund_purpose (district_id, fund_id, purpose) values ($1, $2, $3)
    """

  /// The statements that open a fund with the purposes of its kind.
  static func opening(
    _ kind: FundKind, name: String, school: UUID?, district: String, id: UUID = UUID.v7()
  ) -> [Bound] {
    [Bound(insert, district, id, school, kind.rawValue, name)]
      + kind.purposes.map { Bound(insertPurpose, district, id, $0.rawValue) }
  }

  private static let find: SQL = """
    select id from fund
    where district_id = $1 and school_id is not distinct from $2 and kind = $3 and name = $4
    """

  /// The fund that a designation means, opened at its first gift; in the caller's transaction.
  package static func fund(
    for designation: String?, school: UUID?, _ session: borrowing Session, _ actor: Actor
  ) throws -> UUID {
    let words = FundKind.words(designation)
    let kind = FundKind.of(designation: words)
    let name = kind == .designated ? words ?? "" : kind.name.zh
    let district = actor.districtID
    if let row = try session.query(find, district, school, kind.rawValue, name).first {
      return try row.get(0)
    }
    let id = UUID.v7()
    guard try session.execute(insert, district, id, school, kind.rawValue, name) == 1 else {
      guard let row = try session.query(find, district, school, kind.rawValue, name).first else {
        throw FundError.unknownFund(name)
      }
      return try row.get(0)
    }
    var statements = kind.purposes.map { Bound(insertPurpose, district, id, $0.rawValue) }
    statements.append(
      Audit.statement(
        actor, "fund.open", subject: "fund", id: id, school: school,
        after: ["kind": kind.rawValue, "name": name]))
    _ = try session.batch(statements)
    return id
  }

  /// The fund with this designation or name, opened at its first gift.
  package static func fund(
    for designation: String?, school: UUID?, in context: Context
  ) async throws -> UUID {
    try await context.write { try fund(for: designation, school: school, $0, context.actor) }
  }
}

package enum FundError: YibangError {
  case unknownFund(String)
  case insufficient
  case purposeNotAllowed(Purpose?)
  case dateOutsideSemester
  case semesterClosed
  case reversedBefore

  package var code: String {
    switch self {
    case .unknownFund: "fund.unknown"
    case .insufficient: "fund.insufficient"
    case .purposeNotAllowed: "fund.purpose_not_allowed"
    case .dateOutsideSemester: "fund.date_outside_semester"
    case .semesterClosed: "fund.semester_closed"
    case .reversedBefore: "fund.reversed_before"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownFund: .notFound
    case .dateOutsideSemester: .badData
    case .insufficient, .purposeNotAllowed, .semesterClosed, .reversedBefore: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknownFund(let name):
      Text(
        "没有名为“\(name)”的基金。可用 yibang fund show 查看。",
        "There is no fund “\(name)”. See yibang fund show.")
    case .insufficient:
      Text(
        "基金余额不足：专项基金不能透支。请减少金额，或先入账。",
        "The fund has not enough money: it cannot go below zero. Lower the amount or book income first."
      )
    case .purposeNotAllowed(let purpose):
      Text(
        "该基金不能用于“\(purpose?.name.zh ?? "该用途")”（专款专用）。",
        "This fund may not pay for \(purpose?.name.en ?? "this purpose") (restricted purpose).")
    case .dateOutsideSemester:
      Text(
        "日期不在该学期内。请核对日期或学期。",
        "The date is not in that semester. Check the date or the semester.")
    case .semesterClosed:
      Text(
        "该学期已结账或未开设，不能记账。请记入开放的学期。",
        "That semester is closed or was never opened: nothing posts to it. Use an open one.")
    case .reversedBefore:
      Text("这笔款项已经冲正过。", "This amount was reversed before.")
    }
  }
}
