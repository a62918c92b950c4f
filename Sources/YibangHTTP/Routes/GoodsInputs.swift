import Foundation
import SchoolCalendar
import Yibang

/// Where and when goods move, and on what paper.
protocol GoodsInput {
  var school: SchoolCode? { get }
  var date: CalendarDate? { get }
  var semester: Semester? { get }
  var source: String? { get }
}

extension GoodsInput {
  /// The school, or nil for the district's stores, and the occasion.
  func occasion(
    _ call: Call, reason: String? = nil
  ) async throws -> (school: UUID?, occasion: Goods.Occasion) {
    let day = try call.day(date)
    let school = try await call.school(school)
    let semester = try await call.semester(semester, on: day)
    return (school, .init(semester: semester, date: day, reason: reason, source: source))
  }
}

extension Call {
  /// What is named of goods, seen to that the school uses these items.
  func goods(_ amounts: [API.GoodsAmount], of school: UUID?) async throws -> [Goods.Amount] {
    try await Goods.require(items: amounts.map(\.item), school: school, in: context)
    return amounts.map { .init(item: $0.item, quantity: $0.quantity) }
  }
}

extension API {
  /// Of what, and how many.
  struct GoodsAmount: Codable, Sendable {
    let item: UUID
    let quantity: Int64
  }

  /// What all is worth, or each piece.
  struct GoodsWorth: Codable, Sendable {
    let each: Money?
    let total: Money?

    var worth: Goods.Worth {
      get throws {
        switch (each, total) {
        case (let each?, nil): return .each(each)
        case (nil, let total?): return .total(total)
        default:
          throw InputError.value(
            field: "worth", Text("each 与 total 二选一。", "either each or total."))
        }
      }
    }
  }

  struct GoodsSignature: Codable, Sendable {
    let by: Goods.Signer
    let relation: String?
    let on: CalendarDate?
    let proof: String?

    func signature(_ day: CalendarDate) -> Goods.Signature {
      .init(by: by, relation: relation, on: on ?? day, proof: proof)
    }
  }

  struct GoodsEvent: Codable, Sendable {
    let event: UUID
  }

  struct NewItem: Codable, Sendable {
    let name: String
    let unit: String
    let kind: Goods.ItemKind?
    let school: SchoolCode?
  }

  struct NewPlace: Codable, Sendable {
    let name: String
    let school: SchoolCode?
  }

  struct StockQuestion: Codable, Sendable {
    let school: SchoolCode?
    let item: UUID?
    let place: UUID?
    let byLot: Bool?
  }

  struct CardQuestion: Codable, Sendable {
    let id: UUID
    let school: SchoolCode?
    let semester: Semester?
    let place: UUID?
  }

  struct ReceivedLot: Codable, Sendable {
    let item: UUID
    let quantity: Int64
    let condition: Goods.Condition?
    let worth: GoodsWorth?
    let basis: String?
  }

  struct GoodsReceipt: Codable, Sendable, GoodsInput {
    let donor: NamedDonor
    let lots: [ReceivedLot]
    let place: UUID?
    let school: SchoolCode?
    let date: CalendarDate?
    let semester: Semester?
    let source: String?
  }

  struct Appraisal: Codable, Sendable, GoodsInput {
    let id: UUID
    let worth: GoodsWorth
    let basis: String
    let school: SchoolCode?
    let date: CalendarDate?
    let semester: Semester?
    let source: String?
  }

  struct GoodsMovement: Codable, Sendable, GoodsInput {
    let goods: [GoodsAmount]
    let from: UUID?
    let to: UUID
    let lot: UUID?
    let school: SchoolCode?
    let date: CalendarDate?
    let semester: Semester?
    let source: String?
  }

  struct WriteOff: Codable, Sendable, GoodsInput {
    let goods: [GoodsAmount]
    let reason: String
    let place: UUID?
    let lot: UUID?
    let school: SchoolCode?
    let date: CalendarDate?
    let semester: Semester?
    let source: String?
  }

  struct GoodsReversal: Codable, Sendable, GoodsInput {
    let id: UUID
    let reason: String
    let item: UUID?
    let handOut: UUID?
    let quantity: Int64?
    let returned: Bool?
    let school: SchoolCode?
    let date: CalendarDate?
    let semester: Semester?
    let source: String?

    /// All of the event, some of an item, or some of what one pupil got.
    var extent: Goods.Extent {
      get throws {
        if let handOut { return .handOut(handOut, quantity: quantity) }
        guard let quantity else {
          guard item == nil else {
            throw InputError.value(field: "quantity", Text("写明数量。", "give the quantity."))
          }
          return .all
        }
        return .item(item, quantity: quantity)
      }
    }
  }

  /// Each pupil gets these quantities.
  struct NewHandOut: Codable, Sendable, GoodsInput {
    let goods: [GoodsAmount]
    let students: [UUID]
    let signature: GoodsSignature?
    let place: UUID?
    let lot: UUID?
    let school: SchoolCode?
    let date: CalendarDate?
    let semester: Semester?
    let source: String?

    func grants(_ amounts: [Goods.Amount], on day: CalendarDate) -> [Goods.Grant] {
      students.flatMap { student in
        amounts.map {
          Goods.Grant(
            student: student, item: $0.item, quantity: $0.quantity,
            signature: signature?.signature(day))
        }
      }
    }
  }

  struct HandOutSheet: Codable, Sendable {
    let school: SchoolCode
    let semester: Semester
    let date: CalendarDate?
    let place: UUID?
    let dryRun: Bool?
    let skipRefused: Bool?
  }

  struct SignedHandOut: Codable, Sendable {
    let id: UUID
    let by: Goods.Signer
    let relation: String?
    let on: CalendarDate?
    let proof: String?
  }

  struct ReceivedGoods: Codable, Sendable {
    let id: UUID
    let semester: Semester?
  }

  struct CountedItem: Codable, Sendable {
    let item: UUID
    let quantity: Int64
    let reason: String?
    /// Of the item's stock when the count began: refused if it moved since.
    let version: Int64?
  }

  struct NewCount: Codable, Sendable, GoodsInput {
    let counted: [CountedItem]
    let reason: String?
    let place: UUID?
    let school: SchoolCode?
    let date: CalendarDate?
    let semester: Semester?
    let source: String?
  }

  struct Count: Codable, Sendable {
    let id: UUID
    let differences: [Goods.Difference]
  }

  struct CountSheetQuestion: Codable, Sendable {
    let school: SchoolCode?
    let place: UUID?
    let date: CalendarDate?
  }

  struct FilledCountSheet: Codable, Sendable {
    let school: SchoolCode?
    let place: UUID?
    let date: CalendarDate?
    let semester: Semester?
    let dryRun: Bool?
  }

  struct NewKit: Codable, Sendable {
    let school: SchoolCode?
    let kit: UUID
    let components: [GoodsAmount]
  }

  struct Assembly: Codable, Sendable, GoodsInput {
    let kit: UUID
    let count: Int64
    let place: UUID?
    let school: SchoolCode?
    let date: CalendarDate?
    let semester: Semester?
    let source: String?
  }

  struct DonorGoodsPage: Paged, Sendable {
    let id: UUID
    let after: Cursor?
    let limit: PageLimit?
  }
}
