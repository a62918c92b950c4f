package import Foundation
import MerkleLog
import Postgres
package import SchoolCalendar

/// A file by which a donor can show, to anybody and without us, that a gift stands in the sealed
/// ledger: the canonical bytes of its transfer, their way to the root of the tree, the signed
/// checkpoint, and a signed statement of what the donor reads. It holds nothing that the donor does
/// not know.
package struct ReceiptProof: Codable, Sendable {
  package struct Gift: Codable, Sendable, Equatable {
    package var district: String
    package var transfer: UUID
    package var amountFen: Int64
    /// ¥1,000.00
    package var amount: String
    package var date: CalendarDate
    package var semester: Semester
    package var fundID: UUID
    package var fund: String
    /// Masked; 匿名 for a donor who asked for it.
    package var donor: String
    package var sentence: Text

    enum CodingKeys: String, CodingKey {
      case district, transfer
      case amountFen = "amount_fen"
      case amount, date, semester
      case fundID = "fund_id"
      case fund, donor, sentence
    }
  }

  struct Leaf: Codable, Sendable {
    var index: Int
    /// Base64.
    var bytes: String
  }

  static let format = "yibang/receipt/1"

  var format = Self.format
  package var gift: Gift
  var leaf: Leaf
  /// Base64, from the leaf up.
  var inclusion: [String]
  package var checkpoint: String
  /// A signed note over the gift and the leaf's hash.
  var statement: String
  /// For convenience; whoever wants to be certain takes the published one.
  var key: String

  /// What the district signs beside the checkpoint, so that also the words of the receipt that are
  /// not in the transfer, the fund's name and the donor's, cannot be exchanged.
  static func statement(of gift: Gift, leaf: MerkleHash) -> String {
    let lines = [
      "\(SealKey.origin(gift.district))/receipt",
      "transfer \(gift.transfer.uuidString.lowercased())",
      "amount_fen \(gift.amountFen)", "amount \(gift.amount)", "date \(gift.date)",
      "semester \(gift.semester)", "fund_id \(gift.fundID.uuidString.lowercased())",
      "fund \(gift.fund)", "donor \(gift.donor)", "zh \(gift.sentence.zh)",
      "en \(gift.sentence.en)", "leaf \(leaf)",
    ]
    return lines.map { line(of: $0) + "\n" }.joined()
  }

  /// Names come from people: nothing of them may begin a line of its own.
  private static func line(of text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
  }

  /// The file, to the byte.
  package var file: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self) + Data("\n".utf8)
    }
  }
}

/// What a receipt proves.
package struct ReceiptFacts: Sendable, Codable, Equatable {
  package let gift: ReceiptProof.Gift
  /// When the platform recorded the transfer.
  package let recordedAt: Date
  /// The transfer's place in the tree, from 0, and the tree's size.
  package let index: Int
  package let size: Int
  package let seal: Int
  package let sealedOn: String
  package let key: String
  /// Whether the key was given by the reader, and not only by the file itself.
  package let isKeyGiven: Bool

  enum CodingKeys: String, CodingKey {
    case gift
    case recordedAt = "recorded_at"
    case index, size, seal
    case sealedOn = "sealed_on"
    case key
    case isKeyGiven = "key_given"
  }
}

extension ReceiptProof {
  /// Verifies a receipt file with nothing but the file and, at best, the published key: no database,
  /// no network.
  /// - Parameter key: a verifier key or a file that holds it; nil: the key that the file names.
  /// - Throws: `ReceiptProofError`, `SealError`.
  package static func verify(file path: String, key: String?) throws -> ReceiptFacts {
    let text = try SealFile.text(path)
    return try verify(text, key: try key.map { try SealKey.read($0) })
  }

  /// The same of what is given as texts: nothing is read from a file that they name.
  /// - Throws: `ReceiptProofError`, `SealError.notAKey`.
  package static func verify(text: String, key: String?) throws -> ReceiptFacts {
    guard let key else { return try verify(text, key: nil) }
    guard let known = try? NoteKey(parsing: key.trimmingCharacters(in: .whitespacesAndNewlines))
    else { throw SealError.notAKey(key) }
    return try verify(text, key: known)
  }

