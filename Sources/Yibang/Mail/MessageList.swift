package import Foundation
import Postgres
package import SchoolCalendar

extension Mail {
  /// A message as lists show it.
  package struct Entry: Sendable, Codable {
    package let id: UUID
    package let kind: Kind
    package let way: DonorReach.Way
    package let state: State
    /// “匿名” for one who stays unnamed.
    package let donor: String
    package let pairing: UUID
    package let semester: Semester
    package let day: CalendarDate
    package let attempts: Int
    package let error: String?
  }

  // $1 district, $2 state, $3 kind, $4 pairing (null: all), $5 and $6 the message before, $7 limit
  private static let list: SQL = """
    select m.id, m.kind, m.way, m.state, donor_shown(d.anonymous, d.name, d.merged_into),
      m.pairing_id, m.semester, m.on_day, m.attempts, m.error_code, m.made_at
    from message m
    join donor d on d.district_id = m.district_id and d.id = m.donor_id
    where m.district_id = $1 and ($2::text is null or m.state = $2)
      and ($3::text is null or m.kind = $3) and ($4::uuid is null or m.pairing_id = $4)
      and (m.made_at, m.id) < ($5, $6)
    order by m.made_at desc, m.id desc
    limit $7
    """

  /// The newest first.
  package static func list(
    state: State? = nil, kind: Kind? = nil, pairing: UUID? = nil, limit: Int = 1_000,
    in context: Context
  ) async throws -> [Entry] {
    try await list(
      state: state, kind: kind, pairing: pairing, after: nil, limit: limit, in: context
    ).map(\.entry)
  }

  /// A page of them.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, state: State? = nil, kind: Kind? = nil, pairing: UUID? = nil,
    in context: Context
  ) async throws -> Page<Entry> {
    let found = try await list(
      state: state, kind: kind, pairing: pairing, after: page.place(Int64.self, UUID.self),
      limit: page.limit + 1, in: context)
    let places = Page(found, page) { Cursor("\($0.time.microseconds)", $0.entry.id.uuidString) }
    return Page(places, \.entry)
  }

  private static func list(
    state: State?, kind: Kind?, pairing: UUID?, after: (Int64, UUID)?, limit: Int,
    in context: Context
  ) async throws -> [(entry: Entry, time: PostgresTimestamp)] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.readInOrder { session in
      let rows = try session.query(
        list, actor.districtID, state?.rawValue, kind?.rawValue, pairing,
        PostgresTimestamp(microseconds: after?.0 ?? .max), after?.1 ?? .afterAll, limit)
      return try rows.map { row in
        guard let kind = Kind(rawValue: try row.get(1)),
          let way = DonorReach.Way(rawValue: try row.get(2)),
          let state = State(rawValue: try row.get(3))
        else { throw PostgresError.decoding("message") }
        let entry = Entry(
          id: try row.get(0), kind: kind, way: way, state: state, donor: try row.get(4),
          pairing: try row.get(5), semester: try row.semester(6), day: try row.get(7),
          attempts: Int(try row.get(8) as Int32), error: try row.optional(9))
        return (entry, try row.get(10))
      }
    }
  }
}
