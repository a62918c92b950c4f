import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("One record for one donor")
struct DonorIdentityTests {
  private static let residentID = "990000198001010013"
  private static let phone = "199 0000 1234"

  private static func person(
    _ name: String = "试捐者", kind: DonorKind = .individual, resident: String? = nil,
    credit: String? = nil, phone: String? = nil, anonymous: Bool = false
  ) throws -> IdentifiedDonor {
    IdentifiedDonor(
      DonorDetails(kind: kind, name: name, anonymous: anonymous),
      DonorNumbers(
        residentID: try resident.map { try ResidentID($0) },
        creditCode: try credit.map { try CreditCode($0) },
        mobile: try phone.map { try Mobile($0) }))
  }

  /// A valid resident ID for tests, by a serial number.
  static func resident(_ serial: Int) -> String {
    let body = "99000019800101" + String(String(1000 + serial % 1000).suffix(3))
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body.utf8, weights).reduce(0) { $0 + Int($1.0 - 48) * $1.1 }
    return body + [String](["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"])[sum % 11]
  }

  /// A valid credit code of an organisation, by the office that registered it.
  static func credit(office: String, entity: String) -> String {
    let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
    let body = Array(office + entity)
    var (sum, weight) = (0, 1)
    for letter in body {
      sum += alphabet.firstIndex(of: letter)! * weight
      weight = weight * 3 % 31
    }
    return String(body) + String(alphabet[(31 - sum % 31) % 31])
  }

  @Test("the same identity again is the same donor, whatever the school, and says so")
  func sameIdentity() async throws {
    let district = try await TestDistrict.make()
    let person = try Self.person(resident: Self.resident(1), phone: Self.phone)
    let first = try await Donors.add(person, school: district.school.id, in: district.officer)
    #expect(first.added)
    for context in [district.officer, district.admin] {
      let again = try await Donors.add(person, school: district.school.id, in: context)
      #expect(again.id == first.id && !again.added)
    }
    // Another school does not see the donor before it names the identity itself.
    #expect(try await Donors.list(in: district.otherOfficer).isEmpty)
    let other = try await Donors.add(
      person, school: district.otherSchool.id, in: district.otherOfficer)
    #expect(other.id == first.id && !other.added)
    #expect(try await Donors.list(in: district.otherOfficer).map(\.id) == [first.id])
    let fund = try await Funds.fund(
      for: nil, school: district.otherSchool.id, in: district.otherOfficer)
    _ = try await Giving.record(
      .init(
        donor: first.id, fund: fund, school: district.otherSchool.id,
        semester: TestDistrict.autumn, amount: Money(fen: 100), receivedOn: TestDistrict.today),
      in: district.otherOfficer)
    #expect(try await Giving.list(in: district.otherOfficer).count == 1)
    #expect(try await Giving.list(in: district.officer).isEmpty)
  }

  @Test("twenty at once add one identity: one donor")
  func sameIdentityAtOnce() async throws {
    let district = try await TestDistrict.make()
    let person = try Self.person(resident: Self.resident(2))
    let ids = try await withThrowingTaskGroup(of: UUID.self) { group in
      for turn in 0..<20 {
        group.addTask {
          let context = turn % 2 == 0 ? district.officer : district.otherOfficer
          let school = turn % 2 == 0 ? district.school.id : district.otherSchool.id
          return try await Donors.add(person, school: school, in: context).id
        }
      }
      return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
  }

  @Test("wrong person by a shared name (NPSP #7161): a name alone joins no one with an identity")
  func sharedName() async throws {
    let district = try await TestDistrict.make()
    let school = district.school.id
    func add(_ person: IdentifiedDonor) async throws -> UUID {
      try await Donors.add(person, school: school, in: district.admin).id
    }
    let one = try await add(Self.person(resident: Self.resident(3)))
    let two = try await add(Self.person(resident: Self.resident(4)))
    let byPhone = try await add(Self.person(phone: Self.phone))
    let otherPhone = try await add(Self.person(phone: "19900004321"))
    let byName = try await add(Self.person("试捐者", kind: .teacher))
    #expect(Set([one, two, byPhone, otherPhone, byName]).count == 5)
    // The rule without any number: equal school, kind, name and class.
    #expect(try await add(Self.person("试 捐 者", kind: .teacher)) == byName)
    let elsewhere = try await Donors.add(
      Self.person(kind: .teacher), school: district.otherSchool.id, in: district.admin)
    #expect(elsewhere.added)
    #expect(try await add(Self.person("试捐", kind: .teacher)) != byName)
    #expect(try await Donors.duplicates(in: district.admin).isEmpty)
  }

  @Test("an identity under another name is refused, and numbers fit their kind")
  func refusals() async throws {
    let district = try await TestDistrict.make()
    func add(_ person: IdentifiedDonor) async -> String? {
      await refusal {
        try await Donors.add(person, school: district.school.id, in: district.admin)
      }
    }
    #expect(try await add(Self.person(resident: Self.resident(5))) == nil)
    #expect(
      try await add(Self.person("试别人", resident: Self.resident(5))) == "donor.other_name")
    #expect(
      try await add(Self.person(kind: .company, resident: Self.resident(6)))
        == "donor.identity_of_other_kind")
    #expect(try await add(Self.person("匿名", phone: Self.phone)) == "donor.no_name")
  }

  @Test("found by number, masked; in full only with right and reason, which stays in the trail")
  func find() async throws {
    let district = try await TestDistrict.make()
    let person = try Self.person("试小明", resident: Self.resident(7), phone: Self.phone)
    let id = try await Donors.add(person, school: district.school.id, in: district.officer).id
    for numbers in [
      DonorNumbers(residentID: person.numbers.residentID),
      DonorNumbers(mobile: person.numbers.mobile),
    ] {
      let found = try await Donors.find(numbers, in: district.officer)
      #expect(found.map(\.id) == [id])
      #expect(found.map(\.name) == ["试*明"])
      #expect(try await Donors.find(numbers, in: district.otherOfficer).isEmpty)
    }
    #expect(
      await refusal { try await Donors.find(DonorNumbers(), in: district.officer) }
        == "donor.no_number")
    #expect(
      await refusal { try await Donors.reveal(id, reason: " ", in: district.officer) }
        == "donor.reason_missing")
    #expect(
      await refusal { try await Donors.reveal(id, reason: "给试小明开票", in: district.officer) }
        == "donor.reason_names")
    _ = try await Users.add(
      login: "fin", name: "财务", role: .finance, school: nil, in: district.admin)
    let finance = try await district.asUser("fin")
    #expect(
      await refusal { try await Donors.reveal(id, reason: "核对票据", in: finance) }
        == "access.forbidden")
    let identity = try await Donors.reveal(id, reason: "核对票据", in: district.officer)
    #expect(identity.map(\.residentID) == [Self.resident(7)])
    #expect(identity.map(\.mobile) == ["19900001234"])
    let trail = try await Audit.list(.init(subject: id), in: district.admin)
    #expect(trail.first?.action == "identity.reveal")
    for entry in trail {
      let text = "\(entry.before ?? "")\(entry.after ?? "")"
      #expect(!text.contains("试小明") && !text.contains("9900001"))
    }
  }

  @Test("candidates with their reason: phone and name, company name, organisation code")
  func duplicates() async throws {
    let district = try await TestDistrict.make()
    func add(_ person: IdentifiedDonor, _ school: Schools.School) async throws -> UUID {
      try await Donors.add(person, school: school.id, in: district.admin).id
    }
    let (here, there) = (district.school, district.otherSchool)
    _ = try await add(Self.person(resident: Self.resident(8), phone: Self.phone), here)
    _ = try await add(Self.person(resident: Self.resident(9), phone: Self.phone), here)
    let short = try await add(Self.person("试例（昆明）商贸有限公司", kind: .company), here)
    let long = try await add(Self.person("试例(昆明)商贸有限责任公司", kind: .company), there)
    let (oldCode, newCode) = (
      Self.credit(office: "91990000", entity: "MA7TETX12"),
      Self.credit(office: "91530000", entity: "MA7TETX12")
    )
    let old = try await add(Self.person("试甲公司", kind: .company, credit: oldCode), here)
    let new = try await add(Self.person("试乙公司", kind: .company, credit: newCode), here)
    let found = try await Donors.duplicates(in: district.admin)
    let byLikeness = Dictionary(grouping: found, by: \.likeness)
    #expect(byLikeness[.phoneAndName]?.map(\.mergeable) == [false])
    #expect(byLikeness[.companyName]?.map { Set([$0.one, $0.other]) } == [[short, long]])
    #expect(byLikeness[.sameEntity]?.map { Set([$0.one, $0.other]) } == [[old, new]])
    #expect(byLikeness[.sameEntity]?.map(\.mergeable) == [true])
    _ = try await Donors.merge(old, into: new, reason: "换发执照", in: district.admin)
    #expect(try await Donors.duplicates(in: district.admin).count == 2)
  }
}
