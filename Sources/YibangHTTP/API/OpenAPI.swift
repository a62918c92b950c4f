import Hummingbird
import Yibang

/// The API's document, OpenAPI 3.1, made from the same endpoints as the router.
enum OpenAPI {
  static let base = "/api/v1"

  static func document(_ endpoints: [Endpoint]) -> JSONValue {
    var paths: [(path: String, operations: [JSONValue.Member])] = []
    for endpoint in endpoints {
      let path = base + endpoint.path
      let operation = JSONValue.Member(
        endpoint.method.rawValue.lowercased(), self.operation(endpoint))
      if let index = paths.firstIndex(where: { $0.path == path }) {
        paths[index].operations.append(operation)
      } else {
        paths.append((path, [operation]))
      }
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Yibang 一帮一",
        "version": "1",
        "description": .string(description),
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "security": [["token": []], ["session": []]],
      "paths": .object(paths.map { .init($0.path, .object($0.operations)) }),
      "components": [
        "securitySchemes": [
          "token": [
            "type": "http", "scheme": "bearer",
            "description": "个人访问令牌 · A personal access token",
          ],
          "session": [
            "type": "apiKey", "in": "cookie", "name": .string(SessionCookie.name),
            "description":
              "登录后的会话；写操作另需 X-CSRF-Token · A signed-in session; writes also need X-CSRF-Token",
          ],
        ],
        "schemas": .object(schemas(endpoints)),
        "responses": [
          "Problem": [
            "description": "出错 · A problem (RFC 9457)",
            "content": ["application/problem+json": ["schema": reference("Problem")]],
          ]
        ],
      ],
    ]
  }

  private static let description = """
    捐赠与一帮一助学平台的接口。金额是整数分；学期写作 2026-2027-1；日期写作 2026-09-01。\
    错误是 RFC 9457 文档，语言按 Accept-Language，code 不变。写操作带 Idempotency-Key：同键同内容得到同一答复，\
    同键不同内容是 422。
    The interface of the donation and one-to-one school aid platform. Money is whole fen; semesters are \
    written 2026-2027-1 and dates 2026-09-01. Errors are RFC 9457 documents in the language of \
    Accept-Language, with a stable code. Writes carry an Idempotency-Key: the same key and content get \
    the same answer, the same key with other content is 422.
    """

  private static func reference(_ name: String) -> JSONValue {
    ["$ref": .string("#/components/schemas/\(name)")]
  }

  private static func schemas(_ endpoints: [Endpoint]) -> [JSONValue.Member] {
    var schemas: [JSONValue.Member] = [
      .init("Problem", Problem.schema), .init("Money", Money.component),
    ]
    for component in endpoints.flatMap(\.components)
    where !schemas.contains(where: { $0.name == component.name }) {
      schemas.append(.init(component.name, component.schema))
    }
    return schemas.sorted { $0.name < $1.name }
  }

