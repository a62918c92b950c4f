package import Foundation

/// Something that a sponsor and a pupil in conflict have in common. They are in conflict if they
/// share one key, and then the sponsor cannot be the pupil's (慈善法 40; the sponsor is no relative,
/// guardian or class teacher).
package struct ConflictKey: Sendable, Hashable {
  package let kind: ConflictKind
  private let value: [UInt8]

  /// The keyed hash of a guardian's phone, or of the sponsor's.
  package static func phone(_ hash: [UInt8]) -> ConflictKey {
    ConflictKey(kind: .samePhone, value: hash)
  }

  /// The keyed hash of the resident ID of a guardian, of the pupil, or of the sponsor.
  package static func identity(_ hash: [UInt8]) -> ConflictKey {
    ConflictKey(kind: .samePerson, value: hash)
  }

  /// The name of a guardian, or of the sponsor.
  package static func name(_ name: String) -> ConflictKey {
    ConflictKey(kind: .sameName, value: Array(name.utf8))
  }

  /// The name of the pupil's class teacher, or of a sponsor who works at that school.
  /// - Parameter school: nil for a teacher of whom no school is known; the pupil then has both keys.
  package static func teacher(_ name: String, school: UUID?) -> ConflictKey {
    let place = school?.uuidString ?? "?"
    return ConflictKey(kind: .classTeacher, value: Array("\(place) \(name)".utf8))
  }
}

package enum ConflictKind: String, Sendable, CaseIterable, Comparable {
  case samePerson = "same_person"
  case samePhone = "same_phone"
  case sameName = "same_name"
  case classTeacher = "class_teacher"

  package var name: Text {
    switch self {
    case .samePerson:
      Text("与学生或监护人证件号相同", "the same identity number as the pupil or a guardian")
    case .samePhone: Text("与监护人电话相同", "the same phone as a guardian")
    case .sameName: Text("与监护人姓名相同", "the same name as a guardian")
    case .classTeacher: Text("是该生班主任", "the pupil's class teacher")
    }
  }

  package static func < (left: ConflictKind, right: ConflictKind) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Conflict keys that occur on both sides, as numbers: the others can never meet.
struct ConflictIndex {
  private(set) var ofNeed: [[Int32]]
  private(set) var ofOffer: [[Int32]]
  private let kinds: [ConflictKind]

  init(needs: [Set<ConflictKey>], offers: [Set<ConflictKey>]) {
    var needed: Set<ConflictKey> = []
    for keys in needs { needed.formUnion(keys) }
    var numbers: [ConflictKey: Int32] = [:]
    var kinds: [ConflictKind] = []
    ofOffer = offers.map { keys in
      let shared = keys.intersection(needed).map { key -> Int32 in
        if let number = numbers[key] { return number }
        let number = Int32(kinds.count)
        numbers[key] = number
        kinds.append(key.kind)
        return number
      }
      return shared.sorted()
    }
    self.kinds = kinds
    ofNeed = needs.map { keys in
      guard !numbers.isEmpty else { return [] }
      return keys.compactMap { numbers[$0] }.sorted()
    }
  }

  static func meet(_ left: [Int32], _ right: [Int32]) -> Bool {
    if left.isEmpty || right.isEmpty { return false }
    return left.contains { right.contains($0) }
  }

  func kinds(_ keys: [Int32], where isShared: (Int32) -> Bool) -> Set<ConflictKind> {
    Set(keys.filter(isShared).map { kinds[Int($0)] })
  }
}
