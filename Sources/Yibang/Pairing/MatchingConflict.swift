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
  case endedBefore = "ended_before"

  package var name: Text {
    switch self {
    case .samePerson:
      Text("与学生或监护人证件号相同", "the same identity number as the pupil or a guardian")
    case .samePhone: Text("与监护人电话相同", "the same phone as a guardian")
    case .sameName: Text("与监护人姓名相同", "the same name as a guardian")
    case .classTeacher: Text("是该生班主任", "the pupil's class teacher")
    case .endedBefore:
      Text(
        "两人此前的结对因利害关系终止",
        "an earlier pairing of the two ended for a conflict of interest")
    }
  }

  package static func < (left: ConflictKind, right: ConflictKind) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The pairs in conflict: few, since sponsors and pupils seldom have anything in common.
struct Conflicts {
  /// For each need the offers it is in conflict with, each kind once, by offer and kind.
  let ofNeed: [[(offer: Int32, kind: ConflictKind)]]

  init(needs: [Set<ConflictKey>], offers: [Set<ConflictKey>]) {
    var offersOfKey: [ConflictKey: [Int32]] = [:]
    for (offer, keys) in offers.enumerated() {
      for key in keys { offersOfKey[key, default: []].append(Int32(offer)) }
    }
    ofNeed = needs.map { keys in
      if offersOfKey.isEmpty { return [] }
      var found: [(offer: Int32, kind: ConflictKind)] = []
      for key in keys {
        for offer in offersOfKey[key] ?? [] { found.append((offer, key.kind)) }
      }
      return found.sorted { ($0.offer, $0.kind) < ($1.offer, $1.kind) }
    }
  }
}
