import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Erasing a child's data")
struct ErasureTests {
  @Test("afterwards no column of any table holds a value of the child, and the books are the same")
  func nothingIsLeft() async throws {
    let fixture = try await PrivacyFixture.make()
    try await fixture.end()
    let before = try await fixture.books()
    let found = try await fixture.tablesWithValues()
    #expect(
      found.isSuperset(of: [
        "student", "guardian", "consent", "activity", "goods_hand_out", "api_request", "audit",
      ]))
    let id = try await fixture.ask()
    #expect(try await fixture.erase(id))
    #expect(try await fixture.tablesWithValues() == [])
    #expect(try await fixture.books() == before)
    try await fixture.district.healthy()

    let admin = fixture.district.admin
    let listed = try await Students.list(year: TestDistrict.autumn.schoolYear, in: admin)
    #expect(listed.map(\.name) == ["样小二"])
    let lines = try await TestPlatform.asOwner { [code = fixture.district.code] session in
      try session.query(
        """
        select s.name, s.erased_on, l.amount_fen from payment_line l
        join student s on s.district_id = l.district_id and s.id = l.student_id
        where l.district_id = $1
        """, code
      ).map { (try $0.get(0) as String, try $0.get(1) as CalendarDate, try $0.get(2) as Int64) }
    }
    #expect(lines.count == 1 && lines[0] == ("已删除", TestDistrict.today, 100_000))
    let trail = try await Audit.list(.init(subject: fixture.student), in: admin).map(\.action)
    #expect(trail.contains("student.erase") && trail.contains("student.erase_ask"))
  }

  @Test("what is shown of the payments and letters of an erased pupil names nobody")
  func listsGoOn() async throws {
    let fixture = try await PrivacyFixture.make()
    try await fixture.end()
    _ = try await fixture.erase(try await fixture.ask())
    let admin = fixture.district.admin
    let batches = try await PaymentBatches.list(in: admin)
    let lines = try await PaymentBatches.lines(try #require(batches.first).id, in: admin)
    #expect(lines.map(\.name) == [""] && lines.map(\.figures.paid.fen) == [100_000])
    #expect(
      try await Letters.list(on: TestDistrict.today, in: fixture.officer).map(\.state) == [
        .withdrawn
      ])
    #expect(try await Students.list(year: TestDistrict.autumn.schoolYear, in: admin).count == 1)
  }

  @Test(
    "a brother's or sister's data stay, also what a department's list says of the same guardian")
  func siblings() async throws {
    let district = try await TestDistrict.make()
    var pupil = TestPupil()
    pupil.consents = false
    pupil.guardianResidentID = "990000198001010011"
    pupil.residentID = PrivacyFixture.residentID
    let first = try await district.pupil(pupil)
    pupil.name = "样小弟"
    pupil.residentID = nil
    _ = try await district.pupil(pupil)
    let hash = district.platform.vault.hash("990000198001010011", domain: "identity")
    let own = district.platform.vault.hash(PrivacyFixture.residentID, domain: "identity")
    let (code, actor) = (district.code, district.admin.actor.userID)
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        """
        with list as (
          insert into comparison_list (
            district_id, id, name, category, department, as_of, import_id, actor_id
          )
          values ($1, $2, '低保名单', 'x', 'x', '2026-09-01', $2, $3)
        )
        insert into comparison_entry (district_id, list_id, resident_hash)
        values ($1, $2, $4), ($1, $2, $5)
        """, code, UUID.v7(), actor, hash, own)
    }
    let id = try await Erasures.propose(
      first, reason: "申请", askedBy: .guardian, on: TestDistrict.today, in: district.admin)
    _ = try await Erasures.decide(id, on: TestDistrict.today, in: district.second)
    let left = try await district.count(
      "select count(*) from guardian where district_id = $1 and resident_hash is not null")
    #expect(left == 1)
    let known: Int64 = try await district.admin.read { session in
      try session.query(
        "select count(*) from guardian where district_id = $1 and resident_hash = $2", code, hash)[
          0
        ]
        .get(0)
    }
    #expect(known == 1)
    let listed: [[UInt8]] = try await TestPlatform.asOwner { session in
      try session.query(
        "select resident_hash from comparison_entry where district_id = $1", code
      ).map { try $0.get(0) }
    }
    #expect(listed == [hash])
  }

  @Test("it is refused while a pairing runs, money is owed, a case or the books are open")
  func refusals() async throws {
    let fixture = try await PrivacyFixture.make()
    let district = fixture.district
    #expect(await code { try await fixture.ask() } == "erasure.pairing")
    _ = try await district.end(fixture.pairing, "sponsor_request", on: "2026-11-20")
    #expect(await code { try await fixture.ask() } == "erasure.money")

    let other = try await PrivacyFixture.make()
    _ = try await other.district.end(other.pairing, "graduated", on: "2026-11-20")
    #expect(await code { try await other.ask() } == "erasure.books")
    try await other.district.close(TestDistrict.autumn)
    #expect(await code { try await other.ask(.pupil) } == "erasure.pupil_too_young")
    let id = try await other.ask()
    #expect(await code { try await other.ask() } == "erasure.proposed_before")
    #expect(
      await code { try await other.erase(id, in: other.district.admin) } == "erasure.second_person")
    #expect(
      await code { try await other.erase(id, in: other.district.officer) } == "access.forbidden")
    #expect(await code { try await other.erase(id, in: other.district.otherOfficer) } != nil)
    #expect(try await other.erase(id))
    #expect(try await !other.erase(id), "a repetition changes nothing")
    #expect(await code { try await other.ask() } == "erasure.erased_before")
    #expect(await code { try await other.erase(UUID.v7()) } == "erasure.unknown")
  }

  @Test("a case under way, and a pair that waits, stand in its way")
  func openCases() async throws {
    let recognition = try await RecognitionFixture.make()
    let pupil = try await recognition.pupil()
    _ = try await recognition.apply(pupil)
    let day = TestDistrict.today
    let refusal = await code {
      try await Erasures.propose(
        pupil, reason: "申请", askedBy: .guardian, on: day, in: recognition.officer)
    }
    #expect(refusal == "erasure.open_case")
    let district = try await TestDistrict.make()
    let waiting = try await district.pupil()
    _ = try await district.offer()
    _ = try await district.approved()
    let open = await code {
      try await Erasures.propose(
        waiting, reason: "申请", askedBy: .guardian, on: day, in: district.officer)
    }
    #expect(open == "erasure.open_pair")
  }

  @Test("a recognition decided in a case loses its facts and words, and keeps tier and days")
  func cases() async throws {
    let recognition = try await RecognitionFixture.make()
    let district = recognition.district
    let id = try await recognition.recognise("独小案", to: .filed)
    let code = district.code
    let student: UUID = try await district.admin.read { session in
      try session.query("select student_id from recognition_case where id = $1", id)[0].get(0)
    }
    let request = try await Erasures.propose(
      student, reason: "申请", askedBy: .guardian, on: TestDistrict.today, in: district.officer)
    _ = try await Erasures.decide(request, on: TestDistrict.today, in: recognition.members[0])
    let left: Int64 = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select count(*) from recognition_case c
        left join case_assessment a on a.district_id = c.district_id and a.case_id = c.id
        left join case_proof p on p.district_id = c.district_id and p.case_id = c.id
        left join notice_line n on n.district_id = c.district_id and n.case_id = c.id
        where c.district_id = $1 and (
          octet_length(c.claims_sealed) > 0 or c.grounds_sealed is not null
          or a.grounds_sealed is not null or c.private_sealed is not null or a.private_sealed is not null
          or p.id is not null or n.masked_name <> '已删除'
        )
        """, code)[0].get(0)
    }
    #expect(left == 0)
    let kept = try await district.count(
      "select count(*) from recognition where district_id = $1 and tier = 'special'")
    #expect(kept == 1)
    #expect(
      try await Doctor.examine(in: district.admin).map(\.check) == [])
  }

  @Test("what was declined stays, and can be asked for again")
  func declined() async throws {
    let district = try await TestDistrict.make()
    var pupil = TestPupil()
    pupil.consents = false
    let student = try await district.pupil(pupil)
    func ask() async throws -> UUID {
      try await Erasures.propose(
        student, reason: "样例理由", askedBy: .guardian, on: TestDistrict.today, in: district.admin)
    }
    let id = try await ask()
    let open = try await Erasures.list(openOnly: true, in: district.admin)
    #expect(open.map(\.id) == [id] && open.first?.reason == "样例理由")
    #expect(try await Erasures.decline(id, on: TestDistrict.today, in: district.second))
    #expect(
      await code { try await Erasures.decide(id, on: TestDistrict.today, in: district.second) }
        == "erasure.decided_before")
    #expect(try await Erasures.list(openOnly: true, in: district.admin).isEmpty)
    #expect(try await Erasures.list(in: district.admin).map(\.state) == [.refused])
    _ = try await ask()
    #expect(try await Erasures.list(in: district.otherOfficer).isEmpty)
  }
}
