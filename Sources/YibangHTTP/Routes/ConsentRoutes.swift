import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let consentRoutes: [Endpoint] = [
    .create(
      "/consents", "consent.give", Text("登记同意", "Record a consent"), .needs([.importStudents])
    ) {
      (input: NewConsent, call) in
      let (id, added) = try await Consents.give(
        Consents.Grant(
          student: input.student, scope: input.scope,
          giver: ConsentPerson.giver(input.giver, input.guardian), donor: input.donor,
          on: call.day(input.date), until: input.until, proof: input.proof.read()),
        in: call.context)
      return ConsentGiven(id: id, added: added)
    },
    .post(
      "/consents/withdraw", "consent.withdraw", Text("撤回同意，立即生效", "Withdraw a consent, at once"),
      .needs([.importStudents])
    ) { (input: ConsentEnd, call) in
      try await Consents.withdraw(
        student: input.student, input.scope, donor: input.donor,
        by: ConsentPerson.giver(input.giver, input.guardian), how: input.how,
        on: call.day(input.date), in: call.context)
    },
    .pages(
      "/consents", "consent.list", Text("同意，含已撤回的", "The consents, past ones too"), .needs([.read])
    ) { (input: ConsentPage, page, call) in
      var filter = Consents.Filter(school: try await call.school(input.school))
      filter.student = input.student
      filter.scope = input.scope
      filter.runningOnly = input.running ?? false
      return try await Consents.page(page, filter, on: call.today, in: call.context)
    },
    .get("/consents/{id}", "consent.show", Text("一份同意", "One consent"), .needs([.read])) {
      (input: Identified, call) in
      try await Consents.show(input.id, on: call.today, in: call.context)
    },
    .file(
      "/consent-forms", "consent.form",
      Text("单独同意书，每名学生一页", "Sheets to sign, one for each pupil"), .needs([.importStudents]),
      type: SheetType.xlsx.mediaType
    ) { (input: ConsentForms, call) in
      let school = try await call.schoolRecord(input.school)
      let request = Consents.FormRequest(
        student: input.student, school: school.id, className: input.class,
        scopes: input.scope ?? ConsentScope.allCases, on: call.today)
      let bytes = try await call.file("xlsx") {
        _ = try await Consents.writeForms(request, to: $0, in: call.context)
      }
      return (bytes, SheetType.xlsx.name("同意书"))
    },
    .create(
      "/consent-uses", "consent.share",
      Text("凭同意提供或公开：先核对再登记", "Share by consent: checked, then recorded"),
      .needs([.importStudents])
    ) { (input: ConsentShare, call) in
      Identified(
        id: try await Consents.share(
          student: input.student, input.scope, donor: input.donor, what: input.what,
          on: call.day(input.date), in: call.context))
    },
    .post(
      "/consent-uses/{id}/take-down", "consent.take_down",
      Text("登记已撤下", "Record that something was taken down"), .needs([.importStudents])
    ) { (input: ConsentTakeDown, call) in
      try await Consents.takeDown(input.id, on: call.day(input.date), in: call.context)
    },
    .parts(
      "/consent-tasks", "consent.tasks",
      Text("因同意撤回或到期要办的事", "What is to be done about consents"), .needs([.read]), by: "kind",
      "student", "scope", "subject"
    ) { (input: SchoolQuestion, call) in
      try await Consents.tasks(
        school: call.school(input.school), on: call.today, in: call.context)
    },
  ]

  enum ConsentPerson: String, CaseIterable, Codable, Sendable {
    case guardian, pupil

    /// - Throws: `InputError` where a guardian has no name, or the pupil a guardian's.
    static func giver(_ person: ConsentPerson, _ name: String?) throws -> ConsentGiver {
      switch (person, name) {
      case (.guardian, let name?): return .guardian(name)
      case (.guardian, nil):
        throw InputError.value(
          field: "guardian", Text("写明监护人姓名。", "name the guardian."))
      case (.pupil, nil): return .pupil
      case (.pupil, _?):
        throw InputError.value(
          field: "guardian", Text("学生本人同意时不写监护人。", "leave it out where the pupil consents."))
      }
    }
  }

  /// How a consent is proven: one of the three.
  struct ConsentEvidence: Codable, Sendable {
    struct Scan: Codable, Sendable {
      let name: String
      let sha256: SHA256Text
    }

    /// Where the signed paper lies.
    let paper: String?
    /// A scan or recording that the school keeps, by its name and checksum.
    let file: Scan?
    let witness: String?

    /// - Throws: `InputError` unless there is exactly one.
    func read() throws -> ConsentProof {
      let proofs: [ConsentProof?] = [
        paper.map { .paper($0) }, file.map { .file(name: $0.name, sha256: $0.sha256.bytes) },
        witness.map { .inPerson(witness: $0) },
      ]
      let given = proofs.compactMap { $0 }
      guard let proof = given.first, given.count == 1 else {
        throw InputError.value(
          field: "proof",
          Text("写明 paper、file、witness 之一。", "give one of paper, file and witness."))
      }
      return proof
    }
  }

  struct NewConsent: Codable, Sendable {
    let student: UUID
    let scope: ConsentScope
    let giver: ConsentPerson
    /// The guardian's name, as on record.
    let guardian: String?
    /// This sponsor alone.
    let donor: UUID?
    let date: CalendarDate?
    /// The last day.
    let until: CalendarDate?
    let proof: ConsentEvidence
  }

  struct ConsentGiven: Codable, Sendable {
    let id: UUID
    /// False where one by the same person was running already.
    let added: Bool
  }

  struct ConsentEnd: Codable, Sendable {
    let student: UUID
    let scope: ConsentScope
    let giver: ConsentPerson
    let guardian: String?
    let donor: UUID?
    /// In writing, by telephone.
    let how: String
    let date: CalendarDate?
  }

  struct ConsentPage: Paged, Sendable {
    let school: SchoolCode?
    let student: UUID?
    let scope: ConsentScope?
    let running: Bool?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct ConsentForms: Codable, Sendable {
    let school: SchoolCode
    let student: UUID?
    let `class`: String?
    /// All where none is named.
    let scope: [ConsentScope]?
  }

  struct ConsentShare: Codable, Sendable {
    let student: UUID
    let scope: ConsentScope
    let donor: UUID?
    /// What, without personal data.
    let what: String
    let date: CalendarDate?
  }

  struct ConsentTakeDown: Codable, Sendable {
    let id: UUID
    let date: CalendarDate?
  }

  /// A list of one school's, or of all that the caller may see.
  struct SchoolQuestion: Codable, Sendable {
    let school: SchoolCode?
  }
}
