/// The columns of a list of donors' addresses.
enum ContactColumn: SheetColumn {
  case name, kind, school, className, identity, residentID, creditCode, phone, mail, post, language

  static let required: [ContactColumn] = [.name]
  static let oneOf: [[ContactColumn]] = [[.mail, .post]]

  var headings: [String] {
    switch self {
    case .name:
      [
        "捐赠人", "捐赠人/单位", "捐赠单位", "捐赠者", "捐款人", "捐款人/单位", "捐款单位", "资助人", "资助人/单位", "帮扶人",
        "帮扶人/单位", "帮扶单位", "姓名", "姓名/单位", "单位/个人", "name", "donor",
      ]
    case .kind: ["类别", "捐赠人类别", "捐款人类别", "资助人类别", "帮扶人类别", "身份", "人员类别", "kind"]
    case .school: ["学校", "所在学校", "学校名称", "school"]
    case .className: ["班级", "所在班级", "部门", "班级/部门", "class"]
    case .identity: ["证件号", "证件号码", "身份证号/统一社会信用代码", "身份证号或信用代码", "identity"]
    case .residentID: ["身份证号", "身份证号码", "身份证"]
    case .creditCode: ["统一社会信用代码", "信用代码", "社会信用代码"]
    case .phone: ["联系电话", "电话", "手机", "手机号", "手机号码", "phone"]
    case .mail: ["邮箱", "电子邮箱", "邮箱地址", "电子邮箱地址", "电子邮件", "邮件地址", "e-mail", "mail"]
    case .post: ["通讯地址", "通信地址", "邮寄地址", "信函地址", "收信地址", "联系地址", "地址", "address"]
    case .language: ["语言", "通知语言", "language"]
    }
  }
}
