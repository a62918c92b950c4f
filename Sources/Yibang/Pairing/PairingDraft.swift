import Foundation
import Postgres
import SchoolCalendar

/// A pairing about to be written, with the three years that its sponsor promises.
struct PairingDraft {
  let id = UUID.v7()
  let commitment = UUID.v7()
  /// Nil for a pairing that was running before it came here.
  let proposalPair: UUID?
  var importID: UUID?
  let school: UUID
  let student: UUID
  let donor: UUID
  let offer: UUID
  let place: Int32
  let plan: InstalmentPlan
  /// How many instalments the child has had before.
  var given = 0

  // A pupil's pairing carries on the lineage of the one before.
  // $1 district, arrays: $2 ids, $3 schools, $4 pupils, $5 donors, $6 offers, $7 places,
  // $8 proposed pairs; $9 first semesters, $10 day, $11 actor, $12 imports
  private static let insertPairings: SQL = """
    insert into pairing (
      district_id, id, school_id, student_id, donor_id, offer_id, place, proposal_pair_id, lineage,
      first_semester, state, started_on, actor_id, import_id
    )
    select $1, r.id, r.school, r.student, r.donor, r.offer, r.place, r.pair,
      coalesce(
        (
          select e.lineage from pairing e
          where e.district_id = $1 and e.student_id = r.student
          order by e.started_on desc, e.id desc
          limit 1
        ), r.id),
      r.semester, 'running', $10, $11, r.import
    from unnest(
      $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::int[], $8::uuid[], $9::int[],
      $12::uuid[]
    ) as r (id, school, student, donor, offer, place, pair, semester, import)
    """
  // $1 district, arrays: $2 ids, $3 schools, $4 pairings, $5 first semesters, $6 totals
  private static let insertCommitments: SQL = """
    insert into commitment (
      district_id, id, school_id, pairing_id, first_semester, last_semester, total_fen
    )
    select $1, r.id, r.school, r.pairing, r.semester, r.semester + 5, r.total
    from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::bigint[])
      as r (id, school, pairing, semester, total)
    """
  // $1 district, arrays: $2 ids, $3 schools, $4 commitments, $5 numbers, $6 semesters, $7 due dates,
  // $8 amounts
  private static let insertInstalments: SQL = """
    insert into instalment (
      district_id, id, school_id, commitment_id, number, semester, due_on, amount_fen
    )
    select $1, r.id, r.school, r.commitment, r.number, r.semester, r.due_on, r.amount
    from unnest(
      $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::int[], $7::date[], $8::bigint[]
    ) as r (id, school, commitment, number, semester, due_on, amount)
    """
  // arrays: ids, pupils, pairings, semesters, amounts, days, whether it was paid before
  private static let planPayouts: SQL = "select payout_plan($1, $2, $3, $4, $5, $6, $7)"
  private static let handOver: SQL = "select pairing_id from pairing_hand_over($1, $2, $3)"
  private static let payoutDays: SQL = "select payout_days from pairing_settings()"
  // So many new rows that plans made before would read them all for each pupil.
  private static let analyze: SQL = "select analyze_small_tables()"
  private static let many = 200
  private static let setAccepted: SQL = """
    update proposal_pair set state = 'accepted' where district_id = $1 and id = any ($2)
    """

  /// Writes pairings, commitments, instalments and their trail in one round trip.
  /// - Throws: `PostgresError.unique` if a pupil or a place was taken meanwhile.
  static func store(
    _ drafts: [PairingDraft], on date: CalendarDate, _ session: borrowing Session, _ actor: Actor
  ) throws {
    let district = actor.districtID
    let days: Int = try session.query(payoutDays)[0].get(0)
    for row in try session.query(handOver, drafts.map(\.student), date, actor.userID) {
      _ = try session.batch([
        Audit.statement(
          actor, "pairing.end", subject: "pairing", id: try row.get(0),
          after: ["reason": "sponsor_breach", "on": "\(date)"])
      ])
    }
    let semesters = drafts.map { Int32($0.plan.lines[0].semester.ordinal) }
    let statements = [
      Bound(
        insertPairings, district, drafts.map(\.id), drafts.map(\.school), drafts.map(\.student),
        drafts.map(\.donor), drafts.map(\.offer), drafts.map(\.place), drafts.map(\.proposalPair),
        semesters, date, actor.userID, drafts.map(\.importID)),
      Bound(
        insertCommitments, district, drafts.map(\.commitment), drafts.map(\.school),
        drafts.map(\.id), semesters, drafts.map(\.plan.total.fen)),
      instalments(drafts, district), payouts(drafts, days: days),
      Bound(setAccepted, district, drafts.compactMap(\.proposalPair)),
    ]
    _ = try session.batch(statements + drafts.map { $0.trail(actor) })
    if drafts.count >= many { _ = try session.query(analyze) }
  }

  private static func instalments(_ drafts: [PairingDraft], _ district: String) -> Bound {
    let lines = drafts.flatMap { draft in draft.plan.lines.map { (draft, $0) } }
    return Bound(
      insertInstalments, district, lines.map { _ in UUID.v7() }, lines.map { $0.0.school },
      lines.map { $0.0.commitment }, lines.map { Int32($0.1.number) },
      lines.map { Int32($0.1.semester.ordinal) }, lines.map { $0.1.dueOn },
      lines.map { $0.1.amount.fen })
  }

  private static func payouts(_ drafts: [PairingDraft], days: Int) -> Bound {
    let lines = drafts.flatMap { draft in draft.plan.lines.map { (draft, $0) } }
    return Bound(
      planPayouts, lines.map { _ in UUID.v7() }, lines.map(\.0.student), lines.map(\.0.id),
      lines.map { Int32($0.1.semester.ordinal) }, lines.map(\.1.amount.fen),
      lines.map { $0.1.payoutDue(days: days) }, lines.map { $0.1.number <= $0.0.given })
  }

  private func trail(_ actor: Actor) -> Bound {
    Audit.statement(
      actor, "pairing.start", subject: "pairing", id: id, school: school,
      after: [
        "proposal_pair": proposalPair?.lowercase, "import": importID?.lowercase,
        "student": student.lowercase,
        "donor": donor.lowercase, "offer": offer.lowercase,
        "first_semester": "\(plan.lines[0].semester)", "promised_fen": "\(plan.total.fen)",
        "instalments": "\(plan.lines.count)",
      ])
  }
}
