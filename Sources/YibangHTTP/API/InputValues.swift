import Foundation
import SchoolCalendar
import Yibang

extension CalendarDate: Described {
  static var schema: JSONValue { ["type": "string", "format": "date"] }
  static var example: CalendarDate { CalendarDate(year: 2026, month: 9, day: 1)! }
  static var expected: Text { Text("日期，如 2026-09-01", "a date, such as 2026-09-01") }
}

extension Semester: Described {
  static var schema: JSONValue {
    ["type": "string", "pattern": "^20[0-9]{2}-20[0-9]{2}-[12]$"]
  }
  static var example: Semester { Semester("2026-2027-1")! }
  static var expected: Text { Text("学期，如 2026-2027-1", "a semester, such as 2026-2027-1") }
}

extension SchoolYear: Described {
  static var schema: JSONValue { ["type": "string", "pattern": "^20[0-9]{2}-20[0-9]{2}$"] }
  static var example: SchoolYear { SchoolYear("2026-2027")! }
  static var expected: Text { Text("学年，如 2026-2027", "a school year, such as 2026-2027") }
}

extension Money: Described {
  static var schema: JSONValue { ["$ref": "#/components/schemas/Money"] }
  static var example: Money { Money(fen: 123_456) }
  static var expected: Text {
    Text(#"金额，如 {"fen": 123456}"#, #"an amount, such as {"fen": 123456}"#)
  }

  static var unread: Set<String> { ["text"] }

  /// What `Money` refers to.
  static let component: JSONValue = [
    "type": "object",
    "description": "整数分；text 供人阅读，提交时不看 · Whole fen; text is for people and not read",
    "properties": [
      "fen": ["type": "integer", "format": "int64"],
      "text": ["type": "string"],
    ],
    "required": ["fen"],
    "additionalProperties": false,
  ]
}

extension SchoolCode: Described {
  package init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
  static var schema: JSONValue { ["type": "string", "pattern": "^[0-9]{10}$"] }
  static var example: SchoolCode { try! SchoolCode("2199000001") }
  static var expected: Text { Text("10位学校标识码", "a school code of ten digits") }
}
