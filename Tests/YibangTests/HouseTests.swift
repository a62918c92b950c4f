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

  /// The capability that writes each table.
  private static let owners: [String: [String]] = [
    "district": ["Schools"], "school": ["Schools"], "semester": ["Schools"],
    "app_user": ["Access", "Schools"], "idempotency": ["Access", "Giving"],
    "audit": ["Access", "Giving"], "student": ["People"], "guardian": ["People"],
    "consent": ["People"], "recognition": ["People"], "import_file": ["Importing"],
    "donor": ["Giving"], "donor_request": ["Giving"], "fund": ["Fund"], "fund_purpose": ["Fund"],
    "purpose": ["Fund", "Schools"], "budget": ["Fund"], "change_of_use": ["Fund"],
    "donation": ["Giving"], "offer": ["Pairing"],
    "offer_place": ["Pairing"], "proposal": ["Pairing"], "proposal_pair": ["Pairing"],
    "proposal_left": ["Pairing"], "pairing": ["Pairing"],
    "commitment": ["Commitments", "Pairing"], "instalment": ["Commitments", "Pairing"],
    "instalment_receipt": ["Commitments"], "activity": ["Activities"],
    "activity_link": ["Activities"], "key_check": ["Platform"],
    "semester_reopening": ["Closing"],
  ]

  @Test("a capability writes only its own tables")
  func tableOwners() throws {
    let write = /(?:insert into|update|delete from) ([a-z_]+)(?: as [a-z]+)?\s*(?:\(|set |where )/
    for (path, text) in try Self.sources("Sources/Yibang") {
      let folder = path.split(separator: "/")[2]
      for match in text.matches(of: write) {
        let table = String(match.1)
        let owners = Self.owners[table] ?? []
        #expect(owners.contains(String(folder)), "\(path) writes \(table)")
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
    arguments: ["Sources/Postgres", "Sources/Spreadsheet"])
  func librariesWithoutTheDomain(folder: String) throws {
    let words = /\b(Student|Donor|Donation|Pairing|Semester|Sponsor|Pupil)\b/
    let found = try Self.sources(folder).filter { $0.text.contains(words) }
    #expect(found.map(\.path) == [])
  }

  @Test("money is whole fen: no floating point where it is counted")
  func noFloatingPoint() throws {
    let float = /\b(Double|Float|Decimal)\b/
    for folder in ["Fund", "Giving", "Commitments", "Pairing"] {
      let found = try Self.sources("Sources/Yibang/\(folder)").filter { $0.text.contains(float) }
      #expect(found.map(\.path) == [])
    }
  }
}
