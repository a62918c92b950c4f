/// The columns of a 一帮一结对台账: who supports whom, since when, and what has come in.
package enum PairingColumn: SheetColumn {
  case pupil, grade, className, residentID, studentCode
  case sponsor, kind, sponsorIdentity, sponsorPhone, employer, anonymous
  case amount, first, received, given
  case one, two, three, four, five, six
  case note

  package static let required: [PairingColumn] = [.pupil, .sponsor, .amount, .first]

  /// Received of each instalment.
  static let parts: [PairingColumn] = [.one, .two, .three, .four, .five, .six]

  package var headings: [String] {
    switch self {
    case .pupil: ["学生姓名", "受助学生", "受助学生姓名", "被帮扶学生", "学生", "pupil"]
    case .grade: ["年级", "所在年级", "grade"]
    case .className: ["班级", "所在班级", "class"]
    case .residentID: ["学生身份证号", "身份证号", "身份证号码", "身份证", "residentid"]
    case .studentCode: ["学籍号", "全国学籍号", "学籍号码", "studentcode"]
    case .sponsor:
      [
        "帮扶人", "帮扶人/单位", "帮扶单位", "帮扶人姓名", "资助人", "资助人/单位", "捐助人", "结对人",
        "爱心人士", "sponsor",
      ]
    case .kind: ["类别", "帮扶人类别", "资助人类别", "kind"]
    case .sponsorIdentity:
      ["帮扶人证件号", "资助人证件号", "证件号", "证件号码", "身份证号/统一社会信用代码", "sponsoridentity"]
    case .sponsorPhone: ["帮扶人电话", "资助人电话", "联系电话", "电话", "手机", "手机号", "phone"]
    case .employer: ["工作单位", "帮扶人单位", "所在单位", "employer"]
    case .anonymous: ["是否匿名", "匿名", "anonymous"]
    case .amount: ["每学期金额", "资助金额", "帮扶金额", "每学期资助金额", "学期金额", "金额", "amount"]
    case .first: ["起始学期", "开始学期", "结对学期", "起", "first", "from"]
    case .received: ["已到账期数", "已缴期数", "已付期数", "已到期数", "received"]
    case .given: ["已发放期数", "已发期数", "given"]
    case .one: ["第1期", "第一期", "一期"]
    case .two: ["第2期", "第二期", "二期"]
    case .three: ["第3期", "第三期", "三期"]
    case .four: ["第4期", "第四期", "四期"]
    case .five: ["第5期", "第五期", "五期"]
    case .six: ["第6期", "第六期", "六期"]
    case .note: ["备注", "说明", "note"]
    }
  }
}
