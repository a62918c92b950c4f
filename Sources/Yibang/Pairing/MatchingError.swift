package import Foundation

/// Why pupils and offers cannot be matched as asked.
package enum MatchingError: YibangError {
  /// A pair to be kept or made names a pupil or an offer that is not among those to be matched.
  case unknownPair(student: UUID, offer: UUID)
  /// A pupil stands in two pairs to be kept or made, or an offer in more than it has places.
  case tooMany(student: UUID, offer: UUID)
  /// A pair to be made is in conflict, excluded, or against what the sponsor or the school insists on.
  case inadmissible(student: UUID, offer: UUID)
  case weightsTooLarge(limit: Int64)

  package var code: String {
    switch self {
    case .unknownPair: "matching.unknown_pair"
    case .tooMany: "matching.too_many"
    case .inadmissible: "matching.inadmissible"
    case .weightsTooLarge: "matching.weights_too_large"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownPair: .notFound
    case .tooMany, .inadmissible: .conflict
    case .weightsTooLarge: .badData
    }
  }

  package var text: Text {
    switch self {
    case .unknownPair(let student, let offer):
      Text(
        "指定的配对（学生 \(student.lowercase)，资助意向 \(offer.lowercase)）不在本次匹配之内。请核对编号。",
        "The pair of pupil \(student.lowercase) and offer \(offer.lowercase) is not among those to be "
          + "matched. Check the ids.")
    case .tooMany(let student, let offer):
      Text(
        "学生 \(student.lowercase) 被指定了两次，或资助意向 \(offer.lowercase) 没有足够的名额。请取消多余的指定。",
        "Pupil \(student.lowercase) is set twice, or offer \(offer.lowercase) has too few places. Take "
          + "back what is too much.")
    case .inadmissible(let student, let offer):
      Text(
        "学生 \(student.lowercase) 与资助意向 \(offer.lowercase) 不能配对：有利益冲突、已被排除，或不符合限定条件。",
        "Pupil \(student.lowercase) and offer \(offer.lowercase) cannot be paired: they are in conflict, "
          + "excluded, or against what is insisted on. Take back the pin.")
    case .weightsTooLarge(let limit):
      Text(
        "意愿权重过大，最大为 \(limit)。请改小。", "Wishes weigh too much; at most \(limit). Lower them.")
    }
  }
}
