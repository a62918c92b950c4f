import Postgres

extension DataSection {
  /// Money and goods.
  static let aid: [DataSection] = [
    DataSection(
      code: "payments", title: Text("发放", "payments"),
      sql: """
        select l.id, 0, b.title, p.name_zh, l.amount_fen, l.state, b.paid_on::text,
          l.confirmed_on::text, l.received_fen, l.note, l.explanation, l.payee_sealed
        from payment_line l
        join payment_batch b on b.district_id = l.district_id and b.id = l.batch_id
        join purpose p on p.district_id = l.district_id and p.code = l.purpose
        where l.district_id = $1 and l.student_id = $2
        order by b.paid_on, l.id
        """,
      columns: [
        Column("batch", "批次", "batch"), Column("purpose", "项目", "purpose"),
        Column("due", "应发", "due", .money),
        Column("state", "状态", "state", .code { PaymentLineState(rawValue: $0)?.name }),
        Column("paid_on", "发放日期", "paid on"), Column("confirmed_on", "签收日期", "confirmed on"),
        Column("received", "实收", "received", .money), Column("note", "备注", "note"),
        Column("explanation", "差额说明", "explanation"),
        Column(
          "payee", "", "", .sealed(SealedColumn("payment_line", "payee_sealed"), fields: true)),
      ]),
    DataSection(
      code: "payouts", title: Text("一帮一发放计划", "planned payouts"),
      sql: """
        select o.id, 0, o.due_on::text, o.amount_fen, o.state, o.reason from payout o
        where o.district_id = $1 and o.student_id = $2
        order by o.due_on, o.id
        """,
      columns: [
        Column("due_on", "应发日期", "due on"), Column("amount", "金额", "amount", .money),
        Column("state", "状态", "state"), Column("reason", "原因", "reason"),
      ]),
    DataSection(
      code: "clawbacks", title: Text("追回", "clawbacks"),
      sql: """
        select c.id, 0, c.opened_on::text, c.reason, c.due_fen, c.note from clawback c
        join payment_line l on l.district_id = c.district_id and l.transfer_id = c.transfer_id
        where c.district_id = $1 and l.student_id = $2
        order by c.opened_on, c.id
        """,
      columns: [
        Column("opened_on", "日期", "opened on"), Column("reason", "原因", "reason"),
        Column("due", "应追回", "due", .money), Column("note", "备注", "note"),
      ]),
    DataSection(
      code: "goods", title: Text("物资", "goods"),
      sql: """
        select h.id, 0, h.handed_on::text, i.name, h.quantity || i.unit, h.signed_by,
          h.signer_relation, h.signed_on::text, h.proof
        from goods_hand_out h
        join goods_item i on i.district_id = h.district_id and i.id = h.item_id
        where h.district_id = $1 and h.student_id = $2
        order by h.handed_on, h.id
        """,
      columns: [
        Column("handed_on", "领取日期", "handed on"), Column("item", "物资", "item"),
        Column("quantity", "数量", "quantity"), Column("signed_by", "签收人", "signed by"),
        Column("relation", "关系", "relation"), Column("signed_on", "签收日期", "signed on"),
        Column("proof", "凭证", "proof"),
      ]),
  ]

  /// The sponsor, what the child wrote, and who worked with its data.
  static let company: [DataSection] = [
    DataSection(
      code: "pairings", title: Text("结对", "pairings"),
      sql: """
        select p.id, 0, case when d.anonymous then '匿名' else d.name end, p.started_on::text,
          p.ended_on::text, p.state, p.end_reason
        from pairing p
        join donor d on d.district_id = p.district_id and d.id = p.donor_id
        where p.district_id = $1 and p.student_id = $2
        order by p.started_on, p.id
        """,
      columns: [
        Column("sponsor", "资助人", "sponsor"), Column("started_on", "开始", "started on"),
        Column("ended_on", "结束", "ended on"), Column("state", "状态", "state"),
        Column("end_reason", "结束原因", "why it ended"),
      ]),
    DataSection(
      code: "letters", title: Text("感恩信", "letters"),
      sql: """
        select l.id, l.version, l.written_on::text, l.state, l.form, l.content_sealed
        from student_letters($2) l
        where current_district() = $1
        """,
      columns: [
        Column("written_on", "日期", "written on"),
        Column("state", "状态", "state", .code { Letters.State(rawValue: $0)?.name }),
        Column("form", "形式", "form"), Column("text", "内容", "text", .letter),
      ]),
    DataSection(
      code: "activities", title: Text("活动", "activities"),
      sql: """
        select a.id, 0, a.held_on::text, a.kind, a.theme, a.place, a.outcome, a.note from pairing p
        join activity_link n on n.district_id = p.district_id and n.pairing_id = p.id
        join activity a on a.district_id = n.district_id and a.id = n.activity_id
        where p.district_id = $1 and p.student_id = $2
        order by a.held_on, a.id
        """,
      columns: [
        Column("held_on", "日期", "held on"),
        Column("kind", "种类", "kind", .code { ActivityKind(rawValue: $0)?.name }),
        Column("theme", "主题", "theme"), Column("place", "地点", "place"),
        Column("outcome", "成效", "outcome"), Column("note", "备注", "note"),
      ]),
    // Who looked at the data, and what else was done with the pupil's record.
    DataSection(
      code: "trail", title: Text("操作记录", "what was done with the data"),
      sql: """
        select a.id, 0, to_char(a.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS'),
          a.action, u.role
        from audit a
        left join app_user u on u.district_id = a.district_id and u.id = a.actor_id
        where a.district_id = $1 and a.subject_id = $2
        order by a.id
        """,
      columns: [
        Column("at", "时间", "at"), Column("action", "操作", "action"),
        Column("role", "角色", "role", .code { Role(rawValue: $0)?.name }),
      ]),
  ]
}
