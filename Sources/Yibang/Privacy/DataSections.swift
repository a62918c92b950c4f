import Foundation
import HardshipRecognition
import Postgres

extension DataSection {
  /// Everything that is held about a child. Who else's data stand in a record, such as an objector's,
  /// are left out.
  static let all: [DataSection] = people + recognition + aid + company

  private static func sealed(_ table: String, _ column: String) -> SealedColumn {
    SealedColumn(table, column)
  }

  private static let people: [DataSection] = [
    DataSection(
      code: "identity", title: Text("身份信息", "identity"),
      sql: """
        select s.id, 0, s.name, s.gender, s.ethnicity, to_char(s.birth_month, 'YYYY-MM'), h.name,
          s.grade, s.class_name, s.head_teacher, s.boarding::text, s.private_sealed
        from student s
        join school h on h.district_id = s.district_id and h.id = s.school_id
        where s.district_id = $1 and s.id = $2
        """,
      columns: [
        Column("name", "姓名", "name"),
        Column(
          "gender", "性别", "gender",
          .code { $0 == "male" ? Text("男", "male") : Text("女", "female") }),
        Column("ethnicity", "民族", "ethnicity"), Column("born", "出生年月", "month of birth"),
        Column("school", "学校", "school"), Column("grade", "年级", "grade"),
        Column("class", "班级", "class"), Column("head_teacher", "班主任", "class teacher"),
        Column("boarding", "寄宿", "boarding", .code(yesNo)),
        Column("private", "", "", .sealed(sealed("student", "private_sealed"), fields: true)),
      ]),
    DataSection(
      code: "guardians", title: Text("监护人", "guardians"),
      sql: """
        select g.id, 0, g.name, g.relation, g.private_sealed from guardian g
        where g.district_id = $1 and g.student_id = $2
        order by g.id
        """,
      columns: [
        Column("name", "姓名", "name"), Column("relation", "关系", "relation"),
        Column("private", "", "", .sealed(sealed("guardian", "private_sealed"), fields: true)),
      ]),
    DataSection(
      code: "schools", title: Text("转学", "transfers"),
      sql: """
        select m.id, 0, a.name, b.name, m.moves_on::text, m.state from student_move m
        join school a on a.district_id = m.district_id and a.id = m.from_school
        join school b on b.district_id = m.district_id and b.id = m.to_school
        where m.district_id = $1 and m.student_id = $2
        order by m.moves_on, m.id
        """,
      columns: [
        Column("from", "转出学校", "from"), Column("to", "转入学校", "to"),
        Column("on", "日期", "on"),
        Column("state", "状态", "state", .code { StudentMoves.State(rawValue: $0)?.name }),
      ]),
    DataSection(
      code: "consents", title: Text("同意", "consents"),
      sql: """
        select c.id, 0, c.scope, c.given_by, c.relation, c.given_on::text, c.valid_until::text,
          c.proof_kind, c.proof, c.withdrawn_on::text,
          case when d.anonymous then '匿名' else d.name end
        from consent c
        left join donor d on d.district_id = c.district_id and d.id = c.donor_id
        where c.district_id = $1 and c.student_id = $2
        order by c.given_on, c.id
        """,
      columns: [
        Column("scope", "事项", "scope", .code { ConsentScope(rawValue: $0)?.name }),
        Column("given_by", "同意人", "given by"), Column("relation", "关系", "relation"),
        Column("given_on", "同意日期", "given on"), Column("until", "有效至", "valid until"),
        Column("proof_kind", "凭证种类", "kind of proof", .code { ConsentProof.name($0) }),
        Column("proof", "凭证", "proof"), Column("withdrawn_on", "撤回日期", "withdrawn on"),
        Column("sponsor", "仅限资助人", "for the sponsor"),
      ]),
    DataSection(
      code: "shared", title: Text("提供和公开", "shared and published"),
      sql: """
        select u.id, 0, u.scope, u.what, u.shared_on::text, u.ended_on::text from consent_use u
        where u.district_id = $1 and u.student_id = $2
        order by u.shared_on, u.id
        """,
      columns: [
        Column("scope", "事项", "scope", .code { ConsentScope(rawValue: $0)?.name }),
        Column("what", "内容", "what"), Column("shared_on", "提供日期", "shared on"),
        Column("ended_on", "撤下日期", "taken down on"),
      ]),
    DataSection(
      code: "looks", title: Text("查看记录", "who looked at it"),
      sql: """
        select $2::uuid, 0, to_char(r.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), r.role,
          r.way, array_to_string(r.what, ' '), r.reason
        from reveals_of($2) r
        where current_district() = $1
        order by r.at
        """,
      columns: [
        Column("at", "时间", "at"),
        Column("role", "角色", "role", .code { Role(rawValue: $0)?.name }),
        Column("way", "方式", "way", .code { Reveals.Way(rawValue: $0)?.name }),
        Column("what", "内容", "what"), Column("reason", "理由", "reason"),
      ]),
  ]

  private static let grounds = sealed("recognition_case", "grounds_sealed")
  private static let found = sealed("case_assessment", "grounds_sealed")

  private static func proposal(_ bytes: [UInt8]) throws -> CaseGrounds.Proposal {
    try JSONDecoder().decode(CaseGrounds.Proposal.self, from: Data(bytes))
  }

  private static func finding(_ bytes: [UInt8]) throws -> CaseGrounds.Finding {
    try JSONDecoder().decode(CaseGrounds.Finding.self, from: Data(bytes))
  }

