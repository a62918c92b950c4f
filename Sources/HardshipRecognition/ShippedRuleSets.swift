extension RuleSet {
  /// Yunnan's rules of recognition (云南省家庭经济困难学生认定办法, 云教规〔20xx〕3号), as far as a
  /// school's plan quotes them.
  ///
  /// The plan prints categories （三） and （七）, the factors, the tiers, the steps and what follows
  /// from false statements. The other five categories are the groups that schools usually recognise,
  /// in a likely order, and are marked unverified, as is every answer that rests on one. The years in
  /// force are not printed.
  public static let yunnan = shipped(PackageResources.yunnan_1_json)

  /// The 14 groups of the national application form of 2024. The form gives them neither tiers nor
  /// departments: those are marked unverified.
  public static let national2024 = shipped(PackageResources.national_2024_1_json)

  /// An invented region whose tiers follow from a scored form: an example to copy, and the rule of
  /// no place.
  public static let scoredExample = shipped(PackageResources.scored_example_1_json)

  /// Every rule set that comes with the library.
  public static let shipped: [RuleSet] = [yunnan, national2024, scoredExample]

  private static func shipped(_ json: [UInt8]) -> RuleSet {
    do {
      return try RuleSet(json: json)
    } catch {
      fatalError("a shipped rule set is refused at \(error)")
    }
  }
}
