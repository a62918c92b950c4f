package import Foundation

/// What a sponsor would like of the pupil, and what it insists on.
package struct Wish: Sendable, Hashable {
  package var region: String?
  package var school: UUID?
  /// Further schools that do as well.
  package var otherSchools: Set<UUID> = []
  package var grade: String?
  package var gender: ResidentID.Gender?
  /// What the sponsor insists on: a pupil who does not meet it is never its pupil.
  package var hard: Set<Item> = []
  /// What a wish weighs, if not 1.
  package var weights: [Item: Int] = [:]
  /// Pupils whom the sponsor names, and what that weighs beside the rest; more than nothing.
  package var pupils: [UUID: Int] = [:]

  /// More than all other wishes of an offer weigh together.
  package static let namedWeight = 10_000
  package static let weights = 1...100

  package init(
    region: String? = nil, school: UUID? = nil, otherSchools: Set<UUID> = [],
    grade: String? = nil, gender: ResidentID.Gender? = nil, hard: Set<Item> = [],
    weights: [Item: Int] = [:], pupils: [UUID: Int] = [:]
  ) {
    self.otherSchools = otherSchools
    self.region = region
    self.school = school
    self.grade = grade
    self.gender = gender
    self.hard = hard
    self.weights = weights
    self.pupils = pupils
  }

  /// Adds schools that are wished for, the first as the wish and the others as doing as well.
  /// - Throws: `SchoolError.unknownSchool`.
  package mutating func add(schools: [SchoolCode], in context: Context) async throws {
    for code in schools {
      let found = try await Schools.find(code: code.text, in: context).id
      if school == nil { school = found } else { otherSchools.insert(found) }
    }
  }

  /// Brings the grade into the form in which pupils have it.
  package mutating func normalise() {
    grade = grade.map { normalizeText($0).filter { $0 != " " } }
    if grade?.isEmpty == true { grade = nil }
  }

  package enum Item: String, Sendable, CaseIterable, Codable {
    case region, school, grade, gender

    package var name: Text {
      switch self {
      case .region: Text("地区", "region")
      case .school: Text("学校", "school")
      case .grade: Text("年级", "grade")
      case .gender: Text("性别", "gender")
      }
    }
  }

  /// Which of the wishes a pupil meets, and which not.
  package func compared(with need: Matching.Need) -> (met: [Item], unmet: [Item]) {
    var met: [Item] = []
    var unmet: [Item] = []
    func note(_ item: Item, _ isMet: Bool?) {
      guard let isMet else { return }
      if isMet { met.append(item) } else { unmet.append(item) }
    }
    note(.region, region.map { need.region?.hasPrefix($0) == true })
    note(.school, school.map { $0 == need.school || otherSchools.contains(need.school) })
    note(.grade, grade.map { $0 == need.grade })
    note(.gender, gender.map { $0 == need.gender })
    return (met, unmet)
  }
}

/// What a pupil is, as four numbers in the order of `Wish.Item`; 0 stands for what is not known.
typealias Traits = SIMD4<Int32>

/// A wish as numbers, in the same order; 0 stands for no wish.
struct WishCode: Hashable {
  private static let region = 0
  private static let school = 1

  var traits = Traits()
  /// Further schools, sorted.
  var otherSchools: [Int32] = []
  var weights = Traits(repeating: 1)
  /// A bit an item.
  var hard = 0

  /// A bit for each item of the wish.
  var items: Int { Self.bits(traits .!= 0) }

  /// Which items of the wish a pupil meets.
  func met(by pupil: Traits) -> Int {
    var met = items & Self.bits(traits .== pupil)
    if traits[Self.region] != 0, traits[Self.region] == WishCoder.county(of: pupil[Self.region]) {
      met |= 1 << Self.region
    }
    return otherSchools.contains(pupil[Self.school]) ? met | 1 << Self.school : met
  }

