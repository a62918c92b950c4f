import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet
import Testing

@testable import Yibang

@Suite("A donor who stays unnamed")
struct DonorAnonymityTests {
  private static let name = "试隐名者"

  /// A district in which the donor stands wherever a donor can, also in free text, and then asks to
  /// stay unnamed.
  private static func busy() async throws -> (TestDistrict, donor: UUID, other: UUID) {
    let district = try await TestDistrict.make()
    let donor = try await district.giver(name)
    let other = try await district.giver("试公开者")
    let gift = try await district.gift(
      of: donor, 10_000, note: "感谢试 隐名者", designation: "\(name)助学金", handler: name)
    try await district.gift(of: other, 500, designation: "\(name)助学金")
    _ = try await Giving.reverse(
      gift, amount: Money(fen: 100), as: .refund, on: TestDistrict.today,
      semester: TestDistrict.autumn, reason: "\(name)要求退还", in: district.admin)
    _ = try await district.importRoster(RosterImportTests.roster)
    let pupils = try await Students.list(
      school: district.school.id, year: TestDistrict.autumn.schoolYear, in: district.admin)
    let pupil = try #require(pupils.first)
    let pairing = try await district.pair(pupil.id, with: donor)
    try await district.change("update offer set state = 'open' where district_id = $1")
    let code = district.code
    try await TestPlatform.asOwner { session in
      try session.execute(
        "update offer set note = $2 where district_id = $1", code, "\(name)的意向")
      let reason = JSON(text: #"{"code": "wish", "zh": "合意愿", "en": "as wished"}"#)
      try session.execute(
        "update proposal_pair set reason = $2 where district_id = $1", code, reason)
    }
    var activity = district.activity("感谢\(name)捐赠")
    activity.pairings = [pairing]
    activity.donors = [donor]
    _ = try await Activities.log(activity, in: district.admin)
    _ = try await Donors.setAnonymous(donor, true, consent: nil, in: district.admin)
    return (district, donor, other)
  }

  /// All that lists, reports and statements say, by what said it.
  private static func outputs(
    _ district: TestDistrict, other: UUID, as context: Context
  ) async throws -> [String: String] {
    let semester = TestDistrict.autumn
    func json(_ value: some Encodable) throws -> String {
      String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
    let school = district.school.id
    var outputs: [String: String] = [
      "donations": try json(try await Giving.list(in: context)),
      "donors": try json(try await Donors.list(in: context)),
      "duplicates": try json(try await Donors.duplicates(in: context)),
      "offers": try json(try await Offers.list(in: context)),
      "pairings": try json(try await Pairings.list(in: context)),
      "activities": try json(try await Activities.list(in: context)),
      "funds": try json(try await Funds.statements(semester, in: context)),
      "budgets": try json(try await Budgets.list(semester, in: context)),
      "purposes": try json(try await Funds.purposes(in: context)),
      "statement of another": try json(
        try await Donors.statement(.init(other, withTotals: true), in: context)),
      "requests": try json(try await Donors.requests(in: context)),
    ]
    if let pairing = try await Pairings.list(in: context).first {
      outputs["commitment"] = try json(
        try await Commitments.show(
          pairing: pairing.id, today: TestDistrict.today, in: context))
    }
    for proposal in try await Proposals.list(in: district.admin) {
      outputs["proposal"] = try json(
        try await Proposals.show(proposal.id, in: district.admin))
    }
    for kind in Reports.Kind.allCases {
      for format in Reports.Format.allCases {
        let text = try await district.report(district.request(kind), as: format, in: context) {
          try TestDistrict.content($0)
        }
        outputs["report \(kind) \(format)"] = text
      }
    }
    outputs["audit"] = try json(try await Audit.list(limit: 1_000, in: district.admin))
    _ = school
    return outputs
  }

  @Test(
    "an anonymous donor is named in no list, report, statement or trail (Open Collective #1722)")
  func namedNowhere() async throws {
    let (district, donor, other) = try await Self.busy()
    for context in [district.admin, district.officer] {
      let outputs = try await Self.outputs(district, other: other, as: context)
      #expect(outputs.count > 20)
      for (place, text) in outputs {
        #expect(!text.isEmpty, "\(place)")
        let dense = text.filter { !$0.isWhitespace }
        #expect(!dense.contains(Self.name), "\(place): \(text)")
      }
    }
    // The texts are cleaned, not lost.
    let gift = try #require(
      try await Giving.list(in: district.admin).first { $0.amount == Money(fen: 10_000) })
    #expect(gift.donor == "匿名")
    #expect(gift.note == "感谢匿名")
    #expect(gift.handler == "匿名")
    #expect(gift.fund == "匿名助学金")
    // The same district with the donor named is the proof that the test can fail.
    _ = try await Donors.setAnonymous(donor, false, consent: "同意书-1", in: district.admin)
    let named = try await Self.outputs(district, other: other, as: district.admin)
    for place in [
      "donations", "donors", "offers", "pairings", "activities", "funds", "commitment",
      "report donations csv", "report pairings json", "audit",
    ] {
      #expect(named[place]?.contains(Self.name) == true, "\(place)")
    }
  }

  @Test("the own statement names the donor to who may read identities, and that stays in the trail")
  func ownStatement() async throws {
    let (district, donor, _) = try await Self.busy()
    let own = try await Donors.statement(.init(donor), in: district.officer)
    #expect(own.name == Self.name)
    #expect(own.lines.contains { $0.note == "感谢试 隐名者" })
    let trail = try await Audit.list(.init(subject: donor), in: district.admin)
    #expect(trail.first?.action == "donor.statement_named")
    _ = try await Users.add(
      login: "fin", name: "财务", role: .finance, school: nil, in: district.admin)
    let finance = try await district.asUser("fin")
    let masked = try await Donors.statement(.init(donor), in: finance)
    #expect(masked.name == "匿名")
    #expect(masked.lines.contains { $0.note == "感谢匿名" })
  }

  @Test("to be named again needs recorded consent")
  func consent() async throws {
    let (district, donor, _) = try await Self.busy()
    func off(_ consent: String?) async -> String? {
      await refusal {
        try await Donors.setAnonymous(donor, false, consent: consent, in: district.admin)
      }
    }
    #expect(await off(nil) == "donor.no_consent")
    #expect(await off("  ") == "donor.no_consent")
    #expect(await off("13800138000 短信") == "donor.reason_identifies")
    #expect(await off("同意书-2026-3") == nil)
    #expect(try await Donors.list(in: district.admin).contains { $0.name == Self.name })
    let nobody = try await district.giver("匿名")
    let refused = await refusal {
      try await Donors.setAnonymous(nobody, false, consent: "同意书", in: district.admin)
    }
    #expect(refused == "donor.no_one_donor")
  }

  @Test("who gives again and asks to stay unnamed is unnamed from then on")
  func askedLater() async throws {
    let district = try await TestDistrict.make()
    let donor = try await district.giver("试甲")
    #expect(try await district.giver("试甲", anonymous: true) == donor)
    #expect(try await Donors.list(in: district.admin).map(\.name) == ["匿名"])
    #expect(try await district.giver("试甲") == donor)
    #expect(try await Donors.list(in: district.admin).map(\.name) == ["匿名"])
  }

  @Test(
    "merged with an unnamed donor: unnamed until decided with consent; undone, each as it wished")
  func merged() async throws {
    let district = try await TestDistrict.make()
    let (open, hidden) = (
      try await district.giver("试公开者"), try await district.giver("试隐名者", anonymous: true)
    )
    try await district.gift(of: open, 100, note: "试隐名者同捐")
    func names() async throws -> [String] {
      try await Donors.list(in: district.admin).map(\.name).sorted()
    }
    #expect(try await names() == ["匿名", "试公开者"])
    let merge = try await district.merge(hidden, into: open)
    #expect(try await names() == ["匿名", "匿名"])
    #expect(try await Giving.list(in: district.admin).map(\.note) == ["匿名同捐"])
    _ = try await Donors.setAnonymous(hidden, false, consent: "同意书-1", in: district.admin)
    #expect(try await names() == ["试公开者", "试公开者"])
    try await district.unmerge(merge)
    #expect(try await names() == ["匿名", "试公开者"])
  }
}
