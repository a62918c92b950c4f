import Hummingbird

/// The routes of health: `/healthz` says that the process is alive, `/readyz` that it can work.
func addHealthRoutes(to router: Router<APIRequestContext>, _ health: Health) {
  router.get("healthz") { _, context in
    context.trace.endpoint = "healthz"
    return answer(.ok, #"{"status":"ok"}"#)
  }
  router.get("readyz") { _, context in
    context.trace.endpoint = "readyz"
    return switch await health.readiness() {
    case .ready:
      answer(.ok, #"{"status":"ready"}"#)
    case .databaseUnavailable:
      answer(.serviceUnavailable, #"{"reason":"database_unavailable","status":"unavailable"}"#)
    case .migrationsPending(let count):
      answer(
        .serviceUnavailable,
        #"{"pending":\#(count),"reason":"migrations_pending","status":"unavailable"}"#)
    case .diskFull:
      answer(.serviceUnavailable, #"{"reason":"disk_full","status":"unavailable"}"#)
    case .clocksDiffer(let seconds):
      answer(
        .serviceUnavailable,
        #"{"reason":"clocks_differ","seconds":\#(seconds),"status":"unavailable"}"#)
    case .schemaDiffers:
      answer(.serviceUnavailable, #"{"reason":"schema_differs","status":"unavailable"}"#)
    }
  }
}

private func answer(_ status: HTTPResponse.Status, _ json: String) -> Response {
  Response(
    status: status,
    headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
    body: ResponseBody(byteBuffer: ByteBuffer(string: json + "\n")))
}
