import Hummingbird
import Yibang

/// What an endpoint answers.
struct Reply: Sendable {
  enum Body: Sendable {
    case none
    case json(JSONValue)
    /// A list, which may be asked for as JSON, NDJSON, CSV or .xlsx.
    case items([JSONValue], next: String?)
    case file([UInt8], type: String, name: String?)
    /// Written as it is made. What it throws ends the connection, so that nobody takes it for whole.
    case stream(
      type: String, @Sendable (_ write: ([UInt8]) async throws -> Void) async throws -> Void)
  }

  /// What follows a page in its list.
  typealias Rest = @Sendable (Cursor) async throws -> (items: [JSONValue], next: Cursor?)

  var status: HTTPResponse.Status
  var body: Body
  var headers = HTTPFields()
  /// Nil where a page was asked for and nothing further.
  var rest: Rest?

  init(_ status: HTTPResponse.Status = .ok, _ body: Body) {
    self.status = status
    self.body = body
  }
}
