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
      try SheetScan<OfferColumn>.scan(file, progress: request.progress) { event in
        switch event {
        case .row(let data):
          let (offer, refusals) = reader.read(data)
          report.refuse(refusals)
          guard var offer else { return }
          let identity = identity(offer)
          let occurrence = occurrences[identity, default: 0]
          occurrences[identity] = occurrence + 1
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
        case .total, .skipped, .endOfSheet: report.passOver(event)
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
