import Foundation
import Testing

@testable import SchoolCalendar

func date(_ text: String) throws -> CalendarDate {
  try #require(CalendarDate(text))
}

func json(_ value: some Encodable) throws -> String {
  String(decoding: try JSONEncoder().encode([value]), as: UTF8.self)
}

func decoded<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
  try JSONDecoder().decode(type, from: Data(json.utf8))
}
