package import Foundation
import Postgres
package import SchoolCalendar

extension Receipts {
  /// What a receipt is given for: each gift, list of a collection or lot of goods has its own.
  package enum Subject: Sendable, Hashable {
    case donation(UUID)
    /// One voucher for all lines of a collection.
    case campaign(UUID)
    case goods(lot: UUID)

    var donation: UUID? { if case .donation(let id) = self { id } else { nil } }
    var campaign: UUID? { if case .campaign(let id) = self { id } else { nil } }
    var goodsLot: UUID? { if case .goods(let id) = self { id } else { nil } }
    package var id: UUID {
      switch self {
      case .donation(let id), .campaign(let id), .goods(let id): id
      }
    }
  }

  /// Money and goods never share a receipt.
  package enum Kind: String, Sendable, CaseIterable, Codable {
    case money, goods

    package var name: Text {
      switch self {
      case .money: Text("货币", "money")
      case .goods: Text("物资", "goods")
      }
    }
  }

  /// What a receipt is worth, held against its gift whenever it is read.
  package enum State: String, Sendable, CaseIterable, Codable {
    /// Over exactly what is left of the gift.
    case valid
    /// What is left of the gift changed since: it is to be reissued.
    case toBeReplaced = "to_be_replaced"
    /// Nothing is left of the gift.
    case toBeVoided = "to_be_voided"
    case void

    package var name: Text {
      switch self {
      case .valid: Text("有效", "valid")
      case .toBeReplaced: Text("待换开", "to be replaced")
      case .toBeVoided: Text("待作废", "to be voided")
      case .void: Text("已作废", "void")
      }
    }
  }

  /// What became of the gift.
  package enum GiftState: String, Sendable, CaseIterable, Codable {
    case whole
    case partlyTakenBack = "partly_taken_back"
    case takenBack = "taken_back"

    package var name: Text {
      switch self {
      case .whole: Text("全额", "whole")
      case .partlyTakenBack: Text("部分冲回", "partly taken back")
      case .takenBack: Text("已冲回", "taken back")
      }
    }
  }

  /// A receipt as it stands now. An anonymous donor has no name in it. Content: 慈善法 38.
  package struct Receipt: Sendable, Codable {
    package let id: UUID
    package let number: ReceiptNumber
    package let kind: Kind
    package let donation: UUID?
    package let campaign: UUID?
    package let goodsLot: UUID?
    /// The school, or the district, in whose name it is issued.
    package let unit: String
    /// The donor; for a collection its name.
    package let donor: String
    package let donorKind: DonorKind?
    /// What it was issued over; nil for goods without a fair value.
    package let amount: Money?
    package let given: Money?
    /// What is left of the gift.
    package let net: Money?
    package let receivedOn: CalendarDate?
    package let method: Giving.Method?
    package let fund: String?
    package let designation: String?
    /// What goods they are.
    package let goods: String?
    /// Who took the gift; nil where that would name an anonymous donor.
    package let handler: String?
    /// The number of the 公益事业捐赠统一票据, which others issue.
    package let officialNumber: String?
    package let issuedOn: CalendarDate
    /// A login; nil where the reader's school does not know it.
    package let issuedBy: String?
    package let voidedOn: CalendarDate?
    package let voidedBy: String?
    package let voidReason: String?
    /// The voided one in whose place this stands.
    package let replaces: ReceiptNumber?
    package let replacedBy: ReceiptNumber?
    package let state: State
    package let giftState: GiftState

    enum CodingKeys: String, CodingKey {
      case id, number, kind, donation, campaign
      case goodsLot = "goods_lot"
      case unit, donor
      case donorKind = "donor_kind"
      case amount, given, net
      case receivedOn = "received_on"
      case method, fund, designation, goods, handler
      case officialNumber = "official_number"
      case issuedOn = "issued_on"
      case issuedBy = "issued_by"
      case voidedOn = "voided_on"
      case voidedBy = "voided_by"
      case voidReason = "void_reason"
      case replaces
      case replacedBy = "replaced_by"
      case state
      case giftState = "gift_state"
    }
  }
}

extension Receipts.Receipt {
  /// From a row of receipt_register.
  init(_ row: Row) throws {
    func money(_ column: String) throws -> Money? {
      let fen: Int64? = try row.optional(column)
      return fen.map { Money(fen: $0) }
    }
    let book: String = try row.get("book")
    func number(_ year: String, _ number: String) throws -> ReceiptNumber? {
      guard let year: Int32 = try row.optional(year), let count: Int32 = try row.optional(number)
      else { return nil }
      return ReceiptNumber(book: book, fiscalYear: Int(year), number: Int(count))
    }
    guard let own = try number("fiscal_year", "number"),
      let kind = Receipts.Kind(rawValue: try row.get("kind")),
      let state = Receipts.State(rawValue: try row.get("state"))
    else { throw PostgresError.decoding("receipt") }
    id = try row.get("id")
    self.number = own
    self.kind = kind
    donation = try row.optional("donation_id")
    campaign = try row.optional("campaign_id")
    goodsLot = try row.optional("goods_lot_id")
    unit = try row.get("unit")
    donor = try row.optional("donor") ?? ""
    donorKind = (try row.optional("donor_kind") as String?).flatMap(DonorKind.init(rawValue:))
    amount = try money("amount_fen")
    given = try money("given_fen")
    net = try money("net_fen")
    receivedOn = try row.optional("received_on")
    method = (try row.optional("method") as String?).flatMap(Giving.Method.init(rawValue:))
    fund = try row.optional("fund")
    designation = try row.optional("designation")
    goods = try row.optional("description")
    handler = try row.optional("handler")
    officialNumber = try row.optional("official_number")
    issuedOn = try row.get("issued_on")
    issuedBy = try row.optional("issued_by")
    voidedOn = try row.optional("voided_on")
    voidedBy = try row.optional("voided_by")
    voidReason = try row.optional("void_reason")
    replaces = try number("replaces_year", "replaces_number")
    replacedBy = try number("replaced_by_year", "replaced_by_number")
    self.state = state
    giftState =
      if net == .zero { .takenBack } else if net == given { .whole } else { .partlyTakenBack }
  }
}
