package import Foundation
package import Postgres

package enum GoodsError: YibangError {
  /// Items short, and by how many.
  package struct Shortage: Sendable, Hashable {
    package let item: String
    package let wanted: Int64
    package let present: Int64
    package var missing: Int64 { wanted - present }

    package init(item: String, wanted: Int64, present: Int64) {
      self.item = item
      self.wanted = wanted
      self.present = present
    }
  }

  case short([Shortage], place: String)
  case notBelowZero
  case unknownItem(String)
  case ambiguousItem(String, units: [String])
  case itemExists(String)
  case unknownPlace(String)
  case unknownLot(UUID)
  case unknownEvent(UUID)
  case unknownHandOut(UUID)
  case unknownDonor
  case quantity
  case nothingToDo
  case reasonMissing(String)
  case semesterClosed
  case dateOutsideSemester
  case otherSchool
  case notBeforeReceipt
  case pupilOfOtherSchool
  case signedBefore(UUID)
  case signatureIncomplete
  case notReversible(UUID, Goods.EventKind)
  case moreThanTheEvent(left: Int64)
  case oneLineOnly
  case notAKit(String)
  case kitOfKits(String)
  case noDefinition(String)
  case movedSinceDrawn(item: String, events: [String])
  case countedTwice(String)
  case givenTwice
  case sameValue
  case kitLot
  case tooLarge

  package var code: String {
    switch self {
    case .short: "goods.short"
    case .notBelowZero: "goods.not_below_zero"
    case .unknownItem: "goods.unknown_item"
    case .ambiguousItem: "goods.ambiguous_item"
    case .itemExists: "goods.item_exists"
    case .unknownPlace: "goods.unknown_place"
    case .unknownLot: "goods.unknown_lot"
    case .unknownEvent: "goods.unknown_event"
    case .unknownHandOut: "goods.unknown_hand_out"
    case .unknownDonor: "goods.unknown_donor"
    case .quantity: "goods.quantity"
    case .nothingToDo: "goods.nothing_to_do"
    case .reasonMissing: "goods.reason_missing"
    case .semesterClosed: "goods.semester_closed"
    case .dateOutsideSemester: "goods.date_outside_semester"
    case .otherSchool: "goods.other_school"
    case .notBeforeReceipt: "goods.not_before_receipt"
    case .pupilOfOtherSchool: "goods.pupil_of_other_school"
    case .signedBefore: "goods.signed_before"
    case .signatureIncomplete: "goods.signature_incomplete"
    case .notReversible: "goods.not_reversible"
    case .moreThanTheEvent: "goods.more_than_the_event"
    case .oneLineOnly: "goods.one_line_only"
    case .notAKit: "goods.not_a_kit"
    case .kitOfKits: "goods.kit_of_kits"
    case .noDefinition: "goods.no_definition"
    case .movedSinceDrawn: "goods.moved_since_drawn"
    case .countedTwice: "goods.counted_twice"
    case .givenTwice: "goods.given_twice"
    case .sameValue: "goods.same_value"
    case .kitLot: "goods.kit_lot"
    case .tooLarge: "goods.too_large"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .short, .notBelowZero, .itemExists, .signedBefore, .notReversible, .moreThanTheEvent,
      .movedSinceDrawn, .sameValue, .noDefinition:
      .conflict
    case .unknownItem, .unknownPlace, .unknownLot, .unknownEvent, .unknownHandOut, .unknownDonor:
      .notFound
    case .otherSchool: .forbidden
    case .ambiguousItem, .quantity, .nothingToDo, .reasonMissing, .semesterClosed,
      .dateOutsideSemester, .notBeforeReceipt, .pupilOfOtherSchool, .signatureIncomplete,
      .oneLineOnly, .notAKit, .kitOfKits, .countedTwice, .givenTwice, .kitLot,
      .tooLarge:
      .badData
    }
  }

  /// What the database's refusal of a posting means.
  package static func refusal(_ error: PostgresError) -> any Error {
    let constraint: String?
    switch error {
    case .check(let detail), .foreignKey(let detail), .unique(let detail):
      constraint = detail.constraint
    case .privilege: return GoodsError.otherSchool
    default: constraint = nil
    }
    switch constraint {
    case "goods_semester_open": return GoodsError.semesterClosed
    case "goods_date_in_semester": return GoodsError.dateOutsideSemester
    case "stock_not_below_zero", "stock_item_not_below_zero", "stock_value_not_below_zero",
      "stock_value_of_something":
      return GoodsError.notBelowZero
    case "stock_of_one_school": return GoodsError.otherSchool
    case "stock_not_before_receipt": return GoodsError.notBeforeReceipt
    case "stock_line_taken_back": return GoodsError.moreThanTheEvent(left: 0)
    case "goods_hand_out_once": return GoodsError.givenTwice
    case "goods_event_reason": return GoodsError.reasonMissing("")
    case "goods_hand_out_signature": return GoodsError.signatureIncomplete
    default: return error
    }
  }
}
