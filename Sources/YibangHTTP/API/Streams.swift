import HTTPTypes
import Hummingbird
import NIOCore
import Yibang

extension API {
  /// The answer of what is written as it is made; nil where it is made as a whole.
  func streamed(_ reply: Reply, as format: ListFormat) throws -> Response? {
    switch reply.body {
    case .stream(let type, let body): return Self.stream(type, reply, body)
    case .items(let items, let start?) where format == .ndjson:
      guard let rest = reply.rest else { return nil }
      var response = Self.stream(format.mediaType, reply) { write in
        try await write(Self.lines(items))
        var next = Cursor(start)
        while let place = next {
          let page = try await rest(place)
          try await write(Self.lines(page.items))
          next = page.next
        }
      }
      response.headers[.vary] = "Accept, Accept-Language"
      return response
    default: return nil
    }
  }

  private static func stream(
    _ type: String, _ reply: Reply,
    _ body: @escaping @Sendable (_ write: ([UInt8]) async throws -> Void) async throws -> Void
  ) -> Response {
    var headers = reply.headers
    headers[.contentType] = type
    // A proxy that collects an answer would keep its lines back.
    headers[HTTPField.Name("X-Accel-Buffering")!] = "no"
    return Response(
      status: reply.status, headers: headers,
      body: ResponseBody { writer in
        try await body { try await writer.write(ByteBuffer(bytes: $0)) }
        try await writer.finish(nil)
      })
  }

  private static func lines(_ items: [JSONValue]) -> [UInt8] {
    items.flatMap { $0.bytes + [0x0A] }
  }

  /// The reply with all of its list, where that is asked for as a sheet.
  /// - Throws: `InputError.tooLong`.
  func wholeSheet(_ reply: Reply, as format: ListFormat) async throws -> Reply {
    guard format == .csv || format == .xlsx, let rest = reply.rest,
      case .items(var items, let start?) = reply.body
    else { return reply }
    var next = Cursor(start)
    while let place = next {
      let page = try await rest(place)
      items += page.items
      guard items.count <= limits.sheetRows else {
        throw InputError.tooLong(rows: limits.sheetRows)
      }
      next = page.next
    }
    var whole = reply
    whole.body = .items(items, next: nil)
    return whole
  }
}

/// An input of lines, each an input of its own with its own key.
extension Endpoint {
  private static let linesType = "application/x-ndjson"
  /// Lines at work at once.
  private static let linesAtOnce = 16

  /// Takes NDJSON, and answers a line to each, in order, as soon as it is done. A line may have a `key`
  /// of its own; without one it is known by the request's key and its number. So a request that broke off
  /// is sent again whole. The input, from the query, is looked at before the first line.
  static func lines<In: Decodable & Sendable, Line: Decodable & Sendable, Out: Codable & Sendable>(
    _ path: String, _ id: String, _ summary: Text, _ access: Access,
    _ prepare:
      @escaping @Sendable (In, Call) async throws -> (
        @Sendable (Line, String, Call) async throws -> Out
      )
  ) -> Endpoint {
    var endpoint = takeFile(
      .post, path, id, summary, access, types: [linesType]
    ) { (_: In, _, _) in NoInput() }
    endpoint.keepsKey = true
    endpoint.answer = .file(type: linesType)
    endpoint.run = { input, call in
      let run = try await prepare(input.read(In.self), call)
      let lines = InputLines(input.body)
      let work = LineWork(key: input.key ?? "", language: call.language) { value, key in
        let line = try Input(value: value, textual: []).read(Line.self)
        return try ValueEncoder.encode(try await run(line, key, call.anew))
      } ownKey: {
        Repetition.key($0, of: call.context.actor)
      }
      return Reply(
        .ok,
        .stream(type: linesType) { write in
          for chunk in lines.chunks(of: linesAtOnce) {
            let answers = await work.answers(to: chunk)
            try await write(answers.flatMap { $0.json.bytes + [0x0A] })
            if answers.contains(where: \.isLast) { return }
          }
        })
    }
    return endpoint
  }
}

/// The lines of a text that are not blank, with their numbers from 1.
struct InputLines: Sendable {
  typealias Line = (number: Int, bytes: [UInt8])

  private let lines: [Line]

  init(_ bytes: [UInt8]) {
    lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
      .filter { !$0.element.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 } }
      .map { (number: $0.offset + 1, bytes: Array($0.element)) }
  }

  func chunks(of count: Int) -> [ArraySlice<Line>] {
    stride(from: 0, to: lines.count, by: count).map {
      lines[$0..<min($0 + count, lines.count)]
    }
  }
}

/// What is done with each line.
private struct LineWork: Sendable {
  /// The request's.
  let key: String
  let language: Language
  let run: @Sendable (JSONValue, String) async throws -> JSONValue
  let ownKey: @Sendable (String) -> String

  struct Answer: Sendable {
    let json: JSONValue
    /// Something is wrong with more than the line: what follows was not looked at.
    let isLast: Bool
  }

  func answers(to lines: ArraySlice<InputLines.Line>) async -> [Answer] {
    await withTaskGroup(of: (Int, Answer).self) { group in
      for line in lines { group.addTask { (line.number, await answer(to: line)) } }
      var answers: [(Int, Answer)] = []
      for await answer in group { answers.append(answer) }
      return answers.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func answer(to line: InputLines.Line) async -> Answer {
    var members: [JSONValue.Member] = [.init("line", .integer(Int64(line.number)))]
    do {
      let (value, own) = try read(line.bytes)
      if let own { members.append(.init("key", .string(own))) }
      let done = try await run(value, own.map(ownKey) ?? "\(key)/\(line.number)")
      if case .object(let more) = done { members += more }
      return Answer(json: .object(members), isLast: false)
    } catch {
      let problem = Problem(error)
      members.append(.init("problem", problem.document(language, requestID: nil)))
      return Answer(json: .object(members), isLast: problem.status.code >= 500)
    }
  }

  /// The line without its key, and that.
  private func read(_ bytes: [UInt8]) throws -> (JSONValue, String?) {
    let value: JSONValue
    do {
      value = try JSONReader.read(bytes)
    } catch {
      throw InputError.notJSON(error)
    }
    guard case .object(let members) = value else { throw InputError.notAnObject }
    let own = members.first { $0.name == "key" }?.value
    if let own, !(1...Endpoint.maxKeyLength).contains(own.text?.utf8.count ?? 0) {
      throw InputError.type(
        field: "key",
        expected: Text(
          "1 到 \(Endpoint.maxKeyLength) 字节的文字", "a text of 1 to \(Endpoint.maxKeyLength) bytes"))
    }
    return (.object(members.filter { $0.name != "key" }), own?.text)
  }
}
