import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// What every request passes: so many at once and no more, counted and logged; what no route answers
/// told like any other problem, and the headers that keep a browser from doing more with an answer than
/// showing it.
struct Gate: RouterMiddleware {
  let api: API
  let metrics: Metrics

  func handle(
    _ request: Request, context: APIRequestContext,
    next: (Request, APIRequestContext) async throws -> Response
  ) async throws -> Response {
    guard metrics.begin() else {
      let language = API.language(request)
      return dressed(api.refuse(.busy, request, context, language: language))
    }
    let start = ContinuousClock.now
    var context = context
    if let trace = TraceParent(request.headers[.traceparent]) {
      context.logger[metadataKey: "trace_id"] = .string(trace.traceID)
    }
    let response = dressed(await answered(request, context, next))
    let spent = (ContinuousClock.now - start) / .seconds(1)
    let endpoint = context.trace.endpoint
    metrics.end(
      endpoint: endpoint, method: request.method.rawValue, status: response.status.code,
      seconds: spent)
    // The address is left out: those of pupils' records are in it, and words that were looked for.
    context.logger.info(
      "request",
      metadata: [
        "method": .string(request.method.rawValue), "endpoint": .string(endpoint ?? "none"),
        "status": .string(String(response.status.code)),
        "milliseconds": .string(String(format: "%.1f", spent * 1000)),
      ])
    return response
  }

  private func answered(
    _ request: Request, _ context: APIRequestContext,
    _ next: (Request, APIRequestContext) async throws -> Response
  ) async -> Response {
    let language = API.language(request)
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      return api.unknown(request, context)
    } catch {
      return api.refuse(Problem(error), request, context, language: language)
    }
  }

  private func dressed(_ response: Response) -> Response {
    var response = response
    for (name, value) in Self.headers where response.headers[name] == nil {
      response.headers[name] = value
    }
    return response
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
