import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

@Suite("How long things are kept")
struct RetentionTests {
  /// Rows of every kind, some older than their time and some not.
  private func leave(_ district: TestDistrict, old: Int, young: Int) async throws {
    let (code, user) = (district.code, district.admin.actor.userID)
    try await TestPlatform.asOwner { session in
      for (count, days) in [(old, 1_000), (young, 3)] {
        for number in 0..<count {
          let key = "\(days)-\(number)"
          try session.execute(
            """
            insert into api_request (
              district_id, user_id, key, operation, request_sha256, created_at
            )
            values ($1, $2, $3, 'x', sha256('x'), now() - make_interval(days => $4::int))
            """, code, user, key, Int32(days))
          try session.execute(
            """
            insert into idempotency (
              district_id, key, operation, request_sha256, result_id, created_at
            )
            values ($1, $2, 'x', sha256('x'), gen_random_uuid(),
              now() - make_interval(days => $3::int))
            """, code, key, Int32(days))
          try session.execute(
            """
            insert into login_session (
              district_id, id, user_id, token_sha256, second_factor, created_at, last_seen_at,
              expires_at
            )
            values ($1, gen_random_uuid(), $2, sha256(convert_to($3, 'UTF8')), false,
              now() - make_interval(days => $4::int), now(),
              now() - make_interval(days => $4::int - 1))
            """, code, user, key, Int32(days))
          try session.execute(
            """
            insert into sign_in_failure (district_id, bucket, count, last_at)
            values ($1, sha256(convert_to($2, 'UTF8')), 1,
              now() - make_interval(days => $3::int))
            """, code, key, Int32(days))
        }
      }
    }
  }

