import Foundation
import HTTPTypes
import Postgres
import Testing

@testable import Yibang
@testable import YibangHTTP

/// Who may do what over HTTP: each endpoint and each role, written down here and asked of the server.
@Suite("the table of rights")
struct AccessMatrixTests {
  /// The letters of the roles in the table below.
  private static let letters: [(letter: Character, role: Role)] = [
    ("A", .districtAdmin), ("M", .matcher), ("F", .finance), ("O", .schoolOfficer),
    ("P", .principal), ("S", .assessor), ("U", .auditor), ("D", .sponsor),
  ]

  @Test("every endpoint has its row, and no row is left over")
  func complete() {
    let ids = API.allEndpoints.map(\.id)
    #expect(Set(ids).count == ids.count, "ids are unique")
    let rows = Set(AccessTable.rows.keys)
    let missing = Set(ids).subtracting(rows).sorted()
    #expect(
      missing.isEmpty,
      "no row for \(missing.map { "\"\($0)\": \"\(Self.letters(of: $0))\"," }.joined(separator: "\n"))"
    )
    #expect(rows.subtracting(ids).isEmpty)
  }

  /// The row as the endpoint declares it: to be read and judged before it is put into the table.
  private static func letters(of id: String) -> String {
    guard let endpoint = API.allEndpoints.first(where: { $0.id == id }) else { return "" }
    return String(
      letters.filter { pair in
        switch endpoint.access {
        case .open, .signedIn: true
        case .needs(let permissions): permissions.contains { $0.isGranted(to: pair.role) }
        }
      }.map(\.letter))
  }

  @Test("a role gets past the door of exactly the endpoints that the table gives it")
  func everyCell() async throws {
    let district = try await TestDistrict.make()
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "试公司", anonymous: false, className: nil), school: nil,
      in: district.admin)
    var callers: [String: Yibang.Actor] = [:]
    for (letter, role) in Self.letters {
      callers[String(letter)] = Yibang.Actor(
        districtID: district.code, userID: UUID.v7(), login: "role-\(letter)", role: role,
        schoolID: role.belongsToSchool ? district.school.id : nil,
        donorID: role == .sponsor ? donor : nil)
    }
    let api = try await TestAPI(try await TestAPI.make(callers: callers))
    for endpoint in API.allEndpoints where endpoint.access != .open {
      let row = try #require(AccessTable.rows[endpoint.id])
      for (letter, role) in Self.letters {
        let answer = try await ask(endpoint, as: String(letter), api)
        let isStopped =
          answer.status == 403
          && ["access.forbidden", "access.out_of_scope"].contains(answer.code ?? "")
        // A sponsor is stopped further in where anybody signed in may ask.
        if endpoint.access == .signedIn, role == .sponsor { continue }
        #expect(
          isStopped == !row.contains(letter),
          "\(endpoint.id) as \(role): \(answer.text.prefix(200))")
        #expect(answer.status < 500, "\(endpoint.id) as \(role): \(answer.text.prefix(200))")
      }
      let nobody = try await ask(endpoint, as: nil, api)
      #expect(nobody.status == 401, "\(endpoint.id)")
    }
  }

  private func ask(
    _ endpoint: Endpoint, as login: String?, _ api: TestAPI
  ) async throws -> TestAPI.Answer {
    var headers: [String: String] = [:]
    if endpoint.takesKey { headers["Idempotency-Key"] = UUID().uuidString }
    let body = SampleInput.body(endpoint)
    if let body { headers["Content-Type"] = body.type }
    return try await api.send(
      endpoint.method,
      "/api/v1"
        + (SampleInput.path(endpoint).addingPercentEncoding(
          withAllowedCharacters: .urlQueryAllowed) ?? ""),
      as: login, headers: headers, bytes: body?.bytes ?? [])
  }
}
