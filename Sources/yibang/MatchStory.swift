import HardshipRecognition
import Spreadsheet
import Yibang

extension Work {
  /// A proposal in short, with the reasons for which pupils and places are left over, counted.
  func tell(_ summary: Proposals.Summary) throws {
    guard settings.format == .table else {
      return try printer.list([summary], Proposals.Summary.columns, json: summary)
    }
    try standardOutput(
      printer.table([summary], Proposals.Summary.columns) + moved(summary) + leftOver(summary))
  }

  /// The same for a proposal just made, with what is done next.
  func tellProposed(_ summary: Proposals.Summary) throws {
    try tell(summary)
    guard summary.pairs > 0 else { return }
    let id = summary.id.shown
    printer.notice(
      Text(
        "查看：yibang match show \(id)；请另一人批准：yibang match approve \(id) --as 用户",
        "Look at it: yibang match show \(id). Somebody else approves it: "
          + "yibang match approve \(id) --as USER"))
  }

  /// How much of the proposal before it stayed.
  private func moved(_ summary: Proposals.Summary) -> String {
    guard let kept = summary.kept, let changed = summary.changed,
      let added = summary.added
    else { return "" }
    return Text(
      "\n与所代替的方案相比：\(kept) 对不变，\(changed) 对有变动，新增 \(added) 对。\n",
      "\nOf the pairs of the proposal that it replaces \(kept) stay and \(changed) change; \(added) "
        + "are new.\n")(language)
  }

  /// A proposal with every pair and the reason for it; as CSV the pairs alone.
  func tell(_ detail: Proposals.Detail, ids: Bool) throws {
    let columns = Proposals.Pair.columns + (ids ? Proposals.Pair.ids : [])
    guard settings.format == .table else {
      return try printer.list(detail.pairs, columns, json: detail)
    }
    var parts = [printer.table([detail.summary], Proposals.Summary.columns)]
    parts.append(printer.table(detail.pairs, columns))
    if !detail.leftPupils.isEmpty {
      parts.append(
        Text("没有配上的学生：\n", "Pupils left over:\n")(language)
          + printer.table(
            detail.leftPupils, Proposals.LeftPupil.columns + (ids ? Proposals.LeftPupil.ids : [])))
    }
    if !detail.leftPlaces.isEmpty {
      parts.append(
        Text("剩余的名额：\n", "Places left over:\n")(language)
          + printer.table(
            detail.leftPlaces, Proposals.LeftPlaces.columns + (ids ? Proposals.LeftPlaces.ids : []))
      )
    }
    try standardOutput(parts.joined(separator: "\n"))
  }

  /// Nobody and nothing is left over without a reason.
  func leftOver(_ summary: Proposals.Summary) -> String {
    let groups: [(Text, [Proposals.Count])] = [
      (Text("没有配上的学生", "Pupils without a place"), summary.unserved),
      (Text("不能参加配对的学生", "Pupils who cannot be proposed"), summary.ineligible),
      (Text("剩余的名额", "Places left over"), summary.freePlaces),
    ]
    var text = ""
    for (title, counts) in groups where !counts.isEmpty {
      text += "\n\(title(language))\(language == .zh ? "：" : ":")\n"
      for line in counts { text += "  \(line.count)  \(line.reason.text(language))\n" }
    }
    return text
  }
}

extension Proposals.Summary {
  static let columns: [Column<Proposals.Summary>] = [
    Column("方案", "proposal") { .id($0.id) },
    Column("学期", "semester") { .text("\($0.semester)") },
    Column("状态", "state") { .text($0.state.name($1)) },
    Column("配对", "pairs", right: true) { .integer(Int64($0.pairs)) },
    Column("待接受", "open", right: true) { .integer(Int64($0.open)) },
    Column("保留中", "held", right: true) { .integer(Int64($0.held)) },
    Column("已接受", "accepted", right: true) { .integer(Int64($0.accepted)) },
    Column("提出人", "proposed by") { .text($0.proposedBy) },
    Column("批准人", "approved by") { .optional($0.approvedBy) },
  ]
}

extension Proposals.Pair {
  static let ids: [Column<Proposals.Pair>] = [
    Column("学生编号", "pupil's id") { .id($0.student) },
    Column("意向编号", "offer's id") { .id($0.offer) },
  ]
  static let columns: [Column<Proposals.Pair>] = [
    Column("序", "rank", right: true) { .integer(Int64($0.rank)) },
    Column("学生", "pupil") { .text($0.pupil) },
    Column("学校", "school") { .text($0.school) },
    Column("年级", "grade") { .optional($0.grade) },
    Column("班级", "class") { .optional($0.className) },
    Column("等级", "tier") { .optional($0.tier?.name($1)) },
    Column("帮扶人", "sponsor") { .text($0.sponsor) },
    Column("每学期", "a semester", right: true) { .money($0.amount) },
    Column("状态", "state") { .text($0.state.name($1)) },
    Column("保留至", "held until") { $0.heldUntil.map { .date($0) } ?? .empty },
    Column("编号", "id") { .id($0.id) },
    Column("理由", "reason") { .text($0.reason.text($1)) },
  ]
}

extension Proposals.LeftPupil {
  static let ids: [Column<Proposals.LeftPupil>] = [
    Column("学生编号", "pupil's id") { .id($0.student) }
  ]
  static let columns: [Column<Proposals.LeftPupil>] = [
    Column("学生", "pupil") { .text($0.pupil) },
    Column("学校", "school") { .text($0.school) },
    Column("年级", "grade") { .optional($0.grade) },
    Column("班级", "class") { .optional($0.className) },
    Column("等级", "tier") { .optional($0.tier?.name($1)) },
    Column("理由", "reason") { .text($0.reason.text($1)) },
  ]
}

extension Proposals.LeftPlaces {
  static let ids: [Column<Proposals.LeftPlaces>] = [
    Column("意向编号", "offer's id") { .id($0.offer) }
  ]
  static let columns: [Column<Proposals.LeftPlaces>] = [
    Column("帮扶人", "sponsor") { .text($0.sponsor) },
    Column("名额", "places", right: true) { .integer(Int64($0.places)) },
    Column("理由", "reason") { .text($0.reason.text($1)) },
  ]
}
