/// One sentence of an explanation.
public struct Reason: Hashable, Sendable, Codable {
  /// What kind of sentence it is; the values are stable.
  public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
    /// An established disqualifier excludes the pupil.
    case disqualified
    /// Something is said to exclude the pupil that is no disqualifier of the rules.
    case unknownDisqualifier = "unknown-disqualifier"
    /// A category holds and is proven.
    case categoryProven = "category-proven"
    /// A category is claimed and no accepted department has confirmed it.
    case proofMissing = "proof-missing"
    /// A category holds too, but one is enough.
    case proofNotNeeded = "proof-not-needed"
    /// A claim names no category of the rules.
    case unknownCategory = "unknown-category"
    /// The school's decision gives the tier.
    case schoolDecided = "school-decided"
    /// The school's decision has no justification, or names a tier that the rules do not use.
    case decisionNotUsable = "decision-not-usable"
    /// The school decided on a lower tier than the rules give.
    case decisionBelowRule = "decision-below-rule"
    /// The rules leave the tier to the school, which has not decided.
    case schoolMustDecide = "school-must-decide"
    /// The score gives a tier, or none.
    case scored
    /// The rules need a score and there is none.
    case scoreMissing = "score-missing"
    /// The form cannot give such a total.
    case scoreImpossible = "score-impossible"
    /// Fewer assessors have given a total than the rules ask for.
    case assessorsMissing = "assessors-missing"
    /// An item of the scored form has no answer, or one that is none of its options.
    case answerMissing = "answer-missing"
    /// An answer to something that is no item of the scored form.
    case unknownItem = "unknown-item"
    /// A finding about a factor, or that a group is taken for one that the school decides on.
    case finding
    /// A finding about something that is no factor of the rules.
    case unknownFactor = "unknown-factor"
    /// Nothing speaks for hardship.
    case noGround = "no-ground"
  }

  public let code: Code
  public let zh: String
  public let en: String
  /// The document and the place in it.
  public let ruleRef: String
  /// Whether the answer, as far as it depends on this sentence, rests on something that was not
  /// read in the rule itself.
  public let restsOnUnverified: Bool
}

extension RuleSet {
  /// The text of a note that was made under these rules.
  func reason(for note: Note) -> Reason {
    let (text, reference) = sentence(for: note)
    return Reason(
      code: note.code, zh: text.zh, en: text.en, ruleRef: cite(reference),
      restsOnUnverified: !note.verified)
  }

  private func sentence(for note: Note) -> (text: Phrase, reference: String) {
    switch note.code {
    case .categoryProven, .proofMissing, .proofNotNeeded:
      let category = categories[note.place]
      return (sentence(for: note, category), category.reference)
    case .finding where note.number == Note.assumedCategory:
      let category = categories[note.place]
      return (sentence(for: note, category), category.reference)
    case .finding:
      let factor = factors[note.place]
      let shows = note.number == Note.showsHardship
      return (
        Phrase(
          zh: "\(factor.label.zh)：\(shows ? "表明存在困难" : "未见困难")",
          en: "\(factor.label.en): \(shows ? "shows hardship" : "shows none")"), factor.reference
      )
    case .disqualified:
      let disqualifier = disqualifiers[note.place]
      return (
        Phrase(
          zh: "经核实存在“\(disqualifier.label.zh)”，不予认定：\(disqualifier.definition.zh)",
          en: "established: \(disqualifier.label.en), which excludes recognition: "
            + disqualifier.definition.en), disqualifier.reference
      )
    case .scored, .scoreMissing, .scoreImpossible, .assessorsMissing, .answerMissing:
      return scoreSentence(for: note)
    case .schoolDecided, .decisionNotUsable, .decisionBelowRule:
      return (decisionSentence(for: note), "")
    case .schoolMustDecide:
      return (
        Phrase(
          zh: "等级由学校根据家庭和本地情况认定，需要学校的决定和理由",
          en: "the tier is for the school to decide, from the family's and local circumstances, "
            + "with its reasons"), ""
      )
    case .noGround:
      return (Phrase(zh: "没有认定依据", en: "nothing here is a ground for recognition"), "")
    case .unknownCategory, .unknownFactor, .unknownDisqualifier, .unknownItem:
      return (unknownSentence(for: note), "")
    }
  }