  static func verify(_ text: String, key given: NoteKey?) throws(ReceiptProofError) -> ReceiptFacts
  {
    guard let receipt = try? JSONDecoder().decode(ReceiptProof.self, from: Data(text.utf8)),
      receipt.format == format
    else { throw .notAReceipt }
    // Nothing may stand in the file that was not checked: a second amount, for example.
    guard let own = try? receipt.file,
      JSONLayout.stripped(own) == JSONLayout.stripped(Data(text.utf8))
    else { throw .otherContent }
    guard let named = try? NoteKey(parsing: receipt.key) else {
      throw .signature(NoteError.badKey.text)
    }
    if let given, given.description != named.description { throw .otherKey }
    guard let bytes = decodeBase64(receipt.leaf.bytes).map({ Array($0) }),
      let transfer = SealedTransfer(leaf: bytes)
    else { throw .leaf }
    let gift = receipt.gift
    let isSame =
      transfer.id == gift.transfer && transfer.amount.fen == gift.amountFen
      && "\(transfer.amount)" == gift.amount && transfer.date == gift.date
      && transfer.semester == gift.semester && transfer.fund == gift.fundID
      && transfer.district == gift.district && transfer.kind == Ledger.Kind.donation.rawValue
    guard isSame else { throw .otherFacts }
    let leaf = MerkleHash.leaf(bytes)
    let checkpoint = try receipt.signedCheckpoint(by: named)
    let hashes = receipt.inclusion.compactMap { MerkleHash(base64: $0) }
    let proof = InclusionProof(
      index: receipt.leaf.index, size: checkpoint.body.size, hashes: hashes)
    guard hashes.count == receipt.inclusion.count, proof.proves(leaf, in: checkpoint.body.root)
    else {
      throw .inclusion
    }
    try receipt.checkStatement(leaf: leaf, by: named)
    return ReceiptFacts(
      gift: gift, recordedAt: transfer.recordedAt.date, index: receipt.leaf.index,
      size: checkpoint.body.size, seal: checkpoint.seal, sealedOn: checkpoint.date,
      key: named.description, isKeyGiven: given != nil)
  }

  private func signedCheckpoint(
    by key: NoteKey
  ) throws(ReceiptProofError) -> (body: Checkpoint, seal: Int, date: String) {
    do throws(NoteError) {
      let body = try Checkpoint(parsing: try SignedNote(parsing: checkpoint).verified(by: key))
      guard body.origin == SealKey.origin(gift.district), (4...5).contains(body.extensions.count),
        let number = body.extensions[0].split(separator: " ").last.flatMap({ Int($0) }),
        let date = body.extensions[1].split(separator: " ").last
      else { throw .badCheckpoint }
      return (body, number, String(date))
    } catch {
      throw .signature(error.text)
    }
  }

  private func checkStatement(leaf: MerkleHash, by key: NoteKey) throws(ReceiptProofError) {
    let signed: String
    do throws(NoteError) {
      signed = try SignedNote(parsing: statement).verified(by: key)
    } catch {
      throw .signature(error.text)
    }
    // By bytes: to Swift two spellings of one character are equal.
    guard signed.utf8.elementsEqual(Self.statement(of: gift, leaf: leaf).utf8) else {
      throw .otherFacts
    }
  }
}

/// JSON without the spaces and line breaks around its values, which mail programs change.
enum JSONLayout {
  static func stripped(_ json: Data) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(json.count)
    var isInString = false
    var isEscaped = false
    for byte in json {
      if isInString {
        isInString = isEscaped || byte != UInt8(ascii: "\"")
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
        continue
      } else {
        isInString = byte == UInt8(ascii: "\"")
      }
      result.append(byte)
    }
    return result
  }
}

/// Why a receipt proves nothing.
package enum ReceiptProofError: YibangError {
  case notAReceipt
  case otherContent
  case otherFacts
  case leaf
  case inclusion
  case signature(Text)
  case otherKey

  package var code: String {
    switch self {
    case .notAReceipt: "receipt.not_a_receipt"
    case .otherContent: "receipt.other_content"
    case .otherFacts: "receipt.other_facts"
    case .leaf: "receipt.leaf"
    case .inclusion: "receipt.inclusion"
    case .signature: "receipt.signature"
    case .otherKey: "receipt.other_key"
    }
  }

  package var category: ErrorCategory { .badData }

  package var text: Text {
    switch self {
    case .notAReceipt:
      Text("这不是一帮一的收据证明文件，或已残缺。", "This is no proof of a receipt, or not a whole one.")
    case .otherContent:
      Text(
        "文件内容被改动过：含有证明之外的内容。请向学校要原件。",
        "The file was altered: it holds what the proof does not. Ask the school for the original.")
    case .otherFacts:
      Text(
        "文件写的金额、日期、基金等与封存的转账不符：不可信。",
        "Amount, date, fund or names are not those of the sealed transfer: do not trust it.")
    case .leaf: Text("文件里的转账数据已损坏：不可信。", "The transfer in the file is damaged: do not trust it.")
    case .inclusion:
      Text(
        "这笔转账不在签名的账目之内：不可信。", "The transfer is not in the ledger that was signed: do not trust it.")
    case .signature(let reason):
      Text("签名无效：\(reason.zh)。不可信。", "The signature does not hold: \(reason.en). Do not trust it.")
    case .otherKey:
      Text(
        "收据不是用你给出的公钥签的：不可信。", "The receipt was not signed with the key you gave: do not trust it.")
    }
  }
}
