import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let noticeRoutes: [Endpoint] = [
    .create(
      "/notices", "notice.post", Text("公示所有已决定的申请", "Post all decided cases"),
      .needs([.recognise])
    ) { (input: NewNotice, call) in
      let day = try call.day(input.date)
      let semester = try await call.semester(input.semester, on: day)
      return try await Notices.post(
        semester.schoolYear, adjusts: input.adjustment == true ? semester : nil,
        school: call.schoolRecord(input.school).id, on: day, in: call.context)
    },
    .parts(
      "/notices", "notice.show", Text("正在公示的名单", "The notices that are running"), .signedIn,
      by: "id"
    ) {
      (input: DayOfWork, call) in
      try await Notices.running(on: call.day(input.date), in: call.context).map {
        NoticeView($0, call.language)
      }
    },
    .file(
      "/notices/sheet", "notice.sheet", Text("公示名单 .xlsx，以便打印", "The notices to print"),
      .signedIn, type: SheetType.xlsx.mediaType
    ) { (input: DayOfWork, call) in
      let notices = try await Notices.running(on: call.day(input.date), in: call.context)
      let bytes = try await call.file("xlsx") { try await Notices.write(notices, to: $0) }
      return (bytes, SheetType.xlsx.name("公示"))
    },
  ]

  static let objectionRoutes: [Endpoint] = [
    .create(
      "/objections", "objection.file", Text("受理异议，可以匿名", "Take an objection, also anonymous"),
      .signedIn
    ) { (input: NewObjection, call) in
      let (number, answerBy) = try await Objections.file(
        notice: input.notice, line: input.line, words: input.words, contact: input.contact,
        on: call.day(input.date), in: call.context)
      return ObjectionFiled(number: number, answerBy: answerBy)
    },
    .parts(
      "/objections", "objection.list", Text("异议及答复期限", "Objections and when they are due"),
      .needs([.read]), by: "number"
    ) {
      (input: ObjectionList, call) in
      try await Objections.list(
        school: call.school(input.school), openOnly: input.open ?? false, in: call.context)
    },
    .get(
      "/objections/{number}/status", "objection.status",
      Text("按受理编号查询", "What became of an objection"), .signedIn
    ) { (input: ObjectionNumber, call) in
      try await Objections.status(input.number, in: call.context)
    },
    .lookUp(
      "/objections/{number}/words", "objection.read",
      Text("异议内容；查看会被记录", "What it says; reading it is recorded"),
      .needs([.reviewObjections])
    ) { (input: ObjectionNumber, call) in
      let (words, contact) = try await Objections.read(input.number, in: call.context)
      return ObjectionWords(words: words, contact: contact)
    },
    .post(
      "/objections/{number}/answer", "objection.answer",
      Text("复核并答复；由未参与决定的人办理", "Answer after review by somebody else"),
      .needs([.reviewObjections])
    ) { (input: ObjectionAnswer, call) in
      try await Objections.answer(
        input.number, upheld: input.upheld, words: input.words, on: call.day(input.date),
        in: call.context)
    },
  ]

  struct NewNotice: Codable, Sendable {
    let school: SchoolCode
    /// Of this semester's adjustment.
    let adjustment: Bool?
    let semester: Semester?
    let date: CalendarDate?
  }

  struct NoticeView: Codable, Sendable {
    /// All that is said of a child.
    struct Line: Codable, Sendable {
      let number: Int
      let name: String
      let grade: String
      let `class`: String
      let tier: String
    }

    let id: UUID
    let school: String
    let schoolYear: SchoolYear
    let postedOn: CalendarDate
    let endsOn: CalendarDate
    let lines: [Line]

    init(_ notice: Notices.Notice, _ language: Language) {
      let isEnglish = language == .en
      id = notice.id
      school = notice.school
      schoolYear = notice.year
      postedOn = notice.postedOn
      endsOn = notice.endsOn
      lines = notice.lines.map { line in
        let (number, name, _, grade, className, tier) = line.fields
        return Line(
          number: number.number, name: name.published(inEnglish: isEnglish),
          grade: grade.published(inEnglish: isEnglish),
          class: className.published(inEnglish: isEnglish),
          tier: tier.published(inEnglish: isEnglish))
      }
    }
  }

  struct NewObjection: Codable, Sendable {
    let notice: UUID
    /// The number of a line; the whole notice where none is given.
    let line: Int?
    /// Kept sealed.
    let words: String
    /// Anonymous without one; kept sealed.
    let contact: String?
    let date: CalendarDate?
  }

  struct ObjectionFiled: Codable, Sendable {
    /// By which the objector follows it.
    let number: String
    let answerBy: CalendarDate
  }

  struct ObjectionList: Codable, Sendable {
    let school: SchoolCode?
    let open: Bool?
  }

  struct ObjectionNumber: Codable, Sendable {
    let number: String
  }

  struct ObjectionWords: Codable, Sendable {
    let words: String
    let contact: String?
  }

  struct ObjectionAnswer: Codable, Sendable {
    let number: String
    let upheld: Bool
    let words: String
    let date: CalendarDate?
  }
}
