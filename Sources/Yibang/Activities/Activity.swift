package import Foundation
package import SchoolCalendar

/// Moral-education and gratitude activities. Attendance never conditions aid: an activity names no
/// pupil and no hardship, only the pairings or donors that it concerns.
package enum Activities {
  /// An activity to be recorded.
  package struct NewActivity: Sendable {
    package var school: UUID
    package var semester: Semester
    package var heldOn: CalendarDate
    package var kind: ActivityKind
    package var theme: String
    package var host: String?
    package var participants: Int?
    package var place: String?
    /// What came of it (活动效果).
    package var outcome: String?
    package var note: String?
    /// The pairings and donors that it concerns.
    package var pairings: [UUID] = []
    package var donors: [UUID] = []

    package init(
      school: UUID, semester: Semester, heldOn: CalendarDate, kind: ActivityKind, theme: String
    ) {
      self.school = school
      self.semester = semester
      self.heldOn = heldOn
      self.kind = kind
      self.theme = theme
    }

    var digestParts: [String?] {
      content.parts.map(Optional.some) + [school.uuidString, "\(semester)"]
        + pairings.map(\.uuidString) + ["/"] + donors.map(\.uuidString)
    }

    /// What a line of a sheet would say of it.
    var content: ActivityContent {
      ActivityContent(
        heldOn: heldOn, kind: kind, theme: asWritten(theme),
        host: host.map(normalizeName)?.nonEmpty, participants: participants,
        place: place.map(asWritten)?.nonEmpty, outcome: outcome.map(asWritten)?.nonEmpty,
        note: note.map(asWritten)?.nonEmpty)
    }
  }

  /// An activity as it is listed.
  package struct Activity: Sendable, Codable {
    package let id: UUID
    package let school: String
    package let semester: Semester
    package let heldOn: CalendarDate
    package let kind: ActivityKind
    package let theme: String
    package let host: String?
    package let participants: Int?
    package let place: String?
    package let outcome: String?
    package let note: String?
    /// Pairings that it concerns, by id alone.
    package let pairings: [UUID]
    /// Donors that it concerns; “匿名” for one who stays unnamed.
    package let donors: [String]

    enum CodingKeys: String, CodingKey {
      case id, school, semester
      case heldOn = "held_on"
      case kind, theme, host, participants, place, outcome, note, pairings, donors
    }
  }

  /// What a school or district did in a semester.
  package struct Summary: Sendable, Codable {
    package struct Line: Sendable, Codable {
      package let kind: ActivityKind
      package let activities: Int
      package let participants: Int
      package let firstOn: CalendarDate?
      package let lastOn: CalendarDate?

      enum CodingKeys: String, CodingKey {
        case kind, activities, participants
        case firstOn = "first_on"
        case lastOn = "last_on"
      }
    }

    package let semester: Semester
    package let activities: Int
    /// Attendances, where they were counted: who came twice counts twice.
    package let participants: Int
    /// Activities whose participants nobody counted.
    package let uncounted: Int
    package let firstOn: CalendarDate?
    package let lastOn: CalendarDate?
    package let linkedPairings: Int
    package let linkedDonors: Int
    /// One a kind, also those with no activity.
    package let kinds: [Line]

    enum CodingKeys: String, CodingKey {
      case semester, activities, participants, uncounted
      case firstOn = "first_on"
      case lastOn = "last_on"
      case linkedPairings = "linked_pairings"
      case linkedDonors = "linked_donors"
      case kinds
    }
  }
}

/// What is said of one activity.
struct ActivityContent: Sendable, Hashable {
  var heldOn: CalendarDate
  var kind: ActivityKind
  var theme: String
  var host: String?
  var participants: Int?
  var place: String?
  var outcome: String?
  var note: String?

  /// In normal form: full-width marks or a space more make no other activity.
  var parts: [String] {
    let texts = [theme, host, place, outcome, note].map { normalizeText($0 ?? "") }
    return ["\(heldOn)", kind.rawValue, participants.map { "\($0)" } ?? ""] + texts
  }

  /// The keyed digest by which the same line of a sheet is known again.
  /// - Parameter occurrence: its place among equal lines, from 0.
  func lineHash(
    school: UUID, semester: Semester, occurrence: Int, vault: Vault
  ) -> [UInt8] {
    let line = [school.uuidString, "\(semester)"] + parts + ["\(occurrence)"]
    return vault.hash(line.joined(separator: "\u{1F}"), domain: "activity-line")
  }
}

/// The text of a sentence with its own punctuation, without what nobody sees and without the `'`
/// that keeps a spreadsheet from taking it for a formula.
func asWritten(_ text: String) -> String {
  let visible = text.unicodeScalars.filter { scalar in
    switch scalar {
    case "\n", "\t": true
    case "\u{FEFF}", "\u{200B}": false
    default: scalar.properties.generalCategory != .control
    }
  }
  let trimmed = String(String.UnicodeScalarView(visible))
    .trimmingCharacters(in: .whitespacesAndNewlines)
  guard trimmed.first == "'", let second = trimmed.dropFirst().first, "=+-@".contains(second) else {
    return trimmed
  }
  return String(trimmed.dropFirst())
}
