import Foundation
import HardshipRecognition

/// What a case rests on, in the form in which it is sealed.
enum CaseGrounds {
  /// What the school proposed, and why.
  struct Proposal: Codable, Sendable {
    var reasons: [Reason] = []
    var disqualifiers: [String] = []
  }

  /// What an assessor's finding speaks of, and what was answered on the score card.
  struct Finding: Codable, Sendable {
    var factors: [String] = []
    var answers: [String: String] = [:]

    var isEmpty: Bool { factors.isEmpty && answers.isEmpty }
  }

  static func claims(of id: UUID) -> SealedPlace { SealedPlace("recognition_case", id, "claims") }
  static func proposal(of id: UUID) -> SealedPlace {
    SealedPlace("recognition_case", id, "grounds")
  }
  static func finding(_ id: UUID) -> SealedPlace { SealedPlace("case_assessment", id, "grounds") }
}

extension Vault {
  /// A value sealed as JSON, in an order that does not change.
  func sealJSON(_ value: some Encodable, at place: SealedPlace) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try seal([UInt8](encoder.encode(value)), at: place)
  }

  /// - Returns: nil where nothing is there, or not any more.
  func openJSON<T: Decodable>(
    _ type: T.Type, _ sealed: [UInt8]?, at place: SealedPlace
  ) throws -> T? {
    let bytes = try open(sealed ?? [], at: place)
    return bytes.isEmpty ? nil : try JSONDecoder().decode(type, from: Data(bytes))
  }

  /// The categories that a case claims.
  func claims(_ sealed: [UInt8]?, of id: UUID) throws -> [String] {
    try openJSON([String].self, sealed, at: CaseGrounds.claims(of: id)) ?? []
  }
}