  private static let recognition: [DataSection] = [
    DataSection(
      code: "recognitions", title: Text("困难认定结果", "recognitions"),
      sql: """
        select r.id, 0, r.school_year::text, r.tier, r.category, r.state, r.valid_from::text,
          r.valid_until::text, r.rule_set || ' ' || r.rule_version
        from recognition r
        where r.district_id = $1 and r.student_id = $2
        order by r.valid_from, r.id
        """,
      columns: [
        Column("school_year", "学年", "school year"), Column("tier", "等级", "tier", .code(tier)),
        Column("category", "类型", "category"), Column("state", "状态", "state"),
        Column("from", "自", "from"), Column("until", "至", "until"),
        Column("rules", "所依规则", "rules"),
      ]),
    DataSection(
      code: "cases", title: Text("困难认定申请", "recognition cases"),
      sql: """
        select c.id, 0, c.applied_on::text, c.state, c.tier, c.claims_sealed,
          c.grounds_sealed, c.grounds_sealed, g.name, c.private_sealed, c.changed_sealed
        from recognition_case c
        left join guardian g on g.district_id = c.district_id and g.id = c.guardian_id
        where c.district_id = $1 and c.student_id = $2
        order by c.applied_on, c.id
        """,
      columns: [
        Column("applied_on", "申请日期", "applied on"),
        Column("state", "状态", "state", .code { CaseState(rawValue: $0)?.name }),
        Column("tier", "等级", "tier", .code(tier)),
        Column(
          "claims", "申请的类型", "claims",
          .opened(sealed("recognition_case", "claims_sealed")) {
            try JSONDecoder().decode([String].self, from: Data($0))
          }),
        Column("reasons", "依据", "reasons", .opened(grounds) { try proposal($0).reasons.map(\.zh) }),
        Column(
          "disqualifiers", "不予认定的情形", "disqualifiers",
          .opened(grounds) { try proposal($0).disqualifiers }),
        Column("guardian", "申请的监护人", "guardian who applied"),
        Column(
          "words", "建议理由", "why it was proposed",
          .sealed(sealed("recognition_case", "private_sealed"), fields: false)),
        Column(
          "changed", "变化的情况", "what has changed",
          .sealed(sealed("recognition_case", "changed_sealed"), fields: false)),
      ]),
    DataSection(
      code: "findings", title: Text("调查评议", "findings"),
      sql: """
        select f.id, 0, f.assessed_on::text, f.method, f.shows_hardship::text, f.score::text,
          f.grounds_sealed, f.grounds_sealed, f.private_sealed
        from student_findings($2) f
        where current_district() = $1
        """,
      columns: [
        Column("on", "日期", "on"),
        Column("method", "方式", "method", .code { AssessmentMethod(rawValue: $0)?.name }),
        Column("hardship", "认为困难", "shows hardship", .code(yesNo)),
        Column("score", "得分", "score"),
        Column("factors", "因素", "factors", .opened(found) { try finding($0).factors }),
        Column(
          "answers", "评分表的选项", "answers on the score card",
          .opened(found) { try finding($0).answers.sorted { $0 < $1 }.map { "\($0)=\($1)" } }),
        Column(
          "words", "记录", "words",
          .sealed(sealed("case_assessment", "private_sealed"), fields: false)),
      ]),
    DataSection(
      code: "proofs", title: Text("佐证", "proofs"),
      sql: """
        select p.id, 0, p.category, p.department, p.form, p.seen_on::text from case_proof p
        join recognition_case c on c.district_id = p.district_id and c.id = p.case_id
        where p.district_id = $1 and c.student_id = $2
        order by p.seen_on, p.id
        """,
      columns: [
        Column("category", "类型", "category"), Column("department", "部门", "department"),
        Column("form", "形式", "form"), Column("seen_on", "查看日期", "seen on"),
      ]),
    DataSection(
      code: "notices", title: Text("公示", "notices"),
      sql: """
        select n.id, l.line, n.posted_on::text, n.ends_on::text, l.masked_name, l.tier,
          l.taken_off_on::text
        from recognition_case c
        join notice_line l on l.district_id = c.district_id and l.case_id = c.id
        join notice n on n.district_id = l.district_id and n.id = l.notice_id
        where c.district_id = $1 and c.student_id = $2
        order by n.posted_on, n.id
        """,
      columns: [
        Column("posted_on", "公示日期", "posted on"), Column("ends_on", "公示期满", "ends on"),
        Column("shown", "公示的姓名", "name as shown"), Column("tier", "等级", "tier", .code(tier)),
        Column("taken_off_on", "撤下日期", "taken off on"),
      ]),
    DataSection(
      code: "revocations", title: Text("撤销认定", "revocations"),
      sql: """
        select v.id, 0, v.state, v.undue_since::text, v.proposed_on::text, v.decided_on::text,
          v.private_sealed, v.heard_sealed
        from revocation v
        where v.district_id = $1 and v.student_id = $2
        order by v.proposed_on, v.id
        """,
      columns: [
        Column("state", "状态", "state", .code { Revocations.State(rawValue: $0)?.name }),
        Column("since", "不当享受之日", "undue since"), Column("proposed_on", "提出日期", "proposed on"),
        Column("decided_on", "决定日期", "decided on"),
        Column("private", "", "", .sealed(sealed("revocation", "private_sealed"), fields: true)),
        Column(
          "answer", "家庭意见", "the family's answer",
          .sealed(sealed("revocation", "heard_sealed"), fields: false)),
      ]),
  ]

  @Sendable private static func yesNo(_ value: String) -> Text? {
    value == "true" ? Text("是", "yes") : Text("否", "no")
  }

  @Sendable private static func tier(_ value: String) -> Text? {
    Tier(rawValue: value)?.words
  }
}
