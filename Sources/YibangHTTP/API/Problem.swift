import Foundation
import Hummingbird
import Postgres
import SchoolCalendar
import Spreadsheet
import Yibang

/// An error as the API tells it: an RFC 9457 problem document in the caller's language.
///
/// Nothing of SQL, paths or the program is in it.
struct Problem {
  let status: HTTPResponse.Status
  let code: String
  let text: Text
  var field: String?
  /// Seconds.
  var retryAfter: Int?

  private static let retrySeconds = 2

  init(_ error: any Error) {
    switch error {
    case let error as InputError:
      self.init(Self.status(error), error.code, error.text)
      field = error.field
    case let error as IdempotencyError:
      self.init(.unprocessableContent, error.code, error.text)
    case let error as any YibangError where Self.namesPaths(error):
      self.init(Self.status(error.category), error.code, Self.settingText)
    case let error as any YibangError:
      self.init(Self.status(error.category), error.code, error.text)
      retryAfter = Self.retryAfter(error.category)
    case let error as any ValueError:
      self.init(.unprocessableContent, "value.invalid", error.text)
    case let error as TableFileError:
      self.init(.unprocessableContent, error.code, Text(error.zh, error.en))
    case let error as CalendarError:
      self.init(.unprocessableContent, "calendar.invalid", Text("\(error.zh)。", "\(error.en)."))
    case let error as PostgresError:
      self.init(error)
    case is CancellationError:
      self.init(.serviceUnavailable, "request.cancelled", Self.busyText)
    case let error as HTTPError:
      self.init(error.status)
    default:
      self.init(.internalServerError, "internal", Self.internalText)
    }
  }

  init(_ status: HTTPResponse.Status) {
    switch status {
    case .notFound:
      self.init(status, "route.unknown", Text("没有这个地址。", "There is no such address."))
    case .methodNotAllowed:
      self.init(
        status, "route.method", Text("这个地址不支持这种方法。", "This address has no such method."))
    case .contentTooLarge:
      self.init(status, "input.too_large", Text("请求内容过大。", "The body is too large."))
    default:
      self.init(status, "request.refused", Text("请求无法处理。", "The request cannot be processed."))
    }
  }

  private init(_ error: PostgresError) {
    switch error {
    case .unique, .exclusion, .foreignKey, .check, .notNull:
      self.init(
        .conflict, "database.refused",
        Text(
          "与已有的记录冲突，或不符合约束，没有写入。请刷新后核对。",
          "It conflicts with what is on record, and nothing was written. Read it again and check."))
    case .privilege:
      self.init(
        .forbidden, "access.forbidden",
        Text("没有权限查看或更改这条记录。", "This record may not be read or changed by you."))
    case .serialization, .deadlock, .cancelled, .queueFull:
      self.init(.serviceUnavailable, "service.busy", Self.busyText)
      retryAfter = Self.retrySeconds
    case .connection, .closed, .migration:
      self.init(
        .serviceUnavailable, "service.database_unavailable",
        Text("数据库暂时不可用，请稍后再试。", "The database is not available now. Try again shortly."))
      retryAfter = Self.retrySeconds
    case .decoding, .server:
      self.init(.internalServerError, "internal", Self.internalText)
    }
  }

  init(_ status: HTTPResponse.Status, _ code: String, _ text: Text) {
    self.status = status
    self.code = code
    self.text = text.overHTTP
  }

  /// Whether the error's words, which are for whoever runs the server, name files or settings of it.
  private static func namesPaths(_ error: any YibangError) -> Bool {
    if case ReportError.unwritable = error { return true }
    return error.category == .configuration
  }

  private static let settingText = Text(
    "服务器的设置或存储有误，已记录。请把请求号告诉管理员。",
    "Something is wrong with the server's settings or storage, which is on record. Tell the "
      + "administrator the request's id.")
  /// Too much is going on.
  static let busy: Problem = {
    var problem = Problem(.serviceUnavailable, "service.busy", busyText)
    problem.retryAfter = retrySeconds
    return problem
  }()

  private static let busyText = Text("系统繁忙，请稍后再试。", "The service is busy. Try again shortly.")
  private static let internalText = Text(
    "服务内部出错，已记录。请把请求号告诉管理员。",
    "An internal error, which is on record. Tell the administrator the request's id.")

  /// The one table of statuses.
  static func status(_ category: ErrorCategory) -> HTTPResponse.Status {
    switch category {
    // What is no request at all is an InputError: 400. This is one that a rule does not take.
    case .usage, .badData, .unreadable: .unprocessableContent
    case .notFound: .notFound
    case .conflict: .conflict
    case .changed: .preconditionFailed
    case .forbidden: .forbidden
    case .unknownUser, .unauthenticated: .unauthorized
    case .tooMany: .tooManyRequests
    case .unavailable, .configuration: .serviceUnavailable
    }
  }

  private static func status(_ error: InputError) -> HTTPResponse.Status {
    switch error {
    case .tooLarge: .contentTooLarge
    case .unsupportedMedia: .unsupportedMediaType
    case .notAcceptable: .notAcceptable
    // As the schema has it, and yet none.
    case .value, .tooLong, .notJSON(.nul): .unprocessableContent
    default: .badRequest
    }
  }

  private static func retryAfter(_ category: ErrorCategory) -> Int? {
    switch category {
    case .unavailable: retrySeconds
    case .tooMany(let seconds): seconds
    default: nil
    }
  }

  /// - Parameter requestID: nil within an answer that has it.
  func document(_ language: Language, requestID: String?) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("type", .string("urn:yibang:problem:\(code)")),
      .init("title", .string(Self.title(status)(language))),
      .init("status", .integer(Int64(status.code))),
      .init("detail", .string(text(language))),
      .init("code", .string(code)),
    ]
    if let field { members.append(.init("field", .string(field))) }
    if let requestID { members.append(.init("request_id", .string(requestID))) }
    return .object(members)
  }

  static func title(_ status: HTTPResponse.Status) -> Text {
    switch status.code {
    case 400: Text("请求有误", "Bad request")
    case 401: Text("请先登录", "Not signed in")
    case 403: Text("没有权限", "Forbidden")
    case 404: Text("没有找到", "Not found")
    case 405: Text("方法不支持", "Method not allowed")
    case 406: Text("格式不支持", "Not acceptable")
    case 409: Text("与现状冲突", "Conflict")
    case 412: Text("已被他人改动", "Changed meanwhile")
    case 413: Text("内容过大", "Too large")
    case 415: Text("类型不支持", "Unsupported type")
    case 422: Text("内容不能接受", "Unacceptable content")
    case 429: Text("过于频繁", "Too many requests")
    case 503: Text("暂不可用", "Unavailable")
    default: Text("服务出错", "Server error")
    }
  }

  static let schema: JSONValue = [
    "type": "object",
    "description": "RFC 9457",
    "properties": [
      "type": ["type": "string"],
      "title": ["type": "string"],
      "status": ["type": "integer"],
      "detail": ["type": "string"],
      "code": ["type": "string", "description": "不随版本变化 · Stable, for programs"],
      "field": ["type": "string", "description": "出错的字段 · The field it is about"],
      "request_id": ["type": "string"],
    ],
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "additionalProperties": false,
  ]
}
