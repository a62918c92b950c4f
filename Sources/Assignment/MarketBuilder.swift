/// Makes the market of the takers who are served and the places they can have.
///
/// Places of which there are more than takers are left out, as long as nobody tells them apart; to
/// the others come rows without wishes, so that there are as many rows as columns.
struct MarketBuilder {
  /// Weights are multiplied by it, so that the auction's steps can be fine.
  let scale: Int64
  let takers: [Int32]
  private let instance: Instance
  private let unit: Int64
  private let magnitude: UInt64
  private(set) var parts = Market.Parts()
  /// Whether some taker tells the giver from others of its class.
  private(set) var isTouched: [Bool]
  private(set) var columnsOfGiver: [Range<Int32>] = []
  private var groupOfGiver: [Int32] = []
  private var lowest: Int64 = 0
  private var highest: Int64 = 0

  init(_ instance: Instance, serving isServed: [Bool]) throws(AssignmentError) {
    self.instance = instance
    unit = instance.problem.unit
    takers = (0..<Int32(instance.takerCount)).filter { isServed[Int($0)] }
    isTouched = Array(repeating: false, count: instance.giverCount)
    magnitude = Self.magnitude(instance)
    scale = try Self.scale(instance, magnitude, takers: takers.count)
    touch()
    addColumns()
    addClassBundles()
    addRows()
    addSpareRows()
    parts.range = max(highest - lowest, 1)
  }

  private static func magnitude(_ instance: Instance) -> UInt64 {
    var magnitude: UInt64 = 1
    for weight in instance.wishWeight { magnitude = max(magnitude, weight.magnitude) }
    for member in instance.membersOfHub.joined() {
      magnitude = max(magnitude, member.weight.magnitude)
    }
    return magnitude
  }

  /// Prices stay below twice the number of rows times the range of weights, and their sums and
  /// differences below 64 bits.
  private static func scale(
    _ instance: Instance, _ magnitude: UInt64, takers: Int
  ) throws(AssignmentError) -> Int64 {
    var rows = 2
    for count in instance.places { rows += min(count, takers + 1) }
    let limit = Int64.max / 16 / Int64(rows) / instance.problem.unit - 1
    guard limit > 0, magnitude <= UInt64(limit) else { throw .weightsTooLarge(limit: limit) }
    // Measured: finer steps pay for themselves where there is much to bid for.
    var scale: Int64 = 128
    while scale > 1, magnitude > UInt64(limit / scale) || scale > takers / 8 { scale /= 2 }
    return scale
  }

  /// More than any pair is worth.
  var prohibitive: Int64 { (Int64(magnitude) + 1) * unit }

  /// No price passes it in the auction.
  var ceiling: Int64 { parts.range * Int64(parts.classOfRow.count + 1) }

  private mutating func touch() {
    for taker in takers {
      for slot in instance.wishes(of: Int(taker)) {
        isTouched[Int(instance.wishGiver[slot])] = true
      }
      for giver in instance.exceptions(of: Int(taker)) { isTouched[Int(giver)] = true }
      let earlier = instance.earlierGiver[Int(taker)]
      if earlier >= 0 { isTouched[Int(earlier)] = true }
    }
  }

  private mutating func addColumns() {
    let most = takers.count + 1
    var kept = [Int](repeating: 0, count: instance.giversOfClass.count)
    groupOfGiver = Array(repeating: -1, count: instance.giverCount)
    for giver in 0..<instance.giverCount {
      let kind = Int(instance.problem.giverClasses[giver])
      let first = Int32(parts.giverOfColumn.count)
      var count = min(instance.places[giver], most)
      if !isTouched[giver] {
        count = min(count, most - kept[kind])
        kept[kind] += count
      }
      for _ in 0..<count { parts.giverOfColumn.append(Int32(giver)) }
      columnsOfGiver.append(first..<(first + Int32(count)))
      if isTouched[giver], count > 1 {
        groupOfGiver[giver] = Int32(parts.bundles.count)
        parts.bundles.append(columnsOfGiver[giver].map { ($0, 0) })
      }
    }
  }

