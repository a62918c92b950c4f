import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet

extension Pairings {
  // $1 district, $2 pupils
  private static let known: SQL = """
    select student_id, donor_id, state = 'running' from pairing
    where district_id = $1 and student_id = any ($2)
    order by state = 'running'
    """
  // arrays: $2 instalments' commitments, $3 numbers, $4 amounts
  private static let carry: SQL = """
    update instalment i set carried_fen = u.amount
    from unnest($2::uuid[], $3::int[], $4::bigint[]) as u (commitment_id, number, amount)
    where i.district_id = $1 and i.commitment_id = u.commitment_id and i.number = u.number
    """

  /// Imports a 一帮一结对台账: pairings of a school that were running before its books began here. What
  /// came in and went to the child before is told and not posted; what came in and is still there is
  /// booked as received on the request's day. A line read before changes nothing.
  /// - Throws: `TableFileError`, `ImportError`, `SchoolError`, `FundError`, `AccessError`.
  package static func importSheet(
    _ request: ImportRequest, school: Schools.School, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.match)
    try actor.require(.recordOffers)
    try actor.require(school: school.id)
    let vault = context.platform.vault
    return try await Import.run(request, kind: "pairing", in: context) {
      file, importID, session, report in
      let reader = PairingReader(semester: request.semester)
      var rows: [PairingRow] = []
      try SheetScan<PairingColumn>.scan(file, progress: request.progress) { event in
        if case .row(let data) = event {
          let (row, refusals) = reader.read(data)
          report.refuse(refusals)
          if let row { rows.append(row) }
        }
        report.passOver(event)
      }
      try Proposals.serialise(session, actor)
      let found = try PupilFinder.find(
        rows.map(\.pupil), school: school.id, session, actor, vault, &report)
      let accepted = try admit(
        Array(zip(rows, found)), request, school, importID, session, actor, vault, &report)
      try begin(accepted, request, session, actor)
      report.accepted = accepted.count
      report.total = try accepted.flatMap(\.row.held).total()
    }
  }

  private struct Admitted {
    let row: PairingRow
    let draft: PairingDraft
  }

  /// The rows whose pupils have no sponsor yet, each with its offer recorded.
  private static func admit(
    _ rows: [(PairingRow, UUID?)], _ request: ImportRequest, _ school: Schools.School,
    _ importID: UUID, _ session: borrowing Session, _ actor: Actor, _ vault: Vault,
    _ report: inout ImportReport
  ) throws -> [Admitted] {
    let students = rows.compactMap(\.1)
    var sponsors: [UUID: UUID] = [:]
    var ended: Set<UUID> = []
    for row in try session.query(known, actor.districtID, students) {
      let student: UUID = try row.get(0)
      if try row.get(2) {
        sponsors[student] = try row.get(1)
        ended.remove(student)
      } else {
        ended.insert(student)
      }
    }
    let candidates = Dictionary(
      try PupilCandidates.load(
        session, district: actor.districtID, semester: request.semester, day: request.today,
        students: students
      ).map { ($0.need.student, $0) }, uniquingKeysWith: { first, _ in first })
    var admitted: [Admitted] = []
    for (row, student) in rows {
      guard let student else { continue }
      guard !ended.contains(student) else {
        report.refuse([
          row.pupil.data.refusal(
            .pupil, problem: Text("该生在这里已有结对记录", "the pupil was paired here before"),
            advice: Text(
              "登记意向并提出方案（offer record、match propose）",
              "record an offer and propose it (offer record, match propose)"))
        ])
        continue
      }
      let donor: UUID
      do {
        donor = try Sponsors.donor(row.sponsor, session, vault, actor)
      } catch let error as PairingError {
        report.refuse([
          row.pupil.data.refusal(
            .sponsor, problem: error.text, advice: Text("核对这一行", "check this row"))
        ])
        continue
      }
      if let present = sponsors.updateValue(donor, forKey: student) {
        sponsors[student] = present
        if present == donor {
          report.unchanged += 1
        } else {
          report.refuse([
            row.pupil.data.refusal(
              .pupil, problem: Text("该生已有另一资助人", "the pupil has another sponsor"),
              advice: Text(
                "核对，或先结束原结对（pairing end）", "check it, or end that pairing first (pairing end)"))
          ])
        }
        continue
      }
      let offer = try Offers.record(
        Offers.NewOffer(
          sponsor: row.sponsor, firstSemester: row.first, amount: row.amount, places: 1,
          wish: Wish(), note: row.note),
        session, vault, actor
      ).id
      warn(row, candidates[student], request.semester, &report)
      let plan = try InstalmentPlan(
        first: row.first, firstEnd: row.first.defaultDates.upperBound,
        startingOn: row.first.defaultDates.lowerBound, amountPerSemester: row.amount)
      admitted.append(
        Admitted(
          row: row,
          draft: PairingDraft(
            proposalPair: nil, importID: importID, school: school.id, student: student,
            donor: donor, offer: offer, place: 1, plan: plan, given: row.given)))
    }
    return admitted
  }

  /// What a running pairing should have and lacks does not stop it: the child has its support.
  private static func warn(
    _ row: PairingRow, _ pupil: PupilCandidate?, _ semester: Semester,
    _ report: inout ImportReport
  ) {
    guard let obstacle = pupil?.obstacle, obstacle != .alreadyPaired else { return }
    let reason = obstacle.reason(semester.schoolYear)
    report.warn(
      ImportWarning(
        .unverified, sheet: row.pupil.data.sheet, row: row.pupil.data.number, reason.text))
  }

  private static func begin(
    _ admitted: [Admitted], _ request: ImportRequest, _ session: borrowing Session, _ actor: Actor
  ) throws {
    for (first, pairs) in Dictionary(grouping: admitted, by: \.row.first)
      .sorted(by: { $0.key < $1.key })
    {
      try PairingDraft.store(
        pairs.map(\.draft), on: first.defaultDates.lowerBound, session, actor)
    }
    let carried = admitted.flatMap { pair in
      pair.row.carried.enumerated().filter { $0.element > .zero }
        .map { (pair.draft.commitment, Int32($0.offset + 1), $0.element.fen) }
    }
    _ = try session.batch([
      Bound(
        carry, actor.districtID, carried.map(\.0), carried.map(\.1), carried.map(\.2))
    ])
    for pair in admitted where pair.row.held.contains(where: { $0 > .zero }) {
      let open = try Instalments.open(
        of: pair.draft.id, sponsor: pair.draft.donor, session, actor)
      try Instalments.lock(open, moneyOf: [pair.draft.id], session, actor)
      for (target, amount) in zip(open, pair.row.held) where amount > .zero {
        _ = try Instalments.book(
          amount, to: target, on: request.today, request.semester,
          method: Giving.Method.unknown.rawValue, payer: nil, session, actor)
      }
    }
  }
}
