import Foundation
import Testing

/// The house checks itself: sizes, who writes which table, what libraries may know.
@Suite("The house")
struct HouseTests {
  static let root = SampleDistrictTests.folder.deletingLastPathComponent()

  private static func sources(_ folder: String) throws -> [(path: String, text: String)] {
    let base = root.appending(path: folder)
    let files = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
    return try (files?.compactMap { $0 as? URL } ?? [])
      .filter { $0.pathExtension == "swift" }
      .map { file in
        let path = file.path(percentEncoded: false)
        let relative = String(path.dropFirst(root.path(percentEncoded: false).count))
        return (relative, try String(contentsOf: file, encoding: .utf8))
      }
  }

  @Test("no source file passes 400 lines")
  func fileLengths() throws {
    let long = try Self.sources("Sources").filter {
      $0.text.split(separator: "\n", omittingEmptySubsequences: false).count > 400
    }
    #expect(long.map(\.path) == [])
  }

  @Test("only the ledger's functions write transfers and accounts")
  func onlyTheLedgerMovesMoney() throws {
    let writes =
      /(insert into|update|delete from) (transfer|account|account_semester|transfer_reversed)\b/
    let writers = try Self.sources("Sources").filter { $0.text.contains(writes) }
    #expect(writers.map(\.path) == [])
  }

  @Test("only the stock's functions write events, stock and its lines")
  func onlyTheStockMovesGoods() throws {
    let writes =
      /(insert into|update|delete from) (goods_event|stock|stock_line|stock_item|stock_semester)\b/
    let writers = try Self.sources("Sources").filter { $0.text.contains(writes) }
    #expect(writers.map(\.path) == [])
  }

  /// The tables that each capability writes.
  private static let tables: [String: [String]] = [
    "Access": [
      "app_user", "idempotency", "api_request", "audit", "credential", "recovery_code",
      "login_session",
      "access_token", "one_time_link", "sign_in_failure", "reveal",
      "reveal_refused",
    ],
    "Activities": ["activity", "activity_link"],
    // What begins anew where a backup is restored.
    "Backup": ["district", "audit", "webhook", "webhook_delivery"],
    "Campaigns": ["campaign"],
    "Closing": ["semester_reopening"],
    "Commitments": ["commitment", "instalment", "instalment_receipt"],
    "Events": ["webhook", "webhook_delivery"],
    "Fund": ["fund", "fund_purpose", "purpose", "budget", "change_of_use"],
    "Giving": ["idempotency", "audit", "donor", "donor_request", "donation"],
    "Goods": [
      "goods_item", "goods_place", "goods_kit", "goods_kit_component", "goods_lot",
      "goods_hand_out",
    ],
    "Importing": ["import_file"],
    "Pairing": [
      "offer", "offer_place", "offer_school", "match_choice", "proposal", "proposal_pair",
      "proposal_left", "pairing", "commitment", "instalment", "pairing_setting",
      "pairing_balance",
    ],
    "Payments": ["approval_limit", "payment_batch"],
    "People": ["student", "guardian", "consent", "consent_use"],
    "Platform": ["key_check"],
    "Privacy": ["key_check", "retention_setting"],
    "Reconciliation": [
      "bank_account", "bank_statement", "bank_line", "reconciliation", "reconciliation_transfer",
      "reconciliation_undone",
    ],
    "Receipts": ["receipt"],
    "Recognition": [
      "recognition_round", "leading_group", "comparison_list", "comparison_entry", "rule_set",
      "rule_set_use",
      // As the owner, once, where an earlier version left them in clear.
      "recognition_case", "case_assessment",
    ],
    "Seals": ["seal_key", "seal", "seal_leaf", "seal_node", "audit_leaf"],
    "Schools": [
      "district", "school", "semester", "app_user", "purpose", "calendar_day", "calendar_year",
    ],
  ]

  @Test("a capability writes only its own tables")
  func tableOwners() throws {
    let write = /(?:insert into|update|delete from) ([a-z_]+)(?: as [a-z]+)?\s*(?:\(|set |where )/
    for (path, text) in try Self.sources("Sources/Yibang") {
      let folder = path.split(separator: "/")[2]
      for match in text.matches(of: write) {
        let table = String(match.1)
        let own = Self.tables[String(folder)] ?? []
        #expect(own.contains(table), "\(path) writes \(table)")
      }
    }
  }

  @Test("the front ends hold no SQL", arguments: ["Sources/yibang", "Sources/YibangHTTP"])
  func frontEndsWithoutSQL(folder: String) throws {
    let statement = /\b(select .+ from|insert into|delete from|update [a-z_]+ set)\b/
    let found = try Self.sources(folder).filter { $0.text.contains(statement) }
    #expect(found.map(\.path) == [])
  }

  @Test(
    "the general libraries know no word of the domain",
    arguments: [
      "Sources/Postgres", "Sources/Spreadsheet", "Sources/MerkleLog", "Sources/Assignment",
    ])
  func librariesWithoutTheDomain(folder: String) throws {
    let words = /\b(Student|Donor|Donation|Pairing|Semester|Sponsor|Pupil)\b/
    let found = try Self.sources(folder).filter { $0.text.contains(words) }
    #expect(found.map(\.path) == [])
  }

  @Test("money is whole fen: no floating point where it is counted")
  func noFloatingPoint() throws {
    let float = /\b(Double|Float|Decimal)\b/
    for folder in [
      "Fund", "Giving", "Commitments", "Pairing", "Reconciliation", "Campaigns", "Goods",
      "Receipts", "Payments", "Payouts", "Seals",
    ] {
      let found = try Self.sources("Sources/Yibang/\(folder)").filter { $0.text.contains(float) }
      #expect(found.map(\.path) == [])
    }
  }
}
