import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("What the database itself refuses of pairings, and whom it hides them from")
struct PairingSchemaTests {
  private func detail(_ error: (any Error)?) -> PostgresError.Detail? {
    (error as? PostgresError)?.detail
  }

  // A second pairing like the first, with another pair of the proposal.
  // $1 district, $2 pairing, $3 the other pairing's
  private static let copyForPupil: SQL = """
    insert into pairing (
      district_id, id, school_id, student_id, donor_id, offer_id, place, proposal_pair_id, lineage,
      first_semester, state, started_on, actor_id
    )
    select p.district_id, gen_random_uuid(), p.school_id, p.student_id, o.donor_id, o.offer_id,
      o.place + 1, r.id, p.lineage, p.first_semester, 'running', p.started_on, p.actor_id
    from pairing p, pairing o, proposal_pair r
    where p.district_id = $1 and p.id = $2 and o.district_id = $1 and o.id = $3
      and r.district_id = $1 and r.state = 'declined'
    """
  private static let copyForPlace: SQL = """
    insert into pairing (
      district_id, id, school_id, student_id, donor_id, offer_id, place, proposal_pair_id, lineage,
      first_semester, state, started_on, actor_id
    )
    select p.district_id, gen_random_uuid(), s.school_id, s.id, p.donor_id, p.offer_id,
      p.place + $3::int, r.id, p.lineage, p.first_semester, 'running', p.started_on, p.actor_id
    from pairing p, proposal_pair r, student s
    where p.district_id = $1 and p.id = $2 and r.district_id = $1 and r.state = 'declined'
      and s.district_id = $1 and s.id = r.student_id
    """

  /// A pairing, and a declined pair to hang a second one on.
  private func pairings(_ district: TestDistrict) async throws -> (UUID, UUID) {
    let first = try await district.pairing()
    for _ in 0..<2 { _ = try await district.pupil() }
    _ = try await district.offer(places: 3)
    let id = try await district.approved()
    let pairs = try await Proposals.show(id, in: district.admin).pairs
    _ = try await Proposals.decline(pair: pairs[1].id, in: district.admin)
    let second = try #require(try await district.accept(id).pairings.first)
    return (first, second)
  }

  @Test("a second running pairing of a pupil")
  func onePerPupil() async throws {
    let district = try await TestDistrict.make()
    let (first, second) = try await pairings(district)
    let error = await failure { try await district.change(Self.copyForPupil, first, second) }
    #expect(detail(error)?.constraint == "pairing_one_running_per_pupil")
  }

  @Test("a second running pairing of a place, and one beyond the places of an offer")
  func onePerPlace() async throws {
    let district = try await TestDistrict.make()
    let (first, _) = try await pairings(district)
    let taken = await failure { try await district.change(Self.copyForPlace, first, 0) }
    #expect(detail(taken)?.constraint == "pairing_one_running_per_place")
    let beyond = await failure { try await district.change(Self.copyForPlace, first, 1) }
    #expect(detail(beyond)?.sqlstate == "23503")
    let place = await failure {
      try await district.change(
        """
        insert into offer_place (district_id, offer_id, place, places)
        select district_id, offer_id, 2, 1 from pairing where district_id = $1 and id = $2
        """, first)
    }
    #expect(detail(place)?.constraint == "offer_place_within")
  }

