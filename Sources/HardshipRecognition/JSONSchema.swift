/// The part of JSON Schema that `rule-set.schema.json` uses. One document says what a rule set looks
/// like, to this library and to any other tool.
struct JSONSchema: Sendable {
  indirect enum Node: Sendable {
    case reference(String)
    /// That, or null.
    case optional(Node)
    case constant(Int)
    /// Nil stands for null.
    case choice([String?])
    case boolean
    case null
    case integer(minimum: Int, maximum: Int)
    case string(minimum: Int, maximum: Int, Pattern?, nullable: Bool)
    case array(Node, minimum: Int, maximum: Int)
    /// All of the keys are there, and no others.
    case object([String: Node])
  }

  struct Pattern: Sendable {
    let text: String

    func matches(_ value: String) -> Bool {
      // A shipped schema's patterns are known to compile: the tests read every one.
      (try? Regex(text).wholeMatch(in: value)) != nil
    }
  }

  private let root: Node
  private let definitions: [String: Node]

  static let ruleSet: JSONSchema = {
    do {
      return try JSONSchema(parsing: RuleSet.schema)
    } catch {
      fatalError("the shipped schema is refused at \(error)")
    }
  }()

  /// - Throws: where the schema uses a keyword that is not enforced here.
  init(parsing bytes: [UInt8]) throws(RuleSetError) {
    let tree = try JSONTree(parsing: bytes)
    var definitions: [String: Node] = [:]
    for (name, value) in tree.members("$defs") {
      definitions[name] = try Node(value, at: "$.$defs.\(name)")
    }
    self.definitions = definitions
    root = try Node(tree, at: "$")
  }
}

extension JSONTree {
  fileprivate subscript(key: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  fileprivate func members(_ key: String) -> [(key: String, value: JSONTree)] {
    if case .object(let members)? = self[key] { members } else { [] }
  }

  fileprivate func elements(_ key: String) -> [JSONTree] {
    if case .array(let elements)? = self[key] { elements } else { [] }
  }

  fileprivate func integer(_ key: String) -> Int? {
    if case .integer(let number)? = self[key] { number } else { nil }
  }

  fileprivate var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  fileprivate var name: (zh: String, en: String) {
    switch self {
    case .null: ("空", "null")
    case .bool: ("是否", "a boolean")
    case .integer: ("整数", "a whole number")
    case .string: ("文字", "a string")
    case .array: ("列表", "an array")
    case .object: ("对象", "an object")
    }
  }
}

extension JSONSchema.Node {
  private static let silent: Set<String> = ["$schema", "$defs", "title", "description"]

  fileprivate init(_ tree: JSONTree, at path: String) throws(RuleSetError) {
    guard case .object(let members) = tree else { throw Self.unknown(path) }
    let keys = Set(members.map(\.key)).subtracting(Self.silent)
    let types = tree.elements("type").compactMap(\.text) + [tree["type"]?.text].compactMap(\.self)
    switch (keys, types) {
    case (["$ref"], _):
      guard let name = tree["$ref"]?.text, name.hasPrefix("#/$defs/") else {
        throw Self.unknown(path)
      }
      self = .reference(String(name.dropFirst("#/$defs/".count)))
    case (["anyOf"], _):
      let choices = tree.elements("anyOf")
      guard choices.count == 2, choices[1]["type"]?.text == "null" else { throw Self.unknown(path) }
      self = .optional(try Self(choices[0], at: path + ".anyOf"))
    case (["const"], _): self = .constant(tree.integer("const") ?? 0)
    case (["enum"], _): self = .choice(tree.elements("enum").map(\.text))
    case (["type"], ["boolean"]): self = .boolean
    case (["type"], ["null"]): self = .null
    case (_, ["integer"]) where keys.isSubset(of: ["type", "minimum", "maximum"]):
      self = .integer(
        minimum: tree.integer("minimum") ?? .min, maximum: tree.integer("maximum") ?? .max)
    case (_, ["string"]), (_, ["string", "null"]):
      guard keys.isSubset(of: ["type", "minLength", "maxLength", "pattern"]) else {
        throw Self.unknown(path)
      }
      self = .string(
        minimum: tree.integer("minLength") ?? 0, maximum: tree.integer("maxLength") ?? .max,
        tree["pattern"]?.text.map(JSONSchema.Pattern.init), nullable: types.count == 2)
    case (_, ["array"]) where keys.isSubset(of: ["type", "items", "minItems", "maxItems"]):
      self = .array(
        try Self(tree["items"] ?? .null, at: path + ".items"),
        minimum: tree.integer("minItems") ?? 0, maximum: tree.integer("maxItems") ?? .max)
    case (["type", "properties", "required", "additionalProperties"], ["object"]):
      var properties: [String: Self] = [:]
      for (key, value) in tree.members("properties") {
        properties[key] = try Self(value, at: "\(path).\(key)")
      }
      guard Set(tree.elements("required").compactMap(\.text)) == Set(properties.keys),
        case .bool(false)? = tree["additionalProperties"]
      else { throw Self.unknown(path) }
      self = .object(properties)
    default: throw Self.unknown(path)
    }
  }

