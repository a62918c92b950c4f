import Foundation
import SchoolCalendar

// The kinds of evidence, from the strongest to the weakest.
extension MatchSearch {
  private struct Numbered: Hashable {
    let number: String
    let amount: Money
  }

  /// A receipt number, or an id, of the books stands in the line, and the amount agrees.
  mutating func byNumber() {
    var byNumber: [Numbered: [Int]] = [:]
    for index in openEntries {
      let entry = entries[index]
      for number in Set(entry.numbers.map(Self.number)) where Self.identifies(number, entry.amount)
      {
        byNumber[Numbered(number: number, amount: entry.amount), default: []].append(index)
      }
    }
    guard !byNumber.isEmpty else { return }
    var found: [(line: Int, entries: Set<Int>)] = []
    var linesOfEntry: [Int: Int] = [:]
    for index in openLines {
      let line = lines[index]
      var known: Set<Int> = []
      for number in Self.numbers(in: line) {
        let entries = byNumber[Numbered(number: number, amount: line.amount)] ?? []
        // A number that a whole list shares tells none of its gifts from another.
        if entries.count <= ReconciliationMatching.listed { known.formUnion(entries) }
      }
      if known.isEmpty { continue }
      found.append((index, known))
      for entry in known { linesOfEntry[entry, default: 0] += 1 }
    }
    for (line, known) in found where known.count == 1 {
      if let entry = known.first, linesOfEntry[entry] == 1 { take(line, [entry], .number) }
    }
  }

  private static func number(_ text: String) -> String {
    normalizeText(text).lowercased().filter { !$0.isWhitespace }
  }

  /// Four characters at least, and not the amount itself: “捐款 1000 元” is no receipt 1000.
  private static func identifies(_ number: String, _ amount: Money) -> Bool {
    let yuan = "\(amount.fen.magnitude / 100)"
    return number.count >= 4 && number.contains(where: \.isNumber) && number != yuan
      && number != amount.plain
  }

  private static func numbers(in line: Line) -> Set<String> {
    var numbers = Set(line.numbers.map(number))
    let words = normalizeText(line.text).lowercased().split {
      $0.isWhitespace || ",;:，；：。、()[]".contains($0)
    }
    for word in words {
      numbers.insert(String(word))
      let runs = word.split { !($0 == "-" || $0.isASCII && ($0.isLetter || $0.isNumber)) }
      for run in runs { numbers.insert(String(run)) }
    }
    return numbers
  }

  private struct Named: Hashable {
    let amount: Money
    let name: String
    let isOrganisation: Bool
  }

  /// The donor's whole name stands in the line, the amount agrees, the days are near.
  mutating func byName(days: Int, _ reason: ReconciliationReason) {
    var buckets: [[Int]] = []
    var bucketOf: [Named: Int] = [:]
    /// The lengths of the organisations' names, which may stand inside a counterparty's.
    var lengths: [Money: Set<Int>] = [:]
    for index in openEntries {
      guard let name = names[index] else { continue }
      let amount = entries[index].amount
      let named = Named(amount: amount, name: name.text, isOrganisation: name.isOrganisation)
      if let bucket = bucketOf[named] {
        buckets[bucket].append(index)
      } else {
        bucketOf[named] = buckets.count
        buckets.append([index])
      }
      if name.isOrganisation, name.text.count >= PayerName.shortestContained {
        lengths[amount, default: []].insert(name.text.count)
      }
    }
    guard !buckets.isEmpty else { return }
    var reaches: [Reach] = []
    for index in openLines {
      let line = lines[index]
      var reached: Set<Int> = []
      for name in Self.names(in: line, organisationLengths: lengths[line.amount] ?? []) {
        for isOrganisation in name.isWhole ? [false, true] : [true] {
          let named = Named(
            amount: line.amount, name: name.text, isOrganisation: isOrganisation)
          guard let bucket = bucketOf[named], reached.insert(bucket).inserted else { continue }
          let places = places(buckets[bucket], near: line.day, days: days)
          if !places.isEmpty { reaches.append(Reach(line: index, bucket: bucket, places: places)) }
        }
      }
    }
    takeOnlyPairs(reaches, Buckets(buckets), reason)
  }

  private struct FoundName: Hashable {
    let text: String
    /// False: a part of a longer name, which only an organisation's may be.
    let isWhole: Bool
  }

