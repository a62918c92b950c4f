extension RuleSet {
  /// Yunnan's rules of recognition (云南省家庭经济困难学生认定办法, 云教规〔20xx〕3号), as far as a
  /// school's plan quotes them.
  ///
  /// The plan prints categories （三） and （七）, the factors, the tiers and the steps. The other five
  /// categories are the groups that schools usually recognise, in a likely order, and are marked
  /// unverified, as is every answer that rests on one. The years in force are not printed.
  public static let yunnan = RuleSet(
    id: "yunnan", version: 1, regionCode: "53", region: Phrase(zh: "云南省", en: "Yunnan"),
    document: "云教规〔20xx〕3号", firstSchoolYear: nil, lastSchoolYear: nil, mode: .category,
    tiers: yunnanTiers, categories: yunnanCategories, departments: yunnanDepartments,
    factors: yunnanFactors, steps: yunnanSteps, noticeWorkingDays: 5)
}

private let yunnanTiers: [TierRule] = [
  TierRule(
    tier: .special, label: Phrase(zh: "特别困难", en: "special hardship"),
    synonyms: ["特困", "特别贫困", "特殊困难"],
    definition: Phrase(
      zh: "学生本人及家庭不能提供绝大部分基本生活和学习所需费用。主要包括第十条（一）至（四）类学生及由本办法认定的其他特别困难学生。",
      en: "The pupil and the family cannot cover most of the basic costs of living and learning: "
        + "mainly categories （一） to （四）, and others recognised as such."),
    verified: true),
  TierRule(
    tier: .difficult, label: Phrase(zh: "困难", en: "hardship"), synonyms: ["贫困"],
    definition: Phrase(
      zh: "学生本人及家庭仅能提供小部分基本生活和学习所需费用。主要包括第十条（五）至（六）类学生及由本办法认定的其他困难学生。",
      en: "The pupil and the family can cover only a small part of the basic costs: mainly "
        + "categories （五） and （六）, and others recognised as such."),
    verified: true),
  TierRule(
    tier: .general, label: Phrase(zh: "一般困难", en: "general hardship"),
    synonyms: ["一般", "一般贫困"],
    definition: Phrase(
      zh: "一般家庭经济困难学生，具体由学校依据学生家庭情况和本地区经济状况水平等实际情况而定。",
      en: "Ordinary hardship, which the school decides from the family's circumstances and the "
        + "local economy."),
    verified: true),
]

private let quoted = Phrase(
  zh: "学校资助工作方案所引条文", en: "quoted in a school's plan for its aid work")

private let assumed = Phrase(
  zh: "未见条文，按通行类别推定，待核实",
  en: "not seen in the rule; assumed from the groups that are usually recognised")

/// A category that the plan does not print.
private func assumedCategory(
  _ code: String, _ numeral: String, _ label: Phrase, _ tier: Tier, synonyms: [String],
  departments: [String]
) -> Category {
  Category(
    code: code, numeral: numeral, label: label, definition: label, defaultTier: tier,
    synonyms: synonyms.map { Synonym($0, verified: false) }, departments: departments,
    reference: "第十条\(numeral)", verified: false, source: assumed)
}

private let yunnanCategories: [Category] = [
  assumedCategory(
    "registered-poor", "（一）",
    Phrase(zh: "脱贫家庭及防止返贫监测对象", en: "household out of poverty or under watch"), .special,
    synonyms: [
      "建档立卡", "建档立卡贫困户", "建档立卡贫困家庭", "建档立卡脱贫户", "建卡户", "脱贫户", "已脱贫户", "脱贫家庭",
      "脱贫人口", "监测户", "监测对象", "防返贫监测户", "防返贫监测对象", "脱贫不稳定户", "脱贫不稳定家庭",
      "边缘易致贫户", "边缘易致贫家庭", "突发严重困难户", "突发严重困难家庭", "三类监测对象",
    ],
    departments: ["poverty-relief"]),
  assumedCategory(
    "extreme-poverty-support", "（二）",
    Phrase(zh: "特困救助供养学生", en: "pupil under extreme-poverty support"), .special,
    synonyms: ["特困供养", "特困救助供养", "农村特困救助供养", "农村特困", "城市特困", "特困人员", "五保", "五保户"],
    departments: ["civil-affairs"]),
  Category(
    code: "orphan", numeral: "（三）", label: Phrase(zh: "孤儿", en: "orphan"),
    definition: Phrase(
      zh: "父母双方死亡、失踪或一方死亡、另一方失踪，在民政“儿童福利信息管理系统”中具有电子信息档案。",
      en: "Both parents dead or missing, or one dead and the other missing, with an electronic "
        + "file in the civil-affairs child welfare system."),
    defaultTier: .special, synonyms: [Synonym("父母双亡", verified: true)],
    departments: ["civil-affairs"],
    reference: "第十条（三）", verified: true, source: quoted),
  assumedCategory(
    "martyr-child", "（四）", Phrase(zh: "烈士子女", en: "child of a martyr"), .special,
    synonyms: ["烈士遗孤", "烈属"], departments: ["veterans"]),
  assumedCategory(
    "minimum-living", "（五）",
    Phrase(zh: "最低生活保障家庭学生", en: "household on the minimum living allowance"), .difficult,
    synonyms: [
      "低保", "低保户", "低保家庭", "农村低保", "城市低保", "城镇低保", "城乡低保", "农村低保家庭", "享受低保", "最低生活保障",
    ],
    departments: ["civil-affairs"]),
  assumedCategory(
    "disability", "（六）",
    Phrase(
      zh: "残疾学生及残疾人子女", en: "pupil with a disability or child of a person with one"),
    .difficult,
    synonyms: [
      "残疾", "残疾学生", "残疾儿童", "本人残疾", "学生残疾", "重度残疾", "残疾人子女", "父母残疾", "父亲残疾", "母亲残疾",
      "家长残疾", "残疾家庭", "残疾人家庭", "非建档立卡残疾学生", "家庭经济困难残疾学生", "非建档立卡的家庭经济困难残疾学生",
    ],
    departments: ["disabled-federation"]),
  Category(
    code: "other", numeral: "（七）",
    label: Phrase(zh: "其他家庭经济困难学生", en: "other pupil in economic hardship"),
    definition: Phrase(
      zh: "经学校认定，学生本人或共同生活家庭成员因病因灾等各种原因导致家庭经济困难的学生。",
      en: "Recognised by the school: illness, disaster or another cause has brought the pupil or "
        + "the household into hardship."),
    defaultTier: nil, synonyms: yunnanOtherCauses, departments: [], reference: "第十条（七）",
    verified: true, source: quoted),
]

