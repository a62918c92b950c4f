import Foundation
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Working days of a district")
struct CalendarImportTests {
  typealias Fixture = RecognitionFixture

  /// Invented holidays of a year that is not published yet.
  private static let holidays =
    "date,kind,name\n2027-01-01,holiday,元旦\n2027-01-02,holiday,元旦\n2027-01-03,holiday,元旦\n"
    + "2027-02-06,holiday,春节\n2027-02-07,holiday,春节\n2027-02-08,holiday,春节\n"
    + "2027-02-09,holiday,春节\n2027-02-20,makeup,春节\n"

  private func importYear(
    _ district: TestDistrict, _ text: String = holidays, in context: Context? = nil
  ) async throws -> (years: [Int], changed: Int) {
    try await district.sheet(text) {
      try await Calendars.importHolidays($0, in: context ?? district.admin)
    }
  }

  @Test("a notice that reaches a year without data is refused, and posted once it is imported")
  func newYear() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    let id = try await fixture.recognise(to: .decided)
    let day = CalendarDate("2026-12-29")!
    func post() async throws -> CalendarDate {
      try await Notices.post(
        Fixture.year, school: district.school.id, on: day, in: fixture.officer
      ).endsOn
    }
    let early = await failure { try await post() }
    #expect(early as? CalendarError == .noDataForYear(2027))
    #expect(try await fixture.state(id) == .decided)

    let imported = try await importYear(district)
    #expect(imported.years == [2027] && imported.changed == 8)
    #expect(try await importYear(district).changed == 0)
    // 30 and 31 December, then 4, 5 and 6 January.
    #expect(try await post() == CalendarDate("2027-01-06"))
    let stranger = try await TestDistrict.make()
    let elsewhere = try await Calendars.workingDays(school: nil, in: stranger.admin)
    #expect(!elsewhere.years.contains(2027))
  }

  @Test("a school's closure lengthens its own periods and nobody else's")
  func closure() async throws {
    let district = try await TestDistrict.make()
    let days = CalendarDate("2026-09-21")!...CalendarDate("2026-09-22")!
    let closed = try await Calendars.close(
      school: district.school.id, on: days, name: "校庆", in: district.officer)
    #expect(closed == 2)
    func last(_ school: UUID, _ context: Context) async throws -> CalendarDate {
      try await Calendars.workingDays(school: school, in: context)
        .deadline(after: CalendarDate("2026-09-18")!, workingDays: 5)
    }
    // The State Council's calendar alone gives 24 September.
    #expect(try await last(district.school.id, district.officer) == CalendarDate("2026-09-29"))
    #expect(
      try await last(district.otherSchool.id, district.otherOfficer) == CalendarDate("2026-09-24"))
    let foreign = await failure {
      try await Calendars.close(
        school: district.school.id, on: days, name: "校庆", in: district.otherOfficer)
    }
    #expect((foreign as? any YibangError)?.code == "access.other_school")
  }

  @Test(
    "what cannot be a year's holidays is refused",
    arguments: [
      ("date,kind,name\n2027-01-01,holiday,元旦\n", "calendar.incomplete"),
      ("date,kind,name\n", "calendar.empty"),
      (holidays + "2027-03-01,makeup,补班\n", "calendar.makeup_on_weekday"),
    ])
  func refused(text: String, code: String) async throws {
    let district = try await TestDistrict.make()
    let error = await failure { try await importYear(district, text) }
    #expect((error as? any YibangError)?.code == code)
    let officer = await failure { try await importYear(district, in: district.officer) }
    #expect((officer as? any YibangError)?.code == "access.forbidden")
  }
}