  /// What pupils are who meet these items: one for each school where that is among them.
  func traits(meeting part: Int) -> [Traits] {
    if part >> Self.school & 1 == 0 { return [traits] }
    return [traits]
      + otherSchools.map {
        var other = traits
        other[Self.school] = $0
        return other
      }
  }

  /// What a wish that these items of a pupil meet may hold: its town or its county where the region is
  /// among them.
  static func regions(of pupil: Traits, _ part: Int) -> [Traits] {
    let county = WishCoder.county(of: pupil[region])
    if part >> region & 1 == 0 || county == pupil[region] { return [pupil] }
    var wider = pupil
    wider[region] = county
    return [pupil, wider]
  }

  /// What is insisted on and not met.
  func broken(by pupil: Traits) -> [Wish.Item] {
    let bits = hard & items & ~met(by: pupil)
    return Wish.Item.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
  }

  /// How well a pupil suits who meets these items. A wish not met weighs more than one met, so that
  /// an offer with wishes is not spent on another pupil while a different offer will do.
  func score(met: Int) -> Int64 {
    var score: Int64 = 0
    for item in 0..<Wish.Item.allCases.count where items >> item & 1 == 1 {
      score += Int64(weights[item]) * (met >> item & 1 == 1 ? 1 : -4)
    }
    return score
  }

  private static func bits(_ mask: SIMDMask<SIMD4<Int32>>) -> Int {
    (0..<4).reduce(0) { mask[$1] ? $0 | 1 << $1 : $0 }
  }
}

/// Numbers for regions, schools and grades, so that comparing them costs nothing.
///
/// A region's number is that of its county in the upper bits and of its town in the lower ones, which
/// are 0 for the county itself.
struct WishCoder {
  private static let townBits = 18
  private static let countyDigits = 6

  private var counties: [Substring: Int32] = [:]
  private var towns: [Substring: Int32] = [:]
  private var schools: [UUID: Int32] = [:]
  private var grades: [String: Int32] = [:]

  mutating func traits(of need: Matching.Need) -> Traits {
    traits(need.region, need.school, need.grade, need.gender)
  }

  mutating func code(_ wish: Wish) -> WishCode {
    var code = WishCode()
    code.traits = traits(wish.region, wish.school, wish.grade, wish.gender)
    if let school = wish.school {
      code.otherSchools = wish.otherSchools.subtracting([school])
        .map { WishCoder.number($0, in: &schools) }.sorted()
    }
    for (index, item) in Wish.Item.allCases.enumerated() where code.traits[index] != 0 {
      if wish.hard.contains(item) { code.hard |= 1 << index }
      if let weight = wish.weights[item] { code.weights[index] = Int32(clamping: max(weight, 0)) }
    }
    return code
  }

  private mutating func traits(
    _ region: String?, _ school: UUID?, _ grade: String?, _ gender: ResidentID.Gender?
  ) -> Traits {
    var traits = Traits()
    if let region { traits[0] = number(region: region) }
    if let school { traits[1] = WishCoder.number(school, in: &schools) }
    if let grade { traits[2] = WishCoder.number(grade, in: &grades) }
    switch gender {
    case .male: traits[3] = 1
    case .female: traits[3] = 2
    case nil: break
    }
    return traits
  }

  /// The number of the county in which a region lies; 0 if that is not known.
  static func county(of region: Int32) -> Int32 { (region >> townBits) << townBits }

  private mutating func number(region: String) -> Int32 {
    let county = WishCoder.number(region.prefix(WishCoder.countyDigits), in: &counties)
    let town = region.dropFirst(WishCoder.countyDigits)
    return (county << WishCoder.townBits) | (town.isEmpty ? 0 : WishCoder.number(town, in: &towns))
  }

  private static func number<Key: Hashable>(_ key: Key, in known: inout [Key: Int32]) -> Int32 {
    if let number = known[key] { return number }
    let number = Int32(known.count + 1)
    known[key] = number
    return number
  }
}