/// The rule names illness and disaster and leaves every other cause to the school. The groups of
/// later forms are put here on assumption, because the categories that are not printed may hold them.
private let yunnanOtherCauses: [Synonym] =
  [
    "其他", "其它", "其他困难", "其它困难", "其他家庭经济困难", "其他原因", "因病", "因病致贫", "因病返贫", "家人患病",
    "家庭成员患病", "重病", "大病", "重大疾病", "因灾", "因灾致贫", "受灾", "自然灾害", "突发", "突发事件", "突发状况",
    "突发变故", "家庭变故", "意外事故", "单亲", "单亲家庭", "离异", "父母离异", "多子女", "缺劳力", "因残致贫", "因学致贫",
  ].map { Synonym($0, verified: true) }
  + [
    "低保边缘", "低保边缘户", "低保边缘家庭", "刚性支出困难", "支出型困难", "其他低收入", "低收入", "低收入家庭",
    "事实无人抚养", "事实无人抚养儿童", "留守儿童", "困境儿童",
  ].map { Synonym($0, verified: false) }

private let yunnanDepartments: [Department] = [
  Department(
    code: "poverty-relief",
    label: Phrase(zh: "扶贫（乡村振兴）部门", en: "the poverty-relief (rural revitalisation) office")),
  Department(
    code: "civil-affairs", label: Phrase(zh: "民政部门", en: "the civil affairs department")),
  Department(
    code: "disabled-federation",
    label: Phrase(zh: "残联", en: "the disabled persons' federation")),
  Department(
    code: "veterans",
    label: Phrase(zh: "退役军人事务部门", en: "the veterans affairs department")),
  Department(
    code: "public-security", label: Phrase(zh: "公安部门", en: "the public security department")),
]

private let yunnanFactors: [Factor] = [
  quotedFactor(
    "household-economy", "（一）", Phrase(zh: "家庭经济因素", en: "household economy"),
    Phrase(zh: "家庭收入、财产、债务等情况", en: "the family's income, property and debt")),
  quotedFactor(
    "special-group", "（二）", Phrase(zh: "特殊群体因素", en: "special groups"),
    Phrase(zh: "第十条（一）至（七）类等人群情况", en: "the groups of article 10, （一） to （七）")),
  quotedFactor(
    "local-economy", "（三）",
    Phrase(zh: "地区经济社会发展水平因素", en: "level of the local economy"),
    Phrase(
      zh: "校园地、生源地经济发展水平、城乡居民最低生活保障标准，学校收费标准等情况",
      en: "the economy where the school and the home are, the minimum living standard, and fees")),
  quotedFactor(
    "sudden-event", "（四）", Phrase(zh: "突发状况因素", en: "sudden events"),
    Phrase(
      zh: "学生本人或家庭成员遭受重大自然灾害、重大疾病、重大突发意外事件等",
      en: "a grave natural disaster, illness or accident of the pupil or the family")),
  quotedFactor(
    "spending", "（五）", Phrase(zh: "学生消费因素", en: "the pupil's spending"),
    Phrase(zh: "学生消费的金额、结构等是否合理", en: "whether its amount and kind are reasonable")),
]

private func quotedFactor(
  _ code: String, _ numeral: String, _ label: Phrase, _ definition: Phrase
) -> Factor {
  Factor(
    code: code, label: label, definition: definition, reference: "认定因素\(numeral)", verified: true)
}

private let yunnanSteps: [RuleSet.Step] = [
  RuleSet.Step(code: "inform", label: Phrase(zh: "宣传告知", en: "informing families")),
  RuleSet.Step(code: "apply", label: Phrase(zh: "个人申请", en: "application")),
  RuleSet.Step(code: "assess", label: Phrase(zh: "学校认定", en: "assessment by the school")),
  RuleSet.Step(code: "publish", label: Phrase(zh: "结果公示", en: "public notice")),
  RuleSet.Step(code: "file", label: Phrase(zh: "建档备案", en: "filing")),
]
