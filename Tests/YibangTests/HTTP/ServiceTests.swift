import Foundation
import HTTPTypes
import Testing
import Yibang

@testable import YibangHTTP

@Suite("running the service")
struct ServiceTests {
  @Test(
    "networks contain what they contain",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
      ("192.168.1.128/25", "192.168.1.129", true), ("192.168.1.128/25", "192.168.1.1", false),
      ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
      ("0.0.0.0/0", "8.8.8.8", true), ("2001:db8::/33", "2001:db8:7fff::1", true),
      ("2001:db8::/33", "2001:db8:8000::1", false), ("127.0.0.1", "::ffff:127.0.0.1", true),
      ("::/0", "127.0.0.1", false),
    ])
  func networks(network: String, address: String, isInside: Bool) throws {
    #expect(try #require(IPNetwork(network)).contains(address) == isInside)
  }

  @Test(
    "what is no network is none",
    arguments: ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "host", "10.0.0.0/8/8"])
  func noNetworks(text: String) {
    #expect(IPNetwork(text) == nil)
  }

  @Test("only trusted proxies say whom they speak for, and a client cannot write itself another")
  func clients() throws {
    let clients = ClientAddress(
      proxies: [try #require(IPNetwork("10.0.0.0/8")), try #require(IPNetwork("127.0.0.1"))])
    func client(_ peer: String?, _ forwarded: String...) -> String? {
      clients.of(peer: peer, forwarded: forwarded)
    }
    #expect(client("203.0.113.9", "198.51.100.1") == "203.0.113.9")
    #expect(client("127.0.0.1", "1.1.1.1, 203.0.113.9") == "203.0.113.9")
    #expect(client("127.0.0.1", "1.1.1.1", "203.0.113.9, 10.2.3.4") == "203.0.113.9")
    #expect(client("127.0.0.1", "10.2.3.4") == "10.2.3.4")
    #expect(client("127.0.0.1", "not an address") == "127.0.0.1")
    #expect(client("127.0.0.1") == "127.0.0.1")
    #expect(client(nil, "203.0.113.9") == nil)
  }

  @Test("a W3C trace is taken as it is written, and nothing else")
  func traces() {
    let id = String(repeating: "ab", count: 16)
    #expect(TraceParent("00-\(id)-00f067aa0ba902b7-01")?.traceID == id)
    #expect(TraceParent("01-\(id)-00f067aa0ba902b7-01-more")?.traceID == id)
    let none = String(repeating: "0", count: 32)
    for header in [
      nil, "", "00-\(id)-00f067aa0ba902b7", "ff-\(id)-00f067aa0ba902b7-01",
      "00-\(none)-00f067aa0ba902b7-01", "00-\(id.uppercased())-00f067aa0ba902b7-01",
      "00-\(id)-00f067aa0ba902b7-01-more", "00-\(id)-0000000000000000-01",
    ] {
      #expect(TraceParent(header) == nil)
    }
  }

  @Test("counters stand in Prometheus' format, by endpoint and never by address")
  func metrics() async throws {
    let district = try await TestDistrict.make()
    let api = try await TestAPI(district)
    let student = UUID().uuidString
    _ = try await api.get("/students/\(student)")
    _ = try await api.get("/schools")
    _ = try await api.get("/schools", as: nil)
    let answer = try await api.send(.get, "/metrics", as: nil)
    #expect(answer.status == 200)
    #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
    let lines = answer.text.split(separator: "\n")
    #expect(
      lines.contains(
        #"yibang_http_requests_total{endpoint="school.list",method="GET",status="200"} 1"#))
    #expect(
      lines.contains(
        #"yibang_http_requests_total{endpoint="school.list",method="GET",status="401"} 1"#))
    #expect(!answer.text.lowercased().contains(student.lowercased()))
    // Each sample belongs to the family announced before it, whose name begins it.
    var family = ""
    for line in lines {
      if line.hasPrefix("# TYPE ") { family = String(line.split(separator: " ")[2]) }
      if line.hasPrefix("#") { continue }
      #expect(line.hasPrefix(family) && Double(line.split(separator: " ").last ?? "") != nil)
    }
    let counts = lines.filter { $0.contains(#"endpoint="school.list""#) }
    #expect(counts.contains { $0.contains(#"le="+Inf"} 2"#) })
    #expect(counts.contains { $0.contains("_count") && $0.hasSuffix(" 2") })
  }

  @Test("who is not named may not read the counters")
  func metricsHidden() async throws {
    let options = HTTPServer.Options(host: "", port: 0)
    let api = try await TestAPI(TestAPI.make(), options)
    #expect(try await api.send(.get, "/metrics", as: nil).status == 404)
  }
}
