package import Foundation
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
    var semester = given.semester
    if semester == nil {
      semester = try await Semesters.current(on: given.receivedOn, in: context)
    }
    var campaign: Campaigns.Campaign?
    if let id = given.campaign { campaign = try await Campaigns.find(id, in: context) }
    let designation = given.designation ?? campaign?.designation
    let fund = try await Funds.fund(for: designation, school: given.school, in: context)
    let donor = try await Donors.donor(given.donor, school: given.school, in: context)
    var donation = NewDonation(
      donor: donor, fund: fund, school: given.school,
      semester: semester ?? Semester.of(given.receivedOn), amount: given.amount,
      receivedOn: given.receivedOn, method: given.method)
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
}
