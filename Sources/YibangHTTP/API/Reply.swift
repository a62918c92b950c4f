import Hummingbird

/// What an endpoint answers.
struct Reply: Sendable {
  enum Body: Sendable {
    case none
    case json(JSONValue)
    /// A list, which may be asked for as JSON, NDJSON, CSV or .xlsx.
    case items([JSONValue], next: String?)
    case file([UInt8], type: String, name: String?)
  }

  var status: HTTPResponse.Status
  var body: Body
  var headers = HTTPFields()

  init(_ status: HTTPResponse.Status = .ok, _ body: Body) {
    self.status = status
    self.body = body
  }
}
