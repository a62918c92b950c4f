package enum NoticeError: YibangError {
  case unknownNotice
  case nothingDecided
  case notRunning
  case unknownLine
  case noWords
  case nothingRunning
  case fileName(String)
  case unknownObjection
  case answeredBefore
  case reviewerDecided

  package var code: String {
    switch self {
    case .unknownNotice: "notice.unknown"
    case .nothingDecided: "notice.nothing_decided"
    case .notRunning: "notice.not_running"
    case .unknownLine: "notice.unknown_line"
    case .noWords: "notice.no_words"
    case .nothingRunning: "notice.nothing_running"
    case .fileName: "notice.file_name"
    case .unknownObjection: "objection.unknown"
    case .answeredBefore: "objection.answered_before"
    case .reviewerDecided: "objection.reviewer_decided"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .unknownNotice, .unknownObjection, .unknownLine: .notFound
    case .reviewerDecided: .forbidden
    case .noWords: .badData
    case .fileName: .usage
    case .nothingDecided, .nothingRunning, .notRunning, .answeredBefore: .conflict
    }
  }

  package var text: Text {
    switch self {
    case .unknownNotice:
      Text("没有这一公示。可用 yibang notice show 查看。", "There is no such notice. See yibang notice show.")
    case .nothingDecided:
      Text("没有已决定、待公示的申请。", "There is no decided case to post.")
    case .notRunning:
      Text(
        "公示期内才能提出异议。公示结束后有新情况的，请向学校或区资助中心反映。",
        "Objections are taken while the notice runs. Afterwards tell the school or the aid centre.")
    case .unknownLine:
      Text("公示中没有这一序号。", "The notice has no line of this number.")
    case .noWords: Text("请写明内容。", "Say what it is about.")
    case .nothingRunning: Text("现在没有公示。", "No notice is running.")
    case .fileName(let path):
      Text("文件 \(path) 应以 .xlsx 结尾。", "The file \(path) has to end in .xlsx.")
    case .unknownObjection:
      Text("没有这一受理编号的异议，请核对编号。", "There is no objection of this number. Check it.")
    case .answeredBefore: Text("这一异议早已答复。", "This objection was answered before.")
    case .reviewerDecided:
      Text(
        "参与评议、提出意见或表决的人不能复核，请换人办理。",
        "Who assessed, proposed or voted does not review. Somebody else has to.")
    }
  }

  static let refusals: [String: NoticeError] = [
    "notice_known": .unknownNotice,
    "notice_empty": .nothingDecided,
    "objection_period": .notRunning,
    "objection_line": .unknownLine,
    "objection_known": .unknownObjection,
    "objection_answered": .answeredBefore,
    "objection_reviewer": .reviewerDecided,
  ]
}
