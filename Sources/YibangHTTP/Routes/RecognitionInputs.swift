import Foundation
import HardshipRecognition
import SchoolCalendar
import Yibang

extension API {
  struct NewRound: Codable, Sendable {
    let school: SchoolCode
    /// How families were told, and where the proof of it lies.
    let reach: String
    /// This semester's adjustment, to hold from the next.
    let adjustment: Bool?
    let semester: Semester?
    let date: CalendarDate?
    /// The usual days where none are given.
    let applyBy: CalendarDate?
    let nominateBy: CalendarDate?
    let assessBy: CalendarDate?
    let decideBy: CalendarDate?
  }

  struct RoundOpened: Codable, Sendable {
    let round: Rounds.Round
    /// False where it had begun with the same dates.
    let added: Bool
  }

  struct GroupMember: Codable, Sendable {
    let login: String
    let school: SchoolCode
    let date: CalendarDate?
  }

  struct GroupChanged: Codable, Sendable {
    let changed: Bool
  }

  struct RulesQuestion: Codable, Sendable {
    let semester: Semester?
  }

  struct CasePage: Paged, Sendable {
    let school: SchoolCode?
    let semester: Semester?
    let state: CaseState?
    let `class`: String?
    /// Only what is past its day.
    let late: Bool?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct NewCase: Codable, Sendable {
    let student: UUID
    /// The name of a guardian on record.
    let guardian: String
    /// Categories, by code, label or a word that sheets use.
    let claims: [String]?
    /// Signed, with the promise that it is true.
    let signed: Bool?
    let semester: Semester?
    let date: CalendarDate?
  }

  struct NewAdjustment: Codable, Sendable {
    let student: UUID
    /// What has changed; kept sealed.
    let changed: String
    /// Who applies; the school where nobody is named.
    let guardian: String?
    let claims: [String]?
    let signed: Bool?
    let semester: Semester?
    let date: CalendarDate?
  }

  struct CaseChange: Codable, Sendable {
    /// Nil in a yearly case.
    let changed: String?
  }

  struct CaseStep: Codable, Sendable {
    let id: UUID
    let date: CalendarDate?
  }

  /// Cases that are named, or all that wait for the step; by school, class and semester.
  struct Nomination: Codable, Sendable {
    let cases: [UUID]?
    let all: Bool?
    let school: SchoolCode?
    let `class`: String?
    let semester: Semester?
    /// True where nothing is said.
    let nominated: Bool?
    let date: CalendarDate?
  }

  struct Panel: Codable, Sendable {
    let cases: [UUID]?
    let all: Bool?
    let school: SchoolCode?
    let `class`: String?
    let semester: Semester?
    /// Logins.
    let assessors: [String]
    let date: CalendarDate?
  }

  /// The cases for which a step was done.
  struct CasesDone: Codable, Sendable {
    let cases: [UUID]
  }

  struct HistoryQuestion: Codable, Sendable {
    let id: UUID
    /// Also what was replaced.
    let replaced: Bool?
  }

  struct HistoryReveal: Codable, Sendable {
    let id: UUID
    let replaced: Bool?
    /// Why categories are to be shown.
    let reveal: String
  }

  struct RecognitionPage: Paged, Sendable {
    /// Today where none is given.
    let date: CalendarDate?
    let student: UUID?
    let school: SchoolCode?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct RecognitionReveal: Codable, Sendable {
    let date: CalendarDate?
    let student: UUID?
    let school: SchoolCode?
    /// Why categories are to be shown.
    let reveal: String
  }

  struct RevealedEntries: Codable, Sendable {
    let items: [Recognitions.Entry]
  }
}
