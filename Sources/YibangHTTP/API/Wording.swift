import Yibang

/// The domain's sentences name steps as the command has them, `yibang donation list`, and inputs as its
/// options, `--leave-out-paid`. Whoever reads them over HTTP knows operations and fields: “捐款”
/// (donation.list), leave_out_paid.
extension Text {
  var overHTTP: Text {
    guard zh.contains("yibang ") || zh.contains("--") || en.contains("yibang ") || en.contains("--")
    else { return self }
    return Text(Wording.rendered(zh, .zh), Wording.rendered(en, .en))
  }
}

enum Wording {
  /// What stays a command, since it belongs to the machine.
  static let ofMachine: Set<String> = [
    "key", "district", "db", "config", "serve", "restore", "backup",
  ]

  /// Where the operation is not called as the command is.
  private static let others = [
    "bank account list": "bank.accounts", "user add": "user.invite",
    "user password": "password.change", "user totp remove": "second_factor.remove",
    "user sessions": "session.list", "user token list": "token.list",
    "student erasures": "erasure.list", "doctor": "doctor.examine", "match letter": "match.letters",
  ]
  private static let operations = Dictionary(
    uniqueKeysWithValues: API.allEndpoints.map { ($0.id, $0.summary) })

  static func rendered(_ sentence: String, _ language: Language) -> String {
    let command =
      #/yibang (?<words>[a-z-]+(?: [a-z][a-z-]*)*)(?: (?:--[a-z-]+(?: [A-Za-z0-9_\/-]+)?|[A-Z]{2,}|[0-9][0-9a-f-]*))*/#
    let named = sentence.replacing(command) { match in
      guard let (id, rest) = operation(match.words) else { return String(match.output.0) }
      let name = operations[id].map { $0(language) } ?? ""
      return (language == .zh ? "“\(name)”（\(id)）" : "“\(name)” (\(id))") + rest
    }
    return named.replacing(#/--([a-z][a-z-]+)/#) { $0.output.1.replacing("-", with: "_") }
  }

  /// The operation of the longest beginning of the words that has one, and the words behind it.
  static func operation(_ words: Substring) -> (id: String, rest: String)? {
    let parts = words.split(separator: " ")
    for count in stride(from: min(3, parts.count), to: 0, by: -1) {
      let asked = parts.prefix(count).joined(separator: " ")
      let rest = parts.dropFirst(count).map { " " + $0 }.joined()
      if let id = others[asked] { return (id, rest) }
      let names = asked.replacing("recognition revoke", with: "revocation")
        .replacing("-", with: "_").split(separator: " ")
      let id = "\(names[0]).\(names.dropFirst().joined(separator: "_"))"
      if operations[id] != nil { return (id, rest) }
    }
    return nil
  }
}
