import Foundation
import HTTPTypes
import Hummingbird
import Yibang

/// One operation of the API: its address, what it takes and gives, who may use it, and how it is done.
/// The router, the document and the table of rights are all made from these.
struct Endpoint: Sendable {
  enum Answer: Sendable {
    case nothing
    /// One record.
    case json(JSONValue)
    /// A list of records: `{"items": […]}`, also as NDJSON, CSV and .xlsx.
    case items(JSONValue)
    case file(type: String)
  }

  /// Who may use it.
  enum Access: Sendable, Hashable {
    /// Anybody, without an account.
    case open
    /// Whoever is signed in, about itself.
    case signedIn
    /// Whoever has one of these.
    case needs(Set<Permission>)
  }

  struct Parameter: Sendable {
    let name: String
    let schema: JSONValue
    let isNeeded: Bool
  }

  enum Body: Sendable {
    case none
    case json([Parameter])
    /// A sheet, as its bytes.
    case sheet
    /// A file of one of these types, as its bytes.
    case file([String])

    /// The types of what is taken as it is; nil: JSON.
    var mediaTypes: [String]? {
      switch self {
      case .none, .json: nil
      case .sheet: SheetType.allCases.map(\.mediaType) + [ListFormat.ndjson.mediaType]
      case .file(let types): types
      }
    }
  }

  /// `donation.list`: the capability and a verb.
  let id: String
  let method: HTTPRequest.Method
  /// Below `/api/v1`, with `{names}` of path parameters.
  let path: String
  let summary: Text
  let access: Access
  let pathParameters: [Parameter]
  private(set) var queryParameters: [Parameter]
  private(set) var body: Body
  var answer: Answer
  let successStatus: HTTPResponse.Status
  /// The schemas that its answer refers to.
  let components: [(name: String, schema: JSONValue)]
  /// Whether the operation keeps the Idempotency-Key itself, in its own statement.
  var keepsKey = false
  /// Whether its answer holds a secret that is shown once, so that nothing of it is kept: it takes no
  /// key, and what it does may be done twice.
  var isSecret = false
  /// Whether its answer is kept for a repetition; else a repetition makes it anew, of what is there.
  var keepsAnswer = true
  /// Whether it is there for a session that waits for its second factor.
  var worksConfined = false
  /// Of which record If-Match tells the version; its id is the path's `id`.
  var versioned: VersionedRecord?
  /// Its answer changes with the version alone, so that who has it need not be given it again.
  var isOfVersionAlone = true
  /// Its answer is the same until something is written in the district, with the same rights on the same
  /// day; and it holds nothing of persons.
  var isCached = false
  /// Reads, though its method is POST: it takes no key, and is done anew each time.
  var isLookUp = false
  /// How it shows private data in full; who may not is kept on record.
  var shows: Reveals.Way?
  var run: @Sendable (Input, Call) async throws -> Reply

  /// What a request gave, before it is read into a type.
  struct Input: Sendable {
    var value: JSONValue
    /// The members that came from the path or the query.
    var textual: Set<String>
    /// The Idempotency-Key, for operations that keep it themselves.
    var key: String?
    var body: [UInt8] = []
    /// Of the body, without its parameters.
    var mediaType: String?

    func read<T: Decodable>(_ type: T.Type) throws -> T {
      try InputDecoder.decode(type, from: value, textual: textual)
    }
  }

  var isWrite: Bool { method != .get }

  /// The capability, by which the document groups.
  var tag: String { String(id.prefix { $0 != "." }) }
}

/// An input without members.
struct NoInput: Codable, Sendable {}

