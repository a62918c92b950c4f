package import Foundation
package import SchoolCalendar

/// Why a sponsor's limits, the pupil it names or what it renews cannot be taken.
package enum OfferError: YibangError {
  case limitWithoutWish(Wish.Item)
  case weight(Int)
  /// The sponsor named a pupil whose relative, guardian or teacher it is, or that is outside its limits.
  case named(why: Text)
  case unknownPairing(UUID)
  case renewalTooEarly(UUID, from: Semester)
  case renewedBefore(UUID)

  package var code: String {
    switch self {
    case .limitWithoutWish: "offer.limit_without_wish"
    case .weight: "offer.weight"
    case .named: "offer.named_pupil"
    case .unknownPairing: "offer.unknown_pairing"
    case .renewalTooEarly: "offer.renewal_too_early"
    case .renewedBefore: "offer.renewed_before"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .limitWithoutWish, .weight, .renewalTooEarly: .badData
    case .unknownPairing: .notFound
    case .named, .renewedBefore: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .limitWithoutWish(let item):
      Text(
        "限定了\(item.name.zh)，却没有写明是哪一个。请同时填写意愿\(item.name.zh)。",
        "The offer is limited by \(item.name.en) without saying which. Give the wish as well.")
    case .weight(let weight):
      Text(
        "意愿权重 \(weight) 应为 \(Wish.weights.lowerBound) 至 \(Wish.weights.upperBound)。",
        "A wish weighs \(Wish.weights.lowerBound) to \(Wish.weights.upperBound), not \(weight).")
    case .named(let why):
      Text(
        "不能指定这名学生：\(why.zh)。请另行指定，或不指定学生（慈善法第四十条）。",
        "This pupil cannot be named: \(why.en). Name another, or none.")
    case .unknownPairing(let id):
      Text(
        "没有结对 \(id.lowercase)。可用 yibang pairing list 查看。",
        "There is no pairing \(id.lowercase). See yibang pairing list.")
    case .renewalTooEarly(let id, let from):
      Text(
        "结对 \(id.lowercase) 仍在进行，续助最早从学期 \(from) 开始。请用 --first 更正。",
        "The pairing \(id.lowercase) is running: a renewal starts in \(from) at the earliest. Correct "
          + "--first.")
    case .renewedBefore(let id):
      Text(
        "结对 \(id.lowercase) 已有续助意向。可用 yibang offer list 查看；如需更改，先撤回它。",
        "The pairing \(id.lowercase) has an offer that renews it. See yibang offer list; withdraw it "
          + "first to change it.")
    }
  }
}
