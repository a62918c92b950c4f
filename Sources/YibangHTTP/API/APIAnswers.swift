import Foundation
import HTTPTypes
import Hummingbird
import Yibang

extension HTTPField.Name {
  static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
  static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed")!
  static let csrfToken = HTTPField.Name("X-CSRF-Token")!
  static let requestID = HTTPField.Name("X-Request-ID")!
  static let traceparent = HTTPField.Name("traceparent")!
  static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
}

extension Endpoint {
  static let maxKeyLength = 200

  /// Writes of somebody: what nobody does cannot be kept for anybody.
  var takesKey: Bool { isWrite && access != .open && !isSecret && !isLookUp }
}

extension Actor {
  /// Of a request that needs no account: it may do nothing in any district.
  static let nobody = Actor(
    districtID: "", userID: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)), login: "",
    role: .system, schoolID: nil,
    scope: [])
}

extension API {
  struct Encoded {
    var headers: HTTPFields
    var bytes: [UInt8]
  }

  private static let json = "application/json; charset=utf-8"

  func respond(_ reply: Reply, as format: ListFormat) throws -> Encoded {
    var encoded = Encoded(headers: reply.headers, bytes: [])
    switch reply.body {
    // Streams are given by `streamed`.
    case .none, .stream: break
    case .json(let value):
      encoded.headers[.contentType] = Self.json
      encoded.bytes = value.bytes
    case .file(let bytes, let type, let name):
      encoded.headers[.contentType] = type
      if let name { encoded.headers[.contentDisposition] = Self.attachment(name) }
      encoded.bytes = bytes
    case .items(let items, let next):
      encoded.headers[.vary] = "Accept, Accept-Language"
      switch format {
      case .json:
        var members: [JSONValue.Member] = [.init("items", .array(items))]
        if let next { members.append(.init("next", .string(next))) }
        encoded.headers[.contentType] = Self.json
        encoded.bytes = JSONValue.object(members).bytes
      case .ndjson:
        encoded.headers[.contentType] = "application/x-ndjson"
        for item in items {
          encoded.bytes += item.bytes
          encoded.bytes.append(0x0A)
        }
      case .csv:
        encoded.headers[.contentType] = "text/csv; charset=utf-8"
        encoded.bytes = ListTable(items).csv()
      case .xlsx:
        encoded.headers[.contentType] = format.mediaType
        encoded.bytes = try ListTable(items).xlsx()
      }
    }
    return encoded
  }

  /// A file name in any script, as RFC 6266 has it.
  private static func attachment(_ name: String) -> String {
    let allowed = CharacterSet(
      charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")
    let encoded = name.addingPercentEncoding(withAllowedCharacters: allowed) ?? "file"
    return "attachment; filename*=UTF-8''\(encoded)"
  }

  func replay(
    _ earlier: Repetition.Answer, _ request: Request, _ context: APIRequestContext,
    _ language: Language
  ) -> Response {
    var response = Response(
      status: .init(code: earlier.status),
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: earlier.bytes)))
    if !earlier.bytes.isEmpty { response.headers[.contentType] = Self.json }
    response.headers[.idempotencyReplayed] = "true"
    return finish(response, request, context, language)
  }

  func refuse(
    _ problem: Problem, _ request: Request, _ context: APIRequestContext, language: Language
  ) -> Response {
    let document = problem.document(language, requestID: context.id)
    var response = Response(
      status: problem.status,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes)))
    response.headers[.contentType] = "application/problem+json; charset=utf-8"
    if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
    if problem.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
    return finish(response, request, context, language)
  }

  func finish(
    _ response: Response, _ request: Request, _ context: APIRequestContext, _ language: Language,
    version: String? = nil
  ) -> Response {
    var response = response
    response.headers[.cacheControl] = "no-store"
    response.headers[.contentLanguage] = language == .zh ? "zh-CN" : "en"
    response.headers[.requestID] = context.id
    if response.headers[.vary] == nil { response.headers[.vary] = "Accept-Language" }
    if let version { response.headers[.eTag] = "\"\(version)\"" }
    return response
  }
}
