import ArgumentParser
import Yibang

/// What a sponsor would like of the pupil, and what it insists on.
struct WishOptions: ParsableArguments {
  @Option(help: ArgumentHelp("希望的学校，可多所 · Wished schools' codes", valueName: "code"))
  var wishSchool: [String] = []
  @Option(help: ArgumentHelp("希望的年级 · Wished grade", valueName: "grade"))
  var wishGrade: String?
  @Option(help: ArgumentHelp("希望的性别：男、女 · Wished gender", valueName: "gender"))
  var wishGender: String?
  @Option(
    help: ArgumentHelp("希望的地区：6 位县区或 9 位乡镇代码 · Wished region", valueName: "code"))
  var wishRegion: String?
  @Option(help: ArgumentHelp("只限这些学校，可多所 · These schools only", valueName: "code"))
  var onlySchool: [String] = []
  @Option(help: ArgumentHelp("只限这个年级 · This grade only", valueName: "grade"))
  var onlyGrade: String?
  @Option(help: ArgumentHelp("只限这个性别 · This gender only", valueName: "gender"))
  var onlyGender: String?
  @Option(help: ArgumentHelp("只限这个地区 · This region only", valueName: "code"))
  var onlyRegion: String?
  @Option(
    help: ArgumentHelp(
      "意愿权重，如 grade=5，1 至 100 · What a wish weighs (region, school, grade, gender)",
      valueName: "item=weight"))
  var weight: [String] = []

  /// The code of the first school that is wished for or insisted on.
  var school: String? { (onlySchool + wishSchool).first }

  func validate() throws {
    for pair in [
      (wishSchool.first, onlySchool.first), (wishGrade, onlyGrade), (wishGender, onlyGender),
      (wishRegion, onlyRegion),
    ] where pair.0 != nil && pair.1 != nil {
      throw ValidationError("--wish-… 与 --only-… 只能用其一 · Either --wish-… or --only-…, not both.")
    }
  }

  func read(in context: Context) async throws -> Wish {
    var wish = Wish(grade: onlyGrade ?? wishGrade)
    wish.gender =
      try Self.gender(onlyGender, option: "--only-gender")
      ?? Self.gender(wishGender, option: "--wish-gender")
    wish.region = try (onlyRegion ?? wishRegion).map { try RegionCode($0).text }
    try await wish.add(
      schools: (onlySchool + wishSchool).map { try SchoolCode($0) }, in: context)
    let limits: [(Wish.Item, String?)] = [
      (.school, onlySchool.first), (.grade, onlyGrade), (.gender, onlyGender),
      (.region, onlyRegion),
    ]
    wish.hard = Set(limits.filter { $0.1 != nil }.map(\.0))
    for text in weight {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      let item: Wish.Item = try readChoice(parts.first ?? "", option: "--weight") { word in
        Wish.Item.allCases.first { $0.name.zh == word }
      }
      guard parts.count == 2, let weight = Int(parts[1]) else {
        throw ArgumentError.choice(
          text, option: "--weight", known: Wish.Item.allCases.map { "\($0.rawValue)=1…100" })
      }
      wish.weights[item] = weight
    }
    return wish
  }

  static func gender(_ word: String?, option: String) throws -> ResidentID.Gender? {
    switch word {
    case nil: nil
    case "男", "male": .male
    case "女", "female": .female
    case let word?: throw ArgumentError.choice(word, option: option, known: ["male", "female"])
    }
  }
}
