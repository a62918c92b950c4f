import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

/// The columns of a signed list of goods handed out (发放表).
package enum GoodsHandOutColumn: SheetColumn {
  case name, className, item, unit, quantity, signature, relation, date

  package static let required: [GoodsHandOutColumn] = [.name, .item, .quantity]
  package static let summed: GoodsHandOutColumn? = .quantity

  package var headings: [String] {
    switch self {
    case .name: ["姓名", "学生姓名", "学生", "领取学生", "name"]
    case .className: ["班级", "所在班级", "年级班级", "class"]
    case .item: ["物品", "物品名称", "品名", "发放物品", "item"]
    case .unit: ["单位", "计量单位", "unit"]
    case .quantity: ["数量", "发放数量", "quantity"]
    case .signature: ["签字", "签名", "签收", "领取人签字", "签收人", "signature"]
    case .relation: ["关系", "与学生关系", "签收人关系", "relation"]
    case .date: ["日期", "发放日期", "领取日期", "签收日期", "date"]
    }
  }
}

extension Goods {
  /// Imports a 发放表: each line hands goods out to a pupil of the school, by day, out of one place.
  ///
  /// A line without a signature stays open until it is signed; when the list comes again with it, the
  /// signature is added and nothing is handed out twice.
  /// - Throws: `TableFileError`, `ImportError`, `SchoolError`, `AccessError`.
  package static func importHandOuts(
    _ request: ImportRequest, school: Schools.School, from place: Place,
    dateOfAll: CalendarDate? = nil, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.manageGoods)
    try actor.require(school: school.id)
    return try await Import.run(request, kind: "goods", in: context) {
      file, importID, session, report in
      let term = try Semesters.record(request.semester, session, actor.districtID)
      var lines = GoodsHandOutImport(
        school: school, place: place, semester: request.semester, dates: term.dates,
        dateOfAll: dateOfAll, file: request.fileName, actor: actor, vault: context.platform.vault,
        importID: importID)
      try SheetScan<GoodsHandOutColumn>.scan(file, progress: request.progress) { event in
        guard case .row(let data) = event else { return report.passOver(event) }
        try lines.take(data, session, &report)
      }
      try lines.write(session, &report)
    }
  }
}

/// The lines of one list on their way into the database.
struct GoodsHandOutImport {
  let school: Schools.School
  let place: Goods.Place
  let semester: Semester
  let dates: ClosedRange<CalendarDate>
  let dateOfAll: CalendarDate?
  let file: String
  let actor: Actor
  let vault: Vault
  let importID: UUID

  private var lines: [CalendarDate: [Line]] = [:]
  private var items: [String: Goods.Item] = [:]
  private var seen: Set<Key> = []

  private struct Key: Hashable {
    let date: CalendarDate
    let student: UUID
    let item: UUID
  }

  private struct Line {
    let data: DataRow<GoodsHandOutColumn>
    let item: Goods.Item
    let grant: Goods.Grant
  }

  init(
    school: Schools.School, place: Goods.Place, semester: Semester,
    dates: ClosedRange<CalendarDate>, dateOfAll: CalendarDate?, file: String, actor: Actor,
    vault: Vault, importID: UUID
  ) {
    self.school = school
    self.place = place
    self.semester = semester
    self.dates = dates
    self.dateOfAll = dateOfAll
    self.file = file
    self.actor = actor
    self.vault = vault
    self.importID = importID
  }

  private static let pupils: SQL = """
    select id, coalesce(grade, ''), coalesce(class_name, '') from student
    where district_id = $1 and school_id = $2 and name = $3
    limit 50
    """
  private static let recorded: SQL = """
    select id, signed_on is not null from goods_hand_out
    where district_id = $1 and line_hash = $2
    """

