import Foundation
import Testing

@testable import Yibang
@testable import YibangHTTP

@Suite("sentences over HTTP")
struct WordingTests {
  @Test(
    "a step is named by its operation, an option by its field",
    arguments: [
      (
        Text(
          "没有捐款 1。可用 yibang donation list 查看。", "There is no donation 1. See yibang donation list."),
        Text(
          "没有捐款 1。可用 “捐款”（donation.list） 查看。",
          "There is no donation 1. See “Donations” (donation.list).")
      ),
      (
        Text(
          "请先 yibang match expire，再 yibang match next。",
          "Look with yibang match show and try again."),
        Text(
          "请先 “\(summary("match.expire").zh)”（match.expire），再 “\(summary("match.next").zh)”（match.next）。",
          "Look with “\(summary("match.show").en)” (match.show) and try again.")
      ),
      (
        Text("先 yibang receipt waive 01a2-b --withdraw。", "See yibang recognition revoke list."),
        Text(
          "先 “\(summary("receipt.waive").zh)”（receipt.waive）。",
          "See “\(summary("revocation.list").en)” (revocation.list).")
      ),
      (
        Text("可用 --leave-out-paid 略去。", "Finish the rotation first (yibang key rotate)."),
        Text("可用 leave_out_paid 略去。", "Finish the rotation first (yibang key rotate).")
      ),
    ])
  func rendered(_ given: Text, _ told: Text) {
    #expect(given.overHTTP == told)
  }

  private static func summary(_ id: String) -> Text {
    API.allEndpoints.first { $0.id == id }?.summary ?? Text("", "")
  }

  @Test(
    "every command that a sentence of the domain names has its operation, or belongs to the machine"
  )
  func known() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/Yibang").standardized
    let files = try #require(
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var named = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        // Names that keys are derived under, and comments.
        if line.contains("///") || line.contains("Data(") || line.contains(" = \"yibang ") {
          continue
        }
        for match in line.matches(of: #/yibang (?<words>[a-z-]+(?: [a-z][a-z-]*)*)/#) {
          let family = String(match.words.prefix { $0 != " " })
          if Wording.ofMachine.contains(family) || family == "command" { continue }
          named += 1
          #expect(Wording.operation(match.words) != nil, "\(file.lastPathComponent): \(line)")
        }
      }
    }
    #expect(named > 200)
  }

  @Test("a problem names no command and no id in capitals")
  func problem() async throws {
    let api = try await TestAPI(try await TestDistrict.make())
    let id = UUID()
    let answer = try await api.get("/donations/\(id.lowercase)/trace").expect(404)
    let detail = try #require(answer.json["detail"]?.text)
    #expect(detail.contains(id.lowercase) && detail.contains("donation.list"), "\(detail)")
    #expect(!detail.contains("yibang ") && !detail.contains(id.uuidString))
  }
}
