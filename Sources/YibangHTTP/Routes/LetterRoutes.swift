import Foundation
import HTTPTypes
import SchoolCalendar
import Yibang

extension API {
  static let letterRoutes: [Endpoint] = letterPapers + letterSteps

  /// Text as it was written, or a scan.
  private static let letterTypes = ["text/plain", "application/pdf", "image/jpeg", "image/png"]

  private static let letterPapers: [Endpoint] = [
    .pages(
      "/letters", "letter.list", Text("本校的信件，不含内容", "The school's letters, without content"),
      .needs([.reviewLetters])
    ) { (input: LetterPage, page, call) in
      try await Letters.page(
        page, state: input.state, student: input.student, on: call.today, in: call.context)
    },
    .get(
      "/letters/{id}", "letter.show", Text("一封信，不含内容", "One letter, without content"),
      .needs([.reviewLetters])
    ) { (input: Identified, call) in
      try await Letters.show(input.id, on: call.today, in: call.context)
    }.versioned(.letter, alone: false),
    .takeFile(
      .post, "/students/{id}/letters", "letter.add", Text("登记学生的一封信", "Record a pupil's letter"),
      .needs([.reviewLetters]), types: letterTypes, status: .created
    ) { (input: OnDay, upload, call) in
      let (letter, findings) = try await Letters.add(
        student: input.id, try upload.letter, on: try call.day(input.date), in: call.context)
      return WrittenLetter(id: letter, findings: findings)
    },
    .takeFile(
      .put, "/letters/{id}/content", "letter.amend",
      Text("换上草稿或退回信件的修改稿", "Amend a draft or a returned letter"), .needs([.reviewLetters]),
      types: letterTypes
    ) { (input: Identified, upload, call) in
      let findings = try await Letters.amend(input.id, try upload.letter, in: call.context)
      return WrittenLetter(id: input.id, findings: findings)
    }.versioned(.letter),
    .lookUp(
      "/letters/{id}/open", "letter.open",
      Text("打开信件，理由记入审计", "Open a letter; the reason is kept in the trail"),
      .needs([.reviewLetters])
    ) { (input: Reveal, call) in
      OpenedLetter(
        try await Letters.open(
          input.id, reason: input.reason, on: call.today, in: call.context))
    },
  ]

  private static let letterSteps: [Endpoint] = [
    .post(
      "/letters/{id}/submit", "letter.submit",
      Text("提交审核，须有同意", "Give a letter into review, by consent"), .needs([.reviewLetters])
    ) { (input: OnDay, call) in
      LetterState(
        state: try await Letters.submit(
          input.id, on: try call.day(input.date), in: call.context))
    }.versioned(.letter),
    .post(
      "/letters/{id}/review", "letter.review",
      Text("退回、暂扣，或由校长放回审核", "Return, hold, or (principal) let it go on"),
      .needs([.reviewLetters])
    ) { (input: LetterVerdict, call) in
      try await Letters.review(input.id, input.verdict, seen: input.seen, in: call.context)
    }.versioned(.letter),
    .post(
      "/letters/{id}/redact", "letter.redact",
      Text("遮盖审核中信件的联系方式", "Block out contact data of a letter in review"),
      .needs([.reviewLetters])
    ) { (input: Identified, call) in
      Redacted(places: try await Letters.redact(input.id, on: call.today, in: call.context))
    }.versioned(.letter),
    .post(
      "/letters/{id}/release", "letter.release",
      Text("放行，由提交人以外的审核人办理", "Release; by another than who submitted"),
      .needs([.reviewLetters])
    ) { (input: OnDay, call) in
      try await Letters.release(input.id, on: try call.day(input.date), in: call.context)
    }.versioned(.letter),
    .post(
      "/letters/{id}/deliver", "letter.deliver",
      Text("登记送达", "Record that a letter was received"), .needs([.reviewLetters])
    ) { (input: Delivery, call) in
      try await Letters.deliver(
        input.id, by: input.by ?? .sponsor, on: try call.day(input.date), in: call.context)
    }.versioned(.letter),
    .post(
      "/letters/{id}/withdraw", "letter.withdraw",
      Text("撤回信件，不可恢复", "Take a letter back, for good"), .needs([.reviewLetters])
    ) { (input: Identified, call) in
      try await Letters.withdraw(input.id, in: call.context)
    }.versioned(.letter),
  ]

  struct LetterPage: Paged, Sendable {
    let state: Letters.State?
    let student: UUID?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct WrittenLetter: Codable, Sendable {
    let id: UUID
    let findings: [LetterFinding]
  }

  struct OpenedLetter: Codable, Sendable {
    /// Of a letter that was typed.
    let text: String?
    /// Of a scan: the file in base64.
    let scan: String?

    init(_ content: Letters.Content) {
      switch content {
      case .text(let text): (self.text, scan) = (text, nil)
      case .scan(let bytes): (text, scan) = (nil, Data(bytes).base64EncodedString())
      }
    }
  }

  struct LetterState: Codable, Sendable {
    let state: Letters.State
  }

  struct LetterVerdict: Codable, Sendable {
    let id: UUID
    let verdict: Letters.Verdict
    let seen: LetterFinding.Kind?
  }

  struct Redacted: Codable, Sendable {
    let places: Int
  }

  struct Delivery: Codable, Sendable {
    let id: UUID
    let by: Letters.Receiver?
    let date: CalendarDate?
  }
}

extension FileUpload {
  fileprivate var letter: Letters.Content {
    get throws {
      guard mediaType == "text/plain" else { return .scan(bytes) }
      guard let text = String(validating: bytes, as: UTF8.self),
        text.unicodeScalars.allSatisfy(InputText.isAllowed)
      else {
        throw InputError.value(
          field: "body", Text("应是 UTF-8 文字，不含控制字符。", "UTF-8 text without control characters."))
      }
      return .text(text)
    }
  }
}
