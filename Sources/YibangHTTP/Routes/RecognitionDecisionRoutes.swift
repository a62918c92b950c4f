import Foundation
import HardshipRecognition
import SchoolCalendar
import Yibang

extension API {
  static let decisionRoutes: [Endpoint] = [
    .create(
      "/recognition-cases/{id}/assess", "recognition.assess",
      Text("评议人提交意见", "An assessor's finding"), .needs([.assess])
    ) { (input: NewFinding, call) in
      Identified(
        id: try await Cases.assess(
          input.id, method: input.method, showsHardship: input.hardship, score: input.score,
          answers: input.answers ?? [:], factors: input.factors ?? [], words: input.found ?? "",
          on: call.day(input.date), in: call.context))
    },
    .lookUp(
      "/recognition-cases/{id}/findings", "recognition.findings",
      Text("评议意见；查看会被记录", "The findings; reading them is recorded"), .needs([.assess])
    ) { (input: Identified, call) in
      CaseFindings(items: try await Cases.findings(input.id, in: call.context))
    },
    .lookUp(
      "/recognition-cases/{id}/preview", "recognition.preview",
      Text("按认定办法会是什么等级，缺什么；查看会被记录", "What the rules would say; reading is recorded"),
      .needs([.recognise])
    ) { (input: CaseGrounds, call) in
      try await Cases.preview(
        input.id, proofs: seen(input.proofs), decision: input.decision,
        disqualifiers: input.disqualifiers ?? [], in: call.context)
    },
    .post(
      "/recognition-cases/{id}/propose", "recognition.propose",
      Text("学校提出认定意见", "The school proposes a tier"), .needs([.recognise])
    ) { (input: CaseProposal, call) in
      try await Cases.propose(
        input.id, proofs: seen(input.proofs), decision: input.decision,
        rejection: input.reject, disqualifiers: input.disqualifiers ?? [],
        on: call.day(input.date), in: call.context)
    }.versioned(.recognitionCase).keepingNoAnswer(),
    .lookUp(
      "/recognition-cases/{id}/proofs", "recognition.proofs",
      Text("认定所依据的证明；查看会被记录", "The proofs that an assessment rests on; recorded"),
      .needs([.readIdentities])
    ) { (input: Identified, call) in
      CaseProofs(items: try await Cases.proofs(input.id, in: call.context))
    },
    .post(
      "/recognition-cases/vote", "recognition.vote",
      Text("领导小组成员表决", "A member of the leading group votes"), .needs([.assess])
    ) { (input: CaseVote, call) in
      let cases = try await call.selected(
        input.cases, input.all, input.school, input.class, input.semester, in: .assessed)
      let states = try await Cases.vote(
        cases, agrees: input.agrees, on: call.day(input.date), in: call.context)
      return CaseVoted(
        items: states.sorted { $0.key.uuidString < $1.key.uuidString }.map {
          CaseVoted.Standing(recognitionCase: $0.key, state: $0.value)
        })
    },
    .post(
      "/recognition-cases/file", "recognition.file",
      Text("公示结束后建档备案", "File after the notice"), .needs([.recognise])
    ) { (input: CaseFiling, call) in
      let cases = try await call.selected(
        input.cases, input.all, input.school, input.class, input.semester, in: .onNotice)
      return CasesDone(
        cases: try await Cases.file(cases, on: call.day(input.date), in: call.context))
    },
  ]

  /// The departments' words that the school has seen.
  private static func seen(_ departments: [String]?) -> [Proof] {
    (departments ?? []).map { Proof(department: $0, form: .certificate) }
  }

  struct NewFinding: Codable, Sendable {
    let id: UUID
    let method: AssessmentMethod
    let hardship: Bool
    /// With the method `score`, where the rules have no score card.
    let score: Int?
    /// The option chosen for each item of the score card.
    let answers: [String: String]?
    /// Factors of the rules of which the finding speaks.
    let factors: [String]?
    /// What was found; kept sealed.
    let found: String?
    let date: CalendarDate?
  }

  struct CaseFindings: Codable, Sendable {
    let items: [Cases.Finding]
  }

  struct CaseProofs: Codable, Sendable {
    let items: [Cases.RecordedProof]
  }

  struct CaseGrounds: Codable, Sendable {
    let id: UUID
    /// Departments whose proof was seen.
    let proofs: [String]?
    /// Where the rules leave the tier to the school.
    let decision: SchoolDecision?
    /// What excludes, and was found to be true.
    let disqualifiers: [String]?
  }

  struct CaseProposal: Codable, Sendable {
    let id: UUID
    let proofs: [String]?
    let decision: SchoolDecision?
    let disqualifiers: [String]?
    /// Why the pupil is not to be recognised.
    let reject: String?
    let date: CalendarDate?
  }

  struct CaseVote: Codable, Sendable {
    let cases: [UUID]?
    let all: Bool?
    let school: SchoolCode?
    let `class`: String?
    let semester: Semester?
    let agrees: Bool
    let date: CalendarDate?
  }

  struct CaseVoted: Codable, Sendable {
    struct Standing: Codable, Sendable {
      let recognitionCase: UUID
      let state: CaseState

      enum CodingKeys: String, CodingKey {
        case recognitionCase = "case"
        case state
      }
    }

    let items: [Standing]
  }

  struct CaseFiling: Codable, Sendable {
    let cases: [UUID]?
    let all: Bool?
    let school: SchoolCode?
    let `class`: String?
    let semester: Semester?
    let date: CalendarDate?
  }
}
