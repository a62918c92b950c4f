/// The columns of a roster (学生花名册, 受助学生花名册, 贫困生情况登记表, 认定结果汇总表).
package enum StudentColumn: SheetColumn {
  case name, school, grade, className, gender, ethnicity, birth, studentCode, residentID, address
  case familySize, income, cause, basis, guardian, relation, phone, category, tier, boarding,
    headTeacher
  case consent, pupilConsent, consentDate, semester

  package static let required: [StudentColumn] = [.name]

  package var headings: [String] {
    switch self {
    case .name: ["姓名", "学生姓名", "受助学生姓名", "学生", "name"]
    case .school: ["学校", "学校名称", "就读学校", "所在学校", "school"]
    case .grade: ["年级", "所在年级", "grade"]
    case .className: ["班级", "所在班级", "班别", "班级名称", "年级班级", "class"]
    case .gender: ["性别", "gender", "sex"]
    case .ethnicity: ["民族", "ethnicity"]
    case .birth: ["出生年月", "出生日期", "出生年月日", "生日", "birth"]
    case .studentCode: ["学籍号", "全国学籍号", "学籍编号", "学籍号码", "studentcode"]
    case .residentID:
      [
        "身份证号", "身份证号码", "身份证", "身份证件号", "身份证件号码", "公民身份号码", "学生身份证号", "学生身份证号码", "证件号码",
        "residentid",
      ]
    case .address: ["家庭住址", "家庭地址", "住址", "地址", "户籍地址", "家庭详细住址", "address"]
    case .familySize: ["家庭人口", "家庭人口数", "家庭人数"]
    case .income: ["年人均收入", "家庭年人均收入", "人均年收入", "人均收入"]
    case .cause: ["致贫原因", "困难原因", "贫困原因", "家庭困难原因"]
    case .basis: ["认定依据", "认定理由"]
    case .guardian: ["家长姓名", "监护人", "监护人姓名", "家长", "父母姓名", "父亲或母亲姓名", "guardian"]
    case .relation: ["监护人关系", "与学生关系", "关系", "与监护人关系", "家长与学生关系"]
    case .phone:
      ["联系电话", "电话", "监护人电话", "家长电话", "手机", "手机号", "手机号码", "联系方式", "家长联系电话", "监护人联系电话", "phone"]
    case .category: ["困难类别", "困难类型", "认定类别", "贫困类型", "家庭困难类型", "类别", "category"]
    case .tier: ["等级", "困难等级", "认定等级", "困难程度", "贫困等级", "认定档次", "档次", "tier"]
    case .boarding: ["是否寄宿", "寄宿", "是否住校", "是否寄宿生", "住宿情况", "住校"]
    case .headTeacher: ["班主任", "班主任姓名", "headteacher"]
    case .consent: ["监护人同意", "监护人是否同意", "家长同意", "家长是否同意", "是否同意", "监护人同意结对", "consent"]
    case .pupilConsent: ["学生本人同意", "本人同意", "学生同意"]
    case .consentDate: ["同意日期", "监护人同意日期", "签字日期"]
    case .semester: ["学期", "学年学期"]
    }
  }
}
