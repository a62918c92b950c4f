import Testing
@testable import Yibang
@testable import SchoolCalendar
@Suite(.serialized) struct TempBench {
  @Test func bench() throws {
    let clock = ContinuousClock()
    let n = 100_000
    var k = 0
    func run(_ name: String, _ f: () throws -> Int) rethrows { 
      let t = try clock.measure { for _ in 0..<n { k &+= try f() } }
      print("BENCH", name, t)
    }
    try run("resident") { try ResidentID("990000201503010017").text.count }
    try run("student") { try StudentCode("G990000201503010017").text.count }
    try run("mobile") { try Mobile("138 0000 1234").text.count }
    try run("name") { normalizeName("张　小明").count }
    run("date") { parseChineseDate("2026年9月1日")?.month ?? 0 }
    try run("money") { Int(try Money(parsing: "¥1,234.50").fen) }
    try run("moneyzh") { Int(try Money(parsing: "壹仟贰佰叁拾肆元伍角陆分").fen) }
    run("upper") { Money(fen: 123456).uppercase.utf8.count }
    run("desc") { Money(fen: 123456).description.utf8.count }
    try run("parts") { CalendarDate("2026-09-01")!.year }
    print(k)
  }
}
