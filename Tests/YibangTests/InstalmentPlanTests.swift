import SchoolCalendar
import Testing

@testable import Yibang

@Suite("The plan of six instalments")
struct InstalmentPlanTests {
  private func plan(
    _ semester: String, start: String, end: String? = nil, fen: Int64 = 100_000
  ) throws -> InstalmentPlan {
    let first = try #require(Semester(semester))
    let start = try #require(CalendarDate(start))
    let end = try end.map { try #require(CalendarDate($0)) } ?? first.defaultDates.upperBound
    return try InstalmentPlan(
      first: first, firstEnd: end, startingOn: start, amountPerSemester: Money(fen: fen))
  }

  @Test(
    "the first is due in September or March, or 30 days after a later start within the semester",
    arguments: [
      ("2026-2027-1", "2026-08-20", "2026-09-30"),
      ("2026-2027-1", "2026-09-30", "2026-09-30"),
      ("2026-2027-1", "2026-10-01", "2026-10-31"),
      ("2026-2027-1", "2027-01-01", "2027-01-31"),
      ("2026-2027-1", "2027-01-15", "2027-01-31"),
      ("2026-2027-1", "2027-01-31", "2027-01-31"),
      ("2025-2026-2", "2026-02-10", "2026-03-31"),
      ("2025-2026-2", "2026-04-01", "2026-05-01"),
      ("2025-2026-2", "2026-08-30", "2026-08-31"),
    ])
  func firstDue(semester: String, start: String, due: String) throws {
    #expect("\(try plan(semester, start: start).lines[0].dueOn)" == due)
  }

  @Test("a late start moves the first due date alone: the others do not drift")
  func noDrift() throws {
    let lines = try plan("2026-2027-1", start: "2026-12-31").lines
    #expect(
      lines.map { "\($0.dueOn)" } == [
        "2027-01-30", "2027-03-31", "2027-09-30", "2028-03-31", "2028-09-30", "2029-03-31",
      ])
    #expect(lines.map(\.number) == [1, 2, 3, 4, 5, 6])
    #expect(lines.last?.semester == Semester("2028-2029-2"))
  }

  @Test("a district's own end of the semester counts")
  func ownEnd() throws {
    let lines = try plan("2026-2027-1", start: "2027-01-10", end: "2027-01-20").lines
    #expect("\(lines[0].dueOn)" == "2027-01-20")
  }

  @Test("the instalments add up to the total", arguments: [1, 99, 62_550, 100_000] as [Int64])
  func total(fen: Int64) throws {
    let plan = try plan("2026-2027-1", start: "2026-09-01", fen: fen)
    #expect(plan.total == Money(fen: fen * 6))
    #expect(try plan.lines.map(\.amount).total() == plan.total)
  }

  @Test("a total that cannot be counted is an error, not a crash")
  func overflow() {
    #expect(throws: MoneyError.self) {
      try plan("2026-2027-1", start: "2026-09-01", fen: .max / 5)
    }
  }

  @Test(
    "the state of an instalment on a day",
    arguments: [
      (0, "2026-09-30", Instalment.State.due), (0, "2026-10-01", .overdue),
      (40, "2026-09-30", .partlyReceived), (40, "2026-10-01", .overdue),
      (100, "2026-09-01", .received), (100, "2027-09-01", .received),
    ] as [(Int64, String, Instalment.State)])
  func states(received: Int64, today: String, state: Instalment.State) throws {
    let found = Instalment.state(
      amount: Money(fen: 100), received: Money(fen: received),
      dueOn: try #require(CalendarDate("2026-09-30")), today: try #require(CalendarDate(today)))
    #expect(found == state)
  }
}
