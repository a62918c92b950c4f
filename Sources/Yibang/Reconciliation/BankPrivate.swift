import Foundation

/// What of a bank line names people: stored sealed, as one record (AAD bank_line:id:private).
struct BankPrivate: Sendable {
  let counterparty: String?
  let account: String?
  let text: String

  init(_ row: BankRow) {
    counterparty = row.counterparty
    account = row.counterAccount
    text = row.text
  }

  /// - Throws: `VaultError.doesNotOpen`.
  init(_ sealed: [UInt8]?, line: UUID, _ vault: Vault) throws {
    let fields =
      try sealed.map { SealedFields(bytes: try vault.open($0, at: Self.place(line))) }
      ?? SealedFields()
    counterparty = fields["counterparty"]
    account = fields["account"]
    text = fields["text"] ?? ""
  }

  func sealed(_ vault: Vault, line: UUID) throws -> [UInt8]? {
    var fields = SealedFields()
    fields["counterparty"] = counterparty
    fields["account"] = account
    fields["text"] = text
    return fields.isEmpty ? nil : try vault.seal(fields.bytes, at: Self.place(line))
  }

  private static func place(_ line: UUID) -> SealedPlace {
    SealedPlace("bank_line", line, "private")
  }
}
