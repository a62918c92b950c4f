import Crypto
import Foundation
import HardshipRecognition
import SchoolCalendar

extension Matching {
  /// A need with its place in the order of need.
  package struct RankedNeed: Sendable {
    package let need: Need
    /// 1 first.
    package let rank: Int
    /// How many others have the same tier and wait equally long: the lot decided among them.
    package let peers: Int
  }

  /// The order of need: the hardest tier first, then the longest waiting, then the lot.
  ///
  /// The lot of a pupil is the SHA-256 of `seed|student id` (lower case), the smallest first: fair,
  /// since nobody can choose it, and anyone can draw it again.
  package static func order(_ needs: [Need], seed: String) -> [RankedNeed] {
    let drawn = needs.map { Ticket(need: $0, lot: lot($0.student, seed: seed)) }.sorted(by: <)
    var sizes: [Peers: Int] = [:]
    for ticket in drawn { sizes[ticket.peers, default: 0] += 1 }
    return drawn.enumerated().map { index, ticket in
      RankedNeed(need: ticket.need, rank: index + 1, peers: (sizes[ticket.peers] ?? 1) - 1)
    }
  }

  private static func lot(_ student: UUID, seed: String) -> [UInt8] {
    Array(SHA256.hash(data: Data("\(seed)|\(student.uuidString.lowercased())".utf8)))
  }

  private struct Peers: Hashable {
    let tier: Tier
    let waitingSince: Int32
  }

  private struct Ticket {
    let need: Need
    let lot: [UInt8]

    var peers: Peers {
      Peers(tier: need.tier, waitingSince: need.waitingSince.daysSince2000)
    }

    static func < (left: Ticket, right: Ticket) -> Bool {
      if left.need.tier != right.need.tier {
        return left.need.tier.urgency > right.need.tier.urgency
      }
      if left.need.waitingSince != right.need.waitingSince {
        return left.need.waitingSince < right.need.waitingSince
      }
      return left.lot.lexicographicallyPrecedes(right.lot)
    }
  }
}

extension Tier {
  /// The hardest tier has the highest.
  fileprivate var urgency: Int {
    switch self {
    case .special: 3
    case .difficult: 2
    case .general: 1
    }
  }
}
