import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Accepting a proposal")
struct PairingAcceptanceTests {
  @Test("pairing, commitment and six instalments exist together, promised and not received")
  func accepts() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing(amount: 100_050)
    let commitment = try await Commitments.show(
      pairing: pairing, today: try #require(CalendarDate("2026-09-21")), in: district.admin)
    #expect(commitment.promised == Money(fen: 600_300))
    #expect(commitment.received == .zero && commitment.outstanding == Money(fen: 600_300))
    let lines = commitment.instalments
    #expect(lines.map(\.number) == [1, 2, 3, 4, 5, 6])
    #expect(lines.map(\.semester) == (0..<6).map { TestDistrict.autumn.advanced(by: $0) })
    #expect(
      lines.map { "\($0.dueOn)" } == [
        "2026-09-30", "2027-03-31", "2027-09-30", "2028-03-31", "2028-09-30", "2029-03-31",
      ])
    #expect(lines.allSatisfy { $0.amount == Money(fen: 100_050) && $0.state == .due })
    #expect(commitment.sponsor == "测试有限公司" && commitment.pupil == "样*例")
    let trail = try await Audit.list(.init(subject: pairing), in: district.admin)
    #expect(trail.map(\.action) == ["pairing.start"])
  }

  @Test("an unapproved proposal cannot be accepted")
  func notApproved() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let id = try await district.propose().id
    #expect(await refusal { try await district.accept(id) } == "pairing.not_approved")
  }

  private static let startEarly: SQL = """
    insert into pairing (
      district_id, id, school_id, student_id, donor_id, offer_id, place, proposal_pair_id, lineage,
      first_semester, state, started_on, actor_id
    )
    select r.district_id, gen_random_uuid(), r.school_id, r.student_id, o.donor_id, r.offer_id,
      r.place, r.id, gen_random_uuid(), 4052, 'running', $2, $3
    from proposal_pair r
    join offer o on o.district_id = r.district_id and o.id = r.offer_id
    where r.district_id = $1 and r.state = 'proposed'
    """

  private func databaseRefuses(_ district: TestDistrict, on date: String) async throws -> Bool {
    let day = try #require(CalendarDate(date))
    let error = await failure {
      try await district.change(Self.startEarly, day, district.admin.actor.userID)
    }
    return (error as? PostgresError)?.detail?.message.contains("not_before") == true
  }

  @Test("nothing starts before the approval, neither a pairing nor the telling of sponsors")
  func beforeApproval() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let id = try await district.approved()
    let early = TestDistrict.approval.adding(days: -1)
    #expect(
      await refusal { try await district.accept(id, on: "\(early)") }
        == "pairing.accepted_before_approval")
    #expect(try await databaseRefuses(district, on: "\(early)"))
    #expect(
      await refusal { try await Proposals.send(id, on: early, in: district.admin) }
        == "hold.before_approval")
    #expect(try await Proposals.holds(on: early, in: district.admin).isEmpty)
    let acceptance = try await district.accept(id, on: "\(TestDistrict.approval)")
    #expect(acceptance.pairings.count == 1)
  }

  @Test("a pupil's next pairing starts when the one before ended, at the earliest")
  func beforeTheEnd() async throws {
    let district = try await TestDistrict.make()
    let first = try await district.pairing()
    _ = try await district.end(first, "sponsor_finances", on: "2026-10-20")
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "助乙"))
    let id = try await district.approved()
    let error = await failure { try await district.accept(id, on: "2026-10-19") } as? PairingError
    #expect(error?.code == "pairing.supported_before")
    #expect(error?.text.zh.contains("2026-10-20") == true)
    #expect(try await databaseRefuses(district, on: "2026-10-19"))
    #expect(try await district.accept(id, on: "2026-10-20").pairings.count == 1)
  }

  @Test("one pair can be accepted alone, once; the rest follows")
  func onePair() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<2 { _ = try await district.pupil() }
    _ = try await district.offer(places: 2)
    let id = try await district.approved()
    let pairs = try await Proposals.show(id, in: district.admin).pairs
    let first = try await district.accept(pairs[0].id)
    #expect(first.pairings.count == 1 && first.state == .approved)
    #expect(await refusal { try await district.accept(pairs[0].id) } == "pairing.pair_decided")
    let rest = try await district.accept(id)
    #expect(rest.pairings.count == 2 && rest.state == .accepted)
    #expect(first.added == 1 && rest.added == 1)
    #expect(await refusal { try await district.accept(id) } == "pairing.already_accepted")
    #expect(
      await refusal { try await Proposals.withdraw(id, in: district.admin) }
        == "pairing.already_accepted")
  }

  @Test("withdrawing a proposal keeps the pairs that were accepted")
  func withdrawnRest() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<2 { _ = try await district.pupil() }
    _ = try await district.offer(places: 2)
    let id = try await district.approved()
    let pairs = try await Proposals.show(id, in: district.admin).pairs
    _ = try await district.accept(pairs[1].id)
    let summary = try await Proposals.withdraw(id, in: district.admin)
    #expect(summary.state == .accepted && summary.accepted == 1 && summary.open == 0)
    #expect(await refusal { try await district.accept(pairs[0].id) } == "pairing.pair_decided")
    #expect(try await Pairings.list(in: district.admin).count == 1)
  }

  static let spoilers: [(String, SQL?, String)] = [
    (
      "consent withdrawn",
      "update consent set withdrawn_on = given_on where district_id = $1 and student_id = $2",
      "pairing.not_eligible"
    ),
    ("recognition revoked", nil, "pairing.not_eligible"),
    (
      "offer closed",
      """
      update offer set state = 'withdrawn' where district_id = $1 and id in (
        select offer_id from proposal_pair where district_id = $1 and student_id = $2
      )
      """, "pairing.offer_not_open"
    ),
  ]

  @Test(
    "all or nothing: one pair that fails stops all and is named; declined, the rest goes through",
    arguments: 0..<3)
  func allOrNothing(spoiler: Int) async throws {
    let (_, spoil, code) = Self.spoilers[spoiler]
    let district = try await TestDistrict.make()
    let spoiled = try await district.pupil(TestPupil(name: "样坏例"))
    for _ in 0..<3 { _ = try await district.pupil() }
    for _ in 0..<4 { _ = try await district.offer() }
    let id = try await district.approved()
    if let spoil {
      let parameters = Bound(spoil, district.code, spoiled)
      // As the owner: no operation takes a consent away and leaves its pair.
      _ = try await TestPlatform.asOwner { try $0.batch([parameters]).count }
    } else {
      try await district.setRecognition(of: spoiled, "revoked")
    }

    let error = await failure { try await district.accept(id) } as? PairingError
    #expect(error?.code == code)
    #expect(error?.text.zh.contains("样*例") == true)
    for table in ["pairing", "commitment", "instalment"] {
      let sql = SQL(trusted: "select count(*) from \(table) where district_id = $1")
      #expect(try await district.count(sql) == 0)
    }
    let pairs = try await Proposals.show(id, in: district.admin).pairs
    #expect(pairs.allSatisfy { $0.state == .proposed })
    let bad = try #require(pairs.first { $0.student == spoiled })
    #expect(error?.text.en.contains(bad.id.uuidString.lowercased()) == true)

    _ = try await Proposals.decline(pair: bad.id, in: district.admin)
    let acceptance = try await district.accept(id)
    #expect(acceptance.pairings.count == 3 && acceptance.state == .accepted)
    #expect(
      try await district.count("select count(*) from instalment where district_id = $1") == 18)
  }

  @Test("after the semester is over its proposal is not accepted")
  func afterSemester() async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pupil()
    _ = try await district.offer()
    let id = try await district.approved()
    #expect(
      await refusal { try await district.accept(id, on: "2027-02-01") }
        == "pairing.accepted_after_semester")
    #expect(try await district.accept(id, on: "2027-01-31").pairings.count == 1)
  }

  @Test("a hundred pairs at once, with their instalments and trail")
  func many() async throws {
    let district = try await TestDistrict.make()
    for _ in 0..<100 { _ = try await district.pupil() }
    _ = try await district.offer(places: 100)
    let acceptance = try await district.accept(try await district.approved())
    #expect(acceptance.pairings.count == 100)
    #expect(acceptance.promised == Money(fen: 60_000_000))
    #expect(
      try await district.count("select count(*) from instalment where district_id = $1") == 600)
    let audited = try await district.count(
      "select count(*) from audit where district_id = $1 and action = 'pairing.start'")
    #expect(audited == 100)
  }

  @Test("a pairing that follows an ended one carries on its lineage")
  func lineage() async throws {
    let district = try await TestDistrict.make()
    let first = try await district.pairing()
    _ = try await district.end(first, "sponsor_request", on: "2026-10-01")
    // The pupil waits again; the first sponsor's offer is withdrawn.
    #expect(try await district.propose().pairs == 0)
    _ = try await district.offer()
    let acceptance = try await district.accept(try await district.approved(), on: "2026-10-10")
    #expect(acceptance.pairings.count == 1)
    let lineages = try await district.count(
      "select count(distinct lineage) from pairing where district_id = $1")
    #expect(lineages == 1)
  }
}
