import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// A school with a store and a class cupboard, a few items, a donor and pupils.
struct GoodsFixture {
  let district: TestDistrict
  let store: Goods.Place
  let cupboard: Goods.Place
  let donor: UUID
  let bag: Goods.Item
  let pencil: Goods.Item
  let pupils: [UUID]

  var context: Context { district.officer }
  var school: UUID { district.school.id }

  static let roster = """
    年级,班级,姓名,性别
    一年级,1班,样甲,男
    一年级,1班,样乙,女
    一年级,2班,样丙丁,女
    """

  static func make() async throws -> GoodsFixture {
    let district = try await TestDistrict.make()
    let report = try await district.importRoster(roster)
    try #require(report.accepted == 3)
    let context = district.officer
    let school = district.school.id
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "捐甲公司", anonymous: false), school: school, in: context)
    let students = try await Students.list(
      school: school, year: TestDistrict.autumn.schoolYear, in: context)
    return GoodsFixture(
      district: district,
      store: try await Goods.place(name: "库房", school: school, in: context),
      cupboard: try await Goods.place(name: "一年级柜", school: school, in: context),
      donor: donor,
      bag: try await Goods.item(name: "书包", unit: "个", school: school, in: context),
      pencil: try await Goods.item(name: "铅笔", unit: "支", school: school, in: context),
      pupils: students.map(\.id))
  }

  static func on(_ date: String, _ reason: String? = nil) -> Goods.Occasion {
    Goods.Occasion(
      semester: TestDistrict.autumn, date: CalendarDate(date)!, reason: reason)
  }

  /// Receives one lot, and gives it.
  @discardableResult
  func receive(
    _ item: Goods.Item, _ quantity: Int64, worth: Goods.Worth? = nil,
    on date: String = "2026-09-10",
    at place: Goods.Place? = nil, from giver: UUID? = nil, key: String? = nil
  ) async throws -> UUID {
    let event = try await Goods.receive(
      [
        .init(
          item: item.id, donor: giver ?? donor, place: (place ?? store).id, quantity: quantity,
          worth: worth)
      ], Self.on(date), key: key, in: context)
    return try await lots(of: event)[0]
  }

  func lots(of event: UUID) async throws -> [UUID] {
    try await context.read { session in
      try session.query("select id from goods_lot where event_id = $1 order by id", event)
        .map { try $0.get(0) }
    }
  }

  func event(of lot: UUID) async throws -> UUID {
    try await context.read { session in
      try session.query("select event_id from goods_lot where id = $1", lot)[0].get(0)
    }
  }

  func handOut(
    _ item: Goods.Item, _ quantity: Int64, to pupil: Int = 0, on date: String = "2026-10-08",
    lot: UUID? = nil, signed: Bool = true, key: String? = nil
  ) async throws -> UUID {
    let day = CalendarDate(date)!
    return try await Goods.handOut(
      [
        .init(
          student: pupils[pupil], item: item.id, quantity: quantity,
          signature: signed ? .init(by: .pupil, on: day, proof: "发放表1") : nil)
      ], from: store.id, lot: lot, Self.on(date), key: key, in: context)
  }

  func quantity(_ item: Goods.Item, at place: Goods.Place? = nil) async throws -> Int64 {
    try await Goods.stock(school: school, item: item.id, place: place?.id, in: context)
      .reduce(0) { $0 + $1.quantity }
  }

  /// What the checks find wrong in this district.
  func faults() async throws -> [String] {
    try await district.admin.read { session in
      var faults: [String] = []
      for check in Goods.checks {
        for row in try session.query(check.sql) {
          faults.append(
            "\(check.code): \(try row.get(0) as String) "
              + "expected \(try row.get(1) as Int64) found \(try row.get(2) as Int64)")
        }
      }
      return faults
    }
  }
}

func code(_ error: (any Error)?) -> String? {
  (error as? any YibangError)?.code
}
