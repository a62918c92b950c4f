package import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Postgres
package import SchoolCalendar
package import Yibang

/// The API: finds the endpoint of a request, sees to who calls and to repetitions, and answers.
package struct API: Sendable {
  package struct Limits: Sendable {
    /// Of a body in JSON, in bytes.
    package var bodyBytes = 1 << 20
    /// Of a sheet, in bytes.
    package var sheetBytes = 32 << 20
    /// An answer longer than this is not kept for repetitions: it is made again.
    package var keptAnswerBytes = 256 << 10
    /// Of a whole list as a sheet, which is made in memory.
    package var sheetRows = 100_000
    /// Of the work for one request.
    package var answerSeconds = 300

    package init() {}
  }

  let platform: Platform
  let endpoints: [Endpoint]
  var limits: Limits
  let clients: ClientAddress
  let cache = AnswerCache()
  /// By which mail is sent when somebody asks for the jobs that are due.
  let smtp: SMTP?
  let today: @Sendable () -> CalendarDate
  let now: @Sendable () -> Date
  /// Says who a credential belongs to; nil if to nobody any more.
  let caller: @Sendable (Credential) async throws -> Caller?

  package init(
    platform: Platform, limits: Limits = Limits(), clients: ClientAddress = ClientAddress(),
    smtp: SMTP? = nil,
    today: @escaping @Sendable () -> CalendarDate,
    now: @escaping @Sendable () -> Date = { Date() },
    caller: @escaping @Sendable (Credential) async throws -> Caller?
  ) {
    self.platform = platform
    endpoints = Self.allEndpoints
    self.limits = limits
    self.clients = clients
    self.smtp = smtp
    self.today = today
    self.now = now
    self.caller = caller
  }

  /// The API's document, as `/api/v1/openapi.json` gives it.
  package static var document: String {
    String(decoding: OpenAPI.document(allEndpoints).bytes, as: UTF8.self)
  }

  /// Adds every endpoint below `/api/v1`, and the document.
  func addRoutes(to router: Router<APIRequestContext>) {
    for endpoint in endpoints {
      router.on(RouterPath(routerPath(endpoint)), method: endpoint.method) { request, context in
        await self.answer(endpoint, request, context)
      }
    }
    Documentation.addRoutes(to: router, document: OpenAPI.document(endpoints).bytes)
  }

  /// What an address that no route answers gets: 405 with the methods it has, or 404.
  func unknown(_ request: Request, _ context: APIRequestContext) -> Response {
    let parts = request.uri.path.split(separator: "/")
    let matching = endpoints.filter { endpoint in
      let template = (OpenAPI.base + endpoint.path).split(separator: "/")
      return template.count == parts.count
        && zip(template, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
    // Of `/donors/find` and `/donors/{id}`, the first.
    let fewest = matching.map(\.pathParameters.count).min()
    let methods = matching.filter { $0.pathParameters.count == fewest }.map(\.method.rawValue)
    let language = Self.language(request)
    guard !methods.isEmpty else {
      return refuse(Problem(.notFound), request, context, language: language)
    }
    var response = refuse(Problem(.methodNotAllowed), request, context, language: language)
    response.headers[.allow] = Set(methods).sorted().joined(separator: ", ")
    return response
  }

  /// `{id}` is `:id` to the router.
  private func routerPath(_ endpoint: Endpoint) -> String {
    OpenAPI.base
      + endpoint.path.split(separator: "/").map { part in
        "/" + (part.hasPrefix("{") ? ":" + part.dropFirst().dropLast() : part)
      }.joined()
  }

  static func language(_ request: Request) -> Language {
    Language(locale: request.headers[.acceptLanguage])
  }

  private func answer(
    _ endpoint: Endpoint, _ request: Request, _ context: APIRequestContext
  ) async -> Response {
    let language = Self.language(request)
    context.trace.endpoint = endpoint.id
    do {
      return try await perform(endpoint, request, context, language)
    } catch {
      let problem = Problem(error)
      if problem.status.code >= 500 {
        context.logger.error(
          "a request failed",
          metadata: [
            "endpoint": "\(endpoint.id)", "code": "\(problem.code)",
            "error": "\(Self.shown(error))",
          ])
      }
      return refuse(problem, request, context, language: language)
    }
  }

  /// What a log may say of an error: no value of a request.
  private static func shown(_ error: any Error) -> String {
    switch error {
    case let error as any YibangError: error.code
    case let error as PostgresError: error.description
    default: "\(type(of: error))"
    }
  }

  private func perform(
    _ endpoint: Endpoint, _ request: Request, _ context: APIRequestContext, _ language: Language
  ) async throws -> Response {
    let caller = try await identified(endpoint, request, context)
    let format = try acceptable(endpoint, request)
    let asked = caller.flatMap { cacheKey(endpoint, request, $0, format, language) }
    if let asked, let answer = cache.find(asked.key, asked.version) {
      return finish(answer.response, request, context, language)
    }
    var input = try read(endpoint, request, context)
    let bytes = try await body(endpoint, request)
    try put(bytes, into: &input, endpoint)
    if !bytes.isEmpty { input.mediaType = mediaType(request) }
    var work = Context(platform: platform, actor: caller?.actor ?? .nobody)
    work.deadline = .now + .seconds(limits.answerSeconds)
    if let key = try key(endpoint, request) {
      if endpoint.keepsKey {
        input.key = Repetition.key(key, of: work.actor)
      } else {
        work.repetition = Repetition(
          key: key, operation: endpoint.id, request: Array(request.uri.string.utf8) + bytes)
        if let earlier = try await work.repetition?.earlierAnswer(in: work) {
          return replay(earlier, request, context, language)
        }
      }
    }
    let record = try versionedRecord(endpoint, input)
    if endpoint.isWrite, let record, let tag = request.headers[.ifMatch] {
      work.expected = ExpectedVersion(
        record.record, record.id, version: tag.filter { $0 != "\"" })
    }
    let version =
      endpoint.isWrite ? nil : try await record?.record.version(of: record?.id ?? UUID(), in: work)
    if let version, endpoint.isOfVersionAlone,
      request.headers[.ifNoneMatch]?.contains("\"\(version)\"") == true
    {
      return finish(Response(status: .notModified), request, context, language, version: version)
    }
    let reply = try await run(
      endpoint, input,
      Call(
        context: work, language: language, today: today(), now: now(),
        client: client(request, context, caller), answerSeconds: limits.answerSeconds, smtp: smtp),
      key: request.headers[.idempotencyKey])
    if let stream = try streamed(reply, as: format) {
      return finish(stream, request, context, language, version: version)
    }
    let response = try respond(await wholeSheet(reply, as: format), as: format)
    if let repetition = work.repetition, endpoint.keepsAnswer,
      response.bytes.count <= limits.keptAnswerBytes
    {
      try await repetition.keep(
        .init(status: reply.status.code, bytes: response.bytes), in: work)
    }
    let answer = AnswerCache.Answer(
      status: reply.status, headers: response.headers, bytes: ByteBuffer(bytes: response.bytes))
    if let asked { cache.keep(answer, for: asked.key, asked.version) }
    return finish(answer.response, request, context, language, version: version)
  }

  /// By what an answer is cached; nil: it is not.
  private func cacheKey(
    _ endpoint: Endpoint, _ request: Request, _ caller: Caller, _ format: ListFormat,
    _ language: Language
  ) -> (key: AnswerCache.Key, version: DistrictVersion)? {
    guard endpoint.isCached, let seen = caller.seen else { return nil }
    let key = AnswerCache.Key(
      district: caller.actor.districtID, bearer: seen.bearer, uri: request.uri.string,
      format: format, language: language, day: today())
    return (key, seen.version)
  }

  /// - Parameter key: as the caller gave it, to be named where it was used before.
  private func run(
    _ endpoint: Endpoint, _ input: Endpoint.Input, _ call: Call, key: String?
  ) async throws -> Reply {
    do {
      return try await endpoint.run(input, call)
    } catch IdempotencyError.otherRequest(let used) {
      throw IdempotencyError.otherRequest(key: key ?? used)
    }
  }

  private func identified(
    _ endpoint: Endpoint, _ request: Request, _ context: APIRequestContext
  ) async throws -> Caller? {
    if endpoint.access == .open { return nil }
    guard let credential = Credential(request), let caller = try await caller(credential) else {
      throw CallerError.notSignedIn
    }
    if case .session = credential, endpoint.isWrite {
      guard caller.accepts(csrf: request.headers[.csrfToken]) else { throw CallerError.csrf }
    }
    if caller.isConfined, !endpoint.worksConfined { throw CallerError.confined }
    if case .needs(let permissions) = endpoint.access,
      !permissions.contains(where: caller.actor.may)
    {
      do {
        try caller.actor.require(permissions.sorted { $0.rawValue < $1.rawValue }[0])
      } catch {
        await note(error, endpoint, context, caller.actor)
        throw error
      }
    }
    return caller
  }

  /// Keeps that somebody asked for private data who may not see any.
  private func note(
    _ error: any Error, _ endpoint: Endpoint, _ context: APIRequestContext, _ actor: Actor
  ) async {
    guard let way = endpoint.shows else { return }
    let id = context.parameters.get("id").flatMap { UUID(uuidString: $0) }
    await RefusedLooks.note(
      error, way, of: id.flatMap { RefusedLooks.Person(way, $0) },
      in: Context(platform: platform, actor: actor))
  }

  private func client(
    _ request: Request, _ context: APIRequestContext, _ caller: Caller?
  ) -> Client {
    Client(
      address: clients.of(request, context) ?? "unknown", userAgent: request.headers[.userAgent],
      device: request.cookies[SessionCookie.device]?.value,
      token: request.cookies[SessionCookie.name]?.value, sessionID: caller?.sessionID,
      csrf: caller?.csrf)
  }

  private func acceptable(_ endpoint: Endpoint, _ request: Request) throws -> ListFormat {
    switch endpoint.answer {
    case .items: try ListFormat.chosen(request.headers[.accept])
    case .json, .nothing: try ListFormat.chosen(request.headers[.accept], from: [.json])
    case .file: .json
    }
  }

  private func read(
    _ endpoint: Endpoint, _ request: Request, _ context: APIRequestContext
  ) throws -> Endpoint.Input {
    var members: [JSONValue.Member] = []
    for parameter in endpoint.pathParameters {
      guard let text = context.parameters.get(parameter.name) else { continue }
      members.append(.init(parameter.name, .string(text)))
    }
    for (name, value) in try Query.items(request.uri.query) {
      guard endpoint.queryParameters.contains(where: { $0.name == name }) else {
        throw InputError.unknown(field: name)
      }
      if let index = members.firstIndex(where: { $0.name == name }) {
        let earlier = members[index].value.items ?? [members[index].value]
        members[index].value = .array(earlier + [.string(value)])
      } else {
        members.append(.init(name, .string(value)))
      }
    }
    return Endpoint.Input(value: .object(members), textual: Set(members.map(\.name)))
  }

  private func body(_ endpoint: Endpoint, _ request: Request) async throws -> [UInt8] {
    guard endpoint.isWrite else { return [] }
    let types = endpoint.body.mediaTypes
    let limit = types == nil ? limits.bodyBytes : limits.sheetBytes
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
      throw InputError.tooLarge(limit: limit)
    }
    let bytes = try await whole(request.body, limit: limit)
    guard !bytes.isEmpty else { return bytes }
    let expected = types ?? ["application/json"]
    guard let type = mediaType(request), expected.contains(type) else {
      throw InputError.unsupportedMedia(expected: expected.joined(separator: ", "))
    }
    return bytes
  }

  /// - Throws: `InputError.tooLarge`; `HTTPError`, 400, for what breaks HTTP, such as a chunk's size.
  private func whole(_ body: RequestBody, limit: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    var parts = body.makeAsyncIterator()
    while let part = try await next(&parts) {
      guard bytes.count + part.readableBytes <= limit else {
        throw InputError.tooLarge(limit: limit)
      }
      bytes += part.readableBytesView
    }
    return bytes
  }

  private func next(_ parts: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
    do {
      return try await parts.next()
    } catch let error as CancellationError {
      throw error
    } catch {
      throw HTTPError(.badRequest)
    }
  }

  private func mediaType(_ request: Request) -> String? {
    request.headers[.contentType]?.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
  }

  private func put(
    _ bytes: [UInt8], into input: inout Endpoint.Input, _ endpoint: Endpoint
  ) throws {
    if endpoint.body.mediaTypes != nil {
      input.body = bytes
      return
    }
    guard !bytes.isEmpty else { return }
    let value: JSONValue
    do {
      value = try JSONReader.read(bytes)
    } catch {
      throw InputError.notJSON(error)
    }
    guard case .object(let members) = value, case .object(let others) = input.value else {
      throw InputError.notAnObject
    }
    if let twice = members.first(where: { input.textual.contains($0.name) }) {
      throw InputError.unknown(field: twice.name)
    }
    input.value = .object(others + members)
  }

  private func key(_ endpoint: Endpoint, _ request: Request) throws -> String? {
    guard endpoint.takesKey else { return nil }
    guard let key = request.headers[.idempotencyKey] else {
      if endpoint.method == .post { throw InputError.missing(field: "Idempotency-Key") }
      return nil
    }
    guard (1...Endpoint.maxKeyLength).contains(key.utf8.count),
      key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw InputError.value(
        field: "Idempotency-Key",
        Text(
          "应是 1 到 \(Endpoint.maxKeyLength) 个可见的 ASCII 字符。",
          "1 to \(Endpoint.maxKeyLength) visible ASCII characters."))
    }
    return key
  }

  private func versionedRecord(
    _ endpoint: Endpoint, _ input: Endpoint.Input
  ) throws -> (record: VersionedRecord, id: UUID)? {
    guard let record = endpoint.versioned, let text = input.value["id"]?.text,
      let id = UUID(uuidString: text)
    else { return nil }
    return (record, id)
  }
}
