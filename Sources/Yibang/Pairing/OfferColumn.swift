/// The columns of a 帮扶意向表.
package enum OfferColumn: SheetColumn {
  case sponsor, amount, kind, identity, residentID, creditCode, phone, employer, places
  case wishSchool, wishGrade, wishGender, wishRegion, anonymous, note
  case limitSchool, limitGrade, limitGender, limitRegion
  case weightSchool, weightGrade, weightGender, weightRegion, named

  package static let required: [OfferColumn] = [.sponsor, .amount]

  package var headings: [String] {
    switch self {
    case .sponsor:
      [
        "帮扶人", "帮扶人/单位", "帮扶单位", "帮扶人姓名", "资助人", "资助人/单位", "捐助人", "捐助人/单位", "结对人", "姓名", "姓名/单位",
        "单位/个人", "爱心人士", "sponsor",
      ]
    case .amount:
      [
        "每学期金额", "金额", "资助金额", "帮扶金额", "每学期资助金额", "每生每学期金额", "学期金额", "资助标准", "帮扶标准", "amount",
      ]
    case .kind: ["类别", "帮扶人类别", "身份", "人员类别", "kind"]
    case .identity: ["证件号", "证件号码", "证件编号", "身份证号/统一社会信用代码", "身份证号或信用代码", "identity"]
    case .residentID: ["身份证号", "身份证号码", "身份证"]
    case .creditCode: ["统一社会信用代码", "信用代码", "社会信用代码"]
    case .phone: ["联系电话", "电话", "手机", "手机号", "手机号码", "联系方式", "phone"]
    case .employer: ["工作单位", "单位", "所在单位", "employer"]
    case .places: ["名额", "帮扶人数", "资助人数", "结对人数", "人数", "帮扶名额", "places"]
    case .wishSchool: ["意愿学校", "意向学校", "希望学校", "学校", "wishschool"]
    case .wishGrade: ["意愿年级", "意向年级", "希望年级", "年级", "wishgrade"]
    case .wishGender: ["意愿性别", "意向性别", "希望性别", "性别意愿", "wishgender"]
    case .wishRegion: ["意愿地区", "意向地区", "希望地区", "意愿乡镇", "wishregion"]
    case .limitSchool: ["只限学校", "限定学校", "仅限学校", "onlyschool"]
    case .limitGrade: ["只限年级", "限定年级", "仅限年级", "onlygrade"]
    case .limitGender: ["只限性别", "限定性别", "仅限性别", "onlygender"]
    case .limitRegion: ["只限地区", "限定地区", "仅限地区", "只限乡镇", "onlyregion"]
    case .weightSchool: ["学校权重", "weightschool"]
    case .weightGrade: ["年级权重", "weightgrade"]
    case .weightGender: ["性别权重", "weightgender"]
    case .weightRegion: ["地区权重", "weightregion"]
    case .named: ["指定学生", "指定学生学籍号", "指定学籍号", "点名学生", "named"]
    case .anonymous: ["是否匿名", "匿名", "anonymous"]
    case .note: ["备注", "说明", "note"]
    }
  }
}
