import Foundation
import Postgres
import SchoolCalendar

/// An offer about to be written, with its places.
struct OfferDraft {
  let id: UUID
  let donor: UUID
  let firstSemester: Semester
  /// For each pupil and semester.
  let amount: Money
  var places = 1
  var wish = Wish()
  var note: String?
  var lineHash: [UInt8]?
  var importID: UUID?
  /// The pupil whom the sponsor names.
  var student: UUID?
  /// The pairing that it carries on.
  var renews: UUID?

  // $1 district, $2 id, $3 donor, $4 first semester, $5 amount, $6 places, $7 school, $8 grade,
  // $9 gender, $10 note, $11 line hash, $12 import, $13 region, $14 limits, $15 weights,
  // $16 named pupil, $17 pairing
  private static let insert: SQL = """
    insert into offer (
      district_id, id, donor_id, first_semester, amount_fen, places, wish_school, wish_grade,
      wish_gender, note, line_hash, import_id, wish_region, limits, weights, named_student, renews
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    """
  private static let insertPlaces: SQL = """
    insert into offer_place (district_id, offer_id, place, places)
    select $1, $2, place, $3 from generate_series(1, $3::int) as place
    """

  private static let insertSchools: SQL = """
    insert into offer_school (district_id, offer_id, school_id) select $1, $2, unnest($3::uuid[])
    """

  func store(_ session: borrowing Session, _ actor: Actor) throws {
    let district = actor.districtID
    _ = try session.batch([
      Bound(
        Self.insert, district, id, donor, firstSemester.ordinal, amount.fen, places, wish.school,
        wish.grade, wish.gender?.rawValue, note, lineHash, importID, wish.region,
        Wish.Item.allCases.filter { wish.hard.contains($0) }.map(\.rawValue), weights, student,
        renews),
      Bound(Self.insertPlaces, district, id, places),
      Bound(Self.insertSchools, district, id, Array(wish.otherSchools)),
      Audit.statement(
        actor, "offer.record", subject: "offer", id: id,
        after: [
          "donor": donor.lowercase, "amount_fen": "\(amount.fen)",
          "places": "\(places)", "first_semester": "\(firstSemester)",
          "student": student?.lowercase, "renews": renews?.lowercase,
        ]),
    ])
  }

  private var weights: [Int32]? {
    if wish.weights.isEmpty { return nil }
    return Wish.Item.allCases.map { Int32(wish.weights[$0] ?? 1) }
  }

  /// - Throws: `OfferError.named` if the stored offer and the pupil it names cannot be a pair.
  func requireNoObstacle(_ session: borrowing Session, _ actor: Actor) throws {
    guard let student else { return }
    let pupils = try PupilCandidates.load(
      session, district: actor.districtID, semester: firstSemester,
      day: firstSemester.defaultDates.lowerBound, students: [student])
    let offers = try OfferCandidates.load(session, district: actor.districtID, offers: [id])
    guard let pupil = pupils.first, let stored = offers.first else {
      throw StudentError.unknown(student)
    }
    if let why = Matching.Obstacles(pupil.need, stored.offer).text {
      throw OfferError.named(why: why)
    }
  }
}

extension OfferDraft {
  init(id: UUID, donor: UUID, _ offer: Offers.NewOffer, student: UUID? = nil) {
    self.init(
      id: id, donor: donor, firstSemester: offer.firstSemester, amount: offer.amount,
      places: offer.places, wish: offer.wish, note: offer.note, lineHash: offer.lineHash,
      importID: offer.importID, student: student)
  }
}
