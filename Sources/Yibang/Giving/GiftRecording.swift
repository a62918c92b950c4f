package import Foundation
import Postgres
package import SchoolCalendar

extension DonorDetails {
  /// From a name as people write it: who is called 匿名 stays unnamed.
  package init(named name: String, kind: DonorKind, anonymous: Bool, className: String? = nil) {
    let name = normalizeText(name)
    self.init(
      kind: kind, name: name, anonymous: anonymous || DonorDetails.unnamed.contains(name),
      className: className)
  }
}

extension Giving {
  /// A donation as it is handed in: by the donor's name, with words instead of a fund.
  package struct NamedDonation: Sendable {
    package var donor: DonorDetails
    package var amount: Money
    package var receivedOn: CalendarDate
    /// Nil: that of the day.
    package var semester: Semester?
    /// Nil: given to the district.
    package var school: UUID?
    package var method: Method
    /// Nil: the campaign's.
    package var designation: String?
    package var receiptNumber: String?
    /// Nil: the campaign's.
    package var handler: String?
    package var note: String?
    package var campaign: UUID?

    package init(
      _ donor: DonorDetails, _ amount: Money, on receivedOn: CalendarDate,
      semester: Semester? = nil, school: UUID?, method: Method = .unknown
    ) {
      self.donor = donor
      self.amount = amount
      self.receivedOn = receivedOn
      self.semester = semester
      self.school = school
      self.method = method
    }
  }

  package struct Recorded: Sendable, Codable {
    package let id: UUID
    package let amount: Money
    package let semester: Semester
    /// It had been recorded before.
    package let replayed: Bool
  }

  /// Books a donation into the fund that its designation means, from a donor who is put on record at
  /// the first gift.
  /// - Parameter key: makes a repetition safe: the same key and donation give the same answer.
  /// - Throws: `CampaignError.unknown`; as the other `record`.
  package static func record(
    _ given: NamedDonation, key: String? = nil, in context: Context
  ) async throws -> Recorded {
    try context.actor.require(.recordDonations)
    if let school = given.school { try context.actor.require(school: school) }
    guard given.amount.fen > 0 else { throw GivingError.amountNotPositive }
    var campaign: Campaigns.Campaign?
    if let id = given.campaign { campaign = try await Campaigns.find(id, in: context) }
    let designation = given.designation ?? campaign?.designation
    let place = try await place(of: given, designation, in: context)
    var donation = NewDonation(
      donor: place.donor, fund: place.fund, school: given.school, semester: place.semester,
      amount: given.amount, receivedOn: given.receivedOn, method: given.method)
    donation.designation = designation
    donation.className = given.donor.className
    donation.handler = given.handler ?? campaign?.handler
    donation.receiptNumber = given.receiptNumber
    donation.note = given.note
    donation.campaign = given.campaign
    let (id, replayed) = try await record(donation, key: key, in: context)
    return Recorded(
      id: id, amount: donation.amount, semester: donation.semester, replayed: replayed)
  }

  /// Where a donation belongs. All but first gifts find it on record, in one round trip.
  private static func place(
    of given: NamedDonation, _ designation: String?, in context: Context
  ) async throws -> (semester: Semester, fund: UUID, donor: UUID) {
    let district = context.actor.districtID
    let known = try await context.read([
      Semesters.readingAll(district),
      Funds.reading(designation, school: given.school, district),
      Donors.reading(given.donor, school: given.school, district),
    ]) { results -> (semesters: [Semesters.Record], fund: UUID?, donor: UUID?) in
      (
        try Semesters.all(results[0]), try results[1].first?.get(0),
        try Donors.known(given.donor, results[2])
      )
    }
    let semester =
      given.semester ?? Semesters.current(on: given.receivedOn, among: known.semesters)
    // The first write of who is not on record yet, and each of a request that may be repeated, is done
    // even where it finds everything.
    if context.repetition == nil, !context.actor.isUnnamed, let fund = known.fund,
      let donor = known.donor
    {
      return (semester, fund, donor)
    }
    return (
      semester, try await Funds.fund(for: designation, school: given.school, in: context),
      try await Donors.donor(given.donor, school: given.school, in: context)
    )
  }
}
