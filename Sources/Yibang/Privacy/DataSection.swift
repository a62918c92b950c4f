import Foundation
import HardshipRecognition
import Postgres

/// One kind of record about a child: how it is read, and what its columns are called.
struct DataSection: Sendable {
  struct Column: Sendable {
    enum Kind: Sendable {
      /// As it stands.
      case text
      /// A code, and what it means to people.
      case code(@Sendable (String) -> Text?)
      /// Fen.
      case money
      /// Sealed as this column of this table, whole or as named fields.
      case sealed(SealedColumn, fields: Bool)
      /// Sealed as this column of this table; the words that are told of it.
      case opened(SealedColumn, @Sendable ([UInt8]) throws -> [String])
      /// A letter: the form stands in the column before.
      case letter
    }

    let code: String
    let label: Text
    let kind: Kind

    init(_ code: String, _ zh: String, _ en: String, _ kind: Kind = .text) {
      self.code = code
      label = Text(zh, en)
      self.kind = kind
    }
  }

  let code: String
  let title: Text
  /// $1 district (where it is used), $2 pupil. Selects the record's id, its version, and a column each.
  let sql: SQL
  let columns: [Column]

  func read(
    _ student: UUID, _ session: borrowing Session, _ actor: Actor, _ vault: Vault
  ) throws -> PersonalData.Section {
    let rows = try session.query(sql, actor.districtID, student)
    let records = try rows.map { row in
      let id: UUID = try row.get(0)
      let version: Int32 = try row.get(1)
      return try columns.enumerated().flatMap { index, column in
        try column.fields(row, index + 2, id, version, vault).filter { !$0.value.isEmpty }
      }
    }
    return PersonalData.Section(code: code, title: title, records: records)
  }
}

extension DataSection.Column {
  fileprivate func fields(
    _ row: Row, _ index: Int, _ id: UUID, _ version: Int32, _ vault: Vault
  ) throws -> [PersonalData.Field] {
    switch kind {
    case .text:
      return [try row.optional(index)].compactMap { $0 }.map { field($0) }
    case .code(let words):
      return [try row.optional(index) as String?].compactMap { $0 }.map {
        field(words($0)?.zh ?? $0)
      }
    case .money:
      guard let fen: Int64 = try row.optional(index) else { return [] }
      return [field(Money(fen: fen).description)]
    case .sealed(let column, let inFields):
      guard let sealed: [UInt8] = try row.optional(index) else { return [] }
      let bytes = try vault.open(sealed, at: column.place(id, version: version))
      guard inFields else { return [field(String(decoding: bytes, as: UTF8.self))] }
      return SealedFields(bytes: bytes).values.sorted { $0.key < $1.key }.map { name, value in
        PersonalData.Field(code: name, label: Self.labels[name] ?? Text(name, name), value: value)
      }
    case .opened(let column, let words):
      guard let sealed: [UInt8] = try row.optional(index) else { return [] }
      let bytes = try vault.open(sealed, at: column.place(id, version: version))
      return bytes.isEmpty ? [] : [field(try words(bytes).joined(separator: "、"))]
    case .letter:
      guard let sealed: [UInt8] = try row.optional(index) else { return [] }
      let bytes = try vault.open(sealed, at: Letters.place(id, version: Int(version)))
      guard try row.get(index - 1) == "scan" else {
        return [field(String(decoding: bytes, as: UTF8.self))]
      }
      return [
        PersonalData.Field(
          code: "scan", label: Text("扫描件（base64）", "scan (base64)"),
          value: Data(bytes).base64EncodedString())
      ]
    }
  }

  private func field(_ value: String) -> PersonalData.Field {
    PersonalData.Field(code: code, label: label, value: value)
  }

  /// What sealed records call their fields.
  private static let labels: [String: Text] = [
    "resident": Text("身份证号", "resident ID"), "code": Text("学籍号", "student code"),
    "phone": Text("电话", "phone"), "address": Text("家庭住址", "address"),
    "family_size": Text("家庭人口", "family size"), "income": Text("年人均收入", "income per head"),
    "cause": Text("致贫原因", "cause"), "name": Text("姓名", "name"),
    "guardian": Text("监护人", "guardian"), "bank": Text("开户行", "bank"),
    "card": Text("卡号", "card"), "because": Text("事由", "because"),
    "evidence": Text("证据", "evidence"),
  ]
}