  private static func unknown(_ path: String) -> RuleSetError {
    RuleSetError(
      .invalidValue, at: path, zh: "结构定义用了这里不支持的关键字",
      en: "the schema uses a keyword that is not supported here")
  }
}

extension JSONSchema {
  /// - Throws: what is wrong with the first place at which something is.
  func check(_ tree: JSONTree) throws(RuleSetError) {
    try check(tree, root, "$")
  }

  private func check(_ tree: JSONTree, _ node: Node, _ path: String) throws(RuleSetError) {
    switch (node, tree) {
    case (.reference(let name), _):
      guard let definition = definitions[name] else { fatalError("the schema lacks \(name)") }
      try check(tree, definition, path)
    case (.optional, .null): break
    case (.optional(let node), _): try check(tree, node, path)
    case (.constant(let value), .integer(let number)):
      if number != value { throw notAllowed(path, "\(number)", known: ["\(value)"]) }
    case (.choice(let choices), .string(let text)):
      if !choices.contains(text) {
        throw notAllowed(path, text, known: choices.compactMap(\.self))
      }
    case (.choice(let choices), .null) where choices.contains(nil): break
    case (.boolean, .bool), (.null, .null), (.string(_, _, _, nullable: true), .null): break
    case (.integer(let minimum, let maximum), .integer(let number)):
      if !(minimum...maximum).contains(number) { throw outOfRange(path, minimum, maximum) }
    case (.string(let minimum, let maximum, let pattern, _), .string(let text)):
      if !(minimum...maximum).contains(text.unicodeScalars.count) {
        throw outOfRange(path, minimum, maximum, zh: "字数", en: "length")
      }
      if let pattern, !pattern.matches(text) {
        throw RuleSetError(
          .invalidValue, at: path, zh: "“\(text)”格式不对，应符合 \(pattern.text)",
          en: "“\(text)” does not have the form \(pattern.text)")
      }
    case (.array(let element, let minimum, let maximum), .array(let values)):
      if !(minimum...maximum).contains(values.count) {
        throw outOfRange(path, minimum, maximum, zh: "个数", en: "number of entries")
      }
      for (place, value) in values.enumerated() { try check(value, element, "\(path)[\(place)]") }
    case (.object(let properties), .object(let members)):
      try check(members, properties, path)
    default: throw wrongType(path, tree, node)
    }
  }

  private func check(
    _ members: [(key: String, value: JSONTree)], _ properties: [String: Node], _ path: String
  ) throws(RuleSetError) {
    for (key, value) in members {
      guard let node = properties[key] else {
        let known = properties.keys.sorted()
        throw RuleSetError(
          .unknownKey, at: "\(path).\(key)",
          zh: "没有“\(key)”这一项；可用：\(known.joined(separator: "、"))",
          en: "there is no key “\(key)”; known: \(known.joined(separator: ", "))")
      }
      try check(value, node, "\(path).\(key)")
    }
    let missing = Set(properties.keys).subtracting(members.map(\.key))
    if let key = missing.min() {
      throw RuleSetError(
        .missingKey, at: "\(path).\(key)", zh: "缺少“\(key)”这一项", en: "the key “\(key)” is missing")
    }
  }

  private func notAllowed(_ path: String, _ text: String, known: [String]) -> RuleSetError {
    RuleSetError(
      .invalidValue, at: path, zh: "不能是“\(text)”；可用：\(known.joined(separator: "、"))",
      en: "cannot be “\(text)”; known: \(known.joined(separator: ", "))")
  }

  private func outOfRange(
    _ path: String, _ minimum: Int, _ maximum: Int, zh: String = "数值", en: String = "value"
  ) -> RuleSetError {
    let least = minimum == .min ? nil : "≥ \(minimum)"
    let most = maximum == .max ? nil : "≤ \(maximum)"
    let bounds = [least, most].compactMap(\.self).joined(separator: ", ")
    return RuleSetError(
      .invalidValue, at: path, zh: "\(zh)应 \(bounds)", en: "the \(en) has to be \(bounds)")
  }

  private func wrongType(_ path: String, _ tree: JSONTree, _ node: Node) -> RuleSetError {
    let expected: (zh: String, en: String) =
      switch node {
      case .constant, .integer: ("整数", "a whole number")
      case .choice, .string, .reference: ("文字", "a string")
      case .boolean: ("true或false", "true or false")
      case .null: ("空", "null")
      case .array: ("列表", "an array")
      case .object, .optional: ("对象", "an object")
      }
    return RuleSetError(
      .wrongType, at: path, zh: "应为\(expected.zh)，不是\(tree.name.zh)",
      en: "\(expected.en) is expected here, not \(tree.name.en)")
  }
}
