import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Receiving instalments")
struct InstalmentTests {
  private let day: CalendarDate
  private let today = TestDistrict.today

  init() throws {
    day = try #require(CalendarDate("2026-09-28"))
  }

  private func receive(
    _ fen: Int64, _ number: Int = 1, of pairing: UUID, on date: CalendarDate? = nil,
    key: String? = nil, in context: Context
  ) async throws -> (receipt: UUID, replayed: Bool) {
    try await Instalments.receive(
      .number(number, ofPairing: pairing), amount: Money(fen: fen), on: date ?? day,
      method: .transfer, key: key, in: context)
  }

  private func sponsorship(
    _ district: TestDistrict, _ semester: Semester = TestDistrict.autumn
  ) async throws -> FundStatement {
    let statements = try await Funds.statements(
      semester, school: district.school.id, in: district.admin)
    return try #require(statements.first { $0.kind == .sponsorship })
  }

  @Test("what is promised is not received: before money comes the fund is empty")
  func promisedIsNotReceived() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    #expect(try await sponsorship(district).closing == .zero)
    let listed = try await Pairings.list(in: district.admin).first { $0.id == pairing }
    #expect(listed?.promised == Money(fen: 600_000) && listed?.received == .zero)
    let due = try await Instalments.list(TestDistrict.autumn, today: day, in: district.admin)
    #expect(due.map(\.state) == [.due])
    let late = try await Instalments.list(TestDistrict.autumn, today: today, in: district.admin)
    #expect(late.map(\.state) == [.overdue])
  }

  @Test("parts add up; the money is in the 一帮一 fund of the pupil's school, by kind of sponsor")
  func parts() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await receive(30_000, of: pairing, in: district.admin)
    var show = try await Commitments.show(pairing: pairing, today: day, in: district.admin)
    #expect(show.instalments[0].state == .partlyReceived)
    #expect(show.instalments[0].outstanding == Money(fen: 70_000))
    _ = try await receive(70_000, of: pairing, in: district.officer)
    show = try await Commitments.show(pairing: pairing, today: today, in: district.admin)
    #expect(show.instalments[0].state == .received)
    #expect(show.received == Money(fen: 100_000) && show.outstanding == Money(fen: 500_000))

    let fund = try await sponsorship(district)
    #expect(fund.closing == Money(fen: 100_000) && fund.schoolCode == "2199000001")
    #expect(fund.income.map(\.code) == ["company"])
    let receipts = try await district.count(
      """
      select count(*) from instalment_receipt r
      join transfer t on t.district_id = r.district_id and t.id = r.transfer_id
      where r.district_id = $1 and t.amount_fen = r.amount_fen and t.kind = 'instalment'
        and t.source_id = r.id
      """)
    #expect(receipts == 2)
    let trail = try await Audit.list(.init(subject: show.instalments[0].id), in: district.admin)
    #expect(trail.map(\.action) == ["instalment.receive", "instalment.receive"])
  }

  @Test("more than is outstanding is refused, and told how much that is")
  func tooMuch() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await receive(99_900, of: pairing, in: district.admin)
    let error = await failure { try await receive(101, of: pairing, in: district.admin) }
    let refused = try #require(error as? CommitmentError)
    #expect(refused.code == "instalment.more_than_outstanding")
    #expect(refused.text.zh.contains("还差 ¥1.00"))
    _ = try await receive(100, of: pairing, in: district.admin)
    let full = await failure { try await receive(1, of: pairing, in: district.admin) }
    #expect((full as? CommitmentError)?.text.zh.contains("没有未到账") == true)
    #expect(try await sponsorship(district).closing == Money(fen: 100_000))
  }

  @Test("the same key books once and gives the same receipt; another request is refused")
  func idempotent() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let first = try await receive(40_000, of: pairing, key: "k", in: district.admin)
    let again = try await receive(40_000, of: pairing, key: "k", in: district.admin)
    #expect(first.receipt == again.receipt && !first.replayed && again.replayed)
    #expect(
      await refusal { try await receive(40_001, of: pairing, key: "k", in: district.admin) }
        == "idempotency.other_request")
    #expect(try await sponsorship(district).closing == Money(fen: 40_000))
  }

  @Test("of two who book the rest at once, one is refused; 50 rounds")
  func atOnce() async throws {
    let district = try await TestDistrict.make()
    for round in 1...50 {
      let pairing = try await district.pairing()
      let (own, other) = (district.admin, district.second)
      let result = await race(
        { try await receive(60_000, of: pairing, in: own) },
        { try await receive(60_000, of: pairing, in: other) })
      #expect(result.won == 1)
      #expect(result.codes == ["instalment.more_than_outstanding"])
      #expect(try await sponsorship(district).closing == Money(fen: Int64(round) * 60_000))
    }
  }

  @Test("money for a later semester is booked in the semester in which it came")
  func early() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let show = try await Commitments.show(pairing: pairing, today: day, in: district.admin)
    _ = try await Instalments.receive(
      .id(show.instalments[5].id), amount: Money(fen: 100_000), on: day, in: district.admin)
    #expect(try await sponsorship(district).closing == Money(fen: 100_000))
    let last = try await Commitments.show(pairing: pairing, today: day, in: district.admin)
    #expect(last.instalments.map(\.state) == [.due, .due, .due, .due, .due, .received])
  }

  @Test("what cannot be booked is refused with its reason, and nothing is left of it")
  func refused() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let (admin, other) = (district.admin, district.otherOfficer)
    let later = try #require(CalendarDate("2030-01-01"))
    let matcher = try await district.matcher()
    let codes = await [
      refusal { try await receive(0, of: pairing, in: admin) },
      refusal { try await receive(1, 7, of: pairing, in: admin) },
      refusal { try await receive(1, of: UUID(), in: admin) },
      refusal { try await receive(1, of: pairing, in: other) },
      refusal { try await receive(1, of: pairing, in: matcher) },
      refusal { try await receive(1, of: pairing, on: later, in: admin) },
    ]
    #expect(
      codes == [
        "instalment.amount_not_positive", "instalment.no_such_number",
        "commitment.unknown_pairing", "commitment.unknown_pairing", "access.forbidden",
        "semester.unknown",
      ])
    let payout = try await district.payouts(of: pairing, TestDistrict.autumn)[0]
    try await Payouts.mark(payout.id, .cancelled, reason: "试", on: day, in: admin)
    _ = try await district.close(TestDistrict.autumn)
    #expect(
      await refusal { try await receive(1, of: pairing, in: admin) } == "fund.semester_closed")
    let show = try await Commitments.show(pairing: pairing, today: day, in: admin)
    #expect(show.received == .zero)
    #expect(try await sponsorship(district).closing == .zero)
  }

  @Test("nothing is booked to a pairing that has ended")
  func ended() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    _ = try await district.end(pairing, "sponsor_request", on: "2026-10-01")
    #expect(
      await refusal { try await receive(1, of: pairing, in: district.admin) }
        == "instalment.pairing_ended")
  }

  @Test("money taken back of a receipt is due again, in the fund and the commitment at once")
  func takenBack() async throws {
    let district = try await TestDistrict.make()
    let pairing = try await district.pairing()
    let (receipt, _) = try await receive(100_000, of: pairing, in: district.admin)
    func takeBack(_ fen: Int64?, key: String? = nil) async throws -> UUID {
      try await Instalments.reverse(
        receipt: receipt, amount: fen.map { Money(fen: $0) }, as: .refund, on: today,
        semester: TestDistrict.autumn, reason: "资助人多汇", key: key, in: district.admin)
    }
    let first = try await takeBack(40_000, key: "back")
    #expect(try await takeBack(40_000, key: "back") == first)
    var show = try await Commitments.show(pairing: pairing, today: day, in: district.admin)
    #expect(show.instalments[0].received == Money(fen: 60_000))
    #expect(try await sponsorship(district).closing == Money(fen: 60_000))
    let more = await failure { try await takeBack(60_001) }
    #expect((more as? any YibangError)?.code == "fund.more_than_left")
    _ = try await takeBack(nil)
    let nothing = await failure { try await takeBack(nil) }
    #expect((nothing as? any YibangError)?.code == "fund.reversed_before")
    let receipts = try await Instalments.receipts(
      of: show.instalments[0].id, in: district.admin)
    #expect(receipts.map(\.net) == [.zero])
    _ = try await receive(100_000, of: pairing, in: district.admin)
    show = try await Commitments.show(pairing: pairing, today: day, in: district.admin)
    #expect(show.instalments[0].state == .received)
    #expect(try await Doctor.examine(in: district.admin).map(\.check) == [])
  }
}

extension TestDistrict {
  fileprivate func matcher() async throws -> Context {
    _ = try await Users.add(
      login: "matcher", name: "matcher", role: .matcher, school: nil, in: admin)
    return try await asUser("matcher")
  }
}
