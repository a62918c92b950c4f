import Foundation
import HardshipRecognition
import SchoolCalendar
import Yibang

extension API {
  /// What is asked: one of the four changes.
  struct WhatIfQuestion: Codable, Sendable {
    struct NewOffer: Codable, Sendable {
      let amount: Money
      let places: Int?
      let wish: WishInput?
    }

    struct NewPupil: Codable, Sendable {
      let school: SchoolCode
      /// `difficult` where none is given.
      let tier: Tier?
      let grade: String?
      let gender: ResidentID.Gender?
      /// Today where none is given.
      let waitingSince: CalendarDate?
    }

    let semester: Semester
    let offer: NewOffer?
    let pupil: NewPupil?
    let withoutOffer: UUID?
    let withoutPupil: UUID?

    /// - Throws: `InputError` unless there is exactly one; `SchoolError.unknownSchool`.
    func change(_ call: Call) async throws -> WhatIf.Change {
      switch (offer, pupil, withoutOffer, withoutPupil) {
      case (let offer?, nil, nil, nil):
        return .offer(
          amount: offer.amount, places: offer.places ?? 1,
          wish: try await offer.wish?.read(in: call.context) ?? Wish())
      case (nil, let pupil?, nil, nil):
        return .pupil(
          school: try await call.schoolRecord(pupil.school).id, grade: pupil.grade,
          gender: pupil.gender, tier: pupil.tier ?? .difficult,
          waitingSince: pupil.waitingSince ?? call.today)
      case (nil, nil, let offer?, nil): return .withoutOffer(offer)
      case (nil, nil, nil, let student?): return .withoutPupil(student)
      default:
        throw InputError.value(
          field: "offer",
          Text(
            "写明 offer、pupil、without_offer、without_pupil 之一。",
            "give one of offer, pupil, without_offer and without_pupil."))
      }
    }
  }
}
