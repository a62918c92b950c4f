import Foundation
import Postgres
import Testing

@testable import Yibang

/// A database and a key file of its own, since a rotation is of the whole installation.
struct KeyFixture: Sendable {
  let conninfo: String
  let keyFile: String
  let platform: Platform
  let district: TestDistrict

  static func make() async throws -> KeyFixture {
    let name = "keys_\(UInt32.random(in: .min ... .max))"
    _ = try await TestPlatform.asOwner { session in
      try session.script(SQL(trusted: "create database \(name)"))
    }
    let conninfo = TestPlatform.cluster.conninfo + " dbname='\(name)'"
    let keyFile = "\(TestPlatform.directory)/\(name)"
    let platform = try await open(conninfo, keyFile)
    return KeyFixture(
      conninfo: conninfo, keyFile: keyFile, platform: platform,
      district: try await TestDistrict.make(on: platform))
  }

  private static func open(_ conninfo: String, _ keyFile: String) async throws -> Platform {
    try await Platform.open(
      conninfo: conninfo, keyFile: keyFile, poolSize: 4, logger: TestPlatform.logger)
  }

  /// As a second process has it. The caller closes it.
  func another() async throws -> Platform {
    try await Self.open(conninfo, keyFile)
  }

  func keys<T: Sendable>(_ body: @Sendable (Keys) async throws -> T) async throws -> T {
    try await Keys.using(conninfo: conninfo, login: "owner", on: platform, body)
  }

  func rotate(batches: Int = .max) async throws -> Keys.Rotation {
    try await keys { try await $0.rotate(batches: batches) }
  }

  /// How many values each key seals.
  func counts() async throws -> [Int: Int64] {
    try await keys { try await $0.list() }.reduce(into: [:]) { $0[$1.id] = $1.total }
  }

  /// Donors with phone numbers and an address, numbered from `first`.
  func donors(_ numbers: Range<Int>, in context: Context? = nil) async throws -> [UUID] {
    var ids: [UUID] = []
    for number in numbers {
      let mobile = try Mobile("139\(10_000_000 + number)")
      let donor = IdentifiedDonor(
        DonorDetails(kind: .individual, name: "试捐\(number)", anonymous: false),
        DonorNumbers(mobile: mobile))
      let id = try await Donors.add(donor, school: nil, in: context ?? district.admin).id
      try await DonorReach.set(
        .letter(address: "样路\(number)号"), language: .zh, of: id, in: context ?? district.admin)
      ids.append(id)
    }
    return ids
  }

  /// What the database holds of a donor, opened.
  func read(_ donor: UUID, in context: Context) async throws -> (phone: String?, address: String?) {
    let vault = context.platform.vault
    // Not by an operation, which bounds how many are looked up.
    let phone = try await context.read { session -> String? in
      let sealed: [UInt8] = try session.query(
        "select private_sealed from donor where id = $1", donor)[0].get(0)
      return SealedFields(
        bytes: try vault.open(sealed, at: SealedPlace("donor", donor, "private")))["phone"]
    }
    let address = try await context.read { session -> String? in
      guard case .letter(let address) = try DonorReach.find(donor, session, vault) else {
        return nil
      }
      return address
    }
    return (phone, address)
  }
}
