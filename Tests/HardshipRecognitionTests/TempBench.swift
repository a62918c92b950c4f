import Testing
@testable import HardshipRecognition
@Test func benchRoster() {
  let t = ContinuousClock().measure { for _ in 0..<100_000 { _ = RuleSet.yunnan.check(tier: "一般困难", category: "孤儿") } }
  print("BENCH roster", t)
}
