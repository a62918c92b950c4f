import Foundation
import SchoolCalendar
import Yibang

extension API {
  static let offerRoutes: [Endpoint] = [
    .pages("/offers", "offer.list", Text("帮扶意向", "Sponsors' offers"), .needs([.read])) {
      (input: OfferPage, page, call) in
      try await Offers.page(page, openOnly: input.open ?? false, in: call.context)
    },
    .create("/offers", "offer.record", Text("登记帮扶意向", "Record an offer"), .needs([.recordOffers])) {
      (input: NewOffer, call) in
      let offer = Offers.NewOffer(
        sponsor: input.sponsorDetails,
        firstSemester: try await call.semester(input.semester), amount: input.amount,
        places: input.places ?? 1, wish: try await input.wish?.read(in: call.context) ?? Wish(),
        named: input.student, note: input.note)
      return Identified(id: try await Offers.record(offer, in: call.context))
    },
    .sheet(
      "/offers/import", "offer.import", Text("导入帮扶意向表", "Import a sheet of offers"),
      .needs([.recordOffers])
    ) { (input: DistrictSheet, upload, call) in
      try await Offers.importSheet(
        call.importRequest(
          upload, semester: input.semester, dryRun: input.dryRun, skipRefused: input.skipRefused),
        in: call.context)
    },
    .get("/offers/{id}", "offer.show", Text("一个帮扶意向", "One offer"), .needs([.read])) {
      (input: Identified, call) in try await Offers.show(input.id, in: call.context)
    }.versioned(.offer, alone: false),
    .post(
      "/offers/{id}/withdraw", "offer.withdraw",
      Text("撤回帮扶意向，进行中的结对不受影响", "Take an offer back; pairings go on"),
      .needs([.recordOffers])
    ) { (input: Identified, call) in
      let lapsed = try await Offers.withdraw(input.id, in: call.context)
      return OfferWithdrawn(withdrawn: lapsed != nil, lapsedPairs: lapsed ?? 0)
    }.versioned(.offer),
    .create(
      "/pairings/{id}/renew", "offer.renew",
      Text("登记续助：原资助人优先资助原学生", "A sponsor goes on with its pupil, before all others"),
      .needs([.recordOffers])
    ) { (input: OfferRenewal, call) in
      Identified(
        id: try await Offers.renew(
          input.id, amount: input.amount, first: input.first, in: call.context))
    },
  ]

  struct OfferPage: Paged, Sendable {
    /// Only those that were not withdrawn.
    let open: Bool?
    let after: Cursor?
    let limit: PageLimit?
  }

  /// What a sheet of no school is told beside what it says.
  struct DistrictSheet: Codable, Sendable {
    let semester: Semester
    let dryRun: Bool?
    let skipRefused: Bool?
  }

  /// What a sponsor would like of the pupil, and what it insists on.
  struct WishInput: Codable, Sendable {
    struct Weights: Codable, Sendable {
      let region: Int?
      let school: Int?
      let grade: Int?
      let gender: Int?
    }

    let schools: [SchoolCode]?
    let grade: String?
    let gender: ResidentID.Gender?
    let region: RegionCode?
    /// What of it the sponsor insists on.
    let limits: [Wish.Item]?
    /// 1 to 100 each; 1 where none is given.
    let weights: Weights?

    func read(in context: Context) async throws -> Wish {
      var wish = Wish(
        region: region?.text, grade: grade, gender: gender, hard: Set(limits ?? []))
      try await wish.add(schools: schools ?? [], in: context)
      wish.weights[.region] = weights?.region
      wish.weights[.school] = weights?.school
      wish.weights[.grade] = weights?.grade
      wish.weights[.gender] = weights?.gender
      return wish
    }
  }

  struct NewOffer: Codable, Sendable {
    let sponsor: String
    /// `individual` where none is given.
    let kind: DonorKind?
    let anonymous: Bool?
    let residentID: ResidentID?
    let creditCode: CreditCode?
    let mobile: Mobile?
    let employer: String?
    /// For each pupil and semester.
    let amount: Money
    let places: Int?
    let semester: Semester?
    let wish: WishInput?
    /// A pupil whom the sponsor names.
    let student: StudentCode?
    let note: String?

    var sponsorDetails: SponsorDetails {
      SponsorDetails(
        kind: kind ?? .individual, name: sponsor, anonymous: anonymous ?? false,
        residentID: residentID, creditCode: creditCode, mobile: mobile, employer: employer)
    }
  }

  struct OfferWithdrawn: Codable, Sendable {
    /// False where it was withdrawn before.
    let withdrawn: Bool
    let lapsedPairs: Int
  }

  struct OfferRenewal: Codable, Sendable {
    let id: UUID
    /// As before where none is given.
    let amount: Money?
    let first: Semester?
  }
}
