import Foundation
import SchoolCalendar
import Yibang

/// The sheets of the sample district, as `expected.json` beside them lists them.
struct DemoSamples {
  enum Kind: String, Decodable {
    case student, donation, offer, activity
  }

  struct Sheet {
    let path: String
    let kind: Kind
    let school: String?
    let semester: Semester
  }

  struct School: Hashable {
    let code: String
    let name: String
  }

  private struct Entry: Decodable {
    let kind: Kind
    let school: String?
    let semester: Semester
  }

  let district: String
  let schools: [School]
  /// In the order in which they are read: pupils before the offers for them.
  let sheets: [Sheet]

  var semesters: [Semester] { Set(sheets.map(\.semester)).sorted() }

  /// - Parameter asked: the folder; nil looks for `samples` in the working directory, then beside
  ///   the executable and in the folders above it.
  /// - Throws: `DemoError.noSamples`.
  static func find(_ asked: String?) throws -> DemoSamples {
    var folders = [asked ?? "samples"]
    if asked == nil {
      var folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      while folder.pathComponents.count > 1 {
        folder.deleteLastPathComponent()
        folders.append(folder.appending(path: "samples").path(percentEncoded: false))
      }
    }
    for folder in folders {
      guard
        let data = FileManager.default.contents(atPath: "\(folder)/expected.json"),
        let entries = try? JSONDecoder().decode([String: Entry].self, from: data),
        let samples = DemoSamples(folder: folder, entries)
      else { continue }
      return samples
    }
    throw DemoError.noSamples
  }

  private init?(folder: String, _ entries: [String: Entry]) {
    let order: [Kind] = [.student, .donation, .offer, .activity]
    var schools: Set<School> = []
    var sheets: [(rank: Int, sheet: Sheet)] = []
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      let file = (name as NSString).lastPathComponent
      // A school's full name begins the name of its roster; a list of hardship alone comes after.
      let isRoster = file.contains("花名册")
      if isRoster, let code = entry.school {
        schools.insert(School(code: code, name: String(file.prefix { $0 != "-" })))
      }
      let rank = (order.firstIndex(of: entry.kind) ?? 0) * 2 + (isRoster ? 0 : 1)
      let sheet = Sheet(
        path: "\(folder)/\(name)", kind: entry.kind, school: entry.school,
        semester: entry.semester)
      sheets.append((rank, sheet))
    }
    guard let first = entries.keys.min(), !schools.isEmpty else { return nil }
    district = String(first.prefix { $0 != "/" }.drop { !$0.isNumber })
    self.schools = schools.sorted { $0.code < $1.code }
    self.sheets = sheets.enumerated()
      .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      .map(\.element.sheet)
  }
}