  private static func names(in line: Line, organisationLengths: Set<Int>) -> Set<FoundName> {
    var words = PayerName.words(of: line.text)
    guard let counterparty = line.counterparty else {
      return Set(words.map { FoundName(text: $0, isWhole: true) })
    }
    let whole = PayerName.comparable(counterparty)
    words.formUnion(PayerName.words(of: counterparty))
    words.insert(whole)
    var found = Set(words.map { FoundName(text: $0, isWhole: true) })
    let characters = Array(whole)
    for length in organisationLengths where length < characters.count {
      for start in 0...(characters.count - length) {
        let part = String(characters[start..<start + length])
        found.insert(FoundName(text: part, isWhole: false))
      }
    }
    return found
  }

  /// A batch of transfers that may stand on the statement as one amount.
  struct Batch {
    let entries: [Int]
    let amount: Money
    let first: CalendarDate
    let last: CalendarDate
  }

  /// What is open of each batch, where it is more than one entry; equal ones once.
  func openBatches() -> [Batch] {
    var members: [String: [Int]] = [:]
    for index in openEntries {
      for batch in Set(entries[index].batches) { members[batch, default: []].append(index) }
    }
    var seen: Set<[Int]> = []
    return members.sorted { $0.key < $1.key }.compactMap { _, members in
      // Entries stand by day.
      guard members.count > 1, seen.insert(members).inserted, let last = members.last,
        let total = try? members.map({ entries[$0].amount }).total()
      else { return nil }
      return Batch(
        entries: members, amount: total, first: entries[members[0]].day, last: entries[last].day)
    }
  }

  func batches(for line: Line, in byAmount: [Money: [Batch]]) -> [Batch] {
    (byAmount[line.amount] ?? []).filter { batch in
      batch.first.adding(days: -days) <= line.day && line.day <= batch.last.adding(days: days)
    }
  }

  /// The open entries of a batch add up to the line, and no single transfer has that amount.
  mutating func byBatch() {
    let byAmount = Dictionary(grouping: openBatches(), by: \.amount)
    guard !byAmount.isEmpty else { return }
    let single = entriesByAmount()
    var found: [(line: Int, batch: Batch)] = []
    var linesOfEntry: [Int: Int] = [:]
    var batchesOfLine: [Int: Int] = [:]
    for index in openLines {
      let line = lines[index]
      for batch in batches(for: line, in: byAmount) {
        found.append((index, batch))
        batchesOfLine[index, default: 0] += 1
        for entry in batch.entries { linesOfEntry[entry, default: 0] += 1 }
      }
    }
    for (line, batch) in found where batchesOfLine[line] == 1 {
      let rivals = places(single[lines[line].amount] ?? [], near: lines[line].day, days: days)
      if rivals.isEmpty, batch.entries.allSatisfy({ linesOfEntry[$0] == 1 }) {
        take(line, batch.entries, .batch)
      }
    }
  }

  /// The only open line and the only open transfer of this amount on near days. Not where the bank
  /// names another person than the books: a relative may have paid, but a person has to say so.
  mutating func byAmount() {
    let byAmount = entriesByAmount()
    let batches = Dictionary(grouping: openBatches(), by: \.amount)
    let amounts = byAmount.keys.sorted()
    let bucketOf = Dictionary(uniqueKeysWithValues: amounts.enumerated().map { ($1, $0) })
    let buckets = amounts.map { byAmount[$0] ?? [] }
    let reaches = openLines.compactMap { index -> Reach? in
      guard let bucket = bucketOf[lines[index].amount] else { return nil }
      let places = places(buckets[bucket], near: lines[index].day, days: days)
      return places.isEmpty ? nil : Reach(line: index, bucket: bucket, places: places)
    }
    let rivals = Set(
      reaches.map(\.line).filter { !self.batches(for: lines[$0], in: batches).isEmpty })
    let (seen, payers) = (lines, names)
    takeOnlyPairs(reaches, Buckets(buckets), .amountAndDate) { line, entry in
      !rivals.contains(line) && !Self.contradicts(seen[line], payers[entry])
    }
  }

  private static func contradicts(_ line: Line, _ name: PayerName?) -> Bool {
    guard let name, !name.isOrganisation, let counterparty = line.counterparty,
      PayerName.isPerson(counterparty)
    else { return false }
    return PayerName.comparable(counterparty) != name.text
  }
}
