import Foundation
import Testing

@Suite("config")
struct ConfigCommandTests {
  private func config(
    _ arguments: [String], _ environment: [String: String] = [:]
  ) async throws -> (run: CommandRun, line: (String) -> JSONValue) {
    let run = try await Command.run(
      ["--home", "/tmp/yibang-no-home"] + arguments + ["--format", "json"],
      environment: environment)
    let lines = run.status == 0 ? try run.json() : .null
    return (
      run,
      { name in
        (0..<(lines.count ?? 0)).map { lines[$0] }.first { $0["name"].text == name } ?? .null
      }
    )
  }

  private func file<T>(_ text: String, _ body: (String) async throws -> T) async throws -> T {
    let path = "/tmp/yibang-config.\(UUID().uuidString).yaml"
    try Data(text.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
  }

  @Test("a flag counts before the environment, that before the file, and that before the default")
  func order() async throws {
    let text = """
      database:
        url: postgres://yibang:geheim@db.example.cn/yibang
      http:
        port: 9000
        requests: 64
        proxies: [10.0.0.0/8, "::1"]
      """
    try await file(text) { path in
      let environment = ["YIBANG_HTTP_PORT": "9001", "YIBANG_SMTP_PASSWORD": "auch geheim"]
      let (run, line) = try await config(["--config", path, "config"], environment)
      #expect(run.status == 0)
      #expect(line("http.port")["value"].text == "9001")
      #expect(line("http.port")["source"].text == "environment, YIBANG_HTTP_PORT")
      #expect(line("http.requests")["value"].text == "64")
      #expect(line("http.requests")["source"].text == "file \(path)")
      #expect(line("http.host")["source"].text == "default")
      #expect(line("http.proxies")["value"].text == "10.0.0.0/8,::1")
      #expect(line("smtp.url")["value"] == .null)
      #expect(
        line("database.url")["value"].text == "postgres://yibang:********@db.example.cn/yibang")
      #expect(!run.output.contains("geheim"))
      let flagged = try await config(
        [
          "--config", path, "--database-url", "host=/run password='it\\'s geheim' dbname=x",
          "config",
        ])
      #expect(flagged.line("database.url")["source"].text == "flag")
      #expect(!flagged.run.output.contains("geheim"))
      let named = try await config(["config"], ["YIBANG_CONFIG": path])
      #expect(named.line("http.port")["value"].text == "9000")
    }
  }

  @Test(
    "a setting that is none, or has no usable value, is named with its place",
    arguments: [
      ("http:\n  prot: 80\n", "http.prot"),
      ("http:\n  port: 70000\n", "http.port"),
      ("http:\n  proxies: [10.0.0.0/33]\n", "http.proxies"),
      ("http:\n  certificate: /etc/chain.pem\n", "http.key"),
      ("log: loud\n", "log"),
      ("log:\n  format: [json\n", "YAML"),
    ])
  func refused(text: String, word: String) async throws {
    try await file(text) { path in
      let run = try await config(["--config", path, "--lang", "en", "config"]).run
      #expect(run.status == 78)
      #expect(run.errors.contains(word))
      #expect(run.errors.contains(path))
    }
  }

  @Test("a file that is named and not there is an error; the home's need not be there")
  func missing() async throws {
    #expect(try await config(["--config", "/tmp/yibang-none.yaml", "config"]).run.status == 78)
    #expect(try await config(["config"]).run.status == 0)
    let run = try await config(["config"], ["YIBANG_DATABASE_POOL": "many"]).run
    #expect(run.status == 78 && run.errors.contains("YIBANG_DATABASE_POOL"))
  }
}
