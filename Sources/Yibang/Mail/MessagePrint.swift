import Foundation
import Postgres
package import SchoolCalendar
import Spreadsheet

extension Mail {
  /// Pages of one file.
  private static let pageLimit = 2_000

  private static let waiting: SQL = "select id from message_letters($1) as id"

  /// Writes the letters that wait, a page each, into a file for its owner alone, and marks them printed
  /// in the transaction that ends after the file is there.
  /// - Parameter day: decides what is consented to.
  /// - Returns: how many; those with nothing to say any more are cancelled instead.
  /// - Throws: `MailError.fileName`, `.nothingToPrint`; `AccessError`, `ReportError`, `TableWriteError`.
  package static func print(
    to path: String, on day: CalendarDate, in context: Context
  ) async throws -> (printed: Int, cancelled: Int) {
    let actor = context.actor
    try actor.require(.remind)
    guard path.lowercased().hasSuffix(".xlsx") else { throw MailError.fileName(path) }
    let vault = context.platform.vault
    return try await context.write { session in
      var pages: [FormSheet] = []
      var cancelled = 0
      for row in try session.query(waiting, Int32(pageLimit)) {
        let facts = try MessageFacts(try row.get(0), on: day, session, actor)
        guard let words = try facts.words(on: day, session, actor) else {
          try step(facts.id, to: .cancelled, error: "message.no_longer", session, actor)
          cancelled += 1
          continue
        }
        var address: String?
        if case .letter(let known) = try DonorReach.find(facts.donor, session, vault) {
          address = known
        }
        pages.append(page(words, "\(pages.count + 1)", to: address, on: day, facts.language))
        try step(facts.id, to: .printed, session, actor)
      }
      guard !pages.isEmpty || cancelled > 0 else { throw MailError.nothingToPrint }
      try session.batch([
        Audit.statement(
          actor, "message.print", subject: "message", id: nil,
          after: ["printed": "\(pages.count)", "cancelled": "\(cancelled)"])
      ])
      if !pages.isEmpty {
        try Reports.writePrivately(to: path) { try Spreadsheet.writeForms(pages, to: $0) }
      }
      return (pages.count, cancelled)
    }
  }

  private static func page(
    _ words: MessageWords, _ name: String, to address: String?, on day: CalendarDate,
    _ language: Language
  ) -> FormSheet {
    let date = language == .en ? "\(day)" : day.chinese
    let lines = (address.map { [$0, ""] } ?? []) + words.lines + [date]
    return FormSheet(
      name: name, widths: [90],
      rows: [.init([.init(words.subject, .title)], height: 36)]
        + lines.map { .init([.init($0, .line)]) })
  }
}
