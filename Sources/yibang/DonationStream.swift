import ArgumentParser
import Foundation
import Glibc
import SchoolCalendar
import Yibang

/// Records donations as another program sends them, one JSON object a line.
///
/// Each line is answered on its own, when it is in the database: an answered line survives a crash,
/// and a line sent again with its key is answered alike and booked once.
struct DonationStream: WorkCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "逐行登记标准输入中的捐款（JSON） · Record donations from standard input, one JSON a line",
    discussion: """
      {"key":"till-1-0001","amount":"100.00","donor":"试教师","kind":"teacher","date":"2026-09-10"}
      """)

  @OptionGroup var school: SchoolOption
  @OptionGroup(title: "全局选项 · Global options") var global: GlobalOptions

  private struct Line: Decodable {
    let key: String
    let amount: String
    let donor: String
    let kind: String
    let date: String
    let `class`: String?
    let designation: String?
    let method: String?
    let receipt: String?
  }

  private struct Answer: Encodable {
    var line: Int
    var key: String?
    var id: String?
    var replayed: Bool?
    var error: String?
  }

  func run(_ work: Work) async throws {
    let (context, school) = try await work.place(school)
    var number = 0
    var refused = 0
    while let text = readLine() {
      number += 1
      if text.allSatisfy(\.isWhitespace) { continue }
      var answer = Answer(line: number)
      do {
        let line = try Self.decode(text)
        answer.key = line.key
        let (id, replayed) = try await record(line, school: school, in: context)
        answer.id = id.shown
        answer.replayed = replayed
      } catch {
        let failure = Failure(error)
        guard failure.isAboutData else { throw error }
        answer.error = failure.text(work.language)
        refused += 1
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      try standardOutput(String(decoding: try encoder.encode(answer), as: UTF8.self) + "\n")
    }
    if refused > 0 { throw ExitCode(EX_DATAERR) }
  }

  private static func decode(_ text: String) throws -> Line {
    do {
      return try JSONDecoder().decode(Line.self, from: Data(text.utf8))
    } catch {
      throw LineError()
    }
  }

  private func record(
    _ line: Line, school: Schools.School?, in context: Context
  ) async throws -> (id: UUID, replayed: Bool) {
    let day = try readDate(line.date, option: "date")
    let details = DonorDetails(
      kind: try readChoice(line.kind, option: "kind", word: DonorKind.init(word:)),
      name: normalizeName(line.donor), anonymous: DonorDetails.unnamed.contains(line.donor),
      className: line.class)
    var donation = Giving.NewDonation(
      donor: try await Donors.donor(details, school: school?.id, in: context),
      fund: try await Funds.fund(for: line.designation, school: school?.id, in: context),
      school: school?.id, semester: Semester.of(day), amount: try Money(parsing: line.amount),
      receivedOn: day,
      method: try readChoice(line.method ?? "", option: "method", word: Giving.Method.init(word:)))
    donation.className = line.class
    donation.designation = line.designation
    donation.receiptNumber = line.receipt
    return try await Giving.record(donation, key: line.key, in: context)
  }
}

/// A line that is no donation.
private struct LineError: YibangError {
  var code: String { "donation.line" }
  var category: ErrorCategory { .badData }
  var text: Text {
    Text(
      "这一行不是一笔捐款：需要 key、amount、donor、kind、date。",
      "This line is no donation: key, amount, donor, kind and date are needed.")
  }
}

extension Failure {
  /// Another line may still be good.
  fileprivate var isAboutData: Bool {
    status == ExitStatus.badData || status == ExitStatus.usage
  }
}
