package import SchoolCalendar

extension Goods {
  /// What an item is, as the registers of schools group it.
  package enum ItemKind: String, Sendable, CaseIterable, Codable {
    case books, stationery, daily, clothing, kit, other

    package var name: Text {
      switch self {
      case .books: Text("图书", "books")
      case .stationery: Text("文具", "stationery")
      case .daily: Text("生活用品", "daily goods")
      case .clothing: Text("衣物", "clothing")
      case .kit: Text("组合包", "kit")
      case .other: Text("其他", "other")
      }
    }

    /// From what people write.
    package init?(word: String) {
      guard let kind = ItemKind.allCases.first(where: { $0.name.zh == word }) else { return nil }
      self = kind
    }

    private static let signs: [(kind: ItemKind, words: [String])] = [
      (.books, ["书籍", "图书", "课本", "绘本", "字典", "词典", "读物", "教辅", "书"]),
      (
        .stationery,
        ["书包", "文具", "铅笔", "钢笔", "笔", "橡皮", "尺", "本子", "作业本", "练习本", "笔记本", "颜料", "墨水"]
      ),
      (.clothing, ["衣", "裤", "鞋", "袜", "帽", "围巾", "手套", "裙", "校服"]),
      (
        .daily,
        ["米", "油", "面", "被", "床", "毛巾", "牙刷", "牙膏", "水杯", "杯", "盆", "奶", "洗", "水壶", "伞", "肥皂"]
      ),
    ]

    /// The kind of an item of which only the name is known: 书包 is no book.
    package init(guessing name: String) {
      let stationery = ItemKind.signs[1].words
      if stationery.contains(where: name.contains) {
        self = .stationery
      } else {
        self = ItemKind.signs.first { $0.words.contains(where: name.contains) }?.kind ?? .other
      }
    }
  }

  package enum Condition: String, Sendable, CaseIterable, Codable {
    case new, good, worn

    package var name: Text {
      switch self {
      case .new: Text("全新", "new")
      case .good: Text("完好", "good")
      case .worn: Text("旧", "worn")
      }
    }

    package init?(word: String) {
      switch word {
      case "新", "全新": self = .new
      case "完好", "良好": self = .good
      case "旧", "半旧": self = .worn
      default: return nil
      }
    }
  }

  /// What happened to goods.
  package enum EventKind: String, Sendable, CaseIterable, Codable {
    case receive, move, count, assemble, appraise, reversal, disassemble
    case handOut = "hand_out"
    case writeOff = "write_off"
    case returned = "return"

    package var name: Text {
      switch self {
      case .receive: Text("入库", "received")
      case .move: Text("移库", "moved")
      case .count: Text("盘点", "counted")
      case .assemble: Text("组包", "assembled")
      case .appraise: Text("估价", "appraised")
      case .reversal: Text("冲正", "reversed")
      case .disassemble: Text("拆包", "taken apart")
      case .handOut: Text("发放", "handed out")
      case .writeOff: Text("核销", "written off")
      case .returned: Text("退回", "returned")
      }
    }
  }

  /// Who signed for what a pupil was given.
  package enum Signer: String, Sendable, CaseIterable, Codable {
    case pupil, guardian, other

    package var name: Text {
      switch self {
      case .pupil: Text("学生本人", "the pupil")
      case .guardian: Text("监护人", "guardian")
      case .other: Text("代签", "someone else")
      }
    }
  }

  /// A signature on a list of goods handed out.
  package struct Signature: Sendable, Hashable {
    package let by: Signer
    /// Of a guardian or another signer to the pupil, such as 母亲.
    package let relation: String?
    package let on: CalendarDate
    /// Where the signed paper lies.
    package let proof: String?

    package init(by: Signer, relation: String? = nil, on: CalendarDate, proof: String? = nil) {
      self.by = by
      self.relation = relation
      self.on = on
      self.proof = proof
    }
  }

  /// When an event took place, why, and on what paper.
  package struct Occasion: Sendable {
    package var semester: Semester
    package var date: CalendarDate
    package var reason: String?
    package var source: String?

    package init(
      semester: Semester, date: CalendarDate, reason: String? = nil, source: String? = nil
    ) {
      self.semester = semester
      self.date = date
      self.reason = reason
      self.source = source
    }

    var digestParts: [String?] { ["\(semester)", "\(date)", reason, source] }
  }
}
