import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// A pupil with a sponsor, and two reviewers of its school.
struct LetterFixture {
  let mail: MailFixture
  let principal: Context

  var district: TestDistrict { mail.district }
  var officer: Context { district.officer }
  static let today = TestDistrict.today

  static func make(consents: Bool = true) async throws -> LetterFixture {
    let mail = try await MailFixture.make()
    _ = try await Users.add(
      login: "principal", name: "样校长", role: .principal, school: mail.district.school.id,
      in: mail.district.admin)
    if consents { try await mail.consent("letter") }
    return LetterFixture(mail: mail, principal: try await mail.district.asUser("principal"))
  }

  func write(_ text: String = "谢谢您的帮助。") async throws -> UUID {
    try await Letters.add(
      student: mail.student, .text(text), on: Self.today, in: officer
    ).id
  }

  func submitted(_ text: String = "谢谢您的帮助。") async throws -> UUID {
    let id = try await write(text)
    _ = try await Letters.submit(id, on: Self.today, in: officer)
    return id
  }

  func open(_ id: UUID, in context: Context? = nil) async throws -> Letters.Content {
    try await Letters.open(id, reason: "审核", on: Self.today, in: context ?? principal)
  }

  func release(_ id: UUID, in context: Context? = nil) async throws {
    try await Letters.release(id, on: Self.today, in: context ?? principal)
  }

  func state(_ id: UUID) async throws -> Letters.State? {
    try await Letters.list(on: Self.today, in: officer).first { $0.id == id }?.state
  }
}

@Suite("Pupils' letters to their sponsors")
struct LetterTests {
  typealias Fixture = LetterFixture

