/// Why a pairing ends, and what follows for the child. The database knows the same codes
/// (`pairing_supports_on`).
package struct PairingEndReason: Sendable, Hashable, Codable {
  package let code: String
  package let name: Text
  /// Whether the child goes on being supported, from the general fund until another sponsor is found.
  package let supportGoesOn: Bool
  /// Whether people choose it; the others come from what the program does.
  package let isChosen: Bool

  private init(_ code: String, _ name: Text, supportGoesOn: Bool, isChosen: Bool = true) {
    self.code = code
    self.name = name
    self.supportGoesOn = supportGoesOn
    self.isChosen = isChosen
  }

  static let conflictOfInterest = "conflict_of_interest"

  package static let all: [PairingEndReason] = [
    .init("completed", Text("三年期满", "three years completed"), supportGoesOn: false),
    .init("sponsor_request", Text("资助人申请终止", "sponsor's request"), supportGoesOn: true),
    .init(
      "sponsor_finances", Text("资助人经济状况显著恶化", "sponsor's finances"), supportGoesOn: true),
    .init("sponsor_death", Text("资助人去世", "sponsor's death"), supportGoesOn: true),
    .init("sponsor_dissolved", Text("资助单位注销", "sponsor dissolved"), supportGoesOn: true),
    .init("sponsor_breach", Text("资助人长期未履行", "sponsor's breach"), supportGoesOn: true),
    .init("sponsor_replaced", Text("更换资助人", "another sponsor takes over"), supportGoesOn: true),
    .init("conflict_of_interest", Text("发现利害关系", "conflict of interest"), supportGoesOn: true),
    .init("family_request", Text("家庭要求更换资助人", "family asks for another"), supportGoesOn: true),
    .init(
      "no_longer_in_hardship", Text("家庭不再困难", "no longer in hardship"), supportGoesOn: false),
    .init("relinquished", Text("家庭自愿放弃", "relinquished by the family"), supportGoesOn: false),
    .init("moved_away", Text("转出本区", "moved out of the district"), supportGoesOn: false),
    .init("left_school", Text("退学", "left school"), supportGoesOn: false),
    .init("graduated", Text("毕业离区", "graduated"), supportGoesOn: false),
    .init("death", Text("学生去世", "pupil's death"), supportGoesOn: false),
    .init(
      "recognition_ended", Text("认定撤销", "recognition revoked"), supportGoesOn: false,
      isChosen: false),
    .init(
      "ended_in_error", Text("误结束", "ended in error"), supportGoesOn: false, isChosen: false),
  ]

  /// A reason that people may choose.
  /// - Throws: `LifecycleError.unknownReason`.
  package static func chosen(_ word: String) throws(LifecycleError) -> PairingEndReason {
    guard let reason = PairingEndReason(word: word), reason.isChosen else {
      throw .unknownReason(word)
    }
    return reason
  }

  /// - Returns: nil for a code, or a Chinese name, that there is not.
  package init?(word: String) {
    guard let reason = Self.all.first(where: { $0.code == word || $0.name.zh == word })
    else { return nil }
    self = reason
  }
}