  mutating func take(
    _ data: DataRow<GoodsHandOutColumn>, _ session: borrowing Session,
    _ report: inout ImportReport
  ) throws {
    do {
      let reader = GoodsHandOutReader(data: data, dates: dates, semester: semester)
      let date = try reader.date(else: dateOfAll)
      let quantity = try reader.quantity()
      let item = try item(data, session)
      let student = try pupil(data, session)
      let signature = try reader.signature(
        on: date, proof: "\(file) \(data.sheet) \(data.number)")
      guard seen.insert(Key(date: date, student: student, item: item.id)).inserted else {
        throw reader.refused(.name, GoodsError.givenTwice)
      }
      var grant = Goods.Grant(
        student: student, item: item.id, quantity: quantity, signature: signature)
      let line =
        "\(place.id.uuidString)\u{1F}\(date)\u{1F}\(student.uuidString)\u{1F}\(item.id.uuidString)\u{1F}\(quantity)"
      let hash = vault.hash(line, domain: "goods-hand-out-line")
      grant.lineHash = hash
      if let row = try session.query(Self.recorded, actor.districtID, hash).first {
        return try again(row, signature, session, &report)
      }
      lines[date, default: []].append(Line(data: data, item: item, grant: grant))
    } catch let refused as GoodsHandOutReader.Refused {
      report.refuse([refused.refusal])
    }
  }

  /// A line that is recorded already: its signature may be new.
  private func again(
    _ row: Row, _ signature: Goods.Signature?, _ session: borrowing Session,
    _ report: inout ImportReport
  ) throws {
    guard let signature, try !row.get(1) else {
      report.unchanged += 1
      return
    }
    try Goods.sign(try row.get(0), signature, session, actor)
    report.accepted += 1
    report.updated += 1
  }

  private mutating func item(
    _ data: DataRow<GoodsHandOutColumn>, _ session: borrowing Session
  ) throws -> Goods.Item {
    let name = [data.text(.item), data.text(.unit)].filter { !$0.isEmpty }.joined(separator: "/")
    if let known = items[name] { return known }
    do {
      let item = try Goods.item(named: name, school: place.school ?? school.id, session, actor)
      items[name] = item
      return item
    } catch let error as GoodsError {
      throw GoodsHandOutReader.Refused(refusal: data.refusal(.item, error))
    }
  }

  private func pupil(
    _ data: DataRow<GoodsHandOutColumn>, _ session: borrowing Session
  ) throws -> UUID {
    let name = normalizeName(data.text(.name))
    let wanted = data.text(.className).filter { !$0.isWhitespace }
    var found = try session.query(Self.pupils, actor.districtID, school.id, name).map { row in
      (
        id: try row.get(0) as UUID, grade: try row.get(1) as String, own: try row.get(2) as String
      )
    }
    if !wanted.isEmpty {
      found.removeAll { $0.own != wanted && $0.grade + $0.own != wanted }
    }
    if found.count == 1 { return found[0].id }
    let problem =
      found.isEmpty
      ? Text("本校（该班）没有这名学生", "the school (or class) has no such pupil")
      : Text("有 \(found.count) 名同名学生", "\(found.count) pupils have this name")
    throw GoodsHandOutReader.Refused(
      refusal: data.refusal(
        .name, problem: problem,
        advice: Text("核对姓名，并写明班级", "check the name, and write the class")))
  }

  /// Hands out what was read, day by day; lines for which too little is there are refused.
  mutating func write(_ session: borrowing Session, _ report: inout ImportReport) throws {
    for (date, lines) in lines.sorted(by: { $0.key < $1.key }) {
      let items = Array(Set(lines.map(\.item.id)))
      var shelves = try Stock.levels(
        session, place: place.id, items: items, on: date, actor: actor)
      var good: [Line] = []
      for line in lines {
        if shelves[line.item.id]?.take(line.grant.quantity) != nil {
          good.append(line)
          continue
        }
        let shortage = GoodsError.Shortage(
          item: line.item.label, wanted: line.grant.quantity,
          present: shelves[line.item.id]?.quantity ?? 0)
        report.refuse([
          line.data.refusal(.quantity, GoodsError.short([shortage], place: place.name))
        ])
      }
      report.accepted += good.count
      guard !good.isEmpty else { continue }
      let occasion = Goods.Occasion(semester: semester, date: date, source: file)
      try Goods.handOut(
        good.map(\.grant), from: place, event: UUID.v7(), occasion, importID: importID, session,
        actor)
    }
  }
}
