/// What money may be spent on. The standard ones are known here; a district adds its own as data.
package struct Purpose: RawRepresentable, Sendable, Hashable, Codable {
  /// The code by which rows and options name it.
  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }

  package static let living = Purpose(rawValue: "living")
  package static let study = Purpose(rawValue: "study")
  package static let emergency = Purpose(rawValue: "emergency")
  package static let education = Purpose(rawValue: "education")
  package static let sponsorship = Purpose(rawValue: "sponsorship")
  /// What a general fund bridges of one-to-one support; never paid to anybody directly.
  package static let cover = Purpose(rawValue: "cover")
  package static let boarding = Purpose(rawValue: "boarding")
  package static let nutrition = Purpose(rawValue: "nutrition")
  package static let designated = Purpose(rawValue: "designated")

  /// The purposes of every district from its first day, in the order of reports.
  package static let standard: [Purpose] = [
    .living, .study, .emergency, .education, .sponsorship, .cover, .boarding, .nutrition,
    .designated,
  ]

  /// Its name; the code itself where the district added it.
  package var name: Text {
    Purpose.names[self] ?? Text(rawValue, rawValue)
  }

  private static let names: [Purpose: Text] = [
    .living: Text("生活补助", "living expenses"),
    .study: Text("学习用品", "school supplies"),
    .emergency: Text("临时困难救助", "emergency relief"),
    .education: Text("育人活动", "moral education"),
    .sponsorship: Text("一帮一资助", "one-to-one support"),
    .cover: Text("一帮一兜底", "cover of one-to-one support"),
    .boarding: Text("寄宿生生活补助", "boarders' subsidy"),
    .nutrition: Text("营养改善", "nutrition programme"),
    .designated: Text("按捐赠人指定用途", "as the donor designated"),
  ]

  /// The standard purpose that a person means by this code or Chinese name, else the district's own.
  package init(word: String) {
    self = Purpose.standard.first { $0.name.zh == word } ?? Purpose(rawValue: word)
  }
}
