"""Word lists of the sample district. Every name is plainly invented."""

SURNAMES = list("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜") + ["欧阳", "上官"]
# The first given character tells the role: 样例试测… a pupil, 师教 a teacher, 家 a guardian,
# 助 a sponsor, 捐 a donor.
PUPIL_CHARACTERS = "样例试测示范模拟演练"
TEACHER_CHARACTERS = "师教"
GUARDIAN_CHARACTER = "家"
SPONSOR_CHARACTER = "助"
DONOR_CHARACTER = "捐"
LAST_CHARACTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
DOTTED_NAMES = ["阿样·例提", "古试丽·测买提"]
# Four bytes in GB18030 and absent from GBK.
RARE_NAME = "王样㛃"

ETHNICITIES = ["汉族"] * 14 + ["彝族", "彝族", "白族", "回族", "苗族", "傣族"]
STREETS = ["样例街道", "示范街道", "测试镇", "模拟镇", "演练乡"]
VILLAGES = ["甲一村", "乙二村", "丙三村", "丁四社区", "戊五社区", "己六社区"]
GRADES = ["一", "二", "三", "四", "五", "六", "七", "八", "九"]

PARENTS = ["父亲", "母亲"]
RELATIVES = ["祖父", "祖母", "叔父", "姨母"]
SAME_SURNAME = {"父亲", "祖父", "叔父"}

SPECIAL, DIFFICULT, GENERAL = "特别困难", "困难", "一般困难"
ORPHAN = "孤儿"
# Labels as sheets write them. Only (三) and (七) bear a numeral: the others are not confirmed.
CATEGORIES = {
    SPECIAL: [ORPHAN, "脱贫户", "监测户", "特困供养", "建档立卡户"],
    DIFFICULT: ["低保户", "低保", "残疾学生", "残疾人子女"],
    GENERAL: ["其他", "因病", "因灾"],
}
NUMERALS = {ORPHAN: "（三）孤儿", "其他": "（七）其他"}
CAUSES = {
    SPECIAL: "家庭无稳定收入",
    DIFFICULT: "缺少劳动力",
    GENERAL: "家庭成员患病，支出较大",
}

COMPANIES = [
    "样例文具", "示范图书", "测试食品", "模拟科技", "演练建材", "虚构物流", "假定印刷", "试验农业",
]
ORGANISATIONS = ["样例爱心协会", "示范助学促进会", "测试志愿者协会", "模拟慈善服务中心"]
EMPLOYERS = ["测试区样例医院", "测试区示范图书馆", "测试区模拟邮局", "自由职业", "测试区演练公园"]
ANONYMOUS = ["匿名", "爱心人士", "匿名", "爱心人士（匿名）"]
DESIGNATIONS = ["定向：购买书籍", "购买书籍", "定向：购买冬季校服", "购买体育器材"]

# kind, theme, place, outcome, participants from, to
ACTIVITIES = [
    ("主题班会", "学会感恩，与爱同行", "各班教室", "学生踊跃发言", 160, 200),
    ("感恩教育", "给关心我的人写一封信", "各班教室", "收到书信86封", 80, 120),
    ("征文", "“我身边的好人好事”征文", "阅览室", "评出优秀作品12篇", 40, 70),
    ("资助政策宣传", "资助政策家长会", "操场", "发放宣传单200份", 150, 200),
    ("宣传月", "诚信教育宣传月", "宣传栏", "展出板报12期", 180, 200),
    ("家访", "教师走访学生家庭", "学生家中", "完成走访并留存记录", 6, 15),
    ("主题班会", "珍惜时光，努力学习", "多功能教室", "形成班级公约", 160, 200),
    ("感恩教育", "敬老院志愿服务", "测试区样例敬老院", "师生参与服务半天", 30, 50),
]

