import Foundation
import HTTPTypes
import SchoolCalendar
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("matching over HTTP")
struct MatchRouteTests {
  /// Two pupils and two places, so that a proposal has two pairs.
  private func place() async throws -> (district: TestDistrict, api: TestAPI, pupils: [UUID]) {
    let district = try await TestDistrict.make()
    var pupils: [UUID] = []
    for name in ["样小一", "样小二"] {
      var pupil = TestPupil()
      pupil.name = name
      pupils.append(try await district.pupil(pupil))
    }
    _ = try await district.offer(places: 2)
    return (district, try await TestAPI(district), pupils)
  }

  private func propose(_ api: TestAPI) async throws -> TestAPI.Answer {
    try await api.post("/proposals", ["semester": "2026-2027-1"])
  }

  @Test("proposed by one, approved by another, sent, answered and made good")
  func life() async throws {
    let (_, api, _) = try await place()
    let made = try await propose(api).expect(201)
    #expect(made.at("pairs") == 2 && made.at("state") == "proposed")
    try await propose(api).expect(409, "pairing.proposal_live")
    let path = "/proposals/\(made.id)"
    try await api.post(path + "/approve").expect(403, "pairing.same_person")
    let approved = try await api.post(path + "/approve", as: "second").expect(200)
    #expect(approved.at("approved_by") == "second")
    let sent = try await api.post(path + "/send").expect(200)
    #expect(sent.at("held") == 2 && sent.at("until") == "2026-12-04")
    let held = try await api.get("/holds").expect(200)
    #expect(held.items.count == 2 && held.items[0]["days_left"] == 15)
    let letters = try await api.get(path + "/letters", headers: ["Accept-Language": "en"])
      .expect(200)
    #expect(letters.items.count == 2)
    #expect(letters.items[0]["facts"]?.items?.first?["title"] == "name")
    #expect(letters.items[0]["text"]?.text?.hasPrefix("Dear") == true)
    #expect(!letters.text.contains("样小一") && !letters.text.contains("样小二"))
    let pairs = held.items.compactMap { $0["pair"]?.text }
    let longer = try await api.post(
      "/proposal-pairs/\(pairs[0])/extend", ["until": "2026-12-10"]
    ).expect(200)
    #expect(longer.at("until") == "2026-12-10")
    #expect(try await api.get("/proposal-pairs/\(pairs[0])/letters").expect(200).items.count == 1)
    let accepted = try await api.post("/proposal-pairs/\(pairs[0])/accept").expect(200)
    #expect(accepted.at("added") == 1 && accepted.at("promised", "fen") == 600_000)
    let declined = try await api.post(
      "/proposal-pairs/\(pairs[1])/decline", ["by": "sponsor", "reason": "另有安排"]
    ).expect(200)
    #expect(declined.at("state") == "accepted")
    try await api.post("/proposal-pairs/\(pairs[1])/decline").expect(409, "pairing.pair_decided")
    let next = try await api.post(path + "/next").expect(201)
    #expect(next.at("follows") == .string(made.id))
    #expect(try await api.post("/holds/expire").expect(200).at("expired") == 0)
    try await api.post("/holds/expire", ["date": "2027-01-01"]).expect(422, "hold.day_to_come")
    #expect(try await api.get("/proposals?semester=2026-2027-1").items.count == 2)
  }

