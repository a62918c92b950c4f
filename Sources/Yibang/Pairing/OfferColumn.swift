/// The columns of a 帮扶意向表.
package enum OfferColumn: SheetColumn {
  case sponsor, amount, kind, identity, residentID, creditCode, phone, employer, places
  case wishSchool, wishGrade, wishGender, anonymous, note

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
    case .anonymous: ["是否匿名", "匿名", "anonymous"]
    case .note: ["备注", "说明", "note"]
    }
  }
}
