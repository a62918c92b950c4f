import HTTPTypes
import Hummingbird
import Synchronization

/// What every request passes: so many at once and no more, what no route answers told like any other
/// problem, and the headers that keep a browser from doing more with an answer than showing it.
final class Gate: RouterMiddleware {
  private let api: API
  private let limit: Int
  private let atWork = Mutex(0)

  /// - Parameter limit: requests at work at once; the next is asked to come again.
  init(api: API, limit: Int) {
    self.api = api
    self.limit = limit
  }

  func handle(
    _ request: Request, context: APIRequestContext,
    next: (Request, APIRequestContext) async throws -> Response
  ) async throws -> Response {
    var response = await passed(request, context, next)
    for (name, value) in Self.headers where response.headers[name] == nil {
      response.headers[name] = value
    }
    return response
  }

  private func passed(
    _ request: Request, _ context: APIRequestContext,
    _ next: (Request, APIRequestContext) async throws -> Response
  ) async -> Response {
    let language = API.language(request)
    let isTaken = atWork.withLock { count in
      guard count < limit else { return false }
      count += 1
      return true
    }
    guard isTaken else {
      return api.refuse(.busy, request, context, language: language)
    }
    defer { atWork.withLock { $0 -= 1 } }
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      return api.unknown(request, context)
    } catch {
      return api.refuse(Problem(error), request, context, language: language)
    }
  }

  private static let headers: [(HTTPField.Name, String)] = [
    (.xContentTypeOptions, "nosniff"),
    (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
    (HTTPField.Name("Referrer-Policy")!, "no-referrer"),
    (HTTPField.Name("X-Frame-Options")!, "DENY"),
    (HTTPField.Name("Cross-Origin-Resource-Policy")!, "same-origin"),
    (.strictTransportSecurity, "max-age=31536000"),
  ]
}
