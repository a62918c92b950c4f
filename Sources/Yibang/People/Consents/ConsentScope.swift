import Foundation

/// What a consent can be for. Each is consented to by itself: none implies another, and no aid
/// depends on one that it does not need (PIPL 29, 16).
package enum ConsentScope: String, Sendable, CaseIterable, Codable {
  case pairing
  case sponsorIdentity = "sponsor_identity"
  case progressReport = "progress_report"
  case letter
  case photo
  case story
  case dataMatch = "data_match"
  case nextSchool = "next_school"

  /// The words of a scope, as they stand on the sheet that is signed.
  package struct Words: Sendable, Equatable {
    package let name: Text
    package let shared: Text
    package let recipient: Text
    package let purpose: Text
  }

  /// Of the words below. Words that change get a new number, and a consent keeps that of its own.
  package static let textVersion = 1

  package var words: Words {
    switch self {
    case .pairing:
      Words(
        name: Text("结对", "pairing"),
        shared: Text("学校、年级、性别、困难等级，姓名以星号遮盖", "school, grade, gender and tier; the name masked"),
        recipient: Text("愿意结对的资助人", "sponsors who take on a pupil"),
        purpose: Text("寻找资助人，结成一帮一", "to find a sponsor"))
    case .sponsorIdentity:
      Words(
        name: Text("告知资助人姓名与班级", "name and class to the sponsor"),
        shared: Text("姓名、班级", "name and class"),
        recipient: Text("本人的资助人", "the pupil's own sponsor"),
        purpose: Text("让资助人知道帮扶的是谁", "so that the sponsor knows whom it supports"))
    case .progressReport:
      Words(
        name: Text("向资助人报告成长情况", "progress report to the sponsor"),
        shared: Text("学习与品行的简要情况", "in short, how studies and conduct go"),
        recipient: Text("本人的资助人", "the pupil's own sponsor"),
        purpose: Text("让资助人了解资助的效果", "so that the sponsor learns what its support does"))
    case .letter:
      Words(
        name: Text("给资助人的信", "letter to the sponsor"),
        shared: Text("学生写的、经学校看过的信", "a letter by the pupil, read by the school before"),
        recipient: Text("本人的资助人", "the pupil's own sponsor"),
        purpose: Text("表达感谢，增进了解", "thanks and acquaintance"))
    case .photo:
      Words(
        name: Text("照片", "photograph"), shared: Text("学生本人的照片", "photographs of the pupil"),
        recipient: Text("本人的资助人", "the pupil's own sponsor"),
        purpose: Text("随信或报告寄送", "sent along with a letter or report"))
    case .story:
      Words(
        name: Text("公开发表事迹", "publication of a story"),
        shared: Text("不含困难原因的成长故事", "a story of growing up, without the cause of hardship"),
        recipient: Text("公众", "the public"), purpose: Text("资助政策宣传", "to make the aid known"))
    case .dataMatch:
      Words(
        name: Text("与部门数据比对", "data match with departments"),
        shared: Text("姓名、身份证号", "name and resident ID"),
        recipient: Text(
          "民政、残联、乡村振兴等部门", "departments such as civil affairs, disabled persons, rural affairs"),
        purpose: Text("核实家庭经济困难情况", "to verify the hardship"))
    case .nextSchool:
      Words(
        name: Text("升学、转学时转交资助档案", "aid file to the next school"),
        shared: Text("困难等级、受助记录", "tier and aid received"),
        recipient: Text("升入或转入的学校", "the school that the pupil moves to"),
        purpose: Text("资助不中断", "so that aid goes on without a gap"))
    }
  }

  package var name: Text { words.name }

  /// Whether it can be given for one sponsor alone.
  package var isForSponsor: Bool {
    [.sponsorIdentity, .progressReport, .letter, .photo].contains(self)
  }

  /// Whether the family's application is the ground, so that who never consented may object.
  var restsOnApplication: Bool { self == .dataMatch }

  /// Whether what is shared stays where others see it, so that it is taken down after a withdrawal.
  package var isLasting: Bool { self == .photo || self == .story }
}

/// Who consents, or withdraws: PIPL 31 asks the guardian's consent under fourteen; from fourteen on
/// the pupil's own stands beside it.
package enum ConsentGiver: Sendable, Hashable {
  /// By name, as on record.
  case guardian(String)
  case pupil

  var code: String {
    switch self {
    case .guardian: "guardian"
    case .pupil: "pupil"
    }
  }
}

/// How a consent is proven.
package enum ConsentProof: Sendable, Hashable {
  /// A signed sheet, and its place in the archive.
  case paper(String)
  /// A scan or recording, with its checksum.
  case file(name: String, sha256: [UInt8])
  /// Given in person before a witness.
  case inPerson(witness: String)

  /// A file by its name and checksum; the file itself stays where it is.
  /// - Throws: `ConsentError.unreadable`.
  package static func file(at path: String) throws -> ConsentProof {
    do {
      return .file(
        name: (path as NSString).lastPathComponent, sha256: try Import.digest(path))
    } catch {
      throw ConsentError.unreadable(path: path)
    }
  }

  var code: String {
    switch self {
    case .paper: "paper"
    case .file: "file"
    case .inPerson: "in_person"
    }
  }

  var words: String {
    switch self {
    case .paper(let words), .file(let words, _), .inPerson(let words): normalizeText(words)
    }
  }

  var sha256: [UInt8]? { if case .file(_, let sha256) = self { sha256 } else { nil } }

  /// What the codes of the database mean to people.
  static func name(_ code: String) -> Text {
    switch code {
    case "paper": Text("纸质同意书", "signed paper")
    case "file": Text("文件", "file")
    case "in_person": Text("当面，有见证人", "in person, with a witness")
    case "sheet": Text("花名册", "roster")
    case "erased": Text("已删除", "erased")
    case "objection": Text("反对，此前未曾同意", "objection, without any consent before")
    default: Text("早先登记", "recorded earlier")
    }
  }
}