  private mutating func addClassBundles() {
    var isServedClass = [Bool](repeating: false, count: instance.hubsOfTakerClass.count)
    for taker in takers { isServedClass[Int(instance.problem.takerClasses[Int(taker)])] = true }
    var bundles = [[Int32]](repeating: [], count: isServedClass.count)
    var classesOfHub = [[Int]](repeating: [], count: instance.membersOfHub.count)
    for (kind, hubs) in instance.hubsOfTakerClass.enumerated() where isServedClass[kind] {
      for hub in hubs { classesOfHub[Int(hub)].append(kind) }
    }
    for (hub, classes) in classesOfHub.enumerated() where !classes.isEmpty {
      var members: [(column: Int32, weight: Int64)] = []
      for member in instance.membersOfHub[hub] {
        let weight = note(member.weight * unit * scale)
        for giver in instance.giversOfClass[Int(member.giverClass)] {
          for column in columnsOfGiver[Int(giver)] { members.append((column, weight)) }
        }
      }
      if members.isEmpty { continue }
      for kind in classes { bundles[kind].append(Int32(parts.bundles.count)) }
      parts.bundles.append(members)
    }
    parts.classBundles = bundles
  }

  private mutating func note(_ weight: Int64) -> Int64 {
    lowest = min(lowest, weight)
    highest = max(highest, weight)
    return weight
  }

  private mutating func addRows() {
    let most = instance.wishGiver.count + takers.count
    var columns: [Int32] = []
    parts.singleWeight = Array(unsafeUninitializedCapacity: most) { weights, kept in
      columns = Array(unsafeUninitializedCapacity: most) { columns, count in
        var singles = Singles(columns: columns, weights: weights)
        for taker in takers { addRow(of: taker, &singles) }
        (count, kept) = (singles.count, singles.count)
      }
    }
    parts.singleColumn = columns
  }

  /// Columns that rows have singly, in the making: one for each wish and earlier pair at most.
  private struct Singles {
    let columns: UnsafeMutableBufferPointer<Int32>
    let weights: UnsafeMutableBufferPointer<Int64>
    var count = 0

    @inline(__always)
    mutating func append(_ column: Int32, _ weight: Int64) {
      columns[count] = column
      weights[count] = weight
      count += 1
    }
  }

  private mutating func addRow(of taker: Int32, _ singles: inout Singles) {
    let factor = unit * scale
    var (low, high) = (lowest, highest)
    for slot in instance.wishes(of: Int(taker)) {
      let giver = Int(instance.wishGiver[slot])
      let columns = columnsOfGiver[giver]
      if columns.isEmpty { continue }
      let weight = instance.wishWeight[slot] * factor
      (low, high) = (min(low, weight), max(high, weight))
      if columns.count == 1 {
        singles.append(columns.lowerBound, weight)
      } else {
        link(groupOfGiver[giver], weight)
      }
    }
    (lowest, highest) = (low, high)
    let earlier = instance.earlierGiver[Int(taker)]
    if earlier >= 0, !columnsOfGiver[Int(earlier)].isEmpty,
      let weight = instance.weight(taker, earlier)
    {
      let columns = columnsOfGiver[Int(earlier)]
      let weight = note((weight * unit + 1) * scale)
      if columns.count == 1 {
        singles.append(columns.lowerBound, weight)
      } else {
        link(groupOfGiver[Int(earlier)], weight)
      }
    }
    parts.exceptGiver += instance.exceptions(of: Int(taker))
    endRow(kind: instance.problem.takerClasses[Int(taker)], singles: singles.count)
  }

  private mutating func link(_ bundle: Int32, _ weight: Int64) {
    parts.linkBundle.append(bundle)
    parts.linkWeight.append(weight)
  }

  private mutating func endRow(kind: Int32, singles: Int) {
    parts.classOfRow.append(kind)
    parts.singleStart.append(Int32(singles))
    parts.linkStart.append(Int32(parts.linkBundle.count))
    parts.exceptStart.append(Int32(parts.exceptGiver.count))
  }

  private mutating func addSpareRows() {
    let columns = parts.giverOfColumn.count
    guard columns > takers.count else { return }
    let kind = Int32(parts.classBundles.count)
    parts.classBundles.append([Int32(parts.bundles.count)])
    parts.bundles.append((0..<Int32(columns)).map { ($0, 0) })
    for _ in takers.count..<columns { endRow(kind: kind, singles: parts.singleColumn.count) }
  }
}
