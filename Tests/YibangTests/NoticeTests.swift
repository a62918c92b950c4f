import Foundation
import HardshipRecognition
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("Notices of recognition and objections to them")
struct NoticeTests {
  typealias Fixture = RecognitionFixture

  @Test(
    "a notice of five working days ends as the calendar says",
    arguments: [
      ("2025-09-26", "2025-10-10"), ("2026-02-12", "2026-02-26"), ("2026-04-30", "2026-05-11"),
      ("2026-09-28", "2026-10-10"), ("2024-09-12", "2024-09-20"), ("2024-09-29", "2024-10-11"),
      ("2020-01-20", "2020-02-04"), ("2026-09-18", "2026-09-24"),
    ])
  func workingDays(posted: String, ends: String) throws {
    let last = try WorkingDays.national.deadline(
      after: try #require(CalendarDate(posted)),
      workingDays: RuleSet.yunnan.noticeWorkingDays)
    #expect("\(last)" == ends)
  }

  @Test("it shows masked names from its day to its last, and then is gone")
  func running() async throws {
    let fixture = try await Fixture.make()
    _ = try await fixture.recognise("张小明", to: .decided)
    _ = try await fixture.recognise("李四", to: .decided)
    let posted = try await Notices.post(
      Fixture.year, school: fixture.district.school.id, on: Fixture.posted, in: fixture.officer)
    #expect(posted.lines == 2)
    #expect(posted.endsOn == Fixture.noticeEnds)
    for (day, count) in [
      (Fixture.posted.adding(days: -1), 0), (Fixture.posted, 1), (Fixture.noticeEnds, 1),
      (Fixture.afterNotice, 0),
    ] {
      #expect(try await Notices.running(on: day, in: fixture.district.otherOfficer).count == count)
    }
    let notice = try await Notices.running(on: Fixture.posted, in: fixture.officer)[0]
    let values = notice.lines.map { $0.values(inEnglish: false) }
    #expect(Set(values.map { $0[1] }) == ["张*明", "李*"])
    #expect(values.allSatisfy { $0[2...] == ["第一小学", "三年级", "1班", "特别困难"] })
    #expect(Notices.Line.labels(inEnglish: false) == ["序号", "姓名", "学校", "年级", "班级", "认定等级"])
  }