  private func sentence(for note: Note, _ category: Category) -> Phrase {
    let (zh, en) = (category.label.zh, "\(category.label.en) \(category.numeral)")
    switch note.code {
    case .categoryProven:
      let department = departments[note.number].label
      let label = note.tier.map { self.label(of: $0) }
      return Phrase(
        zh: "属于\(category.numeral)\(zh)，\(department.zh)已确认" + (label.map { "，等级为\($0.zh)" } ?? ""),
        en: "\(en), confirmed by \(department.en)" + (label.map { ": \($0.en)" } ?? ""))
    case .proofMissing:
      let labels = accepted(by: category).map(\.label)
      let forms = forms(of: category)
      return Phrase(
        zh: "\(category.numeral)\(zh)缺少证明：需要\(labels.map(\.zh).joined(separator: "或"))的\(forms.zh)",
        en: "\(en) lacks proof: \(forms.en) of " + labels.map(\.en).joined(separator: " or "))
    case .proofNotNeeded:
      return Phrase(
        zh: "另属\(category.numeral)\(zh)，无需再提供证明", en: "\(en) as well, which needs no further proof")
    default:
      return Phrase(
        zh: "按\(category.numeral)\(zh)处理，归类依据未核实", en: "treated as \(en), which is assumed")
    }
  }

  /// The forms of proof that a family can bring; a match of data is named where nothing else counts.
  private func forms(of category: Category) -> Phrase {
    let accepted = category.proofs.flatMap(\.forms)
    return switch (accepted.contains(.certificate), accepted.contains(.screenshot)) {
    case (true, true): Phrase(zh: "认定意见或数据库截图", en: "the word or a database screenshot")
    case (true, false): Phrase(zh: "认定意见", en: "the word")
    case (false, true): Phrase(zh: "数据库截图", en: "a database screenshot")
    case (false, false): Phrase(zh: "数据比对结果", en: "a match against the data")
    }
  }

  private func decisionSentence(for note: Note) -> Phrase {
    let label = note.tier.map { self.label(of: $0) } ?? Phrase(zh: "", en: "")
    switch note.code {
    case .schoolDecided:
      return Phrase(
        zh: "学校认定为\(label.zh)，并说明了理由",
        en: "the school decided for \(label.en) and gave its reasons")
    case .decisionBelowRule:
      let ruled = self.label(of: Tier.allCases[note.number])
      return Phrase(
        zh: "学校认定为\(label.zh)，低于本办法的\(ruled.zh)，请复核",
        en: "the school decided for \(label.en), below the rules' \(ruled.en); please review")
    default:
      return Phrase(
        zh: "学校认定为\(label.zh)，但缺少理由，或本办法没有这一等级",
        en: "the school's decision for \(label.en) has no justification, or the rules have no such "
          + "tier")
    }
  }

  private func unknownSentence(for note: Note) -> Phrase {
    let word = note.word ?? ""
    switch note.code {
    case .unknownCategory:
      let known = categories.map(\.label.zh).joined(separator: "、")
      return Phrase(
        zh: "“\(word)”不是本办法的类别；可用类别：\(known)",
        en: "“\(word)” is no category of the rules; they know \(known)")
    case .unknownDisqualifier:
      return Phrase(zh: "“\(word)”不是本办法的不予认定情形", en: "“\(word)” is no disqualifier of the rules")
    case .unknownItem:
      return Phrase(zh: "“\(word)”不是量化评估的项目", en: "“\(word)” is no item of the scored form")
    default:
      return Phrase(zh: "“\(word)”不是本办法的认定因素", en: "“\(word)” is no factor of the rules")
    }
  }

  private func scoreSentence(for note: Note) -> (text: Phrase, reference: String) {
    let reference = scoreCard?.reference ?? ""
    switch note.code {
    case .scored:
      let label = note.tier.map { self.label(of: $0) }
      return (
        Phrase(
          zh: "量化评估得分\(note.number)，" + (label.map { "达到\($0.zh)" } ?? "未达到任何等级"),
          en: "the score \(note.number) " + (label.map { "reaches \($0.en)" } ?? "reaches no tier")),
        reference
      )
    case .scoreImpossible:
      let range = "\(index.scoreRange.lowerBound)–\(index.scoreRange.upperBound)"
      return (
        Phrase(
          zh: "得分\(note.number)不可能：评估表的得分范围为\(range)",
          en: "a score of \(note.number) is impossible: the form gives \(range)"), reference
      )
    case .assessorsMissing:
      return (
        Phrase(
          zh: "已有\(note.place)人评分，至少需要\(note.number)人",
          en: "\(note.place) have assessed, and at least \(note.number) have to"), reference
      )
    case .answerMissing:
      let item = scoreCard?.items[note.place]
      let (zh, en) = (item?.label.zh ?? "", item?.label.en ?? "")
      let wrong = note.word.map { word in
        Phrase(zh: "“\(word)”不是“\(zh)”的选项", en: "“\(word)” is no option of “\(en)”")
      }
      return (
        wrong ?? Phrase(zh: "“\(zh)”尚未评分", en: "“\(en)” is not answered"),
        item?.reference ?? reference
      )
    default:
      return (
        Phrase(zh: "缺少量化评估得分", en: "the score of the assessment form is missing"), reference
      )
    }
  }
}
