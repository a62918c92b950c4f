package import Foundation
import Postgres
package import SchoolCalendar

/// Commitments: three years of support, six instalments, written when the pairing starts.
package enum Commitments {
  package struct Commitment: Sendable, Codable {
    package let pairing: UUID
    /// Masked, except to the pupil's own school.
    package let pupil: String
    package let school: String
    /// “匿名” where the sponsor asked to stay unnamed.
    package let sponsor: String
    package let firstSemester: Semester
    package let lastSemester: Semester
    package let startedOn: CalendarDate
    package let isRunning: Bool
    package let promised: Money
    package let received: Money
    package let outstanding: Money
    /// All six.
    package let instalments: [Instalment]

    enum CodingKeys: String, CodingKey {
      case pairing, pupil, school, sponsor
      case firstSemester = "first_semester"
      case lastSemester = "last_semester"
      case startedOn = "started_on"
      case isRunning = "running"
      case promised, received, outstanding, instalments
    }
  }

  private static let find: SQL = """
    select p.id, s.name, c.name, donor_shown(d.anonymous, d.name, d.merged_into),
      k.first_semester, k.last_semester, p.started_on, p.state = 'running', k.total_fen
    from pairing p
    join commitment k on k.district_id = p.district_id and k.pairing_id = p.id
    join student s on s.district_id = p.district_id and s.id = p.student_id
    join school c on c.district_id = p.district_id and c.id = p.school_id
    join donor d on d.district_id = p.district_id and d.id = p.donor_id
    where p.district_id = $1 and p.id = $2
    """
  private static let instalments: SQL = """
    select i.id, k.pairing_id, i.number, i.semester, i.due_on, i.amount_fen, i.received_fen,
      p.state = 'ended', i.excused_fen, i.carried_fen
    from instalment i
    join commitment k on k.district_id = i.district_id and k.id = i.commitment_id
    join pairing p on p.district_id = k.district_id and p.id = k.pairing_id
    where k.district_id = $1 and k.pairing_id = $2
    order by i.number
    """

  /// The commitment of a pairing with its six instalments.
  /// - Parameter today: decides what is overdue.
  /// - Throws: `CommitmentError.unknownPairing`.
  package static func show(
    pairing: UUID, today: CalendarDate, in context: Context
  ) async throws -> Commitment {
    let actor = context.actor
    try actor.require(.read)
    return try await context.read { session in
      let results = try session.batch([
        Bound(find, actor.districtID, pairing), Bound(instalments, actor.districtID, pairing),
      ])
      guard let row = results[0].first else { throw CommitmentError.unknownPairing(pairing) }
      let lines = try results[1].map { try Instalment($0, today: today) }
      let promised = Money(fen: try row.get(8))
      let received = try lines.map(\.received).total()
      return Commitment(
        pairing: try row.get(0), pupil: actor.shown(pupil: try row.get(1)),
        school: try row.get(2), sponsor: try row.get(3), firstSemester: try row.semester(4),
        lastSemester: try row.semester(5), startedOn: try row.get(6), isRunning: try row.get(7),
        promised: promised, received: received,
        outstanding: try lines.map(\.outstanding).total(), instalments: lines)
    }
  }
}

package enum CommitmentError: YibangError {
  case unknownPairing(UUID)
  case unknownInstalment(UUID)
  case unknownReceipt(UUID)
  case noSuchNumber(Int)
  case amountNotPositive
  case moreThanOutstanding(number: Int, outstanding: Money)
  case pairingEnded(UUID)

  package var code: String {
    switch self {
    case .unknownPairing: "commitment.unknown_pairing"
    case .unknownInstalment: "instalment.unknown"
    case .unknownReceipt: "instalment.unknown_receipt"
    case .noSuchNumber: "instalment.no_such_number"
    case .amountNotPositive: "instalment.amount_not_positive"
    case .moreThanOutstanding: "instalment.more_than_outstanding"
    case .pairingEnded: "instalment.pairing_ended"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownPairing, .unknownInstalment, .unknownReceipt: .notFound
    case .noSuchNumber, .amountNotPositive: .badData
    case .moreThanOutstanding, .pairingEnded: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknownPairing(let id):
      Text(
        "没有结对 \(id.lowercase)。可用 yibang pairing list 查看。",
        "There is no pairing \(id.lowercase). See yibang pairing list.")
    case .unknownInstalment(let id):
      Text(
        "没有第 \(id.lowercase) 号资助款。可用 yibang instalment list 查看。",
        "There is no instalment \(id.lowercase). See yibang instalment list.")
    case .unknownReceipt(let id):
      Text(
        "没有编号为 \(id.lowercase) 的收款。可用 yibang instalment receipts 查看。",
        "There is no receipt \(id.lowercase). See yibang instalment receipts.")
    case .noSuchNumber(let number):
      Text(
        "没有第 \(number) 期：三年共六期，请填 1 至 6。",
        "There is no instalment \(number): a commitment has six, 1 to 6.")
    case .amountNotPositive:
      Text("到账金额必须大于零。", "The amount received is more than zero.")
    case .moreThanOutstanding(let number, let outstanding):
      outstanding == .zero
        ? Text(
          "第 \(number) 期没有未到账的款项（已到账或已豁免）。多出的款项请记入其他期。",
          "Nothing of instalment \(number) is open: it is received or excused. Book what is more to "
            + "another one.")
        : Text(
          "第 \(number) 期还差 \(outstanding)，不能多收。多出的款项请记入其他期。",
          "\(outstanding) is outstanding of instalment \(number): no more can be booked to it. "
            + "Book the rest to another one.")
    case .pairingEnded(let id):
      Text(
        "结对 \(id.lowercase) 已结束，不能再收款。请与资助人商定款项的去向。",
        "The pairing \(id.lowercase) has ended: nothing is booked to it. Agree with the sponsor "
          + "where the money goes.")
    }
  }
}
