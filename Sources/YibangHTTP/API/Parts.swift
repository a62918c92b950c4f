import Yibang

/// What a list is asked, and which part of the answer is wanted.
struct PartOf<Asked: Decodable & Sendable>: Paged, Sendable {
  let asked: Asked
  let after: Cursor?
  let limit: PageLimit?

  private enum CodingKeys: CodingKey { case after, limit }

  init(from decoder: any Decoder) throws {
    asked = try Asked(from: decoder)
    let page = try decoder.container(keyedBy: CodingKeys.self)
    after = try page.decodeIfPresent(Cursor.self, forKey: .after)
    limit = try page.decodeIfPresent(PageLimit.self, forKey: .limit)
  }
}

extension Endpoint {
  /// Reads a page of a list that its operation works out as a whole: what is open, at the moment or in a
  /// semester. Its pages are like all others: each goes on after an item, and says so where that is gone.
  /// - Parameter names: of the members that together name an item.
  static func parts<In: Decodable & Sendable, Item: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access, by names: String...,
    run: @escaping @Sendable (In, Call) async throws -> [Item]
  ) -> Endpoint {
    .pages(path, id, summary, access) { (input: PartOf<In>, page, call) in
      let all = try await run(input.asked, call)
      func place(_ item: Item) throws -> String {
        let json = try ValueEncoder.encode(item)
        return names.map { json[$0]?.text ?? "" }.joined(separator: "\u{1F}")
      }
      var rest = all[...]
      if page.after != nil {
        let last: String = try page.position(String.self)
        guard let index = try all.firstIndex(where: { try place($0) == last }) else {
          throw CursorError()
        }
        rest = all[(index + 1)...]
      }
      let found = try rest.prefix(page.limit + 1).map { (item: $0, place: try place($0)) }
      return Page(Page(found, page) { Cursor($0.place) }) { $0.item }
    }
  }
}
