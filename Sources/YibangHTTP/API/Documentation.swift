import CSwaggerUI
import HTTPTypes
import Hummingbird

/// The document itself and the page that shows it, from packaged files alone.
enum Documentation {
  private static let page = """
    <!doctype html>
    <html lang="zh-CN">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>一帮一接口文档 · Yibang API</title>
    <link rel="stylesheet" href="\(OpenAPI.base)/docs/swagger-ui.css">
    </head>
    <body>
    <div id="swagger-ui"></div>
    <script src="\(OpenAPI.base)/docs/swagger-ui-bundle.js"></script>
    <script src="\(OpenAPI.base)/docs/start.js"></script>
    </body>
    </html>
    """
  private static let start = """
    SwaggerUIBundle({
      url: "\(OpenAPI.base)/openapi.json", dom_id: "#swagger-ui", deepLinking: true,
      docExpansion: "none", filter: true, validatorUrl: null
    });
    """
  /// Nothing from elsewhere; Swagger UI sets styles of elements, and its icons are data.
  private static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    + "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

  static func addRoutes(to router: Router<APIRequestContext>, document: [UInt8]) {
    let json = ByteBuffer(bytes: document)
    router.get(RouterPath(OpenAPI.base + "/openapi.json")) { _, _ in
      answer(json, type: "application/json; charset=utf-8")
    }
    let files: [(path: String, content: ByteBuffer, type: String)] = [
      ("", ByteBuffer(string: page), "text/html; charset=utf-8"),
      ("/start.js", ByteBuffer(string: start), "text/javascript; charset=utf-8"),
      ("/swagger-ui-bundle.js", buffer(swagger_ui_script()), "text/javascript; charset=utf-8"),
      ("/swagger-ui.css", buffer(swagger_ui_style()), "text/css; charset=utf-8"),
    ]
    for file in files {
      router.get(RouterPath(OpenAPI.base + "/docs" + file.path)) { _, _ in
        answer(file.content, type: file.type)
      }
    }
  }

  private static func buffer(_ file: swagger_ui_file) -> ByteBuffer {
    ByteBuffer(bytes: UnsafeBufferPointer(start: file.bytes, count: file.length))
  }

  private static func answer(_ content: ByteBuffer, type: String) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: type, .cacheControl: "no-cache", .contentSecurityPolicy: policy,
      ],
      body: ResponseBody(byteBuffer: content))
  }
}
