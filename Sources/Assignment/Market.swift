/// Rows that must each get a column of their own, as a market with prices.
///
/// A row may have a column singly, by a link to a bundle of columns, or by the bundles of its class.
/// There are as many rows as columns, so any prices are dual feasible: the best that a row can get
/// at them is its profit.
final class Market {
  let rowCount: Int
  let columnCount: Int
  let singleStart: Store<Int32>
  let singleColumn: Store<Int32>
  let singleWeight: Store<Int64>
  let linkStart: Store<Int32>
  let linkBundle: Store<Int32>
  let linkWeight: Store<Int64>
  let classOfRow: Store<Int32>
  let classStart: Store<Int32>
  let classBundle: Store<Int32>
  /// Givers whom a row cannot have, though its bundles hold them.
  let exceptStart: Store<Int32>
  let exceptGiver: Store<Int32>
  let giverOfColumn: Store<Int32>
  let prices: Store<Int64>
  let rowOfColumn: Store<Int32>
  let columnOfRow: Store<Int32>
  /// What the row's column is worth to it.
  let weightOfRow: Store<Int64>
  var bundles: [PriceHeap]
  /// The difference of the highest weight and the lowest.
  let range: Int64

  struct Parts {
    var singleStart: [Int32] = [0]
    var singleColumn: [Int32] = []
    var singleWeight: [Int64] = []
    var linkStart: [Int32] = [0]
    var linkBundle: [Int32] = []
    var linkWeight: [Int64] = []
    var classOfRow: [Int32] = []
    var classBundles: [[Int32]] = []
    var exceptStart: [Int32] = [0]
    var exceptGiver: [Int32] = []
    var giverOfColumn: [Int32] = []
    var bundles: [[(column: Int32, weight: Int64)]] = []
    var range: Int64 = 0
  }

  init(_ parts: consuming Parts) {
    rowCount = parts.classOfRow.count
    columnCount = parts.giverOfColumn.count
    precondition(rowCount == columnCount)
    singleStart = Store(parts.singleStart)
    singleColumn = Store(parts.singleColumn)
    singleWeight = Store(parts.singleWeight)
    linkStart = Store(parts.linkStart)
    linkBundle = Store(parts.linkBundle)
    linkWeight = Store(parts.linkWeight)
    classOfRow = Store(parts.classOfRow)
    var starts: [Int32] = [0]
    for list in parts.classBundles { starts.append(starts[starts.count - 1] + Int32(list.count)) }
    classStart = Store(starts)
    classBundle = Store(Array(parts.classBundles.joined()))
    exceptStart = Store(parts.exceptStart)
    exceptGiver = Store(parts.exceptGiver)
    giverOfColumn = Store(parts.giverOfColumn)
    prices = Store(repeating: 0, count: columnCount)
    rowOfColumn = Store(repeating: -1, count: columnCount)
    columnOfRow = Store(repeating: -1, count: rowCount)
    weightOfRow = Store(repeating: 0, count: rowCount)
    range = parts.range
    bundles = parts.bundles.map { PriceHeap($0) }
  }

  /// What a row likes best at the prices, and what the next best column is worth to it.
  struct Choice {
    var column: Int32 = -1
    var value = Int64.min
    var weight: Int64 = 0
    var hasSecond = false
    var second = Int64.min

    @inline(__always)
    mutating func consider(_ candidate: Int32, _ worth: Int64, _ itsWeight: Int64) {
      if worth <= second { return }
      if candidate == column {
        if worth > value { (value, weight) = (worth, itsWeight) }
      } else if worth > value {
        hasSecond = column >= 0
        second = value
        (value, column, weight) = (worth, candidate, itsWeight)
      } else {
        hasSecond = true
        second = worth
      }
    }
  }

  func choice(of row: Int32) -> Choice {
    var choice = Choice()
    var index = Int(singleStart[row])
    let end = Int(singleStart[row + 1])
    while index < end {
      let column = singleColumn[index]
      let weight = singleWeight[index]
      choice.consider(column, weight - prices[column], weight)
      index += 1
    }
    let kind = classOfRow[row]
    var slot = classStart[kind]
    while slot < classStart[kind + 1] {
      consider(classBundle[slot], 0, row, &choice)
      slot += 1
    }
    slot = linkStart[row]
    while slot < linkStart[row + 1] {
      consider(linkBundle[slot], linkWeight[slot], row, &choice)
      slot += 1
    }
    return choice
  }

  @inline(__always)
  private func consider(_ bundle: Int32, _ extra: Int64, _ row: Int32, _ choice: inout Choice) {
    let bundle = Int(bundle)
    guard let bound = bundles[bundle].bound, bound + extra > choice.second else { return }
    if hasExceptions(row) {
      considerWithExceptions(bundle, extra, row, &choice)
      return
    }
    guard let top = bundles[bundle].top(prices), top.key + extra > choice.second else { return }
    choice.consider(top.column, top.key + extra, top.weight + extra)
    if let next = bundles[bundle].second(prices) {
      choice.consider(next.column, next.key + extra, next.weight + extra)
    }
  }

  private func considerWithExceptions(
    _ bundle: Int, _ extra: Int64, _ row: Int32, _ choice: inout Choice
  ) {
    var passed: [PriceHeap.Entry] = []
    var found = 0
    while found < 2, let entry = bundles[bundle].pop(prices) {
      passed.append(entry)
      if excludes(row, entry.column) { continue }
      found += 1
      choice.consider(entry.column, entry.key + extra, entry.weight + extra)
    }
    for entry in passed { bundles[bundle].push(entry) }
  }

  @inline(__always)
  func hasExceptions(_ row: Int32) -> Bool { exceptStart[row] != exceptStart[row + 1] }

  @inline(__always)
  func excludes(_ row: Int32, _ column: Int32) -> Bool {
    var slot = exceptStart[row]
    let end = exceptStart[row + 1]
    if slot == end { return false }
    let giver = giverOfColumn[column]
    while slot < end {
      if exceptGiver[slot] == giver { return true }
      slot += 1
    }
    return false
  }

  /// Gives a row a column, and returns the row that had it, or -1.
  @inline(__always)
  func seat(_ row: Int32, at column: Int32, weight: Int64) -> Int32 {
    let former = rowOfColumn[column]
    if former >= 0 { columnOfRow[former] = -1 }
    rowOfColumn[column] = row
    columnOfRow[row] = column
    weightOfRow[row] = weight
    return former
  }

  /// Moves each row on a path to the column through which it was reached.
  func shift(
    to last: Int32, from source: Int32, _ fromRow: borrowing Store<Int32>,
    _ fromWeight: borrowing Store<Int64>
  ) {
    var target = last
    while true {
      let row = fromRow[target]
      let left = columnOfRow[row]
      rowOfColumn[target] = row
      columnOfRow[row] = target
      weightOfRow[row] = fromWeight[target]
      if row == source { return }
      target = left
    }
  }
}
