import Yibang

/// What is wrong with a request's words, before any operation sees them.
enum InputError: YibangError {
  case notJSON(JSONProblem)
  case notAnObject
  case missing(field: String)
  case unknown(field: String)
  case type(field: String, expected: Text)
  /// The value's own reason, which does not repeat the value.
  case value(field: String, Text)
  case unsupportedMedia(expected: String)
  case tooLarge(limit: Int)
  /// A list is too long to be made into a sheet.
  case tooLong(rows: Int)
  case notAcceptable(offered: [String])

  var code: String {
    switch self {
    case .notJSON: "input.not_json"
    case .notAnObject: "input.not_an_object"
    case .missing: "input.missing"
    case .unknown: "input.unknown_field"
    case .type: "input.type"
    case .value: "input.value"
    case .unsupportedMedia: "input.unsupported_media"
    case .tooLarge: "input.too_large"
    case .tooLong: "input.too_long"
    case .notAcceptable: "input.not_acceptable"
    }
  }

  var category: ErrorCategory { .usage }

  /// Which field, where there is one: `donor.name`, `lines[2]`.
  var field: String? {
    switch self {
    case .missing(let field), .unknown(let field), .type(let field, _), .value(let field, _): field
    case .notJSON, .notAnObject, .unsupportedMedia, .tooLarge, .tooLong, .notAcceptable: nil
    }
  }

  var text: Text {
    switch self {
    case .notJSON(let problem): problem.text
    case .notAnObject:
      Text("请求内容应是一个 JSON 对象。", "The body should be one JSON object.")
    case .missing(let field):
      Text("缺少字段 \(field)。", "The field \(field) is missing.")
    case .unknown(let field):
      Text(
        "没有字段 \(field)。请对照接口文档 /api/v1/openapi.json 的写法。",
        "There is no field \(field). Compare the names in /api/v1/openapi.json.")
    case .type(let field, let expected):
      Text("字段 \(field) 应是\(expected.zh)。", "The field \(field) should be \(expected.en).")
    case .value(let field, let reason):
      Text("字段 \(field)：\(reason.zh)", "The field \(field): \(reason.en)")
    case .unsupportedMedia(let expected):
      Text(
        "请求内容的类型（Content-Type）应是 \(expected)。",
        "The body's type (Content-Type) should be \(expected).")
    case .tooLarge(let limit):
      Text(
        "请求内容超过 \(limit / 1024) KB，请分批提交。",
        "The body is larger than \(limit / 1024) KB. Send it in parts.")
    case .tooLong(let rows):
      Text(
        "列表超过 \(rows) 行，不能做成一张表。请缩小范围、按 limit 分页，或要 application/x-ndjson。",
        "The list has more than \(rows) rows, too many for a sheet. Narrow it, read it in pages by "
          + "limit, or ask for application/x-ndjson.")
    case .notAcceptable(let offered):
      Text(
        "这里提供的类型（Accept）是 \(offered.joined(separator: "、"))。",
        "What is offered here (Accept) is \(offered.joined(separator: ", ")).")
    }
  }
}

extension JSONProblem {
  var text: Text {
    switch self {
    case .notJSON(let byte):
      Text(
        "请求内容不是 JSON（第 \(byte + 1) 字节处有误）。",
        "The body is no JSON (it goes wrong at byte \(byte + 1)).")
    case .tooDeep:
      Text("JSON 嵌套过深，最多 32 层。", "The JSON is nested too deep: 32 levels at most.")
    case .repeated:
      Text(
        "JSON 的一个对象里有同名字段，请只写一次。",
        "A name occurs twice in one object of the JSON. Write it once.")
    case .nul:
      Text("文字里不能有 U+0000。", "A text cannot hold U+0000.")
    }
  }
}
