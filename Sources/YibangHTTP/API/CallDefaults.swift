import Foundation
import SchoolCalendar
import Yibang

extension Call {
  /// The day of what is recorded: today where none is named.
  /// - Throws: `InputError.value` for a day that has not come.
  func day(_ date: CalendarDate?, field: String = "date") throws -> CalendarDate {
    guard let date else { return today }
    guard date <= today else {
      throw InputError.value(
        field: field, Text("这一天还没有到，请核对。", "this day has not come; check it."))
    }
    return date
  }

  /// The semester that is named, else the one that holds the day, or today.
  func semester(_ named: Semester?, on day: CalendarDate? = nil) async throws -> Semester {
    if let named { return named }
    return try await Semesters.current(on: day ?? today, in: context)
  }
}

/// What was made: its id.
struct Identified: Codable, Sendable {
  let id: UUID
}

extension PageRequest {
  /// A page of a list that is ordered by id alone.
  /// - Parameter list: given the id after which it begins, and how many items it gives at most.
  func page<Item: Sendable>(
    by id: (Item) -> UUID, _ list: (UUID?, Int) async throws -> [Item]
  ) async throws -> Page<Item> {
    let start: UUID? = if after == nil { nil } else { try position(UUID.self) }
    return Page(try await list(start, limit + 1), self) { Cursor(id($0).uuidString) }
  }
}
