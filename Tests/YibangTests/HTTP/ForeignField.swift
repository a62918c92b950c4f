import Foundation

@testable import Yibang
@testable import YibangHTTP

/// A place in an endpoint's input where the id of a record, or the code of a school, stands.
struct ForeignField: Sendable, Equatable {
  enum Place: Sendable { case path, query, body }

  let place: Place
  /// The names that lead to it; the items of a list are no step.
  let chain: [String]
  let isSchoolCode: Bool

  var name: String { chain.joined(separator: ".") }

  /// Path parameters that name a record by something else than its id.
  private static let named: Set<String> = ["receipt", "number", "login"]

  /// Every such place of an endpoint. The code of a school that is added is none that is looked for.
  static func all(_ endpoint: Endpoint) -> [ForeignField] {
    if endpoint.id == "school.add" { return [] }
    let path = endpoint.pathParameters.filter {
      isID($0.schema) || (named.contains($0.name) && isText($0.schema))
    }
    var body: [Endpoint.Parameter] = []
    if case .json(let fields) = endpoint.body { body = fields }
    return path.map { ForeignField(place: .path, chain: [$0.name], isSchoolCode: false) }
      + endpoint.queryParameters.flatMap { fields($0.schema, .query, [$0.name]) }
      + body.flatMap { fields($0.schema, .body, [$0.name]) }
  }

  private static func fields(
    _ schema: JSONValue, _ place: Place, _ chain: [String]
  ) -> [ForeignField] {
    if let reference = schema["$ref"]?.text {
      return fields(DocumentCheck.resolve(reference) ?? .null, place, chain)
    }
    if isID(schema) { return [ForeignField(place: place, chain: chain, isSchoolCode: false)] }
    if isCode(schema) { return [ForeignField(place: place, chain: chain, isSchoolCode: true)] }
    if let items = schema["items"] { return fields(items, place, chain) }
    guard case .object(let members) = schema["properties"] ?? .null else { return [] }
    return members.flatMap { fields($0.value, place, chain + [$0.name]) }
  }

  static func isID(_ schema: JSONValue) -> Bool { schema["format"]?.text == "uuid" }
  static func isCode(_ schema: JSONValue) -> Bool { schema["pattern"]?.text == "^[0-9]{10}$" }
  private static func isText(_ schema: JSONValue) -> Bool { schema["type"]?.text == "string" }
}

/// A request that an endpoint's document allows, of the caller's own records but for one field.
struct ForeignRequest {
  let endpoint: Endpoint
  /// The one that names another's record.
  let field: ForeignField
  let own: ForeignIDs
  let other: ForeignIDs

  /// What the rules ask of a value, so that they do not refuse it before the record is looked for.
  private static let values: [String: JSONValue] = [
    "purpose": "living", "use": "pupil", "relation": "母亲", "guardian": "样家长", "all": true,
    "reveal": "办理申请",
    "mail": "a@example.cn", "worth": ["total": ["fen": 100]],
    "activity.log.kind": "gratitude", "bank.add_account.number": "6222000000009999",
    "bank.explain_line.reason": "fee", "bank.explain_entry.reason": "in_transit",
    "consent.give.proof": ["paper": "档案柜三"], "calendar.deadline.working_days": 5,
    "consent.share.scope": "sponsor_identity",
    "consent.give.scope": "sponsor_identity",
    "instalment.receive_number.number": 1, "pairing.end.reason": "left_school",
    "user.invite.role": "sponsor",
  ]
  /// What is not needed by the document, and yet by the rules.
  private static let asked: [String: Set<String>] = [
    "pairing.end": ["consent", "consent_on"], "consent.give": ["guardian"],
    "consent.withdraw": ["guardian"],
    "donor.set_contact": ["mail"], "goods.reverse": ["quantity"], "payment.batch": ["amount"],
    "payment.confirm": ["all"], "recognition.form": ["reveal"], "recognition.file": ["all"],
    "recognition.nominate": ["all"], "recognition.panel": ["all"], "recognition.vote": ["all"],
  ]
  private static let sheets: [String: String] = [
    "payment.batch_from_sheet": "姓名,班级,金额\n样小一,1班,10\n"
  ]

  var path: String {
    var path = endpoint.path
    for parameter in endpoint.pathParameters {
      path = path.replacingOccurrences(
        of: "{\(parameter.name)}",
        with: text(value(parameter.schema, .path, [parameter.name])))
    }
    let query = endpoint.queryParameters.filter { $0.isNeeded || leads(.query, [$0.name]) }.map {
      "\($0.name)=\(text(value($0.schema, .query, [$0.name])))"
    }
    return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
  }

  var body: (bytes: [UInt8], type: String)? {
    if let sheet = Self.sheets[endpoint.id] { return (Array(sheet.utf8), "text/csv") }
    guard case .json(let fields) = endpoint.body else { return SampleInput.body(endpoint) }
    var asked = Self.asked[endpoint.id] ?? []
    // Which cases, or all.
    if field.chain == ["cases"] { asked.remove("all") }
    let given = fields.filter { field in
      field.isNeeded || leads(.body, [field.name]) || asked.contains(field.name)
    }
    let members = given.map { JSONValue.Member($0.name, value($0.schema, .body, [$0.name])) }
    return (JSONValue.object(members).bytes, "application/json")
  }

  private func text(_ value: JSONValue) -> String {
    switch value {
    case .array(let items): items.first.map(text) ?? ""
    default: value.text ?? String(decoding: value.bytes, as: UTF8.self)
    }
  }

  /// Whether the field is at the end of the chain, or further on.
  private func leads(_ place: ForeignField.Place, _ chain: [String]) -> Bool {
    field.place == place && field.chain.starts(with: chain)
  }

  private func value(
    _ schema: JSONValue, _ place: ForeignField.Place, _ chain: [String]
  ) -> JSONValue {
    if let reference = schema["$ref"]?.text {
      return value(DocumentCheck.resolve(reference) ?? .null, place, chain)
    }
    let isCode = ForeignField.isCode(schema)
    let isRecord =
      ForeignField.isID(schema) || isCode
      || (place == .path && ["receipt", "number", "login"].contains(chain[0])
        && schema["type"]?.text == "string")
    if isRecord {
      let here = ForeignField(place: place, chain: chain, isSchoolCode: isCode)
      let kind = ForeignIDs.kind(endpoint, here) ?? ""
      let id = (here == field ? other : own).values[kind]
      return .string(id ?? UUID.unknown.lowercase)
    }
    let name = chain.last ?? ""
    if endpoint.id == "recognition.panel", name == "assessors" {
      let code = own.values["school_code"] ?? ""
      return [.string("\(code)-a1"), .string("\(code)-a2")]
    }
    let leadsOn =
      field.place == place && field.chain.count > chain.count
      && field.chain.starts(with: chain)
    if !leadsOn, let known = Self.values["\(endpoint.id).\(name)"] ?? Self.values[name] {
      return known
    }
    if let items = schema["items"] { return .array([value(items, place, chain)]) }
    if case .object(let members) = schema["properties"] ?? .null {
      let needed = Set((schema["required"]?.items ?? []).compactMap(\.text))
      return .object(
        members.filter { member in
          needed.contains(member.name) || leads(place, chain + [member.name])
            || Self.asked[endpoint.id]?.contains(member.name) == true
        }.map { .init($0.name, value($0.value, place, chain + [$0.name])) })
    }
    return SampleInput.value(schema)
  }
}