  @Test("what is over is deleted in batches, and what is not stays")
  func sweep() async throws {
    let district = try await TestDistrict.make()
    try await leave(district, old: 7, young: 2)
    let keys = try await district.count("select count(*) from idempotency where district_id = $1")
    let done = try await Retention.run(on: TestDistrict.today, batch: 3, in: district.admin)
    #expect(done.deleted == ["requests": 7, "keys": 7, "sessions": 7, "failures": 7])
    #expect(done.proposed == 0)
    let left = try await district.count("select count(*) from api_request where district_id = $1")
    #expect(left == 2)
    #expect(
      try await district.count("select count(*) from idempotency where district_id = $1")
        == keys - 7)
    let again = try await Retention.run(on: TestDistrict.today, in: district.admin)
    #expect(again == .init(deleted: [:], proposed: 0))
    #expect(
      await code { try await Retention.run(on: TestDistrict.today, in: district.officer) } != nil)
    let trail = try await Audit.list(in: district.admin).filter { $0.action == "retention.run" }
    #expect(trail.count == 1)
  }

  @Test("what webhooks delivered goes after the district's days; what was given up or waits stays")
  func deliveries() async throws {
    let district = try await TestDistrict.make()
    let hook = try await Webhooks.add(
      "https://example.cn/hook", actions: nil, in: district.admin
    ).id
    let code = district.code
    try await TestPlatform.asOwner { session in
      for (state, days) in [("delivered", 50), ("delivered", 35), ("dead", 1_000), ("waiting", 60)]
      {
        try session.execute(
          """
          insert into webhook_delivery (
            district_id, webhook_id, event_id, xact, subject_id, state, ended_at
          )
          select $1, $2, a.id, a.xact, a.id, $3,
            case when $3 <> 'waiting' then now() - make_interval(days => $4::int) end
          from audit a
          where a.district_id = $1 and not exists (
            select from webhook_delivery d where d.district_id = $1 and d.event_id = a.id
          )
          limit 1
          """, code, hook, state, Int32(days))
      }
    }
    func left() async throws -> [String] {
      try await Webhooks.deliveries(of: hook, in: district.admin).map(\.state.rawValue).sorted()
    }
    #expect(try await left().count == 4)
    _ = try await Retention.set(deliveryDays: 40, in: district.admin)
    let first = try await Retention.run(on: TestDistrict.today, in: district.admin)
    #expect(first.deleted == ["deliveries": 1])
    #expect(try await left() == ["dead", "delivered", "waiting"])
    _ = try await Retention.set(deliveryDays: 30, in: district.admin)
    #expect(
      try await Retention.run(on: TestDistrict.today, in: district.admin).deleted
        == ["deliveries": 1])
    #expect(try await left() == ["dead", "waiting"])
    #expect(
      await refusalToDiscard(hook, district) == "webhook.nothing_to_discard",
      "what waits is not let go")
    #expect(try await Webhooks.discard(hook, in: district.admin) == 1)
    #expect(try await left() == ["waiting"])
    #expect(try await Webhooks.discard(hook, in: district.admin) == 0)
  }

  private func refusalToDiscard(_ hook: UUID, _ district: TestDistrict) async -> String? {
    await code {
      let waiting = try await Webhooks.deliveries(of: hook, state: .waiting, in: district.admin)
      _ = try await Webhooks.discard(hook, event: waiting[0].event, in: district.admin)
    }
  }

  @Test(
    "a pupil whose last aid ended years ago is proposed for erasure, and nothing is erased by itself"
  )
  func proposed() async throws {
    let district = try await TestDistrict.make()
    var pupil = TestPupil()
    pupil.consents = false
    pupil.name = "样旧生"
    pupil.schoolYear = 2020
    pupil.filedOn = "2020-09-10"
    let old = try await district.pupil(pupil)
    pupil.name = "样新生"
    pupil.schoolYear = 2026
    pupil.filedOn = "2026-09-10"
    let new = try await district.pupil(pupil)
    let code = district.code
    _ = try await TestPlatform.asOwner { session in
      try session.execute(
        "update student set updated_at = '2021-01-01' where district_id = $1", code)
    }
    let worker = JobWorker(platform: district.platform, smtp: nil, district: code) {
      TestDistrict.today
    }
    _ = try await Jobs.schedule(TestDistrict.today, in: district.admin)
    _ = try await worker.drain()
    let job = try await Jobs.list(kind: .dailyRetention, in: district.admin)
    #expect(job.map(\.state) == [.done])
    let open = try await Erasures.list(openOnly: true, in: district.admin)
    #expect(open.map(\.student) == [old] && open.first?.askedBy == .retention)
    #expect(!open.contains { $0.student == new })
    let names = try await Students.list(
      year: TestDistrict.autumn.schoolYear, in: district.admin
    ).map(\.name)
    #expect(Set(names) == ["样旧生", "样新生"])
    let again = try await Retention.run(on: TestDistrict.today, in: district.admin)
    #expect(again.proposed == 0)
    #expect(try await Erasures.decide(open[0].id, on: TestDistrict.today, in: district.admin))
  }

  @Test("the periods are the district's, within bounds, and a change is on record")
  func settings() async throws {
    let district = try await TestDistrict.make()
    let usual = try await Retention.settings(in: district.officer)
    #expect(
      usual == .init(yearsAfterAid: 3, requestDays: 30, sessionDays: 90, deliveryDays: 30))
    let set = try await Retention.set(yearsAfterAid: 5, sessionDays: 60, in: district.admin)
    #expect(set == .init(yearsAfterAid: 5, requestDays: 30, sessionDays: 60, deliveryDays: 30))
    #expect(try await Retention.settings(in: district.officer) == set)
    #expect(
      await code { try await Retention.set(requestDays: 29, in: district.admin) }
        == "retention.out_of_range")
    #expect(
      await code { try await Retention.set(requestDays: 40, in: district.officer) }
        == "access.forbidden")
    let trail = try await Audit.list(in: district.admin).filter { $0.action == "retention.set" }
    #expect(trail.count == 1 && trail[0].before?.contains("\"3\"") == true)
  }
}