  @Test("a proposal is shown with a filter, withdrawn on its version, compared and accepted whole")
  func whole() async throws {
    let (_, api, _) = try await place()
    let first = try await propose(api).id
    let shown = try await api.get("/proposals/\(first)?tier=difficult&state=proposed").expect(200)
    #expect(shown.at("pairs")?.items?.count == 2)
    #expect(!shown.text.contains("样小一"))
    #expect(try await api.get("/proposals/\(first)?left=true").at("pairs") == [])
    let tag = try #require(shown.headers[.eTag])
    try await api.post("/proposals/\(first)/withdraw", headers: ["If-Match": tag]).expect(200)
    try await api.post("/proposals/\(first)/withdraw").expect(409, "pairing.already_withdrawn")
    let second = try await propose(api).id
    let compared = try await api.get("/proposals/\(first)/compare?with=\(second)").expect(200)
    #expect(compared.at("same") == 2 && compared.at("second", "served", "difficult") == 2)
    try await api.post("/proposals/\(second)/accept").expect(409, "pairing.not_approved")
    try await api.post("/proposals/\(second)/approve", as: "second").expect(200)
    let accepted = try await api.post("/proposals/\(second)/accept", ["date": "2026-11-20"])
      .expect(200)
    #expect(accepted.at("pairings")?.items?.count == 2)
    try await api.post("/proposals/\(second)/send").expect(409)
    try await api.get("/proposals/\(UUID.unknown.lowercase)").expect(
      404, "pairing.unknown_proposal")
    try await api.get("/proposals/\(second)", as: "officer").expect(404, "pairing.unknown_proposal")
    try await api.post("/proposals", ["semester": "2026-2027-1"], as: "officer").expect(
      403, "access.forbidden")
  }

  @Test("pairs are pinned, excluded and given free again")
  func choices() async throws {
    let (district, api, pupils) = try await place()
    let offer = try await district.offer(
      SponsorDetails(kind: .individual, name: "试好人", mobile: try Mobile("13800000001")))
    let pair: JSONValue = ["student": .id(pupils[0]), "offer": .id(offer)]
    let pinned = try await api.post("/match-choices/pin", pair).expect(201)
    #expect(pinned.at("added") == true)
    #expect(try await api.post("/match-choices/pin", pair).expect(201).at("added") == false)
    let forbidden: JSONValue = [
      "student": .id(pupils[1]), "offer": .id(offer), "reason": "家庭不愿意",
    ]
    let excluded = try await api.post("/match-choices/forbid", forbidden).expect(201)
    try await api.post(
      "/match-choices/forbid",
      ["student": .id(pupils[0]), "offer": .id(offer), "reason": "改主意"]
    ).expect(409, "choice.other_choice")
    try await api.post(
      "/match-choices/forbid", ["student": .id(pupils[1]), "offer": .id(offer), "reason": " "]
    ).expect(422, "choice.reason_missing")
    #expect(try await api.get("/match-choices").expect(200).items.count == 2)
    try await api.write(.delete, "/match-choices/\(excluded.id)").expect(204)
    #expect(try await api.get("/match-choices").items.count == 1)
    #expect(try await api.get("/match-choices?all=true").items.count == 2)
    try await api.write(.delete, "/match-choices/\(UUID.unknown.lowercase)").expect(
      404, "choice.unknown")
  }

  @Test("what one more or one fewer would change is worked out, and nothing is stored")
  func whatIf() async throws {
    let (district, api, pupils) = try await place()
    func ask(_ member: JSONValue.Member?) async throws -> TestAPI.Answer {
      var members: [JSONValue.Member] = [.init("semester", "2026-2027-1")]
      if let member { members.append(member) }
      return try await api.post("/what-if", .object(members))
    }
    let fewer = try await ask(.init("without_pupil", .id(pupils[0]))).expect(200)
    #expect(fewer.at("pairs_before") == 2 && fewer.at("pairs_after") == 1)
    let pupil: JSONValue = ["school": "2199000001", "tier": "special", "grade": "四年级"]
    let more = try await ask(.init("pupil", pupil)).expect(200)
    #expect(more.at("pairs_after") == 2)
    let offer: JSONValue = ["amount": .fen(50_000), "places": 3, "wish": ["grade": "三年级"]]
    try await ask(.init("offer", offer)).expect(200)
    let only = try await Offers.list(in: district.admin)[0].id
    #expect(try await ask(.init("without_offer", .id(only))).expect(200).at("pairs_after") == 0)
    try await ask(nil).expect(422, "input.value")
    try await ask(.init("without_offer", .id(.unknown))).expect(404, "offer.unknown")
    #expect(try await api.get("/proposals").items.isEmpty)
  }
}
