import SchoolCalendar
import Yibang

// Numbers of persons and organisations, as they are given. What is answered of one is masked.

extension ResidentID: Described {
  package init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(masked)
  }
  static var schema: JSONValue { ["type": "string", "minLength": 15, "maxLength": 40] }
  static var example: ResidentID { try! ResidentID("990000201503010017") }
  static var expected: Text { Text("身份证号", "a resident ID number") }
}

extension CreditCode: Described {
  package init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(masked)
  }
  static var schema: JSONValue { ["type": "string", "minLength": 18, "maxLength": 40] }
  static var example: CreditCode { try! CreditCode("91990000MA0AAAA1XB") }
  static var expected: Text { Text("统一社会信用代码", "a unified social credit code") }
}

extension Mobile: Described {
  package init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(masked)
  }
  static var schema: JSONValue { ["type": "string", "minLength": 11, "maxLength": 40] }
  static var example: Mobile { try! Mobile("13800138000") }
  static var expected: Text { Text("手机号", "a mobile number") }
}

extension MailAddress: Described {
  package init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(masked)
  }
  static var schema: JSONValue { ["type": "string", "format": "email", "maxLength": 255] }
  static var example: MailAddress { try! MailAddress("a@example.cn") }
  static var expected: Text { Text("邮箱地址", "a mail address") }
}

extension ReceiptNumber: Described {
  static var schema: JSONValue { ["type": "string", "maxLength": 40] }
  static var example: ReceiptNumber {
    ReceiptNumber(book: "2199000001", fiscalYear: 2026, number: 1)
  }
  static var expected: Text { Text("收据号", "a receipt's number") }
}

extension Receipts.Reference: Described {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let reference = Self(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: ""))
    }
    self = reference
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
  static var schema: JSONValue { ["type": "string", "maxLength": 40] }
  static var example: Receipts.Reference { .number(.example) }
  static var expected: Text { Text("收据号或编号", "a receipt's number or id") }
}
