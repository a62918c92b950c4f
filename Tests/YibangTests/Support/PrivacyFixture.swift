import Foundation
import Postgres
import SchoolCalendar
import Testing

@testable import Yibang

/// A pupil of whom everything is on record: a roster, recognition, a pairing that was paid, goods, a
/// letter, an activity, and what programs keep.
struct PrivacyFixture: Sendable {
  static let name = "独小名"
  static let residentID = "990000201503010017"
  static let phone = "19900000001"
  static let address = "样例路九十九号"
  static let guardian = "独家长"
  static let letter = "谢谢您，我在样例河边长大"
  static let cause = "样病致贫"

  let district: TestDistrict
  let student: UUID
  let pairing: UUID
  let principal: Context

  var officer: Context { district.officer }

  static func make(
    sponsor: SponsorDetails = SponsorDetails(kind: .company, name: "测试有限公司")
  ) async throws -> PrivacyFixture {
    let district = try await TestDistrict.make()
    _ = try await district.importRoster(
      """
      序号,年级,班级,姓名,性别,身份证号,监护人,联系电话,家庭住址,家庭人口,致贫原因,困难类别,等级,监护人同意
      1,三年级,三年级1班,\(name),男,\(residentID),\(guardian),\(phone),\(address),3,\(cause),其他,特别困难,是
      2,三年级,三年级1班,样小二,女,990000201609150026,样母,19900000002,样街2号,4,失业,其他,困难,
      """)
    let student = try #require(
      try await Students.list(
        school: district.school.id, year: TestDistrict.autumn.schoolYear, in: district.officer
      ).first { $0.name == name }?.id)
    _ = try await Users.add(
      login: "principal", name: "样校长", role: .principal, school: district.school.id,
      in: district.admin)
    _ = try await district.offer(sponsor)
    let pairing = try #require(
      try await district.accept(try await district.approved()).pairings.first)
    let fixture = PrivacyFixture(
      district: district, student: student, pairing: pairing,
      principal: try await district.asUser("principal"))
    try await fixture.aid()
    try await fixture.company()
    return fixture
  }

  /// Money that was paid and signed for, and a school bag.
  private func aid() async throws {
    _ = try await district.pay(pairing, 100_000)
    let batch = try await district.payOut().batch
    _ = try await PaymentBatches.confirm(
      batch, lines: nil, as: .received, on: CalendarDate("2026-11-06")!, in: district.admin)
    let donor = try await district.donor("捐甲", anonymous: false)
    let store = try await Goods.place(name: "库房", school: district.school.id, in: officer)
    let bag = try await Goods.item(name: "书包", unit: "个", school: district.school.id, in: officer)
    _ = try await Goods.receive(
      [.init(item: bag.id, donor: donor, place: store.id, quantity: 5, worth: nil)],
      GoodsFixture.on("2026-09-10"), in: officer)
    _ = try await Goods.handOut(
      [
        .init(
          student: student, item: bag.id, quantity: 1,
          signature: .init(by: .guardian, on: CalendarDate("2026-10-08")!, proof: "\(Self.name)领物单")
        )
      ], from: store.id, lot: nil, GoodsFixture.on("2026-10-08"), in: officer)
  }

  /// A letter, an activity, a look at the letter, and an answer that a program keeps.
  private func company() async throws {
    _ = try await Consents.give(
      .init(
        student: student, scope: .letter, giver: .guardian(Self.guardian),
        on: TestDistrict.approval, proof: .paper("\(Self.name)同意书")), in: officer)
    let letter = try await Letters.add(
      student: student, .text(Self.letter), on: TestDistrict.today, in: officer
    ).id
    _ = try await Letters.open(
      letter, reason: "看\(Self.name)的信", on: TestDistrict.today, in: principal)
    var activity = district.activity("家访\(Self.name)", on: "2026-10-15")
    activity.pairings = [pairing]
    activity.outcome = "\(Self.guardian)在家"
    _ = try await Activities.log(activity, in: district.admin)
    try await district.change(
      """
      insert into api_request (
        district_id, user_id, key, operation, request_sha256, results, status, answer
      )
      values ($1, $2, 'k', 'student.list', sha256('x'), '{}', 200, convert_to($3, 'UTF8'))
      """, district.admin.actor.userID, "[{\"name\":\"\(Self.name)\"}]")
  }

  /// The pairing over, and the books of its semesters closed.
  func end() async throws {
    _ = try await district.end(pairing, "graduated", on: "2026-11-20")
    try await district.close(TestDistrict.autumn)
  }

  func ask(_ asker: Erasures.Asker = .guardian, in context: Context? = nil) async throws -> UUID {
    try await Erasures.propose(
      student, reason: "监护人来校申请", askedBy: asker, on: TestDistrict.today,
      in: context ?? district.admin)
  }

  func erase(_ id: UUID, in context: Context? = nil) async throws -> Bool {
    try await Erasures.decide(id, on: TestDistrict.today, in: context ?? district.second)
  }

  /// The child's values, in clear and as they are looked up, as a row's text shows them.
  var values: [String] {
    let clear = [
      Self.name, Self.residentID, Self.phone, Self.address, Self.guardian, Self.letter, Self.cause,
    ]
    let vault = district.platform.vault
    let hashes = [
      vault.hash(Self.residentID, domain: "identity"), vault.hash(Self.phone, domain: "phone"),
    ]
    return clear + clear.map { Self.hex(Array($0.utf8)) } + hashes.map(Self.hex)
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  /// The tables of which a row of the district holds one of the values.
  func tablesWithValues() async throws -> Set<String> {
    let (code, values) = (district.code, values)
    return try await TestPlatform.asOwner { session in
      let tables: [String] = try session.query(
        """
        select r.relname::text from pg_attribute a
        join pg_class r on r.oid = a.attrelid
        where r.relnamespace = 'public'::regnamespace and r.relkind = 'r'
          and a.attname = 'district_id'
        """
      ).map { try $0.get(0) }
      return try Set(
        tables.filter { table in
          let sql = SQL(
            trusted: """
              select exists (
                select from \(table) t
                where t.district_id = $1
                  and exists (select from unnest($2::text[]) v where strpos(t::text, v) > 0)
              )
              """)
          return try session.query(sql, code, values)[0].get(0)
        })
    }
  }

  /// What the books say, to the last fen.
  func books() async throws -> [String] {
    let code = district.code
    return try await TestPlatform.asOwner { session in
      try session.query(
        """
        select 'account ' || a.id || ' ' || a.debits || ' ' || a.credits from account a
        where a.district_id = $1
        union all
        select 'transfer ' || t.id || ' ' || t.amount_fen || ' ' || t.kind from transfer t
        where t.district_id = $1
        union all
        select 'line ' || l.id || ' ' || l.student_id || ' ' || l.amount_fen || ' ' || l.state
        from payment_line l where l.district_id = $1
        union all
        select 'payout ' || o.id || ' ' || o.student_id || ' ' || o.amount_fen || ' ' || o.state
        from payout o where o.district_id = $1
        union all
        select 'instalment ' || i.id || ' ' || i.amount_fen || ' ' || i.received_fen
        from instalment i where i.district_id = $1
        union all
        select 'handed ' || h.id || ' ' || h.student_id || ' ' || h.quantity from goods_hand_out h
        where h.district_id = $1
        order by 1
        """, code
      ).map { try $0.get(0) }
    }
  }
}
