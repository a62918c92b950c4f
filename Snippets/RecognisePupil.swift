// Recognise a pupil by the rules of a region, and say why.
//   swift run RecognisePupil
import HardshipRecognition

// The family claims two groups. Civil affairs has confirmed one of them.
let facts = HardshipFacts(claims: [
  Claim(category: "低保", proofs: [Proof(department: "civil-affairs", form: .screenshot)]),
  Claim(category: "孤儿"),
])
let assessment = assess(facts, under: .yunnan)

print("等级：\(assessment.tier.map { RuleSet.yunnan.label(of: $0).zh } ?? "未定")")
for reason in assessment.reasons {
  print("· \(reason.zh)（\(reason.ruleRef)）\(reason.restsOnUnverified ? "［待核实］" : "")")
}
for change in assessment.changes {
  print("→ \(change.zh)")
}

// Rules of one's own: copy a shipped file, change it, and ask what is wrong with it.
do {
  let text = String(decoding: RuleSet.scoredExample.json, as: UTF8.self)
    .replacing(#""atLeast":40"#, with: #""atLeast":95"#)
  for finding in try RuleSet(json: Array(text.utf8)).findings {
    print("! \(finding.path)：\(finding.zh)")
  }
} catch {
  print("✗ \(error.path)：\(error.zh)")
}
