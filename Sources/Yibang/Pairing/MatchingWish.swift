package import Foundation

/// What a sponsor would like of the pupil.
package struct Wish: Sendable, Hashable {
  package var school: UUID?
  package var grade: String?
  package var gender: ResidentID.Gender?

  package init(school: UUID? = nil, grade: String? = nil, gender: ResidentID.Gender? = nil) {
    self.school = school
    self.grade = grade
    self.gender = gender
  }

  package enum Item: String, Sendable, CaseIterable {
    case school, grade, gender

    package var name: Text {
      switch self {
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
    note(.school, school.map { $0 == need.school })
    note(.grade, grade.map { $0 == need.grade })
    note(.gender, gender.map { $0 == need.gender })
    return (met, unmet)
  }
}

/// A wish or a pupil as three numbers; 0 stands for no wish, or for what is not known.
struct WishCode: Hashable {
  var school: Int32 = 0
  var grade: Int32 = 0
  var gender: Int32 = 0

  var isEmpty: Bool { self == WishCode() }

  /// How well a pupil suits the wish. A wish not met weighs more than all that can be met, so that
  /// an offer with wishes is not spent on another pupil while a different offer will do.
  @inline(__always)
  func score(of pupil: WishCode) -> Int {
    var score = 0
    if school != 0 { score += school == pupil.school ? 1 : -4 }
    if grade != 0 { score += grade == pupil.grade ? 1 : -4 }
    if gender != 0 { score += gender == pupil.gender ? 1 : -4 }
    return score
  }

  /// The score of a pupil who meets all of the wish: none scores higher.
  var best: Int { (school != 0 ? 1 : 0) + (grade != 0 ? 1 : 0) + (gender != 0 ? 1 : 0) }
}

/// Numbers for schools and grades, so that comparing them costs nothing.
struct WishCoder {
  private var schools: [UUID: Int32] = [:]
  private var grades: [String: Int32] = [:]

  mutating func code(
    school: UUID?, grade: String?, gender: ResidentID.Gender?
  ) -> WishCode {
    var code = WishCode()
    if let school { code.school = WishCoder.number(school, in: &schools) }
    if let grade { code.grade = WishCoder.number(grade, in: &grades) }
    switch gender {
    case .male: code.gender = 1
    case .female: code.gender = 2
    case nil: break
    }
    return code
  }

  private static func number<Key: Hashable>(_ key: Key, in known: inout [Key: Int32]) -> Int32 {
    if let number = known[key] { return number }
    let number = Int32(known.count + 1)
    known[key] = number
    return number
  }
}
