import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// Random merges, gifts, decisions and unmerges beside a simple model.
@Suite("Donors under random work")
struct DonorPropertyTests {
  /// A donor is a tree of records: what happened to a root, in order.
  private struct Model {
    enum Event {
      case decided(Bool)
      case joined(Int, merge: UUID)
    }

    var given: [Int64]
    var wished: [Bool]
    var events: [[Event]]
    var merges: [(id: UUID, from: Int, into: Int)] = []

    func root(_ record: Int) -> Int {
      merges.first { $0.from == record }.map { root($0.into) } ?? record
    }

    func given(ofDonor record: Int) -> Int64 {
      given.indices.filter { root($0) == root(record) }.reduce(0) { $0 + given[$1] }
    }

    func isUnnamed(_ root: Int) -> Bool {
      events[root].reduce(wished[root]) { unnamed, event in
        switch event {
        case .decided(let decision): decision
        case .joined(let record, let merge):
          merges.contains { $0.id == merge } ? unnamed || isUnnamed(record) : unnamed
        }
      }
    }
  }

  @Test("what belongs together, is given and is named is what the model says, at every step")
  func random() async throws {
    let seed = UInt64.random(in: 0..<1_000_000)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<4 {
      let district = try await TestDistrict.make()
      var records: [UUID] = []
      var wished: [Bool] = []
      for number in 0..<8 {
        wished.append(Int.random(in: 0..<4, using: &random) == 0)
        records.append(
          try await district.giver("试捐\(number)", anonymous: wished[number]))
      }
      var model = Model(
        given: Array(repeating: 0, count: 8), wished: wished,
        events: Array(repeating: [], count: 8))
      for _ in 0..<60 {
        try await Self.step(&model, records, district, &random)
        try await Self.compare(model, records, district, seed: seed)
      }
      while let merge = model.merges.randomElement(using: &random) {
        try await district.unmerge(merge.id)
        model.merges.removeAll { $0.id == merge.id }
        try await Self.compare(model, records, district, seed: seed)
      }
      #expect(try await Doctor.examine(in: district.admin).map(\.check) == [], "seed \(seed)")
    }
  }

  private static func step(
    _ model: inout Model, _ records: [UUID], _ district: TestDistrict,
    _ random: inout SeededGenerator
  ) async throws {
    let one = records.indices.randomElement(using: &random)!
    let other = records.indices.randomElement(using: &random)!
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<3:
      let amount = Int64.random(in: 1...10_000, using: &random)
      try await district.gift(of: records[one], amount)
      model.given[one] += amount
    case 3..<6:
      let code = await refusal { try await district.merge(records[one], into: records[other]) }
      let isAllowed = one != other && model.root(one) == one && model.root(other) == other
      #expect((code == nil) == isAllowed)
      if isAllowed {
        let log = try await Donors.merges(of: records[one], in: district.admin)
        let merge = try #require(log.first { $0.from == records[one] && $0.undoneAt == nil })
        model.merges.append((merge.id, one, other))
        model.events[other].append(.joined(one, merge: merge.id))
      }
    case 6..<8:
      guard let merge = model.merges.randomElement(using: &random) else { return }
      try await district.unmerge(merge.id)
      model.merges.removeAll { $0.id == merge.id }
    default:
      let decision = Bool.random(using: &random)
      _ = try await Donors.setAnonymous(
        records[one], decision, consent: "同意书", in: district.admin)
      model.events[model.root(one)].append(.decided(decision))
    }
  }

  private static func compare(
    _ model: Model, _ records: [UUID], _ district: TestDistrict, seed: UInt64
  ) async throws {
    let listed = try await Donors.list(in: district.admin)
    let byID = Dictionary(uniqueKeysWithValues: listed.map { ($0.id, $0) })
    for record in records.indices {
      let root = model.root(record)
      let donor = byID[records[record]]
      #expect(donor?.mergedInto == (root == record ? nil : records[root]), "seed \(seed)")
      #expect(donor?.anonymous == model.isUnnamed(root), "seed \(seed)")
      let totals = try await district.totals(of: records[record])
      #expect(totals.given.fen == model.given(ofDonor: record), "seed \(seed)")
    }
  }
}
