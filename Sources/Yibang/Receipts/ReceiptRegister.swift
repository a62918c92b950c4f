package import Foundation
import Postgres
import SchoolCalendar

extension Receipts {
  /// How people name a receipt: by its number, or by its id.
  package enum Reference: Sendable, Hashable, LosslessStringConvertible {
    case id(UUID)
    case number(ReceiptNumber)

    package init?(_ text: String) {
      let text = normalizeText(text)
      if let number = ReceiptNumber(text) {
        self = .number(number)
      } else if let id = UUID(uuidString: text) {
        self = .id(id)
      } else {
        return nil
      }
    }

    package var description: String {
      switch self {
      case .id(let id): id.uuidString.lowercased()
      case .number(let number): "\(number)"
      }
    }
  }

  private static let byID: SQL = """
    select * from receipt_register where district_id = $1 and id = $2
    """
  private static let byNumber: SQL = """
    select * from receipt_register
    where district_id = $1 and book = $2 and fiscal_year = $3::int and number = $4::int
    """

  static func receipt(
    _ id: UUID, _ session: borrowing Session, _ actor: Actor
  ) throws -> Receipt {
    try receipt(.id(id), session, actor)
  }

  /// - Throws: `ReceiptError.unknownReceipt`.
  static func receipt(
    _ reference: Reference, _ session: borrowing Session, _ actor: Actor
  ) throws -> Receipt {
    let rows =
      switch reference {
      case .id(let id): try session.query(byID, actor.districtID, id)
      case .number(let number):
        try session.query(
          byNumber, actor.districtID, number.book, number.fiscalYear, number.number)
      }
    guard let row = rows.first else { throw ReceiptError.unknownReceipt("\(reference)") }
    return try Receipt(row)
  }

  /// A receipt as it stands now, held against its gift.
  /// - Throws: `ReceiptError.unknownReceipt`, also for one of another school; `AccessError`.
  package static func show(_ reference: Reference, in context: Context) async throws -> Receipt {
    try context.actor.require(.read)
    return try await context.read { try receipt(reference, $0, context.actor) }
  }

  /// Which receipts a list shows.
  package struct Filter: Sendable {
    /// Nil: all that the actor may see.
    package var school: UUID?
    /// The calendar year of issue.
    package var year: Int?
    package var state: State?
    /// Only those after this one, in the order of the register.
    package var after: ReceiptNumber?
    package var limit: Int

    package init(
      school: UUID? = nil, year: Int? = nil, state: State? = nil, after: ReceiptNumber? = nil,
      limit: Int = 1000
    ) {
      self.school = school
      self.year = year
      self.state = state
      self.after = after
      self.limit = limit
    }
  }

  // $1 district, $2 school, $3 year, $4 state, $5 to $7 the number before, $8 limit
  private static let list: SQL = """
    select * from receipt_register r
    where r.district_id = $1
      and (
        $2::uuid is null
        or r.book = (select s.code from school s where s.district_id = $1 and s.id = $2)
      )
      and ($3::int is null or r.fiscal_year = $3)
      and ($4::text is null or r.state = $4)
      and ($4::text is distinct from 'void' or r.voided_on is not null)
      and ($5::text is null or (r.book, r.fiscal_year, r.number) > ($5, $6::int, $7::int))
    order by r.book, r.fiscal_year, r.number
    limit $8
    """

  // The same for what is to be done: it starts from the gifts that changed, not from all receipts.
  private static let outstanding: SQL = """
    select * from receipt_register r
    where r.district_id = $1 and r.voided_on is null
      and r.subject_id = any (array(select * from receipt_touched($1)))
      and (
        $2::uuid is null
        or r.book = (select s.code from school s where s.district_id = $1 and s.id = $2)
      )
      and ($3::int is null or r.fiscal_year = $3)
      and r.state = $4
      and ($5::text is null or (r.book, r.fiscal_year, r.number) > ($5, $6::int, $7::int))
    order by r.book, r.fiscal_year, r.number
    limit $8
    """

  /// Receipts in the order of their numbers, voided ones with them, by pages: give the last number of
  /// one page as `after` of the next. What a page costs does not depend on the pages before.
  package static func list(_ filter: Filter = Filter(), in context: Context) async throws
    -> [Receipt]
  {
    let actor = context.actor
    try actor.require(.read)
    if let school = filter.school { try actor.require(school: school) }
    return try await context.read { try list(filter, $0, actor) }
  }

  /// A page of them; the filter's own `after` and `limit` do not count.
  /// - Throws: `CursorError`, `AccessError`.
  package static func page(
    _ page: PageRequest, _ filter: Filter, in context: Context
  ) async throws -> Page<Receipt> {
    var filter = filter
    filter.after = try page.place(ReceiptNumber.self)
    filter.limit = page.limit + 1
    return Page(try await list(filter, in: context), page) { Cursor("\($0.number)") }
  }

  static func list(
    _ filter: Filter, _ session: borrowing Session, _ actor: Actor
  ) throws -> [Receipt] {
    let isOutstanding = filter.state == .toBeReplaced || filter.state == .toBeVoided
    let rows = try session.query(
      isOutstanding ? outstanding : list, actor.districtID, filter.school ?? actor.schoolID,
      filter.year, filter.state?.rawValue,
      filter.after?.book, filter.after?.fiscalYear, filter.after?.number, filter.limit)
    return try rows.map { try Receipt($0) }
  }
}
