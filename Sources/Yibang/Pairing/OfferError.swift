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
  case endedForConflict(UUID)
  case weightWithoutWish(Wish.Item)

  package var code: String {
    switch self {
    case .limitWithoutWish: "offer.limit_without_wish"
    case .weight: "offer.weight"
    case .named: "offer.named_pupil"
    case .unknownPairing: "offer.unknown_pairing"
    case .renewalTooEarly: "offer.renewal_too_early"
    case .renewedBefore: "offer.renewed_before"
    case .endedForConflict: "offer.ended_for_conflict"
    case .weightWithoutWish: "offer.weight_without_wish"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .limitWithoutWish, .weight, .weightWithoutWish, .renewalTooEarly: .badData
    case .unknownPairing: .notFound
    case .named, .renewedBefore, .endedForConflict: .conflict
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
    case .endedForConflict(let id):
      Text(
        "结对 \(id.lowercase) 因发现利害关系而终止，同一资助人不能续助该生（慈善法第四十条）。请为该生另找资助人。",
        "The pairing \(id.lowercase) ended for a conflict of interest: the same sponsor does not go on "
          + "with this pupil. Find another.")
    case .weightWithoutWish(let item):
      Text(
        "给\(item.name.zh)写了权重，却没有写明希望哪一个。请同时填写意愿\(item.name.zh)，或去掉权重。",
        "A weight is given for \(item.name.en) without a wish for it. Give the wish as well, or no "
          + "weight.")
    }
  }
}
