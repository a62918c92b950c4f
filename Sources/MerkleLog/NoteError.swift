/// Why a note, a key or a checkpoint is not taken.
package enum NoteError: Error, Equatable, Sendable {
  case tooLong
  case controlCharacter
  case noSignature
  case badSignatureLine
  case badKey
  case badText
  case badCheckpoint
  /// The verifier key that signed nothing of it.
  case unknownKey(String)
  case wrongSignature(String)

  package var zh: String {
    switch self {
    case .tooLong: "文本过长"
    case .controlCharacter: "含有控制字符"
    case .noSignature: "文末没有签名"
    case .badSignatureLine: "签名行的写法不对"
    case .badKey: "不是验证公钥，应形如“名称+编号+base64”"
    case .badText: "待签名的文本须以换行结尾，且不含控制字符"
    case .badCheckpoint: "不是检查点"
    case .unknownKey(let key): "没有公钥 \(key) 的签名"
    case .wrongSignature(let key): "签名与公钥 \(key) 不符"
    }
  }

  package var en: String {
    switch self {
    case .tooLong: "the text is too long"
    case .controlCharacter: "it holds a control character"
    case .noSignature: "there is no signature at its end"
    case .badSignatureLine: "a signature line is malformed"
    case .badKey: "this is no verifier key, which reads name+id+base64"
    case .badText: "a text to sign ends with a line break and holds no other control character"
    case .badCheckpoint: "this is no checkpoint"
    case .unknownKey(let key): "the key \(key) did not sign it"
    case .wrongSignature(let key): "the signature is not one of the key \(key)"
    }
  }
}
