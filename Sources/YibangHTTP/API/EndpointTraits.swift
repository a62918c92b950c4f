import Yibang

/// What sets an endpoint apart from others of its making.
extension Endpoint {
  /// The same, with the version of a record in ETag and If-Match.
  /// - Parameter alone: false where the answer also tells what changes without the record.
  func versioned(_ record: VersionedRecord, alone: Bool = true) -> Endpoint {
    var endpoint = self
    endpoint.versioned = record
    endpoint.isOfVersionAlone = alone
    return endpoint
  }

  /// The same, its answers kept in memory; see `AnswerCache`.
  func cached() -> Endpoint {
    var endpoint = self
    endpoint.isCached = true
    return endpoint
  }

  /// The same, for what shows private data in full.
  func showing(_ way: Reveals.Way) -> Endpoint {
    var endpoint = self
    endpoint.shows = way
    return endpoint
  }

  /// The same, for a write whose answer tells what is sealed.
  func keepingNoAnswer() -> Endpoint {
    var endpoint = self
    endpoint.keepsAnswer = false
    return endpoint
  }

  /// The same, for answers that hold a secret shown once.
  func secret(worksConfined: Bool = false) -> Endpoint {
    var endpoint = self
    endpoint.isSecret = true
    endpoint.worksConfined = worksConfined
    return endpoint
  }
}
