import Foundation
import Postgres
import Spreadsheet

extension DonorReach {
  // The donors of a name, each with all its records. $1 district, $2 name, $3 kind, $4 class, $5 school,
  // $6 identity hash, $7 phone hash; null: whatever it is
  private static let named: SQL = """
    select distinct w.id from donor d
    cross join lateral (
      select case when d.merged_into is null then d.id else d.merged_into end as id
    ) as w
    where d.district_id = $1 and d.name_key = donor_key($2) and d.name = $2
      and ($3::text is null or d.kind = $3) and ($4::text is null or d.class_name = $4)
      and (
        $5::uuid is null or d.school_id = $5
        or exists (
          select from donor_school k
          where k.district_id = $1 and k.donor_id = d.id and k.school_id = $5
        )
        or exists (
          select from donation g where g.district_id = $1 and g.donor_id = d.id and g.school_id = $5
        )
        or exists (
          select from pairing p where p.district_id = $1 and p.donor_id = d.id and p.school_id = $5
        )
      )
      and (
        ($6::bytea is null and $7::bytea is null) or exists (
          select from donor r
          where r.district_id = $1 and (r.id = w.id or r.merged_into = w.id)
            and ($6::bytea is null or r.identity_hash = $6)
            and ($7::bytea is null or r.phone_hash = $7)
        )
      )
    limit 100
    """

  /// Imports a list of donors' addresses: mail, or by letter. A donor who is known by the name, and by
  /// whatever else the line says (kind, school, class, a number), is one, or the line is refused.
  ///
  /// An address on record is replaced; one that is the same changes nothing. Whoever wants to be told
  /// nothing is not written to because of a list: that line is refused.
  /// - Throws: `TableFileError`, `ImportError`, `SchoolError`, `AccessError`, `VaultError`.
  package static func importSheet(
    _ request: ImportRequest, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.manageDonors)
    if let school = request.school { try actor.require(school: school.id) }
    let reader = ContactReader(
      schools: try await Schools.list(in: context), school: request.school?.id)
    let vault = context.platform.vault
    return try await Import.run(request, kind: "donor_contact", in: context) {
      file, _, session, report in
      var rows: [UUID: Int] = [:]
      try SheetScan<ContactColumn>.scan(file, progress: request.progress) { event in
        guard case .row(let data) = event else { return report.passOver(event) }
        let (row, refusals) = reader.read(data)
        report.refuse(refusals)
        guard let row else { return }
        let found = try donors(row, session, vault, actor)
        guard let donor = found.first, found.count == 1 else {
          return report.refuse([notOne(row, found.count)])
        }
        try take(row, of: donor, &rows, &report, session, vault, actor)
      }
    }
  }

  private static func donors(
    _ row: ContactRow, _ session: borrowing Session, _ vault: Vault, _ actor: Actor
  ) throws -> [UUID] {
    let rows = try session.query(
      named, actor.districtID, row.name, row.kind?.rawValue, row.className, row.school,
      row.identity.map { vault.hash($0, domain: "identity") },
      row.mobile.map { vault.hash($0.text, domain: "phone") })
    return try rows.map { try $0.get(0) }
  }

  private static func take(
    _ row: ContactRow, of donor: UUID, _ rows: inout [UUID: Int], _ report: inout ImportReport,
    _ session: borrowing Session, _ vault: Vault, _ actor: Actor
  ) throws {
    let known = try found(donor, session, vault)
    if known?.reach.way == .nothing { return report.refuse([notWanted(row, donor)]) }
    let language = row.language ?? known?.language ?? .zh
    let isSame = known?.reach.isEqual(to: row.reach) == true && known?.language == language
    if let earlier = rows[donor], !isSame { return report.refuse([contradicts(row, earlier)]) }
    rows[donor] = row.data.number
    if row.hasBoth {
      report.warn(
        ImportWarning(
          .disagreement, sheet: row.data.sheet, row: row.data.number,
          Text(
            "同时写了邮箱和通讯地址：只用邮箱，通讯地址没有登记",
            "both a mail and a postal address: the mail address alone is recorded")))
    }
    if isSame {
      report.unchanged += 1
      return
    }
    try store(
      row.reach, sealed: row.reach.sealed(for: donor, vault), language: language, of: donor,
      session, actor)
    report.accepted += 1
    if known != nil { report.updated += 1 }
  }

  private func isEqual(to other: DonorReach) -> Bool {
    way == other.way && address == other.address
  }

  private static func notOne(_ row: ContactRow, _ count: Int) -> Refusal {
    if count == 0 {
      return row.data.refusal(
        .name,
        problem: Text(
          "没有这样的捐赠人（姓名、类别、学校、班级、证件号、手机号须与登记的一致）",
          "there is no such donor: name, kind, school, class and numbers have to be as on record"),
        advice: Text(
          "核对写法（yibang donor list），或先登记：yibang donor add",
          "check how it is written (yibang donor list), or record the donor: yibang donor add"))
    }
    return row.data.refusal(
      .name,
      problem: Text("有 \(count) 位捐赠人符合这一行", "\(count) donors fit this row"),
      advice: Text(
        "补上类别、学校、班级、证件号或手机号；同一人的请合并（yibang donor duplicates）；或按编号登记（yibang donor contact）",
        "add the kind, school, class or a number; merge records of one donor (yibang donor duplicates); "
          + "or record it by id (yibang donor contact)"))
  }

  private static func notWanted(_ row: ContactRow, _ donor: UUID) -> Refusal {
    row.data.refusal(
      .name, problem: Text("这位捐赠人不希望被联系", "this donor wants to be told nothing"),
      advice: Text(
        "如本人改变了意愿，用 yibang donor contact \(donor.lowercase) 登记；否则删除这一行",
        "if the donor has changed its mind, record it with yibang donor contact \(donor.lowercase); "
          + "else delete the row"))
  }

  private static func contradicts(_ row: ContactRow, _ earlier: Int) -> Refusal {
    let data = row.data
    return data.refusal(
      data.meaning(.mail) != nil ? .mail : .post,
      problem: Text(
        "与第 \(earlier) 行是同一捐赠人，地址不同", "row \(earlier) gives the same donor another address"),
      advice: Text("只留一行", "leave one of the rows"))
  }
}