  @Test("a year without holidays is refused and nothing is posted")
  func unknownYear() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .decided)
    let error = await failure {
      try await Notices.post(
        Fixture.year, school: fixture.district.school.id, on: CalendarDate("2026-12-29")!,
        in: fixture.officer)
    }
    #expect(error as? CalendarError == .noDataForYear(2027))
    #expect(try await fixture.state(id) == .decided)
  }

  @Test("nothing is filed before the last day has passed")
  func tooEarly() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .onNotice)
    let error = await failure {
      try await Cases.file([id], on: Fixture.noticeEnds, in: fixture.officer)
    }
    #expect(code(error) == "recognition.notice_running")
    try await Cases.file([id], on: Fixture.afterNotice, in: fixture.officer)
  }

  @Test("an anonymous objection has a number, blocks filing, and is answered by somebody else")
  func objection() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .onNotice)
    let notice = try await Notices.running(on: Fixture.posted, in: fixture.officer)[0]
    let day = Fixture.posted.adding(days: 1)
    let (number, answerBy) = try await Objections.file(
      notice: notice.id, line: 1, words: "家里新买了汽车", contact: nil, on: day,
      in: fixture.district.otherOfficer)
    // The Sunday is worked, for the holiday that follows.
    #expect(answerBy == CalendarDate("2026-09-24"))
    #expect(number.wholeMatch(of: /[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}/) != nil)
    #expect(
      code(
        await failure {
          try await Cases.file([id], on: Fixture.afterNotice, in: fixture.officer)
        }) == "recognition.objection_open")
    let status = try await Objections.status(
      number.lowercased(), in: fixture.district.otherOfficer)
    #expect(status.answeredOn == nil && status.answer == nil)

    let read = try await Objections.read(number, in: fixture.reviewer)
    #expect(read.words == "家里新买了汽车")
    #expect(read.contact == nil)
    for involved in [fixture.officer, fixture.members[0]] {
      let error = await failure {
        try await Objections.answer(
          number, upheld: false, words: "已核实", on: day, in: involved)
      }
      #expect(code(error) == "objection.reviewer_decided")
    }
    try await Objections.answer(
      number, upheld: false, words: "经家访，车为借用", on: day, in: fixture.reviewer)
    #expect(
      try await Objections.status(number, in: fixture.officer).answer == "经家访，车为借用")
    let twice = await failure {
      try await Objections.answer(number, upheld: true, words: "改", on: day, in: fixture.reviewer)
    }
    #expect(code(twice) == "objection.answered_before")
    try await Cases.file([id], on: Fixture.afterNotice, in: fixture.officer)
  }

  @Test("an upheld objection takes the case off the notice, to be assessed anew")
  func upheld() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .onNotice)
    let notice = try await Notices.running(on: Fixture.posted, in: fixture.officer)[0]
    let (number, _) = try await Objections.file(
      notice: notice.id, line: 1, words: "不属实", contact: "13800000000", on: Fixture.posted,
      in: fixture.officer)
    #expect(
      try await Objections.read(number, in: fixture.reviewer).contact == "13800000000")
    try await Objections.answer(
      number, upheld: true, words: "属实，重新评议", on: Fixture.posted, in: fixture.reviewer)
    #expect(try await fixture.state(id) == .nominated)
    #expect(try await Notices.running(on: Fixture.posted, in: fixture.officer).isEmpty)
    #expect(
      code(
        await failure {
          try await Objections.file(
            notice: notice.id, line: 1, words: "x", contact: nil, on: Fixture.posted,
            in: fixture.officer)
        }) == "notice.unknown_line")
  }

  @Test("an objection to the notice as a whole blocks every case on it")
  func wholeNotice() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.recognise(to: .onNotice)
    let notice = try await Notices.running(on: Fixture.posted, in: fixture.officer)[0]
    let late = await failure {
      try await Objections.file(
        notice: notice.id, line: nil, words: "漏了人", contact: nil, on: Fixture.afterNotice,
        in: fixture.officer)
    }
    #expect(code(late) == "notice.not_running")
    let (number, _) = try await Objections.file(
      notice: notice.id, line: nil, words: "漏了人", contact: nil, on: Fixture.noticeEnds,
      in: fixture.officer)
    let blocked = await failure {
      try await Cases.file([id], on: Fixture.afterNotice, in: fixture.officer)
    }
    #expect(code(blocked) == "recognition.objection_open")
    #expect(
      try await Objections.list(openOnly: true, in: fixture.officer).map(\.number) == [number])
    #expect(try await Objections.list(in: fixture.district.otherOfficer).isEmpty)
  }

  @Test("two reviewers answering at once: one answer stands")
  func twoReviewers() async throws {
    let fixture = try await Fixture.make()
    _ = try await fixture.recognise(to: .onNotice)
    let second = fixture.district.admin
    let notice = try await Notices.running(on: Fixture.posted, in: fixture.officer)[0]
    for round in 0..<10 {
      let (number, _) = try await Objections.file(
        notice: notice.id, line: 1, words: "第\(round)次", contact: nil, on: Fixture.posted,
        in: fixture.officer)
      let outcomes = await withTaskGroup(of: String?.self) { group in
        for reviewer in [fixture.reviewer, second] {
          group.addTask {
            code(
              await failure {
                try await Objections.answer(
                  number, upheld: false, words: "答", on: Fixture.posted, in: reviewer)
              })
          }
        }
        return await group.reduce(into: [String?]()) { $0.append($1) }
      }
      #expect(outcomes.filter { $0 == nil }.count == 1)
      #expect(outcomes.filter { $0 == "objection.answered_before" }.count == 1)
    }
  }
}
