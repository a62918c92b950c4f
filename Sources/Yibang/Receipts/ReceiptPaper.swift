import SchoolCalendar

extension Receipts.Receipt {
  /// What has to be said beside a receipt: what its gift is now, and what became of the receipt.
  package var remarks: [Text] {
    var remarks: [Text] = []
    if let net, let given {
      switch giftState {
      case .whole: break
      case .partlyTakenBack:
        remarks.append(
          Text("捐赠原额 \(given)，现额 \(net)", "the gift was \(given); \(net) is left of it"))
      case .takenBack:
        remarks.append(
          Text("捐赠原额 \(given)，已全部冲回", "the gift was \(given); nothing is left of it"))
      }
    }
    switch state {
    case .valid: break
    case .toBeReplaced:
      remarks.append(Text("金额已变动，请换开", "the amount changed: reissue it"))
    case .toBeVoided: remarks.append(Text("请作废", "void it"))
    case .void:
      let day = voidedOn.map { "\($0)" } ?? ""
      let actor = voidedBy.map { "\u{20}\($0)" } ?? ""
      remarks.append(
        Text(
          "\(day)\(actor) 作废：\(voidReason ?? "")", "void since \(day),\(actor): \(voidReason ?? "")"
        ))
    }
    if let replaces { remarks.append(Text("换开自 \(replaces)", "in place of \(replaces)")) }
    if let replacedBy { remarks.append(Text("由 \(replacedBy) 换开", "replaced by \(replacedBy)")) }
    return remarks
  }

  /// The receipt as it is printed, line by line: what 慈善法 38 asks for, then what became of it.
  package var paper: [(label: Text, value: Text)] {
    let none = Text("未登记", "not on record")
    func said(_ text: String?) -> Text { text.map { Text($0, $0) } ?? none }
    func day(_ date: CalendarDate?) -> Text { date.map { Text($0.chinese, "\($0)") } ?? none }
    var lines: [(label: Text, value: Text)] = [
      (Text("收据号", "Number"), said("\(number)")), (Text("状态", "State"), state.name),
      (Text("开具单位", "Issued by"), said(unit)),
      (
        Text("捐赠人", "Donor"),
        donorKind.map { Text("\(donor)（\($0.name.zh)）", "\(donor) (\($0.name.en))") } ?? said(donor)
      ),
      (
        Text("捐赠种类", "Kind"),
        goods.map { Text("\(kind.name.zh)：\($0)", "\(kind.name.en): \($0)") } ?? kind.name
      ),
      (
        Text("金额", "Amount"),
        amount.map {
          Text("\($0)（人民币\($0.uppercase)）", "\($0) (in words: 人民币\($0.uppercase))")
        } ?? none
      ),
      (Text("捐赠日期", "Received on"), day(receivedOn)),
      (Text("方式", "Paid by"), method?.name ?? none),
      (Text("基金", "Fund"), said(fund)),
      (Text("指定用途", "Meant for"), designation.map { Text($0, $0) } ?? Text("无", "nothing named")),
      (
        Text("经手人", "Taken by"), handler.map { Text($0, $0) } ?? Text("不公开", "not shown")
      ), (Text("开具日期", "Issued on"), day(issuedOn)),
      (Text("统一票据号", "Official receipt"), said(officialNumber)),
      (Text("捐赠现状", "The gift now"), giftState.name),
    ]
    lines += remarks.map { (Text("说明", "Remark"), $0) }
    return lines
  }

  /// What a receipt of the school's own book is not.
  package static let footnote = Text(
    "本收据由本单位自行编号，记录捐赠事实；公益事业捐赠统一票据另由有权单位开具，此处只登记其号码。",
    "This receipt bears a number of the unit's own book and records the gift. The official "
      + "公益事业捐赠统一票据 is issued by those entitled to; only its number is recorded here.")
}
