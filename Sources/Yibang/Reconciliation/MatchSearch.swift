import Foundation
import SchoolCalendar

/// The state of one matching: what is still open, and what was taken.
struct MatchSearch {
  typealias Line = ReconciliationMatching.Line
  typealias Entry = ReconciliationMatching.Entry

  let lines: [Line]
  let entries: [Entry]
  let days: Int
  let names: [PayerName?]
  private(set) var lineIsOpen: [Bool]
  private(set) var entryIsOpen: [Bool]
  private var matches: [Int: (entries: [Int], reason: ReconciliationReason)] = [:]

  init(_ lines: [Line], _ entries: [Entry], days: Int) {
    self.lines = lines.sorted { ($0.day, $0.id.uuidString) < ($1.day, $1.id.uuidString) }
    self.entries = entries.sorted { ($0.day, $0.id.uuidString) < ($1.day, $1.id.uuidString) }
    self.days = days
    names = self.entries.map { entry in
      entry.payer.flatMap { PayerName($0.name, kind: $0.kind) }
    }
    lineIsOpen = Array(repeating: true, count: lines.count)
    entryIsOpen = Array(repeating: true, count: entries.count)
  }

  var openLines: [Int] { lines.indices.filter { lineIsOpen[$0] } }
  var openEntries: [Int] { entries.indices.filter { entryIsOpen[$0] } }

  /// Open entries that one kind of evidence can lead to, by day; an entry is in one bucket.
  struct Buckets {
    fileprivate(set) var entries: [[Int]] = []
    /// How many lines lead to each place: what each reach adds where it begins and takes where it
    /// ends, so that many lines and entries of one amount are not compared pair by pair.
    private var changes: [[Int]] = []

    init(_ entries: [[Int]]) {
      self.entries = entries
      changes = entries.map { Array(repeating: 0, count: $0.count + 1) }
    }

    mutating func count(_ reach: Reach) {
      changes[reach.bucket][reach.places.lowerBound] += 1
      changes[reach.bucket][reach.places.upperBound] -= 1
    }

    /// The number of lines that lead to each place.
    func lineCounts() -> [[Int]] {
      changes.map { changes in
        var count = 0
        return changes.map { change in
          count += change
          return count
        }
      }
    }
  }

  /// What a line can be by one kind of evidence: some places of one bucket.
  struct Reach {
    let line: Int
    let bucket: Int
    let places: Range<Int>
  }

  /// Takes the pairs that are the only ones on both sides.
  mutating func takeOnlyPairs(
    _ reaches: [Reach], _ buckets: Buckets, _ reason: ReconciliationReason,
    where mayMatch: (_ line: Int, _ entry: Int) -> Bool = { _, _ in true }
  ) {
    var buckets = buckets
    var entryCount: [Int: Int] = [:]
    for reach in reaches {
      buckets.count(reach)
      entryCount[reach.line, default: 0] += reach.places.count
    }
    let lineCounts = buckets.lineCounts()
    for reach in reaches where reach.places.count == 1 && entryCount[reach.line] == 1 {
      let place = reach.places.lowerBound
      let entry = buckets.entries[reach.bucket][place]
      if lineCounts[reach.bucket][place] == 1, mayMatch(reach.line, entry) {
        take(reach.line, [entry], reason)
      }
    }
  }

  mutating func take(_ line: Int, _ taken: [Int], _ reason: ReconciliationReason) {
    matches[line] = (taken, reason)
    lineIsOpen[line] = false
    for entry in taken { entryIsOpen[entry] = false }
  }

  /// Of entries in order of day, the places whose day is at most so far from this one.
  func places(_ sorted: [Int], near day: CalendarDate, days: Int) -> Range<Int> {
    let first = firstPlace(sorted, from: day.adding(days: -days))
    return first..<max(first, firstPlace(sorted, from: day.adding(days: days + 1)))
  }

  private func firstPlace(_ sorted: [Int], from day: CalendarDate) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[sorted[middle]].day < day { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func entriesByAmount() -> [Money: [Int]] {
    Dictionary(grouping: openEntries) { entries[$0].amount }
  }

  /// What was taken, and for each open line what it may be.
  var result: ReconciliationMatching.Result {
    var result = ReconciliationMatching.Result()
    for (line, match) in matches.sorted(by: { $0.key < $1.key }) {
      result.matches.append(
        .init(
          line: lines[line].id, entries: match.entries.map { entries[$0].id },
          reason: match.reason))
    }
    let byAmount = entriesByAmount()
    let batches = Dictionary(grouping: openBatches(), by: \.amount)
    for index in openLines {
      let line = lines[index]
      let known = byAmount[line.amount] ?? []
      let places = places(known, near: line.day, days: days)
      let whole = self.batches(for: line, in: batches)
      guard !places.isEmpty || !whole.isEmpty else { continue }
      let candidates =
        nearest(line.day, known, places).map { [entries[$0].id] }
        + whole.map { $0.entries.map { entries[$0].id } }
      result.questions.append(
        .init(
          line: line.id, candidates: Array(candidates.prefix(ReconciliationMatching.listed)),
          candidateCount: places.count + whole.count))
    }
    return result
  }

  /// The candidates nearest in days. They stand by day already: only those around it are sorted.
  private func nearest(_ day: CalendarDate, _ sorted: [Int], _ places: Range<Int>) -> [Int] {
    let limit = ReconciliationMatching.listed
    let middle = min(max(firstPlace(sorted, from: day), places.lowerBound), places.upperBound)
    let around =
      max(places.lowerBound, middle - limit)..<min(places.upperBound, middle + limit)
    return sorted[around].sorted {
      let (left, right) = (entries[$0], entries[$1])
      return (abs(left.day.days(until: day)), left.day, left.id.uuidString)
        < (abs(right.day.days(until: day)), right.day, right.id.uuidString)
    }
    .prefix(limit).map { $0 }
  }
}
