/// Where a case stands. The database allows no other way than the one described here.
package enum CaseState: String, Sendable, CaseIterable, Codable {
  /// 个人申请; the class nominates next.
  case applied
  case notNominated = "not_nominated"
  /// 学校认定; the panel assesses, then the school proposes.
  case nominated
  /// The leading group votes.
  case assessed
  /// The group agreed that there is no ground for recognition.
  case rejected
  /// To be put on a notice.
  case decided
  /// 结果公示.
  case onNotice = "on_notice"
  /// 建档备案.
  case filed
  case withdrawn

  package var name: Text {
    switch self {
    case .applied: Text("已申请，待班级提名", "applied, to be nominated")
    case .notNominated: Text("班级未提名", "not nominated")
    case .nominated: Text("已提名，待学校认定", "nominated, to be assessed")
    case .assessed: Text("已提出意见，待领导小组决定", "proposed, to be decided")
    case .rejected: Text("不予认定", "not recognised")
    case .decided: Text("已决定，待公示", "decided, to be posted")
    case .onNotice: Text("公示中", "on notice")
    case .filed: Text("已备案", "filed")
    case .withdrawn: Text("已撤回", "withdrawn")
    }
  }

  /// Whether nothing more is to be done.
  package var isEnd: Bool { [.notNominated, .rejected, .filed, .withdrawn].contains(self) }
}

/// How the circumstances of a family are found out (认定方式).
package enum AssessmentMethod: String, Sendable, CaseIterable, Codable {
  case homeVisit = "home_visit"
  case interview
  case letter
  case dataMatch = "data_match"
  case score
  case appraisal

  package var name: Text {
    switch self {
    case .homeVisit: Text("家访", "home visit")
    case .interview: Text("个别访谈", "interview")
    case .letter: Text("信函索证", "letter of enquiry")
    case .dataMatch: Text("大数据比对", "data match")
    case .score: Text("量化评估", "scored assessment")
    case .appraisal: Text("民主评议", "democratic appraisal")
    }
  }
}
