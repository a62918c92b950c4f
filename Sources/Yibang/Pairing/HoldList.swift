package import Foundation
import Postgres
package import SchoolCalendar

extension Proposals {
  /// A pair that is kept for its sponsor.
  package struct Hold: Sendable, Codable {
    package let pair: UUID
    package let proposal: UUID
    package let semester: Semester
    /// Masked.
    package let pupil: String
    package let school: String
    package let sponsor: String
    package let sentOn: CalendarDate
    package let until: CalendarDate
    /// Days left, the last one included; none once it is over.
    package let daysLeft: Int
    package let extensions: Int

    enum CodingKeys: String, CodingKey {
      case pair, proposal, semester, pupil, school, sponsor
      case sentOn = "sent_on"
      case until
      case daysLeft = "days_left"
      case extensions
    }
  }

  private static let holds: SQL = """
    select r.id, p.id, p.semester, s.name, h.name, donor_shown(d.anonymous, d.name, d.merged_into),
      r.sent_on, r.held_until, r.extensions
    from proposal_pair r
    join proposal p on p.district_id = r.district_id and p.id = r.proposal_id
    join student s on s.district_id = r.district_id and s.id = r.student_id
    join school h on h.district_id = s.district_id and h.id = s.school_id
    join offer o on o.district_id = r.district_id and o.id = r.offer_id
    join donor d on d.district_id = o.district_id and d.id = o.donor_id
    where r.district_id = $1 and r.state = 'proposed' and r.held_until is not null
    order by r.held_until, p.id, r.rank
    """

  /// Pairs that are held for their sponsors, the next to end first.
  package static func holds(
    on day: CalendarDate, in context: Context
  ) async throws -> [Hold] {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      try session.query(holds, actor.districtID).map { row in
        let until: CalendarDate = try row.get(7)
        return Hold(
          pair: try row.get(0), proposal: try row.get(1), semester: try row.semester(2),
          pupil: maskedName(try row.get(3)), school: try row.get(4), sponsor: try row.get(5),
          sentOn: try row.get(6), until: until,
          daysLeft: max(0, Int(until.daysSince2000 - day.daysSince2000) + 1),
          extensions: Int(try row.get(8) as Int32))
      }
    }
  }
}