  @Test(
    "more received than promised, a seventh instalment, a commitment of other length",
    arguments: [
      (
        "update instalment set received_fen = amount_fen + 1 where district_id = $1",
        "instalment_received"
      ),
      (
        """
        insert into instalment (
          district_id, id, school_id, commitment_id, number, semester, due_on, amount_fen
        )
        select district_id, gen_random_uuid(), school_id, commitment_id, 7, semester + 6, due_on, 1
        from instalment where district_id = $1 and number = 1
        """, "instalment_number_check"
      ),
      (
        """
        insert into instalment (
          district_id, id, school_id, commitment_id, number, semester, due_on, amount_fen
        )
        select district_id, gen_random_uuid(), school_id, commitment_id, 1, semester + 6, due_on, 1
        from instalment where district_id = $1 and number = 1
        """, "instalment_once"
      ),
      (
        """
        insert into commitment (
          district_id, id, school_id, pairing_id, first_semester, last_semester, total_fen
        )
        select district_id, gen_random_uuid(), school_id, pairing_id, 4052, 4056, 1
        from commitment where district_id = $1
        """, "commitment_three_years"
      ),
    ])
  func instalments(statement: String, constraint: String) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pairing()
    let error = await failure { try await district.change(SQL(trusted: statement)) }
    #expect(detail(error)?.constraint == constraint)
  }

  @Test(
    "the application may not rewrite a pairing, a commitment, an instalment or a receipt",
    arguments: [
      "update pairing set student_id = student_id where district_id = $1",
      "delete from pairing where district_id = $1",
      "update commitment set total_fen = 1 where district_id = $1",
      "update instalment set amount_fen = 1 where district_id = $1",
      "delete from instalment where district_id = $1",
      "update instalment_receipt set amount_fen = 1 where district_id = $1",
      "update proposal_pair set student_id = student_id where district_id = $1",
      "update offer set amount_fen = 1 where district_id = $1",
    ])
  func privileges(statement: String) async throws {
    let district = try await TestDistrict.make()
    _ = try await district.pairing()
    let error = await failure { try await district.change(SQL(trusted: statement)) }
    #expect(detail(error)?.sqlstate == "42501")
  }

  @Test("a school sees its own pairings, sponsors and instalments, and nothing of another's")
  func ownSchoolOnly() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.pupil()
    _ = try await district.offer(SponsorDetails(kind: .individual, name: "试他人"))
    _ = try await district.propose()
    let (own, other) = (district.officer, district.otherOfficer)
    let (autumn, today) = (TestDistrict.autumn, TestDistrict.today)

    let listed = try await Pairings.list(in: own)
    #expect(listed.map(\.id) == [pairing])
    #expect(listed.map(\.pupil) == ["样小例"], "its own school knows the pupil")
    #expect(listed.map(\.sponsor) == ["测试有限公司"])
    #expect(try await Offers.list(in: own).map(\.sponsor) == ["测试有限公司"])
    #expect(try await Instalments.list(autumn, today: today, in: own).count == 1)
    #expect(try await Pairings.list(in: district.admin).map(\.pupil) == ["样*例"])

    #expect(try await Pairings.list(in: other).isEmpty)
    #expect(try await Offers.list(in: other).isEmpty)
    #expect(try await Instalments.list(autumn, today: today, in: other).isEmpty)
    #expect(try await Proposals.list(in: other).isEmpty)
    #expect(try await Proposals.list(in: own).isEmpty, "proposals are the district's")
    let hidden = await [
      refusal { try await Commitments.show(pairing: pairing, today: today, in: other) },
      refusal { try await Pairings.list(school: district.school.id, in: other) },
      refusal {
        try await Instalments.list(autumn, school: district.school.id, today: today, in: other)
      },
    ]
    #expect(
      hidden == ["commitment.unknown_pairing", "access.other_school", "access.other_school"])
  }

  @Test("another district sees nothing")
  func ownDistrictOnly() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let foreign = try await TestDistrict.make().admin
    let (autumn, today) = (TestDistrict.autumn, TestDistrict.today)
    #expect(try await Pairings.list(in: foreign).isEmpty)
    #expect(try await Offers.list(in: foreign).isEmpty)
    #expect(try await Proposals.list(in: foreign).isEmpty)
    #expect(try await Instalments.list(autumn, today: today, in: foreign).isEmpty)
    #expect(
      await refusal { try await Commitments.show(pairing: pairing, today: today, in: foreign) }
        == "commitment.unknown_pairing")
  }
}
