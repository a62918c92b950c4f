import HardshipRecognition
import SchoolCalendar
import Spreadsheet

extension ApplicationForm {
  private static let widths: [Double] = [6, 12, 14, 11, 12, 12, 12, 14]
  private static let relatives = 5

  private static func pair(_ label: String, _ value: String, columns: Int = 1) -> [FormSheet.Cell] {
    [.init(label, .label), .init(value, .value, columns: columns)]
  }

  /// The page in its usual layout: sections named in a column at the left.
  static func layout(
    _ content: Content, _ request: Request, _ rules: RuleSet
  ) -> FormSheet {
    var rows: [FormSheet.Row] = [
      .init([.init("家庭经济困难学生认定申请表", .title, columns: 8)], height: 34),
      .init([
        .init("学校：\(request.school.name)", .line, columns: 4),
        .init("学年：\(request.year.zh)", .line, columns: 2), .init("编号：", .line, columns: 2),
      ]),
    ]
    rows += basics(content) + address(content) + family(content)
    rows += [groups(rules), circumstances(content)] + promise() + opinions(rules)
    return FormSheet(
      name: content.name.isEmpty ? "申请表" : content.name, widths: widths, rows: rows)
  }

  private static func basics(_ content: Content) -> [FormSheet.Row] {
    [
      .init(
        [.init("学生基本情况", .label, rows: 4)] + pair("姓名", content.name)
          + pair("性别", content.gender) + pair("民族", content.ethnicity, columns: 2)),
      .init(
        pair("出生年月", content.birth) + pair("身份证号码", content.residentID, columns: 4)),
      .init(
        pair("年级", content.grade) + pair("班级", content.className)
          + pair("学籍号", content.studentCode, columns: 2)),
      .init(
        pair("是否寄宿", content.boarding) + pair("家庭人口", content.familySize)
          + pair("家庭人均年收入（元）", content.income, columns: 2)),
    ]
  }

  private static func address(_ content: Content) -> [FormSheet.Row] {
    [
      .init(
        [.init("家庭通讯信息", .label, rows: 2)] + pair("详细通讯地址", content.address, columns: 6)),
      .init(pair("邮政编码", "", columns: 2) + pair("家长手机号码", content.phone, columns: 3)),
    ]
  }

  private static func family(_ content: Content) -> [FormSheet.Row] {
    let titles = ["姓名", "年龄", "与学生关系", "工作（学习）单位", "职业", "年收入（元）", "健康状况"]
    let first = [content.guardian, "", content.relation, "", "", "", ""]
    return [
      .init(
        [.init("家庭成员情况", .label, rows: relatives + 1)] + titles.map { .init($0, .label) })
    ]
      + (0..<relatives).map { number in
        .init(
          (number == 0 ? first : Array(repeating: "", count: 7)).map { .init($0, .value) },
          height: 25)
      }
  }

  private static func groups(_ rules: RuleSet) -> FormSheet.Row {
    let boxes = rules.categories.map { "☐\($0.numeral)\($0.label.zh)" }
    return .init([
      .init("特殊群体类型", .label), .init(boxes.joined(separator: "\n"), .block, columns: 7),
    ])
  }

  private static func circumstances(_ content: Content) -> FormSheet.Row {
    let lines = [
      "家庭遭受自然灾害情况：", "家庭遭受突发意外情况：", "家庭成员因残疾、年迈、患病而劳动能力弱情况：", "家庭成员失业情况：",
      "家庭欠债情况：", "其他情况：",
    ]
    return .init(
      [
        .init("影响家庭经济状况有关信息", .label),
        .init(lines.joined(separator: "\n\n"), .block, columns: 7),
      ], height: 190)
  }

  private static func promise() -> [FormSheet.Row] {
    [
      .init([
        .init("个人承诺", .label, rows: 2),
        .init(
          "本人承诺以上所填写资料真实，自愿申请家庭经济困难学生认定；如有虚假，愿承担相应责任，并退回已得的资助。", .block, columns: 7),
      ]),
      .init(
        pair("监护人签名", "", columns: 2) + pair("与学生关系", "")
          + pair("申请日期", "　　年　月　日"), height: 36),
    ]
  }

  private static func opinions(_ rules: RuleSet) -> [FormSheet.Row] {
    let tiers = rules.tiers.map { "□\($0.label.zh)" }.joined(separator: "　")
    return [
      .init([
        .init("学校认定意见", .label, rows: 2), .init("民主评议", .label),
        .init("推荐等级：\(tiers)　□不推荐\n评议人签名：　　　　　　　　评议时间：　　年　月　日", .block, columns: 6),
      ]),
      .init([
        .init("认定决定", .label),
        .init(
          "认定等级：\(tiers)　□不予认定\n公示时间：　　年　月　日至　　年　月　日\n负责人（签章）：　　　　　　　　单位（盖章）：",
          .block, columns: 6),
      ]),
    ]
  }
}
