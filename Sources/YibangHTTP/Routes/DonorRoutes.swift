import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let donorRoutes: [Endpoint] = donors + donorWishes + donorPapers + donorMerges

  private static let donors: [Endpoint] = [
    .pages("/donors", "donor.list", Text("捐赠人", "Donors"), .needs([.read])) {
      (input: SchoolPage, page, call) in
      try await Donors.page(page, school: call.school(input.school), in: call.context)
    },
    .create(
      "/donors", "donor.add", Text("登记捐赠人", "Add a donor"), .needs([.recordDonations])
    ) { (input: NewDonor, call) in
      let donor = IdentifiedDonor(
        input.details,
        DonorNumbers(
          residentID: input.residentID, creditCode: input.creditCode, mobile: input.phone))
      let (id, added) = try await Donors.add(
        donor, school: try await call.school(input.school), in: call.context)
      return AddedDonor(id: id, added: added)
    },
    .lookUp(
      "/donors/find", "donor.find",
      Text("按证件号或手机号查找捐赠人，打码", "Find a donor by a number, masked"), .needs([.read])
    ) { (input: DonorSearch, call) in
      let numbers = DonorNumbers(
        residentID: input.residentID, creditCode: input.creditCode, mobile: input.phone)
      return FoundDonors(items: try await Donors.find(numbers, in: call.context))
    },
    .parts(
      "/donors/duplicates", "donor.duplicates",
      Text("可能是同一位捐赠人的记录", "Records that may be one donor"), .needs([.manageDonors]), by: "one",
      "other"
    ) { (_: NoInput, call) in try await Donors.duplicates(in: call.context) },
    .get("/donors/{id}", "donor.show", Text("一位捐赠人", "One donor"), .needs([.read])) {
      (input: Identified, call) in try await Donors.show(input.id, in: call.context)
    }.versioned(.donor),
    .lookUp(
      "/donors/{id}/reveal", "donor.reveal",
      Text("显示捐赠人的证件号，理由记入审计", "A donor's numbers; the reason is kept in the trail"),
      .needs([.readIdentities])
    ) { (input: Reveal, call) in
      RevealedDonor(
        records: try await Donors.reveal(input.id, reason: input.reason, in: call.context))
    }.showing(.donor),
  ]

  private static let donorWishes: [Endpoint] = [
    .put(
      "/donors/{id}/anonymity", "donor.anonymous",
      Text("公开或不公开姓名", "Whether a donor is named"), .needs([.manageDonors])
    ) { (input: Anonymity, call) in
      _ = try await Donors.setAnonymous(
        input.id, input.anonymous, consent: input.consent, in: call.context)
    }.versioned(.donor),
    .get(
      "/donors/{id}/contact", "donor.contact",
      Text("捐赠人希望怎样接收通知，打码", "How a donor wants to be told things, masked"),
      .needs([.manageDonors])
    ) { (input: Identified, call) in
      let (way, address) = try await DonorReach.shown(input.id, in: call.context)
      return Contact(way: way, address: address)
    },
    .put(
      "/donors/{id}/contact", "donor.set_contact",
      Text("登记捐赠人的通知方式", "Record how a donor wants to be told things"),
      .needs([.manageDonors])
    ) { (input: NewContact, call) in
      try await DonorReach.set(
        try input.reach, language: input.language ?? .zh, of: input.id, in: call.context)
    },
    .sheet(
      "/donors/contacts/import", "donor.import_contacts",
      Text("导入捐赠人的邮箱和通讯地址", "Import donors' addresses"), .needs([.manageDonors])
    ) { (input: ContactSheet, upload, call) in
      var request = call.importRequest(
        upload, semester: input.semester, dryRun: input.dryRun, skipRefused: input.skipRefused)
      let school = try await call.school(input.school)
      request.school = try await Schools.list(in: call.context).first { $0.id == school }
      return try await DonorReach.importSheet(request, in: call.context)
    },
  ]

  private static let donorPapers: [Endpoint] = [
    .get(
      "/donors/{id}/statement", "donor.statement",
      Text("一位捐赠人的捐款、资助款与退款", "What a donor gave, and what went back"), .needs([.read])
    ) { (input: StatementPage, call) in
      try await Donors.statement(
        Donors.StatementRequest(
          input.id, from: input.from, to: input.to, after: input.after,
          limit: input.limit?.count ?? 100, withTotals: input.totals ?? false),
        in: call.context)
    },
    .file(
      "/donors/{id}/statement-sheet", "donor.statement_sheet",
      Text("捐赠对账单 .xlsx", "The statement as .xlsx"), .needs([.read]),
      type: SheetType.xlsx.mediaType
    ) { (input: Period, call) in
      let bytes = try await call.file("xlsx") { path in
        _ = try await Donors.writeStatement(
          input.id, from: input.from, to: input.to, language: call.language, toXlsx: true,
          path: path, in: call.context)
      }
      return (bytes, "对账单.xlsx")
    },
    .lookUpFile(
      "/donors/{id}/copy", "donor.copy",
      Text("应捐赠人要求提供捐赠记录 .xlsx，登记在案", "The records of the gifts for their donor, on record"),
      .needs([.manageDonors, .readIdentities]), type: SheetType.xlsx.mediaType
    ) { (input: CopyRequest, call) in
      let asked = try call.day(input.askedOn, field: "asked_on")
      let bytes = try await call.file("xlsx") { path in
        _ = try await Donors.copy(
          input.id, reason: input.reason, askedOn: asked, today: call.today,
          language: call.language, to: path, in: call.context)
      }
      return (bytes, "捐赠记录.xlsx")
    },
    .pages(
      "/donor-requests", "donor.requests", Text("捐赠人的查询申请", "What donors asked for"),
      .needs([.read])
    ) { (input: DonorPage, page, call) in
      try await page.page(by: \.id) { after, limit in
        try await Donors.requests(
          of: input.donor, after: after, limit: limit, in: call.context)
      }
    },
  ]

  private static let donorMerges: [Endpoint] = [
    .pages("/donor-merges", "donor.merges", Text("捐赠人的合并", "Merges"), .needs([.read])) {
      (input: DonorPage, page, call) in
      try await page.page(by: \.id) { after, limit in
        try await Donors.merges(of: input.donor, after: after, limit: limit, in: call.context)
      }
    },
    .create(
      "/donor-merges", "donor.merge",
      Text("把一条记录并入另一条", "Merge one record into another"), .needs([.mergeDonors])
    ) { (input: NewMerge, call) in
      Identified(
        id: try await Donors.merge(
          input.from, into: input.into, reason: input.reason, in: call.context))
    },
    .post(
      "/donor-merges/{id}/undo", "donor.unmerge", Text("撤销一次合并", "Undo a merge"),
      .needs([.mergeDonors])
    ) { (input: Reasoned, call) in
      try await Donors.unmerge(input.id, reason: input.reason, in: call.context)
    },
  ]
}

