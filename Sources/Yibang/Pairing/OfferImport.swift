import Foundation
import Postgres
import SchoolCalendar
import Spreadsheet

extension Offers {
  private static let recorded: SQL = """
    select amount_fen, places from offer where district_id = $1 and line_hash = $2
    """

  private static let firstChunk = 1_000

  /// Imports a 帮扶意向表: each line is an offer from the request's semester on.
  ///
  /// A line read before (the same sponsor with the same wishes, and its place among equal lines)
  /// changes nothing; with another amount or number of places it is refused, since pairings may rest
  /// on the recorded one.
  /// - Throws: `TableFileError`, `ImportError`, `SchoolError`, `AccessError`.
  package static func importSheet(
    _ request: ImportRequest, in context: Context
  ) async throws -> ImportReport {
    let actor = context.actor
    try actor.require(.recordOffers)
    let reader = OfferReader(
      semester: request.semester, schools: try await Schools.list(in: context))
    let vault = context.platform.vault
    return try await Import.run(request, kind: "offer", in: context) {
      file, importID, session, report in
      var occurrences: [String: Int] = [:]
      var rows: [String: Int] = [:]
      var totals = OfferTotals()
      try SheetScan<OfferColumn>.scan(file, progress: request.progress) { event in
        switch event {
        case .row(let data):
          let (offer, refusals) = reader.read(data)
          reader.add(data, to: &totals)
          report.refuse(refusals)
          guard var offer else { return }
          let identity = identity(offer)
          let occurrence = occurrences[identity, default: 0]
          occurrences[identity] = occurrence + 1
          if let warning = repetition(offer, identity, data, &rows) { report.warn(warning) }
          let hash = vault.hash("\(identity)\u{1F}\(occurrence)", domain: "offer-line")
          offer.lineHash = hash
          offer.importID = importID
          if let row = try session.query(recorded, actor.districtID, hash).first {
            let sameAmount = try row.get(0) == offer.amount.fen
            let samePlaces = try row.get(1) == offer.places
            if sameAmount && samePlaces {
              report.unchanged += 1
            } else {
              report.refuse([changed(data, sameAmount ? .places : .amount)])
            }
            return
          }
          do {
            _ = try record(offer, session, vault, actor)
            report.accepted += 1
            if report.accepted == firstChunk { try Import.firstChunkWritten(session) }
          } catch let error as PairingError {
            report.refuse([refusal(data, .sponsor, error)])
          } catch let error as OfferError {
            report.refuse([refusal(data, .named, error)])
          } catch let error as StudentError {
            report.refuse([refusal(data, .named, error)])
          }
        case .total(let data, isSubtotal: false):
          report.refuse(totals.check(data))
          report.passOver(event)
        case .endOfSheet:
          totals = OfferTotals()
          report.passOver(event)
        case .total, .skipped: report.passOver(event)
        }
      }
    }
  }

  private static func refusal(
    _ data: DataRow<OfferColumn>, _ column: OfferColumn, _ error: any YibangError
  ) -> Refusal {
    data.refusal(column, problem: error.text, advice: Text("核对这一行", "check this row"))
  }

  private static func identity(_ offer: NewOffer) -> String {
    let sponsor = offer.sponsor
    let parts = [
      "\(offer.firstSemester)", sponsor.kind.rawValue, sponsor.name,
      sponsor.residentID?.text ?? sponsor.creditCode?.text ?? sponsor.mobile?.text ?? "",
      offer.wish.school?.uuidString ?? "", offer.wish.grade ?? "",
      offer.wish.gender?.rawValue ?? "",
    ]
    return (parts + offer.furtherParts).joined(separator: "\u{1F}")
  }

  /// Warns of a row equal to one before, of a sponsor who is known by a number.
  private static func repetition(
    _ offer: NewOffer, _ identity: String, _ data: DataRow<OfferColumn>, _ rows: inout [String: Int]
  ) -> ImportWarning? {
    guard offer.sponsor.identity != nil || offer.sponsor.mobile != nil else { return nil }
    let line = "\(identity)\u{1F}\(offer.amount.fen)\u{1F}\(offer.places)"
    guard let row = rows[line] else {
      rows[line] = data.number
      return nil
    }
    return ImportWarning(
      .likelyDuplicate, sheet: data.sheet, row: data.number,
      Text(
        "与第 \(row) 行相同（同一帮扶人、同样的意愿、金额和名额）：可能重复填写，请核对（两行都已登记）",
        "equal to row \(row): the same sponsor, wishes, amount and places. Perhaps written twice, "
          + "please check (both are recorded)"))
  }

  private static func changed(
    _ data: DataRow<OfferColumn>, _ column: OfferColumn
  ) -> Refusal {
    data.refusal(
      column, problem: Text("与已登记的意向不同", "differs from the recorded offer"),
      advice: Text(
        "如需更改，先撤回原意向（yibang offer withdraw）再重新登记",
        "to change it, withdraw the recorded offer (yibang offer withdraw) and record a new one"))
  }
}
