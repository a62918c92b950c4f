package import Foundation
package import SchoolCalendar

/// Where a page of a list begins, and how long it is.
package struct PageRequest: Sendable {
  package static let largest = 1_000

  /// After which item; nil: from the beginning.
  package let after: Cursor?
  /// Items at most, 1 to `largest`.
  package let limit: Int

  package init(after: Cursor? = nil, limit: Int = 100) {
    self.after = after
    self.limit = min(max(1, limit), Self.largest)
  }

  /// The values that the list's first item comes after; before all of them on the first page.
  /// - Throws: `CursorError` if the cursor is of another list.
  package func position<each T: CursorValue>(
    _ types: repeat (each T).Type
  ) throws -> (repeat each T) {
    guard let after else { return (repeat (each T).beforeAll) }
    return try after.read(repeat each types)
  }

  /// The same for a list that goes downwards; nil on the first page.
  /// - Throws: `CursorError`.
  package func place<each T: CursorValue>(
    _ types: repeat (each T).Type
  ) throws -> (repeat each T)? {
    try after?.read(repeat each types)
  }
}

/// A part of a list in its order.
package struct Page<Item: Sendable>: Sendable {
  package let items: [Item]
  /// Where the next page begins; nil: this is the last.
  package let next: Cursor?

  /// - Parameters:
  ///   - found: in order, one more than the page's limit where there are more.
  ///   - cursor: the place of an item in the list's order.
  package init(_ found: [Item], _ request: PageRequest, cursor: (Item) -> Cursor) {
    items = Array(found.prefix(request.limit))
    next = found.count > request.limit ? items.last.map(cursor) : nil
  }

  /// A page with what another one holds in its items.
  package init<Other>(_ other: Page<Other>, _ transform: (Other) -> Item) {
    items = other.items.map(transform)
    next = other.next
  }
}

/// The place of an item in a list's order: the values that the list is ordered by, the last of which is
/// its id. Opaque to callers, and nothing but what they were shown.
package struct Cursor: Sendable, Equatable, LosslessStringConvertible {
  package let values: [String]

  package init(_ values: String...) {
    self.values = values
  }

  /// - Returns: nil if it is no cursor.
  package init?(_ text: String) {
    let base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(
      of: "_", with: "/")
    let padded = base64 + String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
    guard text.utf8.count <= 1_000, let data = Data(base64Encoded: padded),
      let values = try? JSONDecoder().decode([String].self, from: data)
    else { return nil }
    self.values = values
  }

  package var description: String {
    let data = (try? JSONEncoder().encode(values)) ?? Data()
    return data.base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").filter { $0 != "=" }
  }

  fileprivate func read<each T: CursorValue>(
    _ types: repeat (each T).Type
  ) throws -> (repeat each T) {
    var rest = values[...]
    func next<V: CursorValue>(_ type: V.Type) throws -> V {
      guard let text = rest.popFirst(), let value = V(cursorText: text) else { throw CursorError() }
      return value
    }
    let read = (repeat try next(each types))
    guard rest.isEmpty else { throw CursorError() }
    return read
  }
}

package struct CursorError: YibangError {
  package init() {}

  package var code: String { "page.cursor" }
  package var category: ErrorCategory { .badData }
  package var text: Text {
    Text(
      "after 应是同一列表上一页答复里的 next，原样填写。",
      "after is the next of the page before, of the same list, as it was given.")
  }
}

/// What a list may be ordered by.
package protocol CursorValue: Sendable {
  /// Before all that a list holds.
  static var beforeAll: Self { get }
  init?(cursorText: String)
}

extension LosslessStringConvertible where Self: CursorValue {
  package init?(cursorText: String) { self.init(cursorText) }
}

extension Int32: CursorValue {
  package static var beforeAll: Int32 { .min }
}

extension Int64: CursorValue {
  package static var beforeAll: Int64 { .min }
}

extension String: CursorValue {
  package static var beforeAll: String { "" }
}

extension CalendarDate: CursorValue {
  package static var beforeAll: CalendarDate { CalendarDate("0001-01-01")! }
}

// What goes downwards begins after these.

extension CalendarDate {
  package static var afterAll: CalendarDate { CalendarDate("9999-12-31")! }
}

extension UUID {
  package static var afterAll: UUID {
    UUID(
      uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
  }
}

extension UUID: CursorValue {
  package static var beforeAll: UUID {
    UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
  }
  package init?(cursorText: String) { self.init(uuidString: cursorText) }
}
