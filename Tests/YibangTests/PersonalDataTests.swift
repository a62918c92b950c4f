import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("The copy of a child's data")
struct PersonalDataTests {
  private func export(
    _ fixture: PrivacyFixture, askedBy asker: Erasures.Asker = .guardian, in context: Context? = nil
  ) async throws -> PersonalData {
    try await PersonalData.export(
      of: fixture.student, reason: "监护人来校要求", askedBy: asker, on: TestDistrict.today,
      in: context ?? fixture.officer)
  }

  private func values(_ data: PersonalData, _ section: String) -> [String] {
    data.sections.filter { $0.code == section }.flatMap(\.records).joined().map(\.value)
  }

  @Test("everything that is held about the child is in it, and that it was asked for is on record")
  func complete() async throws {
    let fixture = try await PrivacyFixture.make()
    let data = try await export(fixture)
    let identity = values(data, "identity")
    for value in [
      PrivacyFixture.name, PrivacyFixture.residentID, PrivacyFixture.address, PrivacyFixture.cause,
      "男", "第一小学",
    ] { #expect(identity.contains(value), "\(value)") }
    #expect(values(data, "guardians").contains(PrivacyFixture.guardian))
    #expect(values(data, "guardians").contains(PrivacyFixture.phone))
    #expect(values(data, "consents").contains("\(PrivacyFixture.name)同意书"))
    #expect(values(data, "recognitions").contains("特别困难"))
    #expect(values(data, "payments").contains(PrivacyFixture.residentID))
    #expect(values(data, "payouts").count >= 3)
    #expect(values(data, "pairings").contains("测试有限公司"))
    #expect(values(data, "letters").contains(PrivacyFixture.letter))
    #expect(values(data, "activities").contains("家访\(PrivacyFixture.name)"))
    #expect(values(data, "goods").contains("书包"))
    let trail = try await Audit.list(.init(subject: fixture.student), in: fixture.district.admin)
    let entry = try #require(trail.first { $0.action == "student.export" })
    #expect(entry.after?.contains("guardian") == true && entry.after?.contains("来校") == true)
    #expect(values(try await export(fixture), "trail").contains("student.export"))
  }

  @Test("what was claimed, found and decided in a case is in it, without who found it")
  func cases() async throws {
    let recognition = try await RecognitionFixture.make()
    let id = try await recognition.recognise(to: .filed)
    let student: UUID = try await recognition.officer.read { session in
      try session.query("select student_id from recognition_case where id = $1", id)[0].get(0)
    }
    let data = try await PersonalData.export(
      of: student, reason: "监护人要求", askedBy: .guardian, on: TestDistrict.today,
      in: recognition.officer)
    #expect(values(data, "cases").contains("orphan"))
    #expect(values(data, "cases").contains { $0.contains("第十条（三）") || $0.contains("民政") })
    #expect(values(data, "findings").filter { $0 == "家中无固定收入" }.count == 2)
    #expect(values(data, "proofs").contains("civil-affairs"))
    #expect(values(data, "notices").count >= 4 && !values(data, "recognitions").isEmpty)
    let text = String(decoding: try JSONEncoder().encode(data), as: UTF8.self)
    #expect(!text.contains("\"a1\""))
  }

  @Test("a sponsor who wants to stay unnamed is unnamed, and the district has no letters to give")
  func others() async throws {
    let fixture = try await PrivacyFixture.make(
      sponsor: SponsorDetails(kind: .individual, name: "匿小助", anonymous: true))
    let data = try await export(fixture, in: fixture.district.admin)
    let text = String(decoding: try JSONEncoder().encode(data), as: UTF8.self)
    #expect(!text.contains("匿小助") && values(data, "pairings").contains("匿名"))
    #expect(!text.contains(PrivacyFixture.letter))
    #expect(!text.contains("样小二"), "nothing of another child")
  }

  @Test("who may not see identities, or has no reason, or asks for a pupil too young, gets nothing")
  func refusals() async throws {
    let fixture = try await PrivacyFixture.make()
    _ = try await Users.add(
      login: "matcher", name: "m", role: .matcher, school: nil, in: fixture.district.admin)
    let matcher = try await fixture.district.asUser("matcher")
    #expect(await code { try await export(fixture, in: matcher) } == "access.forbidden")
    let stranger = fixture.district.otherOfficer
    #expect(await code { try await export(fixture, in: stranger) } == "student.unknown")
    #expect(await code { try await export(fixture, askedBy: .pupil) } == "erasure.pupil_too_young")
    let empty = await code {
      try await PersonalData.export(
        of: fixture.student, reason: " ", askedBy: .guardian, on: TestDistrict.today,
        in: fixture.officer)
    }
    #expect(empty == "erasure.no_reason")
  }

  @Test(
    "it is written for programs and for people, for its owner alone", arguments: ["json", "xlsx"])
  func files(kind: String) async throws {
    let fixture = try await PrivacyFixture.make()
    let data = try await export(fixture)
    let path = "\(TestPlatform.directory)/\(UUID().uuidString).\(kind)"
    try data.write(to: path, .zh)
    let file = FileManager.default
    #expect(try file.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    if kind == "json" {
      let read = try JSONDecoder().decode(
        PersonalData.self, from: Data(contentsOf: URL(filePath: path)))
      #expect(read.sections == data.sections)
    } else {
      #expect(try Data(contentsOf: URL(filePath: path)).starts(with: [0x50, 0x4B]))
    }
    try file.removeItem(atPath: path)
  }
}
