package import Foundation
import MerkleLog
package import SchoolCalendar

package enum SealError: YibangError {
  case wholeDistrictOnly
  case noKeyFolder
  case noKeyGiven
  case keyLost(path: String)
  case otherKey(path: String)
  case noSealYet
  case unknownSeal(Int)
  case earlierThanLast(last: CalendarDate)
  case sealsReversed(from: Int, to: Int)
  case notSealedYet(donation: UUID)
  case damaged(Text)
  case publishedOtherwise(path: String)
  case unwritable(path: String)
  case unreadable(path: String)
  case notAKey(String)
  case notACheckpoint(path: String, Text)

  package var code: String {
    switch self {
    case .wholeDistrictOnly: "seal.whole_district_only"
    case .noKeyFolder: "seal.no_key_folder"
    case .noKeyGiven: "seal.no_key_given"
    case .keyLost: "seal.key_lost"
    case .otherKey: "seal.other_key"
    case .noSealYet: "seal.none_yet"
    case .unknownSeal: "seal.unknown"
    case .earlierThanLast: "seal.earlier_than_last"
    case .sealsReversed: "seal.reversed"
    case .notSealedYet: "seal.not_sealed_yet"
    case .damaged: "seal.damaged"
    case .publishedOtherwise: "seal.published_otherwise"
    case .unwritable: "seal.unwritable"
    case .unreadable: "seal.unreadable"
    case .notAKey: "seal.not_a_key"
    case .notACheckpoint: "seal.not_a_checkpoint"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .wholeDistrictOnly: .forbidden
    case .noKeyFolder, .keyLost, .otherKey, .unwritable: .configuration
    case .noSealYet, .unknownSeal, .notSealedYet: .notFound
    case .earlierThanLast, .publishedOtherwise: .conflict
    case .sealsReversed, .notAKey, .noKeyGiven: .usage
    case .damaged, .notACheckpoint: .badData
    case .unreadable: .unreadable
    }
  }

  package var text: Text {
    switch self {
    case .wholeDistrictOnly:
      Text(
        "封存与核验涉及全区账目，请以区一级的用户办理。",
        "Sealing and verifying concern the whole district. Act as a district user.")
    case .noKeyFolder:
      Text(
        "这里没有密钥目录，请用 yibang 命令封存。", "There is no folder of keys here. Seal with the yibang command."
      )
    case .noKeyGiven:
      Text("请用 --key 给出公布的验证公钥。", "Give the published verifier key with --key.")
    case .keyLost(let path):
      Text(
        "封存账目用的签名密钥 \(path) 不见了。请从备份恢复该文件；系统不会另造新密钥。",
        "The key that signs the seals, \(path), is gone. Restore it from your backup: no new one "
          + "takes its place.")
    case .otherKey(let path):
      Text(
        "\(path) 不是以往封存所用的签名密钥。请恢复原来的文件。",
        "\(path) is not the key that signed the earlier seals. Restore the original file.")
    case .noSealYet:
      Text("还没有封存过。请先运行 yibang seal make。", "Nothing is sealed yet. First run yibang seal make.")
    case .unknownSeal(let number):
      Text(
        "没有第 \(number) 次封存。可用 yibang seal list 查看。",
        "There is no seal \(number). See yibang seal list.")
    case .earlierThanLast(let last):
      Text(
        "封存日期不能早于上次封存的 \(last)。", "A seal cannot be dated before the last one, of \(last).")
    case .sealsReversed(let from, let to):
      Text(
        "第 \(from) 次封存不早于第 \(to) 次，请先写较早的。",
        "Seal \(from) is not before seal \(to): name the earlier one first.")
    case .notSealedYet(let id):
      Text(
        "捐款 \(id.uuidString.lowercased()) 还没有封存。封存（yibang seal make）之后再出具证明。",
        "The donation \(id.uuidString.lowercased()) is not sealed yet. Seal it first: yibang seal make."
      )
    default: textOfFiles
    }
  }

  private var textOfFiles: Text {
    switch self {
    case .damaged(let what):
      Text(
        "封存记录已损坏：\(what.zh)。请运行 yibang audit verify。",
        "The records of the seals are damaged: \(what.en). Run yibang audit verify.")
    case .publishedOtherwise(let path):
      Text(
        "\(path) 已有另一内容：已公布的检查点与数据库不符，没有覆盖。请运行 yibang audit verify --checkpoint \(path)。",
        "\(path) says something else: what was published differs from the database, and stays. Run "
          + "yibang audit verify --checkpoint \(path).")
    case .unwritable(let path):
      Text("无法写入 \(path)，请检查权限和磁盘。", "\(path) cannot be written. Check permissions and disk.")
    case .unreadable(let path):
      Text("无法读取 \(path)，请检查路径和权限。", "\(path) cannot be read. Check the path and permissions.")
    case .notAKey(let text):
      Text(
        "“\(text)”不是验证公钥，也不是公钥文件。公钥形如“yibang/530103+1a2b3c4d+AQ…”，见 yibang seal key。",
        "“\(text)” is neither a verifier key nor a file with one. It reads "
          + "“yibang/530103+1a2b3c4d+AQ…”: see yibang seal key.")
    case .notACheckpoint(let path, let reason):
      Text("\(path) 不是可信的检查点：\(reason.zh)。", "\(path) is no checkpoint to rely on: \(reason.en).")
    default: Text("封存出错。", "The seal failed.")
    }
  }
}

extension NoteError {
  var text: Text { Text(zh, en) }
}