# Column headers of each way to keep a roster, in the sheet's order, with the field they hold.
ROSTER_LAYOUTS = [
    [
        ("序号", "no"), ("年级", "grade"), ("班级", "class"), ("姓名", "name"), ("性别", "gender"),
        ("民族", "ethnicity"), ("出生年月", "birth"), ("学籍号", "code"), ("身份证号", "id"),
        ("家庭住址", "address"), ("监护人", "guardian"), ("监护人关系", "relation"),
        ("联系电话", "phone"), ("困难类型", "category"), ("等级", "tier"),
        ("是否寄宿", "boarding"), ("班主任", "teacher"), ("监护人同意", "consent"),
        ("备注", "remark"),
    ],
    [
        ("序号", "no"), ("学校", "school"), ("年级", "grade"), ("班级", "class"), ("姓名", "name"),
        ("性别", "gender"), ("身份证号码", "id"), ("学籍号", "code"), ("出生年月", "birth"),
        ("民族", "ethnicity"), ("家长姓名", "guardian"), ("监护人关系", "relation"),
        ("监护人电话", "phone"), ("家庭住址", "address"), ("是否寄宿", "boarding"),
        ("困难类别", "category"), ("困难等级", "tier"), ("监护人同意", "consent"),
        ("班主任", "teacher"), ("备注", "remark"),
    ],
    [
        ("序号", "no"), ("学校", "school"), ("年级", "grade"), ("班级", "class"),
        ("班主任", "teacher"), ("学籍号", "code"), ("姓  名", "name"), ("性别", "gender"),
        ("出生年月", "birth"), ("身份证号", "id"), ("民族", "ethnicity"),
        ("是否\n寄宿", "boarding"), ("监护人", "guardian"), ("监护人关系", "relation"),
        ("监护人电话", "phone"), ("家庭住址", "address"), ("困难类别", "category"),
        ("困难等级", "tier"), ("监护人同意", "consent"), ("同意日期", "consent_date"),
        ("备注", "remark"),
    ],
]
REGISTER_LAYOUT = [
    ("序号", "no"), ("班级", "class"), ("姓名", "name"), ("性别", "gender"),
    ("民族", "ethnicity"), ("出生年月", "birth"), ("家庭住址", "address"),
    ("家庭人口", "household"), ("家长姓名", "guardian"), ("年人均收入", "income"),
    ("致贫原因", "cause"), ("困难类别", "category"), ("等级", "tier"), ("联系电话", "phone"),
    ("帮扶人", "sponsor"), ("备注", "remark"),
]
DONATION_FIELDS = [
    "no", "date", "donor", "kind", "class", "amount", "method", "purpose", "receipt", "handler",
    "signature", "remark",
]
DONATION_HEADERS = [
    ["序号", "日期", "捐款人/单位", "类别", "班级", "金额或物品", "方式", "指定用途", "票据号",
     "经手人", "签字", "备注"],
    ["序号", "日期", "捐款人/单位", "类别", "班级", "金额或物品", "方式", "指定用途", "票据号",
     "经手人", "签字", "备注"],
    ["序号", "捐款日期", "捐款人（单位）", "类别", "班级", "金额（元）或物品", "捐款方式",
     "指定用途", "票据号", "经手人", "签字", "备注"],
]
OFFER_LAYOUT = [
    ("序号", "no"), ("帮扶人/单位", "name"), ("类别", "kind"), ("证件号", "id"),
    ("联系电话", "phone"), ("工作单位", "employer"), ("每学期金额", "amount"),
    ("名额", "places"), ("意愿学校", "wish_school"), ("意愿年级", "wish_grade"),
    ("意愿性别", "wish_gender"), ("是否匿名", "anonymous"), ("备注", "remark"),
]
ACTIVITY_LAYOUT = [
    ("序号", "no"), ("日期", "date"), ("活动类型", "kind"), ("主题", "theme"),
    ("主持人", "host"), ("参加人数", "participants"), ("地点", "place"),
    ("活动效果", "outcome"), ("备注", "remark"),
]
