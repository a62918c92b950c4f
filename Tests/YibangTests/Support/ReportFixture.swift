import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

extension TestDistrict {
  static let activityHeader = "序号,日期,活动类型,主题,主持人,参加人数,地点,活动效果,备注"

  func importActivities(
    _ lines: String, dryRun: Bool = false, skipRefused: Bool = false, in context: Context? = nil
  ) async throws -> ImportReport {
    try await sheet(lines) { path in
      try await Activities.importSheet(
        request(path, dryRun: dryRun, skipRefused: skipRefused), school: school,
        in: context ?? officer)
    }
  }

  func activity(_ theme: String = "学会感恩", on date: String = "2026-09-10") -> Activities.NewActivity
  {
    Activities.NewActivity(
      school: school.id, semester: Self.autumn, heldOn: CalendarDate(date)!, kind: .gratitude,
      theme: theme)
  }

  func donor(_ name: String, anonymous: Bool, school: UUID? = nil) async throws -> UUID {
    try await Donors.donor(
      DonorDetails(kind: .individual, name: name, anonymous: anonymous),
      school: school ?? self.school.id, in: admin)
  }

  func student(named name: String) async throws -> UUID {
    let (code, home) = (code, school.id)
    return try await TestPlatform.asOwner { session in
      let rows = try session.query(
        "select id from student where district_id = $1 and school_id = $2 and name = $3", code,
        home, name)
      return try #require(rows.first).get(0)
    }
  }

  private static let insertOffer: SQL = """
    insert into offer (district_id, id, donor_id, first_semester, amount_fen, places)
    values ($1, $2, $3, $4, 100000, 1)
    """
  private static let insertPlace: SQL = """
    insert into offer_place (district_id, offer_id, place, places) values ($1, $2, 1, 1)
    """
  private static let insertProposal: SQL = """
    insert into proposal (district_id, id, semester, state, proposed_by, seed)
    values ($1, $2, $3, 'proposed', $4, 'seed')
    """
  private static let insertPair: SQL = """
    insert into proposal_pair (
      district_id, proposal_id, id, rank, school_id, student_id, offer_id, place, state, reason
    )
    values ($1, $2, $3, 1, $4, $5, $6, 1, 'accepted', '{}')
    """
  private static let insertPairing: SQL = """
    insert into pairing (
      district_id, id, school_id, student_id, donor_id, offer_id, place, proposal_pair_id, lineage,
      first_semester, state, started_on, actor_id
    )
    values ($1, $2, $3, $4, $5, $6, 1, $7, $2, $8, 'running', '2026-09-20', $9)
    """
  private static let insertCommitment: SQL = """
    insert into commitment (
      district_id, id, school_id, pairing_id, first_semester, last_semester, total_fen
    )
    values ($1, $2, $3, $4, $5, $5 + 5, 600000)
    """
  private static let insertInstalment: SQL = """
    insert into instalment (
      district_id, id, school_id, commitment_id, number, semester, due_on, amount_fen, received_fen
    )
    values ($1, $2, $3, $4, $5, $6, '2026-09-30', 100000, $7)
    """

  /// Pairs a pupil with a donor by hand: 1,000 yuan a semester, of which 600 have come in.
  func pair(_ student: UUID, with donor: UUID) async throws -> UUID {
    let (code, home, admin) = (code, school.id, admin.actor.userID)
    let first = Self.autumn.ordinal
    return try await TestPlatform.asOwner { session in
      let (offer, proposal, pair) = (UUID.v7(), UUID.v7(), UUID.v7())
      let (pairing, commitment) = (UUID.v7(), UUID.v7())
      var statements = [
        Bound(Self.insertOffer, code, offer, donor, first),
        Bound(Self.insertPlace, code, offer),
        Bound(Self.insertProposal, code, proposal, first, admin),
        Bound(Self.insertPair, code, proposal, pair, home, student, offer),
        Bound(Self.insertPairing, code, pairing, home, student, donor, offer, pair, first, admin),
        Bound(Self.insertCommitment, code, commitment, home, pairing, first),
      ]
      for number in 1...6 {
        statements.append(
          Bound(
            Self.insertInstalment, code, UUID.v7(), home, commitment, number, first + number - 1,
            number == 1 ? 60_000 : 0))
      }
      _ = try session.batch(statements)
      return pairing
    }
  }

  /// Writes a report to a file that exists as long as `body` runs.
  func report<T>(
    _ request: Reports.Request, as format: Reports.Format, in context: Context,
    _ body: (String) async throws -> T
  ) async throws -> T {
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).\(format.rawValue)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try await Reports.write(request, format: format, to: path, in: context)
    return try await body(path)
  }

  func request(_ kind: Reports.Kind, reveal: String? = nil) -> Reports.Request {
    Reports.Request(
      kind, semester: Self.autumn, school: school, date: Self.today, reveal: reveal)
  }

  /// The rows of a table file as text, without the copies that a merged range makes.
  static func rows(_ path: String) throws -> [[String]] {
    let file = try TableFile.open(path: path)
    var rows: [[String]] = []
    try file.rows(sheet: 0) { row, _ in
      rows.append(
        row.cells.enumerated().map { index, cell in
          row.isMergedContinuation?.contains(index) == true ? "" : cell.text
        })
    }
    return rows
  }

  /// What stands in all sheets of a workbook.
  static func allText(_ path: String) throws -> String {
    let file = try TableFile.open(path: path)
    var text = ""
    for sheet in file.sheets.indices {
      try file.rows(sheet: sheet) { row, _ in
        text += row.cells.map(\.text).joined(separator: "\n") + "\n"
      }
    }
    return text
  }

  /// The same with empty cells at the ends of lines left out.
  static func compactRows(_ path: String) throws -> [[String]] {
    try rows(path).map { row in
      Array(row.reversed().drop(while: \.isEmpty).reversed())
    }
  }

  /// All that stands in a file: for a workbook every cell of every row.
  static func content(_ path: String) throws -> String {
    if path.hasSuffix(".xlsx") { return try rows(path).joined().joined(separator: "\n") }
    return try String(contentsOfFile: path, encoding: .utf8)
  }
}
