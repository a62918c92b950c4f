package import Foundation
import Postgres

// Lists that are ordered by what not everybody may see, as pupils by their names, go on after an item
// that is told by its id alone. Their SQL looks its place up.
extension PageRequest {
  /// The item after which the page begins; nil: the first page.
  /// - Throws: `CursorError` if the cursor is of another list.
  package var item: UUID? {
    get throws { after == nil ? nil : try position(UUID.self) }
  }

  /// - Parameter find: selects the item $2 of district $1, if it is still there.
  /// - Throws: `CursorError` where the page's beginning is gone, so that no list ends unseen.
  static func require(
    _ item: UUID?, _ find: SQL, _ session: borrowing Session, _ actor: Actor
  ) throws {
    guard let item else { return }
    if try session.query(find, actor.districtID, item).isEmpty { throw CursorError() }
  }

  /// A page of a list of which not every item counts: read on until it is full.
  /// - Parameters:
  ///   - read: so many items after a place.
  ///   - place: of an item.
  ///   - counts: whether an item belongs to the list.
  static func filled<Item, Place>(
    _ limit: Int, after start: Place, read: (Place, Int) throws -> [Item],
    place: (Item) throws -> Place, counts: (Item) -> Bool
  ) throws -> [Item] {
    var found: [Item] = []
    var start = start
    while found.count < limit {
      let more = try read(start, limit)
      found += more.filter(counts)
      guard more.count == limit, let last = more.last else { break }
      start = try place(last)
    }
    return Array(found.prefix(limit))
  }
}