  @Test("written, submitted, opened, released by another, received, and withdrawn")
  func whole() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.write("谢谢您，我是样小例的同桌。")
    #expect(try await Letters.submit(id, on: Fixture.today, in: fixture.officer) == .inReview)
    #expect(await refusal { try await fixture.release(id) } == "letter.not_opened")
    #expect(try await fixture.open(id) == .text("谢谢您，我是样小例的同桌。"))
    // The sponsor may not know the name, which stands in the letter.
    #expect(await refusal { try await fixture.release(id) } == "letter.names")
    try await fixture.mail.consent("sponsor_identity")
    _ = try await fixture.open(id, in: fixture.officer)
    let same = await refusal { try await fixture.release(id, in: fixture.officer) }
    #expect(same == "letter.same_person")
    try await fixture.release(id)
    let uses = try await fixture.district.count(
      "select count(*) from consent_use where district_id = $1 and scope = 'letter'")
    #expect(uses == 1)
    try await Letters.deliver(id, by: .sponsor, on: Fixture.today, in: fixture.officer)
    #expect(try await fixture.state(id) == .delivered)
    try await Letters.withdraw(id, in: fixture.officer)
    #expect(await refusal { try await fixture.open(id) } == "letter.not_in_state")
    let openings = try await Audit.list(.init(subject: id), in: fixture.district.admin)
      .filter { $0.action == "letter.open" }
    #expect(openings.count == 2 && openings.allSatisfy { $0.after?.contains("审核") == true })
  }

  @Test("steps that do not follow are refused, by the database")
  func steps() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.write()
    _ = try await fixture.open(id)
    #expect(await refusal { try await fixture.release(id) } == "letter.not_in_state")
    let delivered = await refusal {
      try await Letters.deliver(id, by: .school, on: Fixture.today, in: fixture.officer)
    }
    #expect(delivered == "letter.not_in_state")
    for statement: SQL in [
      "update letter set state = 'released'", "delete from letter",
      "select * from letter_content", "insert into letter_content select * from letter_content",
      "update letter_issue set kind = 'name'",
    ] {
      let error = await failure {
        try await fixture.officer.write { try $0.script(statement) }
      }
      guard case .privilege? = error as? PostgresError else {
        Issue.record("\(statement.text): \(String(describing: error))")
        continue
      }
    }
  }

  @Test("without the guardian's consent, or the pupil's from fourteen on, nothing is submitted")
  func consents() async throws {
    let fixture = try await Fixture.make(consents: false)
    let id = try await fixture.write()
    func submit() async -> String? {
      await refusal { try await Letters.submit(id, on: Fixture.today, in: fixture.officer) }
    }
    #expect(await submit() == "letter.no_consent")
    try await fixture.mail.consent("letter")
    let student = fixture.mail.student
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        "update student set birth_month = '2012-01-01' where id = $1", student)
    }
    // Of fourteen, the pupil consents to the pairing as well.
    for scope in ["pairing", "letter"] {
      #expect(await submit() == "letter.no_consent")
      try await fixture.district.change(
        """
        insert into consent (
          district_id, id, school_id, student_id, scope, giver, given_by, given_on, proof, actor_id
        )
        values ($1, $2, $3, $4, $5, 'pupil', '样小例', '2026-09-01', 'test', $6)
        """, UUID.v7(), fixture.district.school.id, student, scope,
        fixture.district.admin.actor.userID)
    }
    #expect(await submit() == nil)
  }

  @Test(
    "a withdrawal stops a letter at once: before its release, and before it is handed over",
    arguments: ["letter", "pairing"])
  func withdrawal(scope: String) async throws {
    let fixture = try await Fixture.make()
    let released = try await fixture.submitted()
    let waiting = try await fixture.submitted("再次谢谢您。")
    for id in [released, waiting] { _ = try await fixture.open(id) }
    try await fixture.release(released)
    try await fixture.mail.withdraw(scope)
    #expect(await refusal { try await fixture.release(waiting) } == "letter.no_consent")
    #expect(await refusal { try await fixture.open(released) } == "letter.no_consent")
    let delivered = await refusal {
      try await Letters.deliver(released, by: .school, on: Fixture.today, in: fixture.officer)
    }
    #expect(delivered == "letter.no_consent")
    let listed = try await Letters.list(on: Fixture.today, in: fixture.officer)
    #expect(listed.filter(\.isStopped).map(\.id) == [released])
  }

  @Test(
    "a release and a withdrawal at once: released before it, or refused after it",
    arguments: ["letter", "pairing"])
  func withdrawalRace(scope: String) async throws {
    for _ in 1...4 {
      let fixture = try await Fixture.make()
      let id = try await fixture.submitted()
      _ = try await fixture.open(id)
      async let release = refusal { try await fixture.release(id) }
      async let withdrawal: Void = fixture.mail.withdraw(scope)
      let code = await release
      try await withdrawal
      #expect(code == nil || code == "letter.no_consent")
      let uses = try await fixture.district.count(
        "select count(*) from consent_use where district_id = $1 and scope = 'letter'")
      #expect(uses == (code == nil ? 1 : 0))
    }
  }

  @Test("contact data blocks the release until it is redacted, or the letter written anew")
  func contact() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.submitted("谢谢您，我的电话是一九九 0000 0001，再见。")
    _ = try await fixture.open(id)
    #expect(await refusal { try await fixture.release(id) } == "letter.contact")
    #expect(try await Letters.redact(id, on: Fixture.today, in: fixture.principal) > 0)
    // The redacted version is another, to be opened first.
    #expect(await refusal { try await fixture.release(id) } == "letter.not_opened")
    let opened = try await fixture.open(id)
    #expect(opened == .text("谢谢您，我的■■■■■■■■■■■■■■■■，再见。"))
    try await fixture.release(id)

    let other = try await fixture.submitted("我的QQ是123456。")
    try await Letters.review(other, .returned, in: fixture.principal)
    let found = try await Letters.amend(other, .text("谢谢您。"), in: fixture.officer)
    #expect(found.isEmpty)
    _ = try await Letters.submit(other, on: Fixture.today, in: fixture.officer)
    #expect(await refusal { try await fixture.release(other) } == "letter.not_opened")
    #expect(try await fixture.open(other) == .text("谢谢您。"))
    try await fixture.release(other)
  }

  @Test("forty letters with a planted number go the whole way: none is released")
  func planted() async throws {
    let fixture = try await Fixture.make()
    for seed in 0..<40 {
      var letter = InventedLetter(seed: UInt64(seed) + 50_000)
      let id = try await fixture.submitted(letter.withNumber())
      _ = try await fixture.open(id)
      #expect(await refusal { try await fixture.release(id) } == "letter.contact", "seed \(seed)")
    }
    let released = try await Letters.list(state: .released, on: Fixture.today, in: fixture.officer)
    #expect(released.isEmpty)
  }

  @Test("distress holds a letter for the principal, who alone lets it go on")
  func distress() async throws {
    let fixture = try await Fixture.make()
    let id = try await fixture.write("爸爸喝了酒就打我。")
    #expect(try await Letters.submit(id, on: Fixture.today, in: fixture.officer) == .held)
    for verdict in [Letters.Verdict.goesOn, .returned] {
      let refused = await refusal {
        try await Letters.review(id, verdict, in: fixture.officer)
      }
      #expect(refused == "letter.principal_only")
    }
    _ = try await fixture.open(id)
    #expect(await refusal { try await fixture.release(id) } == "letter.not_in_state")
    let tasks = try await Reminders.tasks(on: Fixture.today, in: fixture.principal)
    #expect(tasks.filter { $0.kind == .letterHeld }.map(\.subject) == [id])
    let abroad = try await Reminders.tasks(on: Fixture.today, in: fixture.district.admin)
    #expect(!abroad.contains { $0.kind == .letterHeld })
    let held = try await Letters.list(state: .held, on: Fixture.today, in: fixture.principal)
    #expect(held.map(\.issues) == [[.distress]])
    try await Letters.review(id, .goesOn, in: fixture.principal)
    try await fixture.release(id)
  }

  @Test("nobody outside the school's review sees or opens a letter, whatever the role")
  func outsiders() async throws {
    let fixture = try await Fixture.make()
    let district = fixture.district
    let id = try await fixture.submitted()
    for role in [Role.matcher, .finance, .auditor] {
      _ = try await Users.add(
        login: role.rawValue, name: "样", role: role, school: nil, in: district.admin)
    }
    _ = try await Users.add(
      login: "assessor", name: "样", role: .assessor, school: district.school.id, in: district.admin)
    for login in ["matcher", "finance", "auditor", "assessor"] {
      let outsider = try await district.asUser(login)
      #expect(await refusal { try await fixture.open(id, in: outsider) } == "access.forbidden")
    }
    #expect(
      await refusal { try await fixture.open(id, in: district.admin) } == "letter.school_only")
    #expect(
      await refusal { try await fixture.open(id, in: district.otherOfficer) } == "letter.unknown")
    // Nor by the database alone, with the settings of a district or another school's user.
    let stranger = district.otherOfficer.actor.userID
    for context in [district.admin, district.otherOfficer, district.officer] {
      let error = await failure {
        try await context.write { session in
          try session.query(
            "select * from letter_open($1, $2, 'x', '2026-11-20', $3)", id, UUID.v7(), stranger
          ).count
        }
      }
      guard case .check? = error as? PostgresError else {
        Issue.record("opened by \(context.actor.login)")
        continue
      }
    }
    let seen = try await district.count(
      """
      select (select count(*) from letter where district_id = $1)
        + (select count(*) from letter_issue where district_id = $1)
      """)
    #expect(seen == 0)
    #expect(
      await refusal {
        try await Letters.open(id, reason: " ", on: Fixture.today, in: fixture.officer)
      } == "letter.no_reason")
  }

  @Test("a scan is kept sealed with its checksum; other files are refused")
  func scans() async throws {
    let fixture = try await Fixture.make()
    let bytes = Array("%PDF-1.7 ".utf8) + (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let id = try await Letters.add(
      student: fixture.mail.student, .scan(bytes), on: Fixture.today, in: fixture.officer
    ).id
    _ = try await Letters.submit(id, on: Fixture.today, in: fixture.officer)
    #expect(try await fixture.open(id) == .scan(bytes))
    let redacted = await refusal {
      try await Letters.redact(id, on: Fixture.today, in: fixture.principal)
    }
    #expect(redacted == "letter.scan_not_redacted")
    try await Letters.review(id, .returned, seen: .phone, in: fixture.principal)
    _ = try await Letters.submit(id, on: Fixture.today, in: fixture.officer)
    #expect(await refusal { try await fixture.release(id) } == "letter.contact")
    let wrong: [(Letters.Content, String)] = [
      (.scan(Array("MZ".utf8)), "letter.file_kind"), (.scan([]), "letter.empty"),
      (
        .scan(Array("%PDF-".utf8) + [UInt8](repeating: 0, count: 10 << 20)), "letter.file_too_large"
      ),
      (.text(" \n"), "letter.empty"),
      (.text(String(repeating: "谢", count: 20_001)), "letter.too_long"),
    ]
    for (content, code) in wrong {
      let refused = await refusal {
        try await Letters.add(
          student: fixture.mail.student, content, on: Fixture.today, in: fixture.officer)
      }
      #expect(refused == code)
    }
  }

  @Test(
    "what stands in the database of a letter needs the key to be read, and no trail tells it")
  func sealed() async throws {
    let fixture = try await Fixture.make()
    let secret = "悄悄话一九九 0000 0001"
    let id = try await fixture.submitted(secret)
    _ = try await Letters.redact(id, on: Fixture.today, in: fixture.principal)
    let code = fixture.district.code
    let rows: [String] = try await TestPlatform.asOwner { session in
      try session.query(
        """
        select to_jsonb(l)::text from letter l where district_id = $1
        union all select to_jsonb(c)::text from letter_content c where district_id = $1
        union all select to_jsonb(i)::text from letter_issue i where district_id = $1
        union all select to_jsonb(a)::text from audit a where district_id = $1 and subject = 'letter'
        union all select to_jsonb(u)::text from consent_use u where district_id = $1
        """, code
      ).map { try $0.get(0) }
    }
    #expect(rows.count >= 7)
    let hex = Data("悄悄话".utf8).map { String(format: "%02x", $0) }.joined()
    for words in ["悄悄话", hex, "0000 0001"] {
      #expect(!rows.contains { $0.contains(words) }, "\(words)")
    }
  }
}
