import Foundation
import Hummingbird
import NIOCore
import SchoolCalendar
import Synchronization
import Yibang

/// Answers kept in memory for as long as nothing is written in their district: who asks again, with the
/// same session or token, is given the same bytes. That is looked up for each request all the same, and with
/// it whether anything was written, such as another role. For answers about funds, never about persons.
final class AnswerCache: Sendable {
  struct Key: Hashable, Sendable {
    let district: String
    let bearer: UUID
    let uri: String
    let format: ListFormat
    let language: Language
    /// What is left out of an address means today's.
    let day: CalendarDate
  }

  struct Answer: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let bytes: ByteBuffer

    var response: Response {
      Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }
  }

  private struct OfDistrict {
    var version: DistrictVersion
    private(set) var answers: [Key: Answer] = [:]
    private var bytes = 0

    init(_ version: DistrictVersion) {
      self.version = version
    }

    mutating func keep(_ answer: Answer, for key: Key) {
      let former = answers.updateValue(answer, forKey: key)
      bytes += answer.bytes.readableBytes - (former?.bytes.readableBytes ?? 0)
      if bytes > AnswerCache.mostBytes { self = OfDistrict(version) }
    }
  }

  /// Of one district's answers, and of one of them.
  private static let mostBytes = 4 << 20
  private static let mostOfOne = 64 << 10
  private let districts = Mutex<[String: OfDistrict]>([:])

  func find(_ key: Key, _ version: DistrictVersion) -> Answer? {
    districts.withLock { districts in
      guard let kept = districts[key.district], kept.version == version else { return nil }
      return kept.answers[key]
    }
  }

  /// - Parameter version: of the district before the answer was made.
  func keep(_ answer: Answer, for key: Key, _ version: DistrictVersion) {
    guard answer.bytes.readableBytes <= Self.mostOfOne else { return }
    districts.withLock { districts in
      let known = districts[key.district]?.version
      if let known, version < known { return }
      if known != version { districts[key.district] = OfDistrict(version) }
      districts[key.district]?.keep(answer, for: key)
    }
  }
}