extension Endpoint {
  /// Reads one record.
  static func get<In: Decodable & Sendable, Out: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, Call) async throws -> Out
  ) -> Endpoint {
    make(.get, path, id, summary, access, In.self, .json(Out.self)) { input, call in
      Reply(.ok, .json(try ValueEncoder.encode(await run(input.read(In.self), call))))
    }
  }

  /// Reads a list that is short by nature.
  static func list<In: Decodable & Sendable, Item: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, Call) async throws -> [Item]
  ) -> Endpoint {
    make(.get, path, id, summary, access, In.self, .items(Item.self)) { input, call in
      let items = try await run(input.read(In.self), call)
      return Reply(.ok, .items(try items.map(ValueEncoder.encode), next: nil))
    }
  }

  /// Reads a page of a list that may be long. The input has `after` and `limit`: see `Paged`. Who asks
  /// for NDJSON or a sheet without a limit is given all that follows.
  static func pages<In: Paged & Sendable, Item: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, PageRequest, Call) async throws -> Page<Item>
  ) -> Endpoint {
    make(.get, path, id, summary, access, In.self, .items(Item.self)) { input, call in
      let asked = try input.read(In.self)
      @Sendable func page(
        _ after: Cursor?, _ limit: Int
      ) async throws -> (items: [JSONValue], next: Cursor?) {
        let page = try await run(asked, PageRequest(after: after, limit: limit), call.anew)
        return (try page.items.map(ValueEncoder.encode), page.next)
      }
      let first = try await page(asked.after, asked.limit?.count ?? 100)
      var reply = Reply(.ok, .items(first.items, next: first.next?.description))
      if asked.limit == nil { reply.rest = { try await page($0, PageRequest.largest) } }
      return reply
    }
  }

  /// Reads a sheet in, as the command's import does, and answers its report. The input, from the query,
  /// is what the sheet does not say.
  static func sheet<In: Decodable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, SheetUpload, Call) async throws -> ImportReport
  ) -> Endpoint {
    var endpoint = make(
      .post, path, id, summary, access, In.self, .json(ImportReport.Document.self)
    ) { input, call in
      let upload = try SheetUpload(input.body, input.mediaType)
      defer { upload.remove() }
      let report = try await run(input.read(In.self), upload, call)
      return Reply(.ok, .json(try ValueEncoder.encode(report.document(call.language, \.overHTTP))))
    }
    if case .json(let fields) = endpoint.body { endpoint.queryParameters = fields }
    endpoint.body = .sheet
    return endpoint
  }

  /// Reads a sheet in for an operation that answers more than its report.
  static func takeSheet<In: Decodable & Sendable, Out: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, SheetUpload, Call) async throws -> Out
  ) -> Endpoint {
    var endpoint = make(.post, path, id, summary, access, In.self, .json(Out.self)) {
      let upload = try SheetUpload($0.body, $0.mediaType)
      defer { upload.remove() }
      return Reply(.ok, .json(try ValueEncoder.encode(await run($0.read(In.self), upload, $1))))
    }
    if case .json(let fields) = endpoint.body { endpoint.queryParameters = fields }
    endpoint.body = .sheet
    return endpoint
  }

  /// Takes a file of one of the types. The input is from the query.
  static func takeFile<In: Decodable & Sendable, Out: Codable & Sendable>(
    _ method: HTTPRequest.Method, _ path: String, _ id: String, _ summary: Text, _ access: Access,
    types: [String], status: HTTPResponse.Status = .ok,
    _ run: @escaping @Sendable (In, FileUpload, Call) async throws -> Out
  ) -> Endpoint {
    var endpoint = make(method, path, id, summary, access, In.self, .json(Out.self), status: status)
    {
      guard let type = $0.mediaType else { throw UploadError.empty }
      let upload = FileUpload(bytes: $0.body, mediaType: type)
      return Reply(status, .json(try ValueEncoder.encode(await run($0.read(In.self), upload, $1))))
    }
    if case .json(let fields) = endpoint.body { endpoint.queryParameters = fields }
    endpoint.body = .file(types)
    return endpoint
  }

  /// Reads by what no address may hold, such as a person's number, or what leaves a trace of who read
  /// it and why. POST, without a key: nothing of it is kept, and reading again does no harm.
  static func lookUp<In: Decodable & Sendable, Out: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, Call) async throws -> Out
  ) -> Endpoint {
    var endpoint = make(.post, path, id, summary, access, In.self, .json(Out.self)) {
      Reply(.ok, .json(try ValueEncoder.encode(await run($0.read(In.self), $1))))
    }
    endpoint.isLookUp = true
    return endpoint
  }

  /// The same for a file.
  static func lookUpFile<In: Decodable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access, type: String,
    _ run: @escaping @Sendable (In, Call) async throws -> (bytes: [UInt8], name: String)
  ) -> Endpoint {
    var endpoint = make(
      .post, path, id, summary, access, In.self, AnswerType<NoInput>.nothing
    ) { input, call in
      let file = try await run(input.read(In.self), call)
      return Reply(.ok, .file(file.bytes, type: type, name: file.name))
    }
    endpoint.answer = .file(type: type)
    endpoint.isLookUp = true
    return endpoint
  }

  /// Gives a file. `run` answers its bytes and its name.
  static func file<In: Decodable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access, type: String,
    _ run: @escaping @Sendable (In, Call) async throws -> (bytes: [UInt8], name: String)
  ) -> Endpoint {
    var endpoint = make(
      .get, path, id, summary, access, In.self, AnswerType<NoInput>.nothing
    ) { input, call in
      let file = try await run(input.read(In.self), call)
      return Reply(.ok, .file(file.bytes, type: type, name: file.name))
    }
    endpoint.answer = .file(type: type)
    return endpoint
  }

  /// Makes a record, and answers it with 201.
  static func create<In: Decodable & Sendable, Out: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, Call) async throws -> Out
  ) -> Endpoint {
    write(.post, path, id, summary, access, .created, run)
  }

  /// Does something, and answers what came of it.
  static func post<In: Decodable & Sendable, Out: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, Call) async throws -> Out
  ) -> Endpoint {
    write(.post, path, id, summary, access, .ok, run)
  }

  /// Does something, and answers nothing: 204.
  static func post<In: Decodable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, Call) async throws -> Void
  ) -> Endpoint {
    write(.post, path, id, summary, access, run)
  }

  /// Puts a value in place of another: 204.
  static func put<In: Decodable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, Call) async throws -> Void
  ) -> Endpoint {
    write(.put, path, id, summary, access, run)
  }

  /// Takes something away: 204.
  static func delete<In: Decodable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, Call) async throws -> Void
  ) -> Endpoint {
    write(.delete, path, id, summary, access, run)
  }

  private static func write<In: Decodable & Sendable, Out: Codable & Sendable>(
    _ method: HTTPRequest.Method, _ path: String, _ id: String, _ summary: Text,
    _ access: Access, _ status: HTTPResponse.Status,
    _ run: @escaping @Sendable (In, Call) async throws -> Out
  ) -> Endpoint {
    make(method, path, id, summary, access, In.self, .json(Out.self), status: status) {
      let answer = try await run($0.read(In.self), $1)
      var reply = Reply(status, .json(try ValueEncoder.encode(answer)))
      for cookie in (answer as? any SetsCookies)?.cookies ?? [] {
        reply.headers.append(HTTPField(name: .setCookie, value: cookie))
      }
      return reply
    }
  }

  private static func write<In: Decodable & Sendable>(
    _ method: HTTPRequest.Method, _ path: String, _ id: String, _ summary: Text,
    _ access: Access, _ run: @escaping @Sendable (In, Call) async throws -> Void
  ) -> Endpoint {
    make(
      method, path, id, summary, access, In.self, AnswerType<NoInput>.nothing, status: .noContent
    ) {
      try await run($0.read(In.self), $1)
      return Reply(.noContent, .none)
    }
  }

  /// A write whose operation keeps the key itself.
  static func keyed<In: Decodable & Sendable, Out: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ run: @escaping @Sendable (In, String?, Call) async throws -> Out
  ) -> Endpoint {
    var endpoint = make(
      .post, path, id, summary, access, In.self, .json(Out.self), status: .created
    ) {
      Reply(.created, .json(try ValueEncoder.encode(await run($0.read(In.self), $0.key, $1))))
    }
    endpoint.keepsKey = true
    return endpoint
  }

  private enum AnswerType<Out: Decodable> {
    case nothing
    case json(Out.Type)
    case items(Out.Type)
  }

  private static func make<In: Decodable, Out: Decodable>(
    _ method: HTTPRequest.Method, _ path: String, _ id: String, _ summary: Text,
    _ access: Access, _ input: In.Type, _ answer: AnswerType<Out>,
    status: HTTPResponse.Status = .ok,
    _ run: @escaping @Sendable (Input, Call) async throws -> Reply
  ) -> Endpoint {
    var reader = SchemaReader()
    let answered: Answer =
      switch answer {
      case .nothing: .nothing
      case .json(let type): .json(reader.answer(type))
      case .items(let type): .items(reader.answer(type))
      }
    let fields = SchemaReader.input(input).map {
      Parameter(name: $0.name, schema: $0.schema, isNeeded: $0.needed)
    }
    let inPath = fields.filter { path.contains("{\($0.name)}") }
    let others = fields.filter { !path.contains("{\($0.name)}") }
    let isInQuery = method == .get || method == .delete
    let body: Body = isInQuery || others.isEmpty ? .none : .json(others)
    return Endpoint(
      id: id, method: method, path: path, summary: summary, access: access, pathParameters: inPath,
      queryParameters: isInQuery ? others : [], body: body, answer: answered,
      successStatus: status, components: reader.components, run: run)
  }
}