extension API {
  struct ContactSheet: Codable, Sendable {
    let school: SchoolCode?
    let semester: Semester
    let dryRun: Bool?
    let skipRefused: Bool?
  }

  struct SchoolPage: Paged, Sendable {
    let school: SchoolCode?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct DonorPage: Paged, Sendable {
    let donor: UUID?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct NewDonor: Codable, Sendable {
    let name: String
    let kind: DonorKind?
    let anonymous: Bool?
    let className: String?
    let residentID: ResidentID?
    let creditCode: CreditCode?
    let phone: Mobile?
    let school: SchoolCode?

    var details: DonorDetails {
      DonorDetails(
        named: name, kind: kind ?? .individual, anonymous: anonymous ?? false,
        className: className)
    }
  }

  struct AddedDonor: Codable, Sendable {
    let id: UUID
    /// False if it was on record.
    let added: Bool
  }

  struct DonorSearch: Codable, Sendable {
    let residentID: ResidentID?
    let creditCode: CreditCode?
    let phone: Mobile?
  }

  struct FoundDonors: Codable, Sendable {
    let items: [Donors.Found]
  }

  struct Reveal: Codable, Sendable {
    let id: UUID
    let reason: String
  }

  struct RevealedDonor: Codable, Sendable {
    let records: [Donors.Identity]
  }

  struct Anonymity: Codable, Sendable {
    let id: UUID
    let anonymous: Bool
    let consent: String?
  }

  struct Contact: Codable, Sendable {
    let way: DonorReach.Way
    let address: String?
  }

  struct NewContact: Codable, Sendable {
    let id: UUID
    let way: DonorReach.Way
    let mail: MailAddress?
    let post: String?
    let language: Language?

    var reach: DonorReach {
      get throws {
        switch way {
        case .mail:
          guard let mail else {
            throw InputError.value(field: "mail", Text("写明邮箱。", "give the address."))
          }
          return .mail(mail)
        case .letter: return .letter(address: post)
        case .nothing: return .nothing
        }
      }
    }
  }

  struct StatementPage: Codable, Sendable {
    let id: UUID
    let from: CalendarDate?
    let to: CalendarDate?
    let after: UUID?
    let limit: PageLimit?
    let totals: Bool?
  }

  struct Period: Codable, Sendable {
    let id: UUID
    let from: CalendarDate?
    let to: CalendarDate?
  }

  struct CopyRequest: Codable, Sendable {
    let id: UUID
    let reason: String
    let askedOn: CalendarDate?
  }

  struct NewMerge: Codable, Sendable {
    let from: UUID
    let into: UUID
    let reason: String
  }

  struct Reasoned: Codable, Sendable {
    let id: UUID
    let reason: String
  }
}
