import Foundation
import HTTPTypes
import Postgres
import Testing

@testable import Yibang
@testable import YibangHTTP

/// Who holds a token of one school, or of one district, asks every endpoint for what another has.
@Suite("what belongs to another")
struct ForeignRecordTests {
  /// Answers other than 403, 404 and a list of nothing, by endpoint and field, each with its reason.
  private static let allowed: [String: [Int]] = [
    // A pupil goes to another school of the district: it is proposed, and the school takes it or not.
    "student.transfer to": [200],
    // Notices are for everybody to read and to object to, as long as they run.
    "objection.file notice": [201, 409],
    // Whoever has the number was given it for this.
    "objection.status number": [200],
    // As of an id of nothing: nobody is told that there is such a record.
    "match.letter id": [409], "match.letters id": [409], "revocation.letter id": [409],
    "goods.reverse hand_out": [409], "goods.reverse item": [409], "goods.move lot": [409],
    "goods.write_off lot": [409], "goods.hand_out lot": [409],
    "consent.withdraw donor": [409], "consent.withdraw student": [422],
    "pairing.end balance.to": [422],
    // Nothing made, and a card of the own item without a line.
    "reminder.reports pairing": [200], "goods.card place": [200],
    // A login of nobody, here.
    "user.role login": [401], "user.reset login": [401], "user.disable login": [401],
    "user.enable login": [401], "second_factor.remove login": [401],
  ]

  /// Tables of both schools in which an answer that is allowed leaves a row.
  private static let ofNoSchool: Set<String> = ["api_request", "student_move"]

  @Test("every id that an endpoint takes is known for what it is of")
  func kinds() {
    for endpoint in API.allEndpoints {
      for field in ForeignField.all(endpoint) {
        #expect(
          ForeignIDs.kind(endpoint, field) != nil, "\(endpoint.id): of what is \(field.name)?")
      }
    }
  }

  @Test("people of a school get at nothing of another school, whatever they ask")
  func otherSchool() async throws {
    let all = try await Neighbours.make()
    let other = all.home.otherSchool.id
    let actors = [Role.schoolOfficer, .principal, .assessor].map { role in
      Self.actor(role, all.home, school: all.home.school.id)
    }
    let hidden = try await ForeignIDs.all(all.home.code, school: other)
    try await ask(
      actors, own: .of(all.home, school: all.home.school.id),
      other: .of(all.home, school: other), hidden: hidden, of: (all.home.code, other))
  }

  @Test("people of a district get at nothing of another district, whatever they ask")
  func otherDistrict() async throws {
    let all = try await Neighbours.make()
    let other = all.home.otherSchool.id
    let roles: [Role] = [.districtAdmin, .matcher, .finance, .auditor, .schoolOfficer, .principal]
    let actors = roles.map { role in
      Self.actor(role, all.away, school: role.belongsToSchool ? all.away.school.id : nil)
    }
    let hidden = try await ForeignIDs.all(all.home.code, school: nil)
    try await ask(
      actors, own: .of(all.away, school: all.away.school.id),
      other: .of(all.home, school: other), hidden: hidden, of: (all.home.code, nil))
  }

  private static func actor(
    _ role: Role, _ district: TestDistrict, school: UUID?
  ) -> Yibang.Actor {
    Yibang.Actor(
      districtID: district.code, userID: district.officer.actor.userID,
      login: district.officer.actor.login, role: role, schoolID: school)
  }

  private func ask(
    _ actors: [Yibang.Actor], own: ForeignIDs, other: ForeignIDs, hidden: Set<String>,
    of whose: (district: String, school: UUID?)
  ) async throws {
    let callers = Dictionary(uniqueKeysWithValues: actors.map { ($0.role.rawValue, $0) })
    let api = try await TestAPI(try await TestAPI.make(callers: callers))
    let owner = Database(
      .init(
        conninfo: TestPlatform.cluster.conninfo, logger: TestPlatform.logger, poolSize: 1))
    func state() async throws -> [String: String] {
      try await owner.run { try ForeignIDs.state(whose.district, school: whose.school, $0) }
    }
    var before = try await state()
    for endpoint in API.allEndpoints where endpoint.access != .open {
      for field in ForeignField.all(endpoint) {
        let request = ForeignRequest(endpoint: endpoint, field: field, own: own, other: other)
        let kind = ForeignIDs.kind(endpoint, field) ?? ""
        #expect(other.values[kind] != nil, "\(endpoint.id) \(field.name): no example of \(kind)")
        for actor in actors where Self.mayEnter(actor, endpoint) {
          try await ask(request, as: actor, api, hidden: hidden)
        }
      }
      guard endpoint.isWrite else { continue }
      let after = try await state()
      let changed = after.filter { before[$0.key] != $0.value }.keys
        .filter { whose.school == nil || !Self.ofNoSchool.contains($0) }.sorted()
      #expect(changed.isEmpty, "\(endpoint.id) changed another's \(changed)")
      before = after
    }
    await owner.close()
  }

  private static func mayEnter(_ actor: Yibang.Actor, _ endpoint: Endpoint) -> Bool {
    guard case .needs(let permissions) = endpoint.access else { return true }
    return permissions.contains(where: actor.may)
  }

  private func ask(
    _ request: ForeignRequest, as actor: Yibang.Actor, _ api: TestAPI, hidden: Set<String>
  ) async throws {
    let endpoint = request.endpoint
    var headers: [String: String] = [:]
    if endpoint.takesKey { headers["Idempotency-Key"] = UUID().uuidString }
    let body = request.body
    if let body, !body.bytes.isEmpty { headers["Content-Type"] = body.type }
    let answer = try await api.send(
      endpoint.method,
      "/api/v1"
        + (request.path.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed) ?? ""),
      as: actor.role.rawValue, headers: headers, bytes: body?.bytes ?? [])
    let asked = "\(endpoint.id) \(request.field.name) as \(actor.role)"
    let allowed = Self.allowed["\(endpoint.id) \(request.field.name)"] ?? []
    #expect(
      [403, 404].contains(answer.status) || allowed.contains(answer.status)
        || (answer.status == 200 && answer.items.isEmpty && answer.json["items"] != nil),
      "\(asked): \(answer.status) \(answer.text.prefix(200))")
    guard answer.status < 300 else { return }
    let found = answer.text.matches(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/)
      .map { String($0.output.0) }.filter(hidden.contains)
    #expect(found.isEmpty, "\(asked) shows \(found)")
  }
}