  private static func operation(_ endpoint: Endpoint) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("operationId", .string(endpoint.id)),
      .init("tags", [.string(endpoint.tag)]),
      .init("summary", .string("\(endpoint.summary.zh) · \(endpoint.summary.en)")),
    ]
    switch endpoint.access {
    case .open: members.append(.init("security", []))
    case .signedIn: break
    case .needs(let permissions):
      let words = permissions.map(\.rawValue).sorted()
      members.append(.init("x-permissions", .array(words.map { .string($0) })))
    }
    let parameters = parameters(endpoint)
    if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
    if let body = body(endpoint) { members.append(.init("requestBody", body)) }
    members.append(.init("responses", .object(responses(endpoint))))
    return .object(members)
  }

  private static func parameters(_ endpoint: Endpoint) -> [JSONValue] {
    var parameters: [JSONValue] = []
    let example = Example.of(endpoint.id)
    func add(_ parameter: Endpoint.Parameter, _ place: JSONValue, _ isNeeded: Bool, _ text: String?)
    {
      var members: [JSONValue.Member] = [
        .init("name", .string(parameter.name)), .init("in", place),
        .init("required", .bool(isNeeded)), .init("schema", parameter.schema),
      ]
      if let text {
        let isText = parameter.schema["type"] == "string"
        members.append(
          .init("example", isText ? .string(text) : Int64(text).map { .integer($0) } ?? .null))
      }
      parameters.append(.object(members))
    }
    for parameter in endpoint.pathParameters {
      add(parameter, "path", true, example?.path[parameter.name])
    }
    for parameter in endpoint.queryParameters {
      let text = example?.query.first { $0.name == parameter.name }?.value
      add(parameter, "query", parameter.isNeeded, text)
    }
    if endpoint.takesKey {
      parameters.append([
        "name": "Idempotency-Key", "in": "header",
        "required": .bool(endpoint.method == .post),
        "schema": [
          "type": "string", "minLength": 1, "maxLength": .integer(Int64(Endpoint.maxKeyLength)),
          "pattern": "^[\\x21-\\x7e]+$",
        ],
      ])
    }
    if endpoint.versioned != nil, endpoint.isWrite {
      parameters.append([
        "name": "If-Match", "in": "header", "required": false, "schema": ["type": "string"],
        "description": "读取时得到的 ETag · The ETag that was read",
      ])
    }
    return parameters
  }

  private static func body(_ endpoint: Endpoint) -> JSONValue? {
    switch endpoint.body {
    case .none: return nil
    case .sheet, .file:
      let types = endpoint.body.mediaTypes ?? []
      return [
        "required": true,
        "content": .object(
          types.map { .init($0, ["schema": ["type": "string", "format": "binary"]]) }),
      ]
    case .json(let fields):
      var schema: [JSONValue.Member] = [
        .init("type", "object"),
        .init("properties", .object(fields.map { .init($0.name, $0.schema) })),
      ]
      let needed = fields.filter(\.isNeeded).map { JSONValue.string($0.name) }
      if !needed.isEmpty { schema.append(.init("required", .array(needed))) }
      schema.append(.init("additionalProperties", false))
      return [
        "required": .bool(!needed.isEmpty),
        "content": [
          "application/json": shown(.object(schema), Example.of(endpoint.id)?.body)
        ],
      ]
    }
  }

  private static func shown(_ schema: JSONValue, _ example: JSONValue?) -> JSONValue {
    guard let example else { return ["schema": schema] }
    return ["schema": schema, "example": example]
  }

  private static func responses(_ endpoint: Endpoint) -> [JSONValue.Member] {
    var success: [JSONValue.Member] = [.init("description", "成功 · Done")]
    switch endpoint.answer {
    case .nothing: break
    case .json(let schema):
      success.append(
        .init(
          "content", ["application/json": shown(schema, Example.of(endpoint.id)?.answer)]))
    case .items(let item):
      let list: JSONValue = [
        "type": "object",
        "properties": [
          "items": ["type": "array", "items": item],
          "next": [
            "type": "string", "description": "下一页的 after · The next page's after",
          ],
        ],
        "required": ["items"],
        "additionalProperties": false,
      ]
      let text: JSONValue = ["schema": ["type": "string"]]
      success.append(
        .init(
          "content",
          [
            "application/json": shown(list, Example.of(endpoint.id)?.answer),
            "application/x-ndjson": text, "text/csv": text,
            .init(ListFormat.xlsx.mediaType): ["schema": ["type": "string", "format": "binary"]],
          ]))
    case .file(let type):
      success.append(
        .init(
          "content",
          .object([
            .init(type, ["schema": ["type": type.hasSuffix("json") ? "object" : "string"]])
          ])))
    }
    var statuses = [400, 401, 403, 404, 406, 409, 422, 429, 500, 503]
    if endpoint.isWrite { statuses += [413, 415] }
    if endpoint.versioned != nil {
      if endpoint.isWrite {
        statuses.append(412)
      } else if endpoint.isOfVersionAlone {
        statuses.append(304)
      }
    }
    return [.init(String(endpoint.successStatus.code), .object(success))]
      + statuses.sorted().map {
        .init(String($0), $0 == 304 ? ["description": "未变 · Not modified"] : problem)
      }
  }

  private static let problem: JSONValue = ["$ref": "#/components/responses/Problem"]
}
